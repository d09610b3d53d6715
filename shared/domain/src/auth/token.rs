//! Tokens as clients show them.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer};

use crate::text::BadText;

/// The longest token that is looked at, in bytes.
const BYTES_MAX: usize = 4096;

/// What somebody shows as a token: visible ASCII. Whether it is one, whoever made it finds out.
#[derive(Clone, PartialEq, Eq)]
pub struct TokenText(String);

impl TokenText {
    /// Takes what was shown.
    ///
    /// # Errors
    /// When it has other characters than tokens have, or more than 4,096 of them.
    pub fn parse(text: &str) -> Result<Self, BadText> {
        if text.len() > BYTES_MAX {
            Err(BadText::TooLong(BYTES_MAX))
        } else if text.bytes().all(|byte| byte.is_ascii_graphic()) {
            Ok(Self(text.to_owned()))
        } else {
            Err(BadText::Form("must be a token as we gave it", "발급받은 토큰이 아닙니다"))
        }
    }

    /// The text itself.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<TokenText> for String {
    fn from(token: TokenText) -> Self {
        token.0
    }
}

impl fmt::Debug for TokenText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenText(…)")
    }
}

impl<'de> Deserialize<'de> for TokenText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(deserializer)?).map_err(BadText::refuse)
    }
}

impl JsonSchema for TokenText {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Token".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "maxLength": BYTES_MAX, "pattern": "^[!-~]*$" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attack_59_a_token_is_visible_ascii_and_not_shown_in_a_log() {
        assert_eq!(TokenText::parse("a.b-c_d").unwrap().as_str(), "a.b-c_d");
        for wrong in ["a b", "a\0", "é", "a\n", &"x".repeat(4_097)] {
            assert!(TokenText::parse(wrong).is_err(), "{wrong:?}");
        }
        assert_eq!(format!("{:?}", TokenText::parse("secret").unwrap()), "TokenText(…)");
    }
}
