//! The table's stream, delivered to one job as an event source mapping does.
//!
//! The mapping: a filter for new items of one kind, batches of at most ten, `ReportBatchItemFailures`,
//! the order of each item kept (there is one shard, read from the front), retries with growing
//! pauses, and after [`TRIES`] of them the batch is given up, as `MaximumRetryAttempts` does. How far
//! it has come is written down after each batch, so a restart goes on there: a record may come twice,
//! none is left out.
//!
//! Source: "Process Amazon DynamoDB records with Lambda", AWS Lambda Developer Guide.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::{Arc, PoisonError},
    time::{Duration, Instant},
};

use engines::{Engine, FaultKind, StreamRecord};
use serde_json::{Value, json};
use shared::store::Kind;
use tokio::sync::Mutex;

use super::{Caller, Progress};
use crate::hosts::Function;

/// The batch size of the mapping.
const BATCH: usize = 10;
/// How many records are looked through at a time.
const PAGE: usize = 500;
/// How often a batch is tried before it is given up.
const TRIES: u32 = 10;
/// The first pause; each is twice as long as the one before, up to the longest. Shorter than in AWS,
/// where nobody sits in front of it.
const FIRST_PAUSE: Duration = Duration::from_millis(20);
const LONGEST_PAUSE: Duration = Duration::from_millis(300);

/// One job and how far it has come.
#[derive(Debug)]
pub(super) struct StreamPump {
    table: &'static str,
    kind: Kind,
    function: Arc<Function>,
    file: Option<PathBuf>,
    state: Mutex<State>,
    /// As in the state, for those who do not wait for a delivery to end.
    had: std::sync::Mutex<Option<String>>,
    pause: std::sync::Mutex<Duration>,
}

#[derive(Debug, Default)]
struct State {
    after: Option<String>,
    failures: u32,
    not_before: Option<Instant>,
}

impl StreamPump {
    pub(super) fn new(table: &'static str, kind: Kind, function: Arc<Function>, folder: Option<&Path>) -> Self {
        let file = folder.map(|folder| folder.join(format!("{}.position", function.name)));
        let after = file.as_ref().and_then(|file| fs::read_to_string(file).ok()).filter(|after| !after.is_empty());
        let had = std::sync::Mutex::new(after.clone());
        let state = Mutex::new(State { after, ..State::default() });
        Self { table, kind, function, file, state, had, pause: std::sync::Mutex::default() }
    }

