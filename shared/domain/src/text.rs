//! Text that people type: normalized, bounded, and free of what breaks a page, a mail or a log.

use std::fmt;

use icu_properties::{CodePointSetData, props::DefaultIgnorableCodePoint};
use serde::{Deserialize, Deserializer, Serialize};
use unicode_normalization::UnicodeNormalization;

use crate::language::in_both;

/// Why a text was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadText {
    /// Shorter than the least, after white space at both ends was cut off.
    #[error("must have at least {0} characters")]
    TooShort(usize),
    /// Longer than the most.
    #[error("must have at most {0} characters")]
    TooLong(usize),
    /// Has a control character, or one that turns the direction of the text around it.
    #[error("must not contain control characters")]
    Control,
    /// Not of the form that is asked for, which these sentences say in English and in Korean.
    #[error("{0}")]
    Form(&'static str, &'static str),
}

impl BadText {
    /// The refusal for serde, in both languages: see [`in_both`].
    pub(crate) fn refuse<E: serde::de::Error>(self) -> E {
        E::custom(in_both(self, self.in_korean()))
    }

    fn in_korean(self) -> String {
        match self {
            Self::TooShort(least) => format!("{least}자 이상 입력해 주세요"),
            Self::TooLong(most) => format!("{most}자까지 입력할 수 있습니다"),
            Self::Control => "사용할 수 없는 문자가 있습니다".to_owned(),
            Self::Form(_, korean) => korean.to_owned(),
        }
    }
}

/// A limit on one kind of text.
#[derive(Debug, Clone, Copy)]
pub struct TextRule {
    /// Least number of characters that can be seen.
    pub least: usize,
    /// Most characters. The bytes are bounded by four times as many.
    pub most: usize,
    /// Whether line breaks are welcome.
    pub lines: bool,
}

impl TextRule {
    /// The text in its one normal form (NFC, trimmed), if it keeps to the rule.
    ///
    /// # Errors
    /// [`BadText`] says which part of the rule is broken.
    pub fn apply(self, text: &str) -> Result<String, BadText> {
        // Looked at before normalizing, so that a megabyte is refused without work.
        if text.len() > self.most.saturating_mul(4).saturating_add(64) {
            return Err(BadText::TooLong(self.most));
        }
        let text: String = text.trim().nfc().collect();
        if text.chars().filter(|c| !is_invisible(*c)).count() < self.least {
            return Err(BadText::TooShort(self.least));
        }
        if text.chars().count() > self.most {
            return Err(BadText::TooLong(self.most));
        }
        if text.chars().any(|c| is_harmful(c) && !(self.lines && c == '\n')) {
            return Err(BadText::Control);
        }
        Ok(text)
    }
}

/// Nothing is drawn for it, such as a zero width space or a Hangul filler (Unicode,
/// `Default_Ignorable_Code_Point`). Some are part of emoji, so they are not refused.
fn is_invisible(c: char) -> bool {
    CodePointSetData::new::<DefaultIgnorableCodePoint>().contains(c)
}

/// What texts have in common that differ only in case, in the width of their letters or in what cannot
/// be seen: the form in which names are compared.
#[must_use]
pub fn folded(text: &str) -> String {
    let visible = text.nfkc().filter(|c| !is_invisible(*c)).collect::<String>();
    // A letter in lower case may have another normal form: once more.
    visible.to_lowercase().nfkc().collect()
}

/// Control characters, and the marks that reorder the text around them (so that a name cannot
/// rewrite the line of a log or a mail in which it stands).
fn is_harmful(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{2028}' | '\u{2029}' | '\u{feff}')
}

macro_rules! texts {
    ($($(#[$doc:meta])* $name:ident { $least:literal..=$most:literal, lines: $lines:literal, example: $example:literal })*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// The limits of this kind of text.
            pub const RULE: TextRule = TextRule { least: $least, most: $most, lines: $lines };

            /// Reads what a person typed.
            ///
            /// # Errors
            /// [`BadText`] when it breaks [`Self::RULE`].
            pub fn parse(text: &str) -> Result<Self, BadText> {
                Self::RULE.apply(text).map(Self)
            }

            /// The text in its normal form.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                Self::parse(&String::deserialize(deserializer)?).map_err(BadText::refuse)
            }
        }

        impl schemars::JsonSchema for $name {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({
                    "type": "string",
                    "minLength": $least,
                    "maxLength": $most,
                    "examples": [$example],
                })
            }
        }
    )*};
}

