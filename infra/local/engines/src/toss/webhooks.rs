//! What Toss tells a shop by itself: the events, and when each is sent and sent again.
//!
//! Sources: "웹훅 이벤트" and "웹훅 연결하기" of the developers' documentation. Of a payment every change
//! of its status is told but the opening of the window and the authentication; of a virtual account
//! each of them twice, since a shop that has registered both kinds of events hears of both. An event
//! that is not answered with 200 within ten seconds is sent again, seven times in almost four days,
//! and then given up. `CANCEL_STATUS_CHANGED` is told of payments by foreign wallets alone, which
//! there are none of here.

use domain::{Timestamp, timestamp::Seconds};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::sync::watch;

use super::{
    Inner, TossSettings, TossState, object, random_text,
    world::{Card, Payment, Status},
};
use crate::queue::Queued;

/// How long an answer is waited for, in seconds.
pub const ANSWER_WITHIN_S: u64 = 10;

/// An address that Toss sends webhooks from ("방화벽 설정" of the developers' documentation).
pub const SENT_FROM: [u8; 4] = [13, 124, 18, 147];

/// The pauses before an event is sent again.
const PAUSES: [Seconds; 7] = [
    Seconds::minutes(1),
    Seconds::minutes(4),
    Seconds::minutes(16),
    Seconds::minutes(64),
    Seconds::minutes(256),
    Seconds::minutes(1_024),
    Seconds::minutes(4_096),
];

/// An event that is to be sent: a POST of `body` with [`Webhook::headers`]. Nobody signs those of
/// payments.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Webhook {
    /// The same each time the event is sent.
    pub transmission_id: String,
    /// How often it was sent before.
    pub retried_count: u32,
    /// When it is to be sent.
    pub due_at: Timestamp,
    /// `{eventType, createdAt, data}`; of a deposit `{createdAt, secret, status, transactionKey, orderId}`.
    pub body: Value,
    sequencer: String,
}

impl Queued for Webhook {
    fn sequencer(&self) -> &str {
        &self.sequencer
    }

    fn set_sequencer(&mut self, sequencer: String) {
        self.sequencer = sequencer;
    }
}

impl Webhook {
    fn new(body: Value, now: Timestamp) -> Option<Self> {
        let id = random_text(26).ok()?.to_ascii_lowercase();
        let transmission_id = format!("whtrans_{id}");
        Some(Self { transmission_id, retried_count: 0, due_at: now, body, sequencer: String::new() })
    }

    /// The headers of a transmission that begins now.
    #[must_use]
    pub fn headers(&self, now: Timestamp) -> [(&'static str, String); 3] {
        [
            ("tosspayments-webhook-transmission-id", self.transmission_id.clone()),
            ("tosspayments-webhook-transmission-time", object::seoul_time(now)),
            ("tosspayments-webhook-transmission-retried-count", self.retried_count.to_string()),
        ]
    }
}

impl TossState {
    /// The events that are due, the oldest first. With a data folder they survive a restart.
    #[must_use]
    pub fn due_webhooks(&self) -> Vec<Webhook> {
        self.expire();
        let now = self.now();
        let mut due = self.lock().webhooks.pending();
        due.retain(|webhook| webhook.due_at <= now);
        due
    }

    /// Notes whether an event that was sent was answered with 200. Tells whether it is given up.
    pub fn webhook_was_sent(&self, webhook: &Webhook, answered: bool) -> bool {
        let pause = usize::try_from(webhook.retried_count).ok().and_then(|count| PAUSES.get(count));
        let inner = self.lock();
        match pause {
            Some(pause) if !answered => {
                let due_at = self.now().plus(*pause);
                let retried_count = webhook.retried_count.saturating_add(1);
                let again = Webhook { due_at, retried_count, ..webhook.clone() };
                if let Err(error) = inner.webhooks.replace(again) {
                    tracing::error!(%error, "a webhook could not be written: a restart sends it too early");
                }
                false
            }
            _ => {
                inner.webhooks.acknowledge(webhook);
                !answered
            }
        }
    }

    /// The events that are due, as if each were answered. For tests without a shop.
    #[must_use]
    pub fn take_webhooks(&self) -> Vec<Webhook> {
        let due = self.due_webhooks();
        for webhook in &due {
            self.webhook_was_sent(webhook, true);
        }
        due
    }

    /// Counts events; changes wake whoever sends them.
    #[must_use]
    pub fn webhook_events(&self) -> watch::Receiver<u64> {
        self.lock().webhooks.arrivals()
    }
}

impl Inner {
    /// Tells of a change.
    pub(super) fn notify(&self, payment: &Payment, now: Timestamp, settings: &TossSettings) {
        if matches!(payment.status, Status::Ready | Status::InProgress) {
            return;
        }
        let object = object::payment(payment, &settings.public_url);
        let created_at = object::webhook_time(now);
        let mut bodies = Vec::new();
        if payment.card == Some(Card::VirtualAccount) && payment.status != Status::Expired {
            bodies.push(json!({
                "createdAt": created_at,
                "secret": object.get("secret"),
                "status": payment.status,
                "transactionKey": payment.last_transaction_key,
                "orderId": payment.order_id,
            }));
        }
        bodies.push(json!({ "eventType": "PAYMENT_STATUS_CHANGED", "createdAt": created_at, "data": object }));
        for webhook in bodies.into_iter().filter_map(|body| Webhook::new(body, now)) {
            if let Err(error) = self.webhooks.push(webhook) {
                tracing::error!(%error, "a webhook could not be written: the shop is told nothing");
            }
        }
    }
}
