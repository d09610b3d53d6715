//! Toss Payments, core API: confirm, fetch, cancel. Documented at docs.tosspayments.com; the API
//! adds fields without notice, so only what we use is read, and nothing unknown is refused.

mod object;

use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use bytes::Bytes;
use domain::{
    Currency, Language, Money,
    ids::CheckoutId,
    payments::{
        CancelOutcome, ConfirmOutcome, PaymentKey, PaymentSnapshot, QueryOutcome, Settlement, cancel_outcome,
        confirm_outcome, provider_message, query_outcome, to_provider_number,
    },
};
use http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use serde_json::{Map, Number, Value};

use super::{CancelAnswer, CancelCall, ConfirmAnswer, ConfirmCall, FetchAnswer, TimeLimits, Why, settled};
use crate::{
    address::path_segment,
    fault::{Fault, FaultKind},
    http_client::{Answer, Call, CallError, HttpClient},
    meter,
    secrets::Secret,
};

/// The client of one Toss account.
#[derive(Debug, Clone)]
pub struct Toss {
    http: HttpClient,
    /// Scheme, host and port.
    origin: String,
    /// `Basic …`, marked as sensitive so that it is not shown in debug output.
    authorization: HeaderValue,
    limits: TimeLimits,
}

/// An error of the API, as far as the body is one.
struct ApiError {
    status: u16,
    /// Empty when the body names none.
    code: String,
    message: Option<String>,
}

impl Toss {
    pub(super) fn new(base_url: &str, secret_key: &Secret, limits: TimeLimits) -> Result<Self, Fault> {
        let bad = |what: &'static str| Fault::new(FaultKind::Configuration, what);
        let base: Uri = base_url.parse().map_err(|_| bad("the address of Toss is not an address"))?;
        let (scheme, authority) =
            base.scheme_str().zip(base.authority()).ok_or(bad("the address of Toss lacks parts"))?;
        let is_local = matches!(authority.host(), "127.0.0.1" | "localhost" | "[::1]");
        if scheme != "https" && !is_local {
            // The secret key goes with every call.
            return Err(bad("Toss must be reached over HTTPS"));
        }
        let basic = format!("Basic {}", BASE64.encode(format!("{}:", secret_key.expose())));
        let mut authorization =
            HeaderValue::try_from(basic).map_err(|_| bad("the secret key of Toss cannot stand in a header"))?;
        authorization.set_sensitive(true);
        let prefix = base.path().trim_end_matches('/');
        Ok(Self { http: HttpClient::new()?, origin: format!("{scheme}://{authority}{prefix}"), authorization, limits })
    }

    pub(super) async fn confirm(&self, call: &ConfirmCall) -> Result<ConfirmAnswer, Fault> {
        let mut body = Map::new();
        body.insert("paymentKey".to_owned(), call.payment_key.as_str().into());
        body.insert("orderId".to_owned(), call.checkout_id.to_string().into());
        body.insert("amount".to_owned(), number(call.amount)?);
        let headers = self.headers(Some(call.idempotency_key.as_str()), call.language)?;
        let answer = self.post("/v1/payments/confirm", headers, body).await?;
        let answer = read_confirmation(call, answer);
        if let ConfirmAnswer::Unknown { why } = &answer {
            note_unknown("confirm", &call.payment_key.shortened(), why);
        }
        Ok(answer)
    }

    pub(super) async fn fetch_by_payment_key(&self, payment_key: &PaymentKey) -> Result<FetchAnswer, Fault> {
        let path = format!("/v1/payments/{}", path_segment(payment_key.as_str()));
        let answer = self.fetch(&path, &payment_key.shortened()).await?;
        Ok(match answer {
            // Whatever was found is not what was asked for.
            FetchAnswer::Found(payment) if payment.payment_key != *payment_key => {
                FetchAnswer::Unknown { why: Why::Unreadable }
            }
            answer => answer,
        })
    }

    pub(super) async fn fetch_by_checkout(&self, checkout: CheckoutId) -> Result<FetchAnswer, Fault> {
        self.fetch(&format!("/v1/payments/orders/{checkout}"), &checkout.to_string()).await
    }

    pub(super) async fn cancel(&self, call: &CancelCall) -> Result<CancelAnswer, Fault> {
        let mut body = Map::new();
        body.insert("cancelReason".to_owned(), call.reason.as_str().into());
        if let Some(amount) = call.amount {
            body.insert("cancelAmount".to_owned(), number(amount)?);
            if amount.currency != Currency::Krw {
                body.insert("currency".to_owned(), amount.currency.code().into());
            }
        }
        if let Some(refundable) = call.refundable {
            body.insert("refundableAmount".to_owned(), number(refundable)?);
        }
        let headers = self.headers(Some(call.idempotency_key.as_str()), Language::Korean)?;
        let path = format!("/v1/payments/{}/cancel", path_segment(call.payment_key.as_str()));
        let answer = self.post(&path, headers, body).await?;
        let answer = read_cancellation(call, answer);
        if let CancelAnswer::Unknown { why } = &answer {
            log_unknown("cancel", &call.payment_key.shortened(), why);
        }
        Ok(answer)
    }

