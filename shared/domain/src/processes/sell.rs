//! The way of an order that is delivered.
//!
//! The order exists, with its stock held, before any payment provider is asked. While the provider
//! is being asked (`confirming`) time cannot expire the order: only the provider's answer leaves
//! that state, and who does not know the answer asks again. So an order that was paid is never one
//! whose stock went to somebody else.
//!
//! Money that must go back goes through `cancel_refunding` or `return_refunding`: the final state
//! is entered only when the provider says that it is done. There are two of them because the final
//! state that follows differs.
//!
//! An order has the goods of one store. It is paid by the [payment](super::payment) of its checkout:
//! until then the orders of a checkout and their payment take each step together, afterwards each order
//! goes its own way.

use serde::{Deserialize, Serialize};

use super::{Actor, Balance, Effect, Event, Guard, Notice, Process, Since, State, Transition};
use crate::timestamp::Seconds;

/// How long stock is held for an order that is not paid.
pub const HOLD: Seconds = Seconds::minutes(15);

/// After how long a delivered order counts as received, when the buyer says nothing. Seven days is
/// how long a Korean consumer may withdraw from a distance sale (Act on the Consumer Protection in
/// Electronic Commerce, art. 17).
pub const RECEIPT: Seconds = Seconds::days(7);

/// The state of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "OrderStatus")]
pub enum SellState {
    /// Placed; the stock is held and the payment awaited.
    Pending,
    /// The provider is being asked; its answer is not known yet.
    Confirming,
    /// Paid.
    Paid,
    /// The seller is preparing the parcel.
    Preparing,
    /// The parcel is on its way.
    Shipping,
    /// The parcel has arrived.
    Delivered,
    /// The buyer has the goods and keeps them.
    Confirmed,
    /// Not paid in time.
    Expired,
    /// Cancelled before it was shipped; nobody owes anything.
    Cancelled,
    /// The buyer wants to return the goods.
    ReturnRequested,
    /// The goods came back and the money was given back.
    Returned,
    /// Cancelled; the provider is giving the money back.
    CancelRefunding,
    /// The return was accepted; the provider is giving the money back.
    ReturnRefunding,
}

impl State for SellState {
    const ALL: &'static [Self] = &[
        Self::Pending,
        Self::Confirming,
        Self::Paid,
        Self::Preparing,
        Self::Shipping,
        Self::Delivered,
        Self::Confirmed,
        Self::Expired,
        Self::Cancelled,
        Self::ReturnRequested,
        Self::Returned,
        Self::CancelRefunding,
        Self::ReturnRefunding,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Confirming => "confirming",
            Self::Paid => "paid",
            Self::Preparing => "preparing",
            Self::Shipping => "shipping",
            Self::Delivered => "delivered",
            Self::Confirmed => "confirmed",
            Self::Expired => "expired",
            Self::Cancelled => "cancelled",
            Self::ReturnRequested => "return_requested",
            Self::Returned => "returned",
            Self::CancelRefunding => "cancel_refunding",
            Self::ReturnRefunding => "return_refunding",
        }
    }

    fn waits(self) -> bool {
        self.waits_for().is_some()
    }
}

/// What an order waits for that does not come by itself. It says what stands in the due index for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum WaitsFor {
    /// The payment of its checkout, which is paid, declined or over for all its orders at once.
    Payment,
    /// The end of the time in which the buyer may return the goods.
    Receipt,
    /// The provider, to give the money back.
    Refund,
}

impl SellState {
    /// What an order in this state waits for.
    #[must_use]
    pub const fn waits_for(self) -> Option<WaitsFor> {
        match self {
            Self::Pending | Self::Confirming => Some(WaitsFor::Payment),
            Self::Delivered => Some(WaitsFor::Receipt),
            Self::CancelRefunding | Self::ReturnRefunding => Some(WaitsFor::Refund),
            Self::Paid
            | Self::Preparing
            | Self::Shipping
            | Self::Confirmed
            | Self::Expired
            | Self::Cancelled
            | Self::ReturnRequested
            | Self::Returned => None,
        }
    }
}

