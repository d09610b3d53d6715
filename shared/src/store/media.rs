//! Uploaded pictures.
//!
//! | entity | pk | sk | indexes and ttl | why |
//! |---|---|---|---|---|
//! | Media | `MEDIA#{media}` | `MEDIA` | gsi3: `OWNER#{user}` · `{created_at}#{media}` | what a person has uploaded |
//! | | | | due: `DUE#GRANTS#{shard}` · `{lapses_at}#{media}` | while the file is waited for; the sweep refuses it then |
//! | | | | ttl: 30 days after the grant, when refused | its owner has read why |
//!
//! What a person keeps is counted in [`super::media_quotas`], always in the same transaction. How a
//! picture is removed, and an upload that was waited for in vain: [`super::media_removals`].

use std::sync::OnceLock;

use domain::{
    Timestamp,
    ids::{MediaId, UserId},
    media::{MediaPurpose, MediaState, PictureType, Refusal, UPLOAD_ARRIVAL_TIME, UPLOAD_GRANT_LIFETIME},
    timestamp::Seconds,
};
use serde::{Deserialize, Serialize};

use super::{
    Entity, Index, Key, Kind, Place, Table, Transaction,
    due::DueWork,
    due_walk::DueWalk,
    expression::{Change, Condition, Value},
    item::Attributes,
    key::{IndexKey, by_time},
    media_removals::MediaRemoval,
    table::{Query, Updated},
    users::User,
};
use crate::{
    fault::{Failure, Fault, FaultKind},
    ground::{refusal::RequestError, signed_in::SignedIn},
};

/// For how long a refused upload is kept, to say why to its owner.
const REFUSAL_KEPT_FOR: Seconds = Seconds::days(30);

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
    /// What the client said that it is; once it is ready, what it is.
    pub declared_type: PictureType,
    /// How many bytes the client said that it has.
    pub declared_bytes: u64,
    /// How far it has come.
    pub state: MediaState,
    /// Why it was refused.
    pub refusal: Option<Refusal>,
    /// The pictures that were made of it, the smallest first.
    pub pictures: Vec<PictureSize>,
    /// The bytes of the pictures together.
    #[serde(default)]
    pub pictures_bytes: u64,
    /// The bytes of the original, when it is kept.
    #[serde(default)]
    pub original_bytes: Option<u64>,
    /// How many listings, profiles and messages show it.
    #[serde(default)]
    pub uses: u32,
    /// When the upload was granted.
    pub created_at: Timestamp,
    /// Until when the upload may begin.
    pub expires_at: Timestamp,
    /// When the file had arrived and was first looked at.
    #[serde(default)]
    pub arrived_at: Option<Timestamp>,
}

impl Media {
    /// An upload that is granted now.
    #[must_use]
    pub const fn granted(
        id: MediaId,
        owner: UserId,
        purpose: MediaPurpose,
        declared_type: PictureType,
        declared_bytes: u64,
        now: Timestamp,
    ) -> Self {
        Self {
            id,
            owner,
            purpose,
            declared_type,
            declared_bytes,
            state: MediaState::Waiting,
            refusal: None,
            pictures: Vec::new(),
            pictures_bytes: 0,
            original_bytes: None,
            uses: 0,
            created_at: now,
            expires_at: now.plus(UPLOAD_GRANT_LIFETIME),
            arrived_at: None,
        }
    }

    /// Until when the file is waited for.
    #[must_use]
    pub const fn lapses_at(&self) -> Timestamp {
        self.expires_at.plus(UPLOAD_ARRIVAL_TIME)
    }

    /// How far it is at this moment, and why it was refused: an upload that was waited for in vain is
    /// refused from that moment on, whether the sweep has been there or not.
    #[must_use]
    pub fn standing(&self, now: Timestamp) -> (MediaState, Option<Refusal>) {
        if self.state == MediaState::Waiting && self.lapses_at() <= now {
            (MediaState::Refused, Some(Refusal::Expired))
        } else {
            (self.state, self.refusal)
        }
    }

    /// How many bytes of its owner's quota it takes.
    #[must_use]
    pub const fn held_bytes(&self) -> u64 {
        match self.state {
            MediaState::Waiting => self.declared_bytes,
            MediaState::Ready => match self.original_bytes {
                Some(original) => original.saturating_add(self.pictures_bytes),
                None => self.pictures_bytes,
            },
            MediaState::Refused => 0,
        }
    }

    /// The condition that a picture is this person's, for this purpose, and can be shown.
    #[must_use]
    pub fn is_usable_by(owner: UserId, purpose: MediaPurpose) -> Condition {
        Condition::All(vec![
            Condition::Is("owner", owner.to_string().into()),
            Condition::Is("purpose", purpose.as_str().into()),
            Condition::Is("state", "ready".into()),
        ])
    }
}

