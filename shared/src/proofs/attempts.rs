//! How often somebody may try to prove who they are: counted before anything is looked at, and
//! forgotten when it was right.

use domain::{
    Timestamp,
    auth::{AuthError, PASSWORD_GUESSES_FREE, PASSWORD_WAITS},
    ids::{SessionId, UserId},
    timestamp::Seconds,
};

use crate::{
    Failure,
    api::Core,
    store::{Transaction, limits::GrowingLimit},
};

/// Guesses at the password of an account by whoever is not signed in.
const SIGN_IN: GrowingLimit = GrowingLimit {
    feature: "sign-in-account",
    free: PASSWORD_GUESSES_FREE,
    waits: &PASSWORD_WAITS,
    window: Seconds::days(1),
};

/// Whoever has found an unlocked device does not get to guess the password on it.
const PASSWORD: GrowingLimit = GrowingLimit {
    feature: "password-check",
    free: PASSWORD_GUESSES_FREE,
    waits: &PASSWORD_WAITS,
    window: Seconds::days(1),
};

/// Five attempts, then one each quarter of an hour. With three codes in a million that are taken at a
/// time (RFC 6238 §5.2), whoever has the password already has 3 in 10,000 a day.
const SECOND_FACTOR: GrowingLimit =
    GrowingLimit { feature: "second-factor", free: 5, waits: &[Seconds::minutes(15)], window: Seconds::days(1) };

/// The attempts of one person, this one included.
#[derive(Debug)]
pub struct Attempts {
    limit: &'static GrowingLimit,
    subject: String,
    now: Timestamp,
}

impl Attempts {
    /// At signing in to an account, which `address` names as the key of a counter does. Each device that
    /// has signed in to it before has a count of its own, so that whoever guesses from elsewhere cannot
    /// keep its owner out.
    #[must_use]
    pub fn at_sign_in(address: &str, device: Option<SessionId>, now: Timestamp) -> Self {
        Self { limit: &SIGN_IN, subject: on_device(address, device), now }
    }

    /// At the password of a person who is signed in.
    pub(super) fn at_password(user: UserId, now: Timestamp) -> Self {
        Self { limit: &PASSWORD, subject: user.to_string(), now }
    }

    /// At the second factor of a person, or of a device that has signed in as them before. As with
    /// passwords, such a device has a count of its own, so that who knows the password cannot keep its
    /// owner out.
    #[must_use]
    pub fn at_second_factor(user: UserId, device: Option<SessionId>, now: Timestamp) -> Self {
        Self { limit: &SECOND_FACTOR, subject: on_device(&user.to_string(), device), now }
    }

    /// Counts one more, before anything is looked at.
    ///
    /// # Errors
    /// When there were too many, or when the table does not answer.
    pub async fn count(&self, core: &Core) -> Result<(), Failure> {
        let counted = core.table.count_growing(self.limit, &self.subject, self.now).await?;
        counted.or_else(|retry_after_s| AuthError::TooManyAttempts { retry_after_s }).map_err(Failure::from)
    }

    /// Success starts the count anew.
    #[must_use]
    pub fn forget<'t>(&self, writes: Transaction<'t>) -> Transaction<'t> {
        writes.forget_attempts(self.limit, &self.subject, self.now)
    }
}

/// Whom a count is for: somebody, or one device of theirs.
fn on_device(whose: &str, device: Option<SessionId>) -> String {
    device.map_or_else(|| whose.to_owned(), |session| format!("{whose}#{session}"))
}
