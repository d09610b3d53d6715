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
    Item, Key, Kind, Table, Transaction,
    expression::{Change, Condition},
    table::Updated,
};
use crate::{
    fault::{Failure, Fault},
    meter::{self, Left, RateLimit},
};

/// How often something was done in a window of time.
#[derive(Debug)]
pub enum LimitCounter {}

impl Kind {
    /// See [`LimitCounter`].
    pub const LIMIT_COUNTER: Self = Self::new("limit_counter", "LIMIT#*", "COUNT");
}

impl LimitCounter {
    /// Its key: a feature, the number of a window, and who or what is counted.
    #[must_use]
    pub fn key(feature: &str, window: i64, subject: &str) -> Key<Self> {
        Key::new(Kind::LIMIT_COUNTER, format_args!("{feature}#{window}#{subject}"), "")
    }
}

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

    fn seconds_left(&self, now: Timestamp) -> u32 {
        now.seconds_until(self.window_ends(now)).max(1)
    }

    /// After how many seconds the present window ends, for whoever was refused; at least 1. The
    /// answer's headers say so too.
    #[must_use]
    pub fn retry_after_s(&self, now: Timestamp) -> u32 {
        let seconds = self.seconds_left(now);
        self.note(Some(Left { times: 0, seconds }));
        seconds
    }

    fn note(&self, left: Option<Left>) {
        meter::limit(RateLimit { feature: self.feature, most: self.most, window_s: self.window.0, left });
    }

    /// What a counter that was written alone leaves.
    fn note_left(&self, counter: &Item, now: Timestamp) {
        let count = counter.number("count").and_then(|count| u32::try_from(count).ok()).unwrap_or(self.most);
        self.note(Some(Left { times: self.most.saturating_sub(count), seconds: self.seconds_left(now) }));
    }

    /// The write that counts one more: the counter's key, the change, and the condition under which
    /// it is allowed.
    #[must_use]
    pub fn count(&self, subject: &str, now: Timestamp) -> (Key<LimitCounter>, Vec<Change>, Condition) {
        self.note(None);
        let key = LimitCounter::key(self.feature, self.window_index(now), subject);
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

/// A limit whose waits grow: the first attempts are free, and after each further one a longer wait
/// begins. Nobody is locked out for good, and the count starts anew with success or with the next
/// window.
///
/// Which wait applies is decided by the condition of the counting write itself, one branch for each
/// wait, so that a thousand attempts at once count like a thousand one after the other.
#[derive(Debug, Clone, Copy)]
pub struct GrowingLimit {
    /// What is limited; part of the key.
    pub feature: &'static str,
    /// How many attempts are free.
    pub free: u32,
    /// The waits after the last free attempt and each one after it; the last one stays.
    pub waits: &'static [Seconds],
    /// How long a window is. Windows begin at multiples of it since 1970.
    pub window: Seconds,
}

impl GrowingLimit {
    const fn as_limit(&self) -> Limit {
        Limit { feature: self.feature, most: self.free, window: self.window }
    }

    fn key(&self, subject: &str, now: Timestamp) -> Key<LimitCounter> {
        LimitCounter::key(self.feature, self.as_limit().window_index(now), subject)
    }

    /// The write that counts one more, as [`Limit::count`].
    #[must_use]
    pub fn count(&self, subject: &str, now: Timestamp) -> (Key<LimitCounter>, Vec<Change>, Condition) {
        let (key, mut changes, _) = self.as_limit().count(subject, now);
        changes.push(Change::Set("last_at", now.into()));
        let mut branches = vec![Condition::Absent, Condition::Below("count", self.free.into())];
        for (most, wait) in (self.free..).zip(self.waits) {
            let is_over = Condition::AtMost("last_at", now.minus(*wait).into());
            let is_last = self.waits.len() == (most.saturating_sub(self.free).saturating_add(1)) as usize;
            branches.push(if is_last {
                is_over
            } else {
                Condition::All(vec![Condition::AtMost("count", most.into()), is_over])
            });
        }
        (key, changes, Condition::Any(branches))
    }

    /// After how many seconds the next attempt is allowed, from the counter that refused this one.
    #[must_use]
    pub fn retry_after_s(&self, counter: Option<&Item>, now: Timestamp) -> u32 {
        let count = counter.and_then(|item| item.number("count")).and_then(|n| u32::try_from(n).ok()).unwrap_or(0);
        let last_at = counter.and_then(|item| item.text("last_at")).and_then(|text| Timestamp::parse(text).ok());
        let place = count.saturating_sub(self.free) as usize;
        let wait = self.waits.get(place).or(self.waits.last()).copied().unwrap_or(Seconds(1));
        let next = last_at.unwrap_or(now).plus(wait).min(self.as_limit().window_ends(now));
        let seconds = now.seconds_until(next).max(1);
        self.as_limit().note(Some(Left { times: 0, seconds }));
        seconds
    }
}

impl<'t> Transaction<'t> {
    /// Counts one more, or is refused with what the seconds until the next one mean to a person.
    #[must_use]
    pub fn count<F: Into<Failure>>(
        self,
        limit: Limit,
        subject: &str,
        now: Timestamp,
        refuse: impl Fn(u32) -> F + Send + Sync + 't,
    ) -> Self {
        let (counter, changes, allowed) = limit.count(subject, now);
        self.update(&counter, changes, allowed).or_else(move |_| refuse(limit.retry_after_s(now)))
    }

    /// As [`Transaction::count`], for a limit whose waits grow.
    #[must_use]
    pub fn count_growing<F: Into<Failure>>(
        self,
        limit: GrowingLimit,
        subject: &str,
        now: Timestamp,
        refuse: impl Fn(u32) -> F + Send + Sync + 't,
    ) -> Self {
        let (counter, changes, allowed) = limit.count(subject, now);
        self.update(&counter, changes, allowed)
            .or_else(move |counter| refuse(limit.retry_after_s(counter.as_ref(), now)))
    }

    /// Starts a count anew that [`GrowingLimit::count`] has begun: the attempt was a success.
    #[must_use]
    pub fn forget_attempts(self, limit: &GrowingLimit, subject: &str, now: Timestamp) -> Self {
        self.update(&limit.key(subject, now), vec![Change::Set("count", 0_i64.into())], Condition::Present)
    }
}

/// What became of counting one more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counted {
    /// It was counted, and is allowed.
    Allowed,
    /// It was not counted: there were too many.
    TooMany {
        /// When the next one is allowed, in seconds.
        retry_after_s: u32,
    },
}

