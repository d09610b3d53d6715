//! Webhooks of Toss: hints that make us ask, and never believed.

use domain::{ledger::Posting, orders::OrderStatus, processes::payment::PaymentState, timestamp::Seconds};
use engines::{Engine, FaultKind, FaultRule, toss::Card};
use serde_json::{Value, json};
use testkit::{TestApp, TestRequest};

use crate::steps::{
    Placed, Tripwire, captured, confirm, confirm_for, expire, lamp, order, pay, paying, place, reconcile, start, stock,
};

fn hint<'a>(app: &'a TestApp, body: &Value) -> TestRequest<'a> {
    app.post("checkout.toss_webhook").body("application/json", body.to_string())
}

fn changed(placed: &Placed, payment_key: &str, status: &str) -> Value {
    json!({
        "eventType": "PAYMENT_STATUS_CHANGED", "createdAt": "2026-11-21T18:00:00.000000",
        "data": { "orderId": placed.checkout, "paymentKey": payment_key, "status": status,
                  "lastTransactionKey": format!("txn-{payment_key}-{status}"), "totalAmount": 15_000 },
    })
}

fn deposited(placed: &Placed, transaction: &str) -> Value {
    json!({ "createdAt": "2026-11-21T18:00:00.000", "secret": "ps_x", "status": "DONE",
            "transactionKey": transaction, "orderId": placed.checkout })
}

/// A checkout that is confirming although the provider took the money.
async fn unknown(app: &TestApp, goods: &crate::steps::Goods) -> (Placed, String) {
    let placed = place(app, goods, 1).await;
    let payment_key = pay(app, &placed, Card::LostAnswer);
    app.fail(vec![FaultRule::always(Engine::Toss, FaultKind::ServerError).on("fetch")]);
    assert_eq!(confirm(app, &placed, &payment_key).send().await.status, 202);
    app.heal();
    (placed, payment_key)
}

#[tokio::test]
async fn a_hint_makes_us_ask_and_what_the_provider_says_counts() {
    let (app, seller) = start().await;
    let goods = lamp(&app, &seller, 12_000, 5).await;
    for kind in ["payment", "deposit"] {
        let (placed, payment_key) = unknown(&app, &goods).await;
        // Whatever the hint says: that it failed, or nothing of it.
        let body = if kind == "payment" { changed(&placed, &payment_key, "ABORTED") } else { deposited(&placed, kind) };
        let answer = hint(&app, &body).send().await;
        assert_eq!((answer.status, answer.json()), (200, json!({ "received": true })));
        let (stored, payment) = (order(&app, placed.id).await, paying(&app, &placed).await);
        assert_eq!((stored.status, payment.status), (OrderStatus::Paid, PaymentState::Captured), "{kind}");
    }
    assert_eq!((app.all::<Posting>().len(), captured(&app), stock(&app, &goods)), (2, (2, 30_000), (3, 0, 2)));
}

#[tokio::test]
async fn attack_28_a_forged_hint_that_something_is_paid_pays_nothing() {
    let (app, seller) = start().await;
    let goods = lamp(&app, &seller, 12_000, 5).await;
    let placed = place(&app, &goods, 1).await;
    let wire = Tripwire::lay(&app);
    for body in [changed(&placed, "tviva-forged", "DONE"), deposited(&placed, "forged")] {
        assert_eq!(hint(&app, &body).send().await.status, 200);
    }
    wire.assert_not_called().await;
    // And for one that is being asked about, the provider says what is so.
    let payment_key = pay(&app, &placed, Card::Approve);
    app.fail(vec![FaultRule::always(Engine::Toss, FaultKind::TimeOutBefore)]);
    assert_eq!(confirm(&app, &placed, &payment_key).send().await.status, 202);
    app.heal();
    assert_eq!(hint(&app, &changed(&placed, &payment_key, "DONE")).send().await.status, 200);
    assert_eq!(order(&app, placed.id).await.status, OrderStatus::Confirming);
    assert_eq!(captured(&app), (0, 0));
}

