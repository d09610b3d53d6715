//! Functions as processes: the real binaries, started when they are first called and kept, with the
//! environment and the time-out of the template. A process that dies is started again by the next
//! call. What Lambda does and this does not: it freezes a process between calls, and it enforces
//! the memory.

use std::{
    collections::HashMap,
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
    time::Instant,
};

use engines::Clock;
use serde_json::Value;
use shared::meter::Usage;
use tokio::sync::Semaphore;

use super::{Environment, Function, Invocation, InvokeError, PAYLOAD_AT_MOST, instance::Instance};

/// The instances of one function.
#[derive(Debug)]
struct Pool {
    idle: Mutex<Vec<Instance>>,
    permits: Semaphore,
}

/// Every function as a process.
#[derive(Debug)]
pub struct Processes {
    folder: PathBuf,
    environment: Arc<Environment>,
    clock: Clock,
    instances_per_function: usize,
    log: bool,
    pools: Mutex<HashMap<&'static str, Arc<Pool>>>,
}

impl Processes {
    pub(super) fn new(
        folder: PathBuf,
        environment: Arc<Environment>,
        clock: Clock,
        instances_per_function: usize,
        log: bool,
    ) -> Self {
        Self { folder, environment, clock, instances_per_function, log, pools: Mutex::default() }
    }

    pub(super) async fn invoke(&self, function: &Function, payload: Value, request_id: &str) -> Invocation {
        let started = Instant::now();
        let payload = payload.to_string();
        let (outcome, (usage, code, fault)) = if payload.len() > PAYLOAD_AT_MOST {
            (Err(InvokeError::TooLarge(payload.len())), (Usage::default(), None, None))
        } else {
            self.run(function, payload, request_id).await
        };
        Invocation { outcome, usage, code, fault, duration: started.elapsed() }
    }

    async fn run(
        &self,
        function: &Function,
        payload: String,
        request_id: &str,
    ) -> (Result<Value, InvokeError>, (Usage, Option<String>, Option<String>)) {
        let nothing = (Usage::default(), None, None);
        let pool = self.pool(function.id);
        // Lambda refuses what is beyond its limit; on one machine it is kinder to wait.
        let Ok(_permit) = pool.permits.acquire().await else {
            return (Err(InvokeError::Crashed("the local cloud stops".to_owned())), nothing);
        };
        let mut instance = match self.instance(&pool, function).await {
            Ok(instance) => instance,
            Err(error) => return (Err(error), nothing),
        };
        let answered = instance.answer(function, payload, request_id, self.clock.now()).await;
        if answered.is_alive {
            pool.idle.lock().unwrap_or_else(PoisonError::into_inner).push(instance);
        }
        (answered.outcome, answered.line.into_parts())
    }

    /// An idle instance that is alive, or a new one.
    async fn instance(&self, pool: &Pool, function: &Function) -> Result<Instance, InvokeError> {
        loop {
            let idle = pool.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
            match idle {
                Some(mut instance) => {
                    if instance.is_alive() {
                        return Ok(instance);
                    }
                }
                None => break,
            }
        }
        let binary = self.binary(&function.name);
        Instance::start(&binary, function, &self.environment, self.log)
            .await
            .map_err(|error| InvokeError::Crashed(format!("{} did not start: {error}", binary.display())))
    }

    /// `DIR/auth-sign-in`, or `DIR/auth-sign-in/bootstrap` as cargo-lambda leaves it.
    fn binary(&self, name: &str) -> PathBuf {
        let path = self.folder.join(name);
        if path.is_dir() { path.join("bootstrap") } else { path }
    }

    fn pool(&self, id: &'static str) -> Arc<Pool> {
        let mut pools = self.pools.lock().unwrap_or_else(PoisonError::into_inner);
        let new = || Arc::new(Pool { idle: Mutex::default(), permits: Semaphore::new(self.instances_per_function) });
        Arc::clone(pools.entry(id).or_insert_with(new))
    }

    pub(super) async fn stop(&self) {
        let pools: Vec<Arc<Pool>> =
            self.pools.lock().unwrap_or_else(PoisonError::into_inner).drain().map(|(_, pool)| pool).collect();
        for pool in pools {
            pool.permits.close();
            let idle = std::mem::take(&mut *pool.idle.lock().unwrap_or_else(PoisonError::into_inner));
            for mut instance in idle {
                instance.kill().await;
            }
        }
    }
}
