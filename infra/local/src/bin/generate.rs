//! `generate`: writes everything that is derived from the endpoints. See `scripts/generate --help`.

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use local::generate::{self, GenerateError, Inventory};

/// Writes what is derived from the endpoints: template.yaml, the OpenAPI document, the pages in
/// docs/, the binaries and the sample events.
#[derive(Debug, Parser)]
#[command(name = "scripts/generate")]
struct Arguments {
    /// Changes nothing; fails and names the files that are not as they would be written.
    #[arg(long)]
    check: bool,
    /// Changes nothing; holds what the tests observed in target/observed to what is declared.
    #[arg(long)]
    observed: bool,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Prints the names of all functions, one a line.
    Functions,
    /// Prints a new key pair for access tokens as JSON: {"private_key": PEM, "public_keys": text}.
    AccessTokenKey,
}

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(code) => code,
        Err(error) => {
            say_wrong(&error.to_string());
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> Result<ExitCode, GenerateError> {
    let root = generate::repository();
    match arguments.command {
        Some(Command::Functions) => {
            for function in Inventory::of_all_services().functions() {
                say(&generate::name::Name::of(function.id()).map_or_else(String::new, |name| name.binary()));
            }
            Ok(ExitCode::SUCCESS)
        }
        Some(Command::AccessTokenKey) => {
            let (private_key, public_keys) =
                shared::tokens::access::generate_key().map_err(|fault| GenerateError::Definition(fault.chain()))?;
            let pair = serde_json::json!({ "private_key": private_key.expose(), "public_keys": public_keys });
            say(&pair.to_string());
            Ok(ExitCode::SUCCESS)
        }
        None if arguments.observed => {
            let folder = root.join("target/observed");
            let lines = generate::observed::differences(&folder, &Inventory::of_all_services())?;
            lines.iter().for_each(|line| say_wrong(line));
            say(&format!("{} differences between what is declared and what the tests observed", lines.len()));
            Ok(if lines.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
        }
        None if arguments.check => {
            let stale = generate::stale(root, &Inventory::of_all_services())?;
            stale.iter().for_each(|line| say_wrong(line));
            if stale.is_empty() {
                say("everything is fresh");
                return Ok(ExitCode::SUCCESS);
            }
            say_wrong("Run scripts/generate and commit what it writes.");
            Ok(ExitCode::FAILURE)
        }
        None => {
            let changed = generate::write(root, &Inventory::of_all_services())?;
            changed.iter().for_each(|line| say(line));
            say(&format!("{} files changed", changed.len()));
            Ok(ExitCode::SUCCESS)
        }
    }
}

#[expect(clippy::print_stdout, reason = "a program for people answers on its standard output")]
fn say(line: &str) {
    println!("{line}");
}

#[expect(clippy::print_stderr, reason = "a program for people complains on its standard error")]
fn say_wrong(line: &str) {
    eprintln!("{line}");
}