#[tokio::test]
async fn attack_31_hints_that_come_again_late_or_out_of_order_change_nothing() {
    let (app, seller) = start().await;
    let goods = lamp(&app, &seller, 12_000, 5).await;
    let (placed, payment_key) = unknown(&app, &goods).await;
    for status in ["DONE", "IN_PROGRESS", "DONE", "EXPIRED", "CANCELED"] {
        assert_eq!(hint(&app, &changed(&placed, &payment_key, status)).send().await.status, 200, "{status}");
    }
    let before = app.items().len();
    for _ in 0..3 {
        app.advance(Seconds::hours(7));
        hint(&app, &changed(&placed, &payment_key, "DONE")).send().await;
    }
    expire(&app).await;
    reconcile(&app).await;
    assert_eq!(order(&app, placed.id).await.status, OrderStatus::Paid);
    assert_eq!((app.all::<Posting>().len(), captured(&app), app.items().len()), (1, (1, 15_000), before));
}

#[tokio::test]
async fn attack_76_one_event_is_asked_about_once_and_one_checkout_twenty_times_an_hour() {
    let (app, seller) = start().await;
    let goods = lamp(&app, &seller, 12_000, 5).await;
    let (placed, payment_key) = unknown(&app, &goods).await;
    let fails = || app.fail(vec![FaultRule::always(Engine::Toss, FaultKind::ServerError).on("fetch")]);
    fails();
    for number in 0..20 {
        hint(&app, &changed(&placed, &payment_key, &format!("STATUS_{number}"))).send().await;
    }
    app.heal();
    let wire = Tripwire::lay(&app);
    for body in [changed(&placed, &payment_key, "STATUS_0"), changed(&placed, &payment_key, "STATUS_99")] {
        assert_eq!(hint(&app, &body).send().await.status, 200);
    }
    wire.assert_not_called().await;
    // The schedule asks, as it does without any hint.
    app.advance(Seconds(30));
    reconcile(&app).await;
    assert_eq!(order(&app, placed.id).await.status, OrderStatus::Paid);
}

#[tokio::test]
async fn attack_30_what_toss_sends_again_is_asked_about_once_whatever_it_says() {
    let (app, seller) = start().await;
    let goods = lamp(&app, &seller, 12_000, 5).await;
    let (placed, payment_key) = unknown(&app, &goods).await;
    let sent = |id: &'static str, body: Value| hint(&app, &body).header("tosspayments-webhook-transmission-id", id);
    app.fail(vec![FaultRule::always(Engine::Toss, FaultKind::ServerError).on("fetch")]);
    let first = sent("whtrans_a", changed(&placed, &payment_key, "DONE")).send().await;
    assert_eq!(first.status, 200);
    app.heal();
    let wire = Tripwire::lay(&app);
    for body in [changed(&placed, &payment_key, "DONE"), changed(&placed, &payment_key, "CANCELED")] {
        let again = sent("whtrans_a", body).header("tosspayments-webhook-transmission-retried-count", "1");
        let again = again.send().await;
        assert_eq!((again.status, again.json()), (200, json!({ "received": true })));
    }
    wire.assert_not_called().await;
    assert_eq!(order(&app, placed.id).await.status, OrderStatus::Confirming);
    sent("whtrans_b", changed(&placed, &payment_key, "PARTIAL_CANCELED")).send().await;
    assert_eq!(order(&app, placed.id).await.status, OrderStatus::Paid);
}

#[tokio::test]
async fn a_hint_about_a_checkout_that_nobody_is_asked_about_costs_one_read() {
    let (app, seller) = start().await;
    let goods = lamp(&app, &seller, 12_000, 5).await;
    let placed = place(&app, &goods, 1).await;
    let before = app.items().len();
    let answer = hint(&app, &changed(&placed, "tviva-x", "DONE"))
        .header("tosspayments-webhook-transmission-id", "whtrans_a")
        .send()
        .await;
    assert_eq!((answer.status, answer.usage.calls, answer.usage.write_half_units), (200, 1, 0));
    assert_eq!(app.items().len(), before, "nothing is remembered of it");
}

#[tokio::test]
async fn a_cancellation_that_names_its_checkout_makes_us_ask_and_one_that_does_not_is_passed_over() {
    let (app, seller) = start().await;
    let goods = lamp(&app, &seller, 12_000, 5).await;
    let (placed, _) = unknown(&app, &goods).await;
    let cancel = json!({ "transactionKey": "txn-1", "cancelAmount": 15_000, "cancelStatus": "DONE" });
    let told = |data: &Value| json!({ "eventType": "CANCEL_STATUS_CHANGED", "createdAt": "2026-11-21T18:00:00.000000", "data": data });
    let wire = Tripwire::lay(&app);
    assert_eq!(hint(&app, &told(&cancel)).send().await.status, 200);
    wire.assert_not_called().await;
    let mut named = cancel.clone();
    named["orderId"] = json!(placed.checkout);
    assert_eq!(hint(&app, &told(&named)).send().await.status, 200);
    assert_eq!(order(&app, placed.id).await.status, OrderStatus::Paid);
}

