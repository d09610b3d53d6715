//! The six digits of an e-mail code, and the proof that a right guess earns.
//!
//! Nothing of a code is stored: its digits are a keyed hash of the id of its item, made once when
//! the mail is written and again when a guess is checked. A stored hash of six digits would fall to
//! a million guesses in a second (ASVS 6.5.2 asks for a password hash for that reason); here whoever
//! reads the table has nothing to guess at without the key, which few functions can read.

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
    let [a, b, c, d, e, f, g, h, ..] = key.derive("email-code", &[&id.to_string(), email.as_str(), purpose.as_str()]);
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
    /// The code that was guessed right: who must take care that the proof is good once uses up its
    /// item, see `Transaction::use_proof`.
    pub code: EmailCodeId,
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

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use domain::ids::Entropy;

    use super::*;

    const NOW: Timestamp = Timestamp::from_seconds(1_795_251_600);

    fn key() -> SealKey {
        SealKey::new(&SealKey::generate().unwrap()).unwrap()
    }

    fn id(number: u16) -> EmailCodeId {
        let mut bits = [0; 10];
        bits[..2].copy_from_slice(&number.to_be_bytes());
        EmailCodeId::new(NOW, Entropy(bits))
    }

    #[test]
    fn a_code_can_be_made_again_and_is_another_for_every_id_address_and_key() {
        let (key, mina, ben) =
            (key(), Email::parse("mina@example.com").unwrap(), Email::parse("ben@example.com").unwrap());
        let of = |number, email| digits(&key, id(number), email, CodePurpose::SignUp);
        assert_eq!(of(1, &mina), of(1, &mina));
        // Two codes agree by chance once in a million: a thousand of them rarely have five pairs.
        let codes: BTreeSet<String> = (0..1_000).flat_map(|number| [of(number, &mina), of(number, &ben)]).collect();
        assert!(codes.len() > 1_980, "{}", codes.len());
        assert!(codes.iter().all(|code| code.len() == 6 && code.bytes().all(|b| b.is_ascii_digit())));
        let others: BTreeSet<String> =
            (0..1_000).map(|n| digits(&super::tests::key(), id(n), &mina, CodePurpose::SignUp)).collect();
        assert!(others.len() > 980, "another key makes other codes");
    }

    #[test]
    fn attack_53_only_the_very_digits_are_right() {
        let (key, mina) = (key(), Email::parse("mina@example.com").unwrap());
        let right = digits(&key, id(1), &mina, CodePurpose::SignUp);
        let check = |text: &str| is_right(&key, id(1), &mina, CodePurpose::SignUp, &TypedCode::parse(text).unwrap());
        let taken: Vec<String> =
            (0..1_000_000).step_by(37).map(|n| format!("{n:06}")).filter(|guess| check(guess)).collect();
        assert!(taken.iter().all(|guess| *guess == right), "{taken:?}");
        assert!(check(&right));
    }

    #[test]
    fn attack_9_a_proof_opens_until_it_ends_and_only_as_what_it_is() {
        let key = key();
        let proof = EmailProof { email: Email::parse("mina@example.com").unwrap(), code: id(1), expires_at: NOW };
        let text = proof.seal(&key, CodePurpose::SignUp).unwrap();
        let open = |text: &str, now| EmailProof::open(&key, CodePurpose::SignUp, text, now);
        assert_eq!(open(&text, NOW.minus(domain::timestamp::Seconds(1))), Some(proof.clone()));
        assert_eq!(open(&text, NOW), None);
        let cursor = key.seal(&["cursor", "sign_up"], &proof).unwrap();
        assert_eq!(open(&cursor, Timestamp::MIN), None);
        assert_eq!(EmailProof::open(&super::tests::key(), CodePurpose::SignUp, &text, Timestamp::MIN), None);
    }

    #[test]
    fn the_subject_of_a_counter_does_not_show_the_address() {
        let (key, mina) = (key(), Email::parse("mina@example.com").unwrap());
        let subject = counter_subject(&key, &mina);
        assert_eq!(subject, counter_subject(&key, &mina));
        assert!(subject.len() == 16 && !subject.contains("mina"));
        assert_ne!(subject, counter_subject(&key, &Email::parse("ben@example.com").unwrap()));
    }
}
