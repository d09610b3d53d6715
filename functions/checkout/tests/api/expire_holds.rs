//! Orders that nobody paid: their stock comes back, once, and not a second too early.

use domain::{orders::OrderStatus, timestamp::Seconds};
use engines::{Engine, FaultKind, FaultRule, toss::Card};
use serde_json::{Value, json};
use shared::store::{audit::AuditRow, orders::StoredOrder};
use testkit::{START, TestApp, TestRequest};

use crate::steps::{
    cart, checkout, confirm, expire, lamp, line, order, pay, place, put_raw, raw_payment, reconcile, start, stock, tick,
};

const HOLD: Seconds = Seconds::minutes(15);
const JOB: &str = "checkout.expire_holds";

fn statuses(app: &TestApp, status: OrderStatus) -> usize {
    app.all::<StoredOrder>().iter().filter(|order| order.status == status).count()
}

#[tokio::test]
async fn at_899_seconds_nothing_happens_and_at_900_the_order_expires_and_its_stock_comes_back() {
    let (app, seller) = start().await;
    let goods = lamp(&app, &seller, 12_000, 5).await;
    let placed = place(&app, &goods, 2).await;
    app.advance(Seconds(899));
    // Both shards of the index are asked, and nothing else.
    assert_eq!(expire(&app).await, 2);
    assert_eq!((order(&app, placed.id).await.status, stock(&app, &goods)), (OrderStatus::Pending, (3, 2, 0)));
    app.advance(Seconds(1));
    // The payment and its order are read, and moved in one transaction.
    assert_eq!(expire(&app).await, 5);
    let expired = order(&app, placed.id).await;
    assert_eq!((expired.status, expired.entered_at), (OrderStatus::Expired, START.plus(HOLD)));
    assert_eq!(stock(&app, &goods), (5, 0, 0));
    let row = app.all::<AuditRow>().into_iter().find(|row| row.to == OrderStatus::Expired).unwrap();
    assert_eq!((row.event.as_str(), row.actor.as_str(), row.user_id), ("expire", "time", None));
    assert!(app.outbox().is_empty());
}

