//! A service of the tests' own: functions that are slow, break, reach for what is not theirs, and
//! note what is delivered to them.

use std::{
    collections::HashMap,
    sync::{LazyLock, Mutex, MutexGuard},
    time::Duration,
};

use domain::{ErrorCode, Timestamp, ids::UserId, timestamp::Seconds};
use local::cloud::Cloud;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use shared::{
    Failure, Fault, FaultKind,
    api::{
        Anyone, Context, Core, Empty, Endpoint, Job, JobContext, JobRoute, Method, Okay, Route, Service, Tools,
        Trigger,
        job::{BatchItemFailure, JobReport, StreamRecords, Tick, UploadedObjects},
    },
    config::Config,
    random,
    store::Kind,
};

#[derive(Debug)]
pub(crate) struct TrialTools {
    core: Core,
}

impl Tools for TrialTools {
    fn start(core: Core) -> Result<Self, Fault> {
        Ok(Self { core })
    }

    fn core(&self) -> &Core {
        &self.core
    }
}

pub(crate) const SERVICE: Service<TrialTools> = Service {
    name: "trial",
    endpoints: &[&GetNow, &GetSlow, &GetPatient, &GetPanic, &GetForbidden, &GetLarge],
    jobs: &[&Collect, &EachMinute, &Look],
};

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Said {
    pub(crate) text: String,
}

macro_rules! endpoint {
    ($name:ident, $id:literal, $path:literal, $time_out_s:literal, |$tools:ident, $context:ident| $body:expr) => {
        #[derive(Debug)]
        pub(crate) struct $name;

        impl Endpoint for $name {
            const ROUTE: Route = Route::new($id, Method::Get, $path).time_out_s($time_out_s);
            const ERRORS: &'static [ErrorCode] = &[];
            type Tools = TrialTools;
            type Caller = Anyone;
            type Request = Empty;
            type Reply = Okay<Said>;

            async fn handle(
                $tools: &TrialTools,
                _: Anyone,
                _: Empty,
                $context: &Context,
            ) -> Result<Okay<Said>, Failure> {
                Ok(Okay(Said { text: $body }))
            }
        }
    };
}

endpoint!(GetNow, "trial.get_now", "/trial/now", 10, |_tools, context| context.now.to_string());
endpoint!(GetSlow, "trial.get_slow", "/trial/slow", 1, |_tools, _context| {
    tokio::time::sleep(Duration::from_secs(60)).await;
    String::new()
});
endpoint!(GetPatient, "trial.get_patient", "/trial/patient", 29, |_tools, _context| {
    tokio::time::sleep(Duration::from_secs(60)).await;
    String::new()
});
endpoint!(GetPanic, "trial.get_panic", "/trial/panic", 10, |_tools, context| {
    assert!(context.request_id.is_empty(), "a handler that panics");
    String::new()
});
endpoint!(GetForbidden, "trial.get_forbidden", "/trial/forbidden", 10, |tools, context| {
    // Nothing of the table is declared.
    let id = UserId::new(context.now, random::entropy()?);
    format!("{:?}", tools.core.table.get_user(id).await?)
});
endpoint!(GetLarge, "trial.get_large", "/trial/large", 10, |_tools, _context| "x".repeat(7 * 1024 * 1024));

/// What a cloud's jobs were given and are to do.
#[derive(Debug, Default, Clone)]
pub(crate) struct Notes {
    /// The names of the items of each batch.
    pub(crate) batches: Vec<Vec<String>>,
    /// The moments of the schedule.
    pub(crate) ticks: Vec<Timestamp>,
    /// The keys of uploads.
    pub(crate) uploads: Vec<String>,
    /// The item that fails, and how often it still does.
    pub(crate) poison: Option<(String, u32)>,
    /// How often an upload still fails.
    pub(crate) failing_uploads: u32,
}

