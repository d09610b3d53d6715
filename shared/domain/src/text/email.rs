//! E-mail addresses.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize};

use super::{BadText, ascii, stored, without_scheme};

/// An e-mail address in its one normal form: in lower case. That holds for the part before the `@` too,
/// since no mail service in use tells `A@x` from `a@x`, while people do type both.
///
/// What comes with an address from a page, a mail or a keyboard is put right: `mailto:`, full-width
/// letters, curly apostrophes, what nobody can see. The part before the `@` is a dot-atom (RFC 5322
/// §3.2.3); quoted parts, comments and address literals are refused, and with them every character
/// that could end a header or a command (ASVS 1.3.11). A domain in other letters is refused with the
/// advice to write it in its `xn--` form, which every mail service takes; our sender takes no other.
/// At most 254 characters, at most 64 before the `@`. Tags (`+shop`) are kept.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Email(String);

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

    const ASCII_DOMAIN: BadText = BadText::Form(
        "must have its domain in the form that begins with xn--, such as mina@xn--bcher-kva.example",
        "도메인은 mina@xn--bcher-kva.example처럼 xn--으로 시작하는 영문 형태로 입력해 주세요",
    );

    /// Most bytes that are looked at at all.
    const BYTES_MAX: usize = 1_024;

    /// Reads what a person typed.
    ///
    /// # Errors
    /// [`BadText::Form`] when it is not an address that we send to.
    pub fn parse(text: &str) -> Result<Self, BadText> {
        if text.len() > Self::BYTES_MAX {
            return Err(Self::FORM);
        }
        let text = ascii(text).replace(['\u{2018}', '\u{2019}', '\u{2bc}'], "'").replace(['\u{3002}', '\u{ff61}'], ".");
        let text = without_scheme(&text, "mailto:");
        let (local, domain) = text.split_once('@').ok_or(Self::FORM)?;
        if !domain.is_ascii() && domain.chars().all(|c| c.is_alphanumeric() || ".-".contains(c)) {
            return Err(Self::ASCII_DOMAIN);
        }
        let local_is_good = (1..=64).contains(&local.len())
            && local.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~.".contains(&b))
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
        stored::deserialize(deserializer, Self::parse, Self)
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