#[tokio::test]
async fn run_again_it_does_nothing() {
    let (app, seller) = start().await;
    let goods = lamp(&app, &seller, 12_000, 5).await;
    place(&app, &goods, 2).await;
    app.advance(HOLD);
    expire(&app).await;
    let items = app.items().len();
    assert_eq!(expire(&app).await, 2);
    app.advance(Seconds::days(1));
    assert_eq!(expire(&app).await, 2);
    assert_eq!((app.items().len(), stock(&app, &goods)), (items, (5, 0, 0)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn attack_25_two_runs_at_once_give_the_stock_back_once() {
    let (app, seller) = start().await;
    let goods = lamp(&app, &seller, 12_000, 50).await;
    for _ in 0..10 {
        place(&app, &goods, 3).await;
    }
    app.advance(HOLD);
    let (one, two) = tokio::join!(app.run_job(JOB, tick(&app)), app.run_job(JOB, tick(&app)));
    assert!(one.is_ok() && two.is_ok(), "who comes second finds nothing to do: {one:?} {two:?}");
    assert_eq!((statuses(&app, OrderStatus::Expired), stock(&app, &goods)), (10, (50, 0, 0)));
}

#[tokio::test]
async fn an_order_that_is_being_confirmed_never_expires_even_when_the_index_lags_behind() {
    let (app, seller) = start().await;
    let goods = lamp(&app, &seller, 12_000, 5).await;
    let placed = place(&app, &goods, 1).await;
    app.advance(Seconds(899));
    let payment_key = pay(&app, &placed, Card::LostAnswer);
    app.fail(vec![FaultRule::always(Engine::Toss, FaultKind::ServerError).on("fetch")]);
    assert_eq!(confirm(&app, &placed, &payment_key).send().await.status, 202);
    app.advance(Seconds(1));
    assert_eq!(expire(&app).await, 2, "it is no longer among those that wait for a payment");
    app.advance(Seconds::hours(1));
    // The index as it was a while ago shows the order as one that waits for its payment.
    let mut stale = raw_payment(&app, &placed);
    let (pk, sk) = (stale["duepk"]["S"].as_str().unwrap().to_owned(), stale["duesk"]["S"].clone());
    stale["duepk"] = json!({ "S": pk.replace("QUESTIONS", "HOLDS") });
    stale["duesk"] = json!({ "S": sk.as_str().unwrap() });
    put_raw(&app, &stale);
    assert_eq!(expire(&app).await, 3, "it is looked at, and left alone");
    assert_eq!((order(&app, placed.id).await.status, stock(&app, &goods)), (OrderStatus::Confirming, (4, 1, 0)));
}

#[tokio::test]
async fn an_order_that_is_paid_while_the_job_runs_stays_paid() {
    let (app, seller) = start().await;
    let goods = lamp(&app, &seller, 12_000, 50).await;
    for _ in 0..8 {
        let placed = place(&app, &goods, 1).await;
        let payment_key = pay(&app, &placed, Card::Approve);
        // The request came a moment before the end, and is worked on while the schedule runs.
        let request = confirm(&app, &placed, &payment_key).later(Seconds(899));
        let later = json!({ "time": app.now().plus(HOLD).to_string() });
        let (answer, run) = tokio::join!(request.send(), app.run_job(JOB, later));
        assert!(run.is_ok(), "{run:?}");
        let status = order(&app, placed.id).await.status;
        let expected = if answer.status == 200 { OrderStatus::Paid } else { OrderStatus::Expired };
        assert_eq!(status, expected, "{:?}", answer.body);
    }
    let (available, held, sold) = stock(&app, &goods);
    assert_eq!((held, 50_u32.saturating_sub(available)), (0, sold));
    assert_eq!(sold as usize, crate::steps::captured(&app).0);
    reconcile(&app).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_run_expires_all_that_are_due_however_many_they_are() {
    let (app, seller) = start().await;
    let mut goods = Vec::new();
    for _ in 0..26 {
        goods.push(lamp(&app, &seller, 12_000, 5).await);
    }
    let requests = (0..130)
        .map(|n| {
            let body = cart(&[line(&goods[n % 26], 1)]);
            checkout(&app, &body, &format!("key-{n}")).from(&format!("203.0.113.{n}"))
        })
        .collect();
    for answer in TestRequest::all_at_once(requests).await {
        assert_eq!(answer.status, 201, "{:?}", answer.body);
    }
    app.advance(HOLD);
    expire(&app).await;
    assert_eq!(statuses(&app, OrderStatus::Expired), 130);
    assert!(goods.iter().all(|goods| stock(&app, goods) == (5, 0, 0)));
}

#[tokio::test]
async fn one_order_that_cannot_be_read_keeps_no_other_from_expiring_and_is_reported() {
    let (app, seller) = start().await;
    let goods = lamp(&app, &seller, 12_000, 50).await;
    let mut orders = Vec::new();
    for _ in 0..5 {
        orders.push(place(&app, &goods, 1).await);
        app.advance(Seconds(1));
    }
    let broken = orders.remove(0);
    let mut item = raw_payment(&app, &broken);
    item["total"] = json!({ "S": "a lot" });
    put_raw(&app, &item);
    app.advance(HOLD);
    let fault = app.run_job(JOB, tick(&app)).await.expect_err("the alarm must hear of it");
    assert_eq!(fault.context, "read an item");
    for placed in &orders {
        assert_eq!(order(&app, placed.id).await.status, OrderStatus::Expired);
    }
    assert_eq!(stock(&app, &goods), (49, 1, 0));
}

#[tokio::test]
async fn a_run_that_the_database_refuses_is_made_up_for_by_the_next() {
    let (app, seller) = start().await;
    let goods = lamp(&app, &seller, 12_000, 5).await;
    let placed = place(&app, &goods, 1).await;
    app.advance(HOLD);
    app.fail(vec![FaultRule::always(Engine::Database, FaultKind::ServerError).on("TransactWriteItems")]);
    app.run_job(JOB, tick(&app)).await.expect_err("the alarm must hear of it");
    assert_eq!((order(&app, placed.id).await.status, stock(&app, &goods)), (OrderStatus::Pending, (4, 1, 0)));
    app.heal();
    app.advance(Seconds::minutes(2));
    expire(&app).await;
    assert_eq!((order(&app, placed.id).await.status, stock(&app, &goods)), (OrderStatus::Expired, (5, 0, 0)));
}

#[tokio::test]
async fn ten_that_always_fail_keep_the_eleventh_from_nothing_and_are_put_off_longer_each_time() {
    let (app, seller) = start().await;
    let goods = lamp(&app, &seller, 12_000, 50).await;
    let mut all = Vec::new();
    for _ in 0..11 {
        all.push(place(&app, &goods, 1).await);
        app.advance(Seconds(1));
    }
    for placed in &all[..10] {
        let mut item = raw_payment(&app, placed);
        item["total"] = json!({ "S": "a lot" });
        put_raw(&app, &item);
    }
    app.advance(HOLD);
    app.run_job(JOB, tick(&app)).await.expect_err("the alarm must hear of it");
    assert_eq!((statuses(&app, OrderStatus::Expired), stock(&app, &goods)), (1, (40, 10, 0)));
    // They rest for 2, 4, 8 … minutes, six hours at most: in a day they are tried ten times, not 1,440.
    let mut tried = 0;
    for _ in 0..1_440 {
        app.advance(Seconds::minutes(1));
        tried += u32::from(app.run_job(JOB, tick(&app)).await.is_err());
    }
    assert_eq!(tried, 10);
}

#[tokio::test]
async fn an_event_that_is_none_is_refused() {
    let (app, _) = start().await;
    for event in [Value::Null, json!({}), json!({ "time": "yesterday" }), json!([])] {
        app.run_job(JOB, event).await.expect_err("no time, no work");
    }
}
