//! Recovery codes: what a person writes down for the day when the telephone is gone.

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::text::{BadText, ascii};

/// How many codes a person gets.
pub const RECOVERY_CODES: u8 = 10;

/// How many letters a code has. Each stands for five bits: 50 bits, of which nobody guesses one in
/// the few tries that there are (ASVS 6.5.2 asks for 20 of what is not guessed at offline).
const LETTERS: usize = 10;

/// Most bytes that are looked at at all.
const BYTES_MAX: usize = 256;

/// Digits and letters without those that look alike: no I, L, O, and no U (Crockford's base32).
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// One recovery code, written as `7K3M9-QX2PA`.
#[derive(Clone, PartialEq, Eq)]
pub struct RecoveryCode(String);

impl RecoveryCode {
    /// The code of 64 bits that are as good as random, of which it shows the highest 50.
    #[must_use]
    pub fn of_bits(bits: [u8; 8]) -> Self {
        let mut rest = u64::from_be_bytes(bits);
        let letters = (0..LETTERS).map(|_| {
            rest = rest.rotate_left(5);
            char::from(ALPHABET.get((rest & 31) as usize).copied().unwrap_or(b'0'))
        });
        Self(letters.collect())
    }

    /// Reads what was typed: with or without hyphen and spaces, in any case, with a letter O for a
    /// zero and an I or L for a one.
    ///
    /// # Errors
    /// When it is not ten of the letters.
    pub fn parse(text: &str) -> Result<Self, BadText> {
        // A megabyte is refused without work.
        let text = if text.len() > BYTES_MAX { String::new() } else { ascii(text) };
        let letters: String = text
            .chars()
            .filter(|c| !c.is_whitespace() && *c != '-')
            .take(LETTERS.saturating_add(1))
            .map(|c| match c.to_ascii_uppercase() {
                'O' => '0',
                'I' | 'L' => '1',
                other => other,
            })
            .collect();
        if letters.len() == LETTERS && letters.bytes().all(|letter| ALPHABET.contains(&letter)) {
            Ok(Self(letters))
        } else {
            Err(BadText::Form(
                "must be one of the recovery codes, such as 7K3M9-QX2PA",
                "7K3M9-QX2PA와 같은 복구 코드를 입력해 주세요",
            ))
        }
    }

    /// The ten letters.
    #[must_use]
    pub fn letters(&self) -> &str {
        &self.0
    }

    /// The code as people see it, in two halves.
    #[must_use]
    pub fn to_text(&self) -> String {
        let (first, second) = self.0.split_at_checked(LETTERS / 2).unwrap_or((&self.0, ""));
        format!("{first}-{second}")
    }
}

impl std::fmt::Debug for RecoveryCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("RecoveryCode(…)")
    }
}

impl Serialize for RecoveryCode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.to_text())
    }
}

impl<'de> Deserialize<'de> for RecoveryCode {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(deserializer)?).map_err(BadText::refuse)
    }
}

impl JsonSchema for RecoveryCode {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "RecoveryCode".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string",
            "pattern": "^[0-9A-HJKMNP-TV-Z]{5}-[0-9A-HJKMNP-TV-Z]{5}$",
            "examples": ["7K3M9-QX2PA"],
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fifty_bits_show_and_each_of_them_matters() {
        let of = |number: u64| RecoveryCode::of_bits(number.to_be_bytes());
        assert_eq!(of(0).to_text(), "00000-00000");
        assert_eq!(of(u64::MAX).to_text(), "ZZZZZ-ZZZZZ");
        for bit in 0..64 {
            assert_eq!(of(1 << bit) == of(0), bit < 14, "bit {bit}");
        }
    }

    #[test]
    fn what_people_make_of_a_code_is_read_as_the_code() {
        let code = RecoveryCode::parse("10A0Z-111XY").unwrap();
        for typed in
            ["10a0z111xy", " 10A0Z 111XY\n", "lOaoZ-ILlxy", "1-0-A-0-Z-1-1-1-X-Y", "１0A0Z\u{2011}111XY\u{200b}"]
        {
            assert_eq!(RecoveryCode::parse(typed).unwrap(), code, "{typed}");
        }
        assert_eq!(code.to_text(), "10A0Z-111XY");
        for wrong in ["", "10A0Z-111X", "10A0Z-111XYZ", "10A0Z-111XU", "10A0Z-111X\0", "287082"] {
            assert!(RecoveryCode::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn attack_69_a_code_is_not_seen_in_a_log() {
        assert_eq!(format!("{:?}", RecoveryCode::parse("10A0Z-111XY").unwrap()), "RecoveryCode(…)");
    }
}
