//! A provider that answers nonsense. Nothing is concluded from it.

use std::{
    io::{Read as _, Write as _},
    net::TcpListener,
    sync::Arc,
    time::Duration,
};

use bytes::Bytes;
use domain::{orders::OrderStatus, processes::payment::PaymentState, timestamp::Seconds};
use engines::{Engine, FaultKind, FaultRule, toss::Card};
use http::HeaderMap;
use serde_json::{Value, json};
use shared::{
    api::{
        Core,
        host::{AnyService as _, HostedEndpoint},
        wire::HttpRequest,
    },
    config::Config,
    payments::TimeLimits,
};
use testkit::TestApp;

use super::assert_paid;
use crate::steps::{Placed, captured, lamp, order, pay, paying, place, reconcile, start, stock};

/// A provider that says the same to every call. Returns its address; it ends with the test process.
fn provider_that_says(answer: String) -> String {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { continue };
            let _ = stream.read(&mut [0; 8_192]);
            // Whoever has read enough hangs up.
            let _ = stream.write_all(answer.as_bytes());
        }
    });
    format!("http://{address}")
}

fn with_body(status: &str, body: &str) -> String {
    format!(
        "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    )
}

/// The endpoint as the app hosts it, with another provider.
fn endpoint_with(app: &TestApp, toss_base_url: String) -> Arc<dyn HostedEndpoint> {
    endpoint(app, Config { toss_base_url, ..app.config().clone() })
}

fn endpoint(app: &TestApp, config: Config) -> Arc<dyn HostedEndpoint> {
    let touches = app.call("checkout.confirm_payment").route().all_touches();
    let core = Core::start(config, &touches, 28).unwrap();
    checkout::SERVICE.host_endpoint("checkout.confirm_payment", core).unwrap().unwrap()
}

fn request(app: &TestApp, placed: &Placed, payment_key: &str) -> HttpRequest {
    let body = json!({ "checkout_id": placed.checkout, "payment_key": payment_key, "amount": placed.amount });
    let mut headers = HeaderMap::new();
    headers.insert("content-type", "application/json".parse().unwrap());
    headers.insert("idempotency-key", format!("confirm-{payment_key}").parse().unwrap());
    HttpRequest {
        method: String::new(),
        path: String::new(),
        path_parameters: Vec::new(),
        query: String::new(),
        headers,
        body: Bytes::from(body.to_string()),
        time: app.now(),
        peer: testkit::PEER.to_owned(),
        request_id: "a-request".to_owned(),
    }
}

#[tokio::test]
async fn attack_39_an_answer_that_is_none_is_unknown_and_the_order_is_paid_when_a_real_one_comes() {
    let (app, seller) = start().await;
    let goods = lamp(&app, &seller, 12_000, 99).await;
    let elsewhere = "HTTP/1.1 302 Found\r\nlocation: http://169.254.169.254/\r\ncontent-length: 0\r\n\r\n";
    let nonsense = [
        ("a page", with_body("200 OK", "<html>OK</html>")),
        ("nothing", with_body("200 OK", "")),
        ("an object without a status", with_body("200 OK", r#"{"paymentKey":"x","orderId":"y","totalAmount":15000}"#)),
        ("a deep array", with_body("200 OK", &"[".repeat(100_000))),
        ("a huge answer", with_body("200 OK", &format!("{{\"status\":\"DONE\",\"x\":\"{}\"}}", "x".repeat(400_000)))),
        ("an error page", with_body("502 Bad Gateway", "<html>Bad gateway</html>")),
        ("an error without a code", with_body("400 Bad Request", "{}")),
        ("a code that nobody knows", with_body("400 Bad Request", r#"{"code":"A_CODE_OF_NEXT_YEAR","message":"?"}"#)),
        ("a redirect", elsewhere.to_owned()),
        ("half an answer", "HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n{\"status\":\"DONE\"".to_owned()),
        ("no HTTP", "220 mail.example ESMTP\r\n".to_owned()),
    ];
    let count = nonsense.len();
    for (what, answer) in nonsense {
        let placed = place(&app, &goods, 1).await;
        let payment_key = pay(&app, &placed, Card::Approve);
        let endpoint = endpoint_with(&app, provider_that_says(answer));
        let (answer, _) = endpoint.answer(request(&app, &placed, &payment_key)).await;
        assert_eq!((answer.response.status, answer.code), (202, None), "{what}: {:?}", answer.response.body);
        assert_eq!(order(&app, placed.id).await.status, OrderStatus::Confirming, "{what}");
        app.advance(Seconds(30));
        reconcile(&app).await;
        assert_paid(&app, &placed, &payment_key).await;
    }
    let paid = u32::try_from(count).unwrap();
    assert_eq!((captured(&app).0, stock(&app, &goods)), (count, (99_u32.saturating_sub(paid), 0, paid)));
}

#[tokio::test]
async fn attack_39_a_provider_that_hangs_is_left_in_time_to_say_that_nobody_knows() {
    let (app, seller) = start().await;
    let goods = lamp(&app, &seller, 12_000, 5).await;
    let placed = place(&app, &goods, 1).await;
    let payment_key = pay(&app, &placed, Card::Approve);
    app.fail(vec![FaultRule::always(Engine::Toss, FaultKind::SlowMs(3_600_000))]);
    let limit = Duration::from_millis(100);
    let toss_time_limits = TimeLimits { change: limit, ask: limit };
    let endpoint = endpoint(&app, Config { toss_time_limits, ..app.config().clone() });
    let (answer, usage) = endpoint.answer(request(&app, &placed, &payment_key)).await;
    assert_eq!((answer.response.status, answer.code, usage.fault), (202, None, None), "{:?}", answer.response.body);
    let open = paying(&app, &placed).await;
    assert_eq!((open.status, open.asked), (PaymentState::Confirming, 1));
    assert_eq!(open.ask_at, Some(app.now().plus(Seconds(30))), "the schedule asks");
    app.heal();
    app.advance(Seconds(30));
    reconcile(&app).await;
    assert_paid(&app, &placed, &payment_key).await;
}

/// What the provider says when it took the payment, with another value of one field.
fn yes_but(placed: &Placed, payment_key: &str, field: &str, value: Value) -> String {
    let mut yes = json!({
        "paymentKey": payment_key, "orderId": placed.checkout, "status": "DONE", "currency": "KRW",
        "totalAmount": 15_000, "balanceAmount": 15_000,
    });
    yes[field] = value;
    with_body("200 OK", &yes.to_string())
}

#[tokio::test]
async fn attack_39_14_15_16_a_yes_for_another_order_or_amount_never_counts_and_the_alarm_hears_of_the_money() {
    let (app, seller) = start().await;
    let others = [
        ("orderId", json!("another")),
        ("totalAmount", json!(14_999)),
        ("currency", json!("USD")),
        ("currency", json!("JPY")),
    ];
    for (field, value) in others {
        let goods = lamp(&app, &seller, 12_000, 1).await;
        let placed = place(&app, &goods, 1).await;
        let payment_key = pay(&app, &placed, Card::Approve);
        let what = format!("{field} {value}");
        let endpoint = endpoint_with(&app, provider_that_says(yes_but(&placed, &payment_key, field, value)));
        let (answer, usage) = endpoint.answer(request(&app, &placed, &payment_key)).await;
        assert_eq!((answer.response.status, answer.code), (422, Some("payments.amount_mismatch")), "{what}");
        let body = String::from_utf8(answer.response.body.to_vec()).unwrap();
        assert!(body.contains("goes back to you") && !body.contains("nothing was charged"), "{what}: {body}");
        let line = serde_json::to_value(answer.line("checkout.confirm_payment", &usage)).unwrap();
        assert_eq!(line["level"], "error", "{what}: {line}");
        let fault = line["fault"].as_str().unwrap();
        assert!(fault.contains("may hold money that must go back"), "{what}: {fault}");
        assert!(fault.contains(&placed.checkout.to_string()) && !fault.contains(&payment_key), "{what}: {fault}");
        super::assert_payable(&app, &placed, &goods).await;
    }
}

#[tokio::test]
async fn attack_39_a_yes_with_another_key_or_an_amount_that_cannot_be_read_leaves_the_order_confirming() {
    let (app, seller) = start().await;
    let goods = lamp(&app, &seller, 12_000, 99).await;
    for (field, value, is_told) in [
        ("paymentKey", json!("another"), false),
        ("totalAmount", Value::Null, true),
        ("totalAmount", json!("15000"), true),
        ("currency", Value::Null, true),
        ("status", json!("HELD_FOR_REVIEW"), true),
    ] {
        let placed = place(&app, &goods, 1).await;
        let payment_key = pay(&app, &placed, Card::Approve);
        let what = format!("{field} {value}");
        let endpoint = endpoint_with(&app, provider_that_says(yes_but(&placed, &payment_key, field, value)));
        let (answer, usage) = endpoint.answer(request(&app, &placed, &payment_key)).await;
        assert_eq!((answer.response.status, answer.code), (202, None), "{what}: {:?}", answer.response.body);
        assert_eq!(order(&app, placed.id).await.status, OrderStatus::Confirming, "{what}");
        assert_eq!(usage.fault.is_some(), is_told, "{what}: {:?}", usage.fault);
        app.advance(Seconds(30));
        reconcile(&app).await;
        assert_paid(&app, &placed, &payment_key).await;
    }
}

#[tokio::test]
async fn a_provider_that_cannot_be_reached_was_told_nothing_and_the_order_stays_payable() {
    let (app, seller) = start().await;
    let goods = lamp(&app, &seller, 12_000, 5).await;
    let placed = place(&app, &goods, 1).await;
    let payment_key = pay(&app, &placed, Card::Approve);
    let nobody = {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        format!("http://{}", listener.local_addr().unwrap())
    };
    let endpoint = endpoint_with(&app, nobody);
    let (answer, _) = endpoint.answer(request(&app, &placed, &payment_key)).await;
    assert_eq!((answer.response.status, answer.code), (503, Some("payments.unavailable")));
    super::assert_payable(&app, &placed, &goods).await;
    let answer = crate::steps::confirm(&app, &placed, &payment_key).send().await;
    super::assert_told_paid(&answer, &placed);
}
