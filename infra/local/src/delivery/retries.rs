//! Asynchronous calls that failed: tried again after one minute and after two more (on the clock of
//! the local cloud), and then given up.
//!
//! Source: "How Lambda handles errors and retries with asynchronous invocation", AWS Lambda
//! Developer Guide.

use std::collections::HashMap;

use domain::{Timestamp, timestamp::Seconds};

/// The pauses before the second and the third try.
const PAUSES: [Seconds; 2] = [Seconds::minutes(1), Seconds::minutes(2)];

/// What failed: how often, and when it is due again; by the event's sequencer.
#[derive(Debug, Default)]
pub(super) struct Retries(HashMap<String, (usize, Timestamp)>);

/// What becomes of an event that was delivered, or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    /// It is done with.
    Done,
    /// It failed for the last time.
    GivenUp,
    /// It comes again.
    Again,
}

impl Retries {
    /// Whether an event may be tried now.
    pub(super) fn is_due(&self, sequencer: &str, now: Timestamp) -> bool {
        self.0.get(sequencer).is_none_or(|(_, moment)| *moment <= now)
    }

    /// Notes how a try ended.
    pub(super) fn note(&mut self, sequencer: &str, worked: bool, now: Timestamp) -> Next {
        let tries = self.0.get(sequencer).map_or(0, |(tries, _)| *tries);
        match PAUSES.get(tries) {
            Some(pause) if !worked => {
                self.0.insert(sequencer.to_owned(), (tries.saturating_add(1), now.plus(*pause)));
                Next::Again
            }
            _ => {
                self.0.remove(sequencer);
                if worked { Next::Done } else { Next::GivenUp }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_tries_with_growing_pauses() {
        let mut retries = Retries::default();
        let now = Timestamp::from_seconds(1_000);
        assert!(retries.is_due("a", now));
        assert_eq!(retries.note("a", false, now), Next::Again);
        assert!(!retries.is_due("a", now.plus(Seconds(59))) && retries.is_due("a", now.plus(Seconds(60))));
        assert_eq!(retries.note("a", false, now), Next::Again);
        assert!(!retries.is_due("a", now.plus(Seconds(119))) && retries.is_due("a", now.plus(Seconds(120))));
        assert_eq!(retries.note("a", false, now), Next::GivenUp);
        assert!(retries.is_due("a", now));
        assert_eq!(retries.note("b", true, now), Next::Done);
    }
}
