//! Every error code that Toss documents for confirming, cancelling and asking, and what each means
//! to us. The tables are data so that a test can walk all of them; a code that is in none is unknown.
//!
//! Source: Toss Payments, "Error codes", core API (the tables as of 2026-03-17).

use serde::{Deserialize, Serialize};

/// What a refused confirmation means for the order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConfirmOutcome {
    /// No money moved and none will: the buyer may try another card.
    Declined(DeclineReason),
    /// The payment's time has passed; the buyer starts a new payment.
    Expired,
    /// Our configuration or our request is at fault. This call moved nothing, and only we can help.
    Ours,
    /// The payment was decided by an earlier call. Ask what became of it.
    AlreadyProcessed,
    /// A fault that passes, or an earlier call that still runs. Ask, and when the payment is still
    /// open, repeat the call under the same idempotency key.
    RetryLater,
    /// Nobody can tell from this answer whether money moved. Ask.
    Unknown,
}

impl ConfirmOutcome {
    /// Whether money may have moved, so that only the payment itself can tell.
    #[must_use]
    pub const fn must_ask(self) -> bool {
        matches!(self, Self::AlreadyProcessed | Self::RetryLater | Self::Unknown)
    }
}

/// Why the money was refused, in words of our own that clients can rely on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DeclineReason {
    /// The card is not valid: wrong number, stopped, lost.
    CardInvalid,
    /// The card has expired, or its expiry was mistyped.
    CardExpired,
    /// A limit in money or in number of payments is exceeded.
    LimitExceeded,
    /// The balance is too small or the limit is used up; the provider does not say which.
    InsufficientFundsOrLimit,
    /// The bank or the account cannot be used at this moment.
    BankUnavailable,
    /// Refused as risky.
    RiskRefused,
    /// The instalment plan is not offered for this card.
    InstallmentsUnsupported,
    /// Less than the provider charges at all (card 100 won, account 200 won).
    BelowMinimum,
    /// Anything else that the buyer or the issuer must solve.
    Other,
}

impl DeclineReason {
    /// Every reason, for documents and tests.
    pub const ALL: [Self; 9] = [
        Self::CardInvalid,
        Self::CardExpired,
        Self::LimitExceeded,
        Self::InsufficientFundsOrLimit,
        Self::BankUnavailable,
        Self::RiskRefused,
        Self::InstallmentsUnsupported,
        Self::BelowMinimum,
        Self::Other,
    ];

    /// The names of all, as clients see them.
    pub const NAMES: [&'static str; 9] = [
        Self::CardInvalid.as_str(),
        Self::CardExpired.as_str(),
        Self::LimitExceeded.as_str(),
        Self::InsufficientFundsOrLimit.as_str(),
        Self::BankUnavailable.as_str(),
        Self::RiskRefused.as_str(),
        Self::InstallmentsUnsupported.as_str(),
        Self::BelowMinimum.as_str(),
        Self::Other.as_str(),
    ];

    /// The name that clients see.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::CardInvalid => "card_invalid",
            Self::CardExpired => "card_expired",
            Self::LimitExceeded => "limit_exceeded",
            Self::InsufficientFundsOrLimit => "insufficient_funds_or_limit",
            Self::BankUnavailable => "bank_unavailable",
            Self::RiskRefused => "risk_refused",
            Self::InstallmentsUnsupported => "installments_unsupported",
            Self::BelowMinimum => "below_minimum",
            Self::Other => "other",
        }
    }
}

/// What a refused cancellation means for the refund.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CancelOutcome {
    /// Cancelled before, perhaps by a call of ours whose answer was lost. Ask, and look for our part.
    AlreadyCancelled,
    /// The balance is not the one that we expected, and nothing was cancelled. Ask and compute anew.
    BalanceChanged,
    /// Refused for good; a person must act.
    Refused,
    /// Our configuration or our request is at fault, and nothing was cancelled.
    Ours,
    /// A fault that passes: repeat later under the same idempotency key.
    RetryLater,
    /// Nobody can tell from this answer whether money went back. Ask.
    Unknown,
}

