//! People.
//!
//! | entity | pk | sk | why |
//! |---|---|---|---|
//! | User | `USER#{user}` | `PROFILE` | |
//! | Password | `USER#{user}` | `PASSWORD` | its own item, so that a profile never carries a hash |
//! | EmailOwner | `EMAIL#{email}` | `OWNER` | which user, and is it taken; strongly consistent |
//! | NicknameOwner | `NICKNAME#{folded}` | `OWNER` | is it taken |

use domain::{
    Language, Timestamp,
    auth::{AccountState, Profile, Role},
    ids::{AddressId, MediaId, UserId},
    text::{Email, Nickname},
    users::{Location, Month, PublicProfile, picture_url},
};
use serde::{Deserialize, Serialize};

use super::{
    Entity, Index, Item, Key, Kind, Place, Table, Transaction,
    due::DueWork,
    expression::{Change, Condition, Value},
    table::Updated,
};
use crate::{
    fault::{Failure, Fault, FaultKind},
    ground::{refusal::RequestError, signed_in::SignedIn},
};

/// A person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    /// Their id.
    pub id: UserId,
    /// Their address, proved by a code.
    pub email: Email,
    /// What others see of them.
    pub nickname: Nickname,
    /// What they may be.
    pub roles: Vec<Role>,
    /// The language for mails to them.
    pub language: Language,
    /// When they signed up.
    pub created_at: Timestamp,
    /// Rises with everything that ends their sessions at once: a changed password, a ban, another
    /// role. A token of an earlier epoch is none.
    #[serde(default)]
    pub epoch: u32,
    /// What state the account is in.
    #[serde(default)]
    pub state: AccountState,
    /// Whether signing in asks for a second factor.
    #[serde(default)]
    pub second_factor: bool,
    /// The picture beside their name.
    #[serde(default)]
    pub picture: Option<MediaId>,
    /// Where they are.
    #[serde(default)]
    pub location: Option<Location>,
    /// How many addresses they keep: see [`super::addresses`].
    #[serde(default)]
    pub address_count: u32,
    /// How many stores they have opened, besides their stall.
    #[serde(default)]
    pub store_count: u32,
    /// Which of them goods go to unless they say otherwise.
    #[serde(default)]
    pub default_address: Option<AddressId>,
    /// When the account is erased, once its owner asked to withdraw: see [`super::withdrawals`].
    #[serde(default)]
    pub erase_at: Option<Timestamp>,
    /// Whether nothing is ever sent to their address again (`store::suppressions`).
    #[serde(default)]
    pub email_undeliverable: bool,
}

impl User {
    /// A new person, as signing up makes them.
    #[must_use]
    pub fn new(id: UserId, email: Email, nickname: Nickname, language: Language, now: Timestamp) -> Self {
        Self {
            id,
            email,
            nickname,
            roles: vec![Role::Customer],
            language,
            created_at: now,
            epoch: 0,
            state: AccountState::Active,
            second_factor: false,
            picture: None,
            location: None,
            address_count: 0,
            store_count: 0,
            default_address: None,
            erase_at: None,
            email_undeliverable: false,
        }
    }

    /// The condition that the account is in use and that no later epoch has ended the caller's
    /// session: what every write that matters checks on the way.
    #[must_use]
    pub fn is_still(caller: &SignedIn) -> Condition {
        Self::is_in_use_since(caller.epoch)
    }

    /// The condition that the account is in use and that no later epoch than this has begun.
    #[must_use]
    pub fn is_in_use_since(epoch: u32) -> Condition {
        Condition::All(vec![
            Condition::Is("epoch", epoch.into()),
            Condition::Is("state", AccountState::Active.as_str().into()),
        ])
    }

    /// What it means when a write that was to find the person as the caller knows them did not: their
    /// session has ended, or else somebody wrote at the same moment and trying again helps.
    #[must_use]
    pub fn changed_for(caller: &SignedIn, person: Option<Item>) -> Failure {
        match person.map(Item::read::<Self>).transpose() {
            Ok(Some(user)) if user.knows(caller) => Fault::new(FaultKind::Contention, "change a person").into(),
            Ok(_) => RequestError::SignInNeeded.into(),
            Err(fault) => fault.into(),
        }
    }

    /// Whether the account is in use and the caller's session is of the present epoch.
    #[must_use]
    pub fn knows(&self, caller: &SignedIn) -> bool {
        self.state == AccountState::Active && self.epoch == caller.epoch
    }
}

/// The hash of a person's password.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Password {
    /// Whose.
    pub user_id: UserId,
    /// The hash in PHC form, with its parameters.
    pub hash: String,
    /// When it was set.
    pub set_at: Timestamp,
}

/// Whose an address is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EmailOwner {
    /// The address.
    pub email: Email,
    /// Whose it is.
    pub user_id: UserId,
}

