//! Confirming: what the client makes of everything that the provider may answer.

use std::{collections::BTreeSet, time::Duration};

use domain::{
    Currency, Language, Money,
    payments::{
        CANCEL_CODES, CONFIRM_CODES, CancelOutcome, ConfirmOutcome, PaymentKey, QUERY_CODES, QueryOutcome, Settlement,
        cancel_outcome, confirm_outcome, query_outcome,
    },
    timestamp::Seconds,
};
use engines::{
    FaultKind,
    toss::{CANCEL_ERRORS, CONFIRM_ERRORS, Card, NewPayment, QUERY_ERRORS, Status, TossError},
};
use shared::{
    payments::{CancelAnswer, ConfirmAnswer, FetchAnswer, Payments, TimeLimits, Why},
    secrets::Secret,
};

use crate::support::{Shop, attempt, confirmation, krw, order, refund};

fn is_approved(answer: &ConfirmAnswer) -> bool {
    matches!(answer, ConfirmAnswer::Settled(Settlement::Approved(_)))
}

fn unknown(why: Why) -> ConfirmAnswer {
    ConfirmAnswer::Unknown { why }
}

#[test]
fn the_simulator_and_the_marketplace_know_the_same_codes_with_the_same_statuses() {
    let simulated = |errors: &[TossError]| errors.iter().map(|e| (e.code, e.status)).collect::<BTreeSet<_>>();
    assert_eq!(simulated(CONFIRM_ERRORS), CONFIRM_CODES.iter().map(|row| (row.code, row.http_status)).collect());
    assert_eq!(simulated(CANCEL_ERRORS), CANCEL_CODES.iter().map(|row| (row.code, row.http_status)).collect());
    assert_eq!(simulated(QUERY_ERRORS), QUERY_CODES.iter().map(|row| (row.code, row.http_status)).collect());
}

#[tokio::test]
async fn every_documented_confirm_error_becomes_what_its_class_says() {
    let shop = Shop::open().await;
    for (n, error) in (0_u8..).zip(CONFIRM_ERRORS) {
        let key = shop.buyer(order(n), 12_000, Card::Approve);
        shop.toss.state().inject("confirm", error.code, 1);
        let answer = shop.confirm(&confirmation(&key, order(n), 12_000)).await;
        let code = error.code.to_owned();
        let expected = match confirm_outcome(error.status, error.code) {
            ConfirmOutcome::Declined(reason) => {
                let message = Some(error.message(Language::Korean).to_owned());
                ConfirmAnswer::Settled(Settlement::Declined { reason, code, message })
            }
            ConfirmOutcome::Expired => ConfirmAnswer::Settled(Settlement::Gone),
            ConfirmOutcome::Ours => unknown(Why::OurFault { code }),
            ConfirmOutcome::AlreadyProcessed => unknown(Why::AlreadyProcessed),
            ConfirmOutcome::RetryLater => unknown(Why::RetryLater { code }),
            ConfirmOutcome::Unknown => unknown(Why::Undecided { code }),
        };
        assert_eq!(answer, expected, "{}", error.code);
        let is_over = matches!(expected, ConfirmAnswer::Settled(Settlement::Declined { .. }));
        assert_eq!(shop.view(&key).status == Status::Aborted, is_over, "{}", error.code);
    }
    assert_eq!(shop.captured(), 0, "no error charges anybody");
}

#[tokio::test]
async fn a_decline_reads_the_same_after_the_confirmation_and_after_asking() {
    let shop = Shop::open().await;
    for (n, card, code) in [
        (1, Card::LimitExceeded, "REJECT_CARD_PAYMENT"),
        (2, Card::Expired, "INVALID_CARD_EXPIRATION"),
        (3, Card::RiskRefused, "FDS_ERROR"),
    ] {
        let key = shop.buyer(order(n), 12_000, card);
        let answer = shop.confirm(&confirmation(&key, order(n), 12_000)).await;
        let ConfirmAnswer::Settled(Settlement::Declined { code: ref told, .. }) = answer else { panic!("{answer:?}") };
        assert_eq!(told, code);
        assert_eq!(shop.fetch(&key).await.settle(order(n), krw(12_000)), answer);
    }
}

