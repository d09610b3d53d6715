//! `ObjectCreated` events: kept until they are acknowledged, so that a kill loses none.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    fs, io,
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use domain::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::sync::watch;

use crate::{EngineError, clock::machine_now};

/// An object is complete.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObjectCreated {
    /// `ObjectCreated:Put`, `:Copy` or `:CompleteMultipartUpload`.
    pub name: String,
    /// The bucket.
    pub bucket: String,
    /// The key, not encoded.
    pub key: String,
    /// Bytes.
    pub size: u64,
    /// Without quotes.
    pub etag: String,
    /// 16 hexadecimal digits; of two events the later has the greater.
    pub sequencer: String,
    /// When, on the clock of the local cloud.
    pub time: Timestamp,
}

impl ObjectCreated {
    /// The event as it stands in the `Records` of a Lambda event (version 2.1; the key encoded as
    /// in a form, as S3 does).
    #[must_use]
    pub fn record(&self) -> Value {
        json!({
            "eventVersion": "2.1",
            "eventSource": "aws:s3",
            "awsRegion": "ap-northeast-2",
            "eventTime": self.time,
            "eventName": self.name,
            "userIdentity": {"principalId": "local"},
            "requestParameters": {"sourceIPAddress": "127.0.0.1"},
            "responseElements": {"x-amz-request-id": self.sequencer},
            "s3": {
                "s3SchemaVersion": "1.0",
                "configurationId": "local",
                "bucket": {
                    "name": self.bucket,
                    "ownerIdentity": {"principalId": "local"},
                    "arn": format!("arn:aws:s3:::{}", self.bucket),
                },
                "object": {
                    "key": encoded(&self.key),
                    "size": self.size,
                    "eTag": self.etag,
                    "sequencer": self.sequencer,
                },
            },
        })
    }
}

/// The events that wait, shared by the clones; each in a file of its own when there is a folder.
#[derive(Debug, Clone)]
pub(super) struct EventQueue {
    state: Arc<Mutex<State>>,
    arrivals: watch::Sender<u64>,
}

#[derive(Debug)]
struct State {
    waiting: BTreeMap<String, ObjectCreated>,
    last: u64,
    folder: Option<PathBuf>,
}

impl EventQueue {
    pub(super) fn open(folder: Option<PathBuf>) -> Result<Self, EngineError> {
        let mut waiting = BTreeMap::new();
        if let Some(folder) = &folder {
            fs::create_dir_all(folder)?;
            for entry in fs::read_dir(folder)? {
                let path = entry?.path();
                if path.extension().is_none_or(|extension| extension != "json") {
                    continue;
                }
                let event: ObjectCreated = serde_json::from_slice(&fs::read(&path)?).map_err(|error| {
                    EngineError::File { file: path.display().to_string(), reason: error.to_string() }
                })?;
                waiting.insert(event.sequencer.clone(), event);
            }
        }
        let arrivals = watch::Sender::new(u64::try_from(waiting.len()).unwrap_or(u64::MAX));
        // A quick restart may come within the millisecond of the last event: never below it.
        let last = waiting.keys().next_back().and_then(|last| u64::from_str_radix(last, 16).ok()).unwrap_or(0);
        Ok(Self { state: Arc::new(Mutex::new(State { waiting, last, folder })), arrivals })
    }

    pub(super) fn pending(&self) -> Vec<ObjectCreated> {
        self.lock().waiting.values().cloned().collect()
    }

    pub(super) fn arrivals(&self) -> watch::Receiver<u64> {
        self.arrivals.subscribe()
    }

    /// Gives the event its place and keeps it.
    pub(super) fn push(&self, mut event: ObjectCreated) -> io::Result<()> {
        let mut state = self.lock();
        // Microseconds of the machine's clock, so that a restart goes on above the last run.
        let floor = u64::try_from(machine_now().millis()).unwrap_or(0).saturating_mul(1_000);
        state.last = state.last.saturating_add(1).max(floor);
        event.sequencer = format!("{:016x}", state.last);
        if let Some(folder) = &state.folder {
            let new = folder.join(format!("{}.new", event.sequencer));
            fs::write(&new, serde_json::to_vec(&event)?)?;
            fs::rename(new, folder.join(format!("{}.json", event.sequencer)))?;
        }
        state.waiting.insert(event.sequencer.clone(), event);
        self.arrivals.send_modify(|count| *count = count.saturating_add(1));
        Ok(())
    }

    pub(super) fn acknowledge(&self, event: &ObjectCreated) {
        let mut state = self.lock();
        if state.waiting.remove(&event.sequencer).is_none() {
            return;
        }
        if let Some(folder) = &state.folder
            && let Err(error) = fs::remove_file(folder.join(format!("{}.json", event.sequencer)))
        {
            tracing::warn!(%error, "a delivered event could not be removed: a restart delivers it again");
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The key as S3 writes it into an event: as in a form, but with the slashes left.
fn encoded(key: &str) -> String {
    key.bytes().fold(String::new(), |mut text, byte| {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'*' | b'/' => text.push(char::from(byte)),
            b' ' => text.push('+'),
            _ => {
                // Writing into a text cannot fail.
                let _ = write!(text, "%{byte:02X}");
            }
        }
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(key: &str) -> ObjectCreated {
        ObjectCreated {
            name: "ObjectCreated:Put".to_owned(),
            bucket: "uploads".to_owned(),
            key: key.to_owned(),
            size: 3,
            etag: "e".to_owned(),
            sequencer: String::new(),
            time: Timestamp::MIN,
        }
    }

    #[test]
    fn an_event_waits_over_restarts_until_it_is_acknowledged() {
        let folder = tempfile::tempdir().unwrap();
        let open = || EventQueue::open(Some(folder.path().to_owned())).unwrap();
        let queue = open();
        queue.push(event("a")).unwrap();
        queue.push(event("b")).unwrap();
        queue.acknowledge(&queue.pending()[0]);
        let again = open();
        again.push(event("c")).unwrap();
        let keys: Vec<String> = again.pending().into_iter().map(|event| event.key).collect();
        assert_eq!(keys, ["b", "c"]);
    }

    #[test]
    fn a_key_is_encoded_as_in_a_form() {
        assert_eq!(event("media/a b+c/é").record()["s3"]["object"]["key"], "media/a+b%2Bc/%C3%A9");
    }
}
