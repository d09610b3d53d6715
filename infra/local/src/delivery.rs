//! Everything that happens by itself: records of the table's stream, uploaded objects, schedules,
//! and the sweep of what has expired, delivered to jobs as AWS delivers them; and the webhooks of the
//! payment provider.
//!
//! Each kind is delivered by a pump. A pump does all that can be done now and tells whether it did
//! anything; loops of their own run the pumps when something has happened, and
//! [`Delivery::settle`] runs them until there is nothing left to do.

mod mails;
mod retries;
mod schedules;
mod streams;
mod uploads;
mod webhooks;

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use domain::Timestamp;
use engines::{Engines, toss::TossState};
use serde_json::Value;
use shared::api::Trigger;
use tokio::{sync::Mutex, task::JoinHandle};

use self::{mails::MailPump, schedules::Schedules, streams::StreamPump, uploads::UploadPump, webhooks::WebhookPump};
use crate::{
    environment::TABLE,
    gateway::Gateway,
    ground::spawn,
    hosts::{CalledBy, Function, Host, Invocation},
    requests::{Entry, Requests, sent_since},
};

/// How often the clock is looked at, for schedules and retries that are due.
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// How often the stream is trimmed while it is read.
const TRIM_EVERY: Duration = Duration::from_secs(1);

/// What is done to the world by itself.
#[derive(Debug)]
pub struct Delivery {
    caller: Arc<Caller>,
    streams: Vec<StreamPump>,
    uploads: Vec<UploadPump>,
    mails: Vec<MailPump>,
    /// There unless nobody is to be told.
    webhooks: Option<WebhookPump>,
    schedules: Schedules,
    /// When the stream was last relieved of what every reader has had.
    trimmed: Mutex<Option<Instant>>,
}

/// What a pump did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Progress {
    /// There was nothing to do.
    Nothing,
    /// It waits to try again in a moment of real time.
    WaitsAMoment,
    /// It did something.
    Something,
}

/// How jobs are called, and the calls noted.
#[derive(Debug)]
pub(crate) struct Caller {
    pub(crate) engines: Arc<Engines>,
    pub(crate) host: Arc<Host>,
    pub(crate) requests: Requests,
    /// Counts the calls that have ended, whoever made them.
    pub(crate) ended: AtomicU64,
}

impl Caller {
    pub(crate) fn new(engines: Arc<Engines>, host: Arc<Host>, requests: Requests) -> Self {
        Self { engines, host, requests, ended: AtomicU64::new(0) }
    }

    /// Calls a job and notes the call. What it is given comes from `trigger`.
    pub(crate) async fn call(
        &self,
        function: &Function,
        trigger: &'static str,
        payload: Value,
        time: Timestamp,
    ) -> Invocation {
        let request_id = shared::random::bytes::<16>().map(uuid).unwrap_or_default();
        let first_call = self.engines.meter().next();
        let invocation = self.host.invoke(function, payload, &request_id).await;
        let (mails, objects_put) = sent_since(self.engines.meter(), first_call, function);
        let error = invocation.outcome.as_ref().err().map(ToString::to_string);
        self.requests.add(Entry {
            time,
            request_id,
            operation: function.id,
            method: trigger.to_owned(),
            path: String::new(),
            status: if error.is_none() { 200 } else { 500 },
            code: invocation.code.clone(),
            fault: error.or_else(|| invocation.fault.clone()),
            duration: invocation.duration,
            memory_mb: function.memory_mb,
            through_gateway: false,
            usage: invocation.usage.clone(),
            mails,
            objects_put,
        });
        self.ended.fetch_add(1, Ordering::SeqCst);
        invocation
    }
}

/// Random bytes as a version 4 UUID (RFC 9562 §5.4), as Lambda names its requests.
fn uuid(bytes: [u8; 16]) -> String {
    let number = u128::from_be_bytes(bytes);
    let number = (number & !(0xF000_u128 << 64) & !(0xC000_u128 << 48)) | (0x4000_u128 << 64) | (0x8000_u128 << 48);
    let hex = format!("{number:032x}");
    let part = |from: usize, to: usize| hex.get(from..to).unwrap_or_default();
    [part(0, 8), part(8, 12), part(12, 16), part(16, 20), part(20, 32)].join("-")
}

impl Delivery {
    pub(crate) fn new(functions: &[Arc<Function>], caller: Caller, folder: Option<&Path>, sweep_ttl: bool) -> Self {
        let caller = Arc::new(caller);
        let folder = folder.map(|folder| folder.join("delivery"));
        let mut streams = Vec::new();
        let mut uploads = Vec::new();
        let mut mails = Vec::new();
        let mut scheduled = Vec::new();
        for function in functions {
            match function.called_by {
                CalledBy::Trigger(Trigger::NewItems(kind)) => {
                    streams.push(StreamPump::new(TABLE, kind, Arc::clone(function), folder.as_deref()));
                }
                CalledBy::Trigger(Trigger::Upload) => uploads.push(UploadPump::new(Arc::clone(function))),
                // The one service here that puts events on the bus.
                CalledBy::Trigger(Trigger::Events { source: "aws.ses", detail_types }) => {
                    mails.push(MailPump::new(Arc::clone(function), detail_types));
                }
                CalledBy::Trigger(Trigger::Events { .. }) => {}
                CalledBy::Trigger(Trigger::EveryMinutes(minutes)) => scheduled.push((Arc::clone(function), minutes)),
                CalledBy::Route { .. } => {}
            }
        }
        let schedules = Schedules::new(scheduled, folder.as_deref(), caller.engines.clock().now(), sweep_ttl);
        Self { caller, streams, uploads, mails, webhooks: None, schedules, trimmed: Mutex::default() }
    }

