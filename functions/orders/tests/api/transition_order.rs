//! What a buyer can do with an order, and what nobody can.

use domain::{
    ids::{OrderId, StoreId},
    orders::OrderStatus,
    processes::{
        Actor, Notice,
        payment::PaymentState,
        sell::{SELL, SellEvent},
    },
};
use serde_json::{Value, json};
use shared::{
    random,
    store::{
        expression::{Change, Condition},
        listings::Stock,
        orders::StoredOrder,
        outbox::Effect,
        refunds::{Refund, RefundState},
        users::User,
    },
};
use testkit::{TestApp, TestRequest, TestUser};

use crate::steps::{PAID, place, secret_of, start, told, walk};

fn ask<'a>(app: &'a TestApp, order: &StoredOrder, body: Value) -> TestRequest<'a> {
    app.post("orders.transition_order").path("order_id", order.id).json(body)
}

fn cancel<'a>(app: &'a TestApp, order: &StoredOrder, buyer: &TestUser) -> TestRequest<'a> {
    ask(app, order, json!({ "action": "cancel" })).as_user(buyer)
}

fn stock(app: &TestApp) -> (u32, u32, u32) {
    let stock = &app.all::<Stock>()[0];
    (stock.available, stock.held, stock.sold)
}

async fn stored(app: &TestApp, order: &StoredOrder) -> StoredOrder {
    app.table().get_order(order.id).await.unwrap().unwrap()
}

#[tokio::test]
async fn an_order_that_is_not_paid_is_called_off_with_its_whole_checkout() {
    let app = start().await;
    let mina = app.user("mina").await;
    let order = place(&app, Some(mina.id)).await;
    assert_eq!(stock(&app), (3, 2, 0));
    let answer = cancel(&app, &order, &mina).idempotency_key("k").send().await;
    assert_eq!(answer.status, 200, "{:?}", answer.body);
    let shown = answer.json();
    assert_eq!((&shown["status"], &shown["actions"]), (&json!("cancelled"), &json!([])));
    assert_eq!(shown["cancellation"], json!({ "by": "buyer", "reason": null, "at": app.now() }));
    assert_eq!(stock(&app), (5, 0, 0));
    assert_eq!(app.payment_of(&order).await.status, PaymentState::Cancelled);
    assert!(app.all::<Refund>().is_empty(), "nothing was paid");
}

#[tokio::test]
async fn a_paid_order_is_called_off_and_its_money_is_due() {
    let app = start().await;
    let mina = app.user("mina").await;
    let order = walk(&app, &place(&app, Some(mina.id)).await, &PAID).await;
    let body = json!({ "action": "cancel", "reason": "Found another\r\nlamp." });
    let answer = ask(&app, &order, body).as_user(&mina).idempotency_key("k").send().await;
    assert_eq!(answer.status, 200, "{:?}", answer.body);
    assert_eq!(answer.json()["status"], "cancel_refunding");
    assert_eq!(answer.json()["cancellation"]["reason"], "Found another\nlamp.");
    assert_eq!(stock(&app), (5, 0, 0));
    let refunds = app.all::<Refund>();
    assert_eq!(refunds.len(), 1);
    assert_eq!((refunds[0].amount, refunds[0].state, refunds[0].order_id), (order.total, RefundState::Due, order.id));
    let is_told = |effect: Effect| match effect {
        Effect::MailOrder { notice, .. } | Effect::TellStore { notice, .. } => notice == Notice::OrderCancelled,
        _ => false,
    };
    assert_eq!(
        app.outbox().into_iter().filter(|event| is_told(event.effect.clone())).count(),
        2,
        "the buyer and the store are told"
    );
}

#[tokio::test]
async fn a_guest_calls_off_with_the_secret() {
    let app = start().await;
    let order = walk(&app, &place(&app, None).await, &PAID).await;
    let request = ask(&app, &order, json!({ "action": "cancel" })).header("order-secret", secret_of(&app, &order));
    assert_eq!(request.idempotency_key("k").send().await.json()["status"], "cancel_refunding");
}

