//! Payments: each pays the orders of one checkout.
//!
//! | entity | pk | sk | why |
//! |---|---|---|---|
//! | Payment | `CHECKOUT#{checkout}` | `PAYMENT` | |
//! | PaymentOwner | `PAYMENT#{provider}#{payment}` | `OWNER` | a provider's payment pays one checkout |
//!
//! A payment that waits stands in `due`, for all its orders: pending until the hold on their stock ends,
//! confirming until the provider is to be asked again.
//!
//! Its status is written by [`Transaction::open_checkout`] and [`Transaction::move_payment`] and by nothing
//! else.

mod of_old_orders;

use aws_sdk_dynamodb::types::AttributeValue;
use domain::{
    Language, Money, Timestamp,
    checkout::Checkout,
    ids::{CheckoutId, OrderId, StoreId, UserId},
    payments::{PaymentKey, PaymentProvider},
    processes::{
        Actor, Moments, Refusal, State as _,
        payment::{PAYMENT, PaymentEffect, PaymentEvent, PaymentRow, PaymentState, WaitsFor},
        sell::{SELL, SellEvent},
    },
};
use serde::{Deserialize, Serialize};

use super::{
    Entity, Index, Key, Kind, Place, Table, Transaction,
    due::DueWork,
    due_walk::DueWalk,
    expression::{Change, Condition},
    holdings::{Held, Holding},
    idempotency::IdempotencyRecord,
    item::Attributes,
    key::IndexKey,
    orders::{By, StoredOrder, raced},
    table::Updated,
};
use crate::{
    fault::{Failure, Fault, FaultKind},
    ground::idempotency::{Claim, StoredReply},
};

/// The payment over the orders of a checkout.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payment {
    /// The checkout.
    pub checkout_id: CheckoutId,
    /// Who pays; `None` for a guest.
    pub buyer: Option<UserId>,
    /// In which language the provider words a refusal.
    pub language: Language,
    /// What it pays.
    pub orders: Vec<PaidPart>,
    /// The price of all goods.
    pub subtotal: Money,
    /// All shipping fees.
    pub shipping_fee: Money,
    /// What is to be paid.
    pub total: Money,
    /// By whom it is paid.
    pub provider: PaymentProvider,
    /// How often the provider was asked to confirm. Part of its idempotency key, so it is stored
    /// before the call.
    pub attempt: u32,
    /// The provider's payment that is being confirmed, or was.
    pub key: Option<PaymentKey>,
    /// While confirming: when to ask again.
    pub ask_at: Option<Timestamp>,
    /// How often it was asked again.
    pub asked: u32,
    /// Where the buyer finds the provider's receipt.
    pub receipt_url: Option<String>,
    /// What the provider took.
    pub captured: Money,
    /// What of it was given back.
    pub refunded: Money,
    /// The state.
    pub status: PaymentState,
    /// When it entered the state.
    pub entered_at: Timestamp,
    /// Rises with each write.
    pub version: u32,
    /// When it was placed.
    pub placed_at: Timestamp,
    /// When the hold on the stock of its orders ends.
    pub expires_at: Timestamp,
    /// For whom the pieces count as held, as long as they do.
    pub held: Option<Held>,
}

/// One order of a payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaidPart {
    /// The order.
    pub order_id: OrderId,
    /// The store.
    pub store_id: StoreId,
    /// What is to be paid.
    pub total: Money,
}

/// A payment with the orders that it pays.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlacedCheckout {
    /// The payment.
    pub payment: Payment,
    /// The orders, one for each store.
    pub orders: Vec<StoredOrder>,
}

const DUE: Place = Place::new(Index::Due, "DUE#PAYMENTS#*", "{due_at}#{checkout}");

/// Payments whose hold ends.
const HOLDS: DueWork<Payment> = DueWork::new(DUE, "HOLDS#");
/// Payments that the provider is to be asked about.
const QUESTIONS: DueWork<Payment> = DueWork::new(DUE, "QUESTIONS#");

impl Kind {
    /// See [`Payment`].
    pub const PAYMENT: Self = Self::new("payment", "CHECKOUT#*", "PAYMENT").in_indexes(&[DUE]);
    /// See [`PaymentOwner`].
    pub const PAYMENT_OWNER: Self = Self::new("payment_owner", "PAYMENT#*", "OWNER");
}

