//! The code that an address was sent last. A new one replaces it.
//!
//! | key | value | why |
//! |---|---|---|
//! | pk | `EMAIL#{email}` | |
//! | sk | `CODE#{purpose}` | one code for each purpose, so the newest is the only one |
//! | ttl | when the proof that it may have earned ends | |

use domain::{
    Timestamp,
    auth::{AuthError, CODE_TRIES_MAX, CodePurpose, EMAIL_PROOF_LIFETIME},
    ids::EmailCodeId,
    text::Email,
};
use serde::{Deserialize, Serialize};

use super::{
    Entity, Key, Kind, Table, Transaction,
    expression::{Change, Condition},
    table::Updated,
};
use crate::{fault::Fault, tokens::email_code::EmailProof};

/// The code that an address was sent last. The six digits are stored nowhere: they are a keyed hash
/// of this item's id, made again when the mail is written and when a guess is checked. So whoever
/// reads the table learns nothing without the key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EmailCode {
    /// To whom it was sent.
    pub email: Email,
    /// What it proves.
    pub purpose: CodePurpose,
    /// Its id, from which the digits are derived.
    pub id: EmailCodeId,
    /// How often it was guessed at.
    pub tries: u32,
    /// Whether it was guessed right.
    pub used: bool,
    /// When it ends.
    pub expires_at: Timestamp,
    /// When the next one may be sent.
    pub resend_after: Timestamp,
}

impl Kind {
    /// See [`EmailCode`].
    pub const EMAIL_CODE: Self = Self::new("email_code", "EMAIL#*", "CODE#{purpose}");
}

impl EmailCode {
    /// Its key.
    #[must_use]
    pub fn key(email: &Email, purpose: CodePurpose) -> Key<Self> {
        Key::new(Kind::EMAIL_CODE, email.as_str(), purpose.as_str())
    }
}

impl Entity for EmailCode {
    const KIND: Kind = Kind::EMAIL_CODE;

    fn to_key(&self) -> Key<Self> {
        EmailCode::key(&self.email, self.purpose)
    }

    fn sweep_at(&self) -> Option<Timestamp> {
        Some(self.expires_at.plus(EMAIL_PROOF_LIFETIME))
    }
}

impl EmailCode {
    /// The condition under which a new code may replace the one that is there.
    #[must_use]
    pub fn may_replace(now: Timestamp) -> Condition {
        Condition::Any(vec![Condition::Absent, Condition::AtMost("resend_after", now.into())])
    }
}

impl Table {
    /// Counts one guess before it is looked at: of a hundred at once only five are. `None` when
    /// there is no code that can still be guessed.
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn count_code_try(
        &self,
        email: &Email,
        purpose: CodePurpose,
        now: Timestamp,
    ) -> Result<Option<EmailCode>, Fault> {
        let open = Condition::All(vec![
            Condition::Present,
            Condition::Below("tries", CODE_TRIES_MAX.into()),
            Condition::Is("used", false.into()),
            Condition::Above("expires_at", now.into()),
        ]);
        let key = EmailCode::key(email, purpose);
        match self.update(&key, vec![Change::Add("tries", 1)], open).await? {
            Updated::Done(item) => item.read().map(Some),
            Updated::ConditionFailed(_) => Ok(None),
        }
    }
}

impl Transaction<'_> {
    /// Uses up a code that was guessed right, for exactly one of many who do at once. In a transaction,
    /// which repeated after a lost answer is done once: a right guess is not lost with it.
    #[must_use]
    pub fn use_code(self, code: &EmailCode) -> Self {
        let unused =
            Condition::All(vec![Condition::Is("id", code.id.to_string().into()), Condition::Is("used", false.into())]);
        self.update(&code.to_key(), vec![Change::Set("used", true.into())], unused).or_else(|_| AuthError::CodeExpired)
    }

    /// Uses up a proof, so that it is good once. A newer code to the same address has ended it too.
    #[must_use]
    pub fn use_proof(self, proof: &EmailProof, purpose: CodePurpose) -> Self {
        let is_its_code = Condition::All(vec![
            Condition::Is("id", proof.code.to_string().into()),
            Condition::Is("used", true.into()),
        ]);
        self.delete(&EmailCode::key(&proof.email, purpose), is_its_code).or_else(|_| AuthError::EmailProofInvalid)
    }
}
