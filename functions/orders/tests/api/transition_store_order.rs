//! What a store can do with an order.

use domain::{
    ids::StoreId,
    processes::{Notice, sell::SellState},
    stores::StoreRole,
};
use serde_json::{Value, json};
use shared::store::{orders::StoredOrder, outbox::Effect, refunds::Refund, stores::Membership};
use testkit::{TestApp, TestRequest, TestUser};

use crate::steps::{PAID, secret_of, start, walk};

/// A request for an action with all that it takes.
pub(crate) fn ask<'a>(app: &'a TestApp, seller: &TestUser, order: &StoredOrder, action: &str) -> TestRequest<'a> {
    let body = match action {
        "ship" => json!({ "action": "ship", "carrier": "cj", "tracking_number": "6803 1234 5678" }),
        "cancel" => json!({ "action": "cancel", "reason": "The lamp broke." }),
        other => json!({ "action": other }),
    };
    send(app, seller, order, body)
}

fn send<'a>(app: &'a TestApp, seller: &TestUser, order: &StoredOrder, body: Value) -> TestRequest<'a> {
    app.post("orders.transition_store_order")
        .path("store_id", order.store_id)
        .path("order_id", order.id)
        .as_user(seller)
        .idempotency_key(&format!("{body}{}", order.id).replace(' ', "_"))
        .json(body)
}

/// A paid order at the stall of this seller.
async fn paid(app: &TestApp, seller: &TestUser) -> StoredOrder {
    let mut new = app.new_order();
    new.store_id = StoreId::stall_of(seller.id);
    let order = app.place(new).await;
    walk(app, &order, &PAID).await
}

fn notices(app: &TestApp) -> Vec<Notice> {
    let notice = |effect: Effect| match effect {
        Effect::MailOrder { notice, .. } | Effect::TellStore { notice, .. } => Some(notice),
        _ => None,
    };
    app.outbox().into_iter().filter_map(|event| notice(event.effect)).collect()
}

#[tokio::test]
async fn an_order_is_prepared_shipped_with_its_number_and_delivered() {
    let app = start().await;
    let seller = app.user("seller").await;
    let order = paid(&app, &seller).await;
    let prepared = ask(&app, &seller, &order, "prepare").send().await;
    assert_eq!(prepared.status, 200, "{:?}", prepared.body);
    assert_eq!(
        (&prepared.json()["status"], &prepared.json()["actions"]),
        (&json!("preparing"), &json!(["cancel", "ship"]))
    );
    let shipped = ask(&app, &seller, &order, "ship").send().await.json();
    assert_eq!(shipped["status"], "shipping");
    assert_eq!(
        shipped["shipment"],
        json!({
            "carrier": "cj", "carrier_name": null, "tracking_number": "680312345678", "shipped_at": app.now(),
            "tracking_url": "https://trace.cjlogistics.com/next/tracking.html?wblNo=680312345678",
        })
    );
    assert_eq!(ask(&app, &seller, &order, "deliver").send().await.json()["status"], "delivered");
    for notice in [Notice::OrderShipped, Notice::OrderDelivered] {
        assert!(notices(&app).contains(&notice), "{notice:?}");
    }
}

#[tokio::test]
async fn what_a_step_needs_is_asked_for_and_what_it_does_not_take_is_refused() {
    let app = start().await;
    let seller = app.user("seller").await;
    let order = paid(&app, &seller).await;
    let number = "680312345678";
    for (body, pointer) in [
        (json!({ "action": "ship" }), "/carrier"),
        (json!({ "action": "ship", "carrier": "cj" }), "/tracking_number"),
        (json!({ "action": "ship", "carrier": "other", "tracking_number": number }), "/carrier_name"),
        (
            json!({ "action": "ship", "carrier": "cj", "carrier_name": "CJ", "tracking_number": number }),
            "/carrier_name",
        ),
        (json!({ "action": "ship", "carrier": "pigeon", "tracking_number": number }), "/carrier"),
        (json!({ "action": "ship", "carrier": "cj", "tracking_number": "12" }), "/tracking_number"),
        (json!({ "action": "cancel" }), "/reason"),
        (json!({ "action": "prepare", "reason": "because" }), "/reason"),
        (json!({ "action": "deliver", "tracking_number": number }), "/tracking_number"),
        (json!({ "action": "refund_done" }), "/action"),
    ] {
        let answer = send(&app, &seller, &order, body.clone()).send().await;
        assert_eq!(answer.status, 400, "{body}");
        assert_eq!(answer.pointers(), [pointer], "{body}");
    }
    assert_eq!(app.table().get_order(order.id).await.unwrap().unwrap(), order);
}

#[tokio::test]
async fn a_store_calls_off_with_a_reason_that_the_buyer_reads() {
    let app = start().await;
    let seller = app.user("seller").await;
    let order = paid(&app, &seller).await;
    let answer = ask(&app, &seller, &order, "cancel").send().await.json();
    assert_eq!(answer["status"], "cancel_refunding");
    assert_eq!(answer["cancellation"], json!({ "by": "seller", "reason": "The lamp broke.", "at": app.now() }));
    assert_eq!(app.all::<Refund>().len(), 1);
}

#[tokio::test]
async fn attack_4_5_7_27_an_order_is_there_for_members_of_its_store_only_and_moves_once_it_is_paid() {
    let app = start().await;
    let (seller, other) = (app.user("seller").await, app.user("other").await);
    let order = paid(&app, &seller).await;
    // Another person, by the order's own store and by their own.
    ask(&app, &other, &order, "prepare").send().await.assert_refused(404, "stores.not_found");
    let at_own = StoredOrder { store_id: StoreId::stall_of(other.id), ..order.clone() };
    ask(&app, &other, &at_own, "prepare").send().await.assert_refused(404, "orders.not_found");
    // The seller, before anybody paid.
    let mut new = app.new_order();
    new.store_id = order.store_id;
    let unpaid = app.place(new).await;
    ask(&app, &seller, &unpaid, "cancel").send().await.assert_refused(409, "orders.action_not_open");
    assert_eq!(app.table().get_order(order.id).await.unwrap().unwrap().status, SellState::Paid);
}

#[tokio::test]
async fn staff_may_do_what_packers_do() {
    let app = start().await;
    let (seller, packer) = (app.user("seller").await, app.user("packer").await);
    let order = paid(&app, &seller).await;
    let membership =
        Membership { store_id: order.store_id, user_id: packer.id, role: StoreRole::Staff, since: app.now() };
    app.table().transaction().create(&membership).commit().await.unwrap();
    assert_eq!(ask(&app, &packer, &order, "prepare").send().await.status, 200);
}

#[tokio::test]
async fn attack_25_27_a_buyer_who_cancels_while_the_store_prepares_meets_one_answer_each() {
    let app = start().await;
    let seller = app.user("seller").await;
    let order = paid(&app, &seller).await;
    let secret = secret_of(&app, &order);
    let cancel = app
        .post("orders.transition_order")
        .path("order_id", order.id)
        .header("order-secret", secret)
        .idempotency_key("k")
        .json(json!({ "action": "cancel" }));
    let (cancelled, prepared) = tokio::join!(cancel.send(), ask(&app, &seller, &order, "prepare").send());
    let mut statuses = [cancelled.status, prepared.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409]);
}
