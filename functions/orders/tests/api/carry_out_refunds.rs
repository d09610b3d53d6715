//! Money that goes back: once, whatever the provider and the network do.

use domain::{
    ledger::Posting,
    orders::OrderStatus,
    payments::{PaymentKey, ProviderIdempotencyKey},
    processes::{
        Actor, Notice,
        payment::PaymentState,
        sell::{SELL, SellEvent, SellState},
    },
    timestamp::Seconds,
};
use engines::{
    Engine, FaultKind, FaultRule,
    toss::{Card, PaymentView},
};
use serde_json::json;
use shared::{
    payments::{ConfirmAnswer, ConfirmCall, Payments, TimeLimits},
    secrets::Secret,
    store::{
        expression::{Change, Condition},
        orders::StoredOrder,
        outbox::Effect,
        payments::Payment,
        refunds::{Refund, RefundState},
    },
};
use testkit::TestApp;

use crate::steps::{PAID, place, start, walk};

const JOB: &str = "orders.carry_out_refunds";

/// An order that was paid at the provider.
async fn paid(app: &TestApp) -> StoredOrder {
    let order = place(app, None).await;
    let key = app.toss().state().authenticated(&order.checkout_id.to_string(), order.total, Card::Approve).unwrap();
    let payment_key = PaymentKey::parse(&key).unwrap();
    let toss = Payments::toss(&app.toss().base_url(), &Secret::new("test_sk_jangteo"), TimeLimits::STANDARD).unwrap();
    let call = ConfirmCall {
        payment_key: payment_key.clone(),
        checkout_id: order.checkout_id,
        amount: order.total,
        idempotency_key: ProviderIdempotencyKey::of_confirm(order.checkout_id, 1),
        language: order.language,
    };
    let answer = toss.confirm(&call).await.unwrap();
    assert!(matches!(answer, ConfirmAnswer::Settled(_)), "{answer:?}");
    let order = walk(app, &order, &PAID).await;
    let changes = vec![Change::Set("key", payment_key.as_str().to_owned().into())];
    app.table().update(&Payment::key(order.checkout_id), changes, Condition::Present).await.unwrap();
    order
}

async fn cancelled(app: &TestApp) -> StoredOrder {
    walk(app, &paid(app).await, &[(SellEvent::Cancel, Actor::Seller)]).await
}

async fn run(app: &TestApp) {
    let tick = json!({ "time": app.now().to_string() });
    app.run_job(JOB, tick).await.unwrap_or_else(|fault| panic!("{}", fault.chain()));
}

async fn status(app: &TestApp, order: &StoredOrder) -> OrderStatus {
    app.table().get_order(order.id).await.unwrap().unwrap().status
}

fn at_provider(app: &TestApp) -> PaymentView {
    app.toss().state().payments().remove(0)
}

/// All that must be true once the money went back.
async fn assert_done(app: &TestApp, order: &StoredOrder) {
    let now = app.table().get_order(order.id).await.unwrap().unwrap();
    assert_eq!((now.status, now.refunded), (OrderStatus::Cancelled, order.total));
    let refund = &app.all::<Refund>()[0];
    assert_eq!((refund.state, refund.amount), (RefundState::Done, order.total));
    let payment = app.payment_of(order).await;
    assert_eq!((payment.status, payment.refunded), (PaymentState::Refunded, order.total));
    let provider = at_provider(app);
    assert_eq!((provider.refunded, provider.balance.amount), (order.total, 0));
    assert_eq!(app.all::<Posting>().len(), 2, "the sale and the refund are in the books");
    let told = app.outbox().into_iter().filter(|event| {
        matches!(event.effect, Effect::MailOrder { notice: Notice::Refunded, amount: Some(amount), .. } if amount == order.total)
    });
    assert_eq!(told.count(), 1, "the buyer is told how much");
}

#[tokio::test]
async fn money_that_is_due_goes_back_and_everybody_agrees() {
    let app = start().await;
    let order = cancelled(&app).await;
    run(&app).await;
    assert_done(&app, &order).await;
    for _ in 0..3 {
        app.advance(Seconds::hours(1));
        run(&app).await;
    }
    assert_done(&app, &order).await;
}

#[tokio::test]
async fn attack_36_37_an_answer_that_was_lost_is_asked_for_and_nothing_goes_back_twice() {
    let app = start().await;
    let order = cancelled(&app).await;
    app.fail(vec![FaultRule::always(Engine::Toss, FaultKind::TimeOutAfterApply).on("cancel").times(1)]);
    run(&app).await;
    assert_eq!(status(&app, &order).await, SellState::CancelRefunding);
    assert_eq!(at_provider(&app).refunded, order.total, "it was carried out, and nobody told us");
    app.advance(Seconds::minutes(1));
    run(&app).await;
    assert_done(&app, &order).await;
}

#[tokio::test]
async fn a_provider_that_does_not_answer_is_asked_less_and_less_often_and_at_last_gives_the_money_back() {
    for fault in [FaultKind::ServerError, FaultKind::TimeOutBefore, FaultKind::Throttle] {
        let app = start().await;
        let order = cancelled(&app).await;
        app.fail(vec![FaultRule::always(Engine::Toss, fault)]);
        for _ in 0..60 {
            run(&app).await;
            app.advance(Seconds::minutes(1));
        }
        let asked = app.all::<Refund>()[0].asked;
        assert!((5..=7).contains(&asked), "{asked} times in an hour");
        app.heal();
        app.advance(Seconds::hours(6));
        run(&app).await;
        app.advance(Seconds::hours(6));
        run(&app).await;
        assert_done(&app, &order).await;
    }
}

