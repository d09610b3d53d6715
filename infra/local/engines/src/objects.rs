//! S3: `s3s` with its file-system store on a folder, signatures checked, events and CORS added.
//!
//! **Durability.** Objects are ordinary files, moved into place when complete: a killed process
//! loses no acknowledged object. They are not synced, so a power cut may. An object, its attributes
//! and its ETag are three files; killed between them, an object that nobody was told of may be left
//! without a type.
//!
//! **Kinder than S3:** keys are limited by the file system (about 140 bytes with a short bucket
//! name); tagging, versions and bucket CORS are not there. **As strict as S3:** signatures and
//! their expiry against the machine's clock, signed headers, permissions, and 403 in place of 404
//! for a caller that may not list the bucket.

mod access;
mod cors;
mod events;
mod store;

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError, RwLock},
};

pub use events::ObjectCreated;
use s3s::service::{S3Service, S3ServiceBuilder};
use s3s_fs::FileSystem;
use tokio::sync::watch;

use self::{access::Access, store::Store};
use crate::{Clock, EngineError, FaultKind, Faults, Permissions, permissions::Demand, queue::EventQueue};

/// The object store. Clones share one store.
#[derive(Debug, Clone)]
pub struct Objects {
    service: S3Service,
    root: PathBuf,
    events: EventQueue<ObjectCreated>,
    origins: Arc<RwLock<Vec<String>>>,
}

/// What a request turned out to be, told by the layers below to the front.
#[derive(Debug, Clone, Default)]
pub(crate) struct Trace(Arc<Mutex<Traced>>);

#[derive(Debug, Clone, Default)]
pub(crate) struct Traced {
    pub(crate) operation: String,
    pub(crate) demands: Vec<Demand>,
    pub(crate) fault: Option<FaultKind>,
}

impl Trace {
    pub(crate) fn read(&self) -> Traced {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn write(&self, change: impl FnOnce(&mut Traced)) {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

impl Objects {
    pub(crate) fn open(
        root: PathBuf,
        events: Option<PathBuf>,
        buckets: &[String],
        clock: Clock,
        permissions: Permissions,
        faults: Faults,
    ) -> Result<Self, EngineError> {
        std::fs::create_dir_all(&root)?;
        for bucket in buckets {
            std::fs::create_dir_all(root.join(bucket))?;
        }
        let files = FileSystem::new(&root).map_err(|error| EngineError::Objects(format!("{error:?}")))?;
        let events = EventQueue::open(events)?;
        let store = Store::new(files, root.clone(), events.clone(), clock, permissions.clone());
        let mut builder = S3ServiceBuilder::new(store);
        builder.set_auth(access::Keys(permissions.clone()));
        builder.set_access(Access::new(permissions, faults));
        Ok(Self { service: builder.build(), root, events, origins: Arc::default() })
    }

    /// The events that have not been acknowledged, oldest first. With a data folder they survive a
    /// restart: an event is written before the upload is acknowledged.
    #[must_use]
    pub fn pending_events(&self) -> Vec<ObjectCreated> {
        self.events.pending()
    }

    /// The event has been delivered and acted upon: it will not be pending again.
    pub fn acknowledge(&self, event: &ObjectCreated) {
        self.events.acknowledge(event);
    }

    /// Counts events; changes wake whoever delivers them.
    #[must_use]
    pub fn events(&self) -> watch::Receiver<u64> {
        self.events.arrivals()
    }

    /// Lets scripts of this origin (`http://127.0.0.1:3000`) read answers and upload, as a bucket's
    /// CORS rule for `GET`, `HEAD` and `PUT` does.
    pub fn allow_origin(&self, origin: &str) {
        self.origins.write().unwrap_or_else(PoisonError::into_inner).push(origin.to_owned());
    }

    /// The folder that holds a folder for each bucket.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.root
    }

    pub(crate) fn service(&self) -> &S3Service {
        &self.service
    }

    fn allows_origin(&self, origin: &str) -> bool {
        self.origins.read().unwrap_or_else(PoisonError::into_inner).iter().any(|allowed| allowed == origin)
    }
}