#[tokio::test]
async fn the_buyer_confirms_the_receipt_once() {
    let app = start().await;
    let mina = app.user("mina").await;
    let order = walk(&app, &place(&app, Some(mina.id)).await, &PAID).await;
    let seller = |event| (event, Actor::Seller);
    let delivered =
        walk(&app, &order, &[seller(SellEvent::Prepare), seller(SellEvent::Ship), seller(SellEvent::Deliver)]).await;
    let confirm =
        |key: &str| ask(&app, &delivered, json!({ "action": "confirm_receipt" })).as_user(&mina).idempotency_key(key);
    let answer = confirm("k").send().await;
    assert_eq!((answer.status, &answer.json()["status"]), (200, &json!("confirmed")), "{:?}", answer.body);
    confirm("l").send().await.assert_refused(409, "orders.action_not_open");
    assert!(confirm("k").send().await.is_replayed());
}

#[tokio::test]
async fn attack_35_a_repeated_request_gets_its_first_answer_and_moves_nothing() {
    let app = start().await;
    let mina = app.user("mina").await;
    let order = walk(&app, &place(&app, Some(mina.id)).await, &PAID).await;
    let first = cancel(&app, &order, &mina).idempotency_key("k").send().await;
    let again = cancel(&app, &order, &mina).idempotency_key("k").send().await;
    assert!(again.is_replayed());
    assert_eq!(first.json(), again.json());
    assert_eq!(app.all::<Refund>().len(), 1);
    let other = ask(&app, &order, json!({ "action": "confirm_receipt" })).as_user(&mina).idempotency_key("k");
    other.send().await.assert_refused(422, "request.idempotency_key_reused");
    cancel(&app, &order, &mina).send().await.assert_refused(400, "request.idempotency_key_missing");
}

#[tokio::test]
async fn attack_25_27_two_who_cancel_at_once_make_one_refund() {
    let app = start().await;
    let mina = app.user("mina").await;
    let order = walk(&app, &place(&app, Some(mina.id)).await, &PAID).await;
    let one = |key: &str| cancel(&app, &order, &mina).idempotency_key(key).send();
    let (a, b, c, d) = tokio::join!(one("a"), one("b"), one("c"), one("d"));
    let mut statuses = [a.status, b.status, c.status, d.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409, 409, 409]);
    assert_eq!((app.all::<Refund>().len(), stock(&app)), (1, (5, 0, 0)));
}

#[tokio::test]
async fn attack_1_3_whoever_may_not_see_an_order_cannot_move_it_either() {
    let app = start().await;
    let (mina, ben) = (app.user("mina").await, app.user("ben").await);
    let order = walk(&app, &place(&app, Some(mina.id)).await, &PAID).await;
    let guests = walk(&app, &place(&app, None).await, &PAID).await;
    let nowhere = StoredOrder { id: OrderId::new(app.now(), random::entropy().unwrap()), ..order.clone() };
    let reference = told(&cancel(&app, &nowhere, &mina).idempotency_key("k").send().await);
    assert_eq!(reference.0, 404);
    for request in [
        cancel(&app, &order, &ben).idempotency_key("k1"),
        cancel(&app, &guests, &mina).idempotency_key("k2"),
        ask(&app, &guests, json!({ "action": "cancel" }))
            .header("order-secret", secret_of(&app, &order))
            .idempotency_key("k3"),
    ] {
        assert_eq!(told(&request.send().await), reference);
    }
    assert!(app.all::<Refund>().is_empty());
}