#[tokio::test]
async fn attack_58_nonsense_is_answered_and_does_nothing() {
    let (app, _) = start().await;
    let before = app.items().len();
    let wire = Tripwire::lay(&app);
    let deep = "[".repeat(50_000);
    for body in [
        "",
        "null",
        "[]",
        "banana",
        "{\"eventType\":\"PAYMENT_STATUS_CHANGED\"}",
        "{\"eventType\":\"PAYMENT_STATUS_CHANGED\",\"data\":{\"orderId\":\"../x\"}}",
        "{\"eventType\":\"PAYMENT_STATUS_CHANGED\",\"data\":{\"orderId\":7}}",
        "{\"eventType\":\"SOMETHING_OF_NEXT_YEAR\",\"data\":{}}",
        "{\"orderId\":\"chk_01jd7c3v1h8k2m4n6p8q0r2s4t\",\"status\":\"DONE\"}",
        deep.as_str(),
    ] {
        let answer = app.post("checkout.toss_webhook").body("text/plain", body.to_owned()).send().await;
        assert_eq!(answer.status, 200, "{body:.60}: {:?}", answer.body);
    }
    wire.assert_not_called().await;
    assert_eq!(app.items().len(), before);
}

#[tokio::test]
async fn what_was_declined_is_payable_again_and_what_is_still_open_is_asked_about_later() {
    let (app, seller) = start().await;
    let goods = lamp(&app, &seller, 12_000, 5).await;
    let placed = place(&app, &goods, 1).await;
    let fetch_fails = || FaultRule::always(Engine::Toss, FaultKind::ServerError).on("fetch");
    let declined = pay(&app, &placed, Card::LimitExceeded);
    app.fail(vec![FaultRule::always(Engine::Toss, FaultKind::TimeOutAfterApply).on("confirm"), fetch_fails()]);
    assert_eq!(confirm(&app, &placed, &declined).send().await.status, 202);
    app.heal();
    hint(&app, &changed(&placed, &declined, "ABORTED")).send().await;
    let (stored, payment) = (order(&app, placed.id).await, paying(&app, &placed).await);
    assert_eq!((stored.status, payment.status, payment.key), (OrderStatus::Pending, PaymentState::Pending, None));

    let open = pay(&app, &placed, Card::Approve);
    app.fail(vec![FaultRule::always(Engine::Toss, FaultKind::TimeOutBefore).on("confirm"), fetch_fails()]);
    assert_eq!(confirm(&app, &placed, &open).send().await.status, 202);
    app.heal();
    app.advance(Seconds(60));
    let before = paying(&app, &placed).await;
    hint(&app, &changed(&placed, &open, "IN_PROGRESS")).send().await;
    let after = paying(&app, &placed).await;
    assert_eq!((after.status, after.asked), (PaymentState::Confirming, before.asked + 1));
    assert!(after.ask_at > before.ask_at, "{after:?}");
}

#[tokio::test]
async fn attack_15_a_hint_about_a_payment_of_another_checkout_pays_neither_and_leaves_the_payment_to_its_own() {
    let (app, seller) = start().await;
    let goods = lamp(&app, &seller, 12_000, 5).await;
    let (own, wrong) = (place(&app, &goods, 1).await, place(&app, &goods, 1).await);
    let payment_key = pay(&app, &own, Card::Approve);
    app.fail(vec![FaultRule::always(Engine::Toss, FaultKind::TimeOutBefore)]);
    assert_eq!(
        confirm_for(&app, &wrong, &payment_key, json!({ "amount": 15_000, "currency": "KRW" })).send().await.status,
        202
    );
    app.heal();
    hint(&app, &changed(&wrong, &payment_key, "DONE")).send().await;
    assert_eq!(order(&app, wrong.id).await.status, OrderStatus::Pending);
    assert_eq!(confirm(&app, &own, &payment_key).send().await.status, 200);
    assert_eq!((order(&app, own.id).await.status, captured(&app)), (OrderStatus::Paid, (1, 15_000)));
}
