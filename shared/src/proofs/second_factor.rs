//! What a person shows of their second factor, and how it is looked at.

use domain::{
    FieldCode, Timestamp,
    auth::{AuthError, RecoveryCode, totp::TotpCode},
};

use crate::{
    Failure, Fault, FaultKind,
    api::{Core, problem::RequestError},
    secrets::SecretName,
    store::{
        Item,
        totp::{Shown, Totp},
    },
    tokens::totp::TotpKey,
};

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
            _ => Err(RequestError::of_field(
                "/code",
                FieldCode::Required,
                "either `code` or `recovery_code` must be there",
                "`code`와 `recovery_code` 중 하나를 보내야 합니다",
            )),
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
