//! DynamoDB: the engine `dynoxide`, in memory or in one SQLite file.
//!
//! **How it is reached.** In process, by [`Database::answer`], which the front calls for requests that
//! were signed by us, and by the stream, the TTL sweep and the pages of the local cloud. It has no port
//! of its own: the engine's HTTP layer checks no signature and lets every origin read.
//!
//! **Durability.** The file is in SQLite's write-ahead mode with the default `synchronous = FULL`:
//! an acknowledged write is on the disk, and a killed process or a power cut loses none. Tokens of
//! idempotent transactions are forgotten at a restart (AWS keeps them for ten minutes).
//!
//! **Time.** In memory the engine runs on our clock. With a file it stamps stream records by the
//! machine's clock, which [`Database::read_stream`] corrects by the offset of ours; the TTL sweep
//! goes through a second connection that has our clock.
//!
//! **Housekeeping.** That connection also does what the engine does not: it keeps an index over the
//! stream's records and removes those that nobody needs any more; see `housekeeping.rs`.

mod faulty;
mod housekeeping;
mod ignored;
mod operations;
mod stale;
mod stream;
mod table;

use std::{
    collections::HashMap,
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock},
};

use dynoxide::{Database as Engine, storage_backend::Clock as EngineClock};
use http::StatusCode;
use serde_json::{Value, json};
use tokio::sync::{Semaphore, watch};

pub(crate) use self::faulty::{answer_of_fault, can_fail};
use self::housekeeping::Housekeeping;
use self::stale::Replica;
pub use self::{ignored::IgnoredCondition, stream::StreamRecord, table::TableSpec};
use crate::{Clock, EngineError, permissions::TableKeys};

/// The database engine. Clones share one database.
#[derive(Clone)]
pub struct Database {
    inner: Arc<Inner>,
}

struct Inner {
    engine: Engine,
    file: Option<PathBuf>,
    clock: Clock,
    /// One request at a time is with the engine, which serves one at a time anyway; the others wait
    /// here, in the order in which they came, and hold no thread.
    turn: Arc<Semaphore>,
    housekeeping: Arc<Housekeeping>,
    /// What each table was created with, as `CreateTable` input.
    tables: RwLock<HashMap<String, Value>>,
    keys: RwLock<HashMap<String, TableKeys>>,
    replicas: Mutex<HashMap<(String, String), Replica>>,
    written: watch::Sender<u64>,
    ignored: Mutex<Vec<IgnoredCondition>>,
}

impl std::fmt::Debug for Database {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Database").field("file", &self.inner.file).finish_non_exhaustive()
    }
}

/// Our clock, as the engine wants it.
struct OurClock(Clock);

impl EngineClock for OurClock {
    fn now_unix_secs(&self) -> u64 {
        u64::try_from(self.0.now().seconds()).unwrap_or(0)
    }

    fn now_unix_secs_f64(&self) -> f64 {
        std::time::Duration::from_millis(u64::try_from(self.0.now().millis()).unwrap_or(0)).as_secs_f64()
    }
}

impl Database {
    /// Opens the database in memory or in `file`.
    pub(crate) fn open(file: Option<PathBuf>, clock: Clock) -> Result<Self, EngineError> {
        let engine = match &file {
            None => Engine::memory_with_clock(Arc::new(OurClock(clock.clone()))),
            Some(file) => Engine::new(&file.to_string_lossy()),
        }
        .map_err(EngineError::database)?;
        let housekeeping = Housekeeping::open(file.as_deref(), &clock)?;
        let inner = Inner {
            engine,
            file,
            clock,
            turn: Arc::new(Semaphore::new(1)),
            housekeeping: Arc::new(housekeeping),
            tables: RwLock::default(),
            keys: RwLock::default(),
            replicas: Mutex::default(),
            written: watch::Sender::new(0),
            ignored: Mutex::default(),
        };
        let database = Self { inner: Arc::new(inner) };
        database.remember_existing_tables()?;
        Ok(database)
    }

