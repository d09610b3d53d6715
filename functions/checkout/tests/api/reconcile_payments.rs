//! Payments whose outcome is not known: asked about when it is time, and never before.

use domain::{
    ledger::Posting,
    orders::OrderStatus,
    payments::{CancelReason, PaymentKey, ProviderIdempotencyKey},
    processes::payment::PaymentState,
    timestamp::Seconds,
};
use engines::{
    Engine, FaultKind, FaultRule,
    toss::{Card, Status},
};
use serde_json::json;
use shared::{
    payments::{CancelAnswer, CancelCall, Payments, TimeLimits},
    secrets::Secret,
};
use testkit::TestApp;

use crate::steps::{
    Goods, Placed, Tripwire, captured, confirm, expire, lamp, order, pay, paying, payment, place, put_raw, raw_payment,
    reconcile, start, stock, tick, won,
};

const JOB: &str = "checkout.reconcile_payments";

fn fetch_fails() -> FaultRule {
    FaultRule::always(Engine::Toss, FaultKind::ServerError).on("fetch")
}

/// An order that is confirming, and that nobody knows the outcome of.
async fn unknown(app: &TestApp, goods: &Goods, card: Card) -> (Placed, String) {
    let placed = place(app, goods, 1).await;
    let payment_key = pay(app, &placed, card);
    app.fail(vec![FaultRule::always(Engine::Toss, FaultKind::TimeOutBefore).on("confirm").times(1), fetch_fails()]);
    if card == Card::LostAnswer {
        app.fail(vec![fetch_fails()]);
    }
    assert_eq!(confirm(app, &placed, &payment_key).send().await.status, 202);
    app.heal();
    (placed, payment_key)
}

#[tokio::test]
async fn the_provider_is_asked_after_30_seconds_and_then_more_and_more_rarely() {
    let (app, seller) = start().await;
    let goods = lamp(&app, &seller, 12_000, 5).await;
    let (placed, _) = unknown(&app, &goods, Card::LostAnswer).await;
    for wait in [30, 60, 180, 600, 1_800, 1_800, 1_800] {
        let before = paying(&app, &placed).await;
        assert_eq!(before.ask_at, Some(app.now().plus(Seconds(wait))), "asked {} times", before.asked);
        app.advance(Seconds(wait - 1));
        let wire = Tripwire::lay(&app);
        assert_eq!(reconcile(&app).await, 2, "both shards of the index are asked, and nothing else");
        wire.assert_not_called().await;
        assert_eq!(paying(&app, &placed).await, before);
        app.advance(Seconds(1));
        app.fail(vec![fetch_fails()]);
        assert_eq!(reconcile(&app).await, 5, "payment and order are read, and when to ask again is noted");
        app.heal();
        let after = paying(&app, &placed).await;
        assert_eq!((after.status, after.asked), (PaymentState::Confirming, before.asked + 1));
        assert_eq!(after.attempt, 1, "a question is no attempt");
    }
    assert_eq!((captured(&app), stock(&app, &goods)), ((1, 15_000), (4, 1, 0)));
    app.advance(Seconds::minutes(30));
    reconcile(&app).await;
    assert_eq!(order(&app, placed.id).await.status, OrderStatus::Paid);
}

#[tokio::test]
async fn a_yes_that_got_lost_is_written_down_with_everything_that_belongs_to_it() {
    let (app, seller) = start().await;
    let goods = lamp(&app, &seller, 12_000, 5).await;
    let (placed, payment_key) = unknown(&app, &goods, Card::LostAnswer).await;
    app.advance(Seconds(30));
    // The two shards, the payment, its order, and one transaction.
    assert_eq!(reconcile(&app).await, 5);
    let paid = order(&app, placed.id).await;
    assert_eq!(
        (paid.status, paid.paid_at, paying(&app, &placed).await.ask_at),
        (OrderStatus::Paid, Some(app.now()), None)
    );
    assert_eq!((app.all::<Posting>().len(), app.outbox().len(), stock(&app, &goods)), (1, 2, (4, 0, 1)));
    // The next runs find nothing.
    app.advance(Seconds::hours(1));
    assert_eq!(reconcile(&app).await, 2);
    assert_eq!((payment(&app, &payment_key).status, captured(&app)), (Status::Done, (1, 15_000)));
}

#[tokio::test]
async fn attack_36_a_payment_that_is_still_open_is_confirmed_again_under_a_new_key_stored_before() {
    let (app, seller) = start().await;
    let goods = lamp(&app, &seller, 12_000, 5).await;
    let (placed, payment_key) = unknown(&app, &goods, Card::Approve).await;
    // The second attempt gets lost as well; what it was is written down.
    app.advance(Seconds(30));
    app.fail(vec![FaultRule::always(Engine::Toss, FaultKind::TimeOutBefore).on("confirm")]);
    reconcile(&app).await;
    app.heal();
    let asked = paying(&app, &placed).await;
    assert_eq!((asked.status, asked.attempt), (PaymentState::Confirming, 2));
    assert_eq!(payment(&app, &payment_key).status, Status::InProgress);
    let next = (asked.asked, asked.ask_at);
    assert_eq!(next, (2, Some(app.now().plus(Seconds(60)))), "a question with its attempt counts once");
    app.advance(Seconds(60));
    reconcile(&app).await;
    let paid = paying(&app, &placed).await;
    assert_eq!((paid.status, paid.attempt, captured(&app)), (PaymentState::Captured, 3, (1, 15_000)));
}

