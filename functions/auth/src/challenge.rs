//! What a person holds between the first and the second step of signing in: the word of this service
//! that the first went well. It is no token, opens nothing else, and is stored nowhere.

use domain::{
    Timestamp,
    auth::{CHALLENGE_LIFETIME, SessionIn},
    ids::UserId,
};
use serde::{Deserialize, Serialize};
use shared::{Fault, store::users::User};

use crate::AuthTools;

/// What a challenge is, so that no other text sealed by the same key is taken for one.
const BINDING: [&str; 1] = ["second-factor"];

/// The first step of signing in went well; the second is still to come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Challenge {
    /// The person who signs in, if the second step goes well too.
    pub(crate) user: UserId,
    /// The epoch of their sessions at the first step: another password since then ends it.
    pub(crate) epoch: u32,
    /// Where the refresh token goes.
    pub(crate) session_in: SessionIn,
    /// Whether they changed their mind about withdrawing.
    pub(crate) cancel_withdrawal: bool,
    expires_at: Timestamp,
}

impl Challenge {
    pub(crate) const fn new(user: &User, session_in: SessionIn, cancel_withdrawal: bool, now: Timestamp) -> Self {
        let expires_at = now.plus(CHALLENGE_LIFETIME);
        Self { user: user.id, epoch: user.epoch, session_in, cancel_withdrawal, expires_at }
    }

    pub(crate) fn seal(&self, tools: &AuthTools) -> Result<String, Fault> {
        tools.challenge_key()?.seal(&BINDING, self)
    }

    /// The challenge that a text is, when it is ours and has not run out.
    pub(crate) fn open(tools: &AuthTools, text: &str, now: Timestamp) -> Result<Option<Self>, Fault> {
        let challenge: Option<Self> = tools.challenge_key()?.open(&BINDING, text);
        Ok(challenge.filter(|challenge| now < challenge.expires_at))
    }
}
