//! Orders.
//!
//! | entity | pk | sk | why |
//! |---|---|---|---|
//! | Order | `ORDER#{order}` | `ORDER` | |
//!
//! A buyer's orders are in `gsi1`, a store's paid ones in `gsi2`. What an order waits for stands in `due`:
//! a delivered one itself, until it counts as received; its [payment](super::payments) while it is not
//! paid; its [refund](super::refunds) while money goes back.
//!
//! A status is written by [`Transaction::open_order`] and [`Transaction::move_order`] and by nothing
//! else. They carry out the process's row: stock, ledger, refund, outbox and audit in the same
//! transaction, under the condition that the order is still what the row starts from. Each effect of a row
//! is carried out there, or the code does not compile.

mod beside;
mod lists;
mod version_1;

use domain::{
    Language, Money, Timestamp,
    ids::{CheckoutId, EventId, OrderId, PostingId, StoreId, UserId},
    ledger::{self, FeePolicy, LedgerError, Posting, Sale, refund_posting, sale_posting},
    orders::{
        Cancellation, Contact, HistoryEntry, Order, OrderLine, OrderStatus, Shipment, ShippingAddress, ShownShipment,
        order_number,
    },
    payments::{PaymentKey, PaymentProvider},
    processes::{
        Actor, Event as _, Moments, Notice, Refusal, State as _,
        sell::{RECEIPT, SELL, SellEffect, SellEvent, SellRow, SellState, WaitsFor},
    },
    text::StoreName,
    timestamp::Seconds,
};
use serde::{Deserialize, Serialize};

use super::{
    Entity, Index, Item, Key, Kind, Place, Table, Transaction,
    due::DueWork,
    due_walk::DueWalk,
    expression::{Change, Condition},
    item::Attributes,
    key::{IndexKey, by_time, of_two},
    limits::Limit,
    listings::StockMove,
    outbox::{Effect, OutboxEvent},
    payments::Payment,
    refunds::{Refund, RefundState},
};
use crate::{
    fault::{Failure, Fault, FaultKind},
    random,
};

/// An order as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredOrder {
    /// The id.
    pub id: OrderId,
    /// The checkout that it is paid with.
    pub checkout_id: CheckoutId,
    /// The store that sells it.
    pub store_id: StoreId,
    /// What the store was called when it was ordered. Orders of earlier versions do not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub store_name: Option<StoreName>,
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
    /// The price of all lines.
    pub subtotal: Money,
    /// The shipping fee.
    pub shipping_fee: Money,
    /// What is to be paid.
    pub total: Money,
    /// What of it was given back.
    pub refunded: Money,
    /// The platform's part, frozen at the sale.
    pub fee: FeePolicy,
    /// Who takes the money.
    pub provider: PaymentProvider,
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
    /// The parcel.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shipment: Option<Shipment>,
    /// Who called it off.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cancellation: Option<Cancellation>,
    /// The states that it went through.
    pub history: Vec<HistoryEntry>,
    /// How it was paid, if that was before there were checkouts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub old_payment: Option<OldPayment>,
}

/// How an order was paid before there were checkouts: its own id was the provider's order id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OldPayment {
    /// By whom it is paid.
    pub provider: PaymentProvider,
    /// How often the provider was asked to confirm.
    pub attempt: u32,
    /// The provider's payment.
    pub key: Option<PaymentKey>,
    /// When to ask again.
    pub ask_at: Option<Timestamp>,
    /// How often it was asked again.
    pub asked: u32,
    /// Where the provider's receipt is.
    pub receipt_url: Option<String>,
}

pub(super) const OF_BUYER: Place = Place::new(Index::Gsi1, "BUYER#*", "{placed_at}#{order}");
pub(super) const OF_STORE: Place = Place::new(Index::Gsi2, "STORE#*", "{placed_at}#{order}");
/// The open part names the store and the state: `{store}#{state}`.
const OF_STORE_BY_STATE: Place = Place::new(Index::Gsi3, "STORE#*", "{placed_at}#{order}");
const DUE: Place = Place::new(Index::Due, "DUE#ORDERS#*", "{due_at}#{order}");

