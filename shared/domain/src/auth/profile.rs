//! What a person sees of themselves.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Role;
use crate::{
    Language, Timestamp,
    ids::UserId,
    text::{Email, Nickname},
    users::{Location, Score},
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
    /// The address of their picture on the site; that of a default one when they have none.
    #[serde(default = "no_picture")]
    pub picture: String,
    /// Whether signing in asks for a second factor.
    #[serde(default)]
    pub second_factor: bool,
    /// Whether mails reach them: false when their address bounced, or when they called a mail of ours
    /// spam. Then nothing is sent there any more.
    #[serde(default = "mails_arrive")]
    pub email_deliverable: bool,
    /// Where they are, if they said so. Others see only the area.
    #[serde(default)]
    pub location: Option<Location>,
    /// What others think of them; null while nobody has said so.
    #[serde(default)]
    pub score: Option<Score>,
}

/// For answers that were remembered before there were pictures.
fn no_picture() -> String {
    crate::users::picture_url(None)
}

/// For answers that were remembered before anybody asked.
const fn mails_arrive() -> bool {
    true
}
