//! What a confirmation answers: the checkout in short, since whoever asks need not be its buyer.

use domain::{
    Money,
    ids::{CheckoutId, OrderId},
    orders::OrderStatus,
    processes::payment::PaymentState as PaymentStatus,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use shared::store::payments::PlacedCheckout;

/// Where the checkout is now.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct ConfirmPaymentReply {
    /// The checkout, in short.
    pub checkout: ConfirmedCheckout,
    /// Whether the money is there.
    pub payment_state: PaymentState,
}

/// A checkout, in short.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct ConfirmedCheckout {
    /// The id.
    pub id: CheckoutId,
    /// The state.
    pub status: PaymentStatus,
    /// What it costs.
    pub total: Money,
    /// Its orders, one for each store.
    pub orders: Vec<ConfirmedOrder>,
}

/// An order, in short.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct ConfirmedOrder {
    /// The id.
    pub id: OrderId,
    /// The state.
    pub status: OrderStatus,
    /// What it costs.
    pub total: Money,
}

/// Whether the money is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PaymentState {
    /// It is.
    Paid,
    /// Nobody knows yet; look at the checkout again in a moment.
    Confirming,
}

pub(crate) fn reply_of(checkout: &PlacedCheckout) -> ConfirmPaymentReply {
    let payment = &checkout.payment;
    let is_open = payment.status == PaymentStatus::Confirming;
    let orders = checkout.orders.iter();
    ConfirmPaymentReply {
        checkout: ConfirmedCheckout {
            id: payment.checkout_id,
            status: payment.status,
            total: payment.total,
            orders: orders
                .map(|order| ConfirmedOrder { id: order.id, status: order.status, total: order.total })
                .collect(),
        },
        payment_state: if is_open { PaymentState::Confirming } else { PaymentState::Paid },
    }
}
