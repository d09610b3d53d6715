//! Bounces and complaints, delivered to a job as EventBridge calls a function: asynchronously, one at
//! a time, at least once.
//!
//! An event waits in the mailbox until it is acknowledged, so a restart delivers it again.

use std::sync::Arc;

use engines::{Engine, FaultKind};
use tokio::sync::Mutex;

use super::{
    Caller, Progress,
    retries::{Next, Retries},
};
use crate::hosts::Function;

/// The job for what becomes of mails.
#[derive(Debug)]
pub(super) struct MailPump {
    function: Arc<Function>,
    detail_types: &'static [&'static str],
    failed: Mutex<Retries>,
}

impl MailPump {
    pub(super) fn new(function: Arc<Function>, detail_types: &'static [&'static str]) -> Self {
        Self { function, detail_types, failed: Mutex::default() }
    }

    /// Delivers what waits and is due.
    pub(super) async fn pump(&self, caller: &Caller) -> Progress {
        let mut failed = self.failed.lock().await;
        let now = caller.engines.clock().now();
        let mailbox = caller.engines.mailbox();
        let can_act = |kind| matches!(kind, FaultKind::Reorder | FaultKind::Duplicate);
        let mut due: Vec<_> =
            mailbox.pending_events().into_iter().filter(|event| failed.is_due(&event.sequencer, now)).collect();
        let fault =
            if due.is_empty() { None } else { caller.engines.faults().decide_where(Engine::Mail, "event", can_act) };
        if fault == Some(FaultKind::Reorder) {
            due.reverse();
        }
        let mut progress = Progress::Nothing;
        for event in due {
            progress = Progress::Something;
            if !self.detail_types.contains(&event.detail_type()) {
                mailbox.acknowledge(&event);
                continue;
            }
            if fault == Some(FaultKind::Duplicate) {
                let _ = caller.call(&self.function, "EVENT", event.payload(), event.time).await;
            }
            let worked = caller.call(&self.function, "EVENT", event.payload(), event.time).await.outcome.is_ok();
            match failed.note(&event.sequencer, worked, caller.engines.clock().now()) {
                Next::Again => {}
                Next::Done => mailbox.acknowledge(&event),
                Next::GivenUp => {
                    crate::ground::say(&format!("{} failed 3 times: an event is given up", self.function.id));
                    mailbox.acknowledge(&event);
                }
            }
        }
        progress
    }
}