/// Orders that were delivered and will count as received.
const RECEIPTS: DueWork<StoredOrder> = DueWork::new(DUE, "RECEIPTS#");

impl Kind {
    /// See [`StoredOrder`].
    pub const ORDER: Self =
        Self::new("order", "ORDER#*", "ORDER").in_indexes(&[OF_BUYER, OF_STORE, OF_STORE_BY_STATE, DUE]);
}

impl Entity for StoredOrder {
    const KIND: Kind = Kind::ORDER;
    const VERSION: u16 = 2;

    fn to_key(&self) -> Key<Self> {
        Self::key(self.id)
    }

    fn index_keys(&self) -> Vec<IndexKey> {
        let mut places = Vec::new();
        let place_in_time = by_time(self.placed_at, self.id);
        if let Some(buyer) = self.buyer {
            places.push(OF_BUYER.of(buyer, &place_in_time));
        }
        if self.paid_at.is_some() {
            places.push(OF_STORE.of(self.store_id, &place_in_time));
            places.push(OF_STORE_BY_STATE.of(in_state(self.store_id, self.status), &place_in_time));
        }
        match self.status.waits_for() {
            Some(WaitsFor::Receipt) => places.push(RECEIPTS.at(self.id, self.entered_at.plus(RECEIPT))),
            // The payment and the refund stand there themselves.
            Some(WaitsFor::Payment | WaitsFor::Refund) | None => {}
        }
        places
    }

    fn upgrade(version: u16, item: Attributes) -> Result<Attributes, Fault> {
        match version {
            1 => version_1::upgraded(item),
            Self::VERSION => Ok(item),
            _ => Err(Fault::new(FaultKind::Corrupt, "an item has a version that this code does not know")),
        }
    }
}

fn in_state(store: StoreId, status: OrderStatus) -> String {
    of_two(store, status.name())
}

impl StoredOrder {
    /// The key of an order.
    #[must_use]
    pub fn key(id: OrderId) -> Key<Self> {
        Key::new(Kind::ORDER, id, "")
    }

    /// The order as its buyer sees it.
    #[must_use]
    pub fn shown_to_buyer(&self, now: Timestamp) -> Order {
        self.shown_to(Actor::Buyer, now)
    }

    /// The order as a member of its store sees it.
    #[must_use]
    pub fn shown_to_store(&self, now: Timestamp) -> Order {
        self.shown_to(Actor::Seller, now)
    }

    fn shown_to(&self, actor: Actor, now: Timestamp) -> Order {
        let actions = SELL.open_rows(self.status, actor, self.moments(), now);
        let offered = actions.filter(|row| row.event.can_be_asked_for(actor)).map(|row| row.event.action().to_owned());
        Order {
            id: self.id,
            number: order_number(self.id, self.placed_at),
            checkout_id: self.checkout_id,
            store_id: self.store_id,
            store_name: self.store_name.clone(),
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
            shipment: self.shipment.as_ref().map(ShownShipment::from),
            cancellation: self.cancellation.clone(),
            refunded: self.refunded,
            actions: offered.collect(),
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
    pub fn step(&self, event: SellEvent, actor: Actor, now: Timestamp) -> Result<&'static SellRow, Refusal> {
        SELL.step(self.status, event, actor, self.moments(), now)
    }

    /// What was paid and has not gone back.
    #[must_use]
    pub fn left(&self) -> Money {
        self.total.minus(self.refunded).unwrap_or(Money::zero(self.total.currency))
    }

    fn sale(&self) -> Sale {
        Sale {
            order_id: self.id,
            store_id: self.store_id,
            provider: self.provider,
            subtotal: self.subtotal,
            shipping_fee: self.shipping_fee,
            fee: self.fee,
        }
    }

    /// The condition that the order is still as it was read.
    fn unchanged(&self) -> Condition {
        Condition::All(vec![
            Condition::Is("status", self.status.name().into()),
            Condition::Is("version", self.version.into()),
        ])
    }
}

/// How often a wrong order secret is looked at from one network address. The right one is never
/// refused: its 256 bits are not found by trying, and others may share the address.
pub const WRONG_SECRETS: Limit = Limit { feature: "order-secrets-source", most: 20, window: Seconds::hours(1) };

/// Who makes a change, and for which request.
#[derive(Debug, Clone, Copy)]
pub struct By<'a> {
    /// The moment of the change.
    pub now: Timestamp,
    /// The request or invocation that makes it.
    pub request_id: &'a str,
    /// The person, where it is one who is signed in.
    pub user_id: Option<UserId>,
}

