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

/// The partition of due work, below those of its kind: see [`super::Kind::index_pattern`].
#[must_use]
pub fn due_partition(work: DueWork, shard: u8) -> String {
    let name = match work {
        DueWork::Holds => "ORDERS#HOLDS",
        DueWork::Payments => "ORDERS#PAYMENTS",
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

#[cfg(test)]
mod tests {
    use super::{super::Kind, *};

    /// What the store gives to `Table::due`; the roles are written from the kinds.
    const WORK: [(Kind, DueWork); 6] = [
        (Kind::Order, DueWork::Holds),
        (Kind::Order, DueWork::Payments),
        (Kind::OutboxEvent, DueWork::Outbox),
        (Kind::Media, DueWork::Grants),
        (Kind::MediaRemoval, DueWork::Removals),
        (Kind::User, DueWork::Accounts),
    ];

    #[test]
    fn a_kind_has_partitions_that_no_other_kind_may_ask_for() {
        for kind in Kind::ALL {
            let Some((pattern, _)) = kind.index_pattern(Index::Due) else { continue };
            let prefix = pattern.strip_suffix('*').unwrap();
            for (owner, work) in WORK {
                let partition = due_partition(work, 0);
                assert_eq!(partition.starts_with(prefix), owner == kind, "{partition} and {pattern} of {kind:?}");
            }
        }
    }
}
