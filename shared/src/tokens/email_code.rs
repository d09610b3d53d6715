//! The six digits of an e-mail code, and the proof that a right guess earns.
//!
//! Nothing of a code is stored: its digits are a keyed hash of the id of its item, made once when
//! the mail is written and again when a guess is checked. A stored hash of six digits would fall to
//! a million guesses in a second (ASVS 6.5.2 asks for a password hash for that reason); here whoever
//! reads the table has nothing to guess at without the key, which only three functions can read.

use domain::{
    Timestamp,
    auth::{CodePurpose, TypedCode, digits_of_code},
    ids::EmailCodeId,
    text::Email,
};
use serde::{Deserialize, Serialize};

use super::seal::{SealKey, equal_in_constant_time};
use crate::fault::Fault;

/// The digits of the code with this id. Another address or purpose has other digits.
#[must_use]
pub fn digits(key: &SealKey, id: EmailCodeId, email: &Email, purpose: CodePurpose) -> String {
    let [a, b, c, d, e, f, g, h, ..] =
        key.derive("email-code", &[&id.to_string(), email.as_str(), purpose.as_str()]);
    digits_of_code([a, b, c, d, e, f, g, h])
}

/// Whether a guess is right, in a time that does not tell how much of it is.
#[must_use]
pub fn is_right(key: &SealKey, id: EmailCodeId, email: &Email, purpose: CodePurpose, guess: &TypedCode) -> bool {
    equal_in_constant_time(digits(key, id, email, purpose).as_bytes(), guess.as_str().as_bytes())
}

/// An address as the key of a counter: the same for the same address, and of no use to a reader.
#[must_use]
pub fn counter_subject(key: &SealKey, email: &Email) -> String {
    let [a, b, c, d, e, f, g, h, ..] = key.derive("counter-subject", &[email.as_str()]);
    format!("{:016x}", u64::from_be_bytes([a, b, c, d, e, f, g, h]))
}

/// What a right guess earns: the word of this service that the address is the bearer's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EmailProof {
    /// The address.
    pub email: Email,
    /// When it ends.
    pub expires_at: Timestamp,
}

impl EmailProof {
    /// The proof as text, bound to what the code was for.
    ///
    /// # Errors
    /// When it cannot be written as JSON, which is a mistake of ours.
    pub fn seal(&self, key: &SealKey, purpose: CodePurpose) -> Result<String, Fault> {
        key.seal(&["email-proof", purpose.as_str()], self)
    }

    /// The proof that a text is, when it is ours, for this purpose, and has not ended.
    #[must_use]
    pub fn open(key: &SealKey, purpose: CodePurpose, text: &str, now: Timestamp) -> Option<Self> {
        key.open::<Self>(&["email-proof", purpose.as_str()], text).filter(|proof| proof.expires_at > now)
    }
}
