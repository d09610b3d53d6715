//! What is not HTTP has the same shape with another address: a schedule, the stream of the table,
//! an object that was uploaded.

use std::future::Future;

use domain::Timestamp;
use serde::{Deserialize, de::DeserializeOwned};

use super::{Tools, Touch, log::Line};
pub use crate::ground::work_time::WorkTime;
use crate::{
    fault::{Failure, Fault},
    meter::{self, Usage},
    store::Kind,
};

/// What makes a job run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trigger {
    /// Every so many minutes.
    EveryMinutes(u32),
    /// Each new item of one kind in the table's stream.
    NewItems(Kind),
    /// Each object uploaded below `raw/` in the bucket for uploads.
    Upload,
    /// Each event of these kinds that an AWS service puts on the account's event bus, as far as it is
    /// about this stack.
    Events {
        /// The service, such as `aws.ses`.
        source: &'static str,
        /// The kinds of events (`detail-type`).
        detail_types: &'static [&'static str],
    },
}

/// A job's name and needs.
#[derive(Debug, Clone, Copy)]
pub struct JobRoute {
    /// `service.verb_noun`; the file, the binary, the function and the test are named after it.
    pub id: &'static str,
    /// One line for the documents.
    pub summary: &'static str,
    /// What makes it run.
    pub trigger: Trigger,
    /// What it does to the world outside.
    pub touches: &'static [Touch],
    /// Memory in MB.
    pub memory_mb: u32,
    /// After how many seconds Lambda ends it.
    pub time_out_s: u32,
}

/// What comes with an event besides what it says.
#[derive(Debug, Clone)]
pub struct JobContext {
    /// The moment of the event (of the schedule, or of the newest record), or of the invocation when
    /// the event comes late: what is taken for a while must not be over before it begins.
    pub now: Timestamp,
    /// The id of the invocation.
    pub request_id: String,
    /// For how long the run takes up work.
    pub work_time: WorkTime,
}

/// What the runtime says of an invocation.
#[derive(Debug, Clone)]
pub struct Invocation {
    /// The id of the invocation.
    pub request_id: String,
    /// When it began, by the clock of Lambda.
    pub at: Timestamp,
}

/// An event that a job understands.
pub trait JobEvent: DeserializeOwned + Send {
    /// The moment that the event carries.
    fn time(&self) -> Timestamp;
}

/// One thing that happens by itself.
pub trait Job: Send + Sync + 'static {
    /// The name and the needs of the job.
    const ROUTE: JobRoute;
    /// Everything outside that its service may touch.
    type Tools: Tools;
    /// The event.
    type Event: JobEvent;

    /// Does it. Must be safe to do twice: every trigger delivers at least once.
    ///
    /// # Errors
    /// When we broke; the trigger delivers again. A batch names the records that are to come again
    /// instead.
    fn run(
        tools: &Self::Tools,
        event: Self::Event,
        context: &JobContext,
    ) -> impl Future<Output = Result<JobReport, Fault>> + Send;
}

/// What a job answers. For a stream, the records that must come again (`ReportBatchItemFailures`);
/// Lambda ignores it for every other trigger.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct JobReport {
    /// The first of these and everything after it is delivered again.
    #[serde(rename = "batchItemFailures")]
    pub batch_item_failures: Vec<BatchItemFailure>,
}

/// How a run goes that works off what is due, one after the other: one that fails keeps no other from
/// it, and the run fails in the end, so that somebody hears of it.
#[derive(Debug, Default)]
pub struct Sweep {
    first_fault: Option<Fault>,
}

impl Sweep {
    /// Notes how one of them went. That it was refused is no fault: somebody else was first.
    pub fn note<F: Into<Failure>>(&mut self, outcome: Result<(), F>) {
        if let Err(Failure::Broken(fault)) = outcome.map_err(Into::into) {
            self.first_fault.get_or_insert(fault);
        }
    }

    /// What the job answers.
    ///
    /// # Errors
    /// The first fault that was noted.
    pub fn end(self) -> Result<JobReport, Fault> {
        self.first_fault.map_or_else(|| Ok(JobReport::default()), Err)
    }
}

/// A record that must come again.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct BatchItemFailure {
    /// The sequence number of a stream record.
    #[serde(rename = "itemIdentifier")]
    pub item_identifier: String,
}

/// Runs a job on the payload that Lambda delivers, and writes its line to the log.
///
/// # Errors
/// When the payload is not of the job's trigger, or the job broke.
pub async fn run<J: Job>(
    tools: &J::Tools,
    payload: serde_json::Value,
    invocation: Invocation,
) -> Result<JobReport, Fault> {
    let request_id = invocation.request_id.clone();
    let (outcome, usage) = measured::<J>(tools, payload, invocation).await;
    let line = Line {
        level: if outcome.is_err() { "error" } else { "info" },
        operation: J::ROUTE.id,
        request_id: &request_id,
        status: 0,
        code: None,
        reason: None,
        fault: outcome.as_ref().err().map(Fault::chain),
        replayed: false,
        calls: 0,
        read_half_units: 0,
        write_half_units: 0,
    };
    line.with_usage(&usage).write();
    outcome
}

