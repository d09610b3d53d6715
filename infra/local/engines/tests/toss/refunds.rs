//! Giving money back.

use domain::payments::Settlement;
use engines::{FaultKind, toss::Card, toss::Status};
use shared::payments::{CancelAnswer, ConfirmAnswer, FetchAnswer, Why};

use crate::support::{Shop, krw, order, refund};

fn done(answer: CancelAnswer) -> (i64, i64) {
    let CancelAnswer::Done { part, payment } = answer else { panic!("{answer:?}") };
    (part.amount.amount, payment.balance.unwrap().amount)
}

#[tokio::test]
async fn parts_go_back_until_nothing_is_left() {
    let shop = Shop::open().await;
    let key = shop.paid(1).await;
    assert_eq!(done(shop.cancel(&refund(&key, 1, Some(5_000), Some(12_000))).await), (5_000, 7_000));
    assert_eq!(shop.view(&key).status, Status::PartialCanceled);
    let asked = shop.fetch(&key).await.settle(order(1), krw(12_000));
    assert_eq!(asked, ConfirmAnswer::Settled(Settlement::PartlyReturned));
    assert_eq!(done(shop.cancel(&refund(&key, 2, Some(1), Some(7_000))).await), (1, 6_999));
    assert_eq!(done(shop.cancel(&refund(&key, 3, None, Some(6_999))).await), (6_999, 0));
    assert_eq!(shop.view(&key).status, Status::Canceled);
    let asked = shop.fetch(&key).await.settle(order(1), krw(12_000));
    assert_eq!(asked, ConfirmAnswer::Settled(Settlement::Returned));
    assert_eq!(shop.cancel(&refund(&key, 4, None, None)).await, CancelAnswer::AlreadyCancelled);
}

#[tokio::test]
async fn a_repeated_refund_is_the_same_refund() {
    let shop = Shop::open().await;
    let key = shop.paid(1).await;
    let call = refund(&key, 1, Some(5_000), Some(12_000));
    let first = shop.cancel(&call).await;
    assert_eq!(shop.cancel(&call).await, first);
    assert_eq!(shop.view(&key).balance, krw(7_000));
}

#[tokio::test]
async fn a_refund_whose_answer_was_lost_is_found_among_the_parts() {
    let shop = Shop::open().await;
    let key = shop.paid(1).await;
    let call = refund(&key, 1, Some(5_000), Some(12_000));
    shop.fail_once("cancel", FaultKind::TimeOutAfterApply);
    assert_eq!(shop.cancel(&call).await, CancelAnswer::Unknown { why: Why::NoAnswer });
    let FetchAnswer::Found(payment) = shop.fetch(&key).await else { panic!("not found") };
    assert_eq!(payment.cancels.len(), 1);
    assert_eq!(payment.cancels[0].amount, krw(5_000));
    assert_eq!(payment.cancels[0].reason, "단순 변심");
    assert_eq!(done(shop.cancel(&call).await), (5_000, 7_000));
    assert_eq!(shop.view(&key).refunded, krw(5_000));
}

#[tokio::test]
async fn attack_37_more_than_is_left_does_not_go_back() {
    let shop = Shop::open().await;
    let key = shop.paid(1).await;
    let refused = shop.cancel(&refund(&key, 1, Some(12_001), Some(12_000))).await;
    assert!(matches!(&refused, CancelAnswer::Refused { code, .. } if code == "NOT_CANCELABLE_AMOUNT"), "{refused:?}");
    let zero = shop.cancel(&refund(&key, 2, Some(0), Some(12_000))).await;
    assert_eq!(zero, CancelAnswer::Unknown { why: Why::OurFault { code: "INVALID_REQUEST".to_owned() } });
    assert_eq!(shop.view(&key).balance, krw(12_000));
}

#[tokio::test]
async fn attack_37_of_two_refunds_on_one_belief_only_one_goes_through() {
    let shop = Shop::open().await;
    let key = shop.paid(1).await;
    let (one, other) = (refund(&key, 1, Some(8_000), Some(12_000)), refund(&key, 2, Some(4_000), Some(12_000)));
    let (one, other) = tokio::join!(shop.cancel(&one), shop.cancel(&other));
    let changed = [&one, &other].into_iter().filter(|answer| **answer == CancelAnswer::BalanceChanged).count();
    let done = [&one, &other].into_iter().filter(|answer| matches!(answer, CancelAnswer::Done { .. })).count();
    assert_eq!((done, changed), (1, 1), "{one:?} {other:?}");
    let view = shop.view(&key);
    assert_eq!(view.refunded.plus(view.balance).unwrap(), view.captured);
}

#[tokio::test]
async fn attack_37_what_was_not_taken_cannot_go_back() {
    let shop = Shop::open().await;
    let key = shop.buyer(order(1), 12_000, Card::Approve);
    let refused = shop.cancel(&refund(&key, 1, None, None)).await;
    assert!(matches!(&refused, CancelAnswer::Refused { code, .. } if code == "NOT_CANCELABLE_PAYMENT"), "{refused:?}");
}
