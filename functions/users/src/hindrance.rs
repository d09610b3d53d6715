//! What is under way and needs a person who wants to withdraw. The rule is
//! [`domain::users::Hindrance`]'s; here is what it is asked about.

use domain::{Timestamp, ids::UserId, users::Hindrance};
use shared::{Fault, store::Table};

/// The first thing that holds them up, if there is any.
///
/// Whoever calls this declares that it queries orders of `gsi1` and listings of `gsi3`, gets orders in
/// batches and queries listings.
pub(crate) async fn of(table: &Table, user: UserId, now: Timestamp) -> Result<Option<Hindrance>, Fault> {
    match of_buyer(table, user, now).await? {
        None => of_seller(table, user, now).await,
        hindrance => Ok(hindrance),
    }
}

async fn of_buyer(table: &Table, user: UserId, now: Timestamp) -> Result<Option<Hindrance>, Fault> {
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

async fn of_seller(table: &Table, user: UserId, now: Timestamp) -> Result<Option<Hindrance>, Fault> {
    let mut after = None;
    loop {
        let page = table.listings_of(user, after).await?;
        for id in page.ids {
            let (_, stock) = table.get_listing_to_close(id).await?;
            if let Some(hindrance) = stock.iter().find_map(|one| Hindrance::of_stock(one.held, one.sold_at, now)) {
                return Ok(Some(hindrance));
            }
        }
        match page.last_key {
            Some(last_key) => after = Some(last_key),
            None => return Ok(None),
        }
    }
}
