//! Second factors.
//!
//! | key | value | why |
//! |---|---|---|
//! | pk | `USER#{user}` | |
//! | sk | `TOTP` | its own item, so that a profile never carries a secret; at most one |
//!
//! Whether signing in asks for it stands in the user's own item (`second_factor`), and both change
//! in one transaction. A code and a recovery code are good once: each is spent by a condition of the
//! very write that it permits, so of many who show the same one at once one gets through.

use domain::{
    Timestamp,
    auth::{RECOVERY_CODES, totp::TotpStep},
    ids::{TotpId, UserId},
};
use serde::{Deserialize, Serialize};

use super::{
    Entity, Item, Key, Kind, Table, Transaction,
    expression::{Change, Condition},
    users::{Password, User},
};
use crate::{
    fault::{Failure, Fault},
    ground::{refusal::RequestError, signed_in::SignedIn},
};

/// How far a second factor is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TotpState {
    /// Its secret was shown, and no code of it yet: it protects nothing.
    Pending,
    /// Signing in asks for it.
    Enabled,
}

impl TotpState {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Enabled => "enabled",
        }
    }
}

/// A person's second factor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Totp {
    /// Whose.
    pub user_id: UserId,
    /// Which one: each time that a person sets up a second factor it is another. Its recovery codes
    /// are derived from this id.
    pub id: TotpId,
    /// How far it is.
    pub state: TotpState,
    /// The secret, locked (`tokens::totp::TotpKey`).
    pub secret: String,
    /// The step of the last code that was accepted.
    pub last_step: TotpStep,
    /// Which recovery codes are spent: bit n stands for code n.
    pub recovery_spent: u32,
    /// When its secret was made.
    pub created_at: Timestamp,
}

/// What a person showed of their second factor, and was right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    /// The code of this step.
    Code(TotpStep),
    /// The recovery code of this number.
    RecoveryCode(u8),
}

impl Kind {
    /// See [`Totp`].
    pub const TOTP: Self = Self::new("totp", "USER#*", "TOTP");
}

impl Totp {
    /// Its key.
    #[must_use]
    pub fn key(user: UserId) -> Key<Self> {
        Key::new(Kind::TOTP, user, "")
    }
}

impl Entity for Totp {
    const KIND: Kind = Kind::TOTP;

    fn to_key(&self) -> Key<Self> {
        Totp::key(self.user_id)
    }
}

impl Totp {
    /// A new one that protects nothing yet.
    #[must_use]
    pub const fn new(user_id: UserId, id: TotpId, secret: String, now: Timestamp) -> Self {
        let (state, last_step) = (TotpState::Pending, TotpStep::NEVER);
        Self { user_id, id, state, secret, last_step, recovery_spent: 0, created_at: now }
    }

    /// The condition under which a new one may take the place of what is there.
    #[must_use]
    pub fn may_start() -> Condition {
        Condition::Any(vec![Condition::Absent, Condition::Is("state", TotpState::Pending.as_str().into())])
    }

    /// Whether a recovery code was used.
    #[must_use]
    pub fn is_spent(&self, number: u8) -> bool {
        self.recovery_spent & bit(number) != 0
    }

    /// How many recovery codes are left.
    #[must_use]
    pub const fn recovery_left(&self) -> u32 {
        (RECOVERY_CODES as u32).saturating_sub(self.recovery_spent.count_ones())
    }

    /// The condition that it is still this one, in this state, and that what was shown is not spent.
    fn takes(&self, shown: Shown) -> Condition {
        let unspent = match shown {
            Shown::Code(step) => Condition::Below("last_step", step.number().into()),
            // Two different codes at the very same moment: one of them comes again.
            Shown::RecoveryCode(_) => Condition::Is("recovery_spent", self.recovery_spent.into()),
        };
        Condition::All(vec![
            Condition::Is("id", self.id.to_string().into()),
            Condition::Is("state", self.state.as_str().into()),
            unspent,
        ])
    }

    fn spends(&self, shown: Shown) -> Change {
        match shown {
            Shown::Code(step) => Change::Set("last_step", step.number().into()),
            Shown::RecoveryCode(number) => Change::Set("recovery_spent", (self.recovery_spent | bit(number)).into()),
        }
    }
}

fn bit(number: u8) -> u32 {
    1_u32.checked_shl(number.into()).unwrap_or(0)
}

/// A person and what proves that it is them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proofs {
    /// The person.
    pub user: User,
    /// The hash of their password; people who sign in with a provider may have none.
    pub password: Option<Password>,
    /// Their second factor.
    pub totp: Option<Totp>,
}

impl Proofs {
    /// Their second factor, if signing in asks for it.
    #[must_use]
    pub fn enabled_totp(&self) -> Option<&Totp> {
        self.totp.as_ref().filter(|totp| totp.state == TotpState::Enabled)
    }
}

impl Table {
    /// A person and their second factor, in one read. The password is left unread.
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn get_user_and_totp(&self, id: UserId) -> Result<Option<Proofs>, Fault> {
        let (user, totp) = self.get_together((User::key(id), Totp::key(id))).await?;
        Ok(user.map(|user| Proofs { user, password: None, totp }))
    }

    /// The person who calls, with all that proves that it is them, in one read.
    ///
    /// # Errors
    /// When the table does not answer, or the session has ended.
    pub async fn get_caller_proofs(&self, caller: &SignedIn) -> Result<Proofs, Failure> {
        let id = caller.user_id;
        let (user, password, totp) = self.get_together((User::key(id), Password::key(id), Totp::key(id))).await?;
        let user = user.filter(|user| user.knows(caller)).ok_or(RequestError::SignInNeeded)?;
        Ok(Proofs { user, password, totp })
    }
}

impl<'t> Transaction<'t> {
    /// Spends what was shown of a second factor. `spent` is what it means that somebody else was
    /// first; it gets the factor as it is then, if there is one.
    #[must_use]
    pub fn spend_totp<F: Into<Failure>>(
        self,
        totp: &Totp,
        shown: Shown,
        spent: impl Fn(Option<Item>) -> F + Send + Sync + 't,
    ) -> Self {
        self.update(&totp.to_key(), vec![totp.spends(shown)], totp.takes(shown)).or_else(spent)
    }

    /// Makes a pending second factor the one that signing in asks for, from a code of this step on.
    #[must_use]
    pub fn enable_totp<F: Into<Failure>>(
        self,
        totp: &Totp,
        step: TotpStep,
        spent: impl Fn(Option<Item>) -> F + Send + Sync + 't,
    ) -> Self {
        let shown = Shown::Code(step);
        let changes = vec![Change::Set("state", TotpState::Enabled.as_str().into()), totp.spends(shown)];
        self.update(&totp.to_key(), changes, totp.takes(shown)).or_else(spent)
    }

    /// Takes a second factor away, spending what was shown of it.
    #[must_use]
    pub fn remove_totp<F: Into<Failure>>(
        self,
        totp: &Totp,
        shown: Shown,
        spent: impl Fn(Option<Item>) -> F + Send + Sync + 't,
    ) -> Self {
        self.delete(&totp.to_key(), totp.takes(shown)).or_else(spent)
    }
}
