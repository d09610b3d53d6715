//! The real engines of the local cloud in one process: database, object store, mail, secrets, the
//! payment simulator and the login simulators, reached by the real AWS SDKs over HTTP on one port.
//! That port answers to nobody who does not sign with the secret of the run ([`Permissions::secret`]),
//! and no port answers to a name that is not this machine's ([`loopback`]).
//!
//! What the engines are kinder about than AWS (no transaction conflicts, every read consistent, no
//! permissions) is made good here, switchable and seeded: see [`faults`] and [`permissions`].
//!
//! ```no_run
//! # async fn example() -> Result<(), engines::EngineError> {
//! let engines = engines::Engines::start(engines::EnginesConfig::in_memory()).await?;
//! println!("{}", engines.aws_url());
//! # Ok(()) }
//! ```

pub mod clock;
pub mod database;
mod error;
pub mod faults;
mod front;
pub mod login;
pub mod loopback;
pub mod mail;
pub mod meter;
pub mod objects;
pub mod permissions;
mod queue;
pub mod secrets;
pub mod toss;
mod web;

use std::{
    collections::BTreeMap,
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use ring::rand::{SecureRandom as _, SystemRandom};
use tokio::{net::TcpListener, sync::watch, task::JoinHandle};

pub use crate::{
    clock::Clock,
    database::{Database, StreamRecord, TableSpec},
    error::EngineError,
    faults::{Engine, FaultKind, FaultPlan, FaultRule, Faults},
    front::REQUEST_HEADER,
    mail::{MailEvent, MailEventKind, Mailbox, Message},
    meter::{Call, Meter, Totals, Units},
    objects::{ObjectCreated, Objects},
    permissions::{Demand, OPERATOR, Permissions, Statement},
    secrets::Secrets,
};

/// What the engines start with.
#[derive(Debug, Clone)]
pub struct EnginesConfig {
    /// Where everything is kept; without it, in memory and a temporary folder.
    pub data_dir: Option<PathBuf>,
    /// The AWS port on 127.0.0.1; without it, a free one.
    pub aws_port: Option<u16>,
    /// The clock of all engines.
    pub clock: Clock,
    /// What is made to go wrong.
    pub faults: Faults,
    /// Who may do what; more can be granted later.
    pub permissions: Permissions,
    /// Buckets to make.
    pub buckets: Vec<String>,
    /// The origin whose scripts may use the buckets, such as `http://127.0.0.1:3000`.
    pub cors_origin: Option<String>,
    /// Parameters to set, where the data folder does not have them yet.
    pub secrets: BTreeMap<String, String>,
}

impl EnginesConfig {
    /// Nothing kept, a free port, the machine's clock, no faults, only the operator.
    #[must_use]
    pub fn in_memory() -> Self {
        Self {
            data_dir: None,
            aws_port: None,
            clock: Clock::machine(),
            faults: Faults::none(),
            permissions: Permissions::operator_only(),
            buckets: Vec::new(),
            cors_origin: None,
            secrets: BTreeMap::new(),
        }
    }

    /// The same, kept in a folder.
    #[must_use]
    pub fn in_folder(folder: impl Into<PathBuf>) -> Self {
        Self { data_dir: Some(folder.into()), ..Self::in_memory() }
    }
}

/// The running engines. Dropping them closes the port at once.
#[derive(Debug)]
pub struct Engines {
    address: SocketAddr,
    database: Database,
    objects: Objects,
    mailbox: Mailbox,
    secrets: Secrets,
    meter: Meter,
    clock: Clock,
    faults: Faults,
    permissions: Permissions,
    stop: watch::Sender<bool>,
    front: JoinHandle<()>,
    /// Held for as long as the engines run: the folder is theirs alone.
    _lock: Option<fs::File>,
    _temporary: Option<tempfile::TempDir>,
}

impl Engines {
    /// Starts everything; the port answers when this returns.
    ///
    /// # Errors
    /// When the folder cannot be used or is in use by another local cloud, the port is taken, or a
    /// file in the folder does not hold what it should.
    pub async fn start(config: EnginesConfig) -> Result<Self, EngineError> {
        let lock = match config.data_dir.as_deref() {
            Some(folder) => Some(lock_folder(folder).await?),
            None => None,
        };
        let temporary = if config.data_dir.is_none() { Some(tempfile::tempdir()?) } else { None };
        let inside = |name: &str| config.data_dir.as_ref().map(|folder| folder.join(name));
        let objects_root = inside("objects")
            .or_else(|| temporary.as_ref().map(|folder| folder.path().join("objects")))
            .unwrap_or_default();
        let objects = Objects::open(
            objects_root,
            inside("object-events"),
            &config.buckets,
            config.clock.clone(),
            config.permissions.clone(),
            config.faults.clone(),
        )?;
        if let Some(origin) = &config.cors_origin {
            objects.allow_origin(origin);
        }
        let mailbox = Mailbox::open(inside("mail.jsonl"), inside("mail-events"))?;
        let secrets = Secrets::open(inside("secrets.json"), config.secrets)?;
        let listener = TcpListener::bind(("127.0.0.1", config.aws_port.unwrap_or(0))).await?;
        let address = listener.local_addr()?;
        let database = Database::open(inside("database.sqlite"), config.clock.clone())?;
        if let Some(file) = inside(SECRET_FILE) {
            write_secret(&file, config.permissions.secret())?;
        }
        let meter = Meter::default();
        let (stop, stopped) = watch::channel(false);
        let front = front::Front {
            database: database.clone(),
            objects: objects.clone(),
            mailbox: mailbox.clone(),
            secrets: secrets.clone(),
            permissions: config.permissions.clone(),
            faults: config.faults.clone(),
            clock: config.clock.clone(),
            meter: meter.clone(),
            port: address.port(),
        };
        let front = spawn(Arc::new(front).serve(listener, stopped));
        Ok(Self {
            address,
            database,
            objects,
            mailbox,
            secrets,
            meter,
            clock: config.clock,
            faults: config.faults,
            permissions: config.permissions,
            stop,
            front,
            _lock: lock,
            _temporary: temporary,
        })
    }

    /// The endpoint URL for the AWS SDKs, for all services; S3 path-style.
    #[must_use]
    pub fn aws_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// DynamoDB.
    #[must_use]
    pub fn database(&self) -> &Database {
        &self.database
    }

    /// S3.
    #[must_use]
    pub fn objects(&self) -> &Objects {
        &self.objects
    }

    /// Everything that SES was given.
    #[must_use]
    pub fn mailbox(&self) -> &Mailbox {
        &self.mailbox
    }

    /// The parameter store.
    #[must_use]
    pub fn secrets(&self) -> &Secrets {
        &self.secrets
    }

    /// What was called and consumed.
    #[must_use]
    pub fn meter(&self) -> &Meter {
        &self.meter
    }

    /// The clock.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// What is made to go wrong.
    #[must_use]
    pub fn faults(&self) -> &Faults {
        &self.faults
    }

    /// Who may do what.
    #[must_use]
    pub fn permissions(&self) -> &Permissions {
        &self.permissions
    }

    /// Stops taking connections, lets running requests finish, and closes everything.
    pub async fn shutdown(mut self) {
        let _ = self.stop.send(true);
        if let Err(error) = (&mut self.front).await {
            tracing::debug!(%error, "the front did not end by itself");
        }
    }
}

impl Drop for Engines {
    fn drop(&mut self) {
        self.front.abort();
    }
}

/// Makes the folder and takes it for this process; the system releases it with the process.
///
/// Half a second of patience: a run before this one may be ending, and whatever process it started a
/// moment ago holds its files until it has become another program.
async fn lock_folder(folder: &Path) -> Result<fs::File, EngineError> {
    private_folder(folder)?;
    let file = fs::OpenOptions::new().create(true).truncate(false).write(true).open(folder.join("lock"))?;
    for _ in 0..10 {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(fs::TryLockError::WouldBlock) => tokio::time::sleep(Duration::from_millis(50)).await,
            Err(fs::TryLockError::Error(error)) => return Err(error.into()),
        }
    }
    Err(EngineError::FolderInUse(folder.to_owned()))
}

