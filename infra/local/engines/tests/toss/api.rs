//! The API by hand: keys, headers, the shape of a payment, notifications.

use domain::timestamp::Seconds;
use engines::toss::{Card, Status};
use http::Method;
use serde_json::{Value, json};

use crate::support::{BASIC, Shop, confirmation, order};

const CONFIRM: &str = "/v1/payments/confirm";

fn body(payment_key: &str, n: u8, amount: Value) -> String {
    json!({ "paymentKey": payment_key, "orderId": order(n).to_string(), "amount": amount }).to_string()
}

#[tokio::test]
async fn the_key_must_be_the_shops_and_be_written_as_documented() {
    let shop = Shop::open().await;
    for (authorization, status, code) in [
        (None, 401, "UNAUTHORIZED_KEY"),
        (Some("Bearer x"), 401, "UNAUTHORIZED_KEY"),
        // test_sk_jangteo without the colon
        (Some("Basic dGVzdF9za19qYW5ndGVv"), 403, "INCORRECT_BASIC_AUTH_FORMAT"),
        (Some("Basic %%%"), 403, "INCORRECT_BASIC_AUTH_FORMAT"),
        // test_sk_other:
        (Some("Basic dGVzdF9za19vdGhlcjo="), 401, "UNAUTHORIZED_KEY"),
        // the right key after a byte order mark
        (Some("Basic 77u/dGVzdF9za19qYW5ndGVvOg=="), 401, "UNAUTHORIZED_KEY"),
    ] {
        let headers: Vec<_> = authorization.map(|value| ("authorization", value)).into_iter().collect();
        for (method, path) in
            [(Method::POST, CONFIRM), (Method::GET, "/v1/payments/x"), (Method::POST, "/v1/payments/x/cancel")]
        {
            let (told, answer) = shop.raw(method, path, &headers, "{}").await;
            assert_eq!((told, &answer["code"]), (status, &json!(code)), "{authorization:?} {path}");
        }
    }
}

