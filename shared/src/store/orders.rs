//! Orders.
//!
//! | entity | pk | sk | why |
//! |---|---|---|---|
//! | Order | `ORDER#{order}` | `ORDER` | |
//! | PaymentOwner | `PAYMENT#{provider}#{payment}` | `OWNER` | a provider's payment pays one order |
//!
//! A buyer's orders are in `gsi1`. An order that waits for time is in `due`: pending until its hold
//! ends, confirming until the provider is to be asked again.
//!
//! A status is written by [`Transaction::open_order`] and [`Transaction::move_order`] and by nothing
//! else. They carry out the process's row: stock, ledger, outbox and audit in the same transaction,
//! under the condition that the order is still what the row starts from.

use domain::{
    Language, Money, Timestamp,
    ids::{EventId, OrderId, UserId},
    ledger::{FeePolicy, Posting},
    orders::{Contact, HistoryEntry, Order, OrderLine, OrderStatus, SellerShare, ShippingAddress, order_number},
    payments::{PaymentKey, PaymentProvider},
    processes::{
        Actor, Effect as Moves, Event as _, Moments, Notice, Transition,
        sell::{SELL, SellEvent, SellState},
    },
};
use serde::{Deserialize, Serialize};

use super::{
    Entity, Index, Key, Kind, Place, Table, Transaction,
    audit::AuditRow,
    due::DueWork,
    expression::{Change, Condition, Value},
    idempotency::IdempotencyRecord,
    key::{IndexKey, by_time},
    listings::StockMove,
    outbox::{Effect, OutboxEvent},
    table::Updated,
};
use crate::{
    api::idempotency::{Claim, StoredReply},
    fault::{Failure, Fault, FaultKind},
};

/// An order as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredOrder {
    /// Its id.
    pub id: OrderId,
    /// Who ordered; `None` for a guest.
    pub buyer: Option<UserId>,
    /// In which language to write to them.
    pub language: Language,
    /// Whom to ask about it.
    pub contact: Contact,
    /// Where the goods go.
    pub shipping: ShippingAddress,
    /// What was bought, at the prices of that moment.
    pub lines: Vec<OrderLine>,
    /// What each seller has in it.
    pub sellers: Vec<SellerShare>,
    /// The price of all lines.
    pub subtotal: Money,
    /// The shipping fee.
    pub shipping_fee: Money,
    /// What is to be paid.
    pub total: Money,
    /// The platform's part, frozen at the sale.
    pub fee: FeePolicy,
    /// The state.
    pub status: OrderStatus,
    /// When it entered the state.
    pub entered_at: Timestamp,
    /// Rises with each write.
    pub version: u32,
    /// When it was placed.
    pub placed_at: Timestamp,
    /// When the hold on its stock ends.
    pub expires_at: Timestamp,
    /// When it was paid.
    pub paid_at: Option<Timestamp>,
    /// The states that it went through.
    pub history: Vec<HistoryEntry>,
    /// How it is paid.
    pub payment: Payment,
}

/// How an order is paid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payment {
    /// By whom.
    pub provider: PaymentProvider,
    /// How often the provider was asked to confirm. Part of its idempotency key, so it is stored
    /// before the call.
    pub attempt: u32,
    /// The payment that is being confirmed, or was.
    pub key: Option<PaymentKey>,
    /// While confirming: when to ask again.
    pub ask_at: Option<Timestamp>,
    /// How often it was asked again.
    pub asked: u32,
    /// Where the buyer finds the provider's receipt.
    pub receipt_url: Option<String>,
}

/// How the asking about a payment goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asking {
    /// When to ask again.
    pub ask_at: Timestamp,
    /// How often it was asked so far.
    pub asked: u32,
    /// The attempt; its provider idempotency key is stored by this before it is used.
    pub attempt: u32,
}

pub(super) const OF_BUYER: Place = Place::new(Index::Gsi1, "BUYER#*", "{placed_at}#{order}");
const DUE: Place = Place::new(Index::Due, "DUE#ORDERS#*", "{due_at}#{order}");

