//! The ledger: balanced postings, written with the change that they record, never changed.
//!
//! | key | value | why |
//! |---|---|---|
//! | pk | `ORDER#{order}` | the money of an order is one query |
//! | sk | `POSTING#{posting}` | in order of time |

use domain::{ids::OrderId, ledger::Posting};

use super::{Entity, Item, Key, Kind, Query, Table};
use crate::fault::Fault;

impl Kind {
    /// See [`Posting`].
    pub const POSTING: Self = Self::new("posting", "ORDER#*", "POSTING#{posting}");
}

impl Entity for Posting {
    const KIND: Kind = Kind::POSTING;

    fn to_key(&self) -> Key<Self> {
        Key::new(Kind::POSTING, self.order_id(), self.id())
    }
}

impl Table {
    /// The postings of an order, the oldest first.
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn list_postings(&self, order: OrderId) -> Result<Vec<Posting>, Fault> {
        let query = Query::all_of(Kind::POSTING, order);
        self.query_consistently(query).await?.items.into_iter().map(Item::read).collect()
    }
}