    /// Answers a request as DynamoDB does: status and body. The engine works on a thread that may
    /// block, for it waits for the disk.
    pub(crate) async fn answer(&self, operation: &str, request: Value) -> (StatusCode, Value) {
        // Nobody closes it.
        let turn = Arc::clone(&self.inner.turn).acquire_owned().await;
        let (engine, housekeeping) = (self.inner.engine.clone(), Arc::clone(&self.inner.housekeeping));
        let operation = operation.to_owned();
        let work = tokio::task::spawn_blocking(move || {
            let answer = housekeeping.beside(|| operations::run(&engine, &operation, request));
            drop(turn);
            answer
        });
        work.await.unwrap_or_else(|panicked| {
            tracing::error!(%panicked, "the database engine has failed");
            let answer = json!({"__type": "com.amazonaws.dynamodb.v20120810#InternalServerError",
                "message": "The engine has failed."});
            (StatusCode::INTERNAL_SERVER_ERROR, answer)
        })
    }

    /// The engine itself, for what has no door of its own here: consistency checks and pages.
    #[must_use]
    pub fn engine(&self) -> &Engine {
        &self.inner.engine
    }

    /// From here on these conditions hold whatever they say, or none. Only for tests that show that
    /// a condition is needed.
    pub fn ignore_conditions(&self, ignored: Vec<IgnoredCondition>) {
        *self.inner.ignored.lock().unwrap_or_else(PoisonError::into_inner) = ignored;
    }

    pub(crate) fn ignored_conditions(&self) -> Vec<IgnoredCondition> {
        self.inner.ignored.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Counts successful writes; changes wake whoever delivers the stream.
    #[must_use]
    pub fn writes(&self) -> watch::Receiver<u64> {
        self.inner.written.subscribe()
    }

    /// Every item of a table, as DynamoDB JSON, in no particular order. For pages and for checking
    /// invariants; nothing deployed can do this.
    ///
    /// # Errors
    /// When there is no such table.
    pub fn items(&self, table: &str) -> Result<Vec<Value>, EngineError> {
        let mut items = Vec::new();
        let mut start = Value::Null;
        loop {
            let mut request = json!({"TableName": table});
            if let (Some(request), false) = (request.as_object_mut(), start.is_null()) {
                request.insert("ExclusiveStartKey".to_owned(), start);
            }
            let answer = self.inner.engine.scan(parse(request)?).map_err(EngineError::database)?;
            let mut answer = serde_json::to_value(&answer).map_err(EngineError::database)?;
            if let Some(Value::Array(page)) = answer.get_mut("Items").map(Value::take) {
                items.extend(page);
            }
            start = answer.get_mut("LastEvaluatedKey").map(Value::take).unwrap_or_default();
            if start.is_null() {
                return Ok(items);
            }
        }
    }

    /// Deletes what has expired by our clock, with the stream records that AWS writes for it
    /// (`userIdentity` of the service), and tells how many items that were. AWS does this within
    /// days; here nothing expires until this is called.
    ///
    /// # Errors
    /// When the file cannot be opened or written.
    pub fn sweep_ttl(&self) -> Result<usize, EngineError> {
        let swept = match self.inner.housekeeping.sweep_ttl() {
            None => self.inner.engine.sweep_ttl().map_err(EngineError::database)?,
            Some(swept) => swept?,
        };
        if swept > 0 {
            self.has_been_written();
        }
        Ok(swept)
    }

    /// The partition keys of the tables, for the permissions.
    pub(crate) fn keys(&self) -> std::sync::RwLockReadGuard<'_, HashMap<String, TableKeys>> {
        self.inner.keys.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn has_been_written(&self) {
        self.inner.written.send_modify(|count| *count = count.saturating_add(1));
    }

    fn replicas(&self) -> MutexGuard<'_, HashMap<(String, String), Replica>> {
        self.inner.replicas.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn machine_clock_stamps_the_stream(&self) -> bool {
        self.inner.file.is_some()
    }
}

/// Reads a request of the engine from the JSON that the wire has.
fn parse<T: serde::de::DeserializeOwned>(request: Value) -> Result<T, EngineError> {
    serde_json::from_value(request).map_err(|error| EngineError::Table(error.to_string()))
}
