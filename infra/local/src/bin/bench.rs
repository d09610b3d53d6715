//! `bench`: measures the functions' binaries, or counts what functions take of the database. Called by
//! scripts/bench, which builds the binaries.

// The futures of the cloud are deep: servers in servers.
#![recursion_limit = "256"]

use std::{
    io::{self, Write as _},
    path::PathBuf,
    process::ExitCode,
};

use clap::Parser;
use local::{
    bench::{self, Options},
    settings::repository,
};

#[derive(Debug, Parser)]
#[command(name = "bench")]
struct Arguments {
    /// Count what functions take of the database, write it into infra/budgets.toml, and end.
    #[arg(long)]
    count: bool,
    /// The folder with the binaries.
    #[arg(long, default_value = ".")]
    binaries: PathBuf,
    /// The empty program.
    #[arg(long, default_value = ".")]
    empty: PathBuf,
    /// The folder with the zips.
    #[arg(long, default_value = ".")]
    zips: PathBuf,
    /// How often each function is started.
    #[arg(long, default_value_t = 15)]
    starts: usize,
    /// How many calls it answers after that.
    #[arg(long, default_value_t = 200)]
    warm: usize,
    /// Write the figures into infra/measured.toml.
    #[arg(long)]
    write: bool,
    /// Fail when a budget is missed.
    #[arg(long)]
    strict: bool,
    /// The day, the machine and the build, for that part.
    #[arg(long, default_value = "")]
    said: String,
    /// The functions.
    names: Vec<String>,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let strict = arguments.strict;
    let options = Options {
        binaries: arguments.binaries,
        empty: arguments.empty,
        zips: arguments.zips,
        only: arguments.names,
        starts: arguments.starts.max(1),
        warm: arguments.warm.max(1),
        budgets: repository().join("infra/budgets.toml"),
        measured: arguments.write.then(|| repository().join("infra/measured.toml")),
        said: arguments.said,
    };
    let measured =
        tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(Into::into).and_then(|runtime| {
            if arguments.count {
                let missed = runtime.block_on(bench::count(&options.budgets))?;
                return Ok((missed.iter().map(|line| format!("MISSED: {line}\n")).collect(), missed.is_empty()));
            }
            runtime.block_on(bench::run(&options))
        });
    match measured {
        Ok((text, is_kept)) => {
            // A closed pipe is no reason to fail.
            let _ = io::stdout().write_all(text.as_bytes());
            if (strict || arguments.count) && !is_kept { ExitCode::FAILURE } else { ExitCode::SUCCESS }
        }
        Err(error) => {
            let _ = writeln!(io::stderr(), "error: {error}");
            ExitCode::FAILURE
        }
    }
}
