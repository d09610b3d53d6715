//! What the simulator remembers over a restart: a file of lines, one per change, written before the
//! change is answered. A process that is killed loses no answered change; a line that was cut off
//! in the middle was not answered, and is dropped at the next start.

use std::{
    collections::BTreeMap,
    fs::{self, File, OpenOptions},
    io::{self, Write as _},
    path::Path,
};

use serde::{Deserialize, Serialize};

use super::{Reply, world::Payment};

/// One change.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Entry {
    /// The payments that changed, whole.
    pub(super) payments: Vec<Payment>,
    /// The answer that was given, under the scope of its idempotency key.
    pub(super) reply: Option<(String, Reply)>,
}

#[derive(Debug)]
pub(super) struct Journal {
    file: File,
}

impl Journal {
    /// Opens the journal of a folder and reads it. What was overwritten by later lines is dropped:
    /// the new file is written beside the old one and moved over it.
    pub(super) fn open(folder: &Path) -> io::Result<(Self, Vec<Entry>)> {
        fs::create_dir_all(folder)?;
        let path = folder.join("toss.jsonl");
        let entries = match fs::read_to_string(&path) {
            Ok(text) => latest(&text),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
            Err(error) => return Err(error),
        };
        let new = folder.join("toss.jsonl.new");
        let mut lines = String::new();
        for entry in &entries {
            lines.push_str(&line(entry)?);
        }
        fs::write(&new, lines)?;
        fs::rename(&new, &path)?;
        let file = OpenOptions::new().append(true).open(&path)?;
        Ok((Self { file }, entries))
    }

    /// Writes a change down, in one call of the operating system. An empty change is not written.
    pub(super) fn append(&mut self, entry: &Entry) -> io::Result<()> {
        if entry.payments.is_empty() && entry.reply.is_none() {
            return Ok(());
        }
        self.file.write_all(line(entry)?.as_bytes())
    }
}

fn line(entry: &Entry) -> io::Result<String> {
    let mut line = serde_json::to_string(entry).map_err(io::Error::other)?;
    line.push('\n');
    Ok(line)
}

/// The last word on every payment and every key.
fn latest(text: &str) -> Vec<Entry> {
    let mut payments = BTreeMap::new();
    let mut replies = BTreeMap::new();
    for entry in text.lines().filter_map(|line| serde_json::from_str::<Entry>(line).ok()) {
        payments.extend(entry.payments.into_iter().map(|payment| (payment.payment_key.clone(), payment)));
        replies.extend(entry.reply);
    }
    let payments = payments.into_values().map(|payment| Entry { payments: vec![payment], reply: None });
    payments.chain(replies.into_iter().map(|reply| Entry { payments: Vec::new(), reply: Some(reply) })).collect()
}
