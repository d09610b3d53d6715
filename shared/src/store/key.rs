//! Keys. An entity's own file says how they look ([`Kind`]) and from which ids one is made
//! (`Listing::key(id)`); here they are built. A key is made of ids and parsed values, never of free text.

use std::{fmt, marker::PhantomData};

use domain::Timestamp;

use crate::ground::kind::{Index, Kind, Place};

/// The key of one item, which is an `E`. A `Key<()>` is that of an item of whatever kind.
pub struct Key<E> {
    pub(super) kind: Kind,
    pub(super) pk: String,
    pub(super) sk: String,
    entity: PhantomData<fn() -> E>,
}

impl<E> Key<E> {
    /// The key of a kind with these parts in the places that its patterns leave open. Where a pattern leaves
    /// none open, the part is `""`.
    pub(super) fn new(kind: Kind, partition: impl fmt::Display, sort: impl fmt::Display) -> Self {
        let (pk, sk) = (filled(kind.partition_pattern(), partition), filled(kind.sort_pattern(), sort));
        Self { kind, pk, sk, entity: PhantomData }
    }

    /// The same key, of which the type no longer says what it leads to.
    #[must_use]
    pub fn of_any_kind(self) -> Key<()> {
        Key { kind: self.kind, pk: self.pk, sk: self.sk, entity: PhantomData }
    }

    /// The kind of the item.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        self.kind
    }

    /// The partition key.
    #[must_use]
    pub fn pk(&self) -> &str {
        &self.pk
    }

    /// The sort key.
    #[must_use]
    pub fn sk(&self) -> &str {
        &self.sk
    }
}

impl Key<()> {
    /// The key of an item that was read, in a partition that is named after this kind.
    pub(super) fn read(partition: Kind, pk: &str, sk: &str) -> Self {
        Self { kind: partition, pk: pk.to_owned(), sk: sk.to_owned(), entity: PhantomData }
    }
}

impl<E> Clone for Key<E> {
    fn clone(&self) -> Self {
        Self { kind: self.kind, pk: self.pk.clone(), sk: self.sk.clone(), entity: PhantomData }
    }
}

impl<E> PartialEq for Key<E> {
    fn eq(&self, other: &Self) -> bool {
        (&self.pk, &self.sk) == (&other.pk, &other.sk)
    }
}

impl<E> Eq for Key<E> {}

impl<E> fmt::Debug for Key<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Key").field(&self.pk).field(&self.sk).finish()
    }
}

/// An item's place in an index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IndexKey {
    /// Which index.
    pub index: Index,
    /// The partition key in it.
    pub pk: String,
    /// The sort key in it.
    pub sk: String,
}

impl Place {
    /// The place of one item, from what the patterns leave open.
    pub(super) fn of(self, partition: impl fmt::Display, sort: impl fmt::Display) -> IndexKey {
        IndexKey { index: self.index, pk: filled(self.partition, partition), sk: filled(self.sort, sort) }
    }
}

/// A sort key by which things stand in the order of time, and each has a place of its own.
pub(super) fn by_time(at: Timestamp, id: impl fmt::Display) -> String {
    format!("{at}#{id}")
}

/// The open part of a key that names two things.
pub(super) fn of_two(one: impl fmt::Display, other: impl fmt::Display) -> String {
    format!("{one}#{other}")
}

/// What every key of a pattern begins with.
pub(super) fn fixed_part(pattern: &str) -> &str {
    pattern.split(['*', '{']).next().unwrap_or(pattern)
}

/// A key by its pattern.
pub(super) fn filled(pattern: &str, part: impl fmt::Display) -> String {
    format!("{}{part}", fixed_part(pattern))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_its_pattern_with_the_open_part_filled() {
        const KIND: Kind = Kind::new("thing", "USER#*", "THING#{number}#{name}");
        let key = Key::<()>::new(KIND, "usr_1", format_args!("{:03}#x", 7));
        assert_eq!((key.pk(), key.sk()), ("USER#usr_1", "THING#007#x"));
        let key = Key::<()>::new(Kind::new("thing", "THINGS", "THING"), "", "");
        assert_eq!((key.pk(), key.sk()), ("THINGS", "THING"));
    }
}
