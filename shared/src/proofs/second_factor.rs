//! What a person shows of their second factor: how it is counted, and how it is looked at.

use domain::{
    Timestamp,
    auth::{AuthError, RecoveryCode, totp::TotpCode},
    ids::{SessionId, UserId},
    timestamp::Seconds,
};

use super::exactly_one;
use crate::{
    Failure, Fault, FaultKind,
    api::{Core, problem::RequestError},
    secrets::SecretName,
    store::{
        Item, Transaction,
        limits::GrowingLimit,
        totp::{Shown, Totp},
    },
    tokens::totp::TotpKey,
};

/// Five attempts, then one each quarter of an hour. With three codes in a million that are taken at a
/// time (RFC 6238 §5.2), whoever has the password already has 3 in 10,000 a day.
const ATTEMPTS: GrowingLimit =
    GrowingLimit { feature: "second-factor", free: 5, waits: &[Seconds::minutes(15)], window: Seconds::days(1) };

/// What was typed.
#[derive(Debug)]
pub enum Typed {
    /// What the app shows.
    Code(TotpCode),
    /// One of the ten.
    Recovery(RecoveryCode),
}

impl Typed {
    /// Exactly one of the two, from the fields `code` and `recovery_code`.
    ///
    /// # Errors
    /// When both or neither are there.
    pub fn one_of(code: Option<TotpCode>, recovery: Option<RecoveryCode>) -> Result<Self, RequestError> {
        match (code, recovery) {
            (Some(code), None) => Ok(Self::Code(code)),
            (None, Some(code)) => Ok(Self::Recovery(code)),
            _ => Err(exactly_one("/code", "either `code` or `recovery_code` must be there")),
        }
    }

    /// One of the two or none, where only some people have a second factor.
    ///
    /// # Errors
    /// When both are there.
    pub fn at_most_one_of(
        code: Option<TotpCode>,
        recovery: Option<RecoveryCode>,
    ) -> Result<Option<Self>, RequestError> {
        if code.is_none() && recovery.is_none() { Ok(None) } else { Self::one_of(code, recovery).map(Some) }
    }

    /// What it stands for, if it is right and was not used. The write that follows asks again, for
    /// others may show the same at this moment.
    ///
    /// Whoever calls this declares the secret [`SecretName::TotpKey`].
    ///
    /// # Errors
    /// When it is wrong or was used, or when the stored secret cannot be unlocked.
    pub fn look(&self, core: &Core, totp: &Totp, now: Timestamp) -> Result<Shown, Failure> {
        let key = TotpKey::new(core.secrets.get(SecretName::TotpKey)?)?;
        let shown = match self {
            Self::Code(code) => {
                key.unlock(totp.user_id, &totp.secret)?.step_of(code, now, totp.last_step).map(Shown::Code)
            }
            Self::Recovery(code) => key
                .recovery_number(totp.user_id, totp.id, code)
                .filter(|number| !totp.is_spent(*number))
                .map(Shown::RecoveryCode),
        };
        shown.ok_or_else(|| self.wrong().into())
    }

    /// That it is wrong, or was used before.
    #[must_use]
    pub const fn wrong(&self) -> AuthError {
        match self {
            Self::Code(_) => AuthError::TotpCodeWrong,
            Self::Recovery(_) => AuthError::RecoveryCodeWrong,
        }
    }

    /// What it means that the write found the factor other than it was when it was looked at.
    #[must_use]
    pub fn was_late(&self, shown: Shown, now: Option<Item>) -> Failure {
        match (shown, now.map(Item::read::<Totp>)) {
            (_, Some(Err(fault))) => fault.into(),
            // Another recovery code was used at this moment: this one is still good.
            (Shown::RecoveryCode(number), Some(Ok(totp))) if !totp.is_spent(number) => {
                Fault::new(FaultKind::Contention, "spend a recovery code").into()
            }
            _ => self.wrong().into(),
        }
    }
}

/// Attempts at the second factor of one person. As with passwords, a device that has signed in
/// before has a count of its own, so that who knows the password cannot keep its owner out.
#[derive(Debug)]
pub struct Attempts {
    subject: String,
    now: Timestamp,
}

impl Attempts {
    /// Those of a person, or of a device that has signed in as them before.
    #[must_use]
    pub fn of(user: UserId, device: Option<SessionId>, now: Timestamp) -> Self {
        let subject = match device {
            Some(session) => format!("{user}#{session}"),
            None => user.to_string(),
        };
        Self { subject, now }
    }

    /// Counts one more, before anything is looked at.
    ///
    /// # Errors
    /// When there were too many, or when the table does not answer.
    pub async fn count(&self, core: &Core) -> Result<(), Failure> {
        let counted = core.table.count_growing(&ATTEMPTS, &self.subject, self.now).await?;
        counted.or_else(|retry_after_s| AuthError::TooManyAttempts { retry_after_s }).map_err(Failure::from)
    }

    /// Success starts the count anew.
    #[must_use]
    pub fn forget<'t>(&self, writes: Transaction<'t>) -> Transaction<'t> {
        writes.forget_attempts(&ATTEMPTS, &self.subject, self.now)
    }
}
