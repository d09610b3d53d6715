//! Passwords as people type them.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer};
use unicode_normalization::UnicodeNormalization;

use crate::text::BadText;

/// Least characters of a new password (ASVS 6.2.1).
const LEAST: usize = 8;
/// Most characters; at least 64 must be allowed (ASVS 6.2.9).
const MOST: usize = 128;
/// Most bytes that are looked at at all: as many as [`MOST`] characters can be sent in, each in pieces.
const BYTES_MAX: usize = 1536;

/// A password that somebody wants to have. 8 to 128 characters, any characters, no composition
/// rules; spaces are kept. Normalized by NFKC, so that two keyboards that compose `é` differently
/// type the same password (NIST SP 800-63B §5.1.1.2).
#[derive(Clone, PartialEq, Eq)]
pub struct NewPassword(String);

/// A password that somebody claims to have. Looser than [`NewPassword`]: whatever it is, the answer
/// is that it is wrong, not what is wrong with it.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordAttempt(String);

fn normalized(text: &str) -> String {
    text.nfkc().collect()
}

impl NewPassword {
    /// Reads what was typed.
    ///
    /// # Errors
    /// [`BadText`] when it is too short or too long, or holds a NUL.
    pub fn parse(text: &str) -> Result<Self, BadText> {
        if text.len() > BYTES_MAX {
            return Err(BadText::TooLong(MOST));
        }
        let text = normalized(text);
        let count = text.chars().count();
        if count < LEAST {
            Err(BadText::TooShort(LEAST))
        } else if count > MOST {
            Err(BadText::TooLong(MOST))
        } else if text.contains('\0') {
            Err(BadText::Control)
        } else {
            Ok(Self(text))
        }
    }

    /// The normalized text. Only the hash function needs it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether it is among the first that every attacker tries: one of the list, in whatever case, or
    /// one simple pattern.
    #[must_use]
    pub fn is_common(&self) -> bool {
        let lower = self.0.to_lowercase();
        COMMON.lines().any(|common| common == lower) || is_one_pattern(&lower)
    }
}

/// The 3,000 passwords of at least eight characters that are used most, and some that are used most
/// in Korea: sorted, in lower case, without what is one pattern (ASVS 6.2.4 asks for the first 3,000
/// that the policy allows). By the ranking of zxcvbn 4.5.0 (MIT licence, (c) 2012-2016 Dan Wheeler
/// and Dropbox, Inc.). 30 KB in the program, 15 KB in its zip.
const COMMON: &str = include_str!("common_passwords.txt");

/// One character over and over, or a straight run of the alphabet or the digits.
fn is_one_pattern(text: &str) -> bool {
    let steps: Vec<i64> = text
        .chars()
        .zip(text.chars().skip(1))
        .map(|(a, b)| i64::from(u32::from(b)).saturating_sub(i64::from(u32::from(a))))
        .collect();
    steps.first().is_some_and(|first| (-1..=1).contains(first) && steps.iter().all(|step| step == first))
}

impl PasswordAttempt {
    /// Takes what was typed.
    ///
    /// # Errors
    /// [`BadText::TooLong`] over 1536 bytes, so that nobody makes us hash a megabyte.
    pub fn parse(text: &str) -> Result<Self, BadText> {
        if text.len() > BYTES_MAX { Err(BadText::TooLong(MOST)) } else { Ok(Self(normalized(text))) }
    }

    /// The normalized text. Only the hash function needs it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

macro_rules! hidden {
    ($($name:ident: $least:expr),*) => {$(
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "(…)"))
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                Self::parse(&String::deserialize(deserializer)?).map_err(BadText::refuse)
            }
        }

        impl JsonSchema for $name {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({
                    "type": "string",
                    "format": "password",
                    "minLength": $least,
                    "maxLength": MOST,
                    "examples": ["correct horse battery"],
                })
            }
        }
    )*};
}

hidden!(NewPassword: LEAST, PasswordAttempt: 0);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attack_49_length_is_counted_in_characters_and_nothing_is_cut_off() {
        assert_eq!(NewPassword::parse("1234567"), Err(BadText::TooShort(8)));
        assert!(NewPassword::parse("12345678").is_ok());
        assert!(NewPassword::parse(&"가".repeat(64)).is_ok());
        assert!(NewPassword::parse(&"x".repeat(128)).is_ok());
        // As a Mac sends them: three pieces for each.
        assert_eq!(NewPassword::parse(&"\u{1112}\u{1161}\u{11ab}".repeat(128)), NewPassword::parse(&"한".repeat(128)));
        assert!(NewPassword::parse(&"\u{1112}\u{1161}\u{11ab}".repeat(128)).is_ok());
        assert_eq!(NewPassword::parse(&"\u{1112}\u{1161}\u{11ab}".repeat(129)), Err(BadText::TooLong(128)));
        assert_eq!(NewPassword::parse(&"x".repeat(129)), Err(BadText::TooLong(128)));
        assert_eq!(NewPassword::parse(&"x".repeat(1_000_000)), Err(BadText::TooLong(128)));
        assert_eq!(NewPassword::parse("abc\0defgh"), Err(BadText::Control));
        let spaced = NewPassword::parse("  eight  ").unwrap();
        assert_eq!(spaced.expose(), "  eight  ");
        assert_ne!(
            NewPassword::parse(&format!("{}a", "x".repeat(72))),
            NewPassword::parse(&format!("{}b", "x".repeat(72)))
        );
    }

    #[test]
    fn attack_49_composed_and_decomposed_letters_are_the_same_password() {
        assert_eq!(NewPassword::parse("caf\u{e9} au lait"), NewPassword::parse("cafe\u{301} au lait"));
    }

    #[test]
    fn attack_49_the_passwords_that_everyone_tries_first_are_common() {
        for common in
            ["password", "Password1", "12345678", "qwertyuiop", "aaaaaaaa", "abcdefgh", "87654321", "Greyhoun"]
        {
            assert!(NewPassword::parse(common).unwrap().is_common(), "{common}");
        }
        for fine in ["correct horse battery", "겨울밤의 고양이", "aabbccdd1"] {
            assert!(!NewPassword::parse(fine).unwrap().is_common(), "{fine}");
        }
    }

    #[test]
    fn attack_49_the_list_has_the_first_three_thousand_that_the_policy_allows_sorted_and_each_once() {
        let list: Vec<&str> = COMMON.lines().collect();
        assert!(list.len() >= 3_000 && list.is_sorted() && COMMON.len() < 32_000, "{}", list.len());
        for (place, common) in list.iter().enumerate() {
            assert!(NewPassword::parse(common).is_ok() && common.to_lowercase() == *common, "{common}");
            assert!(!is_one_pattern(common) && list.get(place + 1) != Some(common), "{common}");
        }
    }

    #[test]
    fn attack_69_debug_output_does_not_show_it() {
        assert_eq!(format!("{:?}", NewPassword::parse("hunter2hunter2").unwrap()), "NewPassword(…)");
    }
}
