//! The bench: what each function takes to start, to answer, to keep and to pay for, measured on the
//! binaries that are deployed (built for this machine) with the local cloud's engines behind them.
//! See `scripts/bench --help`.
//!
//! What it cannot measure: Lambda itself (its start of a machine, its share of a core at 128 MB),
//! arm64, and TLS to AWS: the engines are spoken to without it, and they are slower than the
//! services that they stand for. So what counts of the times is what is left without the engines'.

mod budgets;
mod cases;
mod count;
mod measure;
mod people;
mod purchase;
mod report;
mod runtime;
mod world;

use std::{
    io,
    path::{Path, PathBuf},
};

use engines::EngineError;
use serde_json::Value;

pub use self::count::count;
use self::{budgets::Budgets, runtime::RuntimeApi, world::World};
use crate::cloud::CloudError;

/// What is measured, and how long.
#[derive(Debug, Clone)]
pub struct Options {
    /// The folder with the binaries, one file for each function.
    pub binaries: PathBuf,
    /// The program that does nothing but ask for work.
    pub empty: PathBuf,
    /// The folder with the zips (`auth-sign-in.zip`).
    pub zips: PathBuf,
    /// The names of the functions to measure.
    pub only: Vec<String>,
    /// How often each is started.
    pub starts: usize,
    /// How many calls it answers after that.
    pub warm: usize,
    /// The file with the budgets.
    pub budgets: PathBuf,
    /// The file that the figures are written to, when they are.
    pub measured: Option<PathBuf>,
    /// What stands above the figures in the file: the day, the machine, the build.
    pub said: String,
}

/// Why nothing could be measured.
#[derive(Debug, thiserror::Error)]
pub enum BenchError {
    /// A program, a file or a port.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// The local cloud.
    #[error("{0}")]
    Cloud(#[from] CloudError),
    /// An engine.
    #[error("{0}")]
    Engine(#[from] EngineError),
    /// A program that broke, or did not answer as it should.
    #[error("{name}: {what}")]
    Program {
        /// The function.
        name: String,
        /// What it said.
        what: String,
    },
    /// What should lead to an event went wrong.
    #[error("the events could not be made: {0}")]
    World(String),
    /// The file with the budgets.
    #[error("the budgets cannot be read: {0}")]
    Budgets(String),
}

impl BenchError {
    fn failed(name: &str, what: &[u8]) -> Self {
        Self::Program { name: name.to_owned(), what: String::from_utf8_lossy(what).into_owned() }
    }
}

/// Measures, and gives the text to print and whether every budget was kept.
///
/// # Errors
/// When a program or the local cloud breaks, or a function answers what it should not.
pub async fn run(options: &Options) -> Result<(String, bool), BenchError> {
    let budgets = Budgets::read(&options.budgets)?;
    let mut world = World::start().await?;
    let mut api = RuntimeApi::start().await?;
    let functions: Vec<_> = world.functions().iter().filter(|f| options.only.contains(&f.name)).cloned().collect();
    let mut measured = Vec::new();
    for function in &functions {
        crate::ground::say(&format!("==> measuring {}", function.name));
        measured.push(measure::function(&mut api, &mut world, function, options).await?);
    }
    let purchase = purchase::purchase(&mut world, &measured).await?;
    world.stop().await;
    let missed = budgets.missed(&measured, &purchase);
    let text = report::report(&measured, &purchase, &missed);
    if let Some(path) = &options.measured {
        budgets::write(path, &options.said, &measured, &purchase)?;
    }
    Ok((text, missed.is_empty()))
}

/// The body of an answer to the gateway, which must be a good one.
fn body_of(name: &str, answer: &Value) -> Result<String, BenchError> {
    let body = answer.get("body").and_then(Value::as_str).unwrap_or_default();
    let location = answer.pointer("/headers/location").and_then(Value::as_str).unwrap_or_default();
    match answer.get("statusCode").and_then(Value::as_u64) {
        Some(200..300) => Ok(body.to_owned()),
        // Sent on, and not to a page that tells of an error.
        Some(303) if !location.contains("error=") => Ok(body.to_owned()),
        _ => Err(BenchError::failed(name, answer.to_string().as_bytes())),
    }
}

/// The size of a file in bytes; 0 when there is none.
fn size(path: &Path) -> u64 {
    std::fs::metadata(path).map_or(0, |file| file.len())
}