const OF_OWNER: Place = Place::new(Index::Gsi3, "OWNER#*", "{created_at}#{media}");
const DUE: Place = Place::new(Index::Due, "DUE#GRANTS#*", "{due_at}#{media}");

/// Uploads that were granted and have not come.
const LAPSED: DueWork<Media> = DueWork::new(DUE, "");

impl Kind {
    /// See [`Media`].
    pub const MEDIA: Self = Self::new("media", "MEDIA#*", "MEDIA").in_indexes(&[OF_OWNER, DUE]);
}

impl Media {
    /// Its key.
    #[must_use]
    pub fn key(id: MediaId) -> Key<Self> {
        Key::new(Kind::MEDIA, id, "")
    }
}

impl Entity for Media {
    const KIND: Kind = Kind::MEDIA;

    fn to_key(&self) -> Key<Self> {
        Media::key(self.id)
    }

    fn index_keys(&self) -> Vec<IndexKey> {
        let mut places = vec![OF_OWNER.of(self.owner, by_time(self.created_at, self.id))];
        if self.state == MediaState::Waiting {
            places.push(LAPSED.at(self.id, self.lapses_at()));
        }
        places
    }

    fn sweep_at(&self) -> Option<Timestamp> {
        (self.state == MediaState::Refused).then(|| self.created_at.plus(REFUSAL_KEPT_FOR))
    }
}

/// What became of an upload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MediaOutcome {
    /// Pictures were made, and the original is kept.
    Ready {
        /// The pictures, the smallest first.
        pictures: Vec<PictureSize>,
        /// Their bytes together.
        pictures_bytes: u64,
        /// The bytes of the original.
        original_bytes: u64,
    },
    /// It was refused.
    Refused(Refusal),
}

/// What the first look at an upload found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Arrival {
    /// It is waited for.
    Awaited(Media),
    /// What became of it is known already.
    Settled(Media),
    /// There is no such upload: it was removed, or never granted.
    Unknown,
}

/// Whether an outcome could be noted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Settling {
    /// It was.
    Done,
    /// Another one was noted before.
    Before,
    /// The upload was removed meanwhile.
    Gone,
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
        let query = Query::place(Kind::MEDIA, OF_OWNER, owner).limit(MEDIA_PAGE).after(after);
        let page = self.query(query).await?;
        let ids = page
            .items
            .iter()
            // The partition is the owner's, not ours alone.
            .filter(|item| item.is(Kind::MEDIA))
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
        self.get_readable(ids.iter().copied().map(Media::key)).await
    }

    /// The upload.
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn get_media(&self, id: MediaId) -> Result<Option<Media>, Fault> {
        self.get(Media::key(id)).await
    }

    /// An upload of the caller's own, in one read with who they are: another's upload and none at all are
    /// the same.
    ///
    /// # Errors
    /// When the table does not answer, or the caller's session has ended.
    pub async fn get_own_media(&self, caller: &SignedIn, id: MediaId) -> Result<Option<Media>, Failure> {
        let (user, media) = self.get_together((User::key(caller.user_id), Media::key(id))).await?;
        user.filter(|user| user.knows(caller)).ok_or(RequestError::SignInNeeded)?;
        Ok(media.filter(|media| media.owner == caller.user_id))
    }

    /// Notes that the file of an upload has arrived, and reads the upload in the same call.
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn note_arrival(&self, id: MediaId, now: Timestamp) -> Result<Arrival, Fault> {
        let changes = vec![Change::Set("arrived_at", now.into())];
        let waiting = Condition::Is("state", "waiting".into());
        Ok(match self.update(&Media::key(id), changes, waiting).await? {
            Updated::Done(item) => Arrival::Awaited(item.read()?),
            Updated::ConditionFailed(Some(item)) => Arrival::Settled(item.read()?),
            Updated::ConditionFailed(None) => Arrival::Unknown,
        })
    }

    /// Notes what became of an upload that is waiting, and settles its owner's quota with it: once,
    /// however often the event of an upload comes.
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn settle_media(&self, media: &Media, outcome: &MediaOutcome) -> Result<Settling, Fault> {
        self.settle(media, outcome, None).await
    }

    /// As [`Table::settle_media`]; with a removal, the same transaction notes that what lies of the upload
    /// is to be removed.
    pub(super) async fn settle(
        &self,
        media: &Media,
        outcome: &MediaOutcome,
        removal: Option<&MediaRemoval>,
    ) -> Result<Settling, Fault> {
        let mut changes = vec![Change::Remove(Index::Due.pk()), Change::Remove(Index::Due.sk())];
        let kept_bytes = match outcome {
            MediaOutcome::Ready { pictures, pictures_bytes, original_bytes } => {
                let written = serde_dynamo::to_attribute_value(pictures)
                    .map_err(|error| Fault::new(FaultKind::Corrupt, "write the pictures").with_source(error))?;
                changes.extend([
                    Change::Set("state", "ready".into()),
                    Change::Set("pictures", Value::Any(written)),
                    Change::Set("pictures_bytes", count(*pictures_bytes)),
                    Change::Set("original_bytes", count(*original_bytes)),
                ]);
                pictures_bytes.saturating_add(*original_bytes)
            }
            MediaOutcome::Refused(refusal) => {
                let kept_until = media.created_at.plus(REFUSAL_KEPT_FOR);
                changes.extend([
                    Change::Set("state", "refused".into()),
                    Change::Set("refusal", refusal.code().into()),
                    Change::Set("ttl", kept_until.seconds().into()),
                ]);
                0
            }
        };
        let settled = self.write_with_quota(media, kept_bytes, |transaction, race| {
            let waiting = Condition::Is("state", "waiting".into());
            let settled = transaction
                .update(&Media::key(media.id), changes.clone(), waiting)
                .or_else(|now| race.lost(if now.is_some() { Race::Changed } else { Race::Gone }));
            match removal {
                Some(removal) => settled.note_removal(removal),
                None => settled,
            }
        });
        Ok(match settled.await? {
            None => Settling::Done,
            Some(Race::Gone) => Settling::Gone,
            Some(_) => Settling::Before,
        })
    }

    /// Writes together with the quota of the owner, who keeps so many bytes of the upload from now on;
    /// tells which race was lost, if one was. Where there is no quota it writes without: a quota is
    /// erased with its person, maybe before the last of their pictures.
    pub(super) async fn write_with_quota(
        &self,
        media: &Media,
        kept_bytes: u64,
        write: impl for<'t> Fn(Transaction<'t>, &'t Races) -> Transaction<'t>,
    ) -> Result<Option<Race>, Fault> {
        let races = Races::default();
        let both = write(self.transaction(), &races)
            .close_upload(media, kept_bytes)
            .or_else(|_| races.lost(Race::NoQuota))
            .commit()
            .await;
        match races.outcome(both)? {
            Some(Race::NoQuota) => {
                let races = Races::default();
                let alone = write(self.transaction(), &races).commit().await;
                races.outcome(alone)
            }
            other => Ok(other),
        }
    }

    /// The uploads that were waited for in vain by now.
    #[must_use]
    pub fn lapsed_grants(&self, now: Timestamp) -> DueWalk<'_, Media, MediaId> {
        DueWalk::new(self, LAPSED, now)
    }
}

