//! Functions that are linked into this program: each with its own tools, made when it is first
//! called, and called through the very adapter that Lambda uses.

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use engines::Clock;
use serde_json::Value;
use shared::{
    Fault, FaultKind,
    api::{
        Core,
        host::{AnyService, HostedEndpoint, HostedJob},
        job, lambda,
    },
    meter::Usage,
};
use tokio::sync::OnceCell;

use super::{CalledBy, Environment, Function, Invocation, InvokeError, PAYLOAD_AT_MOST, failed};
use crate::ground::spawn;

/// A function with its tools.
#[derive(Clone)]
enum Ready {
    Endpoint(Arc<dyn HostedEndpoint>),
    Job(Arc<dyn HostedJob>),
}

type Cell = Arc<OnceCell<Ready>>;

/// The functions that are linked into this program.
pub struct Linked {
    services: Vec<&'static dyn AnyService>,
    environment: Arc<Environment>,
    clock: Clock,
    ready: Mutex<HashMap<&'static str, Cell>>,
}

impl fmt::Debug for Linked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Linked").field("services", &self.services.len()).finish_non_exhaustive()
    }
}

/// What was seen while a function ran.
#[derive(Debug, Default)]
struct Seen {
    usage: Usage,
    code: Option<String>,
    fault: Option<String>,
}

impl Linked {
    pub(super) fn new(services: Vec<&'static dyn AnyService>, environment: Arc<Environment>, clock: Clock) -> Self {
        Self { services, environment, clock, ready: Mutex::default() }
    }

    /// Runs the function beside the caller, so that it goes on when the caller has gone away, as a
    /// function in AWS does; and ends it when its time is over.
    pub(super) async fn invoke(&self, function: &Function, payload: Value, request_id: &str) -> Invocation {
        let started = Instant::now();
        let seen = Arc::new(Mutex::new(Seen::default()));
        let outcome = match self.ready(function).await {
            Err(fault) => Err(InvokeError::Crashed(fault.chain())),
            Ok(ready) => {
                let invocation = job::Invocation { request_id: request_id.to_owned(), at: self.clock.now() };
                let mut running = spawn(run(ready, payload, invocation, Arc::clone(&seen)));
                match tokio::time::timeout(Duration::from_secs(u64::from(function.time_out_s)), &mut running).await {
                    Ok(Ok(outcome)) => outcome,
                    Ok(Err(panicked)) => Err(InvokeError::Failed(panicked.to_string())),
                    Err(_) => {
                        running.abort();
                        Err(InvokeError::TimedOut(function.time_out_s))
                    }
                }
            }
        };
        let seen = std::mem::take(&mut *seen.lock().unwrap_or_else(PoisonError::into_inner));
        Invocation { outcome, usage: seen.usage, code: seen.code, fault: seen.fault, duration: started.elapsed() }
    }

    async fn ready(&self, function: &Function) -> Result<Ready, Fault> {
        let cell = {
            let mut ready = self.ready.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(ready.entry(function.id).or_default())
        };
        cell.get_or_try_init(|| async { self.start(function) }).await.cloned()
    }

    fn start(&self, function: &Function) -> Result<Ready, Fault> {
        let core = Core::start(self.environment.config(&function.name), &function.touches, function.time_out_s)?;
        for service in &self.services {
            let found = match function.called_by {
                CalledBy::Route { .. } => service.host_endpoint(function.id, core.clone())?.map(Ready::Endpoint),
                CalledBy::Trigger(_) => service.host_job(function.id, core.clone())?.map(Ready::Job),
            };
            if let Some(ready) = found {
                return Ok(ready);
            }
        }
        Err(Fault::new(FaultKind::Configuration, "no service has this function").with_source(function.id))
    }
}

async fn run(
    ready: Ready,
    payload: Value,
    invocation: job::Invocation,
    seen: Arc<Mutex<Seen>>,
) -> Result<Value, InvokeError> {
    match ready {
        Ready::Endpoint(endpoint) => {
            let answered = lambda::adapt(payload, move |request| {
                let (endpoint, seen) = (Arc::clone(&endpoint), Arc::clone(&seen));
                async move {
                    let (answer, usage) = endpoint.answer(request).await;
                    let code = answer.code.map(str::to_owned);
                    *seen.lock().unwrap_or_else(PoisonError::into_inner) = Seen { usage, code, fault: answer.fault };
                    answer.response
                }
            });
            let answer = answered.await.map_err(|fault| failed(&fault))?;
            match answer.get("body").and_then(Value::as_str).map(str::len) {
                Some(size) if size > PAYLOAD_AT_MOST => Err(InvokeError::TooLarge(size)),
                _ => Ok(answer),
            }
        }
        Ready::Job(job) => {
            let (outcome, usage) = job.run(payload, invocation).await;
            seen.lock().unwrap_or_else(PoisonError::into_inner).usage = usage;
            let report = outcome.map_err(|fault| failed(&fault))?;
            serde_json::to_value(report).map_err(|error| InvokeError::Failed(error.to_string()))
        }
    }
}