    async fn fetch(&self, path: &str, what: &str) -> Result<FetchAnswer, Fault> {
        let headers = self.headers(None, Language::Korean)?;
        let uri = self.uri(path)?;
        let call = Call { method: Method::GET, uri, headers, body: Bytes::new(), time_limit: self.limits.ask };
        let answer = match self.http.call(call).await.as_ref().map_err(Why::from).and_then(read) {
            Ok(Read::Payment(payment)) => FetchAnswer::Found(payment),
            Ok(Read::Error(error)) => match query_outcome(error.status, &error.code) {
                QueryOutcome::NotFound => FetchAnswer::NotFound,
                QueryOutcome::Ours => FetchAnswer::Unknown { why: Why::OurFault { code: error.code } },
                QueryOutcome::RetryLater => FetchAnswer::Unknown { why: Why::RetryLater { code: error.code } },
                QueryOutcome::Unknown => FetchAnswer::Unknown { why: Why::Undecided { code: error.code } },
            },
            Err(why) => FetchAnswer::Unknown { why },
        };
        if let FetchAnswer::Unknown { why } = &answer {
            log_unknown("fetch", what, why);
        }
        Ok(answer)
    }

    async fn post(
        &self,
        path: &str,
        mut headers: HeaderMap,
        body: Map<String, Value>,
    ) -> Result<Result<Answer, CallError>, Fault> {
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        let uri = self.uri(path)?;
        let body = Bytes::from(Value::Object(body).to_string());
        let call = Call { method: Method::POST, uri, headers, body, time_limit: self.limits.change };
        Ok(self.http.call(call).await)
    }

    fn uri(&self, path: &str) -> Result<Uri, Fault> {
        format!("{}{path}", self.origin)
            .parse()
            .map_err(|error| Fault::new(FaultKind::Provider, "form the address of a call to Toss").with_source(error))
    }

    fn headers(&self, idempotency_key: Option<&str>, language: Language) -> Result<HeaderMap, Fault> {
        let mut headers = HeaderMap::new();
        headers.insert(header::AUTHORIZATION, self.authorization.clone());
        headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
        let language = match language {
            Language::English => "en-US",
            Language::Korean => "ko-KR",
        };
        headers.insert(header::ACCEPT_LANGUAGE, HeaderValue::from_static(language));
        if let Some(key) = idempotency_key {
            let key = HeaderValue::from_str(key).map_err(|error| {
                Fault::new(FaultKind::Provider, "put the idempotency key into a header").with_source(error)
            })?;
            headers.insert("idempotency-key", key);
        }
        Ok(headers)
    }
}

/// What an answer says, before it is known what was asked.
enum Read {
    Payment(Box<PaymentSnapshot>),
    Error(ApiError),
}

fn read(answer: &Answer) -> Result<Read, Why> {
    if answer.status.is_success() {
        return object::read(&answer.body).map(|payment| Read::Payment(Box::new(payment))).ok_or(Why::Unreadable);
    }
    if answer.status.is_client_error() || answer.status.is_server_error() {
        return Ok(Read::Error(read_error(answer.status, &answer.body)));
    }
    Err(Why::Unreadable)
}

/// A body that is no error of the API has an empty code, which no table knows.
fn read_error(status: StatusCode, body: &[u8]) -> ApiError {
    let body: Value = serde_json::from_slice(body).unwrap_or(Value::Null);
    let text = |field: &str| body.get(field).and_then(Value::as_str);
    // It ends in logs, and comes from outside.
    let is_code =
        |code: &&str| (1..=80).contains(&code.len()) && code.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    ApiError {
        status: status.as_u16(),
        code: text("code").filter(is_code).unwrap_or_default().to_owned(),
        message: text("message").and_then(provider_message),
    }
}

