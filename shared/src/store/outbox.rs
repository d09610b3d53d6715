//! Effects on their way out: mail now; push, webhooks and counters later.
//!
//! An effect is written in the same transaction as its cause and leaves through the table's stream.
//! The item stays in the due index until its effect has happened, so that a sweep finds what the
//! stream (which keeps 24 hours) lost, and what failed: the stream attempts an effect once, and from
//! there it is the sweep's, after pauses that grow, until the event is three days old.
//!
//! | key | value | why |
//! |---|---|---|
//! | pk | `OUTBOX#{event}` | |
//! | sk | `EVENT` | |
//! | due | `DUE#OUTBOX#{shard}` · `{due_at}#{event}` | what has not left yet; removed when it has |
//! | ttl | 7 days after it left, or was given up; none before that | |
//!
//! An event ends by an attempt and by nothing else, so what is kept waiting by an overload is not deleted
//! meanwhile. One names an address only until its mail has left, or was given up: what is kept to look at
//! says nothing of whom it went to. So nobody who is erased is left in here.

use domain::{
    Language, Timestamp,
    auth::{CodePurpose, Notice},
    ids::{EmailCodeId, EventId, OrderId},
    text::Email,
    timestamp::Seconds,
};
use serde::{Deserialize, Serialize};

use super::{
    Entity, Index, Item, Key, Kind, Place, Table,
    due::DueWork,
    due_walk::DueWalk,
    expression::{Change, Condition},
    key::IndexKey,
    table::Updated,
    users::User,
};
use crate::{fault::Fault, random};

/// For how long an event that has left, or was given up, is kept, to look at.
const KEPT_FOR: Seconds = Seconds::days(7);

/// How long one attempt may take before another may begin.
pub const LEASE: Seconds = Seconds::minutes(2);

/// The pause after the first attempt that failed; each is twice as long as the one before.
const FIRST_PAUSE: Seconds = Seconds::minutes(2);

/// The longest pause between two attempts.
const LONGEST_PAUSE: Seconds = Seconds::hours(6);

/// How old an event is when it is given up: the first attempt that fails from then on is the last. By
/// age, not by count, so that an outage costs no mail, however often somebody tried in the meantime.
pub const GIVEN_UP_AFTER: Seconds = Seconds::days(3);

/// How long an effect rests when the latest of so many attempts has failed.
fn pause_after(attempts: u32) -> Seconds {
    // More doublings than this end in the longest pause anyway.
    let doublings = attempts.saturating_sub(1).min(16);
    Seconds(FIRST_PAUSE.0.saturating_mul(1 << doublings)).min(LONGEST_PAUSE)
}

/// What shall happen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "effect", rename_all = "snake_case")]
pub enum Effect {
    /// Mail the code of this id to the address. The code itself is stored nowhere: it is derived
    /// again when the mail is written.
    MailCode {
        /// To whom.
        to: Email,
        /// What for.
        purpose: CodePurpose,
        /// Which code.
        code_id: EmailCodeId,
        /// In which language.
        language: Language,
    },
    /// Mail the owner of an account what happened to it.
    MailNotice {
        /// To whom.
        to: Email,
        /// What happened.
        what: Notice,
        /// In which language.
        language: Language,
    },
    /// Mail the buyer that the order is paid.
    MailOrderPaid {
        /// To whom.
        to: Email,
        /// Which order.
        order_id: OrderId,
        /// In which language.
        language: Language,
    },
}

impl Effect {
    /// Whom it is mailed to.
    #[must_use]
    pub const fn to(&self) -> &Email {
        match self {
            Self::MailCode { to, .. } | Self::MailNotice { to, .. } | Self::MailOrderPaid { to, .. } => to,
        }
    }
}

/// How far an effect is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EffectState {
    /// It has not happened yet.
    Pending,
    /// It has happened.
    Done,
    /// It was given up.
    Failed,
    /// It was not attempted: nothing is to be sent to the address.
    Suppressed,
}

/// An effect on its way out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutboxEvent {
    /// Its id.
    pub id: EventId,
    /// What shall happen.
    #[serde(flatten)]
    pub effect: Effect,
    /// How far it is.
    pub state: EffectState,
    /// How often it was attempted.
    pub attempts: u32,
    /// Until when nobody else may attempt it: so long the latest attempt has it for itself, or it rests
    /// after one that failed.
    pub leased_until: Timestamp,
    /// When it was written.
    pub created_at: Timestamp,
}

impl OutboxEvent {
    /// A new one.
    #[must_use]
    pub const fn new(id: EventId, effect: Effect, now: Timestamp) -> Self {
        Self { id, effect, state: EffectState::Pending, attempts: 0, leased_until: Timestamp::MIN, created_at: now }
    }

    /// The mail that tells a person what happened to their account.
    ///
    /// # Errors
    /// When there is no randomness.
    pub fn notice(user: &User, what: Notice, now: Timestamp) -> Result<Self, Fault> {
        let mail = Effect::MailNotice { to: user.email.clone(), what, language: user.language };
        Ok(Self::new(EventId::new(now, random::entropy()?), mail, now))
    }
}

