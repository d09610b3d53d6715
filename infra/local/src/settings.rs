//! What the local cloud is started with.

use std::path::{Path, PathBuf};

use domain::Timestamp;
use engines::Clock;

/// What the local cloud is started with.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The port for people; 0 is a free one.
    pub port: u16,
    /// The port for the AWS SDKs and for uploads; 0 is a free one.
    pub aws_port: u16,
    /// Where everything is kept; without it, in memory.
    pub data: Option<PathBuf>,
    /// The folder with the functions' binaries; without it the functions linked into this program
    /// are called.
    pub binaries: Option<PathBuf>,
    /// The built storefront.
    pub site: PathBuf,
    /// Whether items are deleted once their time to live is over. AWS takes days for it, so nothing
    /// may depend on it: leave it off to see that.
    pub sweep_ttl: bool,
    /// Whether the payment provider tells of its payments by webhooks. What is lost of them must be found
    /// by the schedule: leave it off to see that.
    pub webhooks: bool,
    /// Who answers for Google, in place of the simulator: the issuer of an OpenID provider.
    pub google_issuer: Option<String>,
    /// Whether each request and each failure is written to standard error.
    pub log: bool,
    /// The clock of the cloud; without it, the machine's with the offset that the data folder
    /// remembers.
    pub clock: Option<Clock>,
    /// What the gateway lets through.
    pub limits: Limits,
}

/// What the gateway lets through. The defaults are those of an AWS account (API Gateway quotas).
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Requests in a second, in the long run.
    pub requests_per_second: u32,
    /// Requests at once, before that.
    pub burst: u32,
    /// How long the gateway waits for a function, in milliseconds. 30,000 in AWS, and not raisable.
    pub integration_time_out_ms: u64,
    /// How many instances of one binary may run at the same time. 1,000 for a whole account in AWS;
    /// fewer here, since they all share one machine.
    pub instances_per_function: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { requests_per_second: 10_000, burst: 5_000, integration_time_out_ms: 30_000, instances_per_function: 8 }
    }
}

/// When the clock of a test stands: 2026-11-21T12:00:30Z.
const NOON: Timestamp = Timestamp::from_seconds(1_795_262_430);

impl Settings {
    /// Free ports, nothing kept, nothing written, nothing deleted for its age, and a clock that
    /// stands in the middle of a minute until it is moved, so that no schedule runs by itself: for
    /// tests.
    #[must_use]
    pub fn for_tests() -> Self {
        Self {
            port: 0,
            aws_port: 0,
            data: None,
            binaries: None,
            // Ours and small, so that no test in Rust waits for Node.
            site: repository().join("infra/local/tests/local_cloud/site"),
            sweep_ttl: false,
            webhooks: false,
            google_issuer: None,
            log: false,
            clock: Some(Clock::fixed(NOON)),
            limits: Limits::default(),
        }
    }
}

/// Where the storefront is built to, below [`repository`].
pub const BUILT_SITE: &str = "frontend/dist";

/// The checkout that this program was built from: the documents and the cloud's own pages are served
/// from there, so that a change is seen without building.
#[must_use]
pub fn repository() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).unwrap_or(here).to_owned()
}
