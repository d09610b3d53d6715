//! Effects on their way out: what a transaction makes happen outside of the table.
//!
//! An effect is written in the same transaction as its cause and leaves through the table's stream.
//! The item stays in the due index until its effect has happened, so that a sweep finds what the
//! stream (which keeps 24 hours) lost, and what failed: the stream attempts an effect once, and from
//! there it is the sweep's, after pauses that grow, until the event is too old for its kind.
//!
//! | key | value | why |
//! |---|---|---|
//! | pk | `OUTBOX#{event}` | |
//! | sk | `EVENT` | |
//! | due | `DUE#OUTBOX#{shard}` · `{due_at}#{event}` | what has not left yet; removed when it has |
//! | ttl | 7 days after it left, or was given up; none before that | |
//!
//! Each [`Effect`] is of a [`EffectKind`], and a kind has a handler, pauses and a guard against happening
//! twice of its own. To add a kind (push, alert, board, statistic, webhook): add its effects and the kind
//! here, and the compiler names the places that must know it: its pauses below, and its handler in
//! `functions/notifications/src/attempt.rs`.
//!
//! | kind | handler | what keeps it from happening twice |
//! |---|---|---|
//! | mail | SES sends it | the lease; SES takes no idempotency key, so at least once and nearly always once |
//! | store notice | becomes one mail for each owner of the store | the mails and its own end are one transaction |
//!
//! A kind whose handler calls somebody who takes an idempotency key gives the event's id.
//!
//! An event ends by an attempt and by nothing else, so what is kept waiting by an overload is not deleted
//! meanwhile. One names an address only until its mail has left, or was given up: what is kept to look at
//! says nothing of whom it went to. So nobody who is erased is left in here.

use domain::{
    Language, Money, Timestamp,
    auth::{CodePurpose, Notice},
    ids::{EmailCodeId, EventId, OrderId},
    processes::{self, Party},
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
use crate::{
    fault::{Failure, Fault, FaultKind},
    random,
};

/// For how long an event that has left, or was given up, is kept, to look at.
const KEPT_FOR: Seconds = Seconds::days(7);

/// How long one attempt may take before another may begin.
pub const LEASE: Seconds = Seconds::minutes(2);

/// How old a mail is when it is given up: the first attempt that fails from then on is the last. By
/// age, not by count, so that an outage costs no mail, however often somebody tried in the meantime.
pub const GIVEN_UP_AFTER: Seconds = Seconds::days(3);

/// What an effect is, for whoever carries it out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EffectKind {
    /// A mail to one address.
    Mail,
    /// A notice for all owners of a store.
    StoreNotice,
}

/// How long an effect waits between attempts that fail, and when it is given up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retries {
    /// The pause after the first attempt; each is twice as long as the one before.
    pub first_pause: Seconds,
    /// The longest pause.
    pub longest_pause: Seconds,
    /// How old the event is when the first attempt that fails is the last.
    pub given_up_after: Seconds,
}

impl EffectKind {
    /// The pauses of this kind.
    #[must_use]
    pub const fn retries(self) -> Retries {
        match self {
            Self::Mail | Self::StoreNotice => Retries {
                first_pause: Seconds::minutes(2),
                longest_pause: Seconds::hours(6),
                given_up_after: GIVEN_UP_AFTER,
            },
        }
    }

    /// What is changed in an event of this kind that has come to its end, so that it names nobody.
    fn forget(self) -> Vec<Change> {
        match self {
            Self::Mail => vec![no_address()],
            Self::StoreNotice => Vec::new(),
        }
    }
}

impl Retries {
    /// How long an effect rests when the latest of so many attempts has failed.
    fn pause_after(self, attempts: u32) -> Seconds {
        // More doublings than this end in the longest pause anyway.
        let doublings = attempts.saturating_sub(1).min(16);
        Seconds(self.first_pause.0.saturating_mul(1 << doublings)).min(self.longest_pause)
    }
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
    /// Mail somebody what happened to an order. The order itself (number, lines, total, parcel) is read
    /// when the mail is written; [`Effect::of_notice`] makes these.
    MailOrder {
        /// To whom.
        to: Email,
        /// On which side of the order they are.
        party: Party,
        /// What happened.
        notice: processes::Notice,
        /// Which order.
        order_id: OrderId,
        /// In which language.
        language: Language,
        /// The amount that it is about, where that is not the order's total: what was given back.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        amount: Option<Money>,
    },
    /// Tell the store of an order what happened to it. The order says which store, and the store who
    /// its owners are: each gets an [`Effect::MailOrder`] in their own language.
    TellStore {
        /// What happened.
        notice: processes::Notice,
        /// Which order.
        order_id: OrderId,
        /// As in [`Effect::MailOrder`].
        #[serde(default, skip_serializing_if = "Option::is_none")]
        amount: Option<Money>,
    },
    /// Mail the buyer that the order is paid. Written by earlier versions; read for ever.
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
    /// What it is, for whoever carries it out.
    #[must_use]
    pub const fn kind(&self) -> EffectKind {
        match self {
            Self::MailCode { .. } | Self::MailNotice { .. } | Self::MailOrder { .. } | Self::MailOrderPaid { .. } => {
                EffectKind::Mail
            }
            Self::TellStore { .. } => EffectKind::StoreNotice,
        }
    }

