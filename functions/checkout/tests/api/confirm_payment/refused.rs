//! Payments that do not count: nothing is captured for them, and the order stays payable.

use domain::{
    ids::{CheckoutId, OrderId},
    orders::OrderStatus,
    payments::{CONFIRM_CODES, ConfirmOutcome},
    timestamp::Seconds,
};
use engines::{
    Engine, FaultKind, FaultRule,
    toss::{Card, NewPayment, Status},
};
use serde_json::json;
use shared::random;
use testkit::{TestAnswer, sweeps};

use super::{assert_paid, assert_payable, assert_told_paid};
use crate::steps::{
    Placed, Tripwire, captured, confirm, confirm_for, expire, lamp, order, pay, payment, place, start, stock,
};

#[tokio::test]
async fn a_declined_card_is_told_in_the_buyers_language_and_another_card_pays_the_order() {
    let (app, seller) = start().await;
    let goods = lamp(&app, &seller, 12_000, 5).await;
    let placed = place(&app, &goods, 1).await;
    let mut told = Vec::new();
    for card in [Card::LimitExceeded, Card::Expired, Card::RiskRefused] {
        let goods = lamp(&app, &seller, 12_000, 1).await;
        let placed = place(&app, &goods, 1).await;
        for language in ["en", "ko"] {
            let payment_key = pay(&app, &placed, card);
            let answer = confirm(&app, &placed, &payment_key).language(language).send().await;
            answer.assert_refused(402, "payments.declined");
            let detail = answer.problem().detail;
            assert_eq!(detail.chars().any(|c| ('가'..='힣').contains(&c)), language == "ko", "{card:?}: {detail}");
            assert!(!told.contains(&detail), "{card:?} is told like another: {detail}");
            told.push(detail);
            assert_payable(&app, &placed, &goods).await;
            assert_eq!(payment(&app, &payment_key).status, Status::Aborted);
            // The same window again is declined again, and not taken for a new one.
            let again = confirm(&app, &placed, &payment_key).language(language).send().await;
            again.assert_refused(402, "payments.declined");
        }
    }
    let last_moment = Seconds::minutes(15).0 - 1;
    app.advance(Seconds(last_moment));
    let payment_key = pay(&app, &placed, Card::Approve);
    assert_told_paid(&confirm(&app, &placed, &payment_key).send().await, &placed);
    assert_paid(&app, &placed, &payment_key).await;
}

#[tokio::test]
async fn every_documented_answer_of_the_provider_leads_to_what_it_means() {
    let (app, seller) = start().await;
    let goods = lamp(&app, &seller, 12_000, 999).await;
    for row in CONFIRM_CODES {
        let placed = place(&app, &goods, 1).await;
        let payment_key = pay(&app, &placed, Card::Approve);
        app.toss().state().inject("confirm", row.code, 1);
        let answer = confirm(&app, &placed, &payment_key).may_break().send().await;
        let (status, code, reason) = match row.outcome {
            ConfirmOutcome::Declined(reason) => (402, "payments.declined", Some(reason.as_str())),
            ConfirmOutcome::Expired => (410, "payments.session_expired", None),
            ConfirmOutcome::Ours => (503, "payments.unavailable", None),
            // The payment is still open, so nobody knows yet.
            ConfirmOutcome::AlreadyProcessed | ConfirmOutcome::RetryLater | ConfirmOutcome::Unknown => (202, "", None),
        };
        assert_eq!((answer.status, answer.problem_code().as_str()), (status, code), "{row:?}: {:?}", answer.body);
        assert_eq!(answer.json()["reason"].as_str(), reason, "{row:?}");
        let expected = if status == 202 { OrderStatus::Confirming } else { OrderStatus::Pending };
        assert_eq!(order(&app, placed.id).await.status, expected, "{row:?}");
        let body = String::from_utf8(answer.body.to_vec()).unwrap();
        assert!(!body.contains(row.code), "the provider's own words for machines are not shown: {body}");
        if status == 503 {
            assert_eq!(answer.retry_after_s(), Some(10));
        }
    }
    assert_eq!(captured(&app), (0, 0));
}

