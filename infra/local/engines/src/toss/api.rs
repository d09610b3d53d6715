//! The HTTP side of the API: who asks, what was answered before, what goes wrong on purpose, and
//! then the transition.

use std::time::Duration;

use axum::{
    Router,
    extract::{DefaultBodyLimit, Path, State},
    http::{HeaderMap, header},
    response::Response,
    routing::{get, post},
};
use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use bytes::Bytes;
use domain::{
    Currency, Language, Money, Timestamp,
    payments::{currency_from_code, from_provider_number},
};
use serde_json::{Value, json};

use super::{
    Entry, Inner, REMEMBERED, Reply, TossState,
    codes::{self, TossError},
    object, random_text, window,
    world::{CancelRequest, Card, Payment},
};
use crate::{
    Engine, FaultKind,
    web::{self, language_of, no_answer},
};

/// The API, and the payment window under `/window`. May be mounted under any path.
pub fn router(state: TossState) -> Router {
    Router::new()
        .route("/v1/payments/confirm", post(confirm))
        .route("/v1/payments/{payment_key}", get(by_payment_key))
        .route("/v1/payments/orders/{order_id}", get(by_order_id))
        .route("/v1/payments/{payment_key}/cancel", post(cancel))
        .merge(window::routes())
        .fallback(not_found)
        .method_not_allowed_fallback(not_found)
        .layer(DefaultBodyLimit::max(64 * 1024))
        .with_state(state)
}

async fn not_found(headers: HeaderMap) -> Response {
    error_answer(&codes::NOT_FOUND, language_of(&headers)).into_response()
}

async fn confirm(State(state): State<TossState>, headers: HeaderMap, body: Bytes) -> Response {
    post_once(state, Operation::Confirm, "/v1/payments/confirm".to_owned(), headers, body).await
}

async fn cancel(
    State(state): State<TossState>,
    Path(payment_key): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let path = format!("/v1/payments/{payment_key}/cancel");
    post_once(state, Operation::Cancel { payment_key }, path, headers, body).await
}

async fn by_payment_key(State(state): State<TossState>, Path(key): Path<String>, headers: HeaderMap) -> Response {
    fetch(&state, &headers, |inner| inner.world.payments.get(&key).cloned()).await
}

async fn by_order_id(State(state): State<TossState>, Path(order_id): Path<String>, headers: HeaderMap) -> Response {
    fetch(&state, &headers, |inner| inner.world.payment_of_order(&order_id).cloned()).await
}

async fn fetch(state: &TossState, headers: &HeaderMap, find: impl FnOnce(&Inner) -> Option<Payment>) -> Response {
    let language = language_of(headers);
    if let Err(error) = authorize(state, headers) {
        return error_answer(&error, language).into_response();
    }
    let fault = state.settings.faults.decide_where(Engine::Toss, "fetch", is_possible);
    match fault {
        Some(FaultKind::TimeOutBefore | FaultKind::TimeOutAfterApply) => return no_answer(),
        Some(FaultKind::ServerError) => {
            return error_answer(&codes::FAILED_INTERNAL_SYSTEM_PROCESSING, language).into_response();
        }
        Some(FaultKind::Throttle) => return consecutive_request("fetch", language).into_response(),
        Some(FaultKind::SlowMs(millis)) => tokio::time::sleep(Duration::from_millis(millis.into())).await,
        _ => {}
    }
    state.expire();
    let mut inner = state.lock();
    let answer = match injected_error(&mut inner, state, "fetch", headers, language) {
        Some(answer) => answer,
        None => match find(&inner) {
            Some(payment) => Answer { status: 200, body: object::payment(&payment, &state.settings.public_url) },
            None => error_answer(&codes::NOT_FOUND_PAYMENT, language),
        },
    };
    answer.into_response()
}

#[derive(Debug, Clone)]
enum Operation {
    Confirm,
    Cancel { payment_key: String },
}

impl Operation {
    const fn name(&self) -> &'static str {
        match self {
            Self::Confirm => "confirm",
            Self::Cancel { .. } => "cancel",
        }
    }
}

struct Answer {
    status: u16,
    body: Value,
}