#[tokio::test]
async fn a_payment_that_is_gone_makes_the_order_payable_and_then_it_expires() {
    let (app, seller) = start().await;
    let goods = lamp(&app, &seller, 12_000, 5).await;
    let (placed, payment_key) = unknown(&app, &goods, Card::Approve).await;
    // Toss gives 10 minutes from the authentication to the confirmation.
    app.advance(Seconds(601));
    reconcile(&app).await;
    let payable = paying(&app, &placed).await;
    assert_eq!((payable.status, payable.key.as_ref()), (PaymentState::Pending, None::<&PaymentKey>));
    assert_eq!((payment(&app, &payment_key).status, stock(&app, &goods)), (Status::Expired, (4, 1, 0)));
    expire(&app).await;
    assert_eq!(order(&app, placed.id).await.status, OrderStatus::Pending, "it is payable until its hold ends");
    app.advance(Seconds(299));
    expire(&app).await;
    assert_eq!((order(&app, placed.id).await.status, stock(&app, &goods)), (OrderStatus::Expired, (5, 0, 0)));
    assert_eq!(captured(&app), (0, 0));
}

#[tokio::test]
async fn a_payment_that_was_given_back_makes_the_order_payable_and_a_part_that_is_left_calls_somebody() {
    let (app, seller) = start().await;
    let goods = lamp(&app, &seller, 12_000, 5).await;
    for (part, is_told) in [(Some(won(10_000)), true), (None, false)] {
        let (placed, payment_key) = unknown(&app, &goods, Card::LostAnswer).await;
        // By a person, at the provider's own pages.
        let toss =
            Payments::toss(&app.toss().base_url(), &Secret::new("test_sk_jangteo"), TimeLimits::STANDARD).unwrap();
        let refund = CancelCall {
            payment_key: PaymentKey::parse(&payment_key).unwrap(),
            reason: CancelReason::parse("by hand").unwrap(),
            amount: part,
            refundable: None,
            idempotency_key: ProviderIdempotencyKey::of_confirm(placed.checkout, 99),
        };
        assert!(matches!(toss.cancel(&refund).await.unwrap(), CancelAnswer::Done { .. }));
        app.advance(Seconds(30));
        let (_, usage) = app.run_job(JOB, tick(&app)).await.unwrap();
        let stored = paying(&app, &placed).await;
        assert_eq!((stored.status, stored.key), (PaymentState::Pending, None));
        assert_eq!(usage.fault.is_some(), is_told, "{:?}", usage.fault);
        if let Some(fault) = usage.fault {
            assert!(fault.contains("may hold money") && fault.contains(&placed.checkout.to_string()), "{fault}");
        }
    }
    assert!(app.all::<Posting>().is_empty() && app.outbox().is_empty());
}

#[tokio::test]
async fn a_set_up_that_the_provider_refuses_when_the_schedule_confirms_calls_somebody() {
    let (app, seller) = start().await;
    let goods = lamp(&app, &seller, 12_000, 5).await;
    let (placed, _) = unknown(&app, &goods, Card::Approve).await;
    app.advance(Seconds(30));
    app.toss().state().inject("confirm", "UNAUTHORIZED_KEY", 1);
    let (_, usage) = app.run_job(JOB, tick(&app)).await.unwrap();
    assert_eq!(order(&app, placed.id).await.status, OrderStatus::Confirming);
    assert!(usage.fault.is_some_and(|fault| fault.contains("UNAUTHORIZED_KEY")));
}

