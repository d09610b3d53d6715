//! The payment window: the page on which a buyer picks a card and says yes. Plain HTML and a form,
//! no script. It sends a browser only to the shops that it knows, and shows nothing unescaped.

mod page;

use axum::{
    Form, Router,
    extract::{Path, Query, State, rejection::QueryRejection},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse as _, Response},
    routing::{get, post},
};
use domain::{
    Language, Money,
    payments::{currency_from_code, from_provider_number, to_provider_number},
};
use serde::Deserialize;

use super::{
    TossState,
    codes::{self, TossError},
    world::{Card, NewPayment, Payment},
};
use crate::web::{html, language_of, origin_of, style_sheet, with_query};

pub(super) fn routes() -> Router<TossState> {
    Router::new()
        .route("/window", get(open))
        .route("/window/authenticate", post(authenticate))
        .route("/window/style.css", get(style))
        .route("/receipt/{payment_key}", get(receipt))
        .route("/checkout/{payment_key}", get(receipt))
}

/// What a shop opens the window with, as the browser SDK's `requestPayment` takes it. What else the
/// SDK takes (`customer_email`, `customer_name`, `customer_key`) is accepted and not used.
#[derive(Debug, Deserialize)]
struct WindowQuery {
    client_key: String,
    order_id: String,
    order_name: String,
    amount: String,
    #[serde(default)]
    currency: Option<String>,
    success_url: String,
    fail_url: String,
}

