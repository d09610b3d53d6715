//! The rules of a checkout: what may be asked for, and what it costs.
//!
//! Prices come from what is stored, never from the request: the numbers of a request are only
//! compared.

mod error;
pub mod lines;
pub mod price;

pub use error::{CheckoutError, LineProblem, codes};
pub use lines::{CheckoutLine, CheckoutRequest, MOST_LINES, MergedLine, Quantity, merge_lines};
pub use price::{LineToPrice, Priced, PricedLine, ShippingPolicy, least_charge, price_order};