/// Orders whose hold ends.
const HOLDS: DueWork<StoredOrder> = DueWork::new(DUE, "HOLDS#");
/// Orders whose payment is to be asked about.
const PAYMENTS: DueWork<StoredOrder> = DueWork::new(DUE, "PAYMENTS#");

impl Kind {
    /// See [`StoredOrder`].
    pub const ORDER: Self = Self::new("order", "ORDER#*", "ORDER").in_indexes(&[OF_BUYER, DUE]);
}

impl StoredOrder {
    /// Its key.
    #[must_use]
    pub fn key(id: OrderId) -> Key<Self> {
        Key::new(Kind::ORDER, id, "")
    }
}

impl Entity for StoredOrder {
    const KIND: Kind = Kind::ORDER;

    fn to_key(&self) -> Key<Self> {
        StoredOrder::key(self.id)
    }

    fn index_keys(&self) -> Vec<IndexKey> {
        let mut places = Vec::new();
        if let Some(buyer) = self.buyer {
            places.push(OF_BUYER.of(buyer, by_time(self.placed_at, self.id)));
        }
        match self.status {
            SellState::Pending => places.push(HOLDS.at(self.id, self.expires_at)),
            SellState::Confirming => {
                places.push(PAYMENTS.at(self.id, self.payment.ask_at.unwrap_or(self.entered_at)));
            }
            _ => {}
        }
        places
    }
}

/// Which order a provider's payment paid, or is paying.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaymentOwner {
    /// The provider.
    pub provider: PaymentProvider,
    /// Its payment.
    pub payment_key: PaymentKey,
    /// The order.
    pub order_id: OrderId,
}

impl Kind {
    /// See [`PaymentOwner`].
    pub const PAYMENT_OWNER: Self = Self::new("payment_owner", "PAYMENT#*", "OWNER");
}

impl PaymentOwner {
    /// Its key.
    #[must_use]
    pub fn key(provider: PaymentProvider, payment: &PaymentKey) -> Key<Self> {
        Key::new(Kind::PAYMENT_OWNER, format_args!("{}#{}", provider_name(provider), payment.as_str()), "")
    }
}

impl Entity for PaymentOwner {
    const KIND: Kind = Kind::PAYMENT_OWNER;

    fn to_key(&self) -> Key<Self> {
        PaymentOwner::key(self.provider, &self.payment_key)
    }
}

const fn provider_name(provider: PaymentProvider) -> &'static str {
    match provider {
        PaymentProvider::Toss => "toss",
    }
}

/// The buyer's steps that have an endpoint. The process knows more of them, and what nobody can ask
/// for must not be offered: whoever adds the endpoint of a step adds the step here.
const CAN_BE_ASKED_FOR: [&str; 1] = ["pay"];

impl StoredOrder {
    /// The order as its buyer sees it.
    #[must_use]
    pub fn shown_to_buyer(&self, now: Timestamp) -> Order {
        Order {
            id: self.id,
            number: order_number(self.id, self.placed_at),
            status: self.status,
            lines: self.lines.clone(),
            subtotal: self.subtotal,
            shipping_fee: self.shipping_fee,
            total: self.total,
            contact: self.contact.clone(),
            shipping: self.shipping.clone(),
            placed_at: self.placed_at,
            expires_at: (self.status == SellState::Pending).then_some(self.expires_at),
            paid_at: self.paid_at,
            actions: SELL
                .actions(self.status, Actor::Buyer, self.moments(), now)
                .into_iter()
                .filter(|action| CAN_BE_ASKED_FOR.contains(action))
                .map(str::to_owned)
                .collect(),
            history: self.history.clone(),
        }
    }

    /// The moments that the process's guards count from.
    #[must_use]
    pub const fn moments(&self) -> Moments {
        Moments { started_at: self.placed_at, entered_at: self.entered_at }
    }