/// A thing is no longer what was read: somebody else moved it.
#[must_use]
pub const fn raced() -> Fault {
    Fault::new(FaultKind::Contention, "somebody else moved what was read")
}

/// Whether a failure only means that somebody else was faster.
#[must_use]
pub const fn is_race(failure: &Failure) -> bool {
    matches!(failure, Failure::Broken(fault) if matches!(fault.kind, FaultKind::Contention))
}

use beside::{audit, refund_of, too_much};

impl<'t> Transaction<'t> {
    /// Places an order: writes it and holds its stock. The meaning of stock that does not suffice is
    /// told by `short`, which gets the place of the line and what is available. A part of
    /// [`Transaction::open_checkout`].
    ///
    /// # Errors
    /// When the process begins with what only a step can move.
    pub(super) fn open_order<F: Into<Failure>>(
        mut self,
        order: &StoredOrder,
        by: &By<'_>,
        short: impl Fn(usize, u32) -> F + Send + Sync + Clone + 't,
    ) -> Result<Self, Fault> {
        self = self.create(order).create(&audit(order, None, "place", Actor::Buyer, by));
        for effect in SELL.opening {
            match effect {
                SellEffect::HoldStock => {
                    for (place, line) in order.lines.iter().enumerate() {
                        let short = short.clone();
                        self = self
                            .move_stock(line.listing_id, line.variant_id, StockMove::Hold, line.quantity.get())
                            .or_else(move |stock: Option<Item>| {
                                let available = stock.and_then(|item| item.number("available")).unwrap_or(0);
                                short(place, u32::try_from(available).unwrap_or(0))
                            });
                    }
                }
                SellEffect::ReleaseStock
                | SellEffect::SellStock
                | SellEffect::ReturnStock
                | SellEffect::Capture
                | SellEffect::Refund
                | SellEffect::CloseRefund
                | SellEffect::PostSale
                | SellEffect::PostRefund
                | SellEffect::Notify(_) => {
                    return Err(Fault::new(FaultKind::Corrupt, "a process begins with what only a step can move"));
                }
            }
        }
        Ok(self)
    }

    /// Carries out a row of an order's process. What the step brings besides, such as a parcel's number, is
    /// set on the order beforehand. Steps of an order that is not paid are taken by its payment
    /// ([`Transaction::move_payment`]), and the end of a refund by [`Transaction::close_refund`].
    ///
    /// Gives the order as it is afterwards. Refused as [`raced`] when it is no longer as it was read.
    ///
    /// # Errors
    /// When the row closes a refund, what is stored contradicts itself, or there is no randomness.
    pub fn move_order(
        self,
        order: &StoredOrder,
        row: &'static SellRow,
        by: &By<'_>,
    ) -> Result<(Self, StoredOrder), Fault> {
        self.carry_out(order, row, None, by)
    }

    /// Carries out the row by which a refund ends: the provider gave the money back. The payment gives back
    /// as much, the refund is done, and the books have it.
    ///
    /// # Errors
    /// As [`Transaction::move_order`], and when the refund, the order and the payment do not belong together.
    pub fn close_refund(
        self,
        order: &StoredOrder,
        row: &'static SellRow,
        refund: &Refund,
        payment: &Payment,
        by: &By<'_>,
    ) -> Result<(Self, StoredOrder), Fault> {
        if refund.order_id != order.id || refund.checkout_id != payment.checkout_id {
            return Err(Fault::new(FaultKind::Corrupt, "a refund is of another order or payment"));
        }
        self.carry_out(order, row, Some((refund, payment)), by)
    }

