//! What a person shows of their second factor: how it is counted, and how it is looked at.

use domain::{
    Timestamp,
    auth::{AuthError, RecoveryCode, totp::TotpCode},
    ids::UserId,
    timestamp::Seconds,
};
use shared::{
    Failure, Fault, FaultKind,
    api::problem::{FieldProblem, RequestError},
    store::{
        Item, Transaction,
        limits::GrowingLimit,
        totp::{Shown, Totp},
    },
};

use crate::{AuthTools, session::KnownDevice};

/// Five attempts, then one each quarter of an hour. With three codes in a million that are taken at a
/// time (RFC 6238 §5.2), whoever has the password already has 3 in 10,000 a day.
const ATTEMPTS: GrowingLimit =
    GrowingLimit { feature: "second-factor", free: 5, waits: &[Seconds::minutes(15)], window: Seconds::days(1) };

/// What was typed.
#[derive(Debug)]
pub(crate) enum Typed {
    /// What the app shows.
    Code(TotpCode),
    /// One of the ten.
    Recovery(RecoveryCode),
}

impl Typed {
    /// Exactly one of the two.
    pub(crate) fn one_of(code: Option<TotpCode>, recovery: Option<RecoveryCode>) -> Result<Self, RequestError> {
        match (code, recovery) {
            (Some(code), None) => Ok(Self::Code(code)),
            (None, Some(code)) => Ok(Self::Recovery(code)),
            _ => Err(exactly_one("/code", "either `code` or `recovery_code` must be there")),
        }
    }

    /// What it stands for, if it is right and was not used. The write that follows asks again, for
    /// others may show the same at this moment.
    pub(crate) fn look(&self, tools: &AuthTools, totp: &Totp, now: Timestamp) -> Result<Shown, Failure> {
        let key = tools.totp_key()?;
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

    pub(crate) const fn wrong(&self) -> AuthError {
        match self {
            Self::Code(_) => AuthError::TotpCodeWrong,
            Self::Recovery(_) => AuthError::RecoveryCodeWrong,
        }
    }

    /// What it means that the write found the factor other than it was when it was looked at.
    pub(crate) fn was_late(&self, shown: Shown, now: Option<Item>) -> Failure {
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

/// A refusal of a request that has both of two fields, or neither.
pub(crate) fn exactly_one(pointer: &str, detail: &str) -> RequestError {
    RequestError::Invalid(vec![FieldProblem { pointer: pointer.to_owned(), detail: detail.to_owned() }])
}

/// Attempts at the second factor of one person. As with passwords, a device that has signed in
/// before has a count of its own, so that who knows the password cannot keep its owner out.
#[derive(Debug)]
pub(crate) struct Attempts {
    subject: String,
    now: Timestamp,
}

impl Attempts {
    pub(crate) fn of(user: UserId, device: Option<KnownDevice>, now: Timestamp) -> Self {
        let subject = match device.filter(|device| device.user == user) {
            Some(device) => format!("{user}#{}", device.session),
            None => user.to_string(),
        };
        Self { subject, now }
    }

    /// Counts one more, before anything is looked at.
    pub(crate) async fn count(&self, tools: &AuthTools) -> Result<(), Failure> {
        let counted = tools.table().count_growing(&ATTEMPTS, &self.subject, self.now).await?;
        counted.or_else(|retry_after_s| AuthError::TooManyAttempts { retry_after_s }).map_err(Failure::from)
    }

    /// Success starts the count anew.
    pub(crate) fn forget<'t>(&self, writes: Transaction<'t>) -> Transaction<'t> {
        writes.forget_attempts(&ATTEMPTS, &self.subject, self.now)
    }
}