    /// The row of the process for an event, if it may happen now.
    ///
    /// # Errors
    /// When the process has no such step, or it is too early or too late for it.
    pub fn step(
        &self,
        event: SellEvent,
        actor: Actor,
        now: Timestamp,
    ) -> Result<&'static Transition<SellState, SellEvent>, domain::processes::Refusal> {
        SELL.step(self.status, event, actor, self.moments(), now)
    }

    /// The order after a row of the process.
    #[must_use]
    pub fn moved(&self, row: &Transition<SellState, SellEvent>, now: Timestamp) -> Self {
        let mut next = self.clone();
        next.status = row.to;
        next.entered_at = now;
        next.version = self.version.saturating_add(1);
        next.history.push(HistoryEntry { status: row.to, at: now });
        next
    }

    /// The condition that the order is still as it was read.
    fn unchanged(&self) -> Condition {
        Condition::All(vec![
            Condition::Is("status", domain::processes::State::name(self.status).into()),
            Condition::Is("version", self.version.into()),
        ])
    }
}

/// What a change of an order needs besides the order itself.
#[derive(Debug, Clone)]
pub struct Move<'a> {
    /// The moment of the change.
    pub now: Timestamp,
    /// The request or invocation that makes it.
    pub request_id: &'a str,
    /// The person, where the actor is one who is signed in.
    pub user_id: Option<UserId>,
    /// The sale's posting, where the row posts one.
    pub posting: Option<Posting>,
    /// The id for the outbox row, where the row tells the buyer something.
    pub event_id: EventId,
}

impl<'t> Transaction<'t> {
    /// Places an order: writes it and holds its stock. The meaning of stock that does not suffice is
    /// told by `short`, which gets the line and what is available.
    #[must_use]
    pub fn open_order<F: Into<Failure>>(
        self,
        order: &StoredOrder,
        how: &Move<'_>,
        short: impl Fn(usize, u32) -> F + Send + Sync + Clone + 't,
    ) -> Self {
        let mut transaction = self.create(order).create(&audit(order, None, "place", Actor::Buyer, how));
        for (index, line) in order.lines.iter().enumerate() {
            let short = short.clone();
            transaction = transaction
                .move_stock(line.listing_id, line.variant_id, StockMove::Hold, line.quantity.get())
                .or_else(move |stock| {
                    let available = stock.and_then(|item| item.number("available")).unwrap_or(0);
                    short(index, u32::try_from(available).unwrap_or(0)).into()
                });
        }
        transaction
    }

    /// Carries out a row of the process. `next` is the order after it: [`StoredOrder::moved`] and
    /// whatever the payment changed. Refuses as `raced` says when the order is no longer `before`.
    #[must_use]
    pub fn move_order<F: Into<Failure>>(
        self,
        before: &StoredOrder,
        row: &'static Transition<SellState, SellEvent>,
        next: &StoredOrder,
        how: &Move<'_>,
        raced: impl Fn() -> F + Send + Sync + 't,
    ) -> Self {
        let mut transaction = self.put(next, before.unchanged()).or_else(move |_| raced()).create(&audit(
            next,
            Some(before.status),
            row.event.name(),
            row.actor,
            how,
        ));
        for effect in row.effects {
            transaction = match effect {
                Moves::HoldStock => transaction.move_lines(before, StockMove::Hold),
                Moves::ReleaseStock => transaction.move_lines(before, StockMove::Release),
                Moves::SellStock => transaction.move_lines(before, StockMove::Sell { at: how.now }),
                Moves::ReturnStock => transaction.move_lines(before, StockMove::Return),
                Moves::PostSale | Moves::PostRefund => transaction.post(how.posting.as_ref()),
                Moves::Notify(notice) => transaction.tell(next, *notice, how),
                // The provider has been asked before; its answer is why we are here.
                Moves::Capture | Moves::Refund => transaction,
            };
        }
        transaction
    }