#[tokio::test]
async fn what_the_provider_refuses_is_reported_and_tried_again_under_another_key() {
    let app = start().await;
    let order = cancelled(&app).await;
    app.toss().state().inject("cancel", "NOT_CANCELABLE_PAYMENT", 1);
    run(&app).await;
    assert_eq!(status(&app, &order).await, SellState::CancelRefunding);
    assert_eq!(at_provider(&app).refunded.amount, 0);
    app.advance(Seconds::hours(1));
    run(&app).await;
    assert_eq!(app.all::<Refund>()[0].attempt, 2);
    assert_done(&app, &order).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn attack_37_two_runs_at_once_give_the_money_back_once() {
    let app = start().await;
    let order = cancelled(&app).await;
    tokio::join!(run(&app), run(&app));
    app.advance(Seconds::hours(1));
    run(&app).await;
    assert_done(&app, &order).await;
}

/// The random histories seldom meet this: a run that read the refund, and goes on when another has ended it.
#[tokio::test]
async fn attack_37_a_run_that_comes_too_late_calls_nobody_and_changes_nothing() {
    let app = start().await;
    let order = cancelled(&app).await;
    let read = app.all::<Refund>().remove(0);
    let later = app.now().plus(Seconds::hours(1));
    let noted = app.table().note_refund(&read, 1, later).await.unwrap();
    assert!(noted.is_some(), "the first to note it may call");
    assert_eq!(app.table().note_refund(&read, 1, later).await.unwrap(), None, "another is at it");
    app.advance(Seconds::hours(2));
    run(&app).await;
    assert_done(&app, &order).await;
    let done = app.all::<Refund>().remove(0);
    assert_eq!(app.table().note_refund(&noted.unwrap(), 2, later).await.unwrap(), None, "it is done");
    assert_eq!(app.all::<Refund>().remove(0), done);
}

#[tokio::test]
async fn a_run_that_dies_after_the_provider_gave_the_money_back_is_made_up_for() {
    let app = start().await;
    let order = cancelled(&app).await;
    app.fail(vec![FaultRule::always(Engine::Database, FaultKind::ServerError).on("TransactWriteItems")]);
    let tick = json!({ "time": app.now().to_string() });
    app.run_job(JOB, tick).await.expect_err("the books could not be written");
    assert_eq!((status(&app, &order).await, at_provider(&app).refunded), (SellState::CancelRefunding, order.total));
    app.heal();
    app.advance(Seconds::hours(1));
    run(&app).await;
    assert_done(&app, &order).await;
}

#[tokio::test]
async fn ten_that_always_fail_keep_the_eleventh_from_nothing() {
    let app = start().await;
    let mut all = Vec::new();
    for _ in 0..11 {
        all.push(cancelled(&app).await);
        app.advance(Seconds(1));
    }
    for order in &all[..10] {
        let spoilt = vec![Change::Set("lines", "none".into())];
        app.table().update(&StoredOrder::key(order.id), spoilt, Condition::Present).await.unwrap();
    }
    let tick = || json!({ "time": app.now().to_string() });
    app.run_job(JOB, tick()).await.expect_err("the alarm must hear of it");
    assert_eq!(status(&app, &all[10]).await, OrderStatus::Cancelled);
    app.run_job(JOB, tick()).await.expect("they are put off");
    app.advance(Seconds::minutes(2));
    app.run_job(JOB, tick()).await.expect_err("and tried again");
}

/// Every row of the process that ends a refund, carried out to its end.
#[tokio::test]
async fn each_way_to_a_refund_ends_with_the_money_at_the_buyer() {
    let shipped =
        [(SellEvent::Prepare, Actor::Seller), (SellEvent::Ship, Actor::Seller), (SellEvent::Deliver, Actor::Seller)];
    let returned = [(SellEvent::RequestReturn, Actor::Buyer), (SellEvent::AcceptReturn, Actor::Seller)];
    let ways: [(Vec<(SellEvent, Actor)>, OrderStatus); 5] = [
        (vec![(SellEvent::Cancel, Actor::Buyer)], OrderStatus::Cancelled),
        (vec![(SellEvent::Cancel, Actor::Seller)], OrderStatus::Cancelled),
        (vec![(SellEvent::Cancel, Actor::Admin)], OrderStatus::Cancelled),
        (vec![shipped[0], (SellEvent::Cancel, Actor::Seller)], OrderStatus::Cancelled),
        ([&shipped[..], &returned[..]].concat(), OrderStatus::Returned),
    ];
    for (way, end) in ways {
        let app = start().await;
        let order = walk(&app, &paid(&app).await, &way).await;
        run(&app).await;
        assert_eq!(status(&app, &order).await, end, "{way:?}");
        assert_eq!(at_provider(&app).balance.amount, 0, "{way:?}");
        assert!(SELL.is_final(end));
    }
}
