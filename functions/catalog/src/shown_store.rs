//! Stores as the API shows them.

use domain::{
    Timestamp,
    ids::StoreId,
    text::{StoreName, StoreStory},
    users::PublicProfile,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use shared::store::{stores::Store, users::User};

/// A store, as anybody sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ShownStore {
    /// Its id.
    pub id: StoreId,
    /// What it is called.
    pub name: StoreName,
    /// What it tells of itself; null when it does not.
    pub story: Option<StoreStory>,
    /// Since when it is there.
    pub created_at: Timestamp,
    /// Who answers for it.
    pub owner: PublicProfile,
}

impl ShownStore {
    pub(crate) fn new(store: Store, owner: User) -> Self {
        Self { id: store.id, name: store.name, story: store.story, created_at: store.created_at, owner: owner.into() }
    }
}
