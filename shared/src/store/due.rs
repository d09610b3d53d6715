//! The index of what waits for time.

use std::{fmt, marker::PhantomData};

use domain::Timestamp;

use super::key::{IndexKey, by_time, filled};
use crate::ground::kind::Place;

/// Into how many partitions each kind of due work is split, since all of it is written around the same
/// moment. One index partition takes about 1,000 writes a second (DynamoDB Developer Guide, partition key
/// design).
pub const DUE_SHARDS: u8 = 2;

/// Work that waits for time: what is to be done with an `E` when it is due. Declared in the entity's file.
///
/// The partitions of a kind's work are its own, so that a job sees what is due of its kind and no more.
pub struct DueWork<E> {
    place: Place,
    /// What tells it from other work on the same kind, such as `HOLDS#`; empty where there is but one.
    name: &'static str,
    entity: PhantomData<fn() -> E>,
}

impl<E> DueWork<E> {
    pub(super) const fn new(place: Place, name: &'static str) -> Self {
        Self { place, name, entity: PhantomData }
    }

    /// The place in the due index of a thing with this id.
    pub(super) fn at(&self, id: impl fmt::Display, at: Timestamp) -> IndexKey {
        let id = id.to_string();
        let shard = id.bytes().last().unwrap_or(0).checked_rem(DUE_SHARDS).unwrap_or(0);
        self.place.of(self.open_part(shard), by_time(at, id))
    }

    /// The partition of a shard.
    pub(super) fn partition(&self, shard: u8) -> String {
        filled(self.place.partition, self.open_part(shard))
    }

    fn open_part(&self, shard: u8) -> String {
        format!("{}{shard}", self.name)
    }
}

impl<E> Clone for DueWork<E> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<E> Copy for DueWork<E> {}

impl<E> fmt::Debug for DueWork<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DueWork({}{})", self.place.partition, self.name)
    }
}
