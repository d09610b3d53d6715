//! Uploaded pictures.
//!
//! | key | value |
//! |---|---|
//! | pk | `MEDIA#{media}` |
//! | sk | `MEDIA` |
//! | ttl | a day after the grant, while nothing was uploaded |

use domain::{
    Timestamp,
    ids::{MediaId, UserId},
    media::{MediaPurpose, MediaState, PictureType, Refusal},
    timestamp::Seconds,
};
use serde::{Deserialize, Serialize};

use super::{
    Entity, Key, Kind, Table,
    expression::{Change, Condition, Value},
    keys,
    table::Updated,
};
use crate::fault::{Fault, FaultKind};

/// For how long a grant that nothing came of is kept, to say so to its owner.
const GRANT_KEPT_FOR: Seconds = Seconds::days(1);

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

impl Table {
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
