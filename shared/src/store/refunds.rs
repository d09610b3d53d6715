//! Refunds: money on its way back to a buyer.
//!
//! | entity | pk | sk | why |
//! |---|---|---|---|
//! | Refund | `ORDER#{order}` | `REFUND#{refund}` | the refunds of an order are one query |
//!
//! A refund is written by the engine, in the transaction of the step that causes it
//! (`SellEffect::Refund`), and closed in the transaction of the step that it makes possible
//! (`SellEffect::CloseRefund`). In between it stands in `due`, until the provider has carried it out: see
//! [`Table::due_refunds`].

use domain::{
    Money, Timestamp,
    ids::{CheckoutId, OrderId, RefundId},
};
use serde::{Deserialize, Serialize};

use super::{
    Entity, Index, Item, Key, Kind, Place, Query, Table,
    due::DueWork,
    due_walk::DueWalk,
    expression::{Change, Condition},
    key::IndexKey,
    table::Updated,
};
use crate::fault::Fault;

/// Money on its way back to a buyer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refund {
    /// The id.
    pub id: RefundId,
    /// The order.
    pub order_id: OrderId,
    /// Whose payment gives it back.
    pub checkout_id: CheckoutId,
    /// How much.
    pub amount: Money,
    /// What it is for.
    pub cause: RefundCause,
    /// How far it is.
    pub state: RefundState,
    /// Which call to the provider is the next, or the one whose outcome is not known, from 1. Part of the
    /// provider's idempotency key, so it is stored before the call.
    pub attempt: u32,
    /// How often the provider was asked in vain. The pauses grow with it.
    pub asked: u32,
    /// From when on the provider is to be asked.
    pub ask_at: Timestamp,
    /// When it was made.
    pub created_at: Timestamp,
    /// Rises with each write.
    pub version: u32,
}

/// What a refund is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefundCause {
    /// The order was cancelled.
    Cancel,
    /// The goods came back.
    Return,
}

/// How far a refund is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefundState {
    /// The provider has to give the money back.
    Due,
    /// The money went back.
    Done,
}

impl RefundState {
    /// As items spell it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Due => "due",
            Self::Done => "done",
        }
    }
}

const DUE: Place = Place::new(Index::Due, "DUE#REFUNDS#*", "{due_at}#{order}#{refund}");

/// Refunds that the provider is to carry out.
const REFUNDS: DueWork<Refund> = DueWork::new(DUE, "");

impl Kind {
    /// See [`Refund`].
    pub const REFUND: Self = Self::new("refund", "ORDER#*", "REFUND#{refund}").in_indexes(&[DUE]);
}

/// By what a refund is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RefundPlace {
    /// The order.
    pub order_id: OrderId,
    /// The id.
    pub id: RefundId,
}

impl std::fmt::Display for RefundPlace {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.order_id, self.id)
    }
}

impl std::str::FromStr for RefundPlace {
    type Err = domain::ids::NotAnId;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (order, refund) = text.split_once('/').unwrap_or((text, ""));
        Ok(Self { order_id: order.parse()?, id: refund.parse()? })
    }
}

impl Refund {
    /// The key of a refund.
    #[must_use]
    pub fn key(place: RefundPlace) -> Key<Self> {
        Key::new(Kind::REFUND, place.order_id, place.id)
    }

    /// By what it is found.
    #[must_use]
    pub const fn place(&self) -> RefundPlace {
        RefundPlace { order_id: self.order_id, id: self.id }
    }
}

impl Entity for Refund {
    const KIND: Kind = Kind::REFUND;

    fn to_key(&self) -> Key<Self> {
        Self::key(self.place())
    }

    fn index_keys(&self) -> Vec<IndexKey> {
        match self.state {
            RefundState::Due => vec![REFUNDS.at(self.place(), self.ask_at)],
            RefundState::Done => Vec::new(),
        }
    }
}

impl Table {
    /// A refund.
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn get_refund(&self, place: RefundPlace) -> Result<Option<Refund>, Fault> {
        self.get(Refund::key(place)).await
    }

    /// The refunds of an order, the oldest first.
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn list_refunds(&self, order: OrderId) -> Result<Vec<Refund>, Fault> {
        let query = Query::all_of(Kind::REFUND, order);
        self.query_consistently(query).await?.items.into_iter().map(Item::read).collect()
    }

    /// Notes that the provider is about to be asked, under which attempt, and when to look again. `None` when
    /// somebody else has moved the refund.
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn note_refund(&self, refund: &Refund, attempt: u32, ask_at: Timestamp) -> Result<Option<Refund>, Fault> {
        let next = Refund {
            attempt,
            ask_at,
            asked: refund.asked.saturating_add(1),
            version: refund.version.saturating_add(1),
            ..refund.clone()
        };
        let changes = vec![
            Change::Set("attempt", next.attempt.into()),
            Change::Set("ask_at", next.ask_at.into()),
            Change::Set("asked", next.asked.into()),
            Change::Set("version", next.version.into()),
            Change::Set("duesk", REFUNDS.at(next.place(), ask_at).sk.into()),
        ];
        let as_read = Condition::All(vec![
            Condition::Is("state", RefundState::Due.as_str().into()),
            Condition::Is("version", refund.version.into()),
        ]);
        Ok(match self.update(&refund.to_key(), changes, as_read).await? {
            Updated::Done(_) => Some(next),
            Updated::ConditionFailed(_) => None,
        })
    }

    /// Refunds that the provider should be asked to carry out by now.
    #[must_use]
    pub fn due_refunds(&self, now: Timestamp) -> DueWalk<'_, Refund, RefundPlace> {
        DueWalk::new(self, REFUNDS, now)
    }
}