/// What the buyer chose.
#[derive(Debug, Deserialize)]
struct ChoiceForm {
    payment_key: String,
    choice: Choice,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Choice {
    Approve,
    LimitExceeded,
    Expired,
    RiskRefused,
    LostAnswer,
    Close,
}

impl Choice {
    /// The card that was picked; nothing when the window was closed.
    const fn card(self) -> Option<Card> {
        match self {
            Self::Approve => Some(Card::Approve),
            Self::LimitExceeded => Some(Card::LimitExceeded),
            Self::Expired => Some(Card::Expired),
            Self::RiskRefused => Some(Card::RiskRefused),
            Self::LostAnswer => Some(Card::LostAnswer),
            Self::Close => None,
        }
    }
}

async fn open(
    State(state): State<TossState>,
    headers: HeaderMap,
    query: Result<Query<WindowQuery>, QueryRejection>,
) -> Response {
    let language = language_of(&headers);
    let new = match query.map_err(|_| "a field is missing").and_then(|Query(query)| check(&state, query)) {
        Ok(new) => new,
        Err(problem) => return problem_page(problem, language),
    };
    let targets = [origin_of(&new.success_url), origin_of(&new.fail_url)];
    let (order_name, amount) = (new.order_name.clone(), new.amount);
    match state.open_payment(new) {
        Ok(payment_key) => html(StatusCode::OK, &targets, page::window(&payment_key, &order_name, amount, language)),
        Err(error) => problem_page(error.message(language), language),
    }
}

async fn authenticate(State(state): State<TossState>, headers: HeaderMap, Form(form): Form<ChoiceForm>) -> Response {
    let language = language_of(&headers);
    state.expire();
    let payment = state.lock().world.payments.get(&form.payment_key).cloned();
    let Some(payment) = payment else { return problem_page(codes::NOT_FOUND_PAYMENT.message(language), language) };
    let address = match form.choice.card() {
        Some(card) => {
            state.authenticate(&form.payment_key, card).unwrap_or_else(|error| fail_address(&payment, &error, language))
        }
        None => fail_address(&payment, &codes::PAY_PROCESS_CANCELED, language),
    };
    see_other(&address)
}

async fn style() -> Response {
    style_sheet(include_str!("window/style.css"))
}

async fn receipt(State(state): State<TossState>, Path(payment_key): Path<String>, headers: HeaderMap) -> Response {
    let language = language_of(&headers);
    let payment = state.lock().world.payments.get(&payment_key).cloned();
    match payment {
        Some(payment) if payment.is_captured() => html(StatusCode::OK, &[], page::receipt(&payment, language)),
        _ => html(StatusCode::NOT_FOUND, &[], page::problem(codes::NOT_FOUND_PAYMENT.message(language), language)),
    }
}

/// The rules of the browser SDK for its parameters, and our own for where a browser may be sent.
fn check(state: &TossState, query: WindowQuery) -> Result<NewPayment, &'static str> {
    if query.client_key != state.settings.client_key {
        return Err("client_key is not the key of this shop");
    }
    let is_order_id = |text: &str| {
        (6..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
    };
    if !is_order_id(&query.order_id) {
        return Err("order_id must have 6 to 64 letters, digits, - and _");
    }
    if !(1..=100).contains(&query.order_name.chars().count()) || query.order_name.chars().any(char::is_control) {
        return Err("order_name must have 1 to 100 characters");
    }
    let currency = currency_from_code(query.currency.as_deref().unwrap_or("KRW")).ok_or("currency is not supported")?;
    let amount = from_provider_number(&query.amount, currency)
        .filter(|amount| !amount.is_zero())
        .ok_or("amount must be a number above 0")?;
    let origins = &state.settings.allowed_origins;
    if !may_send_to(&query.success_url, origins) || !may_send_to(&query.fail_url, origins) {
        return Err("success_url and fail_url must lead to a shop that this window knows");
    }
    Ok(NewPayment {
        order_id: query.order_id,
        order_name: query.order_name,
        amount,
        success_url: query.success_url,
        fail_url: query.fail_url,
    })
}

/// Whether an address is one of a known site. Compared as scheme, host and port after parsing, so
/// that neither a user name nor a longer host passes for the site; what browsers and parsers read
/// differently (backslashes, white space, fragments) is refused.
fn may_send_to(address: &str, origins: &[String]) -> bool {
    let is_plain = address.len() <= 2_000 && address.bytes().all(|b| b.is_ascii_graphic() && b != b'\\' && b != b'#');
    is_plain && origin_of(address).is_some_and(|origin| origins.iter().any(|known| known.eq_ignore_ascii_case(&origin)))
}

/// Where an authenticated buyer goes: `success_url?paymentType&paymentKey&orderId&amount`.
pub(super) fn success_address(payment: &Payment) -> String {
    let amount = to_provider_number(payment.amount);
    let parameters = [
        ("paymentType", "NORMAL"),
        ("paymentKey", payment.payment_key.as_str()),
        ("orderId", payment.order_id.as_str()),
        ("amount", amount.as_str()),
    ];
    with_query(&payment.success_url, &parameters)
}

/// Where a buyer goes who did not pay: `fail_url?code&message&orderId`.
fn fail_address(payment: &Payment, error: &TossError, language: Language) -> String {
    let parameters =
        [("code", error.code), ("message", error.message(language)), ("orderId", payment.order_id.as_str())];
    with_query(&payment.fail_url, &parameters)
}

fn see_other(address: &str) -> Response {
    let Ok(location) = HeaderValue::from_str(address) else {
        return problem_page("the address of the shop is not an address", Language::English);
    };
    let headers = [(header::LOCATION, location), (header::CACHE_CONTROL, HeaderValue::from_static("no-store"))];
    (StatusCode::SEE_OTHER, headers).into_response()
}

fn problem_page(problem: &str, language: Language) -> Response {
    html(StatusCode::BAD_REQUEST, &[], page::problem(problem, language))
}

/// `₩12,000` or `$12.34`.
fn price(money: Money) -> String {
    let digits = to_provider_number(money);
    let (whole, fraction) = digits.split_once('.').map_or((digits.as_str(), ""), |(whole, fraction)| (whole, fraction));
    let mut grouped = String::new();
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && whole.len().saturating_sub(index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    match money.currency {
        domain::Currency::Krw => format!("₩{grouped}"),
        domain::Currency::Usd => format!("${grouped}.{fraction}"),
    }
}

#[cfg(test)]
mod tests {
    use domain::Currency;

    use super::*;

    #[test]
    fn attack_67_the_window_sends_a_browser_to_known_sites_only() {
        let origins = ["http://localhost:3000".to_owned(), "https://shop.example".to_owned()];
        for good in [
            "http://localhost:3000/paid",
            "https://shop.example",
            "https://shop.example/a?b=c",
            "HTTPS://SHOP.EXAMPLE/",
        ] {
            assert!(may_send_to(good, &origins), "{good}");
        }
        for bad in [
            "",
            "/paid",
            "//evil.example",
            "https://evil.example",
            "https://shop.example.evil.example/",
            "https://shop.example@evil.example/",
            "https://evil.example\\@shop.example/",
            "https://shop.example:444/",
            "http://shop.example/",
            "http://localhost:3001/",
            "javascript:alert(1)",
            "data:text/html,x",
            "file:///etc/passwd",
            "http://169.254.169.254/",
            "https://shop.example/\r\nSet-Cookie: a=b",
            "https://shop.example/ x",
            "https://shop.example/#fragment",
            "https:shop.example",
        ] {
            assert!(!may_send_to(bad, &origins), "{bad:?}");
        }
    }

    #[test]
    fn prices_are_grouped_as_people_read_them() {
        let show = |amount, currency| price(Money::new(amount, currency).unwrap());
        assert_eq!(show(12_000, Currency::Krw), "₩12,000");
        assert_eq!(show(1_234_567, Currency::Krw), "₩1,234,567");
        assert_eq!(show(999, Currency::Krw), "₩999");
        assert_eq!(show(123_456, Currency::Usd), "$1,234.56");
    }
}