impl Answer {
    fn into_response(self) -> Response {
        json_response(self.status, self.body.to_string())
    }
}

/// A POST with its idempotency key: what was answered before is answered again, word for word; what
/// runs is refused; anything else runs to its end even when the caller has hung up, as at a real
/// provider.
async fn post_once(state: TossState, operation: Operation, path: String, headers: HeaderMap, body: Bytes) -> Response {
    let language = language_of(&headers);
    let scope = match begin(&state, &path, &headers) {
        Ok(Begun::Fresh(scope)) => scope,
        Ok(Begun::Answered(reply)) => return json_response(reply.status, reply.body),
        Err(error) => return error_answer(&error, language).into_response(),
    };
    #[expect(clippy::disallowed_methods, reason = "a server of the local cloud, which no Lambda freezes")]
    let work = tokio::spawn(run(state, operation, scope, headers, body));
    work.await.unwrap_or_else(|_| no_answer())
}

enum Begun {
    Fresh(Option<String>),
    Answered(Reply),
}

/// Checks the keys. The scope of an idempotency key is the key, the API key, the address and the
/// method; the body is no part of it.
fn begin(state: &TossState, path: &str, headers: &HeaderMap) -> Result<Begun, TossError> {
    let api_key = authorize(state, headers)?;
    let Some(key) = headers.get("idempotency-key") else { return Ok(Begun::Fresh(None)) };
    let key = key.to_str().map_err(|_| codes::INVALID_IDEMPOTENCY_KEY)?;
    if key.is_empty() || key.len() > 300 {
        return Err(codes::INVALID_IDEMPOTENCY_KEY);
    }
    let scope = json!([key, api_key, path, "POST"]).to_string();
    let now = state.now();
    let mut inner = state.lock();
    if let Some(reply) = inner.replies.get(&scope)
        && now <= reply.at.plus(REMEMBERED)
    {
        return Ok(Begun::Answered(reply.clone()));
    }
    if !inner.running.insert(scope.clone()) {
        return Err(codes::IDEMPOTENT_REQUEST_PROCESSING);
    }
    Ok(Begun::Fresh(Some(scope)))
}

/// What may go wrong with a request; the rest of the kinds mean nothing here.
fn is_possible(kind: FaultKind) -> bool {
    matches!(
        kind,
        FaultKind::ServerError
            | FaultKind::TimeOutBefore
            | FaultKind::TimeOutAfterApply
            | FaultKind::Throttle
            | FaultKind::Reject
            | FaultKind::SlowMs(_)
    )
}

async fn run(
    state: TossState,
    operation: Operation,
    scope: Option<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let fault = state.settings.faults.decide_where(Engine::Toss, operation.name(), is_possible);
    if let Some(FaultKind::SlowMs(millis)) = fault {
        tokio::time::sleep(Duration::from_millis(millis.into())).await;
    }
    let language = language_of(&headers);
    let now = state.now();
    let mut inner = state.lock();
    if let Some(scope) = &scope {
        inner.running.remove(scope);
    }
    let (answer, is_lost) = match fault {
        Some(FaultKind::TimeOutBefore) => return no_answer(),
        Some(FaultKind::Throttle) => return consecutive_request(operation.name(), language).into_response(),
        Some(FaultKind::ServerError) => (error_answer(&codes::FAILED_INTERNAL_SYSTEM_PROCESSING, language), false),
        Some(FaultKind::Reject) => (refuse(&mut inner, &state, &operation, &body, language), false),
        other => {
            let (answer, is_lost) = work(&mut inner, &state, &operation, &headers, &body, now);
            (answer, is_lost || other == Some(FaultKind::TimeOutAfterApply))
        }
    };
    let reply = Reply { at: now, status: answer.status, body: answer.body.to_string() };
    if let Some(scope) = scope
        && reply.status != 409
    {
        inner.replies.insert(scope.clone(), reply.clone());
        inner.write(&Entry { payments: Vec::new(), reply: Some((scope, reply)) });
    }
    if is_lost { no_answer() } else { answer.into_response() }
}