impl Counted {
    /// Goes on, or refuses with what the seconds until the next one mean to a person.
    ///
    /// # Errors
    /// When there were too many.
    pub fn or_else<E>(self, refuse: impl FnOnce(u32) -> E) -> Result<(), E> {
        match self {
            Self::Allowed => Ok(()),
            Self::TooMany { retry_after_s } => Err(refuse(retry_after_s)),
        }
    }
}

impl Table {
    /// Counts one more, where nothing else is written in the same breath.
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn count(&self, limit: &Limit, subject: &str, now: Timestamp) -> Result<Counted, Fault> {
        let (counter, changes, allowed) = limit.count(subject, now);
        Ok(match self.update(&counter, changes, allowed).await? {
            Updated::Done(counter) => {
                limit.note_left(&counter, now);
                Counted::Allowed
            }
            Updated::ConditionFailed(_) => Counted::TooMany { retry_after_s: limit.retry_after_s(now) },
        })
    }

    /// As [`Table::count`], for a limit whose waits grow.
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn count_growing(&self, limit: &GrowingLimit, subject: &str, now: Timestamp) -> Result<Counted, Fault> {
        let (counter, changes, allowed) = limit.count(subject, now);
        Ok(match self.update(&counter, changes, allowed).await? {
            Updated::Done(counter) => {
                limit.as_limit().note_left(&counter, now);
                Counted::Allowed
            }
            Updated::ConditionFailed(counter) => {
                Counted::TooMany { retry_after_s: limit.retry_after_s(counter.as_ref(), now) }
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: GrowingLimit = GrowingLimit {
        feature: "test",
        free: 2,
        waits: &[Seconds(10), Seconds(20), Seconds(40)],
        window: Seconds::days(1),
    };
    const NOW: Timestamp = Timestamp::from_seconds(1_795_251_600);

    #[test]
    fn there_is_a_branch_for_each_wait_and_the_last_one_holds_for_ever() {
        let (_, _, condition) = LIMIT.count("x", NOW);
        let Condition::Any(branches) = condition else { panic!("{condition:?}") };
        let after = |count: u32, wait: i64| {
            Condition::All(vec![
                Condition::AtMost("count", count.into()),
                Condition::AtMost("last_at", Timestamp::from_seconds(NOW.seconds() - wait).into()),
            ])
        };
        assert_eq!(
            branches,
            [
                Condition::Absent,
                Condition::Below("count", 2_u32.into()),
                after(2, 10),
                after(3, 20),
                Condition::AtMost("last_at", Timestamp::from_seconds(NOW.seconds() - 40).into()),
            ]
        );
    }
}
