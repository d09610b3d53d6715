//! The error catalogue of the orders service.

use crate::{Class, ErrorCode};

/// There is no such order, or it is not the caller's. One answer for both, so that nobody learns
/// whose orders exist.
pub const NOT_FOUND: ErrorCode = ErrorCode::new(
    "orders.not_found",
    Class::NotFound,
    "No such order",
    "주문을 찾을 수 없습니다",
    "Sign in as the buyer, or send the order secret of a guest order.",
);

/// The order is not awaiting a payment.
pub const NOT_PAYABLE: ErrorCode = ErrorCode::new(
    "orders.not_payable",
    Class::Conflict,
    "The order cannot be paid",
    "결제할 수 없는 주문입니다",
    "Show the order as it is now; to buy the goods, place a new order.",
);

/// So many wrong order secrets came from one network address that we say so.
pub const TOO_MANY_WRONG_SECRETS: ErrorCode = ErrorCode::new(
    "orders.too_many_wrong_secrets",
    Class::TooMany,
    "Too many wrong order secrets",
    "주문 확인 정보가 너무 많이 틀렸습니다",
    "Wait as long as Retry-After says, and send the secret that was told when the order was placed.",
);

/// Every code of this page.
pub const ALL: &[ErrorCode] = &[NOT_FOUND, NOT_PAYABLE, TOO_MANY_WRONG_SECRETS];