/// What a refused question means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QueryOutcome {
    /// The provider has no such payment.
    NotFound,
    /// Our configuration is at fault.
    Ours,
    /// Ask again later.
    RetryLater,
    /// The answer says nothing about the payment.
    Unknown,
}

/// A row of a table: the code, the HTTP status that comes with it, and what it means to us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DocumentedCode<Outcome> {
    /// The provider's code.
    pub code: &'static str,
    /// The HTTP status that the documentation gives for it.
    pub http_status: u16,
    /// What it means to us.
    pub outcome: Outcome,
}

const fn row<Outcome>(http_status: u16, code: &'static str, outcome: Outcome) -> DocumentedCode<Outcome> {
    DocumentedCode { code, http_status, outcome }
}

const fn declined(http_status: u16, code: &'static str, reason: DeclineReason) -> DocumentedCode<ConfirmOutcome> {
    row(http_status, code, ConfirmOutcome::Declined(reason))
}

/// The codes of `POST /v1/payments/confirm`.
pub const CONFIRM_CODES: &[DocumentedCode<ConfirmOutcome>] = &[
    row(400, "ALREADY_PROCESSED_PAYMENT", ConfirmOutcome::AlreadyProcessed),
    declined(400, "INVALID_CARD_NUMBER", DeclineReason::CardInvalid),
    declined(400, "INVALID_STOPPED_CARD", DeclineReason::CardInvalid),
    declined(400, "INVALID_CARD_EXPIRATION", DeclineReason::CardExpired),
    declined(400, "INVALID_REJECT_CARD", DeclineReason::Other),
    declined(400, "INVALID_CARD_LOST_OR_STOLEN", DeclineReason::CardInvalid),
    declined(400, "EXCEED_MAX_AMOUNT", DeclineReason::LimitExceeded),
    declined(400, "EXCEED_MAX_CARD_INSTALLMENT_PLAN", DeclineReason::InstallmentsUnsupported),
    declined(400, "NOT_SUPPORTED_INSTALLMENT_PLAN_CARD_OR_MERCHANT", DeclineReason::InstallmentsUnsupported),
    declined(400, "INVALID_CARD_INSTALLMENT_PLAN", DeclineReason::InstallmentsUnsupported),
    declined(400, "NOT_SUPPORTED_MONTHLY_INSTALLMENT_PLAN", DeclineReason::InstallmentsUnsupported),
    declined(400, "NOT_ALLOWED_POINT_USE", DeclineReason::Other),
    declined(400, "EXCEED_MAX_DAILY_PAYMENT_COUNT", DeclineReason::LimitExceeded),
    declined(400, "EXCEED_MAX_PAYMENT_AMOUNT", DeclineReason::LimitExceeded),
    declined(400, "EXCEED_MAX_ONE_DAY_WITHDRAW_AMOUNT", DeclineReason::LimitExceeded),
    declined(400, "EXCEED_MAX_ONE_TIME_WITHDRAW_AMOUNT", DeclineReason::LimitExceeded),
    declined(400, "EXCEED_MAX_MONTHLY_PAYMENT_AMOUNT", DeclineReason::LimitExceeded),
    declined(400, "RESTRICTED_TRANSFER_ACCOUNT", DeclineReason::BankUnavailable),
    declined(400, "INVALID_ACCOUNT_INFO_RE_REGISTER", DeclineReason::Other),
    declined(400, "NOT_AVAILABLE_PAYMENT", DeclineReason::BankUnavailable),
    declined(400, "BELOW_MINIMUM_AMOUNT", DeclineReason::BelowMinimum),
    row(400, "INVALID_REQUEST", ConfirmOutcome::Ours),
    row(400, "INVALID_API_KEY", ConfirmOutcome::Ours),
    row(400, "UNAPPROVED_ORDER_ID", ConfirmOutcome::Ours),
    row(400, "NOT_FOUND_TERMINAL_ID", ConfirmOutcome::Ours),
    row(400, "INVALID_AUTHORIZE_AUTH", ConfirmOutcome::Ours),
    row(400, "INVALID_UNREGISTERED_SUBMALL", ConfirmOutcome::Ours),
    row(400, "NOT_REGISTERED_BUSINESS", ConfirmOutcome::Ours),
    row(400, "INVALID_IDEMPOTENCY_KEY", ConfirmOutcome::Ours),
    row(400, "PROVIDER_ERROR", ConfirmOutcome::RetryLater),
    row(400, "CARD_PROCESSING_ERROR", ConfirmOutcome::RetryLater),
    row(401, "UNAUTHORIZED_KEY", ConfirmOutcome::Ours),
    declined(403, "REJECT_CARD_PAYMENT", DeclineReason::InsufficientFundsOrLimit),
    declined(403, "REJECT_CARD_COMPANY", DeclineReason::Other),
    declined(403, "REJECT_ACCOUNT_PAYMENT", DeclineReason::InsufficientFundsOrLimit),
    declined(403, "REJECT_TOSSPAY_INVALID_ACCOUNT", DeclineReason::Other),
    declined(403, "EXCEED_MAX_AUTH_COUNT", DeclineReason::LimitExceeded),
    declined(403, "EXCEED_MAX_ONE_DAY_AMOUNT", DeclineReason::LimitExceeded),
    declined(403, "NOT_AVAILABLE_BANK", DeclineReason::BankUnavailable),
    declined(403, "INVALID_PASSWORD", DeclineReason::Other),
    declined(403, "FDS_ERROR", DeclineReason::RiskRefused),
    row(403, "FORBIDDEN_REQUEST", ConfirmOutcome::Ours),
    row(403, "INCORRECT_BASIC_AUTH_FORMAT", ConfirmOutcome::Ours),
    row(404, "NOT_FOUND_PAYMENT", ConfirmOutcome::Expired),
    row(404, "NOT_FOUND_PAYMENT_SESSION", ConfirmOutcome::Expired),
    row(409, "IDEMPOTENT_REQUEST_PROCESSING", ConfirmOutcome::RetryLater),
    row(500, "FAILED_PAYMENT_INTERNAL_SYSTEM_PROCESSING", ConfirmOutcome::Unknown),
    row(500, "FAILED_INTERNAL_SYSTEM_PROCESSING", ConfirmOutcome::Unknown),
    row(500, "UNKNOWN_PAYMENT_ERROR", ConfirmOutcome::Unknown),
];

