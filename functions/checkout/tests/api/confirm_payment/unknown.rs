//! Answers that do not come are unknown, never failed: somebody asks again, and the money is taken
//! once.

use domain::{
    orders::OrderStatus,
    processes::{Actor, sell::SellEvent},
    timestamp::Seconds,
};
use engines::{
    Engine, FaultKind, FaultRule,
    toss::{Card, Status},
};
use serde_json::json;
use testkit::TestAnswer;

use super::{assert_paid, assert_told_paid};
use crate::steps::{
    Placed, captured, come_to_rest, confirm, expire, lamp, order, pay, paying, payment, place, reconcile, start, stock,
};

fn fault(operation: &str, kind: FaultKind) -> FaultRule {
    FaultRule::always(Engine::Toss, kind).on(operation)
}

fn assert_told_to_look_again(answer: &TestAnswer, placed: &Placed) {
    assert_eq!(answer.status, 202, "{:?}", answer.body);
    let expected = json!({
        "checkout": {
            "id": placed.checkout, "status": "confirming", "total": placed.amount,
            "orders": [{ "id": placed.id, "status": "confirming", "total": placed.amount }],
        },
        "payment_state": "confirming",
    });
    assert_eq!(answer.json(), expected);
}

#[tokio::test]
async fn attack_36_an_answer_that_got_lost_is_asked_for_in_the_same_request() {
    let (app, seller) = start().await;
    let goods = lamp(&app, &seller, 12_000, 5).await;
    for lost_by_fault in [true, false] {
        let placed = place(&app, &goods, 1).await;
        let card = if lost_by_fault { Card::Approve } else { Card::LostAnswer };
        let payment_key = pay(&app, &placed, card);
        if lost_by_fault {
            app.fail(vec![fault("confirm", FaultKind::TimeOutAfterApply).times(1)]);
        }
        assert_told_paid(&confirm(&app, &placed, &payment_key).send().await, &placed);
        assert_paid(&app, &placed, &payment_key).await;
        app.heal();
    }
    assert_eq!(captured(&app), (2, 30_000));
}

#[tokio::test]
async fn attack_36_when_nobody_knows_the_schedule_finds_out_and_the_order_is_paid() {
    let (app, seller) = start().await;
    let goods = lamp(&app, &seller, 12_000, 5).await;
    let placed = place(&app, &goods, 1).await;
    let payment_key = pay(&app, &placed, Card::Approve);
    app.fail(vec![fault("confirm", FaultKind::TimeOutAfterApply), fault("fetch", FaultKind::TimeOutBefore)]);
    let answer = confirm(&app, &placed, &payment_key).send().await;
    assert_told_to_look_again(&answer, &placed);
    assert_eq!((payment(&app, &payment_key).status, stock(&app, &goods)), (Status::Done, (4, 1, 0)));
    app.heal();
    app.advance(Seconds(30));
    reconcile(&app).await;
    assert_paid(&app, &placed, &payment_key).await;
    assert_eq!((captured(&app), stock(&app, &goods)), ((1, 15_000), (4, 0, 1)));
    let told = confirm(&app, &placed, &payment_key).send().await;
    assert_told_paid(&told, &placed);
    // The order moves on. A repeat of the request still gets the first answer.
    app.walk(&order(&app, placed.id).await, &[(SellEvent::Prepare, Actor::Seller)]).await;
    let again = confirm(&app, &placed, &payment_key).send().await;
    assert_eq!((again.status, &again.body), (told.status, &told.body));
}

#[tokio::test]
async fn attack_36_the_buyer_who_tries_again_learns_it_before_the_schedule_does() {
    let (app, seller) = start().await;
    let goods = lamp(&app, &seller, 12_000, 5).await;
    let placed = place(&app, &goods, 1).await;
    let payment_key = pay(&app, &placed, Card::LostAnswer);
    app.fail(vec![fault("fetch", FaultKind::ServerError)]);
    assert_told_to_look_again(&confirm(&app, &placed, &payment_key).send().await, &placed);
    assert_told_to_look_again(&confirm(&app, &placed, &payment_key).send().await, &placed);
    app.heal();
    // "Look again" is no last word: the same key gets the new answer.
    let answer = confirm(&app, &placed, &payment_key).send().await;
    assert_told_paid(&answer, &placed);
    assert!(!answer.is_replayed());
    assert_paid(&app, &placed, &payment_key).await;
    come_to_rest(&app).await;
    assert_eq!((captured(&app), stock(&app, &goods)), ((1, 15_000), (4, 0, 1)));
}