const DUE: Place = Place::new(Index::Due, "DUE#OUTBOX#*", "{due_at}#{event}");

/// Effects that have not happened yet.
const OVERDUE: DueWork<OutboxEvent> = DueWork::new(DUE, "");

impl Kind {
    /// See [`OutboxEvent`].
    pub const OUTBOX_EVENT: Self = Self::new("outbox_event", "OUTBOX#*", "EVENT").in_indexes(&[DUE]);
}

impl OutboxEvent {
    /// Its key.
    #[must_use]
    pub fn key(id: EventId) -> Key<Self> {
        Key::new(Kind::OUTBOX_EVENT, id, "")
    }
}

impl Entity for OutboxEvent {
    const KIND: Kind = Kind::OUTBOX_EVENT;

    fn to_key(&self) -> Key<Self> {
        OutboxEvent::key(self.id)
    }

    fn index_keys(&self) -> Vec<IndexKey> {
        match self.state {
            EffectState::Pending => vec![OVERDUE.at(self.id, self.created_at.plus(LEASE))],
            EffectState::Done | EffectState::Failed | EffectState::Suppressed => Vec::new(),
        }
    }
}

/// What is noted of an event that has come to its end, whichever that is.
fn settled(state: &str, now: Timestamp) -> Vec<Change> {
    vec![
        Change::Set("state", state.into()),
        Change::Remove("duepk"),
        Change::Remove("duesk"),
        Change::Set("to", Email::erased().as_str().into()),
        Change::Set("ttl", now.plus(KEPT_FOR).seconds().into()),
    ]
}

impl Table {
    /// Takes an effect for one attempt: `Some` for exactly one of many who try at once. `None` when
    /// it has happened, was given up, rests, or somebody is at it.
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn lease_event(&self, id: EventId, now: Timestamp) -> Result<Option<OutboxEvent>, Fault> {
        let free = Condition::All(vec![
            Condition::Is("state", "pending".into()),
            Condition::AtMost("leased_until", now.into()),
        ]);
        let changes = vec![Change::Set("leased_until", now.plus(LEASE).into()), Change::Add("attempts", 1)];
        match self.update(&OutboxEvent::key(id), changes, free).await? {
            Updated::Done(item) => match item.clone().read::<OutboxEvent>() {
                Ok(event) => Ok(Some(event)),
                Err(fault) => {
                    self.give_up_unreadable(id, &item, now).await?;
                    Err(fault)
                }
            },
            Updated::ConditionFailed(_) => Ok(None),
        }
    }

    /// Gives up what this code cannot read, when it is as old as what fails is then: else it would be
    /// there for ever, with the address that it names. Younger ones may be read by the code of the next
    /// deployment, which wrote them.
    async fn give_up_unreadable(&self, id: EventId, item: &Item, now: Timestamp) -> Result<(), Fault> {
        let created_at = item.text("created_at").and_then(|text| Timestamp::parse(text).ok());
        if created_at.is_some_and(|created_at| now < created_at.plus(GIVEN_UP_AFTER)) {
            return Ok(());
        }
        let attempts = item.number("attempts").unwrap_or_default();
        self.note_end(id, attempts, settled("failed", now)).await
    }

    /// Notes how an attempt ended. What is pending again rests, and then the sweep finds it in the due
    /// index: whoever comes earlier, such as the stream with the same record, does not get it.
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn settle_event(&self, event: &OutboxEvent, state: EffectState, now: Timestamp) -> Result<(), Fault> {
        let changes = match state {
            EffectState::Done => settled("done", now),
            EffectState::Failed => settled("failed", now),
            EffectState::Suppressed => settled("suppressed", now),
            EffectState::Pending => {
                let again_at = now.plus(pause_after(event.attempts));
                let place = OVERDUE.at(event.id, again_at);
                vec![Change::Set("duesk", place.sk.into()), Change::Set("leased_until", again_at.into())]
            }
        };
        self.note_end(event.id, event.attempts.into(), changes).await
    }

    /// Somebody else's attempt takes over when the lease runs out: then theirs is what counts.
    async fn note_end(&self, id: EventId, attempts: i64, changes: Vec<Change>) -> Result<(), Fault> {
        let mine =
            Condition::All(vec![Condition::Is("state", "pending".into()), Condition::Is("attempts", attempts.into())]);
        self.update(&OutboxEvent::key(id), changes, mine).await.map(|_| ())
    }

    /// The effects that should have happened by now.
    #[must_use]
    pub fn overdue_events(&self, now: Timestamp) -> DueWalk<'_, OutboxEvent, EventId> {
        DueWalk::new(self, OVERDUE, now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_from_two_minutes_to_six_hours() {
        let minutes = |attempts| pause_after(attempts).0 / 60;
        assert_eq!((0..=10).map(minutes).collect::<Vec<_>>(), [2, 2, 4, 8, 16, 32, 64, 128, 256, 360, 360]);
        assert_eq!(pause_after(u32::MAX), Seconds::hours(6));
    }
}