texts! {
    /// What others see of a person. Unique in the marketplace, compared without case.
    Nickname { 2..=20, lines: false, example: "mina" }
    /// The name of a person who orders or receives.
    PersonName { 1..=60, lines: false, example: "Kim Mina" }
    /// The title of a listing. Toss shows it as the order name, which ends at 100.
    ListingTitle { 2..=60, lines: false, example: "Oak desk lamp" }
    /// The description of a listing.
    Description { 1..=5000, lines: true, example: "Warm light, solid oak, 40 cm." }
    /// The name of an option, such as "colour".
    OptionName { 1..=20, lines: false, example: "colour" }
    /// A value of an option, such as "white".
    OptionValue { 1..=30, lines: false, example: "white" }
    /// One line of a postal address.
    AddressLine { 1..=120, lines: false, example: "12 Teheran-ro, Gangnam-gu, Seoul" }
    /// The name of a city or a district.
    PlaceName { 1..=40, lines: false, example: "Seoul" }
    /// What the courier should know.
    DeliveryMemo { 1..=200, lines: true, example: "Leave it at the door." }
}

/// An e-mail address in its one normal form: the domain in lower case. The part before the `@` is
/// lowered too, since no mail service in use tells `A@x` from `a@x`, while people do type both.
///
/// Deliberately narrower than RFC 5321: quoted local parts, comments and address literals are
/// refused, and so is every character that could end a header or a command (ASVS 1.3.11).
/// At most 254 characters, at most 64 before the `@`. Tags (`+shop`) are kept.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Email(String);

impl PersonName {
    /// What stands where a name was erased.
    #[must_use]
    pub fn erased() -> Self {
        Self("-".to_owned())
    }
}

impl AddressLine {
    /// What stands where a line was erased.
    #[must_use]
    pub fn erased() -> Self {
        Self("-".to_owned())
    }
}

impl Email {
    /// What stands where an address was erased: no mail ever gets there (RFC 2606 §2).
    #[must_use]
    pub fn erased() -> Self {
        Self("erased@erased.invalid".to_owned())
    }

    const FORM: BadText = BadText::Form(
        "must be an e-mail address such as mina@example.com",
        "mina@example.com과 같은 이메일 주소를 입력해 주세요",
    );

    /// Reads what a person typed.
    ///
    /// # Errors
    /// [`BadText::Form`] when it is not an address that we send to.
    pub fn parse(text: &str) -> Result<Self, BadText> {
        let text = text.trim();
        let (local, domain) = text.split_once('@').ok_or(Self::FORM)?;
        let local_is_good = (1..=64).contains(&local.len())
            && local.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$%&*+-/=?^_{|}~.".contains(&b))
            && !local.starts_with('.')
            && !local.ends_with('.')
            && !local.contains("..");
        let domain_is_good = domain.contains('.')
            && domain.split('.').all(|label| {
                (1..=63).contains(&label.len())
                    && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
                    && !label.starts_with('-')
                    && !label.ends_with('-')
            })
            && domain.rsplit('.').next().is_some_and(|top| top.len() >= 2 && !top.bytes().all(|b| b.is_ascii_digit()));
        if text.len() > 254 || !local_is_good || !domain_is_good {
            return Err(Self::FORM);
        }
        Ok(Self(text.to_ascii_lowercase()))
    }

    /// The address in its normal form.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The address as a log may show it: `m***@example.com`.
    #[must_use]
    pub fn masked(&self) -> String {
        let (local, domain) = self.0.split_once('@').unwrap_or(("", ""));
        let first = local.chars().next().unwrap_or('*');
        format!("{first}***@{domain}")
    }
}

/// Masked, because what is put into a text by the way ends in logs: whoever wants the address itself
/// says so ([`Email::as_str`]).
impl fmt::Display for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.masked())
    }
}

/// Masked, as above.
impl fmt::Debug for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.masked())
    }
}

impl<'de> Deserialize<'de> for Email {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(deserializer)?).map_err(BadText::refuse)
    }
}

impl schemars::JsonSchema for Email {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Email".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string",
            "format": "email",
            "maxLength": 254,
            "examples": ["mina@example.com"],
        })
    }
}

/// A telephone number: digits only, 8 to 15 of them (the range that Toss takes), with an optional
/// leading `+`. Spaces, dots and hyphens that people type are dropped.
#[derive(Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct Phone(String);

impl Phone {
    /// What stands where a number was erased.
    #[must_use]
    pub fn erased() -> Self {
        Self("00000000".to_owned())
    }

    /// Reads what a person typed.
    ///
    /// # Errors
    /// [`BadText::Form`] when it is not a telephone number.
    pub fn parse(text: &str) -> Result<Self, BadText> {
        let form =
            BadText::Form("must be a telephone number of 8 to 15 digits", "숫자 8~15자리의 전화번호를 입력해 주세요");
        if text.len() > 40 {
            return Err(form);
        }
        let compact: String = text.chars().filter(|c| !matches!(c, ' ' | '-' | '.')).collect();
        let digits = compact.strip_prefix('+').unwrap_or(&compact);
        if (8..=15).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit()) {
            Ok(Self(compact))
        } else {
            Err(form)
        }
    }

    /// The number without separators.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Hidden, because debug output ends in logs.