/// The notes by cloud. Its address is not enough: another cloud may get a port once this one is gone.
fn all() -> MutexGuard<'static, HashMap<String, Notes>> {
    static ALL: LazyLock<Mutex<HashMap<String, Notes>>> = LazyLock::new(Mutex::default);
    ALL.lock().unwrap()
}

/// What tells one cloud from another: its ports and its keys.
fn name_of(config: &Config) -> String {
    format!("{} {:?} {}", config.site_origin, config.aws.endpoint_url, config.access_token_keys)
}

fn name_of_cloud(cloud: &Cloud) -> String {
    name_of(&cloud.world().environment.config("trial"))
}

/// The notes of a cloud.
pub(crate) fn notes(cloud: &Cloud) -> Notes {
    all().entry(name_of_cloud(cloud)).or_default().clone()
}

/// Changes what the jobs of a cloud do.
pub(crate) fn change(cloud: &Cloud, change: impl FnOnce(&mut Notes)) {
    change(all().entry(name_of_cloud(cloud)).or_default());
}

fn note<T>(tools: &TrialTools, change: impl FnOnce(&mut Notes) -> T) -> T {
    change(all().entry(name_of(&tools.core.config)).or_default())
}

const fn route(id: &'static str, trigger: Trigger) -> JobRoute {
    JobRoute { id, summary: "", trigger, touches: &[], memory_mb: 128, time_out_s: 10 }
}

/// Notes new outbox events; the poison fails as often as it is told to.
#[derive(Debug)]
pub(crate) struct Collect;

impl Job for Collect {
    const ROUTE: JobRoute = route("trial.collect", Trigger::NewItems(Kind::OUTBOX_EVENT));
    type Tools = TrialTools;
    type Event = StreamRecords;

    async fn run(tools: &TrialTools, event: StreamRecords, _: &JobContext) -> Result<JobReport, Fault> {
        note(tools, |notes| {
            let name = |record: &shared::api::job::StreamRecord| {
                record.dynamodb.new_image["pk"]["S"].as_str().unwrap_or_default().to_owned()
            };
            let names: Vec<String> = event.records.iter().map(name).collect();
            let poisoned = notes.poison.as_mut().and_then(|(poison, times)| {
                let place = names.iter().position(|name| name == poison).filter(|_| *times > 0)?;
                *times = times.saturating_sub(1);
                Some(place)
            });
            notes.batches.push(names);
            let failures = poisoned.map(|place| BatchItemFailure {
                item_identifier: event.records[place].dynamodb.sequence_number.clone(),
            });
            Ok(JobReport { batch_item_failures: failures.into_iter().collect() })
        })
    }
}

/// Notes the moments for which it runs.
#[derive(Debug)]
pub(crate) struct EachMinute;

impl Job for EachMinute {
    const ROUTE: JobRoute = route("trial.each_minute", Trigger::EveryMinutes(1));
    type Tools = TrialTools;
    type Event = Tick;

    async fn run(tools: &TrialTools, event: Tick, context: &JobContext) -> Result<JobReport, Fault> {
        assert!(event.time <= context.now, "it runs when it is due or later");
        note(tools, |notes| notes.ticks.push(event.time));
        Ok(JobReport::default())
    }
}

/// Notes uploads; fails as often as it is told to.
#[derive(Debug)]
pub(crate) struct Look;

impl Job for Look {
    const ROUTE: JobRoute = route("trial.look", Trigger::Upload);
    type Tools = TrialTools;
    type Event = UploadedObjects;

    async fn run(tools: &TrialTools, event: UploadedObjects, _: &JobContext) -> Result<JobReport, Fault> {
        note(tools, |notes| {
            notes.uploads.extend(event.records.iter().map(|record| record.s3.object.key.clone()));
            if notes.failing_uploads > 0 {
                notes.failing_uploads = notes.failing_uploads.saturating_sub(1);
                return Err(Fault::new(FaultKind::Objects, "fail on purpose"));
            }
            Ok(JobReport::default())
        })
    }
}

/// So many seconds.
pub(crate) const fn seconds(seconds: u32) -> Seconds {
    Seconds(seconds)
}
