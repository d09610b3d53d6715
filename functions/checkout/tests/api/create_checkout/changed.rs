//! Listings that change between the look at them and the order: nothing is sold at a price, or at all, that
//! is over by then, and the buyer is told what changed.

use domain::ids::ListingId;
use engines::{Engine, database::IgnoredCondition};
use serde_json::json;
use shared::store::{
    expression::{Change, Condition, Value},
    listings::Listing,
    orders::StoredOrder,
};
use testkit::{TestAnswer, TestApp};

use crate::steps::{Goods, cart, checkout, lamp, line, start, stock, won};

/// Has been asked for the listings, by the endpoint's first call.
async fn has_read(app: &TestApp) {
    let is_read = |call: &engines::Call| call.engine == Engine::Database && call.operation == "BatchGetItem";
    while !app.engines().meter().since(0).iter().any(is_read) {
        tokio::task::yield_now().await;
    }
}

/// Orders a lamp, whose listing changes so after it was read and before it is ordered.
async fn ordered_while(app: &TestApp, goods: &Goods, changes: Vec<Change>) -> TestAnswer {
    let mut request = Box::pin(checkout(app, &cart(&[line(goods, 1)]), "key").may_break().send());
    tokio::select! {
        biased;
        () = has_read(app) => {}
        answer = &mut request => panic!("it was answered before it read: {:?}", answer.body),
    }
    app.table().update(&Listing::key(goods.listing_id), changes, Condition::Present).await.unwrap();
    request.await
}

async fn with_price(app: &TestApp, id: ListingId, amount: i64) -> Change {
    let listing: Listing = app.table().get(Listing::key(id)).await.unwrap().unwrap();
    let mut variants = listing.variants;
    variants[0].price = won(amount);
    Change::Set("variants", Value::written(&variants).unwrap())
}

#[tokio::test]
async fn attack_24_a_price_that_changes_while_it_is_ordered_is_told_and_nothing_is_held() {
    let (app, seller) = start().await;
    let goods = lamp(&app, &seller, 12_000, 5).await;
    let change = with_price(&app, goods.listing_id, 15_000).await;
    let answer = ordered_while(&app, &goods, vec![change]).await;
    answer.assert_refused(409, "checkout.price_changed");
    assert_eq!(answer.pointers(), ["/lines/0/expected_price"]);
    assert!(answer.problem().errors[0].detail.contains("₩15,000"), "{:?}", answer.body);
    assert!(app.all::<StoredOrder>().is_empty());
    assert_eq!(stock(&app, &goods), (5, 0, 0));
    let again = checkout(&app, &cart(&[line(&goods, 1)]), "again").send().await;
    assert_eq!(again.json()["payment"]["amount"], json!(won(18_000)));
}

#[tokio::test]
async fn what_is_taken_off_sale_while_it_is_ordered_is_not_sold() {
    let (app, seller) = start().await;
    let goods = lamp(&app, &seller, 12_000, 5).await;
    let answer = ordered_while(&app, &goods, vec![Change::Set("closed", true.into())]).await;
    answer.assert_refused(404, "catalog.listing_not_found");
    assert_eq!((app.all::<StoredOrder>().len(), stock(&app, &goods)), (0, (5, 0, 0)));
}

#[tokio::test]
async fn a_listing_that_changes_in_another_way_is_ordered() {
    let (app, seller) = start().await;
    let goods = lamp(&app, &seller, 12_000, 5).await;
    let answer = ordered_while(&app, &goods, vec![Change::Set("description", "Warmer light.".into())]).await;
    assert_eq!((answer.status, stock(&app, &goods)), (201, (4, 1, 0)), "{:?}", answer.body);
}

#[tokio::test]
async fn without_the_condition_the_old_price_would_be_taken() {
    let (app, seller) = start().await;
    let goods = lamp(&app, &seller, 12_000, 5).await;
    let change = with_price(&app, goods.listing_id, 15_000).await;
    let ignored = IgnoredCondition { pk: "LISTING#".to_owned(), sk: "LISTING".to_owned() };
    app.engines().database().ignore_conditions(vec![ignored]);
    let answer = ordered_while(&app, &goods, vec![change]).await;
    assert_eq!(answer.json()["payment"]["amount"], json!(won(15_000)), "{:?}", answer.body);
}
