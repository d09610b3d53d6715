//! What was observed of each operation, for the check that holds declared to observed.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    io::Write as _,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use serde_json::{Value, json};
use shared::{api::handle::Answer, meter::Usage};

/// What was observed so far, as lines by operation.
#[derive(Debug, Default)]
pub(crate) struct Observed(Mutex<BTreeMap<String, BTreeSet<String>>>);

impl Observed {
    pub(crate) fn note(&self, operation: &str, answer: &Answer, usage: &Usage) {
        let mut lines = touched(usage);
        lines.push(json!({ "status": answer.response.status }));
        lines.extend(answer.code.map(|code| json!({ "code": code })));
        self.add(operation, lines);
    }

    pub(crate) fn note_job(&self, operation: &str, usage: &Usage) {
        self.add(operation, touched(usage));
    }

    fn add(&self, operation: &str, lines: Vec<Value>) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.entry(operation.to_owned()).or_default().extend(lines.iter().map(Value::to_string));
    }

    /// Adds what the files do not have yet. Two processes at once may both add a line: readers make
    /// a set of them anyway.
    pub(crate) fn write(&self) {
        let Some(folder) = folder() else { return };
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for (operation, lines) in all.iter() {
            if let Err(error) = append(&folder, operation, lines) {
                eprint_once(&error);
            }
        }
    }
}

fn touched(usage: &Usage) -> Vec<Value> {
    usage.touched.iter().map(|touch| json!({ "touched": format!("{touch:?}") })).collect()
}

fn append(folder: &Path, operation: &str, lines: &BTreeSet<String>) -> std::io::Result<()> {
    fs::create_dir_all(folder)?;
    let path = folder.join(format!("{operation}.jsonl"));
    let there = fs::read_to_string(&path).unwrap_or_default();
    let known: BTreeSet<&str> = there.lines().collect();
    let new: String =
        lines.iter().filter(|line| !known.contains(line.as_str())).map(|line| format!("{line}\n")).collect();
    if new.is_empty() {
        return Ok(());
    }
    fs::OpenOptions::new().create(true).append(true).open(path)?.write_all(new.as_bytes())
}

/// `target/observed`, found from the test's executable, which is below `target`.
fn folder() -> Option<PathBuf> {
    let executable = std::env::current_exe().ok()?;
    let target = executable.ancestors().find(|folder| folder.join("CACHEDIR.TAG").is_file())?;
    Some(target.join("observed"))
}

#[expect(clippy::print_stderr, reason = "a test has nowhere else to say it, and this must not fail the test")]
fn eprint_once(error: &std::io::Error) {
    eprintln!("target/observed cannot be written: {error}");
}
