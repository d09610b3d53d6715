//! A person who is signed in.

use domain::{
    Timestamp,
    auth::Role,
    ids::{SessionId, UserId},
};

/// A person who is signed in. No other crate can make one.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SignedIn {
    /// Who it is.
    pub user_id: UserId,
    /// What they may be.
    pub roles: Vec<Role>,
    /// On which device.
    pub session_id: SessionId,
    /// The epoch of their sessions when the token was made. A write that matters checks that it is
    /// still so: see `store::users::User::is_still`.
    pub epoch: u32,
    /// When the token was made.
    pub issued_at: Timestamp,
}