/// What happens to an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SellEvent {
    /// The buyer comes back from the payment window; the provider is about to be asked.
    BeginConfirmation,
    /// The provider took the money.
    Approve,
    /// The provider refused, or knows of no such payment. The buyer may try again while the hold
    /// lasts.
    Decline,
    /// The hold ended.
    Expire,
    /// Somebody calls the order off.
    Cancel,
    /// The seller begins to prepare the parcel.
    Prepare,
    /// The parcel is handed to the courier.
    Ship,
    /// The parcel arrives.
    Deliver,
    /// The buyer keeps the goods.
    ConfirmReceipt,
    /// The buyer wants to return the goods.
    RequestReturn,
    /// The goods are taken back.
    AcceptReturn,
    /// The goods are not taken back.
    RefuseReturn,
    /// The money was given back.
    RefundDone,
}

impl Event for SellEvent {
    const ALL: &'static [Self] = &[
        Self::BeginConfirmation,
        Self::Approve,
        Self::Decline,
        Self::Expire,
        Self::Cancel,
        Self::Prepare,
        Self::Ship,
        Self::Deliver,
        Self::ConfirmReceipt,
        Self::RequestReturn,
        Self::AcceptReturn,
        Self::RefuseReturn,
        Self::RefundDone,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::BeginConfirmation => "begin_confirmation",
            Self::Approve => "approve",
            Self::Decline => "decline",
            Self::Expire => "expire",
            Self::Cancel => "cancel",
            Self::Prepare => "prepare",
            Self::Ship => "ship",
            Self::Deliver => "deliver",
            Self::ConfirmReceipt => "confirm_receipt",
            Self::RequestReturn => "request_return",
            Self::AcceptReturn => "accept_return",
            Self::RefuseReturn => "refuse_return",
            Self::RefundDone => "refund_done",
        }
    }

    fn action(self) -> &'static str {
        if self == Self::BeginConfirmation { "pay" } else { self.name() }
    }
}

/// What a buyer can ask for by a transition of an order. To pay has an endpoint of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum BuyerAction {
    /// To call the order off.
    Cancel,
    /// To say that the goods are there and stay.
    ConfirmReceipt,
}

impl BuyerAction {
    /// The event that it is.
    #[must_use]
    pub const fn event(self) -> SellEvent {
        match self {
            Self::Cancel => SellEvent::Cancel,
            Self::ConfirmReceipt => SellEvent::ConfirmReceipt,
        }
    }
}

/// What a store can ask for by a transition of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum StoreAction {
    /// To begin with the parcel.
    Prepare,
    /// To hand the parcel to a carrier.
    Ship,
    /// To note that the parcel arrived.
    Deliver,
    /// To call the order off.
    Cancel,
}

impl StoreAction {
    /// The event that it is.
    #[must_use]
    pub const fn event(self) -> SellEvent {
        match self {
            Self::Prepare => SellEvent::Prepare,
            Self::Ship => SellEvent::Ship,
            Self::Deliver => SellEvent::Deliver,
            Self::Cancel => SellEvent::Cancel,
        }
    }
}

impl SellEvent {
    /// Whether an endpoint takes it from this actor: what nobody can ask for is not offered.
    #[must_use]
    pub const fn can_be_asked_for(self, actor: Actor) -> bool {
        match actor {
            Actor::Buyer => matches!(self, Self::BeginConfirmation | Self::Cancel | Self::ConfirmReceipt),
            Actor::Seller => matches!(self, Self::Prepare | Self::Ship | Self::Deliver | Self::Cancel),
            Actor::Admin | Actor::Provider | Actor::Time | Actor::System => false,
        }
    }
}

/// What a step of an order moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SellEffect {
    /// Pieces go from available to held.
    HoldStock,
    /// Held pieces become available again.
    ReleaseStock,
    /// Held pieces become sold.
    SellStock,
    /// Sold pieces that never left the shop become available again.
    ReturnStock,
    /// The buyer's money was taken.
    Capture,
    /// All of the buyer's money that is left goes back: a refund becomes due, which the provider is asked
    /// to carry out.
    Refund,
    /// The refund was carried out, and the payment has given back that much.
    CloseRefund,
    /// The sale is posted to the ledger.
    PostSale,
    /// The refund is posted to the ledger.
    PostRefund,
    /// Somebody is told.
    Notify(Notice),
}