/// Makes a folder that nobody but its owner can look into, or makes it so: it has keys and everything
/// that people type.
///
/// # Errors
/// When the folder cannot be made or is somebody else's.
pub fn private_folder(folder: &Path) -> std::io::Result<()> {
    fs::create_dir_all(folder)?;
    #[cfg(unix)]
    fs::set_permissions(folder, std::os::unix::fs::PermissionsExt::from_mode(0o700))?;
    Ok(())
}

/// The file in the data folder with the secret of the present run, for the owner's own programs, such as
/// the AWS command line.
pub const SECRET_FILE: &str = "aws-secret";

fn write_secret(file: &Path, secret: &str) -> std::io::Result<()> {
    let _ = fs::remove_file(file);
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    std::io::Write::write_all(&mut options.open(file)?, secret.as_bytes())
}

/// Runs a part of the local cloud beside the others.
fn spawn<F: Future<Output = ()> + Send + 'static>(work: F) -> JoinHandle<()> {
    #[expect(clippy::disallowed_methods, reason = "the local cloud is a server, not a function that is frozen")]
    tokio::spawn(work)
}

/// 32 hexadecimal digits that nothing else has.
fn random_id() -> String {
    let mut bytes = [0; 16];
    // Ids of messages and requests protect nothing: without randomness they repeat, no more.
    let _ = SystemRandom::new().fill(&mut bytes);
    format!("{:032x}", u128::from_be_bytes(bytes))
}
