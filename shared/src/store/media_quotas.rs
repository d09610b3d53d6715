//! How much a person has uploaded and keeps: one item per person, changed in the same transaction as
//! what it counts.
//!
//! | key | value | why |
//! |---|---|---|
//! | pk | `QUOTA#{user}` | |
//! | sk | `MEDIA` | |
//! | `open` | the open grants, each `{expires_at}#{media}` | a set: its size is the limit, taking out what is not in it is nothing, and a member tells by itself when it lapses |
//! | `bytes` | what is kept, and what open uploads declared | |
//!
//! A grant that lapsed stays in the set until somebody needs its place: then it is taken out by its
//! own time, without waiting for the sweep.

use std::sync::OnceLock;

use domain::{
    Timestamp,
    ids::UserId,
    media::{MAX_OPEN_UPLOADS, MediaError, STORED_BYTES_MAX, UPLOADS_PER_DAY},
    timestamp::Seconds,
};

use super::{
    Item, Key, Kind, Table, Transaction,
    expression::{Change, Condition},
    key::by_time,
    limits::Limit,
    media::Media,
    users::User,
};
use crate::{
    fault::{Failure, Fault},
    ground::{
        idempotency::{Answer, Claim},
        refusal::RequestError,
    },
};

/// How much a person has uploaded and keeps.
#[derive(Debug)]
pub enum MediaQuota {}

impl Kind {
    /// See [`MediaQuota`].
    pub const MEDIA_QUOTA: Self = Self::new("media_quota", "QUOTA#*", "MEDIA");
}

impl MediaQuota {
    /// Its key.
    #[must_use]
    pub fn key(owner: UserId) -> Key<Self> {
        Key::new(Kind::MEDIA_QUOTA, owner, "")
    }
}

/// What a person may begin on one day.
const DAILY: Limit = Limit { feature: "uploads", most: UPLOADS_PER_DAY, window: Seconds::days(1) };

/// How often a grant is tried: once, and once more when places had lapsed. A third time when
/// somebody else took the places that were made.
const TRIES: u32 = 3;

/// How an open grant stands in the set.
fn place(media: &Media) -> String {
    by_time(media.expires_at, media.id)
}

/// When the grant of a place lapses.
fn lapses_at(place: &str) -> Timestamp {
    // A place that cannot be read has lapsed: so it can be taken out.
    place.split_once('#').and_then(|(at, _)| Timestamp::parse(at).ok()).unwrap_or(Timestamp::MIN)
}

/// Bytes as DynamoDB adds them.
fn signed(bytes: u64) -> i64 {
    i64::try_from(bytes).unwrap_or(i64::MAX)
}

/// Why there is no place for another upload, and which places have lapsed meanwhile.
fn refusal(quota: Option<Item>, now: Timestamp, lapsed: &OnceLock<Vec<String>>) -> MediaError {
    let open: Vec<String> = quota.iter().flat_map(|quota| quota.texts("open")).map(str::to_owned).collect();
    if u32::try_from(open.len()).is_ok_and(|open| open < MAX_OPEN_UPLOADS) {
        return MediaError::StorageFull;
    }
    let first = open.iter().map(|place| lapses_at(place)).min().unwrap_or(now);
    let _ = lapsed.set(open.into_iter().filter(|place| lapses_at(place) <= now).collect());
    MediaError::TooManyOpenUploads { retry_after_s: now.seconds_until(first).max(1) }
}

impl Table {
    /// Grants an upload: writes it, takes a place and its bytes from its owner's quota, counts it for
    /// the day, and remembers the answer, all in one transaction, while the owner's sessions are of this
    /// epoch.
    ///
    /// # Errors
    /// [`MediaError::TooManyOpenUploads`], [`MediaError::StorageFull`],
    /// [`MediaError::TooManyUploadsToday`]; as [`Transaction::commit`].
    pub async fn grant_upload(
        &self,
        media: &Media,
        epoch: u32,
        claim: Option<&Claim>,
        reply: &impl Answer,
    ) -> Result<(), Failure> {
        let mut left = TRIES;
        loop {
            let lapsed = OnceLock::new();
            let outcome = self.try_grant(media, epoch, claim, reply, &lapsed).await;
            left = left.saturating_sub(1);
            match lapsed.into_inner() {
                Some(lapsed) if outcome.is_err() && !lapsed.is_empty() && left > 0 => {
                    self.free_places(media.owner, lapsed).await?;
                }
                _ => return outcome,
            }
        }
    }

    async fn try_grant(
        &self,
        media: &Media,
        epoch: u32,
        claim: Option<&Claim>,
        reply: &impl Answer,
        lapsed: &OnceLock<Vec<String>>,
    ) -> Result<(), Failure> {
        let now = media.created_at;
        let changes = vec![
            Change::Include("open", place(media)),
            Change::Add("bytes", signed(media.held_bytes())),
            Change::Set("kind", "media_quota".into()),
            Change::Set("v", 1_i64.into()),
        ];
        let room = signed(STORED_BYTES_MAX.saturating_sub(media.held_bytes()));
        let allowed = Condition::Any(vec![
            Condition::Absent,
            Condition::All(vec![
                Condition::FewerThan("open", MAX_OPEN_UPLOADS),
                Condition::AtMost("bytes", room.into()),
            ]),
        ]);
        self.transaction()
            .check(&User::key(media.owner), User::is_in_use_since(epoch))
            .or_else(|_| RequestError::SignInNeeded)
            .create(media)
            .update(&MediaQuota::key(media.owner), changes, allowed)
            .or_else(|quota| refusal(quota, now, lapsed))
            .count(DAILY, &media.owner.to_string(), now, |retry_after_s| MediaError::TooManyUploadsToday {
                retry_after_s,
            })
            .remember(claim, reply)
            .commit()
            .await
    }

    /// Takes out places whose grants have lapsed. Their bytes stay reserved until the sweep: what was
    /// begun in time may still come.
    async fn free_places(&self, owner: UserId, lapsed: Vec<String>) -> Result<(), Fault> {
        let changes = vec![Change::Exclude("open", lapsed)];
        self.update(&MediaQuota::key(owner), changes, Condition::Present).await.map(|_| ())
    }

    /// Forgets how much a person has uploaded: when everything that it counts has been removed.
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn forget_media_quota(&self, owner: UserId) -> Result<(), Fault> {
        self.delete(&MediaQuota::key(owner), Condition::Present).await.map(|_| ())
    }
}

impl Transaction<'_> {
    /// The upload is open no longer, and its owner keeps so many bytes of it. The transaction does not
    /// happen when the owner has no quota, which the next [`Transaction::or_else`] gives a meaning.
    #[must_use]
    pub(super) fn close_upload(self, media: &Media, kept_bytes: u64) -> Self {
        let change = signed(kept_bytes).saturating_sub(signed(media.held_bytes()));
        let changes = vec![Change::Exclude("open", vec![place(media)]), Change::Add("bytes", change)];
        self.update(&MediaQuota::key(media.owner), changes, Condition::Present)
    }
}
