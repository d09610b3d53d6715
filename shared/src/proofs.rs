//! That it is the person themselves who asks, at this moment: a session that was left open must not be
//! enough for what cannot be undone, or for another way into the account (ASVS 7.5.1).
//!
//! Whoever has a password shows that: who reads their mail must not be able to stand in for them.
//! Whoever has none, since they sign in with a provider, proves their address instead. Whose sign-in
//! asks for a second factor is asked for that too where it says so ([`second_factor`]).

pub mod attempts;
pub mod second_factor;

use domain::{
    ErrorCode, FieldCode, Timestamp,
    auth::{AuthError, CodePurpose, PasswordAttempt, TokenText, codes},
};

use self::{attempts::Attempts, second_factor::Typed};
use crate::{
    Failure,
    api::{Core, Touch, problem::RequestError},
    secrets::SecretName,
    store::{
        Kind, Transaction,
        totp::{Proofs, Shown, Totp},
        users::{Password, User},
    },
    tokens::{email_code::EmailProof, password, seal::SealKey},
};

/// What [`FreshProof`] and [`Proved::spend`] touch, with the person and their password, which whoever asks for a
/// proof reads.
pub const FRESH: &[Touch] = &[
    Touch::Secret(SecretName::EmailCodeKey),
    Touch::BatchGet(Kind::USER),
    Touch::BatchGet(Kind::PASSWORD),
    Touch::Update(Kind::LIMIT_COUNTER),
    Touch::Delete(Kind::EMAIL_CODE),
];

/// How a [`FreshProof`] is refused.
pub const REFUSALS: &[ErrorCode] =
    &[codes::PASSWORD_WRONG, codes::FRESH_PROOF_NEEDED, codes::EMAIL_PROOF_INVALID, codes::TOO_MANY_ATTEMPTS];

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
    /// Whoever calls this declares [`FRESH`] and [`REFUSALS`].
    ///
    /// # Errors
    /// When both or neither are there, or when the proof of the address is not ours or too old.
    pub fn one_of(
        core: &Core,
        current_password: Option<PasswordAttempt>,
        email_proof: Option<TokenText>,
        now: Timestamp,
    ) -> Result<Self, Failure> {
        match (current_password, email_proof) {
            (Some(password), None) => Ok(Self::Password(password)),
            (None, Some(text)) => {
                let key = SealKey::new(core.secrets.get(SecretName::EmailCodeKey)?)?;
                let proof = EmailProof::open(&key, CodePurpose::Confirm, text.as_str(), now);
                Ok(Self::Email(proof.ok_or(AuthError::EmailProofInvalid)?))
            }
            _ => Err(RequestError::of_field(
                "/current_password",
                FieldCode::Required,
                "either `current_password` or `email_proof` must be there",
                "`current_password`와 `email_proof` 중 하나를 보내야 합니다",
            )
            .into()),
        }
    }

    /// Whether it holds for this person; a password is counted before it is looked at.
    ///
    /// # Errors
    /// When it does not hold, is not the one that this person has to show, when there were too many
    /// attempts, or when the table does not answer.
    pub async fn prove(
        self,
        core: &Core,
        user: &User,
        known: Option<&Password>,
        now: Timestamp,
    ) -> Result<Proved, Failure> {
        let attempts = match (&self, known) {
            (Self::Password(_), Some(_)) => Some(Attempts::at_password(user.id, now)),
            _ => None,
        };
        if let Some(attempts) = &attempts {
            attempts.count(core).await?;
        }
        Ok(Proved { email: self.check(user, known)?, attempts })
    }

    /// Whether it and what was typed of the second factor hold. Both are counted as one attempt at the
    /// second factor, whichever was wrong.
    ///
    /// # Errors
    /// As [`FreshProof::prove`] and [`Typed::look`].
    pub async fn prove_with(
        self,
        typed: &Typed,
        core: &Core,
        found: &Proofs,
        totp: &Totp,
        now: Timestamp,
    ) -> Result<(Proved, Shown), Failure> {
        let attempts = Attempts::at_second_factor(found.user.id, None, now);
        attempts.count(core).await?;
        let email = self.check(&found.user, found.password.as_ref())?;
        let shown = typed.look(core, totp, now)?;
        Ok((Proved { email, attempts: Some(attempts) }, shown))
    }

    /// The proof that is to be used up, if it holds and there is one.
    fn check(self, user: &User, known: Option<&Password>) -> Result<Option<EmailProof>, Failure> {
        match (self, known) {
            (Self::Password(attempt), Some(known)) => {
                if password::matches(attempt.expose(), Some(&known.hash))? {
                    Ok(None)
                } else {
                    Err(AuthError::PasswordWrong.into())
                }
            }
            (Self::Email(proof), None) if proof.email == user.email => Ok(Some(proof)),
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
    attempts: Option<Attempts>,
}

impl Proved {
    /// Uses up the proof of the address, which is good once, and starts the count of attempts anew.
    #[must_use]
    pub fn spend<'t>(&self, mut writes: Transaction<'t>) -> Transaction<'t> {
        if let Some(proof) = &self.email {
            writes = writes.use_proof(proof, CodePurpose::Confirm);
        }
        if let Some(attempts) = &self.attempts {
            writes = attempts.forget(writes);
        }
        writes
    }
}
