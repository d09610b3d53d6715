//! What kinds of items the table has. A kind is declared in the file of its entity
//! (`impl Kind { pub const LISTING … }`) and nowhere else; `store::KINDS` lists them.

use std::fmt;

/// A kind of item: its name and how its keys look.
///
/// The patterns are not only for docs/KEYS.md: keys are built from them, and those of partitions
/// become `dynamodb:LeadingKeys` in the roles of functions.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Kind {
    name: &'static str,
    partition: &'static str,
    sort: &'static str,
    places: &'static [Place],
}

impl Kind {
    /// A kind of this name, whose keys look so: a partition key is fixed (`CATEGORIES`) or ends in
    /// `*` (`USER#*`), a sort key is fixed or ends in one `{part}` or more.
    #[must_use]
    pub const fn new(name: &'static str, partition: &'static str, sort: &'static str) -> Self {
        Self { name, partition, sort, places: &[] }
    }

    /// The same, with the places that its items may have in indexes.
    #[must_use]
    pub const fn in_indexes(mut self, places: &'static [Place]) -> Self {
        self.places = places;
        self
    }

    /// The name, which every item of the kind carries as `kind`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        self.name
    }

    /// What its partition keys look like.
    #[must_use]
    pub const fn partition_pattern(self) -> &'static str {
        self.partition
    }

    /// What its sort keys look like.
    #[must_use]
    pub const fn sort_pattern(self) -> &'static str {
        self.sort
    }

    /// Its places in indexes.
    #[must_use]
    pub const fn places(self) -> &'static [Place] {
        self.places
    }

    /// Its place in an index, if it has one there.
    #[must_use]
    pub fn place(self, index: Index) -> Option<Place> {
        self.places.iter().copied().find(|place| place.index == index)
    }

    /// What its partition keys look like in an index, if it has a place there. More than one place in an
    /// index shares what the partition keys begin with.
    #[must_use]
    pub fn index_pattern(self, index: Index) -> Option<(&'static str, &'static str)> {
        self.place(index).map(|place| (place.partition, place.sort))
    }
}

/// By its name alone: logs and tests say `Get(listing)`.
impl fmt::Debug for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// A place that items of a kind have in an index.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// Which index.
    pub index: Index,
    /// What the partition keys look like there.
    pub partition: &'static str,
    /// What the sort keys look like there.
    pub sort: &'static str,
}

impl Place {
    /// A place in this index, with keys that look so.
    #[must_use]
    pub const fn new(index: Index, partition: &'static str, sort: &'static str) -> Self {
        Self { index, partition, sort }
    }
}

/// A secondary index. Indexes are for lists; nothing is decided from one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Index {
    /// Lists by a first criterion: listings of a category, orders of a buyer.
    Gsi1,
    /// Lists by a second criterion: all listings.
    Gsi2,
    /// Lists by owner: everything of one kind that a person has, to be shown, exported or erased.
    Gsi3,
    /// Work that waits for time, in the order of when it is due. Sparse: an item stands in it only while it waits.
    Due,
}

impl Index {
    /// Every index.
    pub const ALL: [Self; 4] = [Self::Gsi1, Self::Gsi2, Self::Gsi3, Self::Due];

    /// The name of the index.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Gsi1 => "gsi1",
            Self::Gsi2 => "gsi2",
            Self::Gsi3 => "gsi3",
            Self::Due => "due",
        }
    }

    /// The attribute that is its partition key.
    #[must_use]
    pub const fn pk(self) -> &'static str {
        match self {
            Self::Gsi1 => "gsi1pk",
            Self::Gsi2 => "gsi2pk",
            Self::Gsi3 => "gsi3pk",
            Self::Due => "duepk",
        }
    }

    /// The attribute that is its sort key.
    #[must_use]
    pub const fn sk(self) -> &'static str {
        match self {
            Self::Gsi1 => "gsi1sk",
            Self::Gsi2 => "gsi2sk",
            Self::Gsi3 => "gsi3sk",
            Self::Due => "duesk",
        }
    }
}
