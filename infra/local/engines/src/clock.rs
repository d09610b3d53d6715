//! The clock of the local cloud: the machine's clock plus an offset that only grows.
//!
//! This is the one place where the machine's clock is read. Everything else gets its "now" from
//! here, or with the event that it handles, so that a test or a developer can move time.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, SystemTime},
};

use domain::{Timestamp, timestamp::Seconds};

/// A clock that can be moved forward and never goes back. Clones share one time.
#[derive(Debug, Clone)]
pub struct Clock {
    state: Arc<Mutex<State>>,
}

#[derive(Debug)]
struct State {
    base: Base,
    offset_ms: i64,
    /// The latest moment told: the machine's clock may be set back, this one may not.
    latest: Timestamp,
    file: Option<PathBuf>,
}

#[derive(Debug)]
enum Base {
    Machine,
    Fixed(Timestamp),
}

impl Clock {
    /// The machine's clock with no offset, kept in memory only.
    #[must_use]
    pub fn machine() -> Self {
        Self::with(Base::Machine, 0, None)
    }

    /// A clock that stands still at `at` and moves by [`Clock::advance`] only. For tests.
    #[must_use]
    pub fn fixed(at: Timestamp) -> Self {
        Self::with(Base::Fixed(at), 0, None)
    }

    /// The machine's clock with the offset that `file` remembers; every advance is written back, so
    /// that a restart continues where the last one stopped.
    ///
    /// # Errors
    /// When the file exists but cannot be read, or does not hold an offset in milliseconds.
    pub fn persisted(file: impl AsRef<Path>) -> io::Result<Self> {
        let file = file.as_ref();
        let offset_ms = match fs::read_to_string(file) {
            Ok(text) => text.trim().parse().map_err(|error| {
                io::Error::new(io::ErrorKind::InvalidData, format!("the clock's file {}: {error}", file.display()))
            })?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => 0,
            Err(error) => return Err(error),
        };
        Ok(Self::with(Base::Machine, offset_ms, Some(file.to_owned())))
    }

    /// The moment now. Two calls never go backwards, even when the machine's clock is set back.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.lock().now()
    }

    /// Moves the clock forward and tells the new moment. The offset of a persisted clock is written
    /// before this returns; a write that fails is logged, and the clock moves all the same.
    #[must_use = "the new moment, or drop it with `let _`"]
    pub fn advance(&self, span: Seconds) -> Timestamp {
        let mut state = self.lock();
        state.offset_ms = state.offset_ms.saturating_add(i64::from(span.0).saturating_mul(1_000));
        if let Err(error) = state.save() {
            tracing::warn!(%error, "the clock's offset could not be written: a restart will forget it");
        }
        state.now()
    }

    /// Whole seconds by which the clock is ahead of the machine's (or of the fixed moment).
    #[must_use]
    pub fn offset_s(&self) -> i64 {
        self.lock().offset_ms.div_euclid(1_000)
    }

    fn with(base: Base, offset_ms: i64, file: Option<PathBuf>) -> Self {
        // A negative offset in the file is not one that this clock wrote: time never goes back.
        let offset_ms = offset_ms.max(0);
        Self { state: Arc::new(Mutex::new(State { base, offset_ms, latest: Timestamp::MIN, file })) }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn now(&mut self) -> Timestamp {
        let base = match self.base {
            Base::Machine => machine_now(),
            Base::Fixed(at) => at,
        };
        let now = Timestamp::from_millis(base.millis().saturating_add(self.offset_ms));
        self.latest = self.latest.max(now);
        self.latest
    }

    /// Written beside the file and moved over it, so that a crash leaves the old offset or the new.
    fn save(&self) -> io::Result<()> {
        let Some(file) = &self.file else { return Ok(()) };
        let new = file.with_extension("new");
        fs::write(&new, self.offset_ms.to_string())?;
        fs::rename(new, file)
    }
}

/// The machine's own time, for what must agree with AWS's clock: request signatures and grants.
#[must_use]
pub fn machine_now() -> Timestamp {
    #[expect(clippy::disallowed_methods, reason = "the one place where the local cloud reads the machine's clock")]
    let since_1970 = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or(Duration::ZERO);
    Timestamp::from_millis(i64::try_from(since_1970.as_millis()).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fixed_clock_moves_by_advance_only_and_its_clones_move_with_it() {
        let start = Timestamp::from_millis(1_000_500);
        let clock = Clock::fixed(start);
        let clone = clock.clone();
        assert_eq!(clock.now(), start);
        assert_eq!(clock.advance(Seconds(90)), Timestamp::from_millis(1_090_500));
        assert_eq!(clone.now(), Timestamp::from_millis(1_090_500));
        assert_eq!(clone.offset_s(), 90);
    }

    #[test]
    fn a_machine_clock_is_ahead_by_its_offset_and_never_goes_back() {
        let clock = Clock::machine();
        let before = machine_now();
        let moved = clock.advance(Seconds::hours(2));
        assert!(moved.millis() >= before.millis() + 7_200_000);
        assert!(clock.now() >= moved);
    }

    #[test]
    fn a_persisted_clock_keeps_its_offset_over_a_restart() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("clock");
        let _ = Clock::persisted(&file).unwrap().advance(Seconds(600));
        let again = Clock::persisted(&file).unwrap();
        assert_eq!(again.offset_s(), 600);
        let _ = again.advance(Seconds(1));
        assert_eq!(Clock::persisted(&file).unwrap().offset_s(), 601);
    }

    #[test]
    fn a_file_that_is_not_an_offset_is_refused_and_not_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("clock");
        fs::write(&file, "tomorrow").unwrap();
        assert_eq!(Clock::persisted(&file).unwrap_err().kind(), io::ErrorKind::InvalidData);
        assert_eq!(fs::read_to_string(&file).unwrap(), "tomorrow");
    }
}