#[tokio::test]
async fn a_decline_is_worded_in_the_language_of_the_buyer() {
    let shop = Shop::open().await;
    for (n, language, words) in [
        (1, Language::English, "The limit is exceeded or the balance is too small."),
        (2, Language::Korean, "한도초과 혹은 잔액부족으로 결제에 실패했습니다."),
    ] {
        let key = shop.buyer(order(n), 12_000, Card::LimitExceeded);
        let mut call = confirmation(&key, order(n), 12_000);
        call.language = language;
        let ConfirmAnswer::Settled(Settlement::Declined { message, .. }) = shop.confirm(&call).await else {
            panic!("not declined")
        };
        assert_eq!(message.as_deref(), Some(words));
    }
}

#[tokio::test]
async fn every_documented_query_error_becomes_what_its_class_says() {
    let shop = Shop::open().await;
    let key = shop.paid(1).await;
    for error in QUERY_ERRORS {
        shop.toss.state().inject("fetch", error.code, 1);
        let code = error.code.to_owned();
        let expected = match query_outcome(error.status, error.code) {
            QueryOutcome::NotFound => FetchAnswer::NotFound,
            QueryOutcome::Ours => FetchAnswer::Unknown { why: Why::OurFault { code } },
            QueryOutcome::RetryLater => FetchAnswer::Unknown { why: Why::RetryLater { code } },
            QueryOutcome::Unknown => FetchAnswer::Unknown { why: Why::Undecided { code } },
        };
        assert_eq!(shop.fetch(&key).await, expected, "{}", error.code);
    }
    assert!(is_approved(&shop.fetch(&key).await.settle(order(1), krw(12_000))));
}

#[tokio::test]
async fn every_documented_cancel_error_becomes_what_its_class_says() {
    let shop = Shop::open().await;
    let key = shop.paid(1).await;
    for (n, error) in (1_u32..).zip(CANCEL_ERRORS) {
        shop.toss.state().inject("cancel", error.code, 1);
        let code = error.code.to_owned();
        let expected = match cancel_outcome(error.status, error.code) {
            CancelOutcome::AlreadyCancelled => CancelAnswer::AlreadyCancelled,
            CancelOutcome::BalanceChanged => CancelAnswer::BalanceChanged,
            CancelOutcome::Refused => {
                CancelAnswer::Refused { code, message: Some(error.message(Language::Korean).to_owned()) }
            }
            CancelOutcome::RetryLater => CancelAnswer::RetryLater { code },
            CancelOutcome::Ours => CancelAnswer::Unknown { why: Why::OurFault { code } },
            CancelOutcome::Unknown => CancelAnswer::Unknown { why: Why::Undecided { code } },
        };
        assert_eq!(shop.cancel(&refund(&key, n, Some(1_000), Some(12_000))).await, expected, "{}", error.code);
    }
    assert_eq!(shop.view(&key).balance, krw(12_000), "no error refunds anything");
}

#[tokio::test]
async fn an_undocumented_code_is_unknown() {
    let shop = Shop::open().await;
    let key = shop.paid(1).await;
    let other = shop.buyer(order(2), 12_000, Card::Approve);
    let why = Why::Undecided { code: "A_CODE_OF_NEXT_YEAR".to_owned() };
    for operation in ["confirm", "cancel", "fetch"] {
        shop.toss.state().inject(operation, "A_CODE_OF_NEXT_YEAR", 1);
    }
    assert_eq!(shop.confirm(&confirmation(&other, order(2), 12_000)).await, unknown(why.clone()));
    assert_eq!(shop.cancel(&refund(&key, 1, None, None)).await, CancelAnswer::Unknown { why: why.clone() });
    assert_eq!(shop.fetch(&key).await, FetchAnswer::Unknown { why });
}