/// The codes of `POST /v1/payments/{paymentKey}/cancel`. `INVALID_REFUND_AMOUNT` stands in the
/// global list only; it is mapped because the documentation does not say which code answers an
/// amount above the balance.
pub const CANCEL_CODES: &[DocumentedCode<CancelOutcome>] = &[
    row(400, "ALREADY_CANCELED_PAYMENT", CancelOutcome::AlreadyCancelled),
    row(400, "ALREADY_REFUND_PAYMENT", CancelOutcome::AlreadyCancelled),
    row(400, "NOT_MATCHES_REFUNDABLE_AMOUNT", CancelOutcome::BalanceChanged),
    row(400, "INVALID_REFUND_ACCOUNT_INFO", CancelOutcome::Refused),
    row(400, "INVALID_REFUND_ACCOUNT_NUMBER", CancelOutcome::Refused),
    row(400, "INVALID_BANK", CancelOutcome::Refused),
    row(400, "FORBIDDEN_BANK_REFUND_REQUEST", CancelOutcome::Refused),
    row(400, "REFUND_REJECTED", CancelOutcome::Refused),
    row(400, "EXCEED_CANCEL_AMOUNT_DISCOUNT_AMOUNT", CancelOutcome::Refused),
    row(400, "INVALID_REFUND_AMOUNT", CancelOutcome::Refused),
    row(400, "INVALID_REQUEST", CancelOutcome::Ours),
    row(400, "INVALID_IDEMPOTENCY_KEY", CancelOutcome::Ours),
    row(400, "PROVIDER_ERROR", CancelOutcome::Unknown),
    row(401, "UNAUTHORIZED_KEY", CancelOutcome::Ours),
    row(403, "NOT_CANCELABLE_AMOUNT", CancelOutcome::Refused),
    row(403, "NOT_CANCELABLE_PAYMENT", CancelOutcome::Refused),
    row(403, "EXCEED_MAX_REFUND_DUE", CancelOutcome::Refused),
    row(403, "NOT_ALLOWED_PARTIAL_REFUND", CancelOutcome::Refused),
    row(403, "NOT_ALLOWED_PARTIAL_REFUND_WAITING_DEPOSIT", CancelOutcome::Refused),
    row(403, "NOT_CANCELABLE_PAYMENT_FOR_DORMANT_USER", CancelOutcome::Refused),
    row(403, "EXCEED_CANCEL_LIMIT", CancelOutcome::Refused),
    row(403, "FORBIDDEN_REQUEST", CancelOutcome::Ours),
    row(403, "INCORRECT_BASIC_AUTH_FORMAT", CancelOutcome::Ours),
    row(403, "NOT_AVAILABLE_BANK", CancelOutcome::RetryLater),
    row(403, "FORBIDDEN_CONSECUTIVE_REQUEST", CancelOutcome::RetryLater),
    row(404, "NOT_FOUND_PAYMENT", CancelOutcome::Ours),
    row(409, "IDEMPOTENT_REQUEST_PROCESSING", CancelOutcome::RetryLater),
    row(500, "FAILED_INTERNAL_SYSTEM_PROCESSING", CancelOutcome::Unknown),
    row(500, "FAILED_REFUND_PROCESS", CancelOutcome::Unknown),
    row(500, "FAILED_METHOD_HANDLING_CANCEL", CancelOutcome::Unknown),
    row(500, "FAILED_PARTIAL_REFUND", CancelOutcome::Unknown),
    row(500, "COMMON_ERROR", CancelOutcome::Unknown),
    row(500, "FAILED_PAYMENT_INTERNAL_SYSTEM_PROCESSING", CancelOutcome::Unknown),
];

