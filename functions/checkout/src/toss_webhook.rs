//! `POST /webhooks/toss`: Toss Payments tells us that something happened to a payment.
//!
//! Nobody vouches for it (the webhooks of payments are not signed), so nothing in it is believed: it only names
//! a checkout, about whose payment the provider is then asked, as the schedule would have done later. What is
//! no question of ours is answered like everything else, since Toss sends again what is not answered with 200
//! within ten seconds: seven times in almost four days.

use domain::{ErrorCode, ids::CheckoutId, processes::payment::PaymentState, timestamp::Seconds};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use shared::{
    Failure,
    api::{Context, Empty, Endpoint, Okay, Route, Tools as _, Touch, webhook::Hint},
    secrets::SecretName,
    store::{
        Kind,
        limits::{Counted, Limit},
        orders::By,
    },
};

use crate::{CheckoutTools, settle};

/// The header with Toss's name for an event, which is the same each time that Toss sends it.
const TRANSMISSION_ID: &str = "tosspayments-webhook-transmission-id";

/// What Toss sends again is not looked at again. Remembered for at least as long as Toss goes on sending
/// what is not answered, but for what crosses the end of a window, which is then asked about once more.
const PER_TRANSMISSION: Limit = Limit { feature: "webhooks-transmission", most: 1, window: Seconds::days(8) };
/// Of a deposit Toss sends two events with different names, and whoever forges one makes up a new name.
/// So what an event says is looked at once, too.
const PER_EVENT: Limit = Limit { feature: "webhooks-event", most: 1, window: Seconds::days(1) };
/// How often hints have the provider asked about one checkout. Anybody can send them, as they like; beyond
/// this the schedule asks, as it does without any.
const PER_CHECKOUT: Limit = Limit { feature: "webhooks-checkout", most: 20, window: Seconds::hours(1) };

/// The endpoint.
#[derive(Debug)]
pub struct TossWebhook;

/// That it has arrived.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct Received {
    /// Always true.
    pub received: bool,
}

/// What is read of an event; everything else is passed over. `PAYMENT_STATUS_CHANGED` carries the payment in
/// `data`, and `DEPOSIT_CALLBACK` is flat. `CANCEL_STATUS_CHANGED` carries the cancellation, which need not
/// say of what: then nobody can be asked.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Event {
    event_type: Option<String>,
    data: Option<Subject>,
    #[serde(flatten)]
    flat: Subject,
}

/// What an event is about.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Subject {
    order_id: Option<String>,
    payment_key: Option<String>,
    transaction_key: Option<String>,
    last_transaction_key: Option<String>,
    status: Option<String>,
}

impl Event {
    /// The checkout that it is about, and a name for the event that is the same each time it is sent.
    fn of(&self) -> Option<(CheckoutId, String)> {
        let subject = match self.event_type.as_deref() {
            Some("PAYMENT_STATUS_CHANGED" | "CANCEL_STATUS_CHANGED") => self.data.as_ref()?,
            // A callback of a deposit names no type.
            None | Some("DEPOSIT_CALLBACK") => &self.flat,
            Some(_) => return None,
        };
        let checkout = subject.order_id.as_deref()?.parse().ok()?;
        let transaction = subject.last_transaction_key.as_ref().or(subject.transaction_key.as_ref());
        let transaction = transaction.or(subject.payment_key.as_ref()).map(String::as_str).unwrap_or_default();
        let status = subject.status.as_deref().unwrap_or_default();
        Some((checkout, format!("{checkout}#{}#{}", legible(transaction), legible(status))))
    }
}

/// What of a sender's text may stand in a key.
fn legible(text: &str) -> String {
    text.chars().filter(char::is_ascii_graphic).take(200).collect()
}

impl Endpoint for TossWebhook {
    const ROUTE: Route = Route::webhook("checkout.toss_webhook", "/webhooks/toss")
        .summary("Toss Payments tells of a payment; it is asked about, and nothing is believed")
        .touches(&[
            Touch::Get(Kind::PAYMENT),
            Touch::BatchGet(Kind::ORDER),
            Touch::Put(Kind::PAYMENT),
            Touch::Update(Kind::PAYMENT),
            Touch::Delete(Kind::PAYMENT_OWNER),
            Touch::Put(Kind::ORDER),
            Touch::Put(Kind::AUDIT_ROW),
            Touch::Put(Kind::POSTING),
            Touch::Put(Kind::OUTBOX_EVENT),
            Touch::Update(Kind::STOCK),
            Touch::Update(Kind::HOLDINGS),
            Touch::Update(Kind::HOLDINGS_OF_VARIANT),
            Touch::Update(Kind::LIMIT_COUNTER),
            Touch::Secret(SecretName::TossSecretKey),
        ]);
    const ERRORS: &'static [ErrorCode] = &[];

    type Tools = CheckoutTools;
    type Caller = Hint;
    type Request = Empty;
    type Reply = Okay<Received>;

    async fn handle(tools: &CheckoutTools, hint: Hint, _: Empty, context: &Context) -> Result<Self::Reply, Failure> {
        const RECEIVED: Okay<Received> = Okay(Received { received: true });
        let table = &tools.core().table;
        let Some((id, event)) = hint.json::<Event>().and_then(|event| event.of()) else { return Ok(RECEIVED) };
        let Some(payment) = table.get_payment(id).await? else { return Ok(RECEIVED) };
        let Some(key) = payment.key.clone().filter(|_| payment.status == PaymentState::Confirming) else {
            return Ok(RECEIVED);
        };
        let transmission = hint.header(TRANSMISSION_ID).map(legible).filter(|name| !name.is_empty());
        let limits = [
            transmission.map(|name| (PER_TRANSMISSION, name)),
            Some((PER_EVENT, event)),
            Some((PER_CHECKOUT, id.to_string())),
        ];
        for (limit, subject) in limits.into_iter().flatten() {
            if table.count(&limit, &subject, context.now).await? != Counted::Allowed {
                return Ok(RECEIVED);
            }
        }
        let answer = tools.payments()?.fetch_by_payment_key(&key).await?.settle(id, payment.total);
        let checkout = table.with_orders(payment).await?;
        let by = By { now: context.now, request_id: &context.request_id, user_id: None };
        settle::settle(table, &checkout, &answer, &by, None).await?;
        Ok(RECEIVED)
    }
}
