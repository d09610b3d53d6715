//! What is under way and needs a person who wants to withdraw. The rule is that of
//! [`domain::users::Hindrance`]; here is what it is asked about.

use domain::{
    Timestamp,
    ids::UserId,
    users::{Hindrance, needs_its_seller},
};
use shared::{Fault, store::Table};

/// The first thing that they have bought and that holds them up, if there is any.
///
/// Whoever calls this declares that it queries orders of `gsi1` and gets them in batches.
pub(crate) async fn of_buyer(table: &Table, user: UserId, now: Timestamp) -> Result<Option<Hindrance>, Fault> {
    let mut after = None;
    loop {
        let page = table.orders_of(user, after).await?;
        let mut orders = page.orders.iter();
        if let Some(hindrance) = orders.find_map(|order| Hindrance::of_order(order.status, order.entered_at, now)) {
            return Ok(Some(hindrance));
        }
        match page.last_key {
            Some(last_key) => after = Some(last_key),
            None => return Ok(None),
        }
    }
}

/// Whether something that they have sold needs them.
///
/// Whoever calls this declares that it queries listings, also of `gsi3`.
pub(crate) async fn of_seller(table: &Table, user: UserId, now: Timestamp) -> Result<bool, Fault> {
    let mut after = None;
    loop {
        let page = table.listings_of(user, after).await?;
        for id in page.ids {
            let (_, stock) = table.get_listing_to_close(id).await?;
            if stock.iter().any(|one| needs_its_seller(one.held, one.sold_at, now)) {
                return Ok(true);
            }
        }
        match page.last_key {
            Some(last_key) => after = Some(last_key),
            None => return Ok(false),
        }
    }
}