/// Whose a nickname is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NicknameOwner {
    /// The nickname, folded.
    pub folded: String,
    /// Whose it is.
    pub user_id: UserId,
}

/// While the schedule is to look at an account: see [`super::withdrawals`].
const DUE: Place = Place::new(Index::Due, "DUE#ACCOUNTS#*", "{due_at}#{user}");

/// Accounts that are about to be erased, or were saved from it.
pub(super) const DUE_ACCOUNTS: DueWork<User> = DueWork::new(DUE, "");

impl Kind {
    /// See [`User`].
    pub const USER: Self = Self::new("user", "USER#*", "PROFILE").in_indexes(&[DUE]);
}

impl User {
    /// Its key.
    #[must_use]
    pub fn key(id: UserId) -> Key<Self> {
        Key::new(Kind::USER, id, "")
    }
}

impl Entity for User {
    const KIND: Kind = Kind::USER;

    fn to_key(&self) -> Key<Self> {
        User::key(self.id)
    }
}

impl From<User> for Profile {
    fn from(user: User) -> Self {
        Self {
            id: user.id,
            email: user.email,
            nickname: user.nickname,
            roles: user.roles,
            language: user.language,
            created_at: user.created_at,
            picture: picture_url(user.picture),
            second_factor: user.second_factor,
            email_deliverable: !user.email_undeliverable,
            location: user.location,
            score: None,
        }
    }
}

impl From<User> for PublicProfile {
    fn from(user: User) -> Self {
        Self {
            id: user.id,
            nickname: user.nickname,
            picture: picture_url(user.picture),
            score: None,
            member_since: Month::of(user.created_at),
            area: user.location.map(|location| location.area),
        }
    }
}

impl Kind {
    /// See [`Password`].
    pub const PASSWORD: Self = Self::new("password", "USER#*", "PASSWORD");
}

impl Password {
    /// Its key.
    #[must_use]
    pub fn key(user: UserId) -> Key<Self> {
        Key::new(Kind::PASSWORD, user, "")
    }
}

impl Entity for Password {
    const KIND: Kind = Kind::PASSWORD;

    fn to_key(&self) -> Key<Self> {
        Password::key(self.user_id)
    }
}

impl Kind {
    /// See [`EmailOwner`].
    pub const EMAIL_OWNER: Self = Self::new("email_owner", "EMAIL#*", "OWNER");
}

impl EmailOwner {
    /// Its key.
    #[must_use]
    pub fn key(email: &Email) -> Key<Self> {
        Key::new(Kind::EMAIL_OWNER, email.as_str(), "")
    }
}

impl Entity for EmailOwner {
    const KIND: Kind = Kind::EMAIL_OWNER;

    fn to_key(&self) -> Key<Self> {
        EmailOwner::key(&self.email)
    }
}

impl Kind {
    /// See [`NicknameOwner`].
    pub const NICKNAME_OWNER: Self = Self::new("nickname_owner", "NICKNAME#*", "OWNER");
}

impl NicknameOwner {
    /// Its key.
    #[must_use]
    pub fn key(folded: &str) -> Key<Self> {
        Key::new(Kind::NICKNAME_OWNER, folded, "")
    }
}

impl Entity for NicknameOwner {
    const KIND: Kind = Kind::NICKNAME_OWNER;

    fn to_key(&self) -> Key<Self> {
        NicknameOwner::key(&self.folded)
    }
}

/// A person is the owner of every form of their nickname, so that nobody else is called what looks the
/// same. All but a few nicknames have one.
#[must_use]
pub fn owners(nickname: &Nickname, user_id: UserId) -> Vec<NicknameOwner> {
    domain::text::forms(nickname.as_str()).into_iter().map(|folded| NicknameOwner { folded, user_id }).collect()
}

impl Table {
    /// The person.
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn get_user(&self, id: UserId) -> Result<Option<User>, Fault> {
        self.get(User::key(id)).await
    }

    /// The person who calls, as they are now, unless their session was ended since their token was
    /// made: then the answer is to sign in.
    ///
    /// # Errors
    /// When the table does not answer, or the session has ended.
    pub async fn get_caller(&self, caller: &SignedIn) -> Result<User, Failure> {
        let user = self.get_user(caller.user_id).await?.filter(|user| user.knows(caller));
        user.ok_or_else(|| RequestError::SignInNeeded.into())
    }

    /// Notes where the caller is, or that nobody shall know; gives the person as they are then.
    ///
    /// # Errors
    /// When the table does not answer, or the caller's session has ended.
    pub async fn set_location(&self, caller: &SignedIn, location: Option<&Location>) -> Result<User, Failure> {
        let change = match location {
            Some(location) => Change::Set("location", Value::written(location)?),
            None => Change::Remove("location"),
        };
        match self.update(&User::key(caller.user_id), vec![change], User::is_still(caller)).await? {
            Updated::Done(item) => Ok(item.read()?),
            Updated::ConditionFailed(item) => Err(User::changed_for(caller, item)),
        }
    }