    /// How long to wait until the batch that failed may be tried again.
    pub(super) fn waits(&self) -> Duration {
        *self.pause.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The number of the last record that it has had.
    pub(super) fn had(&self) -> Option<String> {
        self.had.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Delivers the next batch.
    pub(super) async fn pump(&self, caller: &Caller) -> Progress {
        let mut state = self.state.lock().await;
        if let Some(moment) = state.not_before {
            let pause = moment.saturating_duration_since(Instant::now());
            if !pause.is_zero() {
                *self.pause.lock().unwrap_or_else(PoisonError::into_inner) = pause;
                return Progress::WaitsAMoment;
            }
        }
        let page = match caller.engines.database().read_stream(self.table, state.after.as_deref(), PAGE) {
            Ok(page) => page,
            Err(error) => {
                crate::ground::say(&format!("the stream for {} cannot be read: {error}", self.function.id));
                return Progress::Nothing;
            }
        };
        let Some(last) = page.last().map(|record| record.sequence.clone()) else { return Progress::Nothing };
        let batch: Vec<&StreamRecord> = page.iter().filter(|record| is_new(record, self.kind)).take(BATCH).collect();
        if batch.is_empty() {
            self.advance(&mut state, last);
            return Progress::Something;
        }
        // Up to the next record that the filter lets through, all others are done with as well.
        let end = if batch.len() < BATCH { last } else { batch.last().map(|r| r.sequence.clone()).unwrap_or(last) };
        match self.deliver(caller, &batch).await {
            None => self.advance(&mut state, end),
            Some(first) => self.failed(&mut state, &batch, first, end),
        }
        Progress::Something
    }

    /// Calls the job with a batch; the place of the first record that must come again, if any.
    async fn deliver(&self, caller: &Caller, batch: &[&StreamRecord]) -> Option<usize> {
        let records: Vec<&Value> = batch.iter().map(|record| &record.record).collect();
        let payload = json!({"Records": records});
        let time = batch.last().map(|record| record.at).unwrap_or(domain::Timestamp::MIN);
        let twice =
            caller.engines.faults().decide_where(Engine::Database, "stream", |kind| kind == FaultKind::Duplicate);
        if twice.is_some() {
            let _ = caller.call(&self.function, "STREAM", payload.clone(), time).await;
        }
        match caller.call(&self.function, "STREAM", payload, time).await.outcome {
            Ok(report) => first_failure(&report, batch),
            Err(_) => Some(0),
        }
    }

    /// Goes on to the first record that failed, and waits before it is tried again; gives up on it
    /// when it was tried often enough.
    fn failed(&self, state: &mut State, batch: &[&StreamRecord], first: usize, end: String) {
        if let Some(done) = first.checked_sub(1).and_then(|last| batch.get(last)) {
            self.advance(state, done.sequence.clone());
        }
        state.failures = state.failures.saturating_add(1);
        if state.failures >= TRIES {
            let message = format!("{} failed {TRIES} times: its batch is given up", self.function.id);
            crate::ground::say(&message);
            self.advance(state, end);
            return;
        }
        let pause = FIRST_PAUSE.saturating_mul(1_u32 << state.failures.saturating_sub(1).min(10)).min(LONGEST_PAUSE);
        state.not_before = Instant::now().checked_add(pause);
    }

    fn advance(&self, state: &mut State, to: String) {
        if let Some(file) = &self.file
            && let Err(error) = write(file, &to)
        {
            crate::ground::say(&format!("the place in the stream cannot be written: {error}"));
        }
        *self.had.lock().unwrap_or_else(PoisonError::into_inner) = Some(to.clone());
        *state = State { after: Some(to), ..State::default() };
    }
}

/// The filter of the mapping: `eventName` is `INSERT` and the new image is of the kind.
fn is_new(record: &StreamRecord, kind: Kind) -> bool {
    let text = |pointer: &str| record.record.pointer(pointer).and_then(Value::as_str);
    text("/eventName") == Some("INSERT") && text("/dynamodb/NewImage/kind/S") == Some(kind.as_str())
}

/// The first of the records that a report names. A name that is not of this batch fails all of it.
fn first_failure(report: &Value, batch: &[&StreamRecord]) -> Option<usize> {
    let failures = match report.get("batchItemFailures") {
        None | Some(Value::Null) => return None,
        Some(failures) => failures,
    };
    let Some(failures) = failures.as_array() else { return Some(0) };
    let place = |failure: &Value| {
        let name = failure.get("itemIdentifier").and_then(Value::as_str);
        batch.iter().position(|record| Some(record.sequence.as_str()) == name).unwrap_or(0)
    };
    failures.iter().map(place).min()
}

/// Written beside the file and moved over it, so that a kill leaves the old place or the new.
fn write(file: &Path, text: &str) -> io::Result<()> {
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder)?;
    }
    let new = file.with_extension("new");
    fs::write(&new, text)?;
    fs::rename(new, file)
}

#[cfg(test)]
mod tests {
    use domain::Timestamp;

    use super::*;

    fn record(sequence: &str, name: &str, kind: &str) -> StreamRecord {
        let record = json!({"eventName": name, "dynamodb": {"NewImage": {"kind": {"S": kind}}}});
        StreamRecord { sequence: sequence.to_owned(), at: Timestamp::MIN, record }
    }

    #[test]
    fn only_new_items_of_the_kind_pass_the_filter() {
        assert!(is_new(&record("1", "INSERT", "outbox_event"), Kind::OUTBOX_EVENT));
        assert!(!is_new(&record("1", "MODIFY", "outbox_event"), Kind::OUTBOX_EVENT));
        assert!(!is_new(&record("1", "INSERT", "order"), Kind::OUTBOX_EVENT));
    }

    #[test]
    fn a_report_is_read_as_lambda_reads_it() {
        let records = ["1", "2", "3"].map(|sequence| record(sequence, "INSERT", "order"));
        let batch: Vec<&StreamRecord> = records.iter().collect();
        let report = |names: &[&str]| {
            let failures: Vec<Value> = names.iter().map(|name| json!({"itemIdentifier": name})).collect();
            first_failure(&json!({"batchItemFailures": failures}), &batch)
        };
        assert_eq!(report(&[]), None);
        assert_eq!(first_failure(&Value::Null, &batch), None);
        assert_eq!(report(&["3", "2"]), Some(1));
        assert_eq!(report(&["nobody"]), Some(0));
        assert_eq!(report(&[""]), Some(0));
        assert_eq!(first_failure(&json!({"batchItemFailures": "x"}), &batch), Some(0));
    }
}
