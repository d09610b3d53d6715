//! Orders that count as received when their buyers say nothing.

use domain::{
    orders::OrderStatus,
    processes::{
        Actor,
        sell::{RECEIPT, SellEvent},
    },
    timestamp::Seconds,
};
use serde_json::json;
use shared::store::{
    expression::{Change, Condition},
    orders::StoredOrder,
};
use testkit::TestApp;

use crate::steps::{PAID, place, start, walk};

const JOB: &str = "orders.confirm_receipts";
const DELIVERED: [(SellEvent, Actor); 3] =
    [(SellEvent::Prepare, Actor::Seller), (SellEvent::Ship, Actor::Seller), (SellEvent::Deliver, Actor::Seller)];

async fn delivered(app: &TestApp) -> StoredOrder {
    let paid = walk(app, &place(app, None).await, &PAID).await;
    walk(app, &paid, &DELIVERED).await
}

async fn run(app: &TestApp) -> Result<u32, shared::Fault> {
    app.run_job(JOB, json!({ "time": app.now().to_string() })).await.map(|(_, usage)| usage.calls)
}

async fn status(app: &TestApp, order: &StoredOrder) -> OrderStatus {
    app.table().get_order(order.id).await.unwrap().unwrap().status
}

#[tokio::test]
async fn after_seven_days_and_not_a_second_before_a_delivered_order_is_final() {
    let app = start().await;
    let order = delivered(&app).await;
    app.advance(Seconds(RECEIPT.0 - 1));
    assert_eq!(run(&app).await.unwrap(), 2, "both shards of the index are asked, and nothing else");
    assert_eq!(status(&app, &order).await, OrderStatus::Delivered);
    app.advance(Seconds(1));
    assert_eq!(run(&app).await.unwrap(), 4);
    assert_eq!(status(&app, &order).await, OrderStatus::Confirmed);
    assert_eq!(run(&app).await.unwrap(), 2);
}

#[tokio::test]
async fn ten_that_always_fail_keep_the_eleventh_from_nothing() {
    let app = start().await;
    let mut all = Vec::new();
    for _ in 0..11 {
        all.push(delivered(&app).await);
        app.advance(Seconds(1));
    }
    for order in &all[..10] {
        let spoilt = vec![Change::Set("lines", "none".into())];
        app.table().update(&StoredOrder::key(order.id), spoilt, Condition::Present).await.unwrap();
    }
    app.advance(RECEIPT);
    run(&app).await.expect_err("the alarm must hear of it");
    assert_eq!(status(&app, &all[10]).await, OrderStatus::Confirmed);
    assert_eq!(run(&app).await.unwrap(), 2, "they are put off");
}
