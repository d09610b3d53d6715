//! Pages of orders, of a buyer and of a store.

use std::cmp::Reverse;

use domain::{
    ids::{StoreId, UserId},
    orders::OrderStatus,
};

use super::{
    super::{Index, Kind, Listed, Query, Table, cursor::Position, table::place_of},
    OF_BUYER, OF_STORE, OF_STORE_BY_STATE, StoredOrder, in_state,
};
use crate::fault::Fault;

/// How many orders are looked at in one call for those of one state.
const LOOK: u32 = 100;
/// How many such calls one page may take.
const MOST_LOOKS: usize = 4;

impl Table {
    /// A page of a member's orders, the newest first, of one state or of all. Read from an index: an order that
    /// was placed a moment ago may be missing. Of one state a page may be short, or empty, and go on.
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn list_orders_of_buyer(
        &self,
        buyer: UserId,
        status: Option<OrderStatus>,
        limit: u32,
        behind: Option<&Position>,
    ) -> Result<Listed<StoredOrder>, Fault> {
        let query = Query::place(Kind::ORDER, OF_BUYER, buyer).newest_first();
        let Some(status) = status else { return self.list_orders(query.behind(behind), limit).await };
        // A buyer has tens of orders, not thousands: looking through them is cheaper than an index by state.
        let mut found = Listed { items: Vec::new(), end: behind.cloned() };
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        for _ in 0..MOST_LOOKS {
            let page = self.list_orders(query.clone().behind(found.end.as_ref()), LOOK).await?;
            found.items.extend(page.items.into_iter().filter(|order| order.status == status));
            found.end = page.end;
            if found.items.len() > limit {
                found.items.truncate(limit);
                found.end = found.items.last().and_then(|last| place_of(last, Index::Gsi1));
            }
            if found.items.len() >= limit || found.end.is_none() {
                break;
            }
        }
        Ok(found)
    }

    /// A page of the orders that a store was paid for, the newest first, of one state or of all. Read from an
    /// index, as above.
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn list_orders_of_store(
        &self,
        store: StoreId,
        status: Option<OrderStatus>,
        limit: u32,
        behind: Option<&Position>,
    ) -> Result<Listed<StoredOrder>, Fault> {
        let query = match status {
            Some(status) => Query::place(Kind::ORDER, OF_STORE_BY_STATE, in_state(store, status)),
            None => Query::place(Kind::ORDER, OF_STORE, store),
        };
        let mut page = self.list_orders(query.newest_first().behind(behind), limit).await?;
        // The index may lag behind the order, which was read as it is.
        page.items.retain(|order| status.is_none_or(|status| order.status == status));
        Ok(page)
    }

    /// The orders that stand in a page of an index, as they are now.
    async fn list_orders(&self, query: Query, limit: u32) -> Result<Listed<StoredOrder>, Fault> {
        let page = self.page(query, limit).await?;
        let keys = page.items.iter().filter_map(|item| item.text("pk")?.split_once('#')?.1.parse().ok());
        let mut items = self.get_readable(keys.map(StoredOrder::key)).await?;
        items.sort_by_key(|order| Reverse((order.placed_at, order.id)));
        Ok(Listed { items, end: page.end })
    }
}
