//! What a person sees of themselves.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Role;
use crate::{
    Language, Timestamp,
    ids::UserId,
    text::{Email, Nickname},
};

/// What a person sees of themselves, and nobody else of them. Not the stored item: what is added
/// there shall not show by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Profile {
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
}