#[tokio::test]
async fn attack_6_a_session_that_has_ended_moves_nothing() {
    let app = start().await;
    let mina = app.user("mina").await;
    let order = walk(&app, &place(&app, Some(mina.id)).await, &PAID).await;
    let ended = vec![Change::Add("epoch", 1)];
    app.table().update(&User::key(mina.id), ended, Condition::Present).await.unwrap();
    cancel(&app, &order, &mina).idempotency_key("k").send().await.assert_refused(401, "auth.sign_in_needed");
    assert_eq!(stored(&app, &order).await.status, OrderStatus::Paid);
}

/// In every state exactly the actions that are shown can be taken: the table decides, and nobody else.
#[tokio::test]
async fn attack_27_in_every_state_the_actions_that_are_shown_are_open_and_no_others() {
    let ways: [&[(SellEvent, Actor)]; 10] = [
        &[],
        &PAID[..1],
        &PAID,
        &[PAID[0], PAID[1], (SellEvent::Prepare, Actor::Seller)],
        &[PAID[0], PAID[1], (SellEvent::Prepare, Actor::Seller), (SellEvent::Ship, Actor::Seller)],
        &[
            PAID[0],
            PAID[1],
            (SellEvent::Prepare, Actor::Seller),
            (SellEvent::Ship, Actor::Seller),
            (SellEvent::Deliver, Actor::Seller),
        ],
        &[
            PAID[0],
            PAID[1],
            (SellEvent::Prepare, Actor::Seller),
            (SellEvent::Ship, Actor::Seller),
            (SellEvent::Deliver, Actor::Seller),
            (SellEvent::ConfirmReceipt, Actor::Buyer),
        ],
        &[(SellEvent::Cancel, Actor::Buyer)],
        &[PAID[0], PAID[1], (SellEvent::Cancel, Actor::Seller)],
        &[PAID[0], PAID[1], (SellEvent::Cancel, Actor::Seller), (SellEvent::RefundDone, Actor::Provider)],
    ];
    let app = start().await;
    let seller = app.user("seller").await;
    let store = StoreId::stall_of(seller.id);
    let mut seen = Vec::new();
    for way in ways {
        let mut new = app.new_order();
        new.store_id = store;
        let order = walk(&app, &app.place(new).await, way).await;
        seen.push(order.status);
        for (actor, names) in [
            (Actor::Buyer, &["cancel", "confirm_receipt"][..]),
            (Actor::Seller, &["prepare", "ship", "deliver", "cancel"][..]),
        ] {
            let open = SELL.actions(order.status, actor, order.moments(), app.now());
            for name in names {
                if open.contains(name) {
                    continue;
                }
                let before = stored(&app, &order).await;
                let answer = match actor {
                    Actor::Buyer => {
                        let secret = secret_of(&app, &order);
                        ask(&app, &order, json!({ "action": name }))
                            .header("order-secret", secret)
                            .idempotency_key("k")
                            .send()
                            .await
                    }
                    _ => crate::transition_store_order::ask(&app, &seller, &order, name).send().await,
                };
                answer.assert_refused(409, "orders.action_not_open");
                assert_eq!(stored(&app, &order).await, before, "{name} in {:?}", order.status);
            }
        }
    }
    seen.sort_unstable();
    seen.dedup();
    assert_eq!(seen.len(), ways.len() - 1, "an order can be cancelled before and after its payment");
}

#[tokio::test]
async fn attack_2_76_wrong_secrets_are_counted_here_too() {
    let app = start().await;
    let order = place(&app, None).await;
    let wrong = |number: u32| {
        ask(&app, &order, json!({ "action": "cancel" }))
            .header("order-secret", format!("banana-{number}"))
            .idempotency_key(&format!("wrong-{number}"))
    };
    for number in 1..=20 {
        wrong(number).send().await.assert_refused(404, "orders.not_found");
    }
    wrong(21).send().await.assert_refused(429, "orders.too_many_wrong_secrets");
    let right = ask(&app, &order, json!({ "action": "cancel" })).header("order-secret", secret_of(&app, &order));
    assert_eq!(right.idempotency_key("right").send().await.status, 200);
}
