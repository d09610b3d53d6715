//! The devices on which a person is signed in.
//!
//! | key | value | why |
//! |---|---|---|
//! | pk | `USER#{user}` | the list of a person's devices is one read, and strongly consistent |
//! | sk | `SESSION#{session}` | |
//! | ttl | when it ends; where its owner removed it, when its device cookie ends | |
//!
//! A session is also of an epoch: when the person's epoch rises (another password, a ban), every
//! session of an earlier one is over, without being touched.
//!
//! A device that its owner removed from another one keeps its row, emptied: its cookie would else make it
//! a known one again, whose owner is not told when it signs in. To everybody but whoever signs in there,
//! such a row is not there ([`Session::is_there`]).

use std::cmp::Reverse;

use domain::{
    Timestamp,
    auth::{AuthError, DEVICE_KNOWN_FOR, REFRESH_GRACE, SESSION_IDLE, SESSION_LIFETIME},
    ids::{SessionId, UserId},
};
use serde::{Deserialize, Serialize};

use super::{
    Entity, Item, Key, Kind, Page, Query, Table, Transaction,
    expression::{Change, Condition, Value},
    table::{Updated, read_each},
    users::User,
};
use crate::{
    fault::Fault,
    ground::{refusal::RequestError, signed_in::SignedIn},
    tokens::refresh::RefreshToken,
};

/// How many pages of a person's sessions are read at most, of a megabyte each: some ten thousand sessions.
/// Who has more than that (signing in from one address is limited to 500 a day) finds those that began last.
const PAGES_MAX: u8 = 10;

/// How many sessions are told at most, those that were used last.
const TOLD_MAX: usize = 100;

/// How many spent tokens are kept at most, so that a client that does nothing but refresh does not
/// make its session large.
const SPENT_MAX: usize = 8;

/// A refresh token that was used a moment ago.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SpentToken {
    /// The hash of the part of it that changes.
    pub secret_hash: String,
    /// The token after it, sealed under it.
    pub successor: String,
    /// When it was used.
    pub at: Timestamp,
}

/// A device on which a person is signed in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// Its id; the device keeps it from sign-in to sign-in.
    pub id: SessionId,
    /// Who is signed in.
    pub user_id: UserId,
    /// The hash of the part of its refresh tokens that stays.
    pub family_hash: String,
    /// The hash of the part of the present refresh token that changes.
    pub secret_hash: String,
    /// The tokens before it that were used within the grace, oldest first.
    #[serde(default)]
    pub spent: Vec<SpentToken>,
    /// When the present token was made.
    pub rotated_at: Timestamp,
    /// The person's epoch when it began.
    pub epoch: u32,
    /// What the device says that it is, such as "Chrome on Android".
    pub device: String,
    /// When it began.
    pub created_at: Timestamp,
    /// When it ends, unless it is used before that.
    pub idle_at: Timestamp,
    /// When it ends in any case.
    pub ends_at: Timestamp,
    /// When the person removed it from another device. Nothing is left of it then but that.
    #[serde(default)]
    pub removed_at: Option<Timestamp>,
}

impl Kind {
    /// See [`Session`].
    pub const SESSION: Self = Self::new("session", "USER#*", "SESSION#{session}");
}

impl Session {
    /// Its key.
    #[must_use]
    pub fn key(user: UserId, id: SessionId) -> Key<Self> {
        Key::new(Kind::SESSION, user, id)
    }
}

impl Entity for Session {
    const KIND: Kind = Kind::SESSION;

    fn to_key(&self) -> Key<Self> {
        Session::key(self.user_id, self.id)
    }

    fn sweep_at(&self) -> Option<Timestamp> {
        Some(self.removed_at.map_or(self.ends_at, forgotten_at))
    }
}

/// When nobody can know a device any more that was removed at this moment: its cookie is older.
const fn forgotten_at(removed_at: Timestamp) -> Timestamp {
    removed_at.plus(DEVICE_KNOWN_FOR)
}