impl Effect for SellEffect {
    fn apply(self, balance: &mut Balance) {
        let Balance { held, sold, money, posted, refunding } = balance;
        let add = |count: &mut i8, change: i8| *count = count.saturating_add(change);
        match self {
            Self::HoldStock => add(held, 1),
            Self::ReleaseStock => add(held, -1),
            Self::SellStock => {
                add(held, -1);
                add(sold, 1);
            }
            Self::ReturnStock => add(sold, -1),
            Self::Capture => add(money, 1),
            Self::Refund => {
                add(money, -1);
                add(refunding, 1);
            }
            Self::CloseRefund => add(refunding, -1),
            Self::PostSale => add(posted, 1),
            Self::PostRefund => add(posted, -1),
            Self::Notify(_) => {}
        }
    }

    fn text(self) -> String {
        let text = match self {
            Self::HoldStock => "hold stock",
            Self::ReleaseStock => "release stock",
            Self::SellStock => "sell stock",
            Self::ReturnStock => "put stock back",
            Self::Capture => "take the money",
            Self::Refund => "give the money back",
            Self::CloseRefund => "close the refund",
            Self::PostSale => "post the sale",
            Self::PostRefund => "post the refund",
            Self::Notify(notice) => match notice {
                Notice::OrderPaid => "tell: order paid",
                Notice::OrderReceived => "tell: order received",
                Notice::OrderShipped => "tell: order shipped",
                Notice::OrderDelivered => "tell: order delivered",
                Notice::ReceiptConfirmed => "tell: receipt confirmed",
                Notice::OrderCancelled => "tell: order cancelled",
                Notice::ReturnRequested => "tell: return requested",
                Notice::ReturnRefused => "tell: return refused",
                Notice::Refunded => "tell: refunded",
            },
        };
        text.to_owned()
    }
}

/// One row of the table.
pub type SellRow = Transition<SellState, SellEvent, SellEffect>;

/// One row that is open at any time.
const fn row(
    from: SellState,
    event: SellEvent,
    actor: Actor,
    to: SellState,
    effects: &'static [SellEffect],
) -> SellRow {
    Transition { from, event, actor, guard: Guard::Always, to, effects }
}

/// One row that is open before or after a moment.
const fn row_when(
    from: SellState,
    event: SellEvent,
    actor: Actor,
    guard: Guard,
    to: SellState,
    effects: &'static [SellEffect],
) -> SellRow {
    Transition { from, event, actor, guard, to, effects }
}

const APPROVED: &[SellEffect] = &[
    SellEffect::SellStock,
    SellEffect::Capture,
    SellEffect::PostSale,
    SellEffect::Notify(Notice::OrderPaid),
    SellEffect::Notify(Notice::OrderReceived),
];
const CALLED_OFF_UNPAID: &[SellEffect] = &[SellEffect::ReleaseStock];
const CALLED_OFF_PAID: &[SellEffect] =
    &[SellEffect::ReturnStock, SellEffect::Refund, SellEffect::Notify(Notice::OrderCancelled)];
// Goods that come back may be damaged: the seller puts them on sale again by hand, or does not.
const TAKEN_BACK: &[SellEffect] = &[SellEffect::Refund];
const REFUNDED: &[SellEffect] =
    &[SellEffect::CloseRefund, SellEffect::PostRefund, SellEffect::Notify(Notice::Refunded)];