    /// Whose an address is.
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn get_email_owner(&self, email: &Email) -> Result<Option<EmailOwner>, Fault> {
        self.get(EmailOwner::key(email)).await
    }

    /// Whether a nickname belongs to somebody.
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn is_nickname_taken(&self, nickname: &Nickname) -> Result<bool, Fault> {
        for form in domain::text::forms(nickname.as_str()) {
            if self.get(NicknameOwner::key(&form)).await?.is_some() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// As [`Table::get_caller`], with the hash of their password, in one read. Who signed up by a login of a
    /// provider may have none.
    ///
    /// # Errors
    /// When the table does not answer, or the session has ended.
    pub async fn get_caller_and_password(&self, caller: &SignedIn) -> Result<(User, Option<Password>), Failure> {
        let id = caller.user_id;
        let (user, password) = self.get_together((User::key(id), Password::key(id))).await?;
        let user = user.filter(|user| user.knows(caller)).ok_or(RequestError::SignInNeeded)?;
        Ok((user, password))
    }
}

/// Takes one form of a nickname, if nobody has it.
fn take<'t, F: Into<Failure>>(
    writes: Transaction<'t>,
    owner: &NicknameOwner,
    taken: impl Fn() -> F + Send + Sync + 't,
) -> Transaction<'t> {
    writes.create(owner).or_else(move |_| taken())
}

impl<'t> Transaction<'t> {
    /// Sets a password in place of the one that was read, or of none. Refuses when it is another by now.
    #[must_use]
    pub fn replace_password(self, next: &Password, read: Option<&Password>) -> Self {
        let unchanged = read.map_or(Condition::Absent, |read| Condition::Is("hash", read.hash.clone().into()));
        self.put(next, unchanged)
    }

    /// Sets a password in place of whatever was set before, if that was not set later.
    #[must_use]
    pub fn set_password(self, next: &Password) -> Self {
        let not_later = Condition::AtMost("set_at", next.set_at.into());
        self.put(next, Condition::Any(vec![Condition::Absent, not_later]))
    }

    /// Ends every session of a person at once, whatever their epoch is by now.
    #[must_use]
    pub fn end_all_sessions(self, user: UserId) -> Self {
        self.update(&User::key(user), vec![Change::Add("epoch", 1)], Condition::Present)
    }

    /// Ends every session of a person at once, if their epoch is still this one.
    #[must_use]
    pub fn raise_epoch(self, user: UserId, epoch: u32) -> Self {
        self.update(&User::key(user), vec![Change::Add("epoch", 1)], Condition::Is("epoch", epoch.into()))
    }

    /// Takes a nickname for a person, if nobody has it, and gives back the one that they have. The
    /// person themselves is changed by another write.
    #[must_use]
    pub fn move_nickname<F: Into<Failure>>(
        self,
        user: &User,
        to: &Nickname,
        taken: impl Fn() -> F + Copy + Send + Sync + 't,
    ) -> Self {
        let (before, after) = (owners(&user.nickname, user.id), owners(to, user.id));
        let kept = |owner: &&NicknameOwner| before.contains(owner) && after.contains(owner);
        let writes = after.iter().filter(|owner| !kept(owner)).fold(self, |writes, owner| take(writes, owner, taken));
        before.iter().filter(|owner| !kept(owner)).enumerate().fold(writes, |writes, (index, owner)| {
            let theirs = Condition::Is("user_id", user.id.to_string().into());
            // Only the first was taken in the days when a nickname had no other form.
            let condition = if index == 0 { theirs } else { Condition::Any(vec![Condition::Absent, theirs]) };
            writes.delete(&owner.to_key(), condition)
        })
    }

    /// Makes a person, if neither address nor nickname is taken.
    #[must_use]
    pub fn create_user<E: Into<Failure>, N: Into<Failure>>(
        self,
        user: &User,
        password: &Password,
        email_taken: impl Fn() -> E + Send + Sync + 't,
        nickname_taken: impl Fn() -> N + Copy + Send + Sync + 't,
    ) -> Self {
        self.create_user_without_password(user, email_taken, nickname_taken).create(password)
    }

    /// Makes a person who signs in by an account elsewhere, if neither address nor nickname is taken.
    #[must_use]
    pub fn create_user_without_password<E: Into<Failure>, N: Into<Failure>>(
        self,
        user: &User,
        email_taken: impl Fn() -> E + Send + Sync + 't,
        nickname_taken: impl Fn() -> N + Copy + Send + Sync + 't,
    ) -> Self {
        let writes =
            self.create(&EmailOwner { email: user.email.clone(), user_id: user.id }).or_else(move |_| email_taken());
        owners(&user.nickname, user.id)
            .iter()
            .fold(writes, |writes, owner| take(writes, owner, nickname_taken))
            .create(user)
    }
}