    /// Sends the payment provider's webhooks through the gateway.
    pub(crate) fn with_webhooks(mut self, toss: TossState, gateway: Arc<Gateway>) -> Self {
        self.webhooks = Some(WebhookPump::new(toss, gateway));
        self
    }

    /// Delivers until the returned tasks are aborted.
    pub(crate) fn run(self: &Arc<Self>) -> Vec<JoinHandle<()>> {
        let mut tasks = Vec::new();
        for number in 0..self.streams.len() {
            tasks.push(spawn(Arc::clone(self).run_stream(number)));
        }
        if !self.uploads.is_empty() {
            tasks.push(spawn(Arc::clone(self).run_uploads()));
        }
        if !self.mails.is_empty() {
            tasks.push(spawn(Arc::clone(self).run_mails()));
        }
        if self.webhooks.is_some() {
            tasks.push(spawn(Arc::clone(self).run_webhooks()));
        }
        tasks.push(spawn(Arc::clone(self).run_schedules()));
        tasks
    }

    async fn run_stream(self: Arc<Self>, number: usize) {
        let mut writes = self.caller.engines.database().writes();
        let Some(pump) = self.streams.get(number) else { return };
        loop {
            let progress = pump.pump(&self.caller).await;
            self.trim().await;
            match progress {
                Progress::Something => {}
                Progress::WaitsAMoment => tokio::time::sleep(pump.waits()).await,
                Progress::Nothing => {
                    if writes.changed().await.is_err() {
                        return;
                    }
                }
            }
        }
    }

    /// Removes what every reader of the stream has had, now and then.
    async fn trim(&self) {
        let mut trimmed = self.trimmed.lock().await;
        if trimmed.is_some_and(|moment| moment.elapsed() < TRIM_EVERY) {
            return;
        }
        *trimmed = Some(Instant::now());
        // One that has read nothing yet still needs everything: nothing is less than any number.
        let had = self.streams.iter().map(StreamPump::had).min().flatten();
        let database = self.caller.engines.database().clone();
        let work = tokio::task::spawn_blocking(move || database.trim_stream(TABLE, had.as_deref()));
        if let Ok(Err(error)) = work.await {
            crate::ground::say(&format!("the stream cannot be trimmed: {error}"));
        }
    }

    async fn run_uploads(self: Arc<Self>) {
        let mut events = self.caller.engines.objects().events();
        loop {
            if self.pump_uploads().await == Progress::Nothing {
                // An upload that failed is tried again by the clock, which nobody announces.
                let _ = tokio::time::timeout(LOOK_EVERY, events.changed()).await;
            }
        }
    }

    async fn run_mails(self: Arc<Self>) {
        let mut events = self.caller.engines.mailbox().events();
        loop {
            if self.pump_mails().await == Progress::Nothing {
                let _ = tokio::time::timeout(LOOK_EVERY, events.changed()).await;
            }
        }
    }

    async fn run_webhooks(self: Arc<Self>) {
        let Some(mut events) = self.webhooks.as_ref().map(|pump| pump.toss().webhook_events()) else { return };
        loop {
            if self.pump_webhooks().await == Progress::Nothing {
                // One that was not answered is sent again by the clock, which nobody announces.
                let _ = tokio::time::timeout(LOOK_EVERY, events.changed()).await;
            }
        }
    }

    async fn pump_webhooks(&self) -> Progress {
        match &self.webhooks {
            Some(pump) => pump.pump(&self.caller).await,
            None => Progress::Nothing,
        }
    }

    async fn pump_mails(&self) -> Progress {
        let mut progress = Progress::Nothing;
        for pump in &self.mails {
            progress = progress.max(pump.pump(&self.caller).await);
        }
        progress
    }

    async fn run_schedules(self: Arc<Self>) {
        loop {
            self.schedules.pump(&self.caller).await;
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    async fn pump_uploads(&self) -> Progress {
        let mut progress = Progress::Nothing;
        for pump in &self.uploads {
            progress = progress.max(pump.pump(&self.caller).await);
        }
        progress
    }

    /// Delivers everything that is due now, and what comes of it, and returns when nothing is under
    /// way. An upload that failed and waits for its minute is not waited for.
    pub async fn settle(&self) {
        loop {
            let before = self.caller.ended.load(Ordering::SeqCst);
            let mut progress = self.schedules.pump(&self.caller).await;
            let mut wait = Duration::ZERO;
            for pump in &self.streams {
                let of_stream = pump.pump(&self.caller).await;
                if of_stream == Progress::WaitsAMoment {
                    wait = wait.max(pump.waits());
                }
                progress = progress.max(of_stream);
            }
            progress = progress.max(self.pump_uploads().await);
            progress = progress.max(self.pump_mails().await);
            progress = progress.max(self.pump_webhooks().await);
            match progress {
                // What a loop beside this one delivered meanwhile may have caused more.
                Progress::Nothing if self.caller.ended.load(Ordering::SeqCst) == before => return,
                Progress::WaitsAMoment => tokio::time::sleep(wait).await,
                _ => {}
            }
        }
    }

    /// Runs every schedule now, due or not, and delivers what comes of it.
    pub async fn tick(&self) {
        self.schedules.run_all(&self.caller).await;
        self.settle().await;
    }

    /// The jobs with a schedule and when each is due next.
    #[must_use]
    pub fn schedules(&self) -> Vec<(&'static str, Timestamp)> {
        self.schedules.due()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_of_a_job_is_named_by_a_random_uuid() {
        assert_eq!(uuid([0xFF; 16]), "ffffffff-ffff-4fff-bfff-ffffffffffff");
        assert_eq!(uuid([0; 16]), "00000000-0000-4000-8000-000000000000");
    }
}
