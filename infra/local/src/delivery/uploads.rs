//! Objects that were uploaded below `raw/`, delivered to a job as an asynchronous call is: one at a
//! time, and tried again when it failed (`retries`).
//!
//! An event waits in the object store until it is acknowledged, so a restart delivers it again.

use std::sync::Arc;

use engines::{Engine, FaultKind, ObjectCreated};
use futures_util::future::join_all;
use serde_json::json;
use tokio::sync::Mutex;

use super::{
    Caller, Progress,
    retries::{Next, Retries},
};
use crate::hosts::Function;

/// How many are delivered at the same time.
const AT_ONCE: usize = 4;
/// The folder that the notification of the bucket is for.
const FOLDER: &str = "raw/";

/// The job for uploads.
#[derive(Debug)]
pub(super) struct UploadPump {
    function: Arc<Function>,
    failed: Mutex<Retries>,
}

impl UploadPump {
    pub(super) fn new(function: Arc<Function>) -> Self {
        Self { function, failed: Mutex::default() }
    }

    /// Delivers what waits and is due.
    pub(super) async fn pump(&self, caller: &Caller) -> Progress {
        let mut failed = self.failed.lock().await;
        let now = caller.engines.clock().now();
        let mut progress = Progress::Nothing;
        let mut due = Vec::new();
        for event in caller.engines.objects().pending_events() {
            if !event.key.starts_with(FOLDER) {
                caller.engines.objects().acknowledge(&event);
                progress = Progress::Something;
            } else if failed.is_due(&event.sequencer, now) && due.len() < AT_ONCE {
                due.push(event);
            }
        }
        let can_act = |kind| kind == FaultKind::Reorder;
        if due.len() > 1 && caller.engines.faults().decide_where(Engine::Objects, "event", can_act).is_some() {
            due.reverse();
        }
        if due.is_empty() {
            return progress;
        }
        let outcomes = join_all(due.iter().map(|event| self.deliver(caller, event))).await;
        for (event, worked) in due.iter().zip(outcomes) {
            match failed.note(&event.sequencer, worked, caller.engines.clock().now()) {
                Next::Again => {}
                Next::Done => caller.engines.objects().acknowledge(event),
                Next::GivenUp => {
                    crate::ground::say(&format!("{} failed 3 times: {} is given up", self.function.id, event.key));
                    caller.engines.objects().acknowledge(event);
                }
            }
        }
        Progress::Something
    }

    async fn deliver(&self, caller: &Caller, event: &ObjectCreated) -> bool {
        let payload = json!({"Records": [event.record()]});
        let can_act = |kind| kind == FaultKind::Duplicate;
        if caller.engines.faults().decide_where(Engine::Objects, "event", can_act).is_some() {
            let _ = caller.call(&self.function, "UPLOAD", payload.clone(), event.time).await;
        }
        caller.call(&self.function, "UPLOAD", payload, event.time).await.outcome.is_ok()
    }
}