#[tokio::test]
async fn a_card_that_is_declined_when_it_is_asked_again_leaves_the_order_payable() {
    let (app, seller) = start().await;
    let goods = lamp(&app, &seller, 12_000, 5).await;
    let (placed, payment_key) = unknown(&app, &goods, Card::LimitExceeded).await;
    app.advance(Seconds(30));
    reconcile(&app).await;
    assert_eq!(
        (order(&app, placed.id).await.status, payment(&app, &payment_key).status),
        (OrderStatus::Pending, Status::Aborted)
    );
    let another = pay(&app, &placed, Card::Approve);
    assert_eq!(confirm(&app, &placed, &another).send().await.status, 200);
    assert_eq!(captured(&app), (1, 15_000));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn attack_36_the_schedule_twice_at_once_and_the_buyer_write_one_sale() {
    let (app, seller) = start().await;
    let goods = lamp(&app, &seller, 12_000, 50).await;
    for card in [Card::LostAnswer, Card::Approve, Card::LostAnswer, Card::Approve] {
        let (placed, payment_key) = unknown(&app, &goods, card).await;
        app.advance(Seconds(30));
        let buyer = confirm(&app, &placed, &payment_key).send();
        let (one, two, answer) = tokio::join!(app.run_job(JOB, tick(&app)), app.run_job(JOB, tick(&app)), buyer);
        assert!(one.is_ok() && two.is_ok(), "{one:?} {two:?}");
        assert!(matches!(answer.status, 200 | 202), "{:?}", answer.body);
        app.advance(Seconds::minutes(5));
        reconcile(&app).await;
        assert_eq!(order(&app, placed.id).await.status, OrderStatus::Paid, "{card:?}");
    }
    assert_eq!((app.all::<Posting>().len(), app.outbox().len()), (4, 8));
    assert_eq!((captured(&app), stock(&app, &goods)), ((4, 60_000), (46, 0, 4)));
}

#[tokio::test]
async fn one_payment_that_breaks_keeps_no_other_from_being_asked_about() {
    let (app, seller) = start().await;
    let goods = lamp(&app, &seller, 12_000, 50).await;
    let mut orders = Vec::new();
    for _ in 0..4 {
        orders.push(unknown(&app, &goods, Card::LostAnswer).await.0);
    }
    app.advance(Seconds(30));
    // The first order that is read cannot be.
    let three_tries = FaultRule::always(Engine::Database, FaultKind::ServerError).on("GetItem").times(3);
    app.fail(vec![three_tries]);
    app.run_job(JOB, tick(&app)).await.expect_err("the alarm must hear of it");
    let mut paid = 0;
    for placed in &orders {
        paid += usize::from(order(&app, placed.id).await.status == OrderStatus::Paid);
    }
    assert_eq!(paid, 3);
    app.heal();
    app.advance(Seconds::minutes(2));
    reconcile(&app).await;
    assert_eq!((app.all::<Posting>().len(), captured(&app)), (4, (4, 60_000)));
}

#[tokio::test]
async fn a_buyer_who_keeps_asking_does_not_put_off_the_schedule() {
    let (app, seller) = start().await;
    let goods = lamp(&app, &seller, 12_000, 5).await;
    let (placed, payment_key) = unknown(&app, &goods, Card::LostAnswer).await;
    app.fail(vec![fetch_fails()]);
    for _ in 0..8 {
        app.advance(Seconds(1));
        let answer = confirm(&app, &placed, &payment_key).send().await;
        assert_eq!((answer.status, answer.usage.write_half_units), (202, 0));
    }
    app.heal();
    app.advance(Seconds(22));
    reconcile(&app).await;
    assert_eq!(order(&app, placed.id).await.status, OrderStatus::Paid);
}

#[tokio::test]
async fn an_index_that_lags_behind_does_not_make_it_ask_too_early() {
    let (app, seller) = start().await;
    let goods = lamp(&app, &seller, 12_000, 5).await;
    let (placed, _) = unknown(&app, &goods, Card::LostAnswer).await;
    // The index still shows when it was to be asked the time before.
    let mut item = raw_payment(&app, &placed);
    item["duesk"] = json!({ "S": format!("{}#{}", app.now(), placed.checkout) });
    put_raw(&app, &item);
    let wire = Tripwire::lay(&app);
    assert_eq!(reconcile(&app).await, 3, "the payment is looked at, and left alone");
    wire.assert_not_called().await;
    assert_eq!(order(&app, placed.id).await.status, OrderStatus::Confirming);
}

#[tokio::test]
async fn attack_2_an_account_to_pay_into_in_days_is_called_off_and_holds_no_stock() {
    let (app, seller) = start().await;
    let goods = lamp(&app, &seller, 12_000, 5).await;
    for fault in [None, Some(FaultKind::TimeOutAfterApply), Some(FaultKind::ServerError)] {
        let placed = place(&app, &goods, 1).await;
        let payment_key = pay(&app, &placed, Card::VirtualAccount);
        assert_eq!(confirm(&app, &placed, &payment_key).send().await.status, 202);
        assert_eq!(payment(&app, &payment_key).status, Status::WaitingForDeposit);
        app.advance(Seconds(30));
        if let Some(kind) = fault {
            app.fail(vec![FaultRule::always(Engine::Toss, kind).on("cancel").times(1)]);
        }
        reconcile(&app).await;
        if fault == Some(FaultKind::ServerError) {
            let waiting = paying(&app, &placed).await;
            assert_eq!((waiting.status, waiting.asked), (PaymentState::Confirming, 2), "asked again later");
            app.advance(Seconds::minutes(1));
            reconcile(&app).await;
        }
        let again = paying(&app, &placed).await;
        assert_eq!((again.status, again.key), (PaymentState::Pending, None), "{fault:?}");
        assert_eq!(payment(&app, &payment_key).status, Status::Canceled, "{fault:?}");
        // The buyer may still pay in a way that the shop takes.
        let card = pay(&app, &placed, Card::Approve);
        assert_eq!(confirm(&app, &placed, &card).send().await.status, 200, "{fault:?}");
    }
    assert_eq!((captured(&app), stock(&app, &goods)), ((3, 45_000), (2, 0, 3)));
}
