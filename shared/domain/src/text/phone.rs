//! Telephone numbers.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize};

use super::{BadText, ascii, stored, without_scheme};

/// Most bytes that are looked at at all.
const BYTES_MAX: usize = 256;

/// A telephone number: digits only, 8 to 15 of them (the range that Toss takes), with an optional
/// leading `+`.
///
/// What people write around the digits is dropped, and so is what a telephone or a page copies along
/// with them: `tel:`, marks of direction, every kind of space and dash. `0082` is `+82`, and a `0` after
/// the country is not dialled: `+82 (0)10-1234-5678` is `+821012345678`.
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
        const FORM: BadText =
            BadText::Form("must be a telephone number of 8 to 15 digits", "숫자 8~15자리의 전화번호를 입력해 주세요");
        if text.len() > BYTES_MAX {
            return Err(FORM);
        }
        let text = ascii(text);
        let dialled: String = without_scheme(&text, "tel:").chars().filter(|c| !is_separator(*c)).collect();
        let number = with_brackets_resolved(&dialled);
        let (plus, digits) = match (number.strip_prefix('+'), number.strip_prefix("0082")) {
            (Some(digits), _) => ("+", digits.to_owned()),
            (None, Some(rest)) => ("+", format!("82{rest}")),
            (None, None) => ("", number),
        };
        // No number of Korea begins with 0 after the country.
        let digits = match digits.strip_prefix("820") {
            Some(rest) if plus == "+" => format!("82{}", rest.trim_start_matches('0')),
            _ => digits,
        };
        if (8..=15).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit()) {
            Ok(Self(format!("{plus}{digits}")))
        } else {
            Err(FORM)
        }
    }

    /// The number without separators.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Whether it stands between the digits of a number for people alone. Brackets mean something yet.
fn is_separator(c: char) -> bool {
    // Korean keyboards have three dots in the middle; Japanese ones write their long vowel for a dash.
    c.is_whitespace() || matches!(c, '-' | '.' | '/' | '\u{b7}' | '\u{318d}' | '\u{30fb}' | '\u{30fc}')
}

/// Without brackets, and without the `(0)` that is only dialled inside a country.
fn with_brackets_resolved(number: &str) -> String {
    let is_international = number.trim_start_matches('(').starts_with(['+']) || number.starts_with("00");
    let number = if is_international { number.replacen("(0)", "", 1) } else { number.to_owned() };
    number.replace(['(', ')', '[', ']'], "")
}

/// Hidden, because debug output ends in logs.
impl fmt::Debug for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Phone(…)")
    }
}

impl<'de> Deserialize<'de> for Phone {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        stored::deserialize(deserializer, Self::parse, Self)
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
