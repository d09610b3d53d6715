//! `local`: the local cloud and the generator as a program. See `scripts/dev --help`.

// The futures of the cloud are deep: servers in servers.
#![recursion_limit = "256"]

use std::{
    io::{self, Write as _},
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::{Args, Parser, Subcommand};
use local::{
    cloud::Cloud,
    settings::{BUILT_SITE, Limits, Settings, repository},
};

#[derive(Debug, Parser)]
#[command(name = "local", about = "The local cloud of Jangteo.", disable_help_subcommand = true)]
struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Run the whole cloud on this machine until Ctrl-C.
    Dev(Dev),
}

#[derive(Debug, Args)]
struct Dev {
    /// The port for people: storefront, API and the cloud's own pages; 0 for a free one.
    #[arg(long, default_value_t = 3000)]
    port: u16,
    /// The port for the AWS SDKs and for uploads [default: the port after --port, or a free one].
    #[arg(long)]
    aws_port: Option<u16>,
    /// Where everything is kept [default: .local in the checkout].
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Delete what an earlier run has kept, and start empty.
    #[arg(long)]
    reset: bool,
    /// Fill the marketplace with two shops and six listings, if they are not there yet.
    #[arg(long)]
    demo: bool,
    /// Run the functions' binaries in DIR (DIR/auth-sign-in, or DIR/auth-sign-in/bootstrap) as
    /// Lambda does, in place of the functions linked into this program.
    #[arg(long, value_name = "DIR")]
    binaries: Option<PathBuf>,
    /// Never delete items whose time to live is over. AWS takes days for it, so nothing may depend
    /// on it.
    #[arg(long)]
    no_ttl: bool,
    /// Let the payment provider tell nothing by itself. Webhooks get lost, so nothing may depend on them.
    #[arg(long)]
    no_webhooks: bool,
    /// Let another OpenID provider answer for Google, in place of the simulator: its issuer. Its
    /// client has the id local-jangteo.apps.googleusercontent.com, and for its secret what the
    /// parameter /jangteo/local/google-client-secret holds.
    #[arg(long, value_name = "URL")]
    google_issuer: Option<String>,
}

fn main() -> ExitCode {
    let Verb::Dev(dev) = Arguments::parse().verb;
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return failure(&error),
    };
    match runtime.block_on(run(dev)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => failure(error.as_ref()),
    }
}

async fn run(dev: Dev) -> Result<(), Box<dyn std::error::Error>> {
    let data = dev.data.unwrap_or_else(|| repository().join(".local"));
    if dev.reset && data.exists() {
        reset(&data)?;
    }
    let settings = Settings {
        port: dev.port,
        aws_port: dev.aws_port.unwrap_or_else(|| if dev.port == 0 { 0 } else { dev.port.saturating_add(1) }),
        data: Some(data.clone()),
        binaries: dev.binaries,
        site: repository().join(BUILT_SITE),
        sweep_ttl: !dev.no_ttl,
        webhooks: !dev.no_webhooks,
        google_issuer: dev.google_issuer,
        log: true,
        clock: None,
        limits: Limits::default(),
    };
    let cloud = Cloud::start(settings).await?;
    let origin = cloud.origin();
    let mut out = io::stdout();
    writeln!(out, "Jangteo runs on this machine.\n")?;
    writeln!(out, "  storefront     {origin}/")?;
    writeln!(out, "  API            {origin}/api")?;
    writeln!(out, "  documents      {origin}/docs")?;
    writeln!(out, "  cloud          {origin}/_local/   (mailbox, requests, clock, faults, books)")?;
    writeln!(out, "  AWS endpoint   {}", cloud.engines().aws_url())?;
    writeln!(out, "  data           {}\n", data.display())?;
    if dev.demo {
        writeln!(out, "{}\n", local::demo::fill(&cloud).await?)?;
    }
    writeln!(out, "Ctrl-C stops it.")?;
    out.flush()?;
    until_told_to_stop().await?;
    // A terminal that is gone is no reason to stop badly.
    let _ = writeln!(out, "\nStopping.");
    cloud.shutdown().await;
    Ok(())
}

/// Deletes the data folder; refuses one that is in use, and a folder that is none of ours.
fn reset(data: &Path) -> io::Result<()> {
    let lock = data.join("lock");
    let refused = |reason: &str| Err(io::Error::other(format!("{} {reason}, so it is not deleted", data.display())));
    if !lock.exists() && std::fs::read_dir(data)?.next().is_some() {
        return refused("is not a data folder of the local cloud");
    }
    if lock.exists() && std::fs::File::open(&lock)?.try_lock().is_err() {
        return refused("is in use by another local cloud");
    }
    std::fs::remove_dir_all(data)
}

/// Ctrl-C, or the signal that ends a service.
async fn until_told_to_stop() -> io::Result<()> {
    let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
    tokio::select! {
        stopped = tokio::signal::ctrl_c() => stopped,
        _ = terminate.recv() => Ok(()),
    }
}

fn failure(error: &dyn std::error::Error) -> ExitCode {
    let _ = writeln!(io::stderr(), "error: {error}");
    ExitCode::FAILURE
}
