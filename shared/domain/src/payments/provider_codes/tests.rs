//! Every documented code, written out a second time as the documentation groups them, so that a
//! slip in a table is seen.

use std::collections::BTreeSet;

use super::*;

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split_whitespace()
}

const DECLINED_400: &str = "INVALID_CARD_NUMBER INVALID_STOPPED_CARD INVALID_CARD_EXPIRATION INVALID_REJECT_CARD \
    INVALID_CARD_LOST_OR_STOLEN EXCEED_MAX_AMOUNT EXCEED_MAX_CARD_INSTALLMENT_PLAN \
    NOT_SUPPORTED_INSTALLMENT_PLAN_CARD_OR_MERCHANT INVALID_CARD_INSTALLMENT_PLAN \
    NOT_SUPPORTED_MONTHLY_INSTALLMENT_PLAN NOT_ALLOWED_POINT_USE EXCEED_MAX_DAILY_PAYMENT_COUNT \
    EXCEED_MAX_PAYMENT_AMOUNT EXCEED_MAX_ONE_DAY_WITHDRAW_AMOUNT EXCEED_MAX_ONE_TIME_WITHDRAW_AMOUNT \
    EXCEED_MAX_MONTHLY_PAYMENT_AMOUNT RESTRICTED_TRANSFER_ACCOUNT INVALID_ACCOUNT_INFO_RE_REGISTER \
    NOT_AVAILABLE_PAYMENT BELOW_MINIMUM_AMOUNT";
const DECLINED_403: &str = "REJECT_CARD_PAYMENT REJECT_CARD_COMPANY REJECT_ACCOUNT_PAYMENT \
    REJECT_TOSSPAY_INVALID_ACCOUNT EXCEED_MAX_AUTH_COUNT EXCEED_MAX_ONE_DAY_AMOUNT NOT_AVAILABLE_BANK \
    INVALID_PASSWORD FDS_ERROR";
const OURS_400: &str = "INVALID_REQUEST INVALID_API_KEY UNAPPROVED_ORDER_ID NOT_FOUND_TERMINAL_ID \
    INVALID_AUTHORIZE_AUTH INVALID_UNREGISTERED_SUBMALL NOT_REGISTERED_BUSINESS INVALID_IDEMPOTENCY_KEY";

#[test]
fn every_documented_confirm_code_has_its_class() {
    type Is = fn(ConfirmOutcome) -> bool;
    let declined: Is = |outcome| matches!(outcome, ConfirmOutcome::Declined(_));
    let ours: Is = |outcome| outcome == ConfirmOutcome::Ours;
    let groups: [(u16, &str, Is); 11] = [
        (400, "ALREADY_PROCESSED_PAYMENT", |outcome| outcome == ConfirmOutcome::AlreadyProcessed),
        (400, DECLINED_400, declined),
        (403, DECLINED_403, declined),
        (400, OURS_400, ours),
        (401, "UNAUTHORIZED_KEY", ours),
        (403, "FORBIDDEN_REQUEST INCORRECT_BASIC_AUTH_FORMAT", ours),
        (400, "PROVIDER_ERROR CARD_PROCESSING_ERROR", |outcome| outcome == ConfirmOutcome::RetryLater),
        (404, "NOT_FOUND_PAYMENT NOT_FOUND_PAYMENT_SESSION", |outcome| outcome == ConfirmOutcome::Expired),
        (409, "IDEMPOTENT_REQUEST_PROCESSING", |outcome| outcome == ConfirmOutcome::RetryLater),
        (
            500,
            "FAILED_PAYMENT_INTERNAL_SYSTEM_PROCESSING FAILED_INTERNAL_SYSTEM_PROCESSING UNKNOWN_PAYMENT_ERROR",
            |outcome| outcome == ConfirmOutcome::Unknown,
        ),
        (400, "A_CODE_OF_NEXT_YEAR", |outcome| outcome == ConfirmOutcome::Unknown),
    ];
    let mut seen = BTreeSet::new();
    for (status, codes, is_right) in groups {
        for code in words(codes) {
            assert!(is_right(confirm_outcome(status, code)), "{code} is {:?}", confirm_outcome(status, code));
            seen.insert((code, status));
        }
    }
    seen.remove(&("A_CODE_OF_NEXT_YEAR", 400));
    let table: BTreeSet<_> = CONFIRM_CODES.iter().map(|row| (row.code, row.http_status)).collect();
    assert_eq!(table, seen, "the table and the documentation name the same codes with the same statuses");
    assert_eq!(table.len(), CONFIRM_CODES.len(), "no code stands twice");
}

