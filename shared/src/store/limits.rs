//! Limits: how often a subject may do something in a window of time.
//!
//! A counter per feature, subject and window. Counting is itself the conditional write, so of a
//! hundred at once exactly the allowed number get through.
//!
//! | key | value | why |
//! |---|---|---|
//! | pk | `LIMIT#{feature}#{window}#{subject}` | a new window is a new item, so nothing is ever reset |
//! | sk | `COUNT` | |
//! | ttl | the end of the window | |

use domain::{Timestamp, timestamp::Seconds};

use super::{
    Key,
    expression::{Change, Condition},
    keys,
};

/// A limit on one feature.
#[derive(Debug, Clone, Copy)]
pub struct Limit {
    /// What is limited; part of the key.
    pub feature: &'static str,
    /// How often it may happen in a window.
    pub most: u32,
    /// How long a window is. Windows begin at multiples of it since 1970.
    pub window: Seconds,
}

impl Limit {
    fn window_index(&self, now: Timestamp) -> i64 {
        now.seconds().checked_div(i64::from(self.window.0)).unwrap_or(0)
    }

    /// When the present window ends.
    #[must_use]
    pub fn window_ends(&self, now: Timestamp) -> Timestamp {
        Timestamp::from_seconds(self.window_index(now).saturating_add(1).saturating_mul(i64::from(self.window.0)))
    }

    /// After how many seconds the present window ends; at least 1.
    #[must_use]
    pub fn retry_after_s(&self, now: Timestamp) -> u32 {
        now.seconds_until(self.window_ends(now)).max(1)
    }

    /// The write that counts one more: the counter's key, the change, and the condition under which
    /// it is allowed.
    #[must_use]
    pub fn count(&self, subject: &str, now: Timestamp) -> (Key, Vec<Change>, Condition) {
        let key = keys::limit_counter(self.feature, self.window_index(now), subject);
        let changes = vec![
            Change::Add("count", 1),
            Change::Set("kind", "limit_counter".into()),
            Change::Set("v", 1_i64.into()),
            Change::Set("ttl", self.window_ends(now).seconds().into()),
        ];
        let allowed = Condition::Any(vec![Condition::Absent, Condition::Below("count", self.most.into())]);
        (key, changes, allowed)
    }
}