#[tokio::test]
async fn attack_36_a_payment_whose_answer_was_lost_is_found_done_and_taken_once() {
    let shop = Shop::open().await;
    let key = shop.buyer(order(1), 12_000, Card::Approve);
    let call = confirmation(&key, order(1), 12_000);
    shop.fail_once("confirm", FaultKind::TimeOutAfterApply);
    assert_eq!(shop.confirm(&call).await, unknown(Why::NoAnswer));
    assert!(is_approved(&shop.fetch(&key).await.settle(order(1), krw(12_000))));
    let by_order = shop.payments.fetch_by_checkout(order(1)).await.unwrap();
    assert!(is_approved(&by_order.settle(order(1), krw(12_000))));
    assert!(is_approved(&shop.confirm(&call).await), "the same key hears the first answer");
    assert_eq!(shop.confirm(&attempt(&call, 2)).await, unknown(Why::AlreadyProcessed));
    assert_eq!(shop.captured(), 12_000);
    assert_eq!(shop.toss.state().take_webhooks().len(), 1);
}

#[tokio::test]
async fn attack_36_a_buyer_who_retries_during_a_slow_confirmation_pays_once() {
    let shop = Shop::open().await;
    let key = shop.buyer(order(1), 12_000, Card::Approve);
    let call = confirmation(&key, order(1), 12_000);
    // Long enough for a call to arrive on a busy machine, and for another to come in between.
    shop.fail_once("confirm", FaultKind::SlowMs(4_000));
    let hasty = shop.hasty(Duration::from_secs(1));
    assert_eq!(hasty.confirm(&call).await.unwrap(), unknown(Why::TimedOut));
    let retried = shop.confirm(&call).await;
    let still_runs = unknown(Why::RetryLater { code: "IDEMPOTENT_REQUEST_PROCESSING".to_owned() });
    assert_eq!(retried, still_runs);
    // The first call goes on although its caller has left; a second attempt comes after it.
    shop.fail_once("confirm", FaultKind::SlowMs(5_000));
    assert_eq!(shop.confirm(&attempt(&call, 2)).await, unknown(Why::AlreadyProcessed));
    assert!(is_approved(&shop.confirm(&call).await));
    assert_eq!(shop.captured(), 12_000);
    assert_eq!(shop.toss.state().take_webhooks().len(), 1);
}

#[tokio::test]
async fn a_call_that_never_arrived_can_be_repeated_under_its_key() {
    let shop = Shop::open().await;
    let key = shop.buyer(order(1), 12_000, Card::Approve);
    let call = confirmation(&key, order(1), 12_000);
    shop.fail_once("confirm", FaultKind::TimeOutBefore);
    assert_eq!(shop.confirm(&call).await, unknown(Why::NoAnswer));
    let asked = shop.fetch(&key).await.settle(order(1), krw(12_000));
    assert_eq!(asked, ConfirmAnswer::Settled(Settlement::StillOpen));
    assert!(is_approved(&shop.confirm(&call).await));
}

#[tokio::test]
async fn a_server_error_is_unknown_and_is_all_that_its_key_hears_from_then_on() {
    let shop = Shop::open().await;
    let key = shop.buyer(order(1), 12_000, Card::Approve);
    let call = confirmation(&key, order(1), 12_000);
    shop.fail_once("confirm", FaultKind::ServerError);
    let failed = unknown(Why::Undecided { code: "FAILED_INTERNAL_SYSTEM_PROCESSING".to_owned() });
    assert_eq!(shop.confirm(&call).await, failed);
    assert_eq!(shop.confirm(&call).await, failed);
    let asked = shop.fetch(&key).await.settle(order(1), krw(12_000));
    assert_eq!(asked, ConfirmAnswer::Settled(Settlement::StillOpen));
    assert!(is_approved(&shop.confirm(&attempt(&call, 2)).await));
}

#[tokio::test]
async fn a_decline_by_fault_is_a_decline() {
    let shop = Shop::open().await;
    let key = shop.buyer(order(1), 12_000, Card::Approve);
    shop.fail_once("confirm", FaultKind::Reject);
    let answer = shop.confirm(&confirmation(&key, order(1), 12_000)).await;
    assert!(matches!(answer, ConfirmAnswer::Settled(Settlement::Declined { .. })), "{answer:?}");
    assert_eq!(shop.view(&key).status, Status::Aborted);
}