impl<'t> Transaction<'t> {
    /// Notes that one more thing shows the picture, if it is this person's, for this purpose, and can
    /// be shown. While anything shows it, its owner cannot delete it.
    #[must_use]
    pub fn use_picture<F: Into<Failure>>(
        self,
        media: MediaId,
        owner: UserId,
        purpose: MediaPurpose,
        unusable: impl Fn() -> F + Send + Sync + 't,
    ) -> Self {
        self.update(&Media::key(media), vec![Change::Add("uses", 1)], Media::is_usable_by(owner, purpose))
            .or_else(move |_| unusable())
    }

    /// Notes that one thing less shows the picture. What it means when none did, or there is no such
    /// picture, the next [`Transaction::or_else`] says.
    #[must_use]
    pub fn release_picture(self, media: MediaId) -> Self {
        self.update(&Media::key(media), vec![Change::Add("uses", -1)], Condition::AtLeast("uses", 1_i64.into()))
    }
}

/// What somebody else did to an upload in the meantime.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Race {
    Changed,
    Gone,
    InUse,
    NoQuota,
}

/// The race that a transaction lost, if it lost one.
#[derive(Debug, Default)]
pub(super) struct Races(OnceLock<Race>);

impl Races {
    /// The meaning of a condition that did not hold.
    pub(super) fn lost(&self, race: Race) -> Fault {
        let _ = self.0.set(race);
        Fault::new(FaultKind::Contention, "somebody else was faster")
    }

    fn outcome(&self, of: Result<(), Failure>) -> Result<Option<Race>, Fault> {
        match (self.0.get(), of) {
            (Some(race), _) => Ok(Some(*race)),
            (None, Ok(())) => Ok(None),
            (None, Err(Failure::Broken(fault))) => Err(fault),
            // Every condition here means a race, and nothing is remembered.
            (None, Err(_)) => Err(Fault::new(FaultKind::Corrupt, "a write without a rule was refused")),
        }
    }
}

pub(super) const fn written(state: MediaState) -> &'static str {
    match state {
        MediaState::Waiting => "waiting",
        MediaState::Ready => "ready",
        MediaState::Refused => "refused",
    }
}

/// Bytes as a number of DynamoDB.
fn count(bytes: u64) -> Value {
    Value::Number(i64::try_from(bytes).unwrap_or(i64::MAX))
}
