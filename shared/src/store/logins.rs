//! Accounts elsewhere that people sign in with, and logins that are under way.
//!
//! | entity | pk | sk | why |
//! |---|---|---|---|
//! | LoginOwner | `LOGIN#{provider}#{subject}` | `OWNER` | whose it is, and is it taken; the key is the provider's own name for the person, never an address |
//! | Login | `USER#{user}` | `LOGIN#{provider}` | the person's own list; one of each provider |
//! | LoginAttempt | `OAUTH#{hash of state}` | `ATTEMPT` | used up by deleting it, so exactly once; ttl is the end of its life |

use domain::{
    Timestamp,
    auth::{AccountState, LoginProvider, LoginSubject, ReturnTo},
    ids::{SessionId, UserId},
    text::Email,
};
use serde::{Deserialize, Serialize};

use super::{
    Entity, Key, Kind, Table, Transaction,
    expression::Condition,
    suppressions::Suppression,
    users::{EmailOwner, Password, User},
};
use crate::fault::{Failure, Fault};

/// Whose an account elsewhere is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoginOwner {
    /// Where the account is.
    pub provider: LoginProvider,
    /// What it is called there.
    pub subject: LoginSubject,
    /// Whose it is.
    pub user_id: UserId,
}

/// An account elsewhere that a person signs in with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Login {
    /// Whose it is.
    pub user_id: UserId,
    /// Where the account is.
    pub provider: LoginProvider,
    /// What it is called there.
    pub subject: LoginSubject,
    /// The address that the provider vouched for when it was linked, so that a person knows which
    /// account it is.
    pub email: Option<Email>,
    /// When it was linked.
    pub linked_at: Timestamp,
}

/// What a login is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "purpose", rename_all = "snake_case")]
pub enum LoginPurpose {
    /// To sign in, or to sign up.
    SignIn {
        /// Whether they changed their mind about withdrawing.
        cancel_withdrawal: bool,
    },
    /// To be linked to the account of a person who is signed in.
    Link {
        /// Who it is.
        user: UserId,
        /// The epoch of their sessions then: what ends those ends this.
        epoch: u32,
    },
}

/// A device that a person has signed in on before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnownDevice {
    /// Who.
    pub user: UserId,
    /// With which session.
    pub session: SessionId,
    /// The epoch of their sessions then. What ends all sessions makes every device a stranger: who knew
    /// the old password knows none of these devices' ways in.
    pub epoch: u32,
}

impl KnownDevice {
    /// Whether it is one of this person, as they are now.
    #[must_use]
    pub fn is_of(&self, user: &User) -> bool {
        self.user == user.id && self.epoch == user.epoch
    }
}

/// A login at a provider that is under way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoginAttempt {
    /// The hash of its `state`. Neither that nor what else finishes the login is stored: see
    /// [`crate::tokens::login_secret`].
    pub state_hash: String,
    /// At which provider. An answer of another one is none (RFC 9700 §4.4).
    pub provider: LoginProvider,
    /// What for.
    pub purpose: LoginPurpose,
    /// Where the person goes on then.
    pub return_to: ReturnTo,
    /// The device that it began on, where it is known.
    pub device: Option<KnownDevice>,
    /// When it ends.
    pub expires_at: Timestamp,
}

impl Kind {
    /// See [`LoginOwner`].
    pub const LOGIN_OWNER: Self = Self::new("login_owner", "LOGIN#*", "OWNER");
}

impl LoginOwner {
    /// Its key.
    #[must_use]
    pub fn key(provider: LoginProvider, subject: &LoginSubject) -> Key<Self> {
        Key::new(Kind::LOGIN_OWNER, format_args!("{provider}#{}", subject.as_str()), "")
    }
}

impl Entity for LoginOwner {
    const KIND: Kind = Kind::LOGIN_OWNER;

    fn to_key(&self) -> Key<Self> {
        LoginOwner::key(self.provider, &self.subject)
    }
}

impl Kind {
    /// See [`Login`].
    pub const LOGIN: Self = Self::new("login", "USER#*", "LOGIN#{provider}");
}

impl Login {
    /// Its key.
    #[must_use]
    pub fn key(user: UserId, provider: LoginProvider) -> Key<Self> {
        Key::new(Kind::LOGIN, user, provider)
    }
}

impl Entity for Login {
    const KIND: Kind = Kind::LOGIN;

    fn to_key(&self) -> Key<Self> {
        Login::key(self.user_id, self.provider)
    }
}

impl Kind {
    /// See [`LoginAttempt`].
    pub const LOGIN_ATTEMPT: Self = Self::new("login_attempt", "OAUTH#*", "ATTEMPT");
}

impl LoginAttempt {
    /// Its key.
    #[must_use]
    pub fn key(state_hash: &str) -> Key<Self> {
        Key::new(Kind::LOGIN_ATTEMPT, state_hash, "")
    }
}

impl Entity for LoginAttempt {
    const KIND: Kind = Kind::LOGIN_ATTEMPT;

    fn to_key(&self) -> Key<Self> {
        LoginAttempt::key(&self.state_hash)
    }

