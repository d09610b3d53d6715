//! Uploaded pictures.
//!
//! | key | value |
//! |---|---|
//! | pk | `MEDIA#{media}` |
//! | sk | `MEDIA` |
//! | gsi3 | `OWNER#{user}` · `{created_at}#{media}` |
//! | ttl | a day after the grant, while nothing was uploaded |

use domain::{
    Timestamp,
    ids::{MediaId, UserId},
    media::{MediaPurpose, MediaState, PictureType, Refusal},
    timestamp::Seconds,
};
use serde::{Deserialize, Serialize};

use super::{
    Entity, Item, Key, Kind, Table,
    expression::{Change, Condition, Value},
    item::Attributes,
    keys::{self, Index, IndexKey},
    table::{Query, Updated},
};
use crate::fault::{Fault, FaultKind};

/// For how long a grant that nothing came of is kept, to say so to its owner.
const GRANT_KEPT_FOR: Seconds = Seconds::days(1);

/// How many uploads one page of [`Table::media_of`] has: as many as one `BatchGetItem` reads.
pub const MEDIA_PAGE: u32 = 100;

/// Width and height of a picture, in pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct PictureSize {
    /// In pixels.
    pub width: u32,
    /// In pixels.
    pub height: u32,
}

/// An uploaded picture.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Media {
    /// Its id.
    pub id: MediaId,
    /// Whose it is.
    pub owner: UserId,
    /// What for.
    pub purpose: MediaPurpose,
    /// What the client said that it is.
    pub declared_type: PictureType,
    /// How many bytes the client said that it has.
    pub declared_bytes: u64,
    /// How far it has come.
    pub state: MediaState,
    /// Why it was refused.
    pub refusal: Option<Refusal>,
    /// The pictures that were made of it, the smallest first.
    pub pictures: Vec<PictureSize>,
    /// When the upload was granted.
    pub created_at: Timestamp,
    /// Until when the upload may begin.
    pub expires_at: Timestamp,
}

impl Entity for Media {
    const KIND: Kind = Kind::Media;

    fn key(&self) -> Key {
        keys::media(self.id)
    }

    fn index_keys(&self) -> Vec<IndexKey> {
        let sk = keys::newest(self.created_at, &self.id.to_string());
        vec![IndexKey { index: Index::Gsi3, pk: keys::of_owner(self.owner), sk }]
    }

    fn sweep_at(&self) -> Option<Timestamp> {
        (self.state == MediaState::Waiting).then(|| self.created_at.plus(GRANT_KEPT_FOR))
    }
}

/// What became of an upload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MediaOutcome {
    /// These pictures were made.
    Ready(Vec<PictureSize>),
    /// It was refused.
    Refused(Refusal),
}

impl Media {
    /// The condition that a picture is this person's and can be shown.
    #[must_use]
    pub fn is_usable_by(owner: UserId) -> Condition {
        Condition::All(vec![Condition::Is("owner", owner.to_string().into()), Condition::Is("state", "ready".into())])
    }
}

/// A part of what a person has uploaded.
#[derive(Debug, Clone)]
pub struct MediaPage {
    /// The ids, the oldest first.
    pub ids: Vec<MediaId>,
    /// Where the next page begins; `None` at the end.
    pub last_key: Option<Attributes>,
}

impl Table {
    /// A page of the uploads of a person, in whatever state: at most [`MEDIA_PAGE`]. Read from an
    /// index, so an upload that was granted a moment ago may be missing, and one that was removed a
    /// moment ago may still be there.
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn media_of(&self, owner: UserId, after: Option<Attributes>) -> Result<MediaPage, Fault> {
        let query = Query::index(Kind::Media, Index::Gsi3, keys::of_owner(owner)).limit(MEDIA_PAGE).after(after);
        let page = self.query(query).await?;
        let ids = page
            .items
            .iter()
            // The partition is the owner's, not ours alone.
            .filter(|item| item.is(Kind::Media))
            .filter_map(|item| item.text(Index::Gsi3.sk()).and_then(|sk| sk.split_once('#')))
            .filter_map(|(_, id)| id.parse().ok())
            .collect();
        Ok(MediaPage { ids, last_key: page.last_key })
    }

    /// These uploads, strongly consistent; absent ones are left out. At most [`MEDIA_PAGE`], each once.
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn get_all_media(&self, ids: &[MediaId]) -> Result<Vec<Media>, Fault> {
        let keys: Vec<Key> = ids.iter().map(|id| keys::media(*id)).collect();
        self.get_many(&keys).await?.into_iter().map(Item::read).collect()
    }

    /// The upload.
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn get_media(&self, id: MediaId) -> Result<Option<Media>, Fault> {
        self.get(keys::media(id)).await
    }

    /// Notes what became of an upload that is waiting. Does nothing when that is known already: the
    /// event of an upload comes at least once, not once.
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn settle_media(&self, id: MediaId, outcome: &MediaOutcome) -> Result<(), Fault> {
        let mut changes = match outcome {
            MediaOutcome::Ready(pictures) => {
                let pictures = serde_dynamo::to_attribute_value(pictures)
                    .map_err(|error| Fault::new(FaultKind::Corrupt, "write the pictures").with_source(error))?;
                vec![Change::Set("state", "ready".into()), Change::Set("pictures", Value::Any(pictures))]
            }
            MediaOutcome::Refused(refusal) => {
                vec![Change::Set("state", "refused".into()), Change::Set("refusal", refusal.code().into())]
            }
        };
        changes.push(Change::Remove("ttl"));
        let waiting = Condition::Is("state", "waiting".into());
        match self.update(&keys::media(id), changes, waiting).await? {
            Updated::Done(_) | Updated::ConditionFailed(_) => Ok(()),
        }
    }
}