    /// The one place where effects happen. Without an arm for an effect this does not compile.
    fn carry_out(
        self,
        order: &StoredOrder,
        row: &'static SellRow,
        closing: Option<(&Refund, &Payment)>,
        by: &By<'_>,
    ) -> Result<(Self, StoredOrder), Fault> {
        let closed =
            || closing.ok_or_else(|| Fault::new(FaultKind::Corrupt, "a step ends a refund, and it is not known which"));
        let (mut next, mut rest) = (order.clone(), self.beside());
        next.status = row.to;
        next.entered_at = by.now;
        next.version = order.version.saturating_add(1);
        next.history.push(HistoryEntry { status: row.to, at: by.now });
        for effect in row.effects {
            match effect {
                SellEffect::HoldStock => rest = rest.move_lines(order, StockMove::Hold),
                SellEffect::ReleaseStock => rest = rest.move_lines(order, StockMove::Release),
                SellEffect::SellStock => rest = rest.move_lines(order, StockMove::Sell { at: by.now }),
                SellEffect::ReturnStock => rest = rest.move_lines(order, StockMove::Return),
                SellEffect::Capture => next.paid_at = Some(by.now),
                SellEffect::Refund => rest = rest.create(&refund_of(order, row, by)?),
                SellEffect::CloseRefund => {
                    let (refund, payment) = closed()?;
                    next.refunded = next.refunded.plus(refund.amount).map_err(|_| too_much())?;
                    (rest, _) = rest.give_back(payment, refund.amount, by)?;
                    rest = rest.note_done(refund);
                }
                SellEffect::PostSale => {
                    let id = PostingId::new(by.now, random::entropy()?);
                    rest = rest.post(sale_posting(id, &order.sale(), by.now))?;
                }
                SellEffect::PostRefund => {
                    let (refund, _) = closed()?;
                    let id = PostingId::new(by.now, random::entropy()?);
                    let part = ledger::Refund { amount: refund.amount, before: order.refunded, at: by.now };
                    rest = rest.post(refund_posting(id, &order.sale(), part))?;
                }
                SellEffect::Notify(notice) => {
                    rest = rest.tell(order, *notice, closing.map(|(refund, _)| refund.amount), by)?;
                }
            }
        }
        let moved = self
            .put(&next, order.unchanged())
            .or_else(|_| raced())
            .create(&audit(&next, Some(order.status), row.event.name(), row.actor, by))
            .or_else(|_| raced());
        Ok((moved.followed_by(rest), next))
    }

    fn move_lines(self, order: &StoredOrder, movement: StockMove) -> Self {
        order.lines.iter().fold(self, |transaction, line| {
            transaction
                .move_stock(line.listing_id, line.variant_id, movement, line.quantity.get())
                .or_else(|_| Fault::new(FaultKind::Corrupt, "an order holds stock that the stock does not know of"))
        })
    }

    fn post(self, posting: Result<Posting, LedgerError>) -> Result<Self, Fault> {
        match posting {
            Ok(posting) => Ok(self.create(&posting)),
            // Goods that cost nothing, sent for nothing.
            Err(LedgerError::NothingToPost) => Ok(self),
            Err(error) => Err(Fault::new(FaultKind::Corrupt, "post what an order moves").with_source(error)),
        }
    }

    /// Each of those who are told gets an event of their own, with an id of its own.
    fn tell(mut self, order: &StoredOrder, notice: Notice, amount: Option<Money>, by: &By<'_>) -> Result<Self, Fault> {
        for effect in Effect::of_notice(notice, order.id, &order.contact.email, order.language, amount) {
            let id = EventId::new(by.now, random::entropy()?);
            self = self.create(&OutboxEvent::new(id, effect, by.now));
        }
        Ok(self)
    }

    fn note_done(self, refund: &Refund) -> Self {
        let changes = vec![
            Change::Set("state", RefundState::Done.as_str().into()),
            Change::Set("version", refund.version.saturating_add(1).into()),
            Change::Remove("duepk"),
            Change::Remove("duesk"),
        ];
        let as_read = Condition::All(vec![
            Condition::Is("state", RefundState::Due.as_str().into()),
            Condition::Is("version", refund.version.into()),
        ]);
        self.update(&refund.to_key(), changes, as_read).or_else(|_| raced())
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

    /// Orders that count as received by now.
    #[must_use]
    pub fn orders_to_confirm(&self, now: Timestamp) -> DueWalk<'_, StoredOrder, OrderId> {
        DueWalk::new(self, RECEIPTS, now)
    }
}