    fn sweep_at(&self) -> Option<Timestamp> {
        Some(self.expires_at)
    }
}

impl Login {
    /// The item that says whose it is.
    #[must_use]
    pub fn owner(&self) -> LoginOwner {
        LoginOwner { provider: self.provider, subject: self.subject.clone(), user_id: self.user_id }
    }
}

/// What is known of an account elsewhere by which somebody comes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownOfLogin {
    /// Whose the account elsewhere is.
    pub login: Option<LoginOwner>,
    /// Whose the address is that somebody proved.
    pub account: Option<EmailOwner>,
    /// What is known of the address that a new account would have.
    pub suppression: Option<Suppression>,
}

/// The ways into an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WaysIn {
    /// The person.
    pub user: User,
    /// Whether they have a password.
    pub has_password: bool,
    /// Their accounts elsewhere, in the order of the providers.
    pub logins: Vec<Login>,
}

impl WaysIn {
    /// A way in besides the account at a provider, if there is one: the item that must still be there
    /// when that is taken away.
    #[must_use]
    pub fn besides(&self, provider: LoginProvider) -> Option<Key<()>> {
        if self.has_password {
            return Some(Password::key(self.user.id).of_any_kind());
        }
        self.logins.iter().find(|login| login.provider != provider).map(|login| login.to_key().of_any_kind())
    }
}

impl Table {
    /// Uses up a login that is under way: `Some` for exactly one of many who do at once, and for
    /// nobody once it has ended.
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn take_login_attempt(&self, state_hash: &str, now: Timestamp) -> Result<Option<LoginAttempt>, Fault> {
        let open = Condition::Above("expires_at", now.into());
        self.take(&LoginAttempt::key(state_hash), open).await
    }

    /// Whose an account elsewhere is, whose an address is that somebody proved, and what is known of an
    /// address that may become that of a new account, in one strongly consistent read.
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn known_of_login(
        &self,
        provider: LoginProvider,
        subject: &LoginSubject,
        account: Option<&Email>,
        for_new: Option<&Email>,
    ) -> Result<KnownOfLogin, Fault> {
        let login = LoginOwner::key(provider, subject);
        let wanted = (login, account.map(EmailOwner::key), for_new.map(Suppression::key));
        let (login, account, suppression) = self.get_together(wanted).await?;
        Ok(KnownOfLogin { login, account, suppression })
    }

    /// Whose an account elsewhere is, and a person, in one strongly consistent read.
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn login_owner_and_user(
        &self,
        provider: LoginProvider,
        subject: &LoginSubject,
        user: UserId,
    ) -> Result<(Option<LoginOwner>, Option<User>), Fault> {
        self.get_together((LoginOwner::key(provider, subject), User::key(user))).await
    }

    /// The ways into an account, in one strongly consistent read; `None` when there is no such account.
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn ways_in(&self, user: UserId) -> Result<Option<WaysIn>, Fault> {
        let logins = LoginProvider::ALL.map(|provider| Login::key(user, provider)).to_vec();
        let (user, password, mut logins) = self.get_together((User::key(user), Password::key(user), logins)).await?;
        logins.sort_by_key(|login| login.provider);
        Ok(user.map(|user| WaysIn { user, has_password: password.is_some(), logins }))
    }
}

impl Table {
    /// A person's accounts elsewhere, in the order of the providers.
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn logins_of(&self, user: UserId) -> Result<Vec<Login>, Fault> {
        let keys = LoginProvider::ALL.map(|provider| Login::key(user, provider));
        let mut logins = self.get_each(keys).await?;
        logins.sort_by_key(|login| login.provider);
        Ok(logins)
    }
}

impl<'t> Transaction<'t> {
    /// Makes an account elsewhere a person's, if it is nobody's yet and they have none of that
    /// provider. Whoever calls this checks or creates the person in the same transaction.
    #[must_use]
    pub fn link_login<T: Into<Failure>, L: Into<Failure>>(
        self,
        login: &Login,
        taken: impl Fn() -> T + Send + Sync + 't,
        linked_already: impl Fn() -> L + Send + Sync + 't,
    ) -> Self {
        self.create(&login.owner()).or_else(move |_| taken()).create(login).or_else(move |_| linked_already())
    }

    /// Takes an account elsewhere off a person, if it is still theirs.
    #[must_use]
    pub fn unlink_login<F: Into<Failure>>(
        self,
        login: &Login,
        gone: impl Fn() -> F + Send + Sync + Clone + 't,
    ) -> Self {
        let same = Condition::Is("subject", login.subject.as_str().into());
        let theirs = Condition::Is("user_id", login.user_id.to_string().into());
        let again = gone.clone();
        self.delete(&login.to_key(), same)
            .or_else(move |_| gone())
            .delete(&login.owner().to_key(), theirs)
            .or_else(move |_| again())
    }
}

/// The condition that a person is as they were when it was found out who they are.
#[must_use]
pub fn is_unchanged(user: &User) -> Condition {
    Condition::All(vec![
        Condition::Is("epoch", user.epoch.into()),
        Condition::Is("state", AccountState::Active.as_str().into()),
    ])
}