impl Entity for Payment {
    const KIND: Kind = Kind::PAYMENT;

    fn to_key(&self) -> Key<Self> {
        Self::key(self.checkout_id)
    }

    fn index_keys(&self) -> Vec<IndexKey> {
        let place = self.status.waits_for().map(|waits_for| match waits_for {
            WaitsFor::HoldEnd => HOLDS.at(self.checkout_id, self.expires_at),
            WaitsFor::Question => QUESTIONS.at(self.checkout_id, self.ask_at.unwrap_or(self.entered_at)),
        });
        place.into_iter().collect()
    }
}

/// Which checkout a provider's payment paid, or is paying.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaymentOwner {
    /// By whom it is paid.
    pub provider: PaymentProvider,
    /// The provider's name for the payment.
    pub payment_key: PaymentKey,
    /// The checkout.
    pub checkout_id: CheckoutId,
}

impl PaymentOwner {
    /// The key of the owner of a provider's payment.
    #[must_use]
    pub fn key(provider: PaymentProvider, payment: &PaymentKey) -> Key<Self> {
        let provider = match provider {
            PaymentProvider::Toss => "toss",
        };
        Key::new(Kind::PAYMENT_OWNER, format_args!("{provider}#{}", payment.as_str()), "")
    }
}

impl Entity for PaymentOwner {
    const KIND: Kind = Kind::PAYMENT_OWNER;
    const VERSION: u16 = 2;

    fn to_key(&self) -> Key<Self> {
        Self::key(self.provider, &self.payment_key)
    }

    /// Version 1 is from before there were checkouts, and named the order.
    fn upgrade(version: u16, mut item: Attributes) -> Result<Attributes, Fault> {
        match version {
            1 => {
                let order = item.remove("order_id").and_then(|order| order.as_s().ok().and_then(|id| id.parse().ok()));
                let order: OrderId = order.ok_or_else(|| Fault::new(FaultKind::Corrupt, "read a payment's owner"))?;
                let checkout = CheckoutId::of_lone_order(order).to_string();
                item.insert("checkout_id".to_owned(), AttributeValue::S(checkout));
                Ok(item)
            }
            Self::VERSION => Ok(item),
            _ => Err(Fault::new(FaultKind::Corrupt, "an item has a version that this code does not know")),
        }
    }
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

impl Payment {
    /// The key of the payment of a checkout.
    #[must_use]
    pub fn key(checkout: CheckoutId) -> Key<Self> {
        Key::new(Kind::PAYMENT, checkout, "")
    }

    /// The row of the process for an event, if it may happen now.
    ///
    /// # Errors
    /// When the process has no such step, or it is too early or too late for it.
    pub fn step(&self, event: PaymentEvent, actor: Actor, now: Timestamp) -> Result<&'static PaymentRow, Refusal> {
        let moments = Moments { started_at: self.placed_at, entered_at: self.entered_at };
        PAYMENT.step(self.status, event, actor, moments, now)
    }

    /// What the provider took and has not given back.
    #[must_use]
    pub fn left(&self) -> Money {
        self.captured.minus(self.refunded).unwrap_or(Money::zero(self.captured.currency))
    }

    /// The condition that the payment is still as it was read.
    fn unchanged(&self) -> Condition {
        Condition::All(vec![
            Condition::Is("status", self.status.name().into()),
            Condition::Is("version", self.version.into()),
        ])
    }
}

impl PlacedCheckout {
    /// The checkout as its buyer sees it.
    #[must_use]
    pub fn shown_to_buyer(&self, now: Timestamp) -> Checkout {
        let payment = &self.payment;
        Checkout {
            id: payment.checkout_id,
            status: payment.status,
            orders: self.orders.iter().map(|order| order.shown_to_buyer(now)).collect(),
            subtotal: payment.subtotal,
            shipping_fee: payment.shipping_fee,
            total: payment.total,
            expires_at: (payment.status == PaymentState::Pending).then_some(payment.expires_at),
        }
    }
}