/// The transition, and whether the buyer chose that its answer gets lost.
fn work(
    inner: &mut Inner,
    state: &TossState,
    operation: &Operation,
    headers: &HeaderMap,
    body: &[u8],
    now: Timestamp,
) -> (Answer, bool) {
    let language = language_of(headers);
    let request: Value = serde_json::from_slice(body).unwrap_or(Value::Null);
    if let Some(answer) = injected_error(inner, state, operation.name(), headers, language) {
        if matches!(operation, Operation::Confirm) && is_refusal_of_the_buyer(&answer) {
            abort(inner, state, &request, &answer, now);
        }
        return (answer, false);
    }
    let changed = match operation {
        Operation::Confirm => confirm_now(inner, state, &request, now),
        Operation::Cancel { payment_key } => cancel_now(inner, state, payment_key, &request, now),
    };
    match changed {
        Ok(payment) => {
            let is_lost = matches!(operation, Operation::Confirm) && payment.card == Some(Card::LostAnswer);
            (Answer { status: 200, body: object::payment(&payment, &state.settings.public_url) }, is_lost)
        }
        Err(error) => (error_answer(&error, language), false),
    }
}

fn confirm_now(inner: &mut Inner, state: &TossState, request: &Value, now: Timestamp) -> Result<Payment, TossError> {
    let payment_key = text(request, "paymentKey", 200)?;
    let order_id = text(request, "orderId", 64)?;
    let digits = request.get("amount").and_then(Value::as_number).ok_or(codes::INVALID_REQUEST)?.to_string();
    let transaction_key = random_text(32)?;
    let settings = &state.settings;
    let (result, _) = inner.change(now, settings, |world| {
        let currency = world.payments.get(&payment_key).map_or(Currency::Krw, |payment| payment.amount.currency);
        let amount = from_provider_number(&digits, currency);
        world.confirm(&payment_key, &order_id, amount, transaction_key, now)?;
        world.payments.get(&payment_key).cloned().ok_or(codes::NOT_FOUND_PAYMENT)
    });
    result
}

fn cancel_now(
    inner: &mut Inner,
    state: &TossState,
    payment_key: &str,
    request: &Value,
    now: Timestamp,
) -> Result<Payment, TossError> {
    let payment = inner.world.payments.get(payment_key).ok_or(codes::NOT_FOUND_PAYMENT)?;
    let currency = payment.amount.currency;
    let named = request.get("currency").and_then(Value::as_str).map(currency_from_code);
    if named.is_some_and(|named| named != Some(currency)) {
        return Err(codes::INVALID_REQUEST);
    }
    let reason = text(request, "cancelReason", 200)?;
    let amount = optional_amount(request, "cancelAmount", currency)?;
    let refundable = optional_amount(request, "refundableAmount", currency)?;
    let transaction_key = random_text(32)?;
    let asked = CancelRequest { reason, amount, refundable };
    let (result, _) = inner.change(now, &state.settings, |world| {
        world.cancel(payment_key, asked, transaction_key, now)?;
        world.payments.get(payment_key).cloned().ok_or(codes::NOT_FOUND_PAYMENT)
    });
    result
}

/// A refusal by force of a fault: a confirmation is declined, a cancellation refused.
fn refuse(inner: &mut Inner, state: &TossState, operation: &Operation, body: &[u8], language: Language) -> Answer {
    match operation {
        Operation::Confirm => {
            let answer = error_answer(&codes::REJECT_CARD_PAYMENT, language);
            let request = serde_json::from_slice(body).unwrap_or(Value::Null);
            abort(inner, state, &request, &answer, state.now());
            answer
        }
        Operation::Cancel { .. } => error_answer(&codes::NOT_CANCELABLE_PAYMENT, language),
    }
}

fn abort(inner: &mut Inner, state: &TossState, request: &Value, answer: &Answer, now: Timestamp) {
    let payment_key = request.get("paymentKey").and_then(Value::as_str).unwrap_or_default();
    let code = answer.body.get("code").and_then(Value::as_str).unwrap_or_default();
    let _: (Result<(), TossError>, _) = inner.change(now, &state.settings, |world| {
        world.abort(payment_key, code);
        Ok(())
    });
}

