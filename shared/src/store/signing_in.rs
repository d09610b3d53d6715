//! What is looked at when somebody signs in: who it is, the proof that they bring, and whether the device
//! that they do it on is one of theirs, in one strongly consistent read.

use domain::ids::{SessionId, UserId};

use super::{
    Entity, Key, Table,
    logins::KnownDevice,
    sessions::Session,
    totp::Totp,
    users::{Password, User},
};
use crate::fault::Fault;

/// A device on which a person has signed in before, and that they have not removed since. There is none
/// but by looking: what the device says of itself is a [`KnownDevice`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OwnDevice(SessionId);

impl OwnDevice {
    /// Its session.
    #[must_use]
    pub const fn session(self) -> SessionId {
        self.0
    }
}

/// Somebody who is about to sign in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SigningIn<P> {
    /// The person.
    pub user: User,
    /// The device, where it is one of theirs.
    pub device: Option<OwnDevice>,
    /// What proves that it is them; people who sign in with a provider may have no password.
    pub proof: P,
}

impl Table {
    /// A person whose login at a provider, or whose address, says who they are.
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn signing_in(&self, id: UserId, shown: Option<KnownDevice>) -> Result<Option<SigningIn<()>>, Fault> {
        let found = self.who_signs_in(id, shown, None::<Key<Password>>).await?;
        Ok(found.map(|SigningIn { user, device, .. }| SigningIn { user, device, proof: () }))
    }

    /// A person and the hash of their password.
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn signing_in_by_password(
        &self,
        id: UserId,
        shown: Option<KnownDevice>,
    ) -> Result<Option<SigningIn<Option<Password>>>, Fault> {
        self.who_signs_in(id, shown, Some(Password::key(id))).await
    }

    /// A person and their second factor.
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn signing_in_by_totp(
        &self,
        id: UserId,
        shown: Option<KnownDevice>,
    ) -> Result<Option<SigningIn<Option<Totp>>>, Fault> {
        self.who_signs_in(id, shown, Some(Totp::key(id))).await
    }

    /// The row of the device is read with the rest: only a device of this very person costs more.
    async fn who_signs_in<P: Entity>(
        &self,
        id: UserId,
        shown: Option<KnownDevice>,
        proof: Option<Key<P>>,
    ) -> Result<Option<SigningIn<Option<P>>>, Fault> {
        let shown = shown.filter(|device| device.user == id);
        let row = shown.map(|device| Session::key(id, device.session));
        let (user, proof, session) = self.get_together((User::key(id), proof, row)).await?;
        let Some(user) = user else { return Ok(None) };
        // Whoever signed out, or has set a forgotten password, is known without a row.
        let was_removed = session.is_some_and(|session| session.removed_at.is_some());
        let device = shown.filter(|device| device.is_of(&user) && !was_removed);
        Ok(Some(SigningIn { user, device: device.map(|device| OwnDevice(device.session)), proof }))
    }
}