fn read_confirmation(call: &ConfirmCall, answer: Result<Answer, CallError>) -> ConfirmAnswer {
    let error = match answer.as_ref().map_err(Why::from).and_then(read) {
        // Whatever was answered is not what was asked.
        Ok(Read::Payment(payment)) if payment.payment_key != call.payment_key => {
            return ConfirmAnswer::Unknown { why: Why::Unreadable };
        }
        Ok(Read::Payment(payment)) => return settled(&payment, call.checkout_id, call.amount),
        Ok(Read::Error(error)) => error,
        Err(why) => return ConfirmAnswer::Unknown { why },
    };
    let (code, message) = (error.code, error.message);
    let why = match confirm_outcome(error.status, &code) {
        ConfirmOutcome::Declined(reason) => {
            return ConfirmAnswer::Settled(Settlement::Declined { reason, code, message });
        }
        ConfirmOutcome::Expired => return ConfirmAnswer::Settled(Settlement::Gone),
        ConfirmOutcome::Ours => Why::OurFault { code },
        ConfirmOutcome::AlreadyProcessed => Why::AlreadyProcessed,
        ConfirmOutcome::RetryLater => Why::RetryLater { code },
        ConfirmOutcome::Unknown => Why::Undecided { code },
    };
    ConfirmAnswer::Unknown { why }
}

fn read_cancellation(call: &CancelCall, answer: Result<Answer, CallError>) -> CancelAnswer {
    let error = match answer.as_ref().map_err(Why::from).and_then(read) {
        Ok(Read::Payment(payment)) => return cancelled(call, payment),
        Ok(Read::Error(error)) => error,
        Err(why) => return CancelAnswer::Unknown { why },
    };
    let (code, message) = (error.code, error.message);
    match cancel_outcome(error.status, &code) {
        CancelOutcome::AlreadyCancelled => CancelAnswer::AlreadyCancelled,
        CancelOutcome::BalanceChanged => CancelAnswer::BalanceChanged,
        CancelOutcome::Refused => CancelAnswer::Refused { code, message },
        CancelOutcome::RetryLater => CancelAnswer::RetryLater { code },
        CancelOutcome::Ours => CancelAnswer::Unknown { why: Why::OurFault { code } },
        CancelOutcome::Unknown => CancelAnswer::Unknown { why: Why::Undecided { code } },
    }
}

/// The last cancellation of the answer is ours, also in a repeated first answer; it counts when it
/// is of the payment and over the amount that we asked for.
fn cancelled(call: &CancelCall, payment: Box<PaymentSnapshot>) -> CancelAnswer {
    let ours = payment.payment_key == call.payment_key;
    let part = payment.cancels.last().filter(|part| ours && call.amount.is_none_or(|amount| part.amount == amount));
    match part.cloned() {
        Some(part) => CancelAnswer::Done { part, payment },
        None => CancelAnswer::Unknown { why: Why::Unreadable },
    }
}

/// For the request's line in the log. Our faults are for somebody to act upon; the rest passes, and is
/// resolved by asking.
fn log_unknown(operation: &'static str, what: &str, why: &Why) {
    match why {
        Why::OurFault { code } => {
            meter::our_fault(format!("toss refuses our set-up or our request: {operation} of {what}: {code}"));
        }
        why => note_unknown(operation, what, why),
    }
}

fn note_unknown(operation: &'static str, what: &str, why: &Why) {
    meter::refused_because(format!("toss: the outcome of {operation} of {what} is not known: {why:?}"));
}

fn number(money: Money) -> Result<Value, Fault> {
    to_provider_number(money)
        .parse::<Number>()
        .map(Value::Number)
        .map_err(|error| Fault::new(FaultKind::Provider, "write an amount for Toss").with_source(error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attack_70_a_payment_key_cannot_name_another_resource() {
        assert_eq!(path_segment("tviva2026aB-_").to_string(), "tviva2026aB-_");
        assert_eq!(path_segment("../orders/ord_1?x#y%2f").to_string(), "%2E%2E%2Forders%2Ford_1%3Fx%23y%252f");
    }

    #[test]
    fn the_secret_key_goes_over_https_or_to_this_machine_only() {
        let secret = Secret::new("test_sk_x");
        let build = |base: &str| Toss::new(base, &secret, TimeLimits::STANDARD);
        for good in ["https://api.tosspayments.com", "http://127.0.0.1:9", "http://localhost:3000/_local/toss"] {
            assert!(build(good).is_ok(), "{good}");
        }
        for bad in ["http://api.tosspayments.com", "http://localhost.evil.example", "ftp://x", "", "/v1"] {
            assert_eq!(build(bad).unwrap_err().kind, FaultKind::Configuration, "{bad}");
        }
        assert!(Toss::new("https://x.example", &Secret::new("a\nb"), TimeLimits::STANDARD).is_ok(), "base64 hides it");
    }

    #[test]
    fn attack_69_debug_output_does_not_show_the_secret_key() {
        let toss = Toss::new("https://x.example", &Secret::new("test_sk_x"), TimeLimits::STANDARD).unwrap();
        let shown = format!("{toss:?}");
        assert!(!shown.contains("test_sk_x") && !shown.contains(&BASE64.encode("test_sk_x:")), "{shown}");
    }
}
