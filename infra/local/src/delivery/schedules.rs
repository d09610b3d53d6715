//! Schedules on the clock of the local cloud, and the sweep of what has expired.
//!
//! A job that runs every so many minutes is due at the full multiples of them. When the clock has
//! moved over several such moments, it runs once, for the latest of them. When it ran last is kept
//! in the data folder: what became due while the cloud was off runs at the start.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    sync::{Arc, PoisonError},
};

use domain::Timestamp;
use serde_json::{Value, json};
use tokio::sync::Mutex;

use super::{Caller, Progress};
use crate::hosts::Function;

/// Expired items are swept once a minute.
const SWEEP: &str = "sweep of expired items";

/// Everything that is due by the clock.
#[derive(Debug)]
pub(super) struct Schedules {
    jobs: Vec<Job>,
    file: Option<PathBuf>,
    /// For which moment each ran last, by name.
    last: std::sync::Mutex<BTreeMap<String, Timestamp>>,
    running: Mutex<()>,
}

#[derive(Debug)]
struct Job {
    what: What,
    minutes: u32,
}

#[derive(Debug)]
enum What {
    Function(Arc<Function>),
    Sweep,
}

impl Job {
    fn name(&self) -> &'static str {
        match &self.what {
            What::Function(function) => function.id,
            What::Sweep => SWEEP,
        }
    }

    /// The latest moment at or before `now` at which it is due.
    fn latest_due(&self, now: Timestamp) -> Timestamp {
        let step = i64::from(self.minutes.max(1)).saturating_mul(60_000);
        Timestamp::from_millis(now.millis().div_euclid(step).saturating_mul(step))
    }
}

impl Schedules {
    pub(super) fn new(
        functions: Vec<(Arc<Function>, u32)>,
        folder: Option<&Path>,
        now: Timestamp,
        sweep_ttl: bool,
    ) -> Self {
        let mut jobs: Vec<Job> =
            functions.into_iter().map(|(function, minutes)| Job { what: What::Function(function), minutes }).collect();
        if sweep_ttl {
            jobs.push(Job { what: What::Sweep, minutes: 1 });
        }
        let file = folder.map(|folder| folder.join("schedules.json"));
        // A file that cannot be read is as none: schedules start from now.
        let mut last: BTreeMap<String, Timestamp> = file
            .as_ref()
            .and_then(|file| fs::read(file).ok())
            .and_then(|text| serde_json::from_slice(&text).ok())
            .unwrap_or_default();
        for job in &jobs {
            last.entry(job.name().to_owned()).or_insert_with(|| job.latest_due(now));
        }
        Self { jobs, file, last: std::sync::Mutex::new(last), running: Mutex::default() }
    }

    /// Runs what has become due.
    pub(super) async fn pump(&self, caller: &Caller) -> Progress {
        let _alone = self.running.lock().await;
        let now = caller.engines.clock().now();
        let mut progress = Progress::Nothing;
        for job in &self.jobs {
            let due = job.latest_due(now);
            if self.last_of(job).is_some_and(|last| last >= due) {
                continue;
            }
            self.run(job, caller, due).await;
            // The sweep is housekeeping: nothing else has to be delivered because of it that a
            // stream would not announce by itself.
            if matches!(job.what, What::Function(_)) {
                progress = Progress::Something;
            }
        }
        progress
    }

    /// Runs every job for the moment now.
    pub(super) async fn run_all(&self, caller: &Caller) {
        let _alone = self.running.lock().await;
        let now = caller.engines.clock().now();
        for job in &self.jobs {
            self.run(job, caller, now).await;
        }
    }

    /// Each scheduled job and when it is due next.
    pub(super) fn due(&self) -> Vec<(&'static str, Timestamp)> {
        let next = |job: &Job| {
            let minutes = domain::timestamp::Seconds::minutes(job.minutes.max(1));
            let last = self.last_of(job).unwrap_or(Timestamp::MIN);
            (job.name(), job.latest_due(last).plus(minutes))
        };
        self.jobs.iter().map(next).collect()
    }

    async fn run(&self, job: &Job, caller: &Caller, time: Timestamp) {
        match &job.what {
            What::Function(function) => {
                // A schedule calls asynchronously, but what failed is due again soon enough.
                let _ = caller.call(function, "SCHEDULE", event(time), time).await;
            }
            What::Sweep => {
                if let Err(error) = caller.engines.database().sweep_ttl() {
                    crate::ground::say(&format!("expired items cannot be swept: {error}"));
                }
            }
        }
        self.has_run(job, time);
    }

    fn last_of(&self, job: &Job) -> Option<Timestamp> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner).get(job.name()).copied()
    }

    fn has_run(&self, job: &Job, time: Timestamp) {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        last.insert(job.name().to_owned(), time);
        if let Some(file) = &self.file
            && let Err(error) = save(file, &last)
        {
            crate::ground::say(&format!("the schedules cannot be written: {error}"));
        }
    }
}

fn save(file: &Path, last: &BTreeMap<String, Timestamp>) -> std::io::Result<()> {
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder)?;
    }
    let new = file.with_extension("new");
    fs::write(&new, serde_json::to_vec(last)?)?;
    fs::rename(new, file)
}

/// The event as the template asks EventBridge Scheduler to write it: the moment that it stands for,
/// in whole seconds.
fn event(time: Timestamp) -> Value {
    let text = time.to_string();
    json!({"time": format!("{}Z", text.split('.').next().unwrap_or_default())})
}
