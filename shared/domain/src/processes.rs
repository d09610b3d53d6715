//! Processes as data: who may do what in which state, what comes next, and what it moves.
//!
//! A process is one table of [`Transition`]s. Every change of a status goes through
//! [`Process::step`], so the permitted actions in a reply, the diagram in the documentation and
//! the proofs in the tests all read the same rows.
//!
//! [`sell`] is the table of orders that are delivered, [`payment`] that of the payment over the orders of
//! one checkout. Orders that are picked up, rentals and matches get tables of their own.

mod page;
pub mod payment;
#[cfg(test)]
mod proofs;
pub mod sell;

use serde::{Deserialize, Serialize};

use crate::{Timestamp, timestamp::Seconds};

/// A state of a process.
pub trait State: Copy + Eq + Ord + std::fmt::Debug + 'static {
    /// Every state.
    const ALL: &'static [Self];

    /// The name in snake case, as the API and the table spell it.
    fn name(self) -> &'static str;

    /// Whether the state waits for time or for a provider. Then something stands in the due index for it,
    /// so that nothing can wait and be forgotten.
    fn waits(self) -> bool;
}

/// Something that happens in a process.
pub trait Event: Copy + Eq + Ord + std::fmt::Debug + 'static {
    /// Every event.
    const ALL: &'static [Self];

    /// The name in snake case.
    fn name(self) -> &'static str;

    /// What a person does to make it happen, as `actions` of a reply spells it.
    fn action(self) -> &'static str {
        self.name()
    }
}

/// Who makes an event happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Actor {
    /// The person who buys, a member or a guest with the order's secret.
    Buyer,
    /// The person who sells.
    Seller,
    /// A person who runs the marketplace.
    Admin,
    /// The payment provider, by its answer.
    Provider,
    /// The passing of time.
    Time,
    /// The marketplace itself, by what it learns from elsewhere.
    System,
}

impl Actor {
    /// The name in snake case.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Buyer => "buyer",
            Self::Seller => "seller",
            Self::Admin => "admin",
            Self::Provider => "provider",
            Self::Time => "time",
            Self::System => "system",
        }
    }

    /// Whether it is a person, who is offered actions.
    #[must_use]
    pub const fn is_person(self) -> bool {
        matches!(self, Self::Buyer | Self::Seller | Self::Admin)
    }
}

/// From when a span of time counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Since {
    /// From the beginning of the process.
    Start,
    /// From when the present state was entered.
    Entered,
}

/// When a transition is open. A transition before a span and one after the same span never overlap
/// and leave no gap: at the exact end of the span only the latter is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Guard {
    /// At any time.
    Always,
    /// While the span has not passed.
    Before(Since, Seconds),
    /// Once the span has passed.
    After(Since, Seconds),
}

impl Guard {
    /// Whether the transition is open now.
    #[must_use]
    pub fn allows(self, moments: Moments, now: Timestamp) -> bool {
        match self {
            Self::Always => true,
            Self::Before(since, span) => now < moments.get(since).plus(span),
            Self::After(since, span) => now >= moments.get(since).plus(span),
        }
    }
}

/// The moments of one running process that guards count from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moments {
    /// When the process began.
    pub started_at: Timestamp,
    /// When the present state was entered.
    pub entered_at: Timestamp,
}

impl Moments {
    const fn get(self, since: Since) -> Timestamp {
        match since {
            Since::Start => self.started_at,
            Since::Entered => self.entered_at,
        }
    }
}

/// What a transition moves besides the status. All of it happens in the same transaction, or leaves
/// through a row that the transaction writes. Each process has effects of its own, so that whoever
/// carries out its rows has to carry out all of them and no others.
pub trait Effect: Copy + Eq + std::fmt::Debug + 'static {
    /// What it does to the balance.
    fn apply(self, balance: &mut Balance);

    /// What it does, in words for the documents.
    fn text(self) -> String;
}

/// One of the two sides of an order that can be told something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Party {
    /// Who buys.
    Buyer,
    /// The store that sells.
    Store,
}

/// What somebody is told. The names are stored in the outbox: one that was in use stays readable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Notice {
    /// The buyer: the order is paid.
    OrderPaid,
    /// The seller: there is an order to prepare.
    OrderReceived,
    /// The buyer: the parcel is on its way.
    OrderShipped,
    /// The buyer: the parcel has arrived, as the seller or the courier says.
    OrderDelivered,
    /// The seller: the buyer has the goods, and the money is the seller's.
    ReceiptConfirmed,
    /// Buyer and seller: the order is cancelled.
    OrderCancelled,
    /// The seller: the buyer wants to return the goods.
    ReturnRequested,
    /// The buyer: the seller does not take the goods back.
    ReturnRefused,
    /// The buyer: the money was given back.
    Refunded,
}

