//! How long a run may go on.

use std::time::{Duration, Instant};

/// For how long a run that works off what is due takes up more of it: half of its function's time, so that
/// the other half is there for what it took up last, however slow the world outside is.
///
/// Told by how long the run has lasted, which no event carries; what time it is, it does not say.
#[derive(Debug, Clone, Copy)]
pub struct WorkTime {
    until: Instant,
}

impl WorkTime {
    /// That of a run which begins at this moment, of a function that Lambda ends after so many seconds.
    #[must_use]
    pub fn of(time_out_s: u32) -> Self {
        let begun = Instant::now();
        let half = Duration::from_millis(u64::from(time_out_s).saturating_mul(500));
        Self { until: begun.checked_add(half).unwrap_or(begun) }
    }

    /// Whether nothing more is to be taken up.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.until <= Instant::now()
    }
}
