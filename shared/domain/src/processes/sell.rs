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
//! Orders that are picked up, rentals and matches get tables of their own. An order may have goods
//! of several sellers; until sellers have endpoints of their own (a later issue, which decides how
//! an order is split), a seller's step is a step of the whole order.

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

/// One row that is open at any time.
const fn row(
    from: SellState,
    event: SellEvent,
    actor: Actor,
    to: SellState,
    effects: &'static [Effect],
) -> Transition<SellState, SellEvent> {
    Transition { from, event, actor, guard: Guard::Always, to, effects }
}

/// One row that is open before or after a moment.
const fn row_when(
    from: SellState,
    event: SellEvent,
    actor: Actor,
    guard: Guard,
    to: SellState,
    effects: &'static [Effect],
) -> Transition<SellState, SellEvent> {
    Transition { from, event, actor, guard, to, effects }
}

const APPROVED: &[Effect] = &[
    Effect::SellStock,
    Effect::Capture,
    Effect::PostSale,
    Effect::Notify(Notice::OrderPaid),
    Effect::Notify(Notice::OrderReceived),
];
const CALLED_OFF_UNPAID: &[Effect] = &[Effect::ReleaseStock];
const CALLED_OFF_PAID: &[Effect] = &[Effect::ReturnStock, Effect::Refund, Effect::Notify(Notice::OrderCancelled)];
// Goods that come back may be damaged: the seller puts them on sale again by hand, or does not.
const TAKEN_BACK: &[Effect] = &[Effect::Refund];
const REFUNDED: &[Effect] = &[Effect::PostRefund, Effect::Notify(Notice::Refunded)];

/// The table of orders that are delivered.
pub const SELL: Process<SellState, SellEvent> = {
    use Actor::{Admin, Buyer, Provider, Seller, System, Time};
    use SellEvent as On;
    use SellState as In;
    Process {
        name: "sell",
        start: In::Pending,
        opening: &[Effect::HoldStock],
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
            row(In::Preparing, On::Ship, Seller, In::Shipping, &[Effect::Notify(Notice::OrderShipped)]),
            row(In::Shipping, On::Deliver, Seller, In::Delivered, &[Effect::Notify(Notice::OrderDelivered)]),
            row(In::Shipping, On::Deliver, System, In::Delivered, &[Effect::Notify(Notice::OrderDelivered)]),
            row(In::Delivered, On::ConfirmReceipt, Buyer, In::Confirmed, &[Effect::Notify(Notice::ReceiptConfirmed)]),
            row_when(
                In::Delivered,
                On::ConfirmReceipt,
                Time,
                Guard::After(Since::Entered, RECEIPT),
                In::Confirmed,
                &[Effect::Notify(Notice::ReceiptConfirmed)],
            ),
            row_when(
                In::Delivered,
                On::RequestReturn,
                Buyer,
                Guard::Before(Since::Entered, RECEIPT),
                In::ReturnRequested,
                &[Effect::Notify(Notice::ReturnRequested)],
            ),
            row(In::ReturnRequested, On::AcceptReturn, Seller, In::ReturnRefunding, TAKEN_BACK),
            row(In::ReturnRequested, On::AcceptReturn, Admin, In::ReturnRefunding, TAKEN_BACK),
            row(In::ReturnRequested, On::RefuseReturn, Seller, In::Delivered, &[Effect::Notify(Notice::ReturnRefused)]),
            row(In::ReturnRequested, On::RefuseReturn, Admin, In::Delivered, &[Effect::Notify(Notice::ReturnRefused)]),
            row(In::ReturnRefunding, On::RefundDone, Provider, In::Returned, REFUNDED),
            row(In::ReturnRefunding, On::RefundDone, Admin, In::Returned, REFUNDED),
        ],
        finals: &[
            (In::Confirmed, Balance::SOLD),
            (In::Expired, Balance::NOTHING),
            (In::Cancelled, Balance::NOTHING),
            (In::Returned, Balance { held: 0, sold: 1, money: 0, posted: 0 }),
        ],
    }
};

#[cfg(test)]
#[expect(clippy::arithmetic_side_effects, reason = "a sum that overflows fails the test, as it should")]
mod tests;