#[tokio::test]
async fn attack_35_an_idempotency_key_is_at_most_300_characters_and_is_good_for_one_address() {
    let shop = Shop::open().await;
    let auth = ("authorization", BASIC);
    let key = shop.buyer(order(1), 12_000, Card::Approve);
    let confirm = body(key.as_str(), 1, json!(12_000));
    for bad in ["k".repeat(301), String::new()] {
        let (status, answer) = shop.raw(Method::POST, CONFIRM, &[auth, ("idempotency-key", &bad)], &confirm).await;
        assert_eq!((status, &answer["code"]), (400, &json!("INVALID_IDEMPOTENCY_KEY")));
    }
    let same = [auth, ("idempotency-key", &*"k".repeat(300))];
    assert_eq!(shop.raw(Method::POST, CONFIRM, &same, &confirm).await.0, 200);
    // The body is no part of the scope: another payment under the same key hears the first answer.
    let other = body("tvivaOther", 2, json!(1));
    assert_eq!(shop.raw(Method::POST, CONFIRM, &same, &other).await.1["paymentKey"], json!(key.as_str()));
    // Another address is another scope, and a question has none.
    let cancel = format!("/v1/payments/{}/cancel", key.as_str());
    let (_, cancelled) = shop.raw(Method::POST, &cancel, &same, r#"{"cancelReason":"x"}"#).await;
    assert_eq!(cancelled["status"], "CANCELED");
    let (_, asked) = shop.raw(Method::GET, &format!("/v1/payments/{}", key.as_str()), &same, "").await;
    assert_eq!(asked["status"], "CANCELED");
}

#[tokio::test]
async fn the_test_code_header_counts_with_test_keys_only() {
    let headers = [("authorization", BASIC), ("tosspayments-test-code", "INVALID_CARD_EXPIRATION")];
    let shop = Shop::open().await;
    let key = shop.buyer(order(1), 12_000, Card::Approve);
    let confirm = body(key.as_str(), 1, json!(12_000));
    let (status, answer) = shop.raw(Method::POST, CONFIRM, &headers, &confirm).await;
    assert_eq!((status, &answer["code"]), (400, &json!("INVALID_CARD_EXPIRATION")));

    let live = Shop::open_with(|settings| settings.secret_key = "live_sk_jangteo".to_owned()).await;
    let key = live.buyer(order(1), 12_000, Card::Approve);
    let confirm = body(key.as_str(), 1, json!(12_000));
    let headers = [("authorization", "Basic bGl2ZV9za19qYW5ndGVvOg=="), headers[1]];
    assert_eq!(live.raw(Method::POST, CONFIRM, &headers, &confirm).await.0, 200);
}

#[tokio::test]
async fn a_request_that_is_not_as_documented_is_refused_and_changes_nothing() {
    let shop = Shop::open().await;
    let auth = [("authorization", BASIC)];
    let key = shop.buyer(order(1), 12_000, Card::Approve);
    for bad in [
        "",
        "{",
        "[]",
        r#"{"paymentKey":"x"}"#,
        &body(key.as_str(), 1, json!("12000")),
        &body(key.as_str(), 1, json!(12_000.5)),
        &body(key.as_str(), 1, json!(-12_000)),
        &body(key.as_str(), 1, Value::Null),
        &body(&"k".repeat(201), 1, json!(12_000)),
    ] {
        let (status, answer) = shop.raw(Method::POST, CONFIRM, &auth, bad).await;
        assert_eq!((status, &answer["code"]), (400, &json!("INVALID_REQUEST")), "{bad}");
    }
    assert_eq!(shop.view(&key).status, Status::InProgress);
    let huge = format!("{{\"x\":\"{}\"}}", "x".repeat(100_000));
    assert_eq!(shop.raw(Method::POST, CONFIRM, &auth, &huge).await.0, 413);
    let (status, answer) = shop.raw(Method::GET, "/v2/anything", &auth, "").await;
    assert_eq!((status, &answer["code"]), (404, &json!("NOT_FOUND")));
}

#[tokio::test]
async fn attack_38_a_cancel_reason_must_have_1_to_200_characters() {
    let shop = Shop::open().await;
    let key = shop.paid(1).await;
    let path = format!("/v1/payments/{}/cancel", key.as_str());
    for bad in [
        json!({}),
        json!({ "cancelReason": "" }),
        json!({ "cancelReason": "😀".repeat(201) }),
        json!({ "cancelReason": 1 }),
    ] {
        let (status, answer) = shop.raw(Method::POST, &path, &[("authorization", BASIC)], &bad.to_string()).await;
        assert_eq!((status, &answer["code"]), (400, &json!("INVALID_REQUEST")), "{bad}");
    }
    let wrong = json!({ "cancelReason": "x", "cancelAmount": 1, "currency": "USD" }).to_string();
    assert_eq!(shop.raw(Method::POST, &path, &[("authorization", BASIC)], &wrong).await.0, 400);
    let good = json!({ "cancelReason": "😀".repeat(200), "currency": "KRW" }).to_string();
    assert_eq!(shop.raw(Method::POST, &path, &[("authorization", BASIC)], &good).await.0, 200);
}

#[tokio::test]
async fn a_card_payment_below_100_won_is_refused() {
    let shop = Shop::open().await;
    let auth = [("authorization", BASIC)];
    for (n, amount, status) in [(1, 99, 400), (2, 100, 200)] {
        let key = shop.buyer(order(n), amount, Card::Approve);
        assert_eq!(shop.raw(Method::POST, CONFIRM, &auth, &body(key.as_str(), n, json!(amount))).await.0, status);
    }
}

#[tokio::test]
async fn a_payment_shows_every_documented_field() {
    let shop = Shop::open().await;
    let key = shop.paid(1).await;
    let path = format!("/v1/payments/{}/cancel", key.as_str());
    let request = json!({ "cancelReason": "half", "cancelAmount": 2_000, "refundableAmount": 12_000 }).to_string();
    let (_, payment) = shop.raw(Method::POST, &path, &[("authorization", BASIC)], &request).await;
    for field in "version paymentKey type orderId orderName mId currency method totalAmount balanceAmount status \
        requestedAt approvedAt useEscrow lastTransactionKey suppliedAmount vat cultureExpense taxFreeAmount \
        taxExemptionAmount cancels isPartialCancelable card virtualAccount secret mobilePhone giftCertificate transfer \
        metadata receipt checkout easyPay country failure cashReceipt cashReceipts discount"
        .split_whitespace()
    {
        assert!(payment.get(field).is_some(), "{field}");
    }
    assert_eq!(payment["status"], "PARTIAL_CANCELED");
    assert_eq!(payment["totalAmount"], 12_000);
    assert_eq!(payment["balanceAmount"], 10_000);
    assert_eq!(payment["approvedAt"], "2026-11-21T18:00:00+09:00");
    assert_eq!(payment["card"]["amount"], 12_000);
    assert_eq!(payment["cancels"][0]["cancelAmount"], 2_000);
    assert_eq!(payment["cancels"][0]["transactionKey"], payment["lastTransactionKey"]);
    assert_eq!(payment["failure"], Value::Null);
}

#[tokio::test]
async fn notifications_tell_every_change_but_the_opening_and_the_authentication() {
    let shop = Shop::open().await;
    let state = shop.toss.state();
    let key = shop.paid(1).await;
    let _late = shop.buyer(order(2), 5_000, Card::Approve);
    let _ = shop.clock.advance(Seconds::minutes(11));
    let cancel = format!("/v1/payments/{}/cancel", key.as_str());
    shop.raw(Method::POST, &cancel, &[("authorization", BASIC)], r#"{"cancelReason":"x"}"#).await;
    let told = state.take_webhooks();
    let statuses: Vec<_> = told.iter().map(|webhook| webhook.body["data"]["status"].clone()).collect();
    assert_eq!(statuses, ["DONE", "EXPIRED", "CANCELED"]);
    assert_eq!(told[0].body["eventType"], "PAYMENT_STATUS_CHANGED");
    assert_eq!(told[0].body["createdAt"], "2026-11-21T18:00:00.000000");
    assert_eq!(told[0].body["data"]["paymentKey"], key.as_str());
    assert!(state.take_webhooks().is_empty());
}

#[tokio::test]
async fn of_a_virtual_account_every_change_is_told_twice() {
    let shop = Shop::open().await;
    let state = shop.toss.state();
    let key = shop.buyer(order(1), 5_000, Card::VirtualAccount);
    shop.confirm(&confirmation(&key, order(1), 5_000)).await;
    assert_eq!(state.payments()[0].captured.amount, 0);
    state.deposit(key.as_str()).unwrap();
    assert_eq!(state.payments()[0].captured.amount, 5_000);
    assert!(state.deposit(key.as_str()).is_err(), "nothing more is waited for");
    let told = state.take_webhooks();
    let statuses: Vec<_> =
        told.iter().map(|webhook| (webhook.body.get("eventType").is_some(), webhook.body["status"].clone())).collect();
    let [waiting, done] = ["WAITING_FOR_DEPOSIT", "DONE"].map(Value::from);
    assert_eq!(statuses, [(false, waiting), (true, Value::Null), (false, done), (true, Value::Null)]);
    let (deposit, changed) = (&told[2].body, &told[3].body["data"]);
    assert_eq!((&deposit["secret"], &deposit["orderId"]), (&changed["secret"], &changed["orderId"]));
    assert_eq!(deposit["transactionKey"], changed["lastTransactionKey"]);
    assert!(deposit["secret"].is_string(), "{deposit}");
}

#[tokio::test]
async fn an_event_that_is_not_answered_comes_again_seven_times_after_growing_pauses() {
    let shop = Shop::open().await;
    let state = shop.toss.state();
    shop.paid(1).await;
    let first = state.due_webhooks().remove(0);
    let mut pauses = Vec::new();
    let mut given_up = false;
    while let Some(webhook) = state.due_webhooks().pop() {
        assert_eq!(webhook.transmission_id, first.transmission_id);
        assert_eq!(webhook.retried_count, u32::try_from(pauses.len()).unwrap());
        given_up = state.webhook_was_sent(&webhook, false);
        let mut minutes = 0;
        while !given_up && state.due_webhooks().is_empty() {
            minutes += 1;
            let _ = shop.clock.advance(Seconds::minutes(1));
        }
        pauses.extend((!given_up).then_some(minutes));
    }
    assert!(given_up);
    assert_eq!(pauses, [1, 4, 16, 64, 256, 1_024, 4_096]);
}

#[tokio::test]
async fn an_event_names_when_it_was_sent_and_how_often_before() {
    let shop = Shop::open().await;
    let state = shop.toss.state();
    shop.paid(1).await;
    let webhook = state.due_webhooks().remove(0);
    assert!(!state.webhook_was_sent(&webhook, false));
    let now = shop.clock.advance(Seconds::minutes(1));
    let [id, time, count] = state.due_webhooks().remove(0).headers(now);
    assert_eq!(id, ("tosspayments-webhook-transmission-id", webhook.transmission_id));
    assert_eq!(time, ("tosspayments-webhook-transmission-time", "2026-11-21T18:01:00+09:00".to_owned()));
    assert_eq!(count, ("tosspayments-webhook-transmission-retried-count", "1".to_owned()));
}