    /// The effects of a notice of an order: one for each party that it is for. Each goes into an
    /// [`OutboxEvent`] with an id of its own, in the transaction that changes the order.
    ///
    /// `buyer` is the address that the order names, and `language` the order's. `amount` is what the
    /// notice is about, where that is not the order's total: what was given back.
    #[must_use]
    pub fn of_notice(
        notice: processes::Notice,
        order_id: OrderId,
        buyer: &Email,
        language: Language,
        amount: Option<Money>,
    ) -> Vec<Self> {
        let effect = |party: &Party| match party {
            Party::Buyer => {
                Self::MailOrder { to: buyer.clone(), party: Party::Buyer, notice, order_id, language, amount }
            }
            Party::Store => Self::TellStore { notice, order_id, amount },
        };
        notice.parties().iter().map(effect).collect()
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

/// The address is taken out of an event.
fn no_address() -> Change {
    Change::Set("to", Email::erased().as_str().into())
}

/// What is noted of an event that has come to its end, whichever that is; `forget` takes out of it
/// whom it was for.
fn settled(state: &str, forget: Vec<Change>, now: Timestamp) -> Vec<Change> {
    let mut changes = vec![
        Change::Set("state", state.into()),
        Change::Remove("duepk"),
        Change::Remove("duesk"),
        Change::Set("ttl", now.plus(KEPT_FOR).seconds().into()),
    ];
    changes.extend(forget);
    changes
}

/// Of many attempts at an event, the one with this number is the latest, and the event has not ended.
fn is_attempt(attempts: i64) -> Condition {
    Condition::All(vec![Condition::Is("state", "pending".into()), Condition::Is("attempts", attempts.into())])
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
        let forget = if item.text("to").is_some() { vec![no_address()] } else { Vec::new() };
        self.note_end(id, attempts, settled("failed", forget, now)).await
    }

    /// Notes how an attempt ended. What is pending again rests, and then the sweep finds it in the due
    /// index: whoever comes earlier, such as the stream with the same record, does not get it.
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn settle_event(&self, event: &OutboxEvent, state: EffectState, now: Timestamp) -> Result<(), Fault> {
        let kind = event.effect.kind();
        let changes = match state {
            EffectState::Done => settled("done", kind.forget(), now),
            EffectState::Failed => settled("failed", kind.forget(), now),
            EffectState::Suppressed => settled("suppressed", kind.forget(), now),
            EffectState::Pending => {
                let again_at = now.plus(kind.retries().pause_after(event.attempts));
                let place = OVERDUE.at(event.id, again_at);
                vec![Change::Set("duesk", place.sk.into()), Change::Set("leased_until", again_at.into())]
            }
        };
        self.note_end(event.id, event.attempts.into(), changes).await
    }

    /// Ends an event by writing others in its place, in one transaction: whatever happens, they are
    /// written once. When another attempt took over meanwhile, theirs count and these are not written.
    ///
    /// # Errors
    /// When the table does not answer, or there is no randomness.
    pub async fn replace_event(&self, event: &OutboxEvent, effects: Vec<Effect>, now: Timestamp) -> Result<(), Fault> {
        let done = settled("done", event.effect.kind().forget(), now);
        let mut transaction = self
            .transaction()
            .update(&OutboxEvent::key(event.id), done, is_attempt(event.attempts.into()))
            .or_else(|_| Fault::new(FaultKind::Contention, "another attempt at an event took over"));
        for effect in effects {
            let id = EventId::new(now, random::entropy()?);
            transaction = transaction.create(&OutboxEvent::new(id, effect, now));
        }
        match transaction.commit().await {
            // Whoever won the race ends it; should nobody have won, the sweep finds it after the lease.
            Err(Failure::Broken(fault)) if fault.kind != FaultKind::Contention => Err(fault),
            Ok(()) | Err(Failure::Broken(_) | Failure::Refused(_) | Failure::Replayed(_)) => Ok(()),
        }
    }

    /// Somebody else's attempt takes over when the lease runs out: then theirs is what counts.
    async fn note_end(&self, id: EventId, attempts: i64, changes: Vec<Change>) -> Result<(), Fault> {
        self.update(&OutboxEvent::key(id), changes, is_attempt(attempts)).await.map(|_| ())
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
        let retries = EffectKind::Mail.retries();
        let minutes = |attempts| retries.pause_after(attempts).0 / 60;
        assert_eq!((0..=10).map(minutes).collect::<Vec<_>>(), [2, 2, 4, 8, 16, 32, 64, 128, 256, 360, 360]);
        assert_eq!(retries.pause_after(u32::MAX), Seconds::hours(6));
    }
}
