//! Text that people type: normalized, bounded, and free of what breaks a page, a mail or a log.

mod clean;
mod email;
mod name;
mod phone;
pub(crate) mod stored;

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize};

pub(crate) use self::clean::{ascii, is_invisible};
pub use self::{
    email::Email,
    name::{folded, forms},
    phone::Phone,
    stored::as_stored,
};
use crate::{FieldCode, FieldError};

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
    /// Has a character that cannot be shown.
    #[error("must not contain characters that cannot be shown")]
    Unshowable,
    /// Has letters of alphabets that are only mixed to imitate.
    #[error("must not mix letters of alphabets that look alike, such as Latin and Cyrillic")]
    MixedScripts,
    /// Not of the form that is asked for, which these sentences say in English and in Korean.
    #[error("{0}")]
    Form(&'static str, &'static str),
}

impl BadText {
    /// The refusal for serde.
    pub(crate) fn refuse<E: serde::de::Error>(self) -> E {
        let code = match self {
            Self::TooShort(_) => FieldCode::TooShort,
            Self::TooLong(_) => FieldCode::TooLong,
            Self::Control | Self::Unshowable | Self::MixedScripts => FieldCode::Characters,
            Self::Form(..) => FieldCode::Form,
        };
        FieldError::new(code, self.to_string(), self.in_korean()).into_serde()
    }

    fn in_korean(self) -> String {
        match self {
            Self::TooShort(least) => format!("{least}자 이상 입력해 주세요"),
            Self::TooLong(most) => format!("{most}자까지 입력할 수 있습니다"),
            Self::Control => "사용할 수 없는 문자가 있습니다".to_owned(),
            Self::Unshowable => "표시할 수 없는 문자가 있습니다".to_owned(),
            Self::MixedScripts => "영문과 키릴 문자처럼 비슷하게 생긴 글자를 섞어 쓸 수 없습니다".to_owned(),
            Self::Form(_, korean) => korean.to_owned(),
        }
    }
}

/// A limit on one kind of text.
#[derive(Debug, Clone, Copy)]
pub struct TextRule {
    /// Least number of characters that can be seen.
    pub least: usize,
    /// Most characters, counted when they are composed.
    pub most: usize,
    /// Whether line breaks are welcome.
    pub lines: bool,
}

impl TextRule {
    /// The text in its one clean form (see [`clean`]), if it keeps to the rule.
    ///
    /// # Errors
    /// [`BadText`] says which part of the rule is broken.
    pub fn apply(self, text: &str) -> Result<String, BadText> {
        self.bound(text)?;
        self.check(if self.lines { clean::lines(text) } else { clean::line(text) })
    }

    /// As [`Self::apply`], for a text by which others know a person or a thing: it must show, and must
    /// not imitate another.
    fn apply_to_name(self, text: &str) -> Result<String, BadText> {
        self.bound(text)?;
        let text = self.check(clean::line(&name::without_blanks(text)))?;
        name::check_shows(&text)?;
        Ok(text)
    }

    /// As [`Self::apply_to_name`], for what nobody else may be called.
    fn apply_to_nickname(self, text: &str) -> Result<String, BadText> {
        let text = self.apply_to_name(text)?;
        name::check_scripts(&text)?;
        Ok(text)
    }

    /// Looked at before anything else, so that a megabyte is refused without work. One character can be
    /// sent in pieces of twelve bytes.
    fn bound(self, text: &str) -> Result<(), BadText> {
        let most = self.most.saturating_mul(12).saturating_add(256);
        if text.len() > most { Err(BadText::TooLong(self.most)) } else { Ok(()) }
    }

    fn check(self, text: String) -> Result<String, BadText> {
        if text.chars().filter(|c| !is_invisible(*c)).count() < self.least {
            return Err(BadText::TooShort(self.least));
        }
        if text.chars().count() > self.most {
            return Err(BadText::TooLong(self.most));
        }
        if text.chars().any(|c| clean::is_harmful(c) && !(self.lines && c == '\n')) {
            return Err(BadText::Control);
        }
        Ok(text)
    }
}

/// The text without the scheme of a link, such as `tel:`, in whatever case.
fn without_scheme<'a>(text: &'a str, scheme: &str) -> &'a str {
    match text.split_at_checked(scheme.len()) {
        Some((head, rest)) if head.eq_ignore_ascii_case(scheme) => rest.trim_start(),
        _ => text,
    }
}

macro_rules! texts {
    ($($(#[$doc:meta])* $name:ident by $apply:ident { $least:literal..=$most:literal, lines: $lines:literal, example: $example:literal })*) => {$(
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
                Self::RULE.$apply(text).map(Self)
            }

            /// The text in its clean form.
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
                stored::deserialize(deserializer, Self::parse, Self)
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
    Nickname by apply_to_nickname { 2..=20, lines: false, example: "mina" }
    /// The name of a person who orders or receives.
    PersonName by apply { 1..=60, lines: false, example: "Kim Mina" }
    /// The title of a listing. Toss shows it as the order name, which ends at 100.
    ListingTitle by apply_to_name { 2..=60, lines: false, example: "Oak desk lamp" }
    /// The description of a listing.
    Description by apply { 1..=5000, lines: true, example: "Warm light, solid oak, 40 cm." }
    /// The name of an option, such as "colour".
    OptionName by apply { 1..=20, lines: false, example: "colour" }
    /// A value of an option, such as "white".
    OptionValue by apply { 1..=30, lines: false, example: "white" }
    /// One line of a postal address.
    AddressLine by apply { 1..=120, lines: false, example: "12 Teheran-ro, Gangnam-gu, Seoul" }
    /// The name of a city or a district.
    PlaceName by apply { 1..=40, lines: false, example: "Seoul" }
    /// The name of a store. Unique in the marketplace, compared without case.
    StoreName by apply_to_nickname { 2..=30, lines: false, example: "Oak & Linen" }
    /// What a store tells of itself.
    StoreStory by apply { 1..=2000, lines: true, example: "We build lamps of solid oak in Seongsu, one at a time." }
    /// The name of a carrier that we do not know.
    CarrierName by apply { 1..=30, lines: false, example: "Bike messenger" }
    /// Why an order is called off.
    CancelNote by apply { 1..=200, lines: true, example: "The lamp broke when we packed it." }
    /// What the courier should know.
    DeliveryMemo by apply { 1..=200, lines: true, example: "Leave it at the door." }
}

impl Nickname {
    /// The beginning of what somebody is called elsewhere, where it can be a nickname here.
    #[must_use]
    pub fn suggested(name: &str) -> Option<Self> {
        // Whoever has a longer name than this has none that is worth cutting.
        let head: String = name.chars().take(200).collect();
        let composed = clean::line(&name::without_blanks(&head));
        Self::parse(&composed.chars().take(Self::RULE.most).collect::<String>()).ok()
    }
}

/// Every nickname is a name that a store may have.
impl From<&Nickname> for StoreName {
    fn from(nickname: &Nickname) -> Self {
        Self(nickname.0.clone())
    }
}

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

#[cfg(test)]
mod tests;