#[test]
fn every_documented_cancel_code_has_its_class() {
    let groups = [
        (400, "ALREADY_CANCELED_PAYMENT ALREADY_REFUND_PAYMENT", CancelOutcome::AlreadyCancelled),
        (400, "NOT_MATCHES_REFUNDABLE_AMOUNT", CancelOutcome::BalanceChanged),
        (
            400,
            "INVALID_REFUND_ACCOUNT_INFO INVALID_REFUND_ACCOUNT_NUMBER INVALID_BANK FORBIDDEN_BANK_REFUND_REQUEST \
             REFUND_REJECTED EXCEED_CANCEL_AMOUNT_DISCOUNT_AMOUNT INVALID_REFUND_AMOUNT",
            CancelOutcome::Refused,
        ),
        (400, "INVALID_REQUEST INVALID_IDEMPOTENCY_KEY", CancelOutcome::Ours),
        (400, "PROVIDER_ERROR", CancelOutcome::Unknown),
        (401, "UNAUTHORIZED_KEY", CancelOutcome::Ours),
        (
            403,
            "NOT_CANCELABLE_AMOUNT NOT_CANCELABLE_PAYMENT EXCEED_MAX_REFUND_DUE NOT_ALLOWED_PARTIAL_REFUND \
             NOT_ALLOWED_PARTIAL_REFUND_WAITING_DEPOSIT NOT_CANCELABLE_PAYMENT_FOR_DORMANT_USER EXCEED_CANCEL_LIMIT",
            CancelOutcome::Refused,
        ),
        (403, "FORBIDDEN_REQUEST INCORRECT_BASIC_AUTH_FORMAT", CancelOutcome::Ours),
        (403, "NOT_AVAILABLE_BANK FORBIDDEN_CONSECUTIVE_REQUEST", CancelOutcome::RetryLater),
        (404, "NOT_FOUND_PAYMENT", CancelOutcome::Ours),
        (409, "IDEMPOTENT_REQUEST_PROCESSING", CancelOutcome::RetryLater),
        (
            500,
            "FAILED_INTERNAL_SYSTEM_PROCESSING FAILED_REFUND_PROCESS FAILED_METHOD_HANDLING_CANCEL \
             FAILED_PARTIAL_REFUND COMMON_ERROR FAILED_PAYMENT_INTERNAL_SYSTEM_PROCESSING",
            CancelOutcome::Unknown,
        ),
    ];
    let mut seen = BTreeSet::new();
    for (status, codes, outcome) in groups {
        for code in words(codes) {
            assert_eq!(cancel_outcome(status, code), outcome, "{code}");
            seen.insert((code, status));
        }
    }
    let table: BTreeSet<_> = CANCEL_CODES.iter().map(|row| (row.code, row.http_status)).collect();
    assert_eq!(table, seen);
    assert_eq!(table.len(), CANCEL_CODES.len(), "no code stands twice");
    assert_eq!(cancel_outcome(400, "A_CODE_OF_NEXT_YEAR"), CancelOutcome::Unknown);
}

#[test]
fn every_documented_query_code_has_its_class() {
    for (status, code, outcome) in [
        (400, "NOT_SUPPORTED_MONTHLY_INSTALLMENT_PLAN_BELOW_AMOUNT", QueryOutcome::Unknown),
        (401, "UNAUTHORIZED_KEY", QueryOutcome::Ours),
        (403, "FORBIDDEN_CONSECUTIVE_REQUEST", QueryOutcome::RetryLater),
        (403, "INCORRECT_BASIC_AUTH_FORMAT", QueryOutcome::Ours),
        (404, "NOT_FOUND", QueryOutcome::NotFound),
        (404, "NOT_FOUND_PAYMENT", QueryOutcome::NotFound),
        (500, "FAILED_PAYMENT_INTERNAL_SYSTEM_PROCESSING", QueryOutcome::Unknown),
        (404, "A_CODE_OF_NEXT_YEAR", QueryOutcome::Unknown),
    ] {
        assert_eq!(query_outcome(status, code), outcome, "{code}");
    }
    assert_eq!(QUERY_CODES.len(), 7);
}

#[test]
fn a_server_error_tells_nothing_whatever_its_code_says() {
    for row in CONFIRM_CODES {
        assert_eq!(confirm_outcome(500, row.code), ConfirmOutcome::Unknown, "{}", row.code);
    }
    for row in CANCEL_CODES {
        assert_eq!(cancel_outcome(503, row.code), CancelOutcome::Unknown, "{}", row.code);
    }
    for status in [200, 302, 599] {
        assert_eq!(confirm_outcome(status, "REJECT_CARD_PAYMENT"), ConfirmOutcome::Unknown);
    }
}

#[test]
fn the_buyer_is_told_the_reason_in_our_own_words() {
    for (code, reason) in [
        ("INVALID_CARD_NUMBER", DeclineReason::CardInvalid),
        ("INVALID_CARD_EXPIRATION", DeclineReason::CardExpired),
        ("EXCEED_MAX_PAYMENT_AMOUNT", DeclineReason::LimitExceeded),
        ("REJECT_CARD_PAYMENT", DeclineReason::InsufficientFundsOrLimit),
        ("NOT_AVAILABLE_BANK", DeclineReason::BankUnavailable),
        ("FDS_ERROR", DeclineReason::RiskRefused),
        ("INVALID_CARD_INSTALLMENT_PLAN", DeclineReason::InstallmentsUnsupported),
        ("BELOW_MINIMUM_AMOUNT", DeclineReason::BelowMinimum),
        ("INVALID_PASSWORD", DeclineReason::Other),
    ] {
        assert_eq!(confirm_outcome(400, code), ConfirmOutcome::Declined(reason), "{code}");
        assert_eq!(serde_json::to_value(reason).unwrap(), reason.as_str());
    }
}