/// The codes of `GET /v1/payments/…`.
pub const QUERY_CODES: &[DocumentedCode<QueryOutcome>] = &[
    row(400, "NOT_SUPPORTED_MONTHLY_INSTALLMENT_PLAN_BELOW_AMOUNT", QueryOutcome::Unknown),
    row(401, "UNAUTHORIZED_KEY", QueryOutcome::Ours),
    row(403, "FORBIDDEN_CONSECUTIVE_REQUEST", QueryOutcome::RetryLater),
    row(403, "INCORRECT_BASIC_AUTH_FORMAT", QueryOutcome::Ours),
    row(404, "NOT_FOUND", QueryOutcome::NotFound),
    row(404, "NOT_FOUND_PAYMENT", QueryOutcome::NotFound),
    row(500, "FAILED_PAYMENT_INTERNAL_SYSTEM_PROCESSING", QueryOutcome::Unknown),
];

/// What an error answer to a confirmation means. A status from 500 up tells nothing whatever the
/// code says, because the provider may have failed after it charged.
#[must_use]
pub fn confirm_outcome(http_status: u16, code: &str) -> ConfirmOutcome {
    look_up(CONFIRM_CODES, http_status, code).unwrap_or(ConfirmOutcome::Unknown)
}

/// What an error answer to a cancellation means.
#[must_use]
pub fn cancel_outcome(http_status: u16, code: &str) -> CancelOutcome {
    look_up(CANCEL_CODES, http_status, code).unwrap_or(CancelOutcome::Unknown)
}

/// What an error answer to a question means.
#[must_use]
pub fn query_outcome(http_status: u16, code: &str) -> QueryOutcome {
    look_up(QUERY_CODES, http_status, code).unwrap_or(QueryOutcome::Unknown)
}

fn look_up<Outcome: Copy>(table: &[DocumentedCode<Outcome>], http_status: u16, code: &str) -> Option<Outcome> {
    if !(400..500).contains(&http_status) {
        return None;
    }
    table.iter().find(|row| row.code == code).map(|row| row.outcome)
}

#[cfg(test)]
mod tests;