impl Session {
    /// A session that begins now, with its first refresh token.
    ///
    /// # Errors
    /// When there is no randomness.
    pub fn begin(user: &User, id: SessionId, device: String, now: Timestamp) -> Result<(Self, RefreshToken), Fault> {
        let token = RefreshToken::first(user.id, id)?;
        let session = Self {
            id,
            user_id: user.id,
            family_hash: token.family_hash(),
            secret_hash: token.secret_hash(),
            spent: Vec::new(),
            rotated_at: now,
            epoch: user.epoch,
            device,
            created_at: now,
            idle_at: now.plus(SESSION_IDLE),
            ends_at: now.plus(SESSION_LIFETIME),
            removed_at: None,
        };
        Ok((session, token))
    }

    /// Whether it is neither removed, nor over, nor ended by the person's epoch.
    #[must_use]
    pub fn holds(&self, user: &User, now: Timestamp) -> bool {
        self.removed_at.is_none() && self.epoch == user.epoch && now < self.idle_at && now < self.ends_at
    }

    /// The condition that there is this session, and that it was not removed.
    #[must_use]
    pub fn is_there() -> Condition {
        Condition::All(vec![Condition::Present, Self::not_removed()])
    }

    const fn not_removed() -> Condition {
        Condition::Lacks("removed_at")
    }

    /// The present token, to whoever shows it or one that was used within the grace: the answer may
    /// have been lost, or another tab may have been first. `None` for a token that was used before
    /// that, and for a guess.
    #[must_use]
    pub fn present_token(&self, shown: &RefreshToken, now: Timestamp) -> Option<RefreshToken> {
        let mut token = shown.clone();
        // Each spent token opens the next one, and they are in order.
        for spent in self.spent.iter().filter(|spent| now < spent.at.plus(REFRESH_GRACE)) {
            if token.is_secret(&spent.secret_hash) {
                token = token.open_successor(&spent.successor)?;
            }
        }
        token.is_secret(&self.secret_hash).then_some(token)
    }
}

impl Table {
    /// A person and one of their sessions, in one read.
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn get_user_and_session(
        &self,
        user: UserId,
        session: SessionId,
    ) -> Result<Option<(User, Session)>, Fault> {
        let (user, session) = self.get_together((User::key(user), Session::key(user, session))).await?;
        Ok(user.zip(session))
    }

    /// Puts the next token in place of the present one of this session: done for exactly one of many
    /// who try at once.
    ///
    /// # Errors
    /// When the table does not answer, or sealing fails.
    pub async fn rotate_session(
        &self,
        session: &Session,
        present: &RefreshToken,
        next: &RefreshToken,
        now: Timestamp,
    ) -> Result<Rotated, Fault> {
        let just_spent =
            SpentToken { secret_hash: present.secret_hash(), successor: present.seal_successor(next)?, at: now };
        let in_grace = session.spent.iter().filter(|spent| now < spent.at.plus(REFRESH_GRACE));
        let skipped = in_grace.clone().count().saturating_add(1).saturating_sub(SPENT_MAX);
        let spent: Vec<&SpentToken> = in_grace.skip(skipped).chain([&just_spent]).collect();
        let changes = vec![
            Change::Set("secret_hash", next.secret_hash().into()),
            Change::Set("spent", Value::written(&spent)?),
            Change::Set("rotated_at", now.into()),
            Change::Set("idle_at", now.plus(SESSION_IDLE).into()),
        ];
        // The list of spent tokens changes with the present one and never without.
        let is_present = Condition::All(vec![
            Condition::Is("family_hash", present.family_hash().into()),
            Condition::Is("secret_hash", present.secret_hash().into()),
        ]);
        match self.update(&session.to_key(), changes, is_present).await? {
            Updated::Done(_) => Ok(Rotated::Done),
            Updated::ConditionFailed(None) => Ok(Rotated::Gone),
            Updated::ConditionFailed(Some(item)) => Ok(Rotated::Before(Box::new(item.read()?))),
        }
    }

    /// Ends a session that meets the condition; whether there was one.
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn end_session(&self, user: UserId, session: SessionId, condition: Condition) -> Result<bool, Fault> {
        self.delete(&Session::key(user, session), condition).await
    }

