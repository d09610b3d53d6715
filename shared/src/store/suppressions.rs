//! Addresses that are not to be sent to, as their mail servers and their owners have told us.
//!
//! | key | value | why |
//! |---|---|---|
//! | pk | `EMAIL#{email}` | beside whose the address is |
//! | sk | `SUPPRESSED` | |
//! | ttl | 30 days after the last trouble that passes; none for what does not | |
//!
//! Whoever goes on sending to addresses that bounce or complain loses the right to send at all (SES
//! pauses an account from about 5 % of bounces or 0.1 % of complaints on).

use domain::{Timestamp, text::Email, timestamp::Seconds};
use serde::{Deserialize, Serialize};

use super::{
    Entity, Key, Kind, Table,
    expression::{Change, Condition},
    users::{EmailOwner, User},
};
use crate::fault::{Failure, Fault, FaultKind};

/// After so many passing troubles in a row an address is left in peace for a while.
pub const PASSING_MAX: u32 = 3;
/// For how long.
pub const PAUSE: Seconds = Seconds::days(1);
/// After so long without trouble the count begins anew.
pub const FORGOTTEN_AFTER: Seconds = Seconds::days(7);
/// For how long what passes is kept.
const KEPT_FOR: Seconds = Seconds::days(30);
/// How many reports are remembered, so that one that comes again is not counted again.
const REPORTS_KEPT: usize = 8;
/// How often a note that lost a race is tried.
const TRIES: u32 = 5;

/// What a mail server or a recipient reported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// There is no such mailbox: for ever.
    Bounced,
    /// The recipient called our mail spam: for ever.
    Complained,
    /// The mailbox is full, its server is down: it may pass.
    Passing,
}

/// Why nothing is ever sent again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// There is no such mailbox.
    Bounced,
    /// The recipient called our mail spam.
    Complained,
}

/// What is known of an address that had trouble.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suppression {
    /// The address.
    pub email: Email,
    /// Rises with each change.
    pub version: u32,
    /// Why nothing is ever sent again, if so.
    pub for_ever: Option<Reason>,
    /// How many passing troubles there were in a row.
    pub passing: u32,
    /// Until when it is left in peace.
    pub paused_until: Timestamp,
    /// When the latest trouble was.
    pub last_at: Timestamp,
    /// The ids of the latest reports.
    pub reports: Vec<String>,
}

impl Kind {
    /// See [`Suppression`].
    pub const SUPPRESSION: Self = Self::new("suppression", "EMAIL#*", "SUPPRESSED");
}

impl Suppression {
    /// Its key.
    #[must_use]
    pub fn key(email: &Email) -> Key<Self> {
        Key::new(Kind::SUPPRESSION, email.as_str(), "")
    }
}

impl Entity for Suppression {
    const KIND: Kind = Kind::SUPPRESSION;

    fn to_key(&self) -> Key<Self> {
        Suppression::key(&self.email)
    }

    fn sweep_at(&self) -> Option<Timestamp> {
        self.for_ever.is_none().then(|| self.last_at.plus(KEPT_FOR))
    }
}

impl Suppression {
    fn none(email: Email) -> Self {
        let (paused_until, last_at) = (Timestamp::MIN, Timestamp::MIN);
        Self { email, version: 0, for_ever: None, passing: 0, paused_until, last_at, reports: Vec::new() }
    }

    /// Whether nothing is to be sent at this moment.
    #[must_use]
    pub fn stops(&self, now: Timestamp) -> bool {
        self.for_ever.is_some() || now < self.paused_until
    }

    /// What is known after one more report; `None` when it says nothing new. Reports come more than
    /// once and in any order, and the outcome is the same.
    fn after(&self, trouble: Trouble, report: &str, at: Timestamp) -> Option<Self> {
        if self.for_ever.is_some() || self.reports.iter().any(|known| known == report) {
            return None;
        }
        let mut next = self.clone();
        next.version = next.version.saturating_add(1);
        next.reports.push(report.to_owned());
        let too_many = next.reports.len().saturating_sub(REPORTS_KEPT);
        next.reports.drain(..too_many);
        match trouble {
            Trouble::Bounced => next.for_ever = Some(Reason::Bounced),
            Trouble::Complained => next.for_ever = Some(Reason::Complained),
            Trouble::Passing => {
                let is_new_row = self.last_at.plus(FORGOTTEN_AFTER) < at;
                next.passing = if is_new_row { 1 } else { self.passing.saturating_add(1) };
                if next.passing >= PASSING_MAX {
                    next.paused_until = next.paused_until.max(at.plus(PAUSE));
                }
            }
        }
        next.last_at = next.last_at.max(at);
        Some(next)
    }
}

