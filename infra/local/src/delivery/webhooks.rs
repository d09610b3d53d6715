//! What the payment provider tells the shop by itself: sent through the gateway as from Toss's own
//! machines, again and again until it is answered with 200.

use std::{
    net::SocketAddr,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use axum::{
    body::Body,
    http::{Request, StatusCode, header},
};
use engines::{
    Engine, FaultKind,
    toss::{TossState, Webhook, webhooks},
};
use tokio::sync::Mutex;

use super::{Caller, Progress};
use crate::gateway::Gateway;

/// Where the shop has registered to be told.
const ADDRESS: &str = "/api/webhooks/toss";

/// The provider as far as it speaks first.
#[derive(Debug)]
pub(super) struct WebhookPump {
    toss: TossState,
    gateway: Arc<Gateway>,
    sending: Mutex<()>,
}

impl WebhookPump {
    pub(super) fn new(toss: TossState, gateway: Arc<Gateway>) -> Self {
        Self { toss, gateway, sending: Mutex::default() }
    }

    pub(super) const fn toss(&self) -> &TossState {
        &self.toss
    }

    /// Sends what is due.
    pub(super) async fn pump(&self, caller: &Caller) -> Progress {
        let _alone = self.sending.lock().await;
        let mut due = self.toss.due_webhooks();
        if due.is_empty() {
            return Progress::Nothing;
        }
        let faults = caller.engines.faults();
        if due.len() > 1 && faults.decide_where(Engine::Toss, "webhook", |kind| kind == FaultKind::Reorder).is_some() {
            due.reverse();
        }
        for webhook in due {
            let fault = faults.decide_where(Engine::Toss, "webhook", |kind| {
                matches!(kind, FaultKind::Duplicate | FaultKind::TimeOutBefore | FaultKind::TimeOutAfterApply)
            });
            let answered = match fault {
                Some(FaultKind::TimeOutBefore) => false,
                Some(FaultKind::TimeOutAfterApply) => {
                    self.send(caller, &webhook).await;
                    false
                }
                Some(FaultKind::Duplicate) => {
                    self.send(caller, &webhook).await;
                    self.send(caller, &webhook).await
                }
                _ => self.send(caller, &webhook).await,
            };
            if self.toss.webhook_was_sent(&webhook, answered) {
                crate::ground::say(&format!("a webhook of Toss was sent 8 times: {ADDRESS} never answered with 200"));
            }
        }
        Progress::Something
    }

    /// Whether it was answered with 200 in time.
    async fn send(&self, caller: &Caller, webhook: &Webhook) -> bool {
        let mut request = Request::post(ADDRESS)
            .header(header::HOST, "localhost")
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::USER_AGENT, "TossPayments");
        for (name, value) in webhook.headers(caller.engines.clock().now()) {
            request = request.header(name, value);
        }
        let Ok(request) = request.body(Body::from(webhook.body.to_string())) else { return false };
        let answer = self.gateway.answer(request, SocketAddr::from((webhooks::SENT_FROM, 443)));
        let answer = tokio::time::timeout(Duration::from_secs(webhooks::ANSWER_WITHIN_S), answer).await;
        caller.ended.fetch_add(1, Ordering::SeqCst);
        answer.is_ok_and(|answer| answer.status() == StatusCode::OK)
    }
}
