//! A provider that answers nonsense, or not at all.

use std::{
    io::{Read as _, Write as _},
    net::TcpListener,
    thread,
    time::Duration,
};

use domain::payments::PaymentKey;
use shared::{
    payments::{CancelAnswer, ConfirmAnswer, FetchAnswer, Payments, TimeLimits, Why},
    secrets::Secret,
};

use crate::support::{confirmation, order, refund};

/// A provider that gives every caller the same bytes and then keeps the line open until the caller
/// hangs up, or closes it at once. Who waits for the rest of what is kept open is not kept waiting long;
/// nobody else is to run out of time, however busy the machine is.
fn provider(answer: Vec<u8>, keeps_open: bool) -> Payments {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { continue };
            let _ = stream.read(&mut [0; 16 * 1024]);
            let _ = stream.write_all(&answer);
            if keeps_open {
                let _ = stream.read_to_end(&mut Vec::new());
            }
        }
    });
    let limit = if keeps_open { Duration::from_millis(500) } else { Duration::from_secs(10) };
    let limits = TimeLimits { change: limit, ask: limit };
    Payments::toss(&address, &Secret::new("test_sk_x"), limits).unwrap()
}

fn http(status: &str, content_type: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!("HTTP/1.1 {status}\r\ncontent-type: {content_type}\r\ncontent-length: {length}\r\n\r\n{body}").into_bytes()
}

async fn hears(payments: &Payments) -> [Why; 3] {
    let key = PaymentKey::parse("tviva1").unwrap();
    let confirmed = payments.confirm(&confirmation(&key, order(1), 12_000)).await.unwrap();
    let fetched = payments.fetch_by_payment_key(&key).await.unwrap();
    let cancelled = payments.cancel(&refund(&key, 1, Some(1_000), None)).await.unwrap();
    let ConfirmAnswer::Unknown { why: confirmed } = confirmed else { panic!("{confirmed:?}") };
    let FetchAnswer::Unknown { why: fetched } = fetched else { panic!("{fetched:?}") };
    let CancelAnswer::Unknown { why: cancelled } = cancelled else { panic!("{cancelled:?}") };
    [confirmed, fetched, cancelled]
}

#[tokio::test]
async fn attack_39_an_answer_that_is_none_leaves_everything_unknown() {
    let nowhere = || Why::Undecided { code: String::new() };
    let huge = format!("{{\"status\":\"DONE\",\"x\":\"{}\"}}", "x".repeat(300 * 1024));
    let done = |more: &str| format!("{{\"paymentKey\":\"tviva1\",\"orderId\":\"{}\"{more}}}", order(1));
    for (status, body, why) in [
        ("200 OK", "<html><body>OK</body></html>", Why::Unreadable),
        ("200 OK", "", Why::Unreadable),
        ("200 OK", "{}", Why::Unreadable),
        ("200 OK", "null", Why::Unreadable),
        ("200 OK", "[{\"status\":\"DONE\"}]", Why::Unreadable),
        ("200 OK", &done(""), Why::Unreadable),
        ("200 OK", &done(",\"status\":null"), Why::Unreadable),
        ("200 OK", &done(",\"status\":[\"DONE\"]"), Why::Unreadable),
        ("200 OK", &huge, Why::Unreadable),
        ("204 No Content", "", Why::Unreadable),
        ("302 Found", "{\"code\":\"REJECT_CARD_PAYMENT\"}", Why::Unreadable),
        ("400 Bad Request", "<html>400</html>", nowhere()),
        ("403 Forbidden", "{\"code\":7}", nowhere()),
        ("403 Forbidden", "{\"code\":\"two words\\n\"}", nowhere()),
        ("404 Not Found", "<html>404</html>", nowhere()),
        ("500 Internal Server Error", "", nowhere()),
        ("502 Bad Gateway", "<html>502</html>", nowhere()),
        (
            "503 Service Unavailable",
            "{\"code\":\"REJECT_CARD_PAYMENT\"}",
            Why::Undecided { code: "REJECT_CARD_PAYMENT".to_owned() },
        ),
    ] {
        let payments = provider(http(status, "text/html", body), false);
        for heard in hears(&payments).await {
            assert_eq!(heard, why, "{status} {:.60}", body);
        }
    }
}

#[tokio::test]
async fn attack_39_a_status_that_nobody_knows_is_neither_paid_nor_declined() {
    let body = format!(
        "{{\"paymentKey\":\"tviva1\",\"orderId\":\"{}\",\"status\":\"HELD\",\"currency\":\"KRW\",\"totalAmount\":12000}}",
        order(1)
    );
    let payments = provider(http("200 OK", "application/json", &body), false);
    let key = PaymentKey::parse("tviva1").unwrap();
    let call = confirmation(&key, order(1), 12_000);
    assert_eq!(payments.confirm(&call).await.unwrap(), ConfirmAnswer::Unknown { why: Why::Unreadable });
    let asked = payments.fetch_by_payment_key(&key).await.unwrap();
    assert_eq!(asked.settle(order(1), call.amount), ConfirmAnswer::Unknown { why: Why::Unreadable });
}

#[tokio::test]
async fn attack_39_a_slow_or_broken_line_is_told_apart_from_a_refusal() {
    for (so_far, keeps_open, why) in [
        ("", true, Why::TimedOut),
        ("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{", true, Why::TimedOut),
        ("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{", false, Why::NoAnswer),
        ("", false, Why::NoAnswer),
        ("SSH-2.0-OpenSSH_9.6\r\n", false, Why::NoAnswer),
    ] {
        let payments = provider(so_far.as_bytes().to_vec(), keeps_open);
        for heard in hears(&payments).await {
            assert!(!heard.this_call_did_nothing(), "it may have arrived");
            assert_eq!(heard, why, "{so_far:?} {keeps_open}");
        }
    }
}

#[tokio::test]
async fn a_provider_that_cannot_be_reached_has_seen_nothing() {
    // Held and not listened at: nobody else can answer there.
    let held = tokio::net::TcpSocket::new_v4().unwrap();
    held.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let port = held.local_addr().unwrap().port();
    let limits = TimeLimits::STANDARD;
    let payments = Payments::toss(&format!("http://127.0.0.1:{port}"), &Secret::new("x"), limits).unwrap();
    for heard in hears(&payments).await {
        assert_eq!(heard, Why::NotSent);
        assert!(heard.this_call_did_nothing());
    }
}