impl<'t> Transaction<'t> {
    /// Places a checkout: writes its payment and its orders, holds their stock and counts what its buyer
    /// holds. The meaning of stock that does not suffice is told by `short`, which gets the place of the
    /// order, that of the line in it, and what is available.
    ///
    /// # Errors
    /// When there is no randomness.
    pub fn open_checkout<F: Into<Failure>>(
        mut self,
        checkout: &PlacedCheckout,
        holding: &Holding,
        by: &By<'_>,
        short: impl Fn(usize, usize, u32) -> F + Send + Sync + Clone + 't,
    ) -> Result<Self, Fault> {
        self = self.create(&checkout.payment);
        for effect in PAYMENT.opening {
            self = match effect {
                PaymentEffect::CountHeld => self.count_held(holding, by.now),
                PaymentEffect::ReleaseHeld(_)
                | PaymentEffect::MoveOrders(_)
                | PaymentEffect::Capture
                | PaymentEffect::GiveBackPart
                | PaymentEffect::GiveBackRest => return Err(no_opening()),
            };
        }
        for (place, order) in checkout.orders.iter().enumerate() {
            let short = short.clone();
            self = self.open_order(order, by, move |line, available| short(place, line, available))?;
        }
        Ok(self)
    }

    /// Carries out a row of a payment's process, with a step of every order where the row says so. What the
    /// step brings besides, such as the provider's payment key, is set on the payment beforehand.
    ///
    /// Gives the checkout as it is afterwards. Refused as [`raced`] when it is no longer as it was read.
    ///
    /// # Errors
    /// When an order has no such step, or there is no randomness.
    pub fn move_payment(
        self,
        checkout: &PlacedCheckout,
        row: &'static PaymentRow,
        by: &By<'_>,
    ) -> Result<(Self, PlacedCheckout), Fault> {
        let (mut next, mut rest) = (checkout.clone(), self.beside());
        for effect in row.effects {
            match effect {
                PaymentEffect::CountHeld => {
                    return Err(Fault::new(FaultKind::Corrupt, "only a new checkout counts what is held"));
                }
                PaymentEffect::ReleaseHeld(end) => {
                    if let Some(held) = next.payment.held.take() {
                        rest = rest.release_held(&held, *end, by.now);
                    }
                }
                PaymentEffect::MoveOrders(event) => {
                    (rest, next.orders) = rest.move_orders(&checkout.orders, *event, row.actor, by)?;
                }
                PaymentEffect::Capture => {
                    next.payment.captured = next.payment.total;
                    next.payment.ask_at = None;
                }
                PaymentEffect::GiveBackPart | PaymentEffect::GiveBackRest => {
                    return Err(Fault::new(FaultKind::Corrupt, "what is given back is known with its refund"));
                }
            }
        }
        let moved = self.put_payment(&checkout.payment, row, &mut next.payment, by);
        Ok((moved.followed_by(rest), next))
    }

    fn move_orders(
        mut self,
        orders: &[StoredOrder],
        event: SellEvent,
        actor: Actor,
        by: &By<'_>,
    ) -> Result<(Self, Vec<StoredOrder>), Fault> {
        let mut moved = Vec::with_capacity(orders.len());
        for order in orders {
            // The payment's row is open, so those of its orders are (proved with the tables), unless they
            // were read after somebody had moved all of them.
            let row = SELL.find(order.status, event, actor).ok_or_else(raced)?;
            let next;
            (self, next) = self.move_order(order, row, by)?;
            moved.push(next);
        }
        Ok((self, moved))
    }

    /// Notes on the payment that so much of it was given back.
    ///
    /// # Errors
    /// When it is more than is left, or the payment has no such step.
    pub(super) fn give_back(mut self, payment: &Payment, amount: Money, by: &By<'_>) -> Result<(Self, Payment), Fault> {
        let mut next = payment.clone();
        let corrupt = || Fault::new(FaultKind::Corrupt, "more is given back than a payment has left");
        next.refunded = payment.refunded.plus(amount).map_err(|_| corrupt())?;
        payment.captured.minus(next.refunded).map_err(|_| corrupt())?;
        let event = if next.left().is_zero() { PaymentEvent::RefundRest } else { PaymentEvent::RefundPart };
        let row = payment
            .step(event, Actor::System, by.now)
            .map_err(|refusal| Fault::new(FaultKind::Corrupt, "give back of a payment").with_source(refusal))?;
        for effect in row.effects {
            match effect {
                // Both say what has been noted above.
                PaymentEffect::GiveBackPart | PaymentEffect::GiveBackRest => {}
                PaymentEffect::CountHeld
                | PaymentEffect::ReleaseHeld(_)
                | PaymentEffect::MoveOrders(_)
                | PaymentEffect::Capture => {
                    return Err(Fault::new(FaultKind::Corrupt, "a refund of a payment moves nothing else"));
                }
            }
        }
        self = self.put_payment(payment, row, &mut next, by);
        Ok((self, next))
    }