/// The error that a test or the header `TossPayments-Test-Code` asks for. The header counts with
/// test keys only, as at Toss.
fn injected_error(
    inner: &mut Inner,
    state: &TossState,
    operation: &str,
    headers: &HeaderMap,
    language: Language,
) -> Option<Answer> {
    let is_test_key = state.settings.secret_key.starts_with("test_");
    let header = headers.get("tosspayments-test-code").and_then(|value| value.to_str().ok());
    let by_header = header.filter(|_| is_test_key).and_then(|code| codes::documented(operation, code));
    if let Some(error) = by_header {
        return Some(error_answer(&error, language));
    }
    let code = inner.take_injected(operation)?;
    Some(codes::documented(operation, &code).map_or_else(
        || Answer { status: 400, body: json!({ "code": code, "message": "undocumented" }) },
        |error| error_answer(&error, language),
    ))
}

/// Whether the buyer's way of paying was refused, which ends the payment; the other errors are
/// about the shop, the moment or the provider, and leave it open.
fn is_refusal_of_the_buyer(answer: &Answer) -> bool {
    const LEAVES_OPEN: &[&str] = &[
        "ALREADY_PROCESSED_PAYMENT",
        "CARD_PROCESSING_ERROR",
        "FORBIDDEN_REQUEST",
        "INVALID_API_KEY",
        "INVALID_AUTHORIZE_AUTH",
        "INVALID_IDEMPOTENCY_KEY",
        "INVALID_REQUEST",
        "INVALID_UNREGISTERED_SUBMALL",
        "INCORRECT_BASIC_AUTH_FORMAT",
        "NOT_FOUND_TERMINAL_ID",
        "NOT_REGISTERED_BUSINESS",
        "PROVIDER_ERROR",
        "UNAPPROVED_ORDER_ID",
    ];
    let code = answer.body.get("code").and_then(Value::as_str).unwrap_or_default();
    matches!(answer.status, 400 | 403) && codes::documented("confirm", code).is_some() && !LEAVES_OPEN.contains(&code)
}

/// `Basic base64(secretKey + ":")`. Returns the key.
fn authorize(state: &TossState, headers: &HeaderMap) -> Result<String, TossError> {
    let header = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let encoded = header.and_then(|value| value.strip_prefix("Basic ")).ok_or(codes::UNAUTHORIZED_KEY)?;
    let decoded = BASE64.decode(encoded.trim()).map_err(|_| codes::INCORRECT_BASIC_AUTH_FORMAT)?;
    let decoded = String::from_utf8(decoded).map_err(|_| codes::INCORRECT_BASIC_AUTH_FORMAT)?;
    let (key, _) = decoded.split_once(':').ok_or(codes::INCORRECT_BASIC_AUTH_FORMAT)?;
    if key == state.settings.secret_key { Ok(key.to_owned()) } else { Err(codes::UNAUTHORIZED_KEY) }
}

fn text(request: &Value, field: &str, most: usize) -> Result<String, TossError> {
    let text = request.get(field).and_then(Value::as_str).ok_or(codes::INVALID_REQUEST)?;
    if (1..=most).contains(&text.chars().count()) { Ok(text.to_owned()) } else { Err(codes::INVALID_REQUEST) }
}

fn optional_amount(request: &Value, field: &str, currency: Currency) -> Result<Option<Money>, TossError> {
    match request.get(field) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Number(number)) => {
            from_provider_number(&number.to_string(), currency).map(Some).ok_or(codes::INVALID_REQUEST)
        }
        Some(_) => Err(codes::INVALID_REQUEST),
    }
}

fn consecutive_request(operation: &str, language: Language) -> Answer {
    let error = codes::documented(operation, "FORBIDDEN_CONSECUTIVE_REQUEST").unwrap_or(codes::PROVIDER_ERROR);
    error_answer(&error, language)
}

fn error_answer(error: &TossError, language: Language) -> Answer {
    Answer { status: error.status, body: json!({ "code": error.code, "message": error.message(language) }) }
}

fn json_response(status: u16, body: String) -> Response {
    web::json_response(status, "application/json;charset=UTF-8", body)
}
