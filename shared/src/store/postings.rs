//! The ledger: balanced postings, written with the change that they record, never changed.
//!
//! | key | value | why |
//! |---|---|---|
//! | pk | `ORDER#{order}` | the money of an order is one query |
//! | sk | `POSTING#{posting}` | in order of time |

use domain::{ids::OrderId, ledger::Posting};

use super::{Entity, Item, Key, Kind, Query, Table, keys};
use crate::fault::Fault;

impl Entity for Posting {
    const KIND: Kind = Kind::Posting;

    fn key(&self) -> Key {
        keys::posting(self.order_id(), self.id())
    }
}

impl Table {
    /// The postings of an order, the oldest first.
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn list_postings(&self, order: OrderId) -> Result<Vec<Posting>, Fault> {
        let query = Query::partition(Kind::Posting, keys::order_partition(order)).starting_with(keys::POSTINGS);
        self.query_consistently(query).await?.items.into_iter().map(Item::read).collect()
    }
}
