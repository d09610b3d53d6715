//! A simulator with a movable clock, and the client that talks to it.

use std::time::Duration;

use bytes::Bytes;
use domain::{
    Currency, Language, Money, Timestamp,
    ids::{CheckoutId, Entropy, RefundId},
    payments::{CancelReason, PaymentKey, ProviderIdempotencyKey},
};
use engines::{
    Clock, Engine, FaultKind, FaultPlan, FaultRule, Faults,
    toss::{Card, PaymentView, Toss, TossSettings},
};
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use serde_json::Value;
use shared::{
    http_client::{Call, HttpClient},
    payments::{CancelAnswer, CancelCall, ConfirmAnswer, ConfirmCall, FetchAnswer, Payments, TimeLimits},
    secrets::Secret,
};

pub(crate) const BASIC: &str = "Basic dGVzdF9za19qYW5ndGVvOg==";

pub(crate) struct Shop {
    pub(crate) toss: Toss,
    pub(crate) clock: Clock,
    pub(crate) faults: Faults,
    pub(crate) payments: Payments,
}

impl Shop {
    pub(crate) async fn open() -> Self {
        Self::open_with(|_| {}).await
    }

    pub(crate) async fn open_with(change: impl FnOnce(&mut TossSettings)) -> Self {
        let clock = Clock::fixed(Timestamp::parse("2026-11-21T09:00:00Z").unwrap());
        let faults = Faults::none();
        let mut settings = TossSettings::for_tests(clock.clone(), faults.clone());
        change(&mut settings);
        let secret = Secret::new(settings.secret_key.clone());
        let toss = Toss::start(settings).await.unwrap();
        let payments = Payments::toss(&toss.base_url(), &secret, TimeLimits::STANDARD).unwrap();
        Self { toss, clock, faults, payments }
    }

    /// A client that waits no longer than that.
    pub(crate) fn hasty(&self, limit: Duration) -> Payments {
        let secret = Secret::new("test_sk_jangteo");
        Payments::toss(&self.toss.base_url(), &secret, TimeLimits { change: limit, ask: limit }).unwrap()
    }

    /// A buyer who went through the window with a card.
    pub(crate) fn buyer(&self, order_id: CheckoutId, amount: i64, card: Card) -> PaymentKey {
        let key = self.toss.state().authenticated(&order_id.to_string(), krw(amount), card).unwrap();
        PaymentKey::parse(&key).unwrap()
    }

    pub(crate) async fn confirm(&self, call: &ConfirmCall) -> ConfirmAnswer {
        self.payments.confirm(call).await.unwrap()
    }

    pub(crate) async fn cancel(&self, call: &CancelCall) -> CancelAnswer {
        self.payments.cancel(call).await.unwrap()
    }

    pub(crate) async fn fetch(&self, payment_key: &PaymentKey) -> FetchAnswer {
        self.payments.fetch_by_payment_key(payment_key).await.unwrap()
    }

    /// A confirmed payment of 12,000 won for `order(n)`.
    pub(crate) async fn paid(&self, n: u8) -> PaymentKey {
        let key = self.buyer(order(n), 12_000, Card::Approve);
        let answer = self.confirm(&confirmation(&key, order(n), 12_000)).await;
        assert!(matches!(answer, ConfirmAnswer::Settled(domain::payments::Settlement::Approved(_))), "{answer:?}");
        key
    }

    pub(crate) fn fail_once(&self, operation: &str, kind: FaultKind) {
        let rule = FaultRule::always(Engine::Toss, kind).on(operation).times(1);
        self.faults.set(FaultPlan { seed: 1, rules: vec![rule] });
    }

    pub(crate) fn view(&self, payment_key: &PaymentKey) -> PaymentView {
        let all = self.toss.state().payments();
        all.into_iter().find(|payment| payment.payment_key == payment_key.as_str()).unwrap()
    }

    pub(crate) fn captured(&self) -> i64 {
        self.toss.state().payments().iter().map(|payment| payment.captured.amount).sum()
    }

    /// A call of the API by hand: the status and the body.
    pub(crate) async fn raw(
        &self,
        method: Method,
        path: &str,
        headers: &[(&'static str, &str)],
        body: &str,
    ) -> (u16, Value) {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.insert(HeaderName::from_static(name), HeaderValue::from_str(value).unwrap());
        }
        let uri = format!("{}{path}", self.toss.base_url()).parse().unwrap();
        let time_limit = Duration::from_secs(20);
        let call = Call { method, uri, headers: map, body: Bytes::copy_from_slice(body.as_bytes()), time_limit };
        let answer = HttpClient::new().unwrap().call(call).await.unwrap();
        (answer.status.as_u16(), serde_json::from_slice(&answer.body).unwrap_or(Value::Null))
    }
}

/// What the provider calls an order: the id of a checkout of ours.
pub(crate) fn order(n: u8) -> CheckoutId {
    CheckoutId::new(Timestamp::from_seconds(1_795_000_000), Entropy([n; 10]))
}

pub(crate) fn krw(amount: i64) -> Money {
    Money::new(amount, Currency::Krw).unwrap()
}

pub(crate) fn confirmation(payment_key: &PaymentKey, checkout_id: CheckoutId, amount: i64) -> ConfirmCall {
    ConfirmCall {
        payment_key: payment_key.clone(),
        checkout_id,
        amount: krw(amount),
        idempotency_key: ProviderIdempotencyKey::of_confirm(checkout_id, 1),
        language: Language::Korean,
    }
}

/// The same confirmation as another attempt.
pub(crate) fn attempt(call: &ConfirmCall, attempt: u32) -> ConfirmCall {
    ConfirmCall { idempotency_key: ProviderIdempotencyKey::of_confirm(call.checkout_id, attempt), ..call.clone() }
}

pub(crate) fn refund(
    payment_key: &PaymentKey,
    number: u32,
    amount: Option<i64>,
    refundable: Option<i64>,
) -> CancelCall {
    let id = RefundId::new(Timestamp::from_seconds(1_795_000_000), Entropy([1; 10]));
    CancelCall {
        payment_key: payment_key.clone(),
        reason: CancelReason::parse("단순 변심").unwrap(),
        amount: amount.map(krw),
        refundable: refundable.map(krw),
        idempotency_key: ProviderIdempotencyKey::of_refund(id, number),
    }
}
