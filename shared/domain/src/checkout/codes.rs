//! The error catalogue of the checkout service.

use crate::{Class, ErrorCode};

/// The lines of an order contradict one another or leave their limits.
pub const LINE_INVALID: ErrorCode = ErrorCode::new(
    "checkout.line_invalid",
    Class::Invalid,
    "A line of the order is not valid",
    "주문 항목이 올바르지 않습니다",
    "Show the detail beside the line that the pointer names.",
);

/// A price is not the one that the buyer saw.
pub const PRICE_CHANGED: ErrorCode = ErrorCode::new(
    "checkout.price_changed",
    Class::Conflict,
    "A price has changed",
    "가격이 변경되었습니다",
    "Load the listing again, show the new price, and let the person decide.",
);

/// There are fewer pieces than asked for.
pub const STOCK_INSUFFICIENT: ErrorCode = ErrorCode::new(
    "stock.insufficient",
    Class::Conflict,
    "Not enough in stock",
    "재고가 부족합니다",
    "Offer the number that is available, or take the line out.",
);

/// The total is under what a payment provider takes.
pub const TOTAL_TOO_SMALL: ErrorCode = ErrorCode::new(
    "checkout.total_too_small",
    Class::Unprocessable,
    "The total is too small to be paid",
    "결제 최소 금액보다 적습니다",
    "Have the person add something to the order.",
);

/// The goods of one order are priced in different currencies.
pub const MIXED_CURRENCIES: ErrorCode = ErrorCode::new(
    "checkout.mixed_currencies",
    Class::Unprocessable,
    "One order has one currency",
    "한 주문에는 한 가지 통화만 사용할 수 있습니다",
    "Place one order for each currency.",
);

/// The total is larger than any amount that we count.
pub const TOTAL_TOO_LARGE: ErrorCode = ErrorCode::new(
    "checkout.total_too_large",
    Class::Unprocessable,
    "The total is too large",
    "주문 금액이 너무 큽니다",
    "Have the person split the order.",
);

/// So many orders were placed that the next one has to wait.
pub const TOO_MANY_ORDERS: ErrorCode = ErrorCode::new(
    "checkout.too_many_orders",
    Class::TooMany,
    "Too many orders",
    "주문을 너무 많이 했습니다",
    "Wait as long as Retry-After says. A guest may sign in: members are counted each by themselves.",
);

/// Every code of this page.
pub const ALL: &[ErrorCode] = &[
    LINE_INVALID,
    PRICE_CHANGED,
    STOCK_INSUFFICIENT,
    TOTAL_TOO_SMALL,
    MIXED_CURRENCIES,
    TOTAL_TOO_LARGE,
    TOO_MANY_ORDERS,
];
