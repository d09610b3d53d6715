//! A provider that answers nonsense. Nothing is concluded from it.

use std::{
    io::{Read as _, Write as _},
    net::TcpListener,
    sync::Arc,
};

use bytes::Bytes;
use domain::{orders::OrderStatus, timestamp::Seconds};
use engines::toss::Card;
use http::HeaderMap;
use serde_json::json;
use shared::api::{
    Core,
    host::{AnyService as _, HostedEndpoint},
    wire::HttpRequest,
};
use testkit::TestApp;

use super::assert_paid;
use crate::steps::{Placed, captured, lamp, order, pay, place, reconcile, start, stock};

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
    let config = shared::config::Config { toss_base_url, ..app.config().clone() };
    let touches = app.call("checkout.confirm_payment").route().all_touches();
    let core = Core::start(config, &touches).unwrap();
    checkout::SERVICE.host_endpoint("checkout.confirm_payment", core).unwrap().unwrap()
}

fn request(app: &TestApp, placed: &Placed, payment_key: &str) -> HttpRequest {
    let body = json!({ "order_id": placed.id, "payment_key": payment_key, "amount": placed.amount });
    let mut headers = HeaderMap::new();
    headers.insert("content-type", "application/json".parse().unwrap());
    headers.insert("idempotency-key", format!("confirm-{payment_key}").parse().unwrap());
    HttpRequest {
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
async fn attack_39_14_a_yes_for_another_payment_order_or_amount_never_counts() {
    let (app, seller) = start().await;
    let goods = lamp(&app, &seller, 12_000, 99).await;
    for field in ["paymentKey", "orderId", "totalAmount", "currency"] {
        let placed = place(&app, &goods, 1).await;
        let payment_key = pay(&app, &placed, Card::Approve);
        let mut yes = json!({
            "paymentKey": payment_key, "orderId": placed.id, "status": "DONE", "currency": "KRW",
            "totalAmount": 15_000, "balanceAmount": 15_000,
        });
        yes[field] = match field {
            "totalAmount" => json!(14_999),
            "currency" => json!("USD"),
            _ => json!("another"),
        };
        let endpoint = endpoint_with(&app, provider_that_says(with_body("200 OK", &yes.to_string())));
        let (answer, _) = endpoint.answer(request(&app, &placed, &payment_key)).await;
        assert_eq!((answer.response.status, answer.code), (422, Some("payments.amount_mismatch")), "{field}");
        assert_ne!(order(&app, placed.id).await.status, OrderStatus::Paid, "{field}");
    }
    assert!(app.outbox().is_empty());
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
