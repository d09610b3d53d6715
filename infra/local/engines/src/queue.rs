//! Events that wait to be delivered: kept until they are acknowledged, so that a kill loses none.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use serde::{Serialize, de::DeserializeOwned};
use tokio::sync::watch;

use crate::{EngineError, clock::machine_now};

/// An event that a queue can keep.
pub(crate) trait Queued: Clone + Serialize + DeserializeOwned {
    /// 16 hexadecimal digits; of two events the later has the greater.
    fn sequencer(&self) -> &str;
    /// Takes its place.
    fn set_sequencer(&mut self, sequencer: String);
}

/// The events that wait, shared by the clones; each in a file of its own when there is a folder.
#[derive(Debug, Clone)]
pub(crate) struct EventQueue<E> {
    state: Arc<Mutex<State<E>>>,
    arrivals: watch::Sender<u64>,
}

#[derive(Debug)]
struct State<E> {
    waiting: BTreeMap<String, E>,
    last: u64,
    folder: Option<PathBuf>,
}

impl<E: Queued> EventQueue<E> {
    pub(crate) fn open(folder: Option<PathBuf>) -> Result<Self, EngineError> {
        let mut waiting = BTreeMap::new();
        if let Some(folder) = &folder {
            fs::create_dir_all(folder)?;
            for entry in fs::read_dir(folder)? {
                let path = entry?.path();
                if path.extension().is_none_or(|extension| extension != "json") {
                    continue;
                }
                let event: E = serde_json::from_slice(&fs::read(&path)?).map_err(|error| EngineError::File {
                    file: path.display().to_string(),
                    reason: error.to_string(),
                })?;
                waiting.insert(event.sequencer().to_owned(), event);
            }
        }
        let arrivals = watch::Sender::new(u64::try_from(waiting.len()).unwrap_or(u64::MAX));
        // A quick restart may come within the millisecond of the last event: never below it.
        let last = waiting.keys().next_back().and_then(|last| u64::from_str_radix(last, 16).ok()).unwrap_or(0);
        Ok(Self { state: Arc::new(Mutex::new(State { waiting, last, folder })), arrivals })
    }

    pub(crate) fn pending(&self) -> Vec<E> {
        self.lock().waiting.values().cloned().collect()
    }

    pub(crate) fn arrivals(&self) -> watch::Receiver<u64> {
        self.arrivals.subscribe()
    }

    /// Keeps another state of an event that waits.
    pub(crate) fn replace(&self, event: E) -> io::Result<()> {
        let mut state = self.lock();
        if state.waiting.contains_key(event.sequencer()) {
            keep(state.folder.as_deref(), &event)?;
            state.waiting.insert(event.sequencer().to_owned(), event);
        }
        Ok(())
    }

    /// Gives the event its place and keeps it.
    pub(crate) fn push(&self, mut event: E) -> io::Result<()> {
        let mut state = self.lock();
        // Microseconds of the machine's clock, so that a restart goes on above the last run.
        let floor = u64::try_from(machine_now().millis()).unwrap_or(0).saturating_mul(1_000);
        state.last = state.last.saturating_add(1).max(floor);
        let sequencer = format!("{:016x}", state.last);
        event.set_sequencer(sequencer.clone());
        keep(state.folder.as_deref(), &event)?;
        state.waiting.insert(sequencer, event);
        self.arrivals.send_modify(|count| *count = count.saturating_add(1));
        Ok(())
    }

    pub(crate) fn acknowledge(&self, event: &E) {
        let mut state = self.lock();
        if state.waiting.remove(event.sequencer()).is_none() {
            return;
        }
        if let Some(folder) = &state.folder
            && let Err(error) = fs::remove_file(folder.join(format!("{}.json", event.sequencer())))
        {
            tracing::warn!(%error, "a delivered event could not be removed: a restart delivers it again");
        }
    }

    fn lock(&self) -> MutexGuard<'_, State<E>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Writes an event into its file, where there is a folder.
fn keep<E: Queued>(folder: Option<&Path>, event: &E) -> io::Result<()> {
    let Some(folder) = folder else { return Ok(()) };
    let new = folder.join(format!("{}.new", event.sequencer()));
    fs::write(&new, serde_json::to_vec(event)?)?;
    fs::rename(new, folder.join(format!("{}.json", event.sequencer())))
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Clone, Serialize, Deserialize)]
    struct Note {
        text: String,
        sequencer: String,
    }

    impl Queued for Note {
        fn sequencer(&self) -> &str {
            &self.sequencer
        }

        fn set_sequencer(&mut self, sequencer: String) {
            self.sequencer = sequencer;
        }
    }

    fn note(text: &str) -> Note {
        Note { text: text.to_owned(), sequencer: String::new() }
    }

    #[test]
    fn an_event_waits_over_restarts_until_it_is_acknowledged() {
        let folder = tempfile::tempdir().unwrap();
        let open = || EventQueue::<Note>::open(Some(folder.path().to_owned())).unwrap();
        let queue = open();
        queue.push(note("a")).unwrap();
        queue.push(note("b")).unwrap();
        queue.acknowledge(&queue.pending()[0]);
        let again = open();
        again.push(note("c")).unwrap();
        let texts: Vec<String> = again.pending().into_iter().map(|note| note.text).collect();
        assert_eq!(texts, ["b", "c"]);
    }

    #[test]
    fn another_state_of_an_event_takes_its_place_and_none_comes_back_that_was_acknowledged() {
        let folder = tempfile::tempdir().unwrap();
        let queue = EventQueue::<Note>::open(Some(folder.path().to_owned())).unwrap();
        queue.push(note("a")).unwrap();
        let first = queue.pending().remove(0);
        queue.replace(Note { text: "b".to_owned(), ..first.clone() }).unwrap();
        let kept = EventQueue::<Note>::open(Some(folder.path().to_owned())).unwrap().pending();
        assert_eq!((kept.len(), kept[0].text.as_str()), (1, "b"));
        queue.acknowledge(&first);
        queue.replace(first).unwrap();
        assert!(queue.pending().is_empty());
    }
}
