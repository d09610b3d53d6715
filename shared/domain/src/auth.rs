//! Who people are: codes that prove an address, passwords, roles.

mod device;
mod error;
mod login;
mod notice;
mod password;
mod profile;
mod recovery;
mod token;
pub mod totp;

pub use device::device_label;
pub use error::{AuthError, codes};
pub use login::{LOGIN_ATTEMPT_LIFETIME, LOGIN_COMPLETION_LIFETIME, LoginProvider, LoginSubject, ReturnTo};
pub use notice::Notice;
pub use password::{NewPassword, PasswordAttempt};
pub use profile::Profile;
pub use recovery::{RECOVERY_CODES, RecoveryCode};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
pub use token::TokenText;

use crate::{
    text::{BadText, is_invisible},
    timestamp::Seconds,
};

/// How often one code may be guessed at. With six digits and at most ten codes a day an attacker
/// has 50 in a million.
pub const CODE_TRIES_MAX: u32 = 5;

/// For how long a code holds (ASVS 6.5.5, NIST SP 800-63B §5.1.3.2: at most ten minutes).
pub const CODE_LIFETIME: Seconds = Seconds::minutes(10);

/// After how long another code may be sent to the same address.
pub const CODE_RESEND_AFTER: Seconds = Seconds(60);

/// For how long the proof of an address holds, from the right code to the sign-up.
pub const EMAIL_PROOF_LIFETIME: Seconds = Seconds::minutes(30);

/// How many guesses at a password are free before waits begin.
pub const PASSWORD_GUESSES_FREE: u32 = 5;

/// The waits after the last free guess at a password and after each one that follows; the last stays
/// (integrations-and-security.md §7: growing, up to 15 minutes, and never for good).
pub const PASSWORD_WAITS: [Seconds; 7] = [
    Seconds(15),
    Seconds(30),
    Seconds::minutes(1),
    Seconds::minutes(2),
    Seconds::minutes(4),
    Seconds::minutes(8),
    Seconds::minutes(15),
];

/// For how long an access token holds.
pub const ACCESS_TOKEN_LIFETIME: Seconds = Seconds::minutes(10);

/// After how long without use a session ends (integrations-and-security.md §5.4).
pub const SESSION_IDLE: Seconds = Seconds::days(14);

/// After how long a session ends, however much it is used (NIST SP 800-63B §4.1.3: at most 30 days).
pub const SESSION_LIFETIME: Seconds = Seconds::days(30);

/// For how long the refresh token before the present one still gives the present one: an answer may
/// have been lost on its way. After that its use means that two have it, and the session ends.
pub const REFRESH_GRACE: Seconds = Seconds(30);

/// For how long a browser is known as one that has signed in before (RFC 6265bis §5.5: at most 400
/// days).
pub const DEVICE_KNOWN_FOR: Seconds = Seconds::days(400);

/// For how long the second step of signing in may take.
pub const CHALLENGE_LIFETIME: Seconds = Seconds::minutes(5);

/// Where a client wants its refresh token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SessionIn {
    /// In a cookie that no script can read: for pages.
    #[default]
    Cookie,
    /// In the body: for apps, which have a safe place of their own.
    Body,
}

/// What a code proves an address for. A code for one purpose is no good for another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CodePurpose {
    /// To sign up with the address.
    SignUp,
    /// To set a new password in place of a forgotten one.
    PasswordReset,
    /// To confirm a change of the account, by a person who has no password.
    Confirm,
}

impl CodePurpose {
    /// How it is written.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SignUp => "sign_up",
            Self::PasswordReset => "password_reset",
            Self::Confirm => "confirm",
        }
    }
}

/// What a person may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Everyone who signed up: buys, and offers things of their own.
    Customer,
    /// Keeps a store.
    Seller,
    /// Earns by links.
    Ambassador,
    /// Looks after the market.
    Admin,
}

/// What state an account is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccountState {
    /// In use.
    #[default]
    Active,
    /// Shut by an admin.
    Banned,
    /// Its owner asked to withdraw: nobody can use it, and after the cooling-off period it is erased.
    Withdrawing,
    /// It is being erased: nobody can change their mind any more.
    Erasing,
}

impl AccountState {
    /// How it is written.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Banned => "banned",
            Self::Withdrawing => "withdrawing",
            Self::Erasing => "erasing",
        }
    }
}

/// The six digits of a code, from 64 bits that are as good as random. The bias of the remainder is
/// below one in 10^13.
#[must_use]
pub fn digits_of_code(bits: [u8; 8]) -> String {
    let number = u64::from_be_bytes(bits).checked_rem(1_000_000).unwrap_or(0);
    format!("{number:06}")
}

/// Six ASCII digits, with what is dropped that people and programs put between them: spaces, and what
/// nobody can see.
fn six_digits(text: &str) -> Option<String> {
    let compact: String = text.chars().filter(|c| !c.is_whitespace() && !is_invisible(*c)).take(7).collect();
    (compact.len() == 6 && compact.bytes().all(|b| b.is_ascii_digit())).then_some(compact)
}

/// What a person typed as a code: six ASCII digits; spaces that mail programs add are dropped.
#[derive(Clone, PartialEq, Eq)]
pub struct TypedCode(String);

impl TypedCode {
    /// Reads what was typed.
    ///
    /// # Errors
    /// When it is not six digits.
    pub fn parse(text: &str) -> Result<Self, crate::text::BadText> {
        six_digits(text)
            .map(Self)
            .ok_or(BadText::Form("must be the six digits of the mail", "메일로 받은 숫자 6자리를 입력해 주세요"))
    }

    /// The six digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for TypedCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TypedCode(…)")
    }
}

impl<'de> Deserialize<'de> for TypedCode {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(deserializer)?).map_err(BadText::refuse)
    }
}

impl JsonSchema for TypedCode {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "EmailCode".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "pattern": "^[0-9]{6}$", "examples": ["042137"] })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_always_has_six_digits() {
        assert_eq!(digits_of_code([0; 8]), "000000");
        assert_eq!(digits_of_code(u64::MAX.to_be_bytes()), "551615");
    }

    #[test]
    fn attack_50_only_six_ascii_digits_are_a_code() {
        assert_eq!(TypedCode::parse(" 042 137\n").unwrap().as_str(), "042137");
        assert_eq!(TypedCode::parse("\u{feff}042\u{200b}137\u{2069}").unwrap().as_str(), "042137");
        for wrong in ["", "12345", "1234567", "12345a", "１２３４５６", "-12345", "12.456"] {
            assert!(TypedCode::parse(wrong).is_err(), "{wrong}");
        }
    }
}