/// The table of orders that are delivered.
pub const SELL: Process<SellState, SellEvent, SellEffect> = {
    use Actor::{Admin, Buyer, Provider, Seller, System, Time};
    use SellEvent as On;
    use SellState as In;
    Process {
        name: "sell",
        start: In::Pending,
        opening: &[SellEffect::HoldStock],
        transitions: &[
            row_when(In::Pending, On::BeginConfirmation, Buyer, Guard::Before(Since::Start, HOLD), In::Confirming, &[]),
            row(In::Confirming, On::Approve, Provider, In::Paid, APPROVED),
            row(In::Confirming, On::Decline, Provider, In::Pending, &[]),
            row_when(In::Pending, On::Expire, Time, Guard::After(Since::Start, HOLD), In::Expired, CALLED_OFF_UNPAID),
            row(In::Pending, On::Cancel, Buyer, In::Cancelled, CALLED_OFF_UNPAID),
            row(In::Pending, On::Cancel, Seller, In::Cancelled, CALLED_OFF_UNPAID),
            row(In::Pending, On::Cancel, Admin, In::Cancelled, CALLED_OFF_UNPAID),
            row(In::Paid, On::Cancel, Buyer, In::CancelRefunding, CALLED_OFF_PAID),
            row(In::Paid, On::Cancel, Seller, In::CancelRefunding, CALLED_OFF_PAID),
            row(In::Paid, On::Cancel, Admin, In::CancelRefunding, CALLED_OFF_PAID),
            row(In::Preparing, On::Cancel, Seller, In::CancelRefunding, CALLED_OFF_PAID),
            row(In::Preparing, On::Cancel, Admin, In::CancelRefunding, CALLED_OFF_PAID),
            // An admin may settle a refund that the provider cannot carry out, by bank transfer.
            row(In::CancelRefunding, On::RefundDone, Provider, In::Cancelled, REFUNDED),
            row(In::CancelRefunding, On::RefundDone, Admin, In::Cancelled, REFUNDED),
            row(In::Paid, On::Prepare, Seller, In::Preparing, &[]),
            row(In::Preparing, On::Ship, Seller, In::Shipping, &[SellEffect::Notify(Notice::OrderShipped)]),
            row(In::Shipping, On::Deliver, Seller, In::Delivered, &[SellEffect::Notify(Notice::OrderDelivered)]),
            row(In::Shipping, On::Deliver, System, In::Delivered, &[SellEffect::Notify(Notice::OrderDelivered)]),
            row(
                In::Delivered,
                On::ConfirmReceipt,
                Buyer,
                In::Confirmed,
                &[SellEffect::Notify(Notice::ReceiptConfirmed)],
            ),
            row_when(
                In::Delivered,
                On::ConfirmReceipt,
                Time,
                Guard::After(Since::Entered, RECEIPT),
                In::Confirmed,
                &[SellEffect::Notify(Notice::ReceiptConfirmed)],
            ),
            row_when(
                In::Delivered,
                On::RequestReturn,
                Buyer,
                Guard::Before(Since::Entered, RECEIPT),
                In::ReturnRequested,
                &[SellEffect::Notify(Notice::ReturnRequested)],
            ),
            row(In::ReturnRequested, On::AcceptReturn, Seller, In::ReturnRefunding, TAKEN_BACK),
            row(In::ReturnRequested, On::AcceptReturn, Admin, In::ReturnRefunding, TAKEN_BACK),
            row(
                In::ReturnRequested,
                On::RefuseReturn,
                Seller,
                In::Delivered,
                &[SellEffect::Notify(Notice::ReturnRefused)],
            ),
            row(
                In::ReturnRequested,
                On::RefuseReturn,
                Admin,
                In::Delivered,
                &[SellEffect::Notify(Notice::ReturnRefused)],
            ),
            row(In::ReturnRefunding, On::RefundDone, Provider, In::Returned, REFUNDED),
            row(In::ReturnRefunding, On::RefundDone, Admin, In::Returned, REFUNDED),
        ],
        finals: &[
            (In::Confirmed, Balance::SOLD),
            (In::Expired, Balance::NOTHING),
            (In::Cancelled, Balance::NOTHING),
            (In::Returned, Balance { sold: 1, ..Balance::NOTHING }),
        ],
    }
};

#[cfg(test)]
#[expect(clippy::arithmetic_side_effects, reason = "a sum that overflows fails the test, as it should")]
mod tests;