    fn move_lines(self, order: &StoredOrder, movement: StockMove) -> Self {
        order.lines.iter().fold(self, |transaction, line| {
            transaction
                .move_stock(line.listing_id, line.variant_id, movement, line.quantity.get())
                .or_else(|_| Fault::new(FaultKind::Corrupt, "an order holds stock that the stock does not know of"))
        })
    }

    fn post(self, posting: Option<&Posting>) -> Self {
        match posting {
            Some(posting) => self.create(posting),
            None => self,
        }
    }

    fn tell(self, order: &StoredOrder, notice: Notice, how: &Move<'_>) -> Self {
        match notice {
            Notice::OrderPaid => {
                let effect = Effect::MailOrderPaid {
                    to: order.contact.email.clone(),
                    order_id: order.id,
                    language: order.language,
                };
                self.create(&OutboxEvent::new(how.event_id, effect, how.now))
            }
            // These notices come with the endpoints that cause them.
            Notice::OrderReceived
            | Notice::OrderShipped
            | Notice::OrderDelivered
            | Notice::ReceiptConfirmed
            | Notice::OrderCancelled
            | Notice::ReturnRequested
            | Notice::ReturnRefused
            | Notice::Refunded => self,
        }
    }
}

fn audit(order: &StoredOrder, from: Option<OrderStatus>, event: &str, actor: Actor, how: &Move<'_>) -> AuditRow {
    AuditRow {
        order_id: order.id,
        version: order.version,
        at: how.now,
        event: event.to_owned(),
        actor: actor.name().to_owned(),
        user_id: how.user_id,
        from,
        to: order.status,
        request_id: how.request_id.to_owned(),
    }
}

impl Table {
    /// The order.
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn get_order(&self, id: OrderId) -> Result<Option<StoredOrder>, Fault> {
        self.get(StoredOrder::key(id)).await
    }

    /// The order, and the answer that this request got before, if it did: both in one read.
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn get_order_and_answer(
        &self,
        id: OrderId,
        claim: &Claim,
    ) -> Result<(Option<StoredOrder>, Option<StoredReply>), Fault> {
        let wanted = (StoredOrder::key(id), IdempotencyRecord::key(&claim.record));
        let (order, answer) = self.get_together(wanted).await?;
        let answer = answer.map(|record| record.open(claim)).transpose()?;
        Ok((order, answer.filter(|answer| answer.expires_at > claim.at)))
    }

    /// Notes how the asking about an order that is confirming goes on: when to ask again, and under
    /// which attempt. `None` when the order has moved on.
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn note_asking(&self, order: &StoredOrder, asking: Asking) -> Result<Option<StoredOrder>, Fault> {
        let mut next = order.clone();
        next.version = order.version.saturating_add(1);
        next.payment.ask_at = Some(asking.ask_at);
        next.payment.asked = asking.asked;
        next.payment.attempt = asking.attempt;
        let place = PAYMENTS.at(order.id, asking.ask_at);
        let payment = serde_dynamo::to_attribute_value(&next.payment)
            .map_err(|error| Fault::new(FaultKind::Corrupt, "write a payment").with_source(error))?;
        let changes = vec![
            Change::Set("payment", Value::Any(payment)),
            Change::Set("duesk", place.sk.into()),
            Change::Set("version", next.version.into()),
        ];
        match self.update(&order.to_key(), changes, order.unchanged()).await? {
            Updated::Done(_) => Ok(Some(next)),
            Updated::ConditionFailed(_) => Ok(None),
        }
    }

    /// Orders whose hold should have ended by now.
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn orders_with_ended_holds(&self, now: Timestamp, limit: u32) -> Result<Vec<OrderId>, Fault> {
        self.due(HOLDS, now, limit).await
    }

    /// Orders whose payment should be asked about again by now.
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn orders_with_unknown_payments(&self, now: Timestamp, limit: u32) -> Result<Vec<OrderId>, Fault> {
        self.due(PAYMENTS, now, limit).await
    }
}