    /// The sessions of a person, those that are over among them, to the end of the list ([`PAGES_MAX`]): a
    /// device that has been signed in for weeks stands behind all that began and ended since. Strongly
    /// consistent, so that a device that was signed out is not shown a moment later.
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn sessions_of(&self, user: UserId) -> Result<Sessions, Fault> {
        let (mut sessions, mut after) = (Vec::new(), None);
        for _ in 0..PAGES_MAX {
            let query = Query::all_of(Kind::SESSION, user);
            let Page { items, last_key } = self.query_consistently(query.newest_first().after(after)).await?;
            sessions.extend(read_each(items, Item::read::<Session>));
            after = last_key;
            if after.is_none() {
                break;
            }
        }
        Ok(Sessions(sessions))
    }
}

impl Transaction<'_> {
    /// Changes the caller's account and ends every session of theirs but the one that they call from,
    /// which goes on in the new epoch. Refuses when that session was ended since the token was made.
    ///
    /// The caller's access token is of the old epoch and ends too: their refresh token gets the next.
    /// `changes` is what else changes in the account, since a transaction writes an item only once.
    #[must_use]
    pub fn raise_epoch_keeping(self, caller: &SignedIn, mut changes: Vec<Change>) -> Self {
        let next = caller.epoch.saturating_add(1);
        changes.push(Change::Set("epoch", next.into()));
        let ended = |_| RequestError::SignInNeeded;
        self.update(&User::key(caller.user_id), changes, User::is_still(caller))
            .or_else(ended)
            .update(
                &Session::key(caller.user_id, caller.session_id),
                vec![Change::Set("epoch", next.into())],
                Condition::All(vec![Condition::Is("epoch", caller.epoch.into()), Session::not_removed()]),
            )
            .or_else(ended)
    }

    /// Begins a session. A device has one of a person: the new one takes the place of the old, unless that
    /// is newer, or the person has removed the device since it was looked at.
    #[must_use]
    pub fn begin_session(self, session: &Session) -> Self {
        let is_older = Condition::AtMost("created_at", session.created_at.into());
        let takes_place = Condition::Any(vec![Condition::Absent, is_older]);
        self.put(session, Condition::All(vec![takes_place, Session::not_removed()]))
            .or_else(|_| AuthError::SessionEnded)
    }

    /// Signs a device out for good, of which nothing is kept but that it is a stranger from now on: no token
    /// has an empty hash, so none of its own rotates or ends what is left of it.
    ///
    /// # Errors
    /// When that cannot be written.
    pub fn remove_device(self, user: UserId, session: SessionId, now: Timestamp) -> Result<Self, Fault> {
        let changes = vec![
            Change::Set("removed_at", now.into()),
            Change::Set("ttl", forgotten_at(now).seconds().into()),
            Change::Set("device", "".into()),
            Change::Set("family_hash", "".into()),
            Change::Set("secret_hash", "".into()),
            Change::Set("spent", Value::written::<[SpentToken; 0]>(&[])?),
        ];
        let removed = self.update(&Session::key(user, session), changes, Session::is_there());
        Ok(removed.or_else(|_| AuthError::SessionNotFound))
    }
}

/// All sessions of a person, as the table has them.
#[derive(Debug)]
pub struct Sessions(Vec<Session>);

impl Sessions {
    /// Those by which the person is signed in, the one that was used last first, at most [`TOLD_MAX`].
    #[must_use]
    pub fn that_hold(self, user: &User, now: Timestamp) -> Vec<Session> {
        let mut held = self.0;
        held.retain(|session| session.holds(user, now));
        held.sort_by_key(|session| Reverse((session.rotated_at, session.id)));
        held.truncate(TOLD_MAX);
        held
    }
}

/// What became of an attempt to rotate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rotated {
    /// The next token is in place.
    Done,
    /// Another token is the present one; this is the session.
    Before(Box<Session>),
    /// There is no such session any more.
    Gone,
}
