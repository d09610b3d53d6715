//! The payment window as a browser sees it.

use axum::body::Body;
use domain::{Timestamp, timestamp::Seconds};
use engines::{
    Clock, Faults,
    toss::{Status, TossSettings, TossState, router},
};
use http::{Request, Response, header};
use http_body_util::BodyExt as _;
use hyper::service::Service as _;
use hyper_util::service::TowerToHyperService;

use crate::support::order;

struct Browser {
    state: TossState,
    clock: Clock,
}

struct Page {
    status: u16,
    headers: http::HeaderMap,
    html: String,
}

impl Browser {
    fn new() -> Self {
        let clock = Clock::fixed(Timestamp::parse("2026-11-21T09:00:00Z").unwrap());
        let state = TossState::open(TossSettings::for_tests(clock.clone(), Faults::none())).unwrap();
        Self { state, clock }
    }

    async fn send(&self, request: Request<Body>) -> Page {
        let service = TowerToHyperService::new(router(self.state.clone()));
        let response: Response<Body> = service.call(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let html = String::from_utf8(body.collect().await.unwrap().to_bytes().to_vec()).unwrap();
        Page { status: parts.status.as_u16(), headers: parts.headers, html }
    }

    async fn get(&self, path: &str) -> Page {
        self.send(Request::get(path).header("accept-language", "en").body(Body::empty()).unwrap()).await
    }

    async fn choose(&self, payment_key: &str, choice: &str) -> Page {
        let form = format!("payment_key={payment_key}&choice={choice}");
        let request = Request::post("/window/authenticate")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header("accept-language", "en");
        self.send(request.body(Body::from(form)).unwrap()).await
    }

    fn last_key(&self) -> String {
        self.state.payments().last().unwrap().payment_key.clone()
    }

    fn last_status(&self) -> Status {
        self.state.payments().last().unwrap().status
    }
}

impl Page {
    fn header(&self, name: header::HeaderName) -> &str {
        self.headers.get(name).map(|value| value.to_str().unwrap()).unwrap_or_default()
    }
}

/// The address of the window, with one field changed (or left out, for an empty value).
fn window_with(field: &str, value: &str) -> String {
    let order_id = order(1).to_string();
    let mut address = "/window?".to_owned();
    for (name, usual) in [
        ("client_key", "test_ck_jangteo"),
        ("order_id", &order_id),
        ("order_name", "Oak%20desk%20lamp"),
        ("amount", "12000"),
        ("currency", "KRW"),
        ("success_url", "http://shop.test/paid?from=toss"),
        ("fail_url", "http://shop.test/failed"),
        ("customer_email", "mina@example.com"),
    ] {
        let value = if name == field { value } else { usual };
        if !value.is_empty() {
            address.push_str(&format!("{name}={value}&"));
        }
    }
    address
}

#[tokio::test]
async fn a_buyer_sees_the_order_and_the_price_picks_a_card_and_comes_back_with_a_payment() {
    let browser = Browser::new();
    let page = browser.get(&window_with("", "")).await;
    assert_eq!(page.status, 200);
    assert!(page.html.contains("Oak desk lamp") && page.html.contains("₩12,000"), "{}", page.html);
    assert_eq!(browser.last_status(), Status::Ready);
    let key = browser.last_key();
    assert!(page.html.contains(&key));
    let back = browser.choose(&key, "approve").await;
    assert_eq!(back.status, 303);
    let order_id = order(1);
    assert_eq!(
        back.header(header::LOCATION),
        format!("http://shop.test/paid?from=toss&paymentType=NORMAL&paymentKey={key}&orderId={order_id}&amount=12000")
    );
    assert_eq!(browser.last_status(), Status::InProgress);
    let twice = browser.choose(&key, "limit_exceeded").await;
    assert_eq!(twice.header(header::LOCATION), back.header(header::LOCATION), "a double click is harmless");
}

#[tokio::test]
async fn every_choice_of_the_page_is_understood() {
    for choice in ["approve", "limit_exceeded", "expired", "risk_refused", "lost_answer", "close"] {
        let browser = Browser::new();
        let page = browser.get(&window_with("", "")).await;
        assert!(page.html.contains(&format!("value=\"{choice}\"")), "{choice}");
        assert_eq!(browser.choose(&browser.last_key(), choice).await.status, 303, "{choice}");
    }
}

#[tokio::test]
async fn a_closed_window_leads_back_with_the_documented_code_and_no_payment() {
    let browser = Browser::new();
    browser.get(&window_with("", "")).await;
    let back = browser.choose(&browser.last_key(), "close").await;
    let location = back.header(header::LOCATION);
    assert!(location.starts_with("http://shop.test/failed?code=PAY_PROCESS_CANCELED&message="), "{location}");
    assert!(location.ends_with(&format!("&orderId={}", order(1))), "{location}");
    assert_eq!(browser.last_status(), Status::Ready);
}

#[tokio::test]
async fn a_window_can_be_used_for_30_minutes() {
    let browser = Browser::new();
    browser.get(&window_with("", "")).await;
    let in_time = browser.last_key();
    browser.get(&window_with("", "")).await;
    let late = browser.last_key();
    let _ = browser.clock.advance(Seconds::minutes(30));
    assert!(browser.choose(&in_time, "approve").await.header(header::LOCATION).contains("paymentKey="));
    let _ = browser.clock.advance(Seconds(1));
    let location = browser.choose(&late, "approve").await.header(header::LOCATION).to_owned();
    assert!(location.contains("code=NOT_FOUND_PAYMENT_SESSION"), "{location}");
}

#[tokio::test]
async fn attack_67_the_window_is_no_open_redirect() {
    let browser = Browser::new();
    for field in ["success_url", "fail_url"] {
        for bad in [
            "http://evil.example/",
            "//evil.example",
            "http://shop.test@evil.example/",
            "http://shop.test.evil.example/",
            "http://shop.test:81/",
            "http://shop.test%5C@evil.example/",
            "javascript:alert(1)",
            "http://169.254.169.254/",
            "file:///etc/passwd",
            "http://shop.test/%0d%0aSet-Cookie:x",
            "",
        ] {
            let page = browser.get(&window_with(field, bad)).await;
            assert_eq!(page.status, 400, "{field} {bad}");
            assert_eq!(page.header(header::LOCATION), "");
        }
    }
    assert!(browser.state.payments().is_empty(), "nothing was opened");
}

#[tokio::test]
async fn attack_65_what_a_shop_sends_is_shown_and_never_run() {
    let browser = Browser::new();
    let name = "%3Cscript%3Ealert(1)%3C%2Fscript%3E%22%27%26";
    let page = browser.get(&window_with("order_name", name)).await;
    assert_eq!(page.status, 200);
    assert!(page.html.contains("&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39;&amp;"), "{}", page.html);
    assert!(!page.html.contains("<script"), "the window has no script at all");
    let policy = page.header(header::CONTENT_SECURITY_POLICY);
    assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"), "{policy}");
    assert!(policy.contains("form-action 'self' http://shop.test"), "{policy}");
}

#[tokio::test]
async fn a_window_that_is_not_opened_as_documented_is_a_page_that_says_why() {
    let browser = Browser::new();
    let long = "x".repeat(101);
    for (field, bad) in [
        ("client_key", "test_ck_other"),
        ("client_key", ""),
        ("order_id", "short"),
        ("order_id", "with%20space"),
        ("order_id", &*long),
        ("order_name", ""),
        ("order_name", &*long),
        ("order_name", "two%0Alines"),
        ("amount", "0"),
        ("amount", "-1"),
        ("amount", "1.5"),
        ("amount", "1e3"),
        ("amount", ""),
        ("currency", "JPY"),
    ] {
        let page = browser.get(&window_with(field, bad)).await;
        assert_eq!(page.status, 400, "{field}={bad}");
        assert!(page.html.contains("This payment cannot be made"), "{field}={bad}");
    }
    assert!(browser.state.payments().is_empty());
    assert_eq!(browser.choose("tvivaInvented", "approve").await.status, 400);
    browser.get(&window_with("", "")).await;
    assert_eq!(browser.choose(&browser.last_key(), "free").await.status, 422);
    assert_eq!(browser.last_status(), Status::Ready);
}

#[tokio::test]
async fn the_page_speaks_korean_unless_english_is_preferred() {
    let browser = Browser::new();
    let page = browser.send(Request::get(window_with("", "")).body(Body::empty()).unwrap()).await;
    assert!(page.html.contains("<html lang=\"ko\">") && page.html.contains("결제하기"), "{}", page.html);
    let style = browser.get("/window/style.css").await;
    assert_eq!((style.status, style.header(header::CONTENT_TYPE)), (200, "text/css; charset=utf-8"));
}

#[tokio::test]
async fn an_unpaid_payment_has_no_receipt() {
    let browser = Browser::new();
    browser.get(&window_with("", "")).await;
    assert_eq!(browser.get(&format!("/receipt/{}", browser.last_key())).await.status, 404);
    assert_eq!(browser.get("/receipt/nothing").await.status, 404);
}
