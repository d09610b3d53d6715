//! Removed pictures, and uploads that were waited for in vain: the bytes come back, and which objects there
//! may be is written down until they are gone for certain. Of the former the row goes; of the latter it
//! stays, to say why, and may be removed by its owner while its objects are.
//!
//! | key | value |
//! |---|---|
//! | pk | `MEDIA#{media}`, as the picture's own |
//! | sk | `REMOVAL` |
//! | due | `DUE#REMOVALS#{shard}` · `{due_at}#{media}` |

use domain::{
    Timestamp,
    ids::MediaId,
    media::{MediaPurpose, Refusal, UPLOAD_ARRIVAL_TIME},
    timestamp::Seconds,
};
use serde::{Deserialize, Serialize};

use super::{
    Entity, Index, Key, Kind, Place, Table,
    due::DueWork,
    due_walk::DueWalk,
    expression::Condition,
    key::IndexKey,
    media::{Media, MediaOutcome, Race, Settling, written},
    transaction::Transaction,
};
use crate::fault::Fault;

/// After how long the objects of a removed picture are removed once more. A function that was
/// looking at the upload when it was removed has ended by then, its repetitions too.
const REMOVED_AGAIN_AFTER: Seconds = UPLOAD_ARRIVAL_TIME;

/// That the objects of an upload are to be removed. Says nothing of whose it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MediaRemoval {
    /// The upload.
    pub id: MediaId,
    /// What it was for: says which objects there are.
    pub purpose: MediaPurpose,
    /// When the sweep removes them, once more or at last.
    pub due_at: Timestamp,
}

impl MediaRemoval {
    /// What is to be removed of this upload: now, and once more later.
    const fn of(media: &Media, now: Timestamp) -> Self {
        Self { id: media.id, purpose: media.purpose, due_at: now.plus(REMOVED_AGAIN_AFTER) }
    }
}

const DUE: Place = Place::new(Index::Due, "DUE#REMOVALS#*", "{due_at}#{media}");

/// Objects of pictures that were removed.
const REMOVALS: DueWork<MediaRemoval> = DueWork::new(DUE, "");

impl Kind {
    /// See [`MediaRemoval`].
    pub const MEDIA_REMOVAL: Self = Self::new("media_removal", "MEDIA#*", "REMOVAL").in_indexes(&[DUE]);
}

impl MediaRemoval {
    /// Its key.
    #[must_use]
    pub fn key(id: MediaId) -> Key<Self> {
        Key::new(Kind::MEDIA_REMOVAL, id, "")
    }
}

impl Entity for MediaRemoval {
    const KIND: Kind = Kind::MEDIA_REMOVAL;

    fn to_key(&self) -> Key<Self> {
        MediaRemoval::key(self.id)
    }

    fn index_keys(&self) -> Vec<IndexKey> {
        vec![REMOVALS.at(self.id, self.due_at)]
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

impl Transaction<'_> {
    /// Notes that the objects of an upload are to be removed, from now on, whether that was noted before or
    /// not.
    #[must_use]
    pub(super) fn note_removal(self, removal: &MediaRemoval) -> Self {
        self.put(removal, Condition::Any(vec![Condition::Absent, Condition::Present]))
    }
}

impl Table {
    /// Removes a picture as it was read, gives its bytes back, and notes that its objects are to be
    /// removed: see [`crate::uploads::Uploads::erase`].
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn remove_media(&self, media: &Media, in_use: InUse, now: Timestamp) -> Result<Removing, Fault> {
        let removal = MediaRemoval::of(media, now);
        let state = media.state;
        let removed = self.write_with_quota(media, 0, |transaction, race| {
            // As it was read, or what it gives back would be wrong.
            let mut as_read = vec![Condition::Is("state", written(state).into())];
            if in_use == InUse::Keep {
                as_read.push(Condition::Any(vec![Condition::Lacks("uses"), Condition::AtMost("uses", 0_i64.into())]));
            }
            transaction
                .delete(&Media::key(media.id), Condition::All(as_read))
                .or_else(move |now| {
                    race.lost(match now {
                        None => Race::Gone,
                        Some(now) if now.text("state") == Some(written(state)) => Race::InUse,
                        Some(_) => Race::Changed,
                    })
                })
                .note_removal(&removal)
        });
        Ok(match removed.await? {
            None => Removing::Done,
            Some(Race::InUse) => Removing::InUse,
            Some(Race::Gone) => Removing::Gone,
            Some(Race::Changed | Race::NoQuota) => Removing::Changed,
        })
    }

    /// Refuses an upload that was waited for in vain, gives its bytes back, and notes that whatever lies of
    /// it is to be removed: more than the file, where somebody looked at it and could not note what was
    /// found, or is looking at it now.
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn refuse_lapsed(&self, media: &Media, now: Timestamp) -> Result<Settling, Fault> {
        let removal = MediaRemoval::of(media, now);
        self.settle(media, &MediaOutcome::Refused(Refusal::Expired), Some(&removal)).await
    }

    /// The uploads whose objects are to be removed by now.
    #[must_use]
    pub fn due_removals(&self, now: Timestamp) -> DueWalk<'_, MediaRemoval, MediaId> {
        DueWalk::new(self, REMOVALS, now)
    }

    /// That the objects of an upload are to be removed, if they still are.
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn get_media_removal(&self, id: MediaId) -> Result<Option<MediaRemoval>, Fault> {
        self.get(MediaRemoval::key(id)).await
    }

    /// The objects of an upload are gone. Where it was noted anew that they are to be removed, that stays.
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn finish_removal(&self, removal: &MediaRemoval) -> Result<(), Fault> {
        self.delete(&removal.to_key(), Condition::Is("due_at", removal.due_at.into())).await.map(|_| ())
    }
}
