//! That it is the person themselves who asks, at this moment: a session that was left open must not be
//! enough for what cannot be undone, or for another way into the account (ASVS 7.5.1).
//!
//! Whoever has a password shows that: who reads their mail must not be able to stand in for them.
//! Whoever has none, since they sign in with a provider, proves their address instead. Whose sign-in
//! asks for a second factor is asked for that too where it says so ([`second_factor`]).

pub mod second_factor;

use domain::{
    Timestamp,
    auth::{AuthError, CodePurpose, PASSWORD_GUESSES_FREE, PASSWORD_WAITS, PasswordAttempt, TokenText},
    timestamp::Seconds,
};

use crate::{
    Failure,
    api::{
        Core,
        problem::{FieldProblem, RequestError},
    },
    secrets::SecretName,
    store::{
        Transaction,
        limits::GrowingLimit,
        users::{Password, User},
    },
    tokens::{email_code::EmailProof, password, seal::SealKey},
};

/// Whoever has found an unlocked device does not get to guess the password on it.
const CHECKS: GrowingLimit = GrowingLimit {
    feature: "password-check",
    free: PASSWORD_GUESSES_FREE,
    waits: &PASSWORD_WAITS,
    window: Seconds::days(1),
};

/// What was sent to show that it is the person themselves.
#[derive(Debug)]
pub enum FreshProof {
    /// The present password.
    Password(PasswordAttempt),
    /// That a code to their address came back, for the purpose `confirm`. Good once.
    Email(EmailProof),
}

impl FreshProof {
    /// Exactly one of the two, from the fields `current_password` and `email_proof`.
    ///
    /// Whoever calls this declares the secret [`SecretName::EmailCodeKey`].
    ///
    /// # Errors
    /// When both or neither are there, or when the proof of the address is not ours or too old.
    pub fn one_of(
        core: &Core,
        current_password: Option<PasswordAttempt>,
        email_proof: Option<&TokenText>,
        now: Timestamp,
    ) -> Result<Self, Failure> {
        match (current_password, email_proof) {
            (Some(password), None) => Ok(Self::Password(password)),
            (None, Some(text)) => {
                let key = SealKey::new(core.secrets.get(SecretName::EmailCodeKey)?)?;
                let proof = EmailProof::open(&key, CodePurpose::Confirm, text.as_str(), now);
                Ok(Self::Email(proof.ok_or(AuthError::EmailProofInvalid)?))
            }
            _ => {
                Err(exactly_one("/current_password", "either `current_password` or `email_proof` must be there").into())
            }
        }
    }

    /// Whether it holds for this person; a password is counted before it is looked at.
    ///
    /// # Errors
    /// As [`FreshProof::prove_counted`], when there were too many attempts, or when the table does not
    /// answer.
    pub async fn prove(
        self,
        core: &Core,
        user: &User,
        known: Option<&Password>,
        now: Timestamp,
    ) -> Result<Proved, Failure> {
        let is_guess = matches!((&self, known), (Self::Password(_), Some(_)));
        if is_guess {
            let counted = core.table.count_growing(&CHECKS, &user.id.to_string(), now).await?;
            counted.or_else(|retry_after_s| AuthError::TooManyAttempts { retry_after_s })?;
        }
        let proved = self.prove_counted(user, known)?;
        Ok(Proved { counted: is_guess.then(|| (user.id.to_string(), now)), ..proved })
    }

    /// Whether it holds for this person, where the attempt was counted already: with a second factor
    /// ([`second_factor::Attempts`]), so that one request counts once.
    ///
    /// # Errors
    /// When it does not hold, or is not the one that this person has to show.
    pub fn prove_counted(self, user: &User, known: Option<&Password>) -> Result<Proved, Failure> {
        match (self, known) {
            (Self::Password(attempt), Some(known)) => {
                if password::matches(attempt.expose(), Some(&known.hash))? {
                    Ok(Proved { email: None, counted: None })
                } else {
                    Err(AuthError::PasswordWrong.into())
                }
            }
            (Self::Email(proof), None) if proof.email == user.email => Ok(Proved { email: Some(proof), counted: None }),
            (Self::Email(_), None) => Err(AuthError::EmailProofInvalid.into()),
            (Self::Email(_), Some(_)) => Err(AuthError::ProofByPasswordNeeded.into()),
            (Self::Password(_), None) => Err(AuthError::ProofByEmailNeeded.into()),
        }
    }
}

/// It is the person themselves.
#[derive(Debug)]
#[must_use = "a proof that is not spent is good again"]
pub struct Proved {
    email: Option<EmailProof>,
    /// Under whom and when the attempt was counted here.
    counted: Option<(String, Timestamp)>,
}

impl Proved {
    /// Uses up the proof of the address, which is good once, and starts the count of attempts anew.
    #[must_use]
    pub fn spend<'t>(&self, writes: Transaction<'t>) -> Transaction<'t> {
        let writes = match &self.email {
            Some(proof) => writes.use_proof(proof, CodePurpose::Confirm),
            None => writes,
        };
        match &self.counted {
            Some((subject, now)) => writes.forget_attempts(&CHECKS, subject, *now),
            None => writes,
        }
    }
}

/// A refusal of a request that has both of two fields, or neither.
fn exactly_one(pointer: &str, detail: &str) -> RequestError {
    RequestError::Invalid(vec![FieldProblem { pointer: pointer.to_owned(), detail: detail.to_owned() }])
}