#[tokio::test]
async fn attack_36_a_confirmation_that_never_arrived_is_made_again_as_a_new_attempt_and_captures_once() {
    let (app, seller) = start().await;
    let goods = lamp(&app, &seller, 12_000, 5).await;
    for kind in [FaultKind::TimeOutBefore, FaultKind::ServerError] {
        let placed = place(&app, &goods, 1).await;
        let payment_key = pay(&app, &placed, Card::Approve);
        app.fail(vec![fault("confirm", kind).times(1)]);
        assert_told_to_look_again(&confirm(&app, &placed, &payment_key).send().await, &placed);
        assert_eq!(payment(&app, &payment_key).status, Status::InProgress, "{kind:?}");
        assert_eq!(paying(&app, &placed).await.attempt, 1);
        app.heal();
        app.advance(Seconds(30));
        reconcile(&app).await;
        assert_paid(&app, &placed, &payment_key).await;
        assert_eq!(paying(&app, &placed).await.attempt, 2);
    }
    assert_eq!((captured(&app), stock(&app, &goods)), ((2, 30_000), (3, 0, 2)));
}

#[tokio::test]
async fn a_provider_that_is_down_for_the_whole_hold_costs_the_buyer_nothing_and_the_stock_comes_back() {
    let (app, seller) = start().await;
    let goods = lamp(&app, &seller, 12_000, 5).await;
    let placed = place(&app, &goods, 1).await;
    let payment_key = pay(&app, &placed, Card::Approve);
    app.fail(vec![FaultRule::always(Engine::Toss, FaultKind::ServerError)]);
    assert_told_to_look_again(&confirm(&app, &placed, &payment_key).send().await, &placed);
    for _ in 0..20 {
        app.advance(Seconds::minutes(1));
        reconcile(&app).await;
        expire(&app).await;
        assert_eq!(order(&app, placed.id).await.status, OrderStatus::Confirming, "its buyer may have paid");
    }
    app.heal();
    come_to_rest(&app).await;
    assert_eq!(order(&app, placed.id).await.status, OrderStatus::Expired);
    assert_eq!((captured(&app), stock(&app, &goods)), ((0, 0), (5, 0, 0)));
}

#[tokio::test]
async fn a_yes_that_is_learned_after_the_hold_ended_still_counts_since_the_stock_was_kept() {
    let (app, seller) = start().await;
    let goods = lamp(&app, &seller, 12_000, 1).await;
    let placed = place(&app, &goods, 1).await;
    let payment_key = pay(&app, &placed, Card::LostAnswer);
    app.fail(vec![fault("fetch", FaultKind::ServerError)]);
    assert_told_to_look_again(&confirm(&app, &placed, &payment_key).send().await, &placed);
    app.advance(Seconds::hours(2));
    expire(&app).await;
    assert_eq!(stock(&app, &goods), (0, 1, 0), "nobody else can have bought the last one");
    app.heal();
    reconcile(&app).await;
    assert_paid(&app, &placed, &payment_key).await;
}

#[tokio::test]
async fn money_that_was_taken_while_our_database_was_down_is_found_by_the_schedule() {
    let (app, seller) = start().await;
    let goods = lamp(&app, &seller, 12_000, 5).await;
    let placed = place(&app, &goods, 1).await;
    let payment_key = pay(&app, &placed, Card::Approve);
    // The attempt is written down; the outcome is not.
    app.fail(vec![FaultRule::always(Engine::Database, FaultKind::ServerError).on("TransactWriteItems").after(1)]);
    let answer = confirm(&app, &placed, &payment_key).may_break().send().await;
    answer.assert_refused(503, "unavailable");
    assert_eq!((captured(&app), order(&app, placed.id).await.status), ((1, 15_000), OrderStatus::Confirming));
    app.heal();
    app.advance(Seconds(59));
    reconcile(&app).await;
    assert_eq!(order(&app, placed.id).await.status, OrderStatus::Confirming, "the request may still be at it");
    app.advance(Seconds(1));
    reconcile(&app).await;
    assert_paid(&app, &placed, &payment_key).await;
    assert_eq!(captured(&app), (1, 15_000));
}