#[tokio::test]
async fn a_wrong_secret_key_of_ours_is_our_fault_and_the_order_stays_payable() {
    let (app, seller) = start().await;
    let goods = lamp(&app, &seller, 12_000, 5).await;
    let placed = place(&app, &goods, 1).await;
    let payment_key = pay(&app, &placed, Card::Approve);
    app.toss().state().inject("confirm", "UNAUTHORIZED_KEY", 1);
    app.toss().state().inject("fetch", "UNAUTHORIZED_KEY", 1);
    let answer = confirm(&app, &placed, &payment_key).may_break().send().await;
    answer.assert_refused(503, "payments.unavailable");
    assert!(answer.line.contains(r#""level":"error""#), "the alarm hears of it: {}", answer.line);
    assert!(answer.line.contains("toss refuses our set-up or our request: "), "{}", answer.line);
    assert!(answer.line.contains("UNAUTHORIZED_KEY"), "{}", answer.line);
    assert_payable(&app, &placed, &goods).await;
    // The same request later goes through, with the payment that the buyer has made already.
    assert_told_paid(&confirm(&app, &placed, &payment_key).send().await, &placed);
    assert_paid(&app, &placed, &payment_key).await;
}

#[tokio::test]
async fn attack_14_16_another_amount_or_currency_is_refused_before_the_provider_is_called() {
    let (app, seller) = start().await;
    let goods = lamp(&app, &seller, 12_000, 5).await;
    let placed = place(&app, &goods, 1).await;
    let payment_key = pay(&app, &placed, Card::Approve);
    let wire = Tripwire::lay(&app);
    for (amount, currency) in
        [(14_999, "KRW"), (15_001, "KRW"), (1, "KRW"), (0, "KRW"), (1_000_000_000_000_i64, "KRW"), (15_000, "USD")]
    {
        let amount = json!({ "amount": amount, "currency": currency });
        let answer = confirm_for(&app, &placed, &payment_key, amount.clone()).send().await;
        answer.assert_refused(422, "payments.amount_mismatch");
        assert_eq!(answer.usage.write_half_units, 0, "{amount}");
    }
    for amount in [json!({ "amount": -15_000, "currency": "KRW" }), json!({ "amount": 15_000, "currency": "krw" })] {
        let answer = confirm_for(&app, &placed, &payment_key, amount).send().await;
        answer.assert_refused(400, "request.invalid");
    }
    wire.assert_not_called().await;
    assert_payable(&app, &placed, &goods).await;
    assert_told_paid(&confirm(&app, &placed, &payment_key).send().await, &placed);
}

#[tokio::test]
async fn attack_14_a_window_that_was_opened_over_another_amount_pays_nothing() {
    let (app, seller) = start().await;
    let goods = lamp(&app, &seller, 12_000, 5).await;
    let placed = place(&app, &goods, 1).await;
    let cheap = Placed { amount: json!({ "amount": 100, "currency": "KRW" }), ..placed.clone() };
    let payment_key = pay(&app, &cheap, Card::Approve);
    confirm(&app, &cheap, &payment_key).send().await.assert_refused(422, "payments.amount_mismatch");
    // The browser may claim the right amount; the provider knows better.
    let answer = confirm(&app, &placed, &payment_key).send().await;
    answer.assert_refused(422, "payments.amount_mismatch");
    assert_nobody_is_called(&answer);
    assert_payable(&app, &placed, &goods).await;
    assert_eq!(captured(&app), (0, 0));
}

/// A buyer's trick is refused without an alarm, and with the truth: no money is held for it.
fn assert_nobody_is_called(answer: &TestAnswer) {
    assert!(answer.line.contains(r#""level":"info""#), "{}", answer.line);
    assert!(answer.problem().detail.contains("nothing was charged"), "{:?}", answer.body);
}

#[tokio::test]
async fn attack_15_a_payment_pays_the_order_that_it_was_made_for_and_no_other() {
    let (app, seller) = start().await;
    let goods = lamp(&app, &seller, 12_000, 5).await;
    let (one, two) = (place(&app, &goods, 1).await, place(&app, &goods, 1).await);
    let of_one = pay(&app, &one, Card::Approve);
    // Not confirmed yet: the provider is asked whose it is.
    let answer = confirm(&app, &two, &of_one).send().await;
    answer.assert_refused(422, "payments.amount_mismatch");
    assert_nobody_is_called(&answer);
    assert_eq!(
        (payment(&app, &of_one).status, order(&app, one.id).await.status),
        (Status::InProgress, OrderStatus::Pending)
    );
    assert_eq!((order(&app, two.id).await.status, captured(&app)), (OrderStatus::Pending, (0, 0)));

    let of_two = pay(&app, &two, Card::Approve);
    assert_told_paid(&confirm(&app, &two, &of_two).send().await, &two);
    // The payment that was tried on the wrong order still pays its own.
    assert_told_paid(&confirm(&app, &one, &of_one).idempotency_key("own").send().await, &one);
    // Confirmed: we know whose it is.
    let wire = Tripwire::lay(&app);
    let three = place(&app, &goods, 1).await;
    let answer = confirm(&app, &three, &of_two).idempotency_key("again").send().await;
    answer.assert_refused(422, "payments.amount_mismatch");
    assert_nobody_is_called(&answer);
    wire.assert_not_called().await;
    assert_eq!((order(&app, three.id).await.status, captured(&app)), (OrderStatus::Pending, (2, 30_000)));
    assert_eq!(stock(&app, &goods), (2, 1, 2));
}

#[tokio::test]
async fn a_paid_order_is_not_paid_again_by_another_payment() {
    let (app, seller) = start().await;
    let goods = lamp(&app, &seller, 12_000, 5).await;
    let placed = place(&app, &goods, 1).await;
    let (first, second) = (pay(&app, &placed, Card::Approve), pay(&app, &placed, Card::Approve));
    assert_told_paid(&confirm(&app, &placed, &first).send().await, &placed);
    let wire = Tripwire::lay(&app);
    confirm(&app, &placed, &second).send().await.assert_refused(409, "payments.already_paid");
    wire.assert_not_called().await;
    assert_eq!(captured(&app), (1, 15_000));
    assert_paid(&app, &placed, &first).await;
}

#[tokio::test]
async fn while_one_payment_is_being_asked_about_another_is_not_begun() {
    let (app, seller) = start().await;
    let goods = lamp(&app, &seller, 12_000, 5).await;
    let placed = place(&app, &goods, 1).await;
    let (first, second) = (pay(&app, &placed, Card::LostAnswer), pay(&app, &placed, Card::Approve));
    app.fail(vec![FaultRule::always(Engine::Toss, FaultKind::ServerError).on("fetch")]);
    assert_eq!(confirm(&app, &placed, &first).send().await.status, 202);
    app.heal();
    let wire = Tripwire::lay(&app);
    confirm(&app, &placed, &second).send().await.assert_refused(409, "checkout.not_payable");
    wire.assert_not_called().await;
    assert_eq!(payment(&app, &second).status, Status::InProgress);
}

#[tokio::test]
async fn an_order_can_be_paid_until_its_hold_ends_and_not_a_second_longer() {
    let (app, seller) = start().await;
    let goods = lamp(&app, &seller, 12_000, 5).await;
    let (in_time, too_late) = (place(&app, &goods, 1).await, place(&app, &goods, 1).await);
    app.advance(Seconds(899));
    let (one, two) = (pay(&app, &in_time, Card::Approve), pay(&app, &too_late, Card::Approve));
    assert_told_paid(&confirm(&app, &in_time, &one).send().await, &in_time);
    app.advance(Seconds(1));
    let wire = Tripwire::lay(&app);
    confirm(&app, &too_late, &two).send().await.assert_refused(409, "checkout.not_payable");
    expire(&app).await;
    assert_eq!(order(&app, too_late.id).await.status, OrderStatus::Expired);
    confirm(&app, &too_late, &two).send().await.assert_refused(409, "checkout.not_payable");
    wire.assert_not_called().await;
    assert_eq!((payment(&app, &two).status, stock(&app, &goods)), (Status::InProgress, (4, 0, 1)));
}

#[tokio::test]
async fn a_payment_whose_time_is_over_or_that_is_not_there_leaves_the_order_payable() {
    let (app, seller) = start().await;
    let goods = lamp(&app, &seller, 12_000, 5).await;
    let placed = place(&app, &goods, 1).await;
    let payment_key = pay(&app, &placed, Card::Approve);
    app.advance(Seconds(601));
    confirm(&app, &placed, &payment_key).send().await.assert_refused(410, "payments.session_expired");
    assert_payable(&app, &placed, &goods).await;
    confirm(&app, &placed, "nobody").send().await.assert_refused(410, "payments.session_expired");
    assert_payable(&app, &placed, &goods).await;
    let payment_key = pay(&app, &placed, Card::Approve);
    assert_told_paid(&confirm(&app, &placed, &payment_key).send().await, &placed);
}

#[tokio::test]
async fn an_order_that_is_not_there_is_not_found_and_the_provider_is_not_called() {
    let (app, _) = start().await;
    let now = app.now();
    let (checkout, id) =
        (CheckoutId::new(now, random::entropy().unwrap()), OrderId::new(now, random::entropy().unwrap()));
    let nowhere = Placed { checkout, id, amount: json!({ "amount": 15_000, "currency": "KRW" }) };
    let payment_key = pay(&app, &nowhere, Card::Approve);
    let wire = Tripwire::lay(&app);
    confirm(&app, &nowhere, &payment_key).send().await.assert_refused(404, "checkout.not_found");
    wire.assert_not_called().await;
    assert_eq!(payment(&app, &payment_key).status, Status::InProgress);
}

#[tokio::test]
async fn attack_10_an_id_or_a_payment_key_that_is_none_is_refused_before_anything_is_read() {
    let (app, seller) = start().await;
    let goods = lamp(&app, &seller, 12_000, 5).await;
    let placed = place(&app, &goods, 1).await;
    let good = json!({ "checkout_id": placed.checkout, "payment_key": "tviva1", "amount": placed.amount });
    let request = app.post("checkout.confirm_payment").idempotency_key("key");
    sweeps::assert_takes_only_its_json(&request, &good).await;
    for (field, values) in [
        ("checkout_id", ["", "chk_", "chk_../x", "%00", &"o".repeat(10_000)]),
        ("payment_key", ["", "a b", "a\r\nb", "열쇠", &"k".repeat(201)]),
    ] {
        for value in values {
            let mut body = good.clone();
            body[field] = json!(value);
            let answer = request.clone().json(body).send().await;
            answer.assert_refused(400, "request.invalid");
            assert_eq!((answer.pointers(), answer.usage.calls), (vec![format!("/{field}")], 0));
        }
    }
    assert_payable(&app, &placed, &goods).await;
}

#[tokio::test]
async fn attack_70_a_payment_key_cannot_make_us_ask_the_provider_for_something_else() {
    let (app, seller) = start().await;
    let goods = lamp(&app, &seller, 12_000, 5).await;
    let (paid, placed) = (place(&app, &goods, 1).await, place(&app, &goods, 1).await);
    let of_paid = pay(&app, &paid, Card::Approve);
    assert_told_paid(&confirm(&app, &paid, &of_paid).send().await, &paid);
    for tricky in [format!("../payments/{of_paid}"), format!("orders/{}", paid.checkout), format!("{of_paid}?x=1")] {
        let answer = confirm(&app, &placed, &tricky).idempotency_key(&format!("key-{}", tricky.len())).send().await;
        answer.assert_refused(410, "payments.session_expired");
    }
    assert_eq!((order(&app, placed.id).await.status, captured(&app)), (OrderStatus::Pending, (1, 15_000)));
}

#[tokio::test]
async fn attack_76_after_ten_attempts_at_one_order_the_provider_is_not_called_and_nothing_is_written() {
    let (app, seller) = start().await;
    let goods = lamp(&app, &seller, 12_000, 5).await;
    let other_goods = lamp(&app, &seller, 12_000, 5).await;
    let (placed, other) = (place(&app, &goods, 1).await, place(&app, &other_goods, 1).await);
    for number in 0..10 {
        let answer = confirm(&app, &placed, &format!("junk-{number}")).send().await;
        answer.assert_refused(410, "payments.session_expired");
        assert_eq!(answer.header("ratelimit-policy"), Some(r#""payments-checkout";q=10;w=3600"#));
    }
    let before = app.items().len();
    let payment_key = pay(&app, &placed, Card::Approve);
    let wire = Tripwire::lay(&app);
    app.advance(Seconds(60));
    for key in ["junk", &payment_key] {
        let answer = confirm(&app, &placed, key).send().await;
        answer.assert_refused(429, "payments.too_many_attempts");
        assert_eq!((answer.retry_after_s(), answer.usage.write_half_units), (Some(3_540), 0));
        assert_eq!(answer.header("ratelimit"), Some(r#""payments-checkout";r=0;t=3540"#));
    }
    wire.assert_not_called().await;
    assert_eq!((app.items().len(), payment(&app, &payment_key).status), (before, Status::InProgress));
    assert_payable(&app, &placed, &goods).await;
    // Each order has its own.
    let payment_key = pay(&app, &other, Card::Approve);
    assert_told_paid(&confirm(&app, &other, &payment_key).send().await, &other);
}

#[tokio::test]
async fn a_window_in_which_nothing_was_chosen_is_told_so_without_an_alarm_and_can_be_gone_on_with() {
    let (app, seller) = start().await;
    let goods = lamp(&app, &seller, 12_000, 5).await;
    let placed = place(&app, &goods, 1).await;
    let window = NewPayment {
        order_id: placed.checkout.to_string(),
        order_name: "Oak desk lamp".to_owned(),
        amount: serde_json::from_value(placed.amount.clone()).unwrap(),
        success_url: "http://shop.test/paid".to_owned(),
        fail_url: "http://shop.test/failed".to_owned(),
    };
    let payment_key = app.toss().state().open_payment(window).unwrap();
    assert_eq!(payment(&app, &payment_key).status, Status::Ready);
    for language in ["en", "ko"] {
        let answer = confirm(&app, &placed, &payment_key).language(language).send().await;
        answer.assert_refused(409, "payments.not_authenticated");
        assert!(answer.line.contains(r#""level":"info""#), "{}", answer.line);
        assert_payable(&app, &placed, &goods).await;
    }
    app.toss().state().authenticate(&payment_key, Card::Approve).unwrap();
    assert_told_paid(&confirm(&app, &placed, &payment_key).send().await, &placed);
    assert_paid(&app, &placed, &payment_key).await;
}
