//! The index of what waits for time.

use domain::Timestamp;

use super::{Index, IndexKey};

/// What waits for time. Each kind of work is split over [`DUE_SHARDS`] partitions, since all of it
/// is written around the same moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DueWork {
    /// Orders whose hold ends.
    Holds,
    /// Payments whose outcome is not known.
    Payments,
    /// Effects that have not left the outbox.
    Outbox,
    /// Uploads that were granted and have not come.
    Grants,
    /// Objects of pictures that were removed.
    Removals,
    /// Accounts that are about to be erased, or were saved from it.
    Accounts,
}

/// Into how many partitions each kind of due work is split. One index partition takes about 1,000
/// writes a second (DynamoDB Developer Guide, partition key design).
pub const DUE_SHARDS: u8 = 2;

/// The partition of due work.
#[must_use]
pub fn due_partition(work: DueWork, shard: u8) -> String {
    let name = match work {
        DueWork::Holds => "HOLDS",
        DueWork::Payments => "PAYMENTS",
        DueWork::Outbox => "OUTBOX",
        DueWork::Grants => "GRANTS",
        DueWork::Removals => "REMOVALS",
        DueWork::Accounts => "ACCOUNTS",
    };
    format!("DUE#{name}#{shard}")
}

/// The place in the due index of a thing with this id.
#[must_use]
pub fn due(work: DueWork, id: &str, at: Timestamp) -> IndexKey {
    let shard = id.bytes().last().unwrap_or(0).checked_rem(DUE_SHARDS).unwrap_or(0);
    IndexKey { index: Index::Due, pk: due_partition(work, shard), sk: format!("{at}#{id}") }
}
