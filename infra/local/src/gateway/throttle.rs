//! The rate of an account: so many requests in a second, and so many at once before that.

use std::{
    sync::{Mutex, PoisonError},
    time::Instant,
};

/// A bucket of tokens that fills steadily.
#[derive(Debug)]
pub(super) struct Bucket {
    per_second: u64,
    /// In thousandths of a token.
    most: u64,
    state: Mutex<(u64, Instant)>,
}

impl Bucket {
    pub(super) fn new(per_second: u32, burst: u32) -> Self {
        let most = u64::from(burst).saturating_mul(1_000);
        Self { per_second: u64::from(per_second), most, state: Mutex::new((most, Instant::now())) }
    }

    /// Takes a token; false when there is none.
    pub(super) fn take(&self) -> bool {
        self.take_at(Instant::now())
    }

    fn take_at(&self, now: Instant) -> bool {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let (tokens, since) = *state;
        let micros = u64::try_from(now.saturating_duration_since(since).as_micros()).unwrap_or(u64::MAX);
        let new = micros.saturating_mul(self.per_second).div_euclid(1_000);
        let tokens = tokens.saturating_add(new).min(self.most);
        // Too short a time for a thousandth of a token is not thrown away.
        let since = if new == 0 { since } else { now };
        let taken = tokens >= 1_000;
        *state = (if taken { tokens.saturating_sub(1_000) } else { tokens }, since);
        taken
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_burst_passes_then_the_rate_holds() {
        let bucket = Bucket::new(10, 3);
        let start = Instant::now();
        let at = |ms: u64| bucket.take_at(start + Duration::from_millis(ms));
        assert_eq!([at(0), at(0), at(0), at(0)], [true, true, true, false]);
        assert!(!at(50));
        assert!(at(100));
        assert!(!at(101));
        assert_eq!([at(10_000), at(10_000), at(10_000), at(10_000)], [true, true, true, false]);
    }
}
