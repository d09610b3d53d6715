//! Codes of an authenticator app: RFC 6238 with HMAC-SHA-1, steps of 30 seconds and six digits, the
//! one form that every app knows. The HMAC itself is computed by `shared::tokens::totp`.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};

use super::six_digits;
use crate::{
    text::{BadText, Email},
    timestamp::{Seconds, Timestamp},
};

/// For how long a code is the present one (RFC 6238 §4.1 recommends 30 s).
pub const STEP: Seconds = Seconds(30);

/// The length of a secret in bytes (RFC 4226 §4, R6 recommends 160 bits).
pub const SECRET_LENGTH: usize = 20;

/// What the entry in the app is called.
const ISSUER: &str = "Jangteo";

/// One step of time. A code is of one step, and each step is accepted once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TotpStep(i64);

impl TotpStep {
    /// Before every step that a code can be of.
    pub const NEVER: Self = Self(-1);

    /// The step of a moment.
    #[must_use]
    pub fn at(now: Timestamp) -> Self {
        Self(now.seconds().checked_div(i64::from(STEP.0)).unwrap_or(0))
    }

    /// The steps whose codes are taken at a moment: the present one, and one on each side for clocks
    /// that differ and people who type slowly (RFC 6238 §5.2).
    #[must_use]
    pub fn taken_at(now: Timestamp) -> [Self; 3] {
        let Self(step) = Self::at(now);
        [Self(step.saturating_sub(1)), Self(step), Self(step.saturating_add(1))]
    }

    /// Its number since 1970.
    #[must_use]
    pub const fn number(self) -> i64 {
        self.0
    }

    /// Its number as the HMAC reads it (RFC 4226 §5.1: eight bytes, the highest first).
    #[must_use]
    pub const fn counter(self) -> [u8; 8] {
        self.0.to_be_bytes()
    }
}

/// The code of six digits that an app shows. Spaces between the digits are dropped.
#[derive(Clone, PartialEq, Eq)]
pub struct TotpCode(String);

impl TotpCode {
    /// Reads what was typed.
    ///
    /// # Errors
    /// When it is not six ASCII digits.
    pub fn parse(text: &str) -> Result<Self, BadText> {
        six_digits(text).map(Self).ok_or(BadText::Form(
            "must be the six digits that the authenticator app shows",
            "인증 앱에 보이는 숫자 6자리를 입력해 주세요",
        ))
    }

    /// The code that the HMAC of a step stands for: dynamic truncation (RFC 4226 §5.3).
    #[must_use]
    pub fn of_mac(mac: &[u8; 20]) -> Self {
        let [.., last] = mac;
        let offset = usize::from(last & 0x0f);
        let number = mac.iter().skip(offset).take(4).fold(0_u32, |number, byte| (number << 8) | u32::from(*byte));
        let digits = (number & 0x7fff_ffff).checked_rem(1_000_000).unwrap_or(0);
        Self(format!("{digits:06}"))
    }

    /// The six digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for TotpCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TotpCode(…)")
    }
}

impl<'de> Deserialize<'de> for TotpCode {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(deserializer)?).map_err(BadText::refuse)
    }
}

impl JsonSchema for TotpCode {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "TotpCode".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "pattern": "^[0-9]{6}$", "examples": ["287082"] })
    }
}

/// All that RFC 3986 §2.3 does not leave as it is.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The address that an authenticator app reads from the picture (Key Uri Format of Google
/// Authenticator, which all apps follow). `secret` is the secret in base32.
#[must_use]
pub fn key_uri(account: &Email, secret: &str) -> String {
    let account = utf8_percent_encode(account.as_str(), RESERVED);
    let (digits, period) = (6, STEP.0);
    format!(
        "otpauth://totp/{ISSUER}:{account}?secret={secret}&issuer={ISSUER}&algorithm=SHA1&digits={digits}&period={period}"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_is_thirty_seconds_and_its_neighbours_are_taken() {
        let at = |seconds| TotpStep::at(Timestamp::from_seconds(seconds));
        assert_eq!((at(0).number(), at(29).number(), at(30).number(), at(59).number()), (0, 0, 1, 1));
        assert_eq!(at(59).counter(), [0, 0, 0, 0, 0, 0, 0, 1]);
        assert_eq!(TotpStep::taken_at(Timestamp::from_seconds(59)), [at(0), at(30), at(60)]);
        assert!(TotpStep::taken_at(Timestamp::MIN).into_iter().all(|step| step >= TotpStep::NEVER));
    }

    #[test]
    fn the_mac_of_the_rfc_is_truncated_as_the_rfc_says() {
        // RFC 4226 §5.4.
        let mac = [
            0x1f, 0x86, 0x98, 0x69, 0x0e, 0x02, 0xca, 0x16, 0x61, 0x85, 0x50, 0xef, 0x7f, 0x19, 0xda, 0x8e, 0x94, 0x5b,
            0x55, 0x5a,
        ];
        assert_eq!(TotpCode::of_mac(&mac).as_str(), "872921");
    }

    #[test]
    fn every_offset_of_a_mac_gives_six_digits() {
        for last in 0..=u8::MAX {
            let mut mac = [0xff; 20];
            mac[19] = last;
            let code = TotpCode::of_mac(&mac);
            assert_eq!(TotpCode::parse(code.as_str()).unwrap(), code);
        }
    }

    #[test]
    fn attack_50_only_six_ascii_digits_are_a_code() {
        assert_eq!(TotpCode::parse("287 082").unwrap().as_str(), "287082");
        for wrong in ["", "28708", "2870820", "28708x", "２８７０８２", "٢٨٧٠٨٢", "-28708", "287082\0"] {
            assert!(TotpCode::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_uri_is_one_that_apps_read_and_no_address_breaks_out_of_it() {
        let uri = |address: &str| key_uri(&Email::parse(address).unwrap(), "GEZDGNBV");
        assert_eq!(
            uri("mina@example.com"),
            "otpauth://totp/Jangteo:mina%40example.com?secret=GEZDGNBV&issuer=Jangteo&algorithm=SHA1&digits=6&period=30"
        );
        assert!(
            uri("a&secret=b?c/d#e%f+g@example.com").starts_with(
                "otpauth://totp/Jangteo:a%26secret%3Db%3Fc%2Fd%23e%25f%2Bg%40example.com?secret=GEZDGNBV&"
            )
        );
    }
}
