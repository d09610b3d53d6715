//! The functions, and the two ways in which they are run: linked into this program, or as the real
//! binaries behind the Lambda Runtime API.

mod instance;
mod linked;
mod process;
mod runtime_api;

use std::{path::PathBuf, sync::Arc, time::Duration};

use engines::Clock;
use serde_json::Value;
use shared::{
    Fault,
    api::{
        Touch, Trigger,
        host::{AnyService, EndpointFace},
    },
    meter::Usage,
};

pub use self::{linked::Linked, process::Processes};
use crate::{
    environment::Environment,
    generate::{self, JobFace},
};

/// What is known of a function before it runs.
#[derive(Debug, Clone)]
pub struct Function {
    /// `auth.sign_in`.
    pub id: &'static str,
    /// `auth-sign-in`: the binary, the function and its access key.
    pub name: String,
    /// What calls it.
    pub called_by: CalledBy,
    /// What it may touch.
    pub touches: Vec<Touch>,
    /// Memory in MB. Told to the function and billed, not enforced.
    pub memory_mb: u32,
    /// When it is ended, in seconds.
    pub time_out_s: u32,
    /// The variables that the template gives it.
    pub variables: Vec<&'static str>,
}

/// What calls a function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CalledBy {
    /// The gateway, for this method and path.
    Route {
        /// The method.
        method: &'static str,
        /// The path, with `{name}` for parameters.
        path: &'static str,
    },
    /// A trigger.
    Trigger(Trigger),
}

impl Function {
    fn of_endpoint(face: &EndpointFace) -> Self {
        let route = &face.route;
        Self {
            id: route.id,
            name: name_of(route.id),
            called_by: CalledBy::Route { method: route.method.as_str(), path: route.path },
            touches: route.all_touches(),
            memory_mb: route.memory_mb,
            time_out_s: route.time_out_s,
            variables: names(&generate::Function::Endpoint(face)),
        }
    }

    fn of_job(job: &JobFace) -> Self {
        let route = &job.route;
        Self {
            id: route.id,
            name: name_of(route.id),
            called_by: CalledBy::Trigger(route.trigger),
            touches: route.touches.to_vec(),
            memory_mb: route.memory_mb,
            time_out_s: route.time_out_s,
            variables: names(&generate::Function::Job(job)),
        }
    }
}

/// Every function of these services.
#[must_use]
pub fn functions(services: &[&'static dyn AnyService]) -> Vec<Function> {
    let mut functions = Vec::new();
    for service in services {
        functions.extend(service.endpoints().iter().chain(&service.default_route()).map(Function::of_endpoint));
        let jobs = service.jobs().into_iter().map(|route| JobFace { service: service.name(), route });
        functions.extend(jobs.map(|job| Function::of_job(&job)));
    }
    functions
}

/// The variables that the template gives to every function, and those that it gives to this one.
fn names(function: &generate::Function<'_>) -> Vec<&'static str> {
    let of_all = ["TABLE_NAME", "SITE_ORIGIN", "SECRETS_PREFIX", "ACCESS_TOKEN_KEYS"];
    let of_this = generate::environment::variables(function).into_iter().map(|(name, _)| name);
    of_all.into_iter().chain(of_this).collect()
}

fn name_of(id: &str) -> String {
    id.replace(['.', '_'], "-")
}

/// Why a function gave no answer. What the caller makes of it is the caller's business.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvokeError {
    /// It ran longer than it may, and was ended.
    #[error("the function ran for {0} s and was ended")]
    TimedOut(u32),
    /// It said that it failed.
    #[error("{0}")]
    Failed(String),
    /// It could not be started, or ended without an answer.
    #[error("{0}")]
    Crashed(String),
    /// What it was given, or what it answered, is larger than Lambda takes.
    #[error("a payload of {0} bytes is more than the 6 MB that Lambda takes")]
    TooLarge(usize),
}

/// What one call of a function came to.
#[derive(Debug, Clone)]
pub struct Invocation {
    /// Its answer.
    pub outcome: Result<Value, InvokeError>,
    /// What it did to the database. Nothing of it is known of a function that was ended.
    pub usage: Usage,
    /// The error code that it answered with.
    pub code: Option<String>,
    /// What broke inside.
    pub fault: Option<String>,
    /// How long it ran.
    pub duration: Duration,
}

/// The largest payload of a synchronous call, each way (Lambda quotas: 6 MB).
pub const PAYLOAD_AT_MOST: usize = 6 * 1024 * 1024;

/// The host of all functions.
#[derive(Debug)]
pub enum Host {
    /// The functions are linked into this program.
    Linked(Linked),
    /// The functions are processes of their own.
    Processes(Processes),
}

impl Host {
    pub(crate) fn new(
        services: Vec<&'static dyn AnyService>,
        environment: Arc<Environment>,
        clock: Clock,
        binaries: Option<PathBuf>,
        instances_per_function: usize,
        log: bool,
    ) -> Self {
        match binaries {
            None => Self::Linked(Linked::new(services, environment, clock)),
            Some(folder) => Self::Processes(Processes::new(folder, environment, clock, instances_per_function, log)),
        }
    }

    /// Calls a function and waits for its answer, for as long as the function may run.
    pub async fn invoke(&self, function: &Function, payload: Value, request_id: &str) -> Invocation {
        match self {
            Self::Linked(linked) => linked.invoke(function, payload, request_id).await,
            Self::Processes(processes) => processes.invoke(function, payload, request_id).await,
        }
    }

    /// Ends every process that was started.
    pub async fn stop(&self) {
        match self {
            Self::Linked(_) => {}
            Self::Processes(processes) => processes.stop().await,
        }
    }
}

/// A fault as a function reports it.
fn failed(fault: &Fault) -> InvokeError {
    InvokeError::Failed(fault.chain())
}