#[tokio::test]
async fn a_repeated_confirmation_hears_the_first_answer_word_for_word() {
    let shop = Shop::open().await;
    let key = shop.buyer(order(1), 12_000, Card::Approve);
    let call = confirmation(&key, order(1), 12_000);
    let first = shop.confirm(&call).await;
    assert!(is_approved(&first));
    for _ in 0..3 {
        assert_eq!(shop.confirm(&call).await, first);
    }
    assert_eq!(shop.toss.state().take_webhooks().len(), 1);
    // Days later the key is forgotten, and the payment tells instead.
    let _ = shop.clock.advance(Seconds::days(15));
    assert_eq!(shop.confirm(&call).await, first, "kept for 15 days");
    let _ = shop.clock.advance(Seconds(1));
    assert_eq!(shop.confirm(&call).await, unknown(Why::AlreadyProcessed));
}

#[tokio::test]
async fn attack_35_two_confirmations_at_once_under_one_key_are_one() {
    let shop = Shop::open().await;
    let key = shop.buyer(order(1), 12_000, Card::Approve);
    let call = confirmation(&key, order(1), 12_000);
    shop.fail_once("confirm", FaultKind::SlowMs(2_000));
    let (one, other) = tokio::join!(shop.confirm(&call), shop.confirm(&call));
    let waiting = unknown(Why::RetryLater { code: "IDEMPOTENT_REQUEST_PROCESSING".to_owned() });
    assert!(is_approved(&one) != is_approved(&other), "{one:?} {other:?}");
    assert!(one == waiting || other == waiting, "{one:?} {other:?}");
    assert_eq!(shop.captured(), 12_000);
}

#[tokio::test]
async fn attack_14_another_amount_than_that_of_the_window_is_refused_by_the_provider_too() {
    let shop = Shop::open().await;
    for (n, amount) in [(1, 11_999), (2, 12_001), (3, 1), (4, 120_000)] {
        let key = shop.buyer(order(n), 12_000, Card::Approve);
        let answer = shop.confirm(&confirmation(&key, order(n), amount)).await;
        assert_eq!(answer, unknown(Why::OurFault { code: "INVALID_REQUEST".to_owned() }), "{amount}");
    }
    assert_eq!(shop.captured(), 0);
}

#[tokio::test]
async fn attack_15_the_payment_of_another_order_is_not_taken() {
    let shop = Shop::open().await;
    let key = shop.buyer(order(1), 12_000, Card::Approve);
    let answer = shop.confirm(&confirmation(&key, order(2), 12_000)).await;
    assert_eq!(answer, unknown(Why::OurFault { code: "FORBIDDEN_REQUEST".to_owned() }));
    assert_eq!(shop.captured(), 0);
    // Asked for by its key, it still never counts for the other order, paid or not.
    let mismatch = |money_may_be_held| ConfirmAnswer::Settled(Settlement::Mismatch { money_may_be_held });
    assert_eq!(shop.fetch(&key).await.settle(order(2), krw(12_000)), mismatch(false));
    assert!(is_approved(&shop.confirm(&confirmation(&key, order(1), 12_000)).await));
    assert_eq!(shop.fetch(&key).await.settle(order(2), krw(12_000)), mismatch(true));
}

#[tokio::test]
async fn attack_15_an_order_is_paid_once_even_with_two_windows_open() {
    let shop = Shop::open().await;
    let one = shop.buyer(order(1), 12_000, Card::Approve);
    let other = shop.buyer(order(1), 12_000, Card::Approve);
    let call = confirmation(&one, order(1), 12_000);
    assert!(is_approved(&shop.confirm(&call).await));
    let second = attempt(&confirmation(&other, order(1), 12_000), 2);
    assert_eq!(shop.confirm(&second).await, unknown(Why::AlreadyProcessed));
    assert_eq!(shop.captured(), 12_000);
    let asked = shop.payments.fetch_by_checkout(order(1)).await.unwrap().settle(order(1), krw(12_000));
    let ConfirmAnswer::Settled(Settlement::Approved(approval)) = asked else { panic!("{asked:?}") };
    assert_eq!(approval.payment_key, one);
}

#[tokio::test]
async fn attack_15_under_a_reused_key_the_answer_of_another_payment_does_not_count() {
    let shop = Shop::open().await;
    let first = shop.buyer(order(1), 12_000, Card::Approve);
    let call = confirmation(&first, order(1), 12_000);
    assert!(is_approved(&shop.confirm(&call).await));
    let other = PaymentKey::parse("tvivaAnotherPayment").unwrap();
    let mixed_up = shop.confirm(&confirmation(&other, order(1), 12_000)).await;
    assert_eq!(mixed_up, unknown(Why::Unreadable), "nothing was said of the payment that was asked for");
}