impl Table {
    /// What is known of an address that had trouble.
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn get_suppression(&self, email: &Email) -> Result<Option<Suppression>, Fault> {
        self.get(Suppression::key(email)).await
    }

    /// Notes a report, once. Where it means that nothing is ever sent again, it shows in the item of
    /// the person whose address it is.
    ///
    /// # Errors
    /// When the table does not answer, or others noted something at every try.
    pub async fn note_trouble(
        &self,
        email: &Email,
        trouble: Trouble,
        report: &str,
        at: Timestamp,
    ) -> Result<(), Fault> {
        for _ in 0..TRIES {
            let known = self.get_suppression(email).await?;
            let as_it_is =
                known.as_ref().map_or(Condition::Absent, |known| Condition::Is("version", known.version.into()));
            let known = known.unwrap_or_else(|| Suppression::none(email.clone()));
            let Some(next) = known.after(trouble, report, at) else { return Ok(()) };
            let owner = if next.for_ever.is_some() { self.get_email_owner(email).await? } else { None };
            match self.write_suppression(&next, as_it_is, owner).await {
                Err(Failure::Broken(fault)) if fault.kind == FaultKind::Contention => {}
                Err(Failure::Broken(fault)) => return Err(fault),
                Err(Failure::Refused(_) | Failure::Replayed(_)) | Ok(()) => return Ok(()),
            }
        }
        Err(Fault::new(FaultKind::Contention, "note the trouble of an address"))
    }

    async fn write_suppression(
        &self,
        next: &Suppression,
        as_it_is: Condition,
        owner: Option<EmailOwner>,
    ) -> Result<(), Failure> {
        // Both conditions fail when somebody wrote in between: then everything is looked at again.
        let mut writes = self.transaction().put(next, as_it_is);
        if let Some(owner) = owner {
            let still_theirs = Condition::Is("email", next.email.as_str().into());
            let changes = vec![Change::Set("email_undeliverable", true.into())];
            writes = writes.update(&User::key(owner.user_id), changes, still_theirs);
        }
        writes.commit().await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_seconds(1_795_251_600);

    fn none() -> Suppression {
        Suppression::none(Email::parse("mina@example.com").unwrap())
    }

    fn passing(times: usize) -> Suppression {
        (0..times).fold(none(), |known, n| {
            let at = NOW.plus(Seconds::minutes(u32::try_from(n).unwrap()));
            known.after(Trouble::Passing, &format!("report-{n}"), at).unwrap()
        })
    }

    #[test]
    fn a_bounce_or_a_complaint_is_for_ever() {
        for (trouble, reason) in [(Trouble::Bounced, Reason::Bounced), (Trouble::Complained, Reason::Complained)] {
            let known = none().after(trouble, "a", NOW).unwrap();
            assert_eq!((known.for_ever, known.sweep_at()), (Some(reason), None));
            assert!(known.stops(Timestamp::MIN) && known.stops(Timestamp::MAX));
            assert_eq!(known.after(Trouble::Passing, "b", NOW), None);
        }
    }

    #[test]
    fn the_third_passing_trouble_pauses_for_a_day() {
        assert!(!passing(2).stops(NOW));
        let known = passing(3);
        let ends = NOW.plus(Seconds::minutes(2)).plus(PAUSE);
        assert!(known.stops(ends.minus(Seconds(1))) && !known.stops(ends));
    }

    #[test]
    fn a_report_that_comes_again_is_not_counted_again() {
        let known = passing(2);
        assert_eq!(known.after(Trouble::Passing, "report-0", NOW), None);
        assert_eq!(known.after(Trouble::Passing, "report-1", NOW.plus(PAUSE)), None);
    }

    #[test]
    fn an_older_report_that_comes_late_counts_and_shortens_nothing() {
        let known = passing(3);
        let late = known.after(Trouble::Passing, "late", NOW.minus(Seconds::hours(1))).unwrap();
        assert_eq!((late.passing, late.last_at), (4, known.last_at));
        assert!(late.paused_until >= known.paused_until);
    }

    #[test]
    fn after_a_quiet_week_the_count_begins_anew() {
        let known = passing(2).after(Trouble::Passing, "b", NOW.plus(Seconds::days(8))).unwrap();
        assert_eq!((known.passing, known.stops(NOW.plus(Seconds::days(8)))), (1, false));
    }

    #[test]
    fn the_memory_of_reports_is_bounded() {
        assert_eq!(passing(50).reports.len(), REPORTS_KEPT);
    }
}
