//! Removed pictures: the row goes, the bytes come back, and which objects there were is written down
//! until they are gone for certain.
//!
//! | key | value |
//! |---|---|
//! | pk | `MEDIA#{media}`, as the picture's own |
//! | sk | `REMOVAL` |
//! | due | `DUE#REMOVALS#{shard}` · `{due_at}#{media}` |

use domain::{
    Timestamp,
    ids::MediaId,
    media::{MediaPurpose, UPLOAD_ARRIVAL_TIME},
    timestamp::Seconds,
};
use serde::{Deserialize, Serialize};

use super::{
    Entity, Key, Kind, Table,
    expression::Condition,
    keys::{self, DueWork, IndexKey},
    media::{Media, Race, written},
};
use crate::fault::Fault;

/// After how long the objects of a removed picture are removed once more. A function that was
/// looking at the upload when it was removed has ended by then, its repetitions too.
const REMOVED_AGAIN_AFTER: Seconds = UPLOAD_ARRIVAL_TIME;

/// That the objects of a removed picture are to be removed. Says nothing of whose it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MediaRemoval {
    /// The picture that was.
    pub id: MediaId,
    /// What it was for: says which objects there are.
    pub purpose: MediaPurpose,
    /// When the sweep removes them, once more or at last.
    pub due_at: Timestamp,
}

impl Entity for MediaRemoval {
    const KIND: Kind = Kind::MediaRemoval;

    fn key(&self) -> Key {
        keys::media_removal(self.id)
    }

    fn index_keys(&self) -> Vec<IndexKey> {
        vec![keys::due(DueWork::Removals, &self.id.to_string(), self.due_at)]
    }
}

/// Whether pictures that are shown somewhere are removed too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InUse {
    /// They are kept: their owner asks.
    Keep,
    /// They are removed: their owner is being erased, and so is what shows them.
    Remove,
}

/// Whether a picture could be removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Removing {
    /// It was; its objects are to be removed.
    Done,
    /// Something shows it.
    InUse,
    /// There is no such picture any more.
    Gone,
    /// It has come further since it was read: read it again.
    Changed,
}

impl Table {
    /// Removes a picture as it was read, gives its bytes back, and notes that its objects are to be
    /// removed: see [`crate::uploads::Uploads::erase`].
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn remove_media(&self, media: &Media, in_use: InUse, now: Timestamp) -> Result<Removing, Fault> {
        let removal = MediaRemoval { id: media.id, purpose: media.purpose, due_at: now.plus(REMOVED_AGAIN_AFTER) };
        let state = media.state;
        let removed = self.write_with_quota(media, 0, |transaction, race| {
            // As it was read, or what it gives back would be wrong.
            let mut as_read = vec![Condition::Is("state", written(state).into())];
            if in_use == InUse::Keep {
                as_read.push(Condition::Any(vec![Condition::Lacks("uses"), Condition::AtMost("uses", 0_i64.into())]));
            }
            transaction
                .delete(&keys::media(media.id), Condition::All(as_read))
                .or_else(move |now| {
                    race.lost(match now {
                        None => Race::Gone,
                        Some(now) if now.text("state") == Some(written(state)) => Race::InUse,
                        Some(_) => Race::Changed,
                    })
                })
                .create(&removal)
        });
        Ok(match removed.await? {
            None => Removing::Done,
            Some(Race::InUse) => Removing::InUse,
            Some(Race::Gone) => Removing::Gone,
            Some(Race::Changed | Race::NoQuota) => Removing::Changed,
        })
    }

    /// The removed pictures whose objects are to be removed by now, at most `limit` from each shard.
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn due_removals(&self, now: Timestamp, limit: u32) -> Result<Vec<MediaId>, Fault> {
        self.due(Kind::MediaRemoval, DueWork::Removals, now, limit).await
    }

    /// That the objects of a picture are to be removed, if they still are.
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn get_media_removal(&self, id: MediaId) -> Result<Option<MediaRemoval>, Fault> {
        self.get(keys::media_removal(id)).await
    }

    /// The objects of a removed picture are gone.
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn finish_removal(&self, id: MediaId) -> Result<(), Fault> {
        self.delete(&keys::media_removal(id), Condition::Present).await.map(|_| ())
    }
}