#[tokio::test]
async fn attack_16_one_dollar_does_not_pay_for_one_hundred_won() {
    let shop = Shop::open().await;
    let new = NewPayment {
        order_id: order(1).to_string(),
        order_name: "Oak desk lamp".to_owned(),
        amount: Money::new(10_000, Currency::Usd).unwrap(),
        success_url: "http://shop.test/paid".to_owned(),
        fail_url: "http://shop.test/failed".to_owned(),
    };
    let state = shop.toss.state();
    let key = state.open_payment(new).unwrap();
    state.authenticate(&key, Card::Approve).unwrap();
    let key = PaymentKey::parse(&key).unwrap();
    let answer = shop.confirm(&confirmation(&key, order(1), 100)).await;
    assert_eq!(answer, ConfirmAnswer::Settled(Settlement::Mismatch { money_may_be_held: true }));
}

#[tokio::test]
async fn dollars_are_taken_to_the_cent() {
    let shop = Shop::open().await;
    let amount = Money::new(1_234, Currency::Usd).unwrap();
    let key = shop.toss.state().authenticated(&order(1).to_string(), amount, Card::Approve).unwrap();
    let mut call = confirmation(&PaymentKey::parse(&key).unwrap(), order(1), 1);
    call.amount = amount;
    assert!(is_approved(&shop.confirm(&call).await));
}

#[tokio::test]
async fn a_payment_can_be_confirmed_within_ten_minutes_of_the_authentication_and_not_after() {
    let shop = Shop::open().await;
    let (in_time, late) = (shop.buyer(order(1), 12_000, Card::Approve), shop.buyer(order(2), 12_000, Card::Approve));
    let _ = shop.clock.advance(Seconds::minutes(10));
    assert!(is_approved(&shop.confirm(&confirmation(&in_time, order(1), 12_000)).await));
    let _ = shop.clock.advance(Seconds(1));
    let gone = ConfirmAnswer::Settled(Settlement::Gone);
    assert_eq!(shop.confirm(&confirmation(&late, order(2), 12_000)).await, gone);
    assert_eq!(shop.fetch(&late).await.settle(order(2), krw(12_000)), gone);
    assert_eq!(shop.view(&late).status, Status::Expired);
}

#[tokio::test]
async fn an_invented_payment_key_is_gone_and_cannot_name_another_resource() {
    let shop = Shop::open().await;
    let _paid = shop.paid(1).await;
    for invented in ["tvivaInvented", "..", &format!("orders/{}", order(1)), "x?y=z", "%2e%2e", "confirm"] {
        let key = PaymentKey::parse(invented).unwrap();
        assert_eq!(shop.fetch(&key).await, FetchAnswer::NotFound, "{invented}");
        let mut call = confirmation(&key, order(2), 12_000);
        call.idempotency_key = domain::payments::ProviderIdempotencyKey::parse(invented).unwrap();
        assert_eq!(shop.confirm(&call).await, ConfirmAnswer::Settled(Settlement::Gone), "{invented}");
    }
}

#[tokio::test]
async fn a_wrong_secret_key_is_our_fault_and_says_nothing_about_the_payment() {
    let shop = Shop::open().await;
    let key = shop.buyer(order(1), 12_000, Card::Approve);
    let wrong = Payments::toss(&shop.toss.base_url(), &Secret::new("test_sk_wrong"), TimeLimits::STANDARD).unwrap();
    let why = Why::OurFault { code: "UNAUTHORIZED_KEY".to_owned() };
    assert!(why.this_call_did_nothing());
    assert_eq!(wrong.confirm(&confirmation(&key, order(1), 12_000)).await.unwrap(), unknown(why.clone()));
    assert_eq!(wrong.fetch_by_payment_key(&key).await.unwrap(), FetchAnswer::Unknown { why: why.clone() });
    assert_eq!(wrong.cancel(&refund(&key, 1, None, None)).await.unwrap(), CancelAnswer::Unknown { why });
}