/// Runs a job and tells what it cost, also where it failed.
pub async fn measured<J: Job>(
    tools: &J::Tools,
    payload: serde_json::Value,
    invocation: Invocation,
) -> (Result<JobReport, Fault>, Usage) {
    let event = serde_json::from_value::<J::Event>(payload);
    let event = event.map_err(|error| Fault::new(crate::FaultKind::Corrupt, "read the event").with_source(error));
    let work = async {
        let event = event?;
        let context = JobContext {
            now: event.time().max(invocation.at),
            request_id: invocation.request_id,
            work_time: WorkTime::of(J::ROUTE.time_out_s),
        };
        tools.core().secrets.ready().await?;
        J::run(tools, event, &context).await
    };
    meter::measured(work).await
}

/// The event of a schedule (EventBridge Scheduler's, with `<aws.scheduler.scheduled-time>` as its
/// input, or an EventBridge rule's: both carry `time`).
#[derive(Debug, Clone, Deserialize)]
pub struct Tick {
    /// When it was due.
    pub time: Timestamp,
}

impl JobEvent for Tick {
    fn time(&self) -> Timestamp {
        self.time
    }
}

/// An event of the account's event bus (EventBridge User Guide, "Event structure").
#[derive(Debug, Clone, Deserialize)]
pub struct BusEvent<D> {
    /// When it happened.
    pub time: Timestamp,
    /// What it says besides.
    pub detail: D,
}

impl<D: DeserializeOwned + Send> JobEvent for BusEvent<D> {
    fn time(&self) -> Timestamp {
        self.time
    }
}

/// An S3 notification (event version 2.1 and later minor versions).
#[derive(Debug, Clone, Deserialize)]
pub struct UploadedObjects {
    /// The objects; S3 sends one at a time.
    #[serde(rename = "Records")]
    pub records: Vec<UploadedObject>,
}

/// One object of a notification.
#[derive(Debug, Clone, Deserialize)]
pub struct UploadedObject {
    /// When S3 wrote it.
    #[serde(rename = "eventTime")]
    pub time: Timestamp,
    /// Where it lies.
    pub s3: ObjectPlace,
}

/// Where an object lies.
#[derive(Debug, Clone, Deserialize)]
pub struct ObjectPlace {
    /// What it is.
    pub object: ObjectName,
}

/// What an object is.
#[derive(Debug, Clone, Deserialize)]
pub struct ObjectName {
    /// The key of the object, URL-encoded by S3. Ours need no encoding.
    pub key: String,
    /// The size of the object in bytes.
    #[serde(default)]
    pub size: u64,
}

impl JobEvent for UploadedObjects {
    fn time(&self) -> Timestamp {
        self.records.iter().map(|record| record.time).max().unwrap_or(Timestamp::MIN)
    }
}

/// A batch of the table's stream (`NEW_AND_OLD_IMAGES`).
#[derive(Debug, Clone, Deserialize)]
pub struct StreamRecords {
    /// The records, in order within each item.
    #[serde(rename = "Records")]
    pub records: Vec<StreamRecord>,
}

/// One change of the table.
#[derive(Debug, Clone, Deserialize)]
pub struct StreamRecord {
    /// The change.
    pub dynamodb: Change,
}

/// What changed.
#[derive(Debug, Clone, Deserialize)]
pub struct Change {
    /// The place of the record in the stream.
    #[serde(rename = "SequenceNumber")]
    pub sequence_number: String,
    /// When, in seconds since 1970. A number with or without decimals.
    #[serde(rename = "ApproximateCreationDateTime")]
    pub created_at: serde_json::Number,
    /// The item after the change, in DynamoDB's own JSON; empty when it was deleted.
    #[serde(rename = "NewImage", default)]
    pub new_image: serde_json::Map<String, serde_json::Value>,
    /// The item before the change; empty when it is new.
    #[serde(rename = "OldImage", default)]
    pub old_image: serde_json::Map<String, serde_json::Value>,
}

impl JobEvent for StreamRecords {
    fn time(&self) -> Timestamp {
        let seconds = |record: &StreamRecord| {
            let text = record.dynamodb.created_at.to_string();
            text.split('.').next().and_then(|whole| whole.parse().ok()).unwrap_or(0)
        };
        Timestamp::from_seconds(self.records.iter().map(seconds).max().unwrap_or(0))
    }
}