    fn put_payment(self, before: &Payment, row: &PaymentRow, next: &mut Payment, by: &By<'_>) -> Self {
        next.status = row.to;
        next.entered_at = by.now;
        next.version = before.version.saturating_add(1);
        if row.to != PaymentState::Confirming {
            next.ask_at = None;
        }
        self.put(next, before.unchanged()).or_else(|_| raced())
    }
}

fn no_opening() -> Fault {
    Fault::new(FaultKind::Corrupt, "a process begins with what only a step can move")
}

impl Table {
    /// The payment of a checkout.
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn get_payment(&self, checkout: CheckoutId) -> Result<Option<Payment>, Fault> {
        self.get(Payment::key(checkout)).await
    }

    /// The payment, and the answer that this request got before, if it did: both in one read.
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn get_payment_and_answer(
        &self,
        checkout: CheckoutId,
        claim: &Claim,
    ) -> Result<(Option<Payment>, Option<StoredReply>), Fault> {
        let wanted = (Payment::key(checkout), IdempotencyRecord::key(&claim.record));
        let (payment, answer) = self.get_together(wanted).await?;
        let answer = answer.map(|record| record.open(claim)).transpose()?;
        Ok((payment, answer.filter(|answer| answer.expires_at > claim.at)))
    }

    /// The payment with its orders, in the order in which they were placed.
    ///
    /// # Errors
    /// When the table does not answer, or an order is missing.
    pub async fn with_orders(&self, payment: Payment) -> Result<PlacedCheckout, Fault> {
        let keys: Vec<_> = payment.orders.iter().map(|part| StoredOrder::key(part.order_id)).collect();
        let orders = self.get_together(keys).await?;
        if orders.len() != payment.orders.len() {
            return Err(Fault::new(FaultKind::Corrupt, "a payment pays an order that is not there"));
        }
        Ok(PlacedCheckout { payment, orders })
    }

    /// Notes how the asking about a payment that is confirming goes on: when to ask again, and under
    /// which attempt. `None` when the payment has moved on.
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn note_asking(&self, payment: &Payment, asking: Asking) -> Result<Option<Payment>, Fault> {
        let next = Payment {
            version: payment.version.saturating_add(1),
            ask_at: Some(asking.ask_at),
            asked: asking.asked,
            attempt: asking.attempt,
            ..payment.clone()
        };
        let place = QUESTIONS.at(payment.checkout_id, asking.ask_at);
        let changes = vec![
            Change::Set("ask_at", asking.ask_at.into()),
            Change::Set("asked", asking.asked.into()),
            Change::Set("attempt", asking.attempt.into()),
            Change::Set("duesk", place.sk.into()),
            Change::Set("version", next.version.into()),
        ];
        match self.update(&payment.to_key(), changes, payment.unchanged()).await? {
            Updated::Done(_) => Ok(Some(next)),
            Updated::ConditionFailed(_) => Ok(None),
        }
    }

    /// Takes out of a payment what says something of its buyer: where their receipt is.
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn strip_payment(&self, checkout: CheckoutId) -> Result<(), Fault> {
        let changes = vec![Change::Remove("receipt_url"), Change::Add("version", 1)];
        self.update(&Payment::key(checkout), changes, Condition::Present).await.map(|_| ())
    }

    /// Checkouts whose hold should have ended by now.
    #[must_use]
    pub fn ended_holds(&self, now: Timestamp) -> DueWalk<'_, Payment, CheckoutId> {
        DueWalk::new(self, HOLDS, now)
    }

    /// Checkouts whose payment should be asked about again by now.
    #[must_use]
    pub fn unknown_payments(&self, now: Timestamp) -> DueWalk<'_, Payment, CheckoutId> {
        DueWalk::new(self, QUESTIONS, now)
    }
}
