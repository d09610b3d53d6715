//! P2: whenever the function dies, in the end there is an order and its money, or neither.
//!
//! The request is dropped after it has waited n times, for every n until it lives to its end. Then
//! the buyer comes back, or never does; the schedules run; and the books are read.

use domain::{ids::OrderId, ledger::Posting, orders::OrderStatus, timestamp::Seconds};
use engines::toss::Card;
use testkit::{KilledAfter, TestApp};

use crate::steps::{Goods, captured, confirm, expire, lamp, order, pay, payment, place, reconcile, start, stock};

/// Kills the work after `waits` waits; whether it lived to its end.
async fn lives(work: impl Future, waits: u32) -> bool {
    KilledAfter::new(work, waits).await.is_some()
}

/// No request waits so often; more would mean that it never ends.
const WAITS_MAX: u32 = 400;

/// Paid and the money held, or expired and no money: nothing else.
async fn assert_whole(app: &TestApp, goods: &Goods, id: OrderId, payment_key: &str, when: &str) -> OrderStatus {
    let stored = order(app, id).await;
    let paid_in_the_books = app.all::<Posting>().iter().filter(|posting| posting.order_id() == id).count();
    let held = payment(app, payment_key).captured.amount;
    let expected = match stored.status {
        OrderStatus::Paid => (1, stored.total.amount),
        OrderStatus::Expired => (0, 0),
        other => panic!("{when}: the order is still {other:?}"),
    };
    assert_eq!((paid_in_the_books, held), expected, "{when}: {:?}", stored.status);
    assert_eq!(stock(app, goods).1, 0, "{when}: stock is held for nobody");
    stored.status
}

async fn schedules_run(app: &TestApp, times: u32) {
    for _ in 0..times {
        app.advance(Seconds::minutes(16));
        reconcile(app).await;
        expire(app).await;
    }
}

#[tokio::test]
async fn killed_at_every_await_there_is_an_order_with_its_money_or_neither() {
    let (app, seller) = start().await;
    let goods = lamp(&app, &seller, 12_000, 999).await;
    let (mut expired, mut paid) = (0_u32, 0_u32);
    for waits in 0..WAITS_MAX {
        let placed = place(&app, &goods, 1).await;
        let payment_key = pay(&app, &placed, Card::Approve);
        let finished = lives(confirm(&app, &placed, &payment_key).send(), waits).await;
        // The buyer never comes back.
        schedules_run(&app, 2).await;
        match assert_whole(&app, &goods, placed.id, &payment_key, &format!("killed after {waits} waits")).await {
            OrderStatus::Paid => paid += 1,
            _ => expired += 1,
        }
        if finished {
            assert!(expired > 0 && paid > 1, "it was killed before the money ({expired}) and after ({paid})");
            let (payments, held) = captured(&app);
            assert_eq!((payments, held), (paid.try_into().unwrap(), i64::from(paid) * 15_000));
            assert_eq!(stock(&app, &goods), (999 - paid, 0, paid));
            return;
        }
    }
    panic!("the request does not end");
}

#[tokio::test]
async fn killed_at_every_await_the_buyer_who_comes_back_is_paid_once() {
    let (app, seller) = start().await;
    let goods = lamp(&app, &seller, 12_000, 999).await;
    for waits in 0..WAITS_MAX {
        let placed = place(&app, &goods, 1).await;
        let payment_key = pay(&app, &placed, Card::Approve);
        let finished = lives(confirm(&app, &placed, &payment_key).send(), waits).await;
        app.advance(Seconds(5));
        let again = confirm(&app, &placed, &payment_key).send().await;
        assert!(matches!(again.status, 200 | 202), "killed after {waits} waits: {:?}", again.body);
        // What is still open by then, the schedule confirms in time.
        app.advance(Seconds(60));
        reconcile(&app).await;
        schedules_run(&app, 1).await;
        let when = format!("killed after {waits} waits");
        let state = assert_whole(&app, &goods, placed.id, &payment_key, &when).await;
        assert_eq!(state, OrderStatus::Paid, "{when}");
        if finished {
            return;
        }
    }
    panic!("the request does not end");
}

#[tokio::test]
async fn the_schedule_killed_at_every_await_leaves_no_order_without_its_money() {
    let (app, seller) = start().await;
    let goods = lamp(&app, &seller, 12_000, 999).await;
    for waits in 0..WAITS_MAX {
        let placed = place(&app, &goods, 1).await;
        let payment_key = pay(&app, &placed, Card::Approve);
        // The request dies when the attempt is written down and the provider was not told.
        app.fail(vec![
            engines::FaultRule::always(engines::Engine::Toss, engines::FaultKind::TimeOutBefore).on("confirm").times(1),
        ]);
        assert_eq!(confirm(&app, &placed, &payment_key).send().await.status, 202);
        app.heal();
        app.advance(Seconds(30));
        let tick = crate::steps::tick(&app);
        let finished = lives(app.run_job("checkout.reconcile_payments", tick), waits).await;
        schedules_run(&app, 2).await;
        let when = format!("the schedule was killed after {waits} waits");
        assert_whole(&app, &goods, placed.id, &payment_key, &when).await;
        if finished {
            return;
        }
    }
    panic!("the schedule does not end");
}
