//! The rules of a checkout: what may be asked for, what it costs, and how it is shown.
//!
//! Prices come from what is stored, never from the request: the numbers of a request are only
//! compared.

mod error;
pub mod holding;
pub mod lines;
pub mod price;

pub use error::{CheckoutError, LineProblem, codes};
pub use lines::{CheckoutLine, CheckoutRequest, MOST_LINES, MergedLine, Quantity, merge_lines};
pub use price::{
    LineToPrice, MOST_STORES, PricedCheckout, PricedLine, PricedOrder, ShippingPolicy, least_charge, price_checkout,
};

use serde::{Deserialize, Serialize};

use crate::{Money, Timestamp, ids::CheckoutId, orders::Order, processes::payment::PaymentState};

/// A checkout as the API shows it to its buyer: one payment over one order for each store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Checkout {
    /// The id. The payment provider knows the checkout by it.
    pub id: CheckoutId,
    /// How its payment stands.
    pub status: PaymentState,
    /// Its orders, one for each store.
    pub orders: Vec<Order>,
    /// The price of all goods.
    pub subtotal: Money,
    /// All shipping fees.
    pub shipping_fee: Money,
    /// What is to be paid.
    pub total: Money,
    /// Until when the stock is held, while the checkout awaits its payment.
    pub expires_at: Option<Timestamp>,
}