impl fmt::Debug for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Phone(…)")
    }
}

impl<'de> Deserialize<'de> for Phone {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(deserializer)?).map_err(BadText::refuse)
    }
}

impl schemars::JsonSchema for Phone {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Phone".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "minLength": 8, "maxLength": 40, "examples": ["010-1234-5678"] })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn attack_60_any_text_is_taken_or_refused_and_what_is_taken_reads_back_the_same(text in any::<String>()) {
            if let Ok(title) = ListingTitle::parse(&text) {
                prop_assert_eq!(ListingTitle::parse(title.as_str()), Ok(title.clone()));
                prop_assert!(title.as_str().chars().count() <= 60);
            }
            let _ = Email::parse(&text);
            let _ = Phone::parse(&text);
        }
    }

    #[test]
    fn attack_59_control_characters_are_refused() {
        for text in ["a\0b", "a\u{202e}b", "a\u{7}b", "a\nb", "a\u{2028}b"] {
            assert_eq!(ListingTitle::parse(text), Err(BadText::Control), "{text:?}");
        }
        assert!(Description::parse("a\nb").is_ok());
        assert_eq!(Description::parse("a\0b"), Err(BadText::Control));
    }

    #[test]
    fn attack_60_names_of_the_world_are_welcome_within_the_limit() {
        for text in ["김미나", "👩‍👩‍👧 family", "Zoë", "ﬀ full‑width ＡＢ", "مرحبا"] {
            assert!(PersonName::parse(text).is_ok(), "{text}");
        }
        let combining = format!("e{}", "\u{301}".repeat(1000));
        assert_eq!(PersonName::parse(&combining), Err(BadText::TooLong(60)));
        assert_eq!(Nickname::parse(&"가".repeat(21)), Err(BadText::TooLong(20)));
    }

    #[test]
    fn attack_60_what_nobody_can_see_is_no_name_and_what_looks_the_same_is_one() {
        for text in ["\u{3164}\u{3164}", "\u{200b}\u{200b}\u{200b}", "a\u{200d}"] {
            assert_eq!(Nickname::parse(text), Err(BadText::TooShort(2)), "{text:?}");
        }
        for text in ["MINA", "ｍｉｎａ", "mi\u{200b}na", "mina\u{3164}", "\u{ad}Mina"] {
            assert_eq!(folded(text), "mina", "{text:?}");
        }
        assert_eq!(folded("가\u{200e}"), folded("\u{1100}\u{1161}"));
        assert_ne!(folded("mina"), folded("mina2"));
        assert!(Nickname::parse("👩‍👩‍👧 👋").is_ok());
    }

    #[test]
    fn what_stands_for_the_erased_can_be_read_back() {
        assert_eq!(PersonName::parse(PersonName::erased().as_str()), Ok(PersonName::erased()));
        assert_eq!(AddressLine::parse(AddressLine::erased().as_str()), Ok(AddressLine::erased()));
        assert_eq!(Email::parse(Email::erased().as_str()), Ok(Email::erased()));
        assert_eq!(Phone::parse(Phone::erased().as_str()), Ok(Phone::erased()));
    }

    #[test]
    fn attack_64_nothing_that_ends_a_header_is_an_address() {
        for wrong in [
            "",
            "a",
            "@",
            "a@",
            "@b.co",
            "a@b",
            "a b@c.de",
            "a@b.de\r\nBcc: x@y.zz",
            "a\n@b.de",
            "\"a\"@b.de",
            "a@[1.2.3.4]",
            "a@1.2.3.4",
            "a..b@c.de",
            ".a@c.de",
            "a@-b.de",
            "a@b..de",
            "a`b@c.de",
            "a<b@c.de",
            "a@b.de,c@d.ef",
            "a@bücher.de",
        ] {
            assert!(Email::parse(wrong).is_err(), "{wrong:?}");
        }
        assert!(Email::parse(&format!("{}@b.de", "a".repeat(65))).is_err());
        assert_eq!(Email::parse(" Mina+Shop@Example.COM ").unwrap().as_str(), "mina+shop@example.com");
    }

    #[test]
    fn attack_69_an_address_is_masked_in_debug_output() {
        assert_eq!(format!("{:?}", Email::parse("mina@example.com").unwrap()), "m***@example.com");
    }

    #[test]
    fn telephone_numbers_lose_their_separators() {
        assert_eq!(Phone::parse("010-1234-5678").unwrap().as_str(), "01012345678");
        assert_eq!(Phone::parse("+82 10.1234.5678").unwrap().as_str(), "+821012345678");
        assert!(Phone::parse("call me").is_err());
        assert!(Phone::parse("１２３４５６７８").is_err());
    }
}