impl Notice {
    /// Every notice.
    pub const ALL: [Self; 9] = [
        Self::OrderPaid,
        Self::OrderReceived,
        Self::OrderShipped,
        Self::OrderDelivered,
        Self::ReceiptConfirmed,
        Self::OrderCancelled,
        Self::ReturnRequested,
        Self::ReturnRefused,
        Self::Refunded,
    ];

    /// Whom it is for.
    #[must_use]
    pub const fn parties(self) -> &'static [Party] {
        match self {
            Self::OrderPaid | Self::OrderShipped | Self::OrderDelivered | Self::ReturnRefused | Self::Refunded => {
                &[Party::Buyer]
            }
            Self::OrderReceived | Self::ReceiptConfirmed | Self::ReturnRequested => &[Party::Store],
            Self::OrderCancelled => &[Party::Buyer, Party::Store],
        }
    }
}

/// One row of a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Transition<S: 'static, E: 'static, F: 'static> {
    /// The state that it leaves.
    pub from: S,
    /// What happens.
    pub event: E,
    /// Who makes it happen.
    pub actor: Actor,
    /// When it is open.
    pub guard: Guard,
    /// The state that it enters.
    pub to: S,
    /// What it moves.
    pub effects: &'static [F],
}

/// What a process has moved so far, net.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Balance {
    /// Stock that is held: 0 or 1 times the pieces of the order.
    pub held: i8,
    /// Stock that left the shop: 0 or 1 times the pieces of the order.
    pub sold: i8,
    /// The buyer's money that is here and not on its way back: 0 or 1 times the total.
    pub money: i8,
    /// Sales that stand in the ledger without their refund.
    pub posted: i8,
    /// Refunds that the provider has yet to carry out.
    pub refunding: i8,
}

impl Balance {
    /// Nothing moved, or all of it moved back.
    pub const NOTHING: Self = Self { held: 0, sold: 0, money: 0, posted: 0, refunding: 0 };
    /// The goods are the buyer's and the money is here.
    pub const SOLD: Self = Self { sold: 1, money: 1, posted: 1, ..Self::NOTHING };
}

/// A whole process.
#[derive(Debug, Clone, Copy)]
pub struct Process<S: 'static, E: 'static, F: 'static> {
    /// Its name in the documentation.
    pub name: &'static str,
    /// The state in which it begins.
    pub start: S,
    /// What its beginning moves.
    pub opening: &'static [F],
    /// Its rows. No two have the same state, event and actor.
    pub transitions: &'static [Transition<S, E, F>],
    /// The states in which it ends, and what has been moved by then.
    pub finals: &'static [(S, Balance)],
}

/// Why an event cannot happen now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The actor cannot make this event happen in this state.
    #[error("the process has no such step")]
    NoSuchStep,
    /// The step exists, and it is too early or too late for it.
    #[error("it is too early or too late for this step")]
    NotNow,
}

impl<S: State, E: Event, F: Effect> Process<S, E, F> {
    /// The row for an event, whatever the time.
    #[must_use]
    pub fn find(&self, state: S, event: E, actor: Actor) -> Option<&'static Transition<S, E, F>> {
        self.transitions.iter().find(|row| row.from == state && row.event == event && row.actor == actor)
    }

    /// The row to carry out when an actor makes an event happen now.
    ///
    /// # Errors
    /// [`Refusal`] when there is no such row, or it is not open now.
    pub fn step(
        &self,
        state: S,
        event: E,
        actor: Actor,
        moments: Moments,
        now: Timestamp,
    ) -> Result<&'static Transition<S, E, F>, Refusal> {
        let row = self.find(state, event, actor).ok_or(Refusal::NoSuchStep)?;
        if row.guard.allows(moments, now) { Ok(row) } else { Err(Refusal::NotNow) }
    }

    /// What a person may do now, in the order of the table. Nothing for an actor who is no person.
    #[must_use]
    pub fn actions(&self, state: S, actor: Actor, moments: Moments, now: Timestamp) -> Vec<&'static str> {
        self.open_rows(state, actor, moments, now).map(|row| row.event.action()).collect()
    }

    /// The rows that a person may take now.
    pub fn open_rows(
        &self,
        state: S,
        actor: Actor,
        moments: Moments,
        now: Timestamp,
    ) -> impl Iterator<Item = &'static Transition<S, E, F>> {
        self.transitions
            .iter()
            .filter(move |row| actor.is_person() && row.from == state && row.actor == actor)
            .filter(move |row| row.guard.allows(moments, now))
    }

    /// Whether the process ends in this state.
    #[must_use]
    pub fn is_final(&self, state: S) -> bool {
        self.finals.iter().any(|(last, _)| *last == state)
    }
}
