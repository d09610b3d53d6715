//! What a payment of the provider means for our checkout. One function decides it, after a
//! confirmation as after a later question, so that both lead to the same end.

use super::{ConfirmOutcome, DeclineReason, PaymentKey, confirm_outcome};
use crate::{Money, Timestamp, ids::CheckoutId, text::TextRule};

/// Where a payment stands at Toss (core API, `Payment.status`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TossPaymentStatus {
    /// Created; the buyer has not shown who they are.
    Ready,
    /// The buyer is authenticated, and the payment waits for our confirmation.
    InProgress,
    /// A virtual account was issued, and nothing is paid in yet.
    WaitingForDeposit,
    /// Paid.
    Done,
    /// Paid and given back whole, or a virtual account that was given up.
    Canceled,
    /// Paid and given back in part.
    PartialCanceled,
    /// The approval failed.
    Aborted,
    /// The time of the payment passed.
    Expired,
    /// A status that the documentation does not know.
    Unknown(String),
}

impl TossPaymentStatus {
    /// Reads the provider's word. Never fails: a new word is [`Self::Unknown`].
    #[must_use]
    pub fn parse(text: &str) -> Self {
        match text {
            "READY" => Self::Ready,
            "IN_PROGRESS" => Self::InProgress,
            "WAITING_FOR_DEPOSIT" => Self::WaitingForDeposit,
            "DONE" => Self::Done,
            "CANCELED" => Self::Canceled,
            "PARTIAL_CANCELED" => Self::PartialCanceled,
            "ABORTED" => Self::Aborted,
            "EXPIRED" => Self::Expired,
            other => Self::Unknown(other.chars().take(40).collect()),
        }
    }

    /// Whether the provider may hold the buyer's money in this status.
    const fn may_hold_money(&self) -> bool {
        matches!(self, Self::Done | Self::PartialCanceled | Self::Unknown(_))
    }
}

/// A payment as the provider shows it, in our types. The strings are the provider's and unchecked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaymentSnapshot {
    /// The provider's name for the payment.
    pub payment_key: PaymentKey,
    /// What the provider calls the order: the id of the checkout that it believes to be paid.
    pub order_id: String,
    /// Where it stands.
    pub status: TossPaymentStatus,
    /// What was to be paid.
    pub total: Total,
    /// What can still be given back; `None` when it cannot be read as an amount of ours.
    pub balance: Option<Money>,
    /// When it was approved.
    pub approved_at: Option<Timestamp>,
    /// The way of paying, in the provider's (Korean) word, such as `카드`.
    pub method: Option<String>,
    /// The page of the receipt.
    pub receipt_url: Option<String>,
    /// Why the approval failed: the provider's code.
    pub failure_code: Option<String>,
    /// Why the approval failed: the provider's words for the buyer.
    pub failure_message: Option<String>,
    /// What was given back, oldest first.
    pub cancels: Vec<CancelledPart>,
}

/// What a payment is over, as far as it can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Total {
    /// An amount of ours.
    Known(Money),
    /// An amount in a currency that we do not sell in: not what anybody was asked for.
    OtherCurrency,
    /// The currency or the number is missing, or is none. Nothing may be concluded.
    Unreadable,
}

/// One cancellation of a payment, whole or in part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CancelledPart {
    /// The provider's name for the cancellation.
    pub transaction_key: String,
    /// How much went back.
    pub amount: Money,
    /// The reason that the provider was given.
    pub reason: String,
    /// When.
    pub cancelled_at: Option<Timestamp>,
}

/// A payment that counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Approval {
    /// The provider's name for the payment. It may be another one than the caller asked with, when
    /// the question went by the order.
    pub payment_key: PaymentKey,
    /// What was paid: exactly the amount of the checkout.
    pub amount: Money,
    /// When the provider approved it, if it says so.
    pub approved_at: Option<Timestamp>,
    /// The way of paying, in the provider's word.
    pub method: Option<String>,
    /// The page of the receipt.
    pub receipt_url: Option<String>,
}

/// What the payment means for the checkout.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Settlement {
    /// Paid, for the right checkout and amount.
    Approved(Approval),
    /// The buyer has to pay into a virtual account.
    WaitingForDeposit,
    /// Refused; no money is held.
    Declined {
        /// In our words.
        reason: DeclineReason,
        /// The provider's code, for logs.
        code: String,
        /// The provider's words, only for refusals that the buyer can do something about.
        message: Option<String>,
    },
    /// The buyer opened the payment window and has not chosen there how to pay, so nobody can take the
    /// money. They may still go on.
    NotAuthenticated,
    /// Not decided: the buyer is authenticated, and the payment waits for our confirmation.
    StillOpen,
    /// Not the checkout, the amount or the currency that we asked for. Never counts as paid.
    Mismatch {
        /// The provider may hold money for it, which must go back.
        money_may_be_held: bool,
    },
    /// Its time has passed, or it does not exist; no money is held and none will come.
    Gone,
    /// It was paid, and all of it was given back.
    Returned,
    /// It was paid, and not all of it was given back: the provider holds a part, for no order.
    PartlyReturned,
    /// The provider's status is none that we know, or the amount cannot be read. Ask again; nothing
    /// may be concluded.
    Unclear,
}

/// Decides what a payment means for a checkout over `amount`.
#[must_use]
pub fn settle(payment: &PaymentSnapshot, checkout: CheckoutId, amount: Money) -> Settlement {
    let is_ours = payment.order_id == checkout.to_string();
    match payment.total {
        Total::Known(total) if is_ours && total == amount => {}
        Total::Unreadable if is_ours => return Settlement::Unclear,
        _ => return Settlement::Mismatch { money_may_be_held: payment.status.may_hold_money() },
    }
    match &payment.status {
        TossPaymentStatus::Ready => Settlement::NotAuthenticated,
        TossPaymentStatus::InProgress => Settlement::StillOpen,
        TossPaymentStatus::WaitingForDeposit => Settlement::WaitingForDeposit,
        TossPaymentStatus::Done => Settlement::Approved(Approval {
            payment_key: payment.payment_key.clone(),
            amount,
            approved_at: payment.approved_at,
            method: payment.method.clone(),
            receipt_url: payment.receipt_url.clone(),
        }),
        TossPaymentStatus::Canceled => Settlement::Returned,
        TossPaymentStatus::PartialCanceled if payment.balance.is_some_and(Money::is_zero) => Settlement::Returned,
        TossPaymentStatus::PartialCanceled => Settlement::PartlyReturned,
        TossPaymentStatus::Aborted => aborted(payment),
        TossPaymentStatus::Expired => Settlement::Gone,
        TossPaymentStatus::Unknown(_) => Settlement::Unclear,
    }
}

/// An aborted payment is over, whatever its failure says; the code decides what the buyer reads.
fn aborted(payment: &PaymentSnapshot) -> Settlement {
    let code = payment.failure_code.clone().unwrap_or_default();
    match confirm_outcome(400, &code) {
        ConfirmOutcome::Declined(reason) => {
            let message = payment.failure_message.as_deref().and_then(provider_message);
            Settlement::Declined { reason, code, message }
        }
        _ => Settlement::Declined { reason: DeclineReason::Other, code, message: None },
    }
}

/// The provider's words as a person may read them: one line without control characters, at most
/// 510 characters (Toss core API, `Payment.failure.message`); nothing when they are not that.
#[must_use]
pub fn provider_message(text: &str) -> Option<String> {
    TextRule { least: 1, most: 510, lines: false }.apply(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Currency, ids::Entropy};

    fn checkout(byte: u8) -> CheckoutId {
        CheckoutId::new(Timestamp::from_seconds(1_790_000_000), Entropy([byte; 10]))
    }

    fn krw(amount: i64) -> Money {
        Money::new(amount, Currency::Krw).unwrap()
    }

    fn payment(status: &str) -> PaymentSnapshot {
        PaymentSnapshot {
            payment_key: PaymentKey::parse("tviva1").unwrap(),
            order_id: checkout(1).to_string(),
            status: TossPaymentStatus::parse(status),
            total: Total::Known(krw(12_000)),
            balance: Some(krw(12_000)),
            approved_at: None,
            method: None,
            receipt_url: None,
            failure_code: None,
            failure_message: None,
            cancels: Vec::new(),
        }
    }

    const STATUSES: [&str; 9] = [
        "READY",
        "IN_PROGRESS",
        "WAITING_FOR_DEPOSIT",
        "DONE",
        "CANCELED",
        "PARTIAL_CANCELED",
        "ABORTED",
        "EXPIRED",
        "HELD_FOR_REVIEW",
    ];

    #[test]
    fn only_a_done_payment_is_approved() {
        for status in STATUSES {
            let settled = settle(&payment(status), checkout(1), krw(12_000));
            assert_eq!(matches!(settled, Settlement::Approved(_)), status == "DONE", "{status}: {settled:?}");
        }
        assert_eq!(settle(&payment("HELD_FOR_REVIEW"), checkout(1), krw(12_000)), Settlement::Unclear);
        assert_eq!(settle(&payment("EXPIRED"), checkout(1), krw(12_000)), Settlement::Gone);
        assert_eq!(settle(&payment("IN_PROGRESS"), checkout(1), krw(12_000)), Settlement::StillOpen);
        assert_eq!(settle(&payment("READY"), checkout(1), krw(12_000)), Settlement::NotAuthenticated);
    }

    #[test]
    fn attack_14_a_payment_over_another_amount_never_counts() {
        for status in STATUSES {
            for asked in [11_999, 12_001, 0, 1] {
                let settled = settle(&payment(status), checkout(1), krw(asked));
                assert!(matches!(settled, Settlement::Mismatch { .. }), "{status} {asked}: {settled:?}");
            }
        }
        let settled = settle(&payment("DONE"), checkout(1), krw(1));
        assert_eq!(settled, Settlement::Mismatch { money_may_be_held: true });
    }

    #[test]
    fn attack_15_a_payment_of_another_checkout_never_counts() {
        let settled = settle(&payment("DONE"), checkout(2), krw(12_000));
        assert_eq!(settled, Settlement::Mismatch { money_may_be_held: true });
        let settled = settle(&payment("EXPIRED"), checkout(2), krw(12_000));
        assert_eq!(settled, Settlement::Mismatch { money_may_be_held: false });
    }

    #[test]
    fn attack_16_a_payment_in_another_currency_never_counts() {
        let dollars = Money::new(12_000, Currency::Usd).unwrap();
        assert!(matches!(settle(&payment("DONE"), checkout(1), dollars), Settlement::Mismatch { .. }));
        let yen = PaymentSnapshot { total: Total::OtherCurrency, ..payment("DONE") };
        assert_eq!(settle(&yen, checkout(1), krw(12_000)), Settlement::Mismatch { money_may_be_held: true });
    }

    #[test]
    fn attack_39_from_an_amount_that_cannot_be_read_nothing_is_concluded() {
        for status in STATUSES {
            let unreadable = PaymentSnapshot { total: Total::Unreadable, ..payment(status) };
            assert_eq!(settle(&unreadable, checkout(1), krw(12_000)), Settlement::Unclear, "{status}");
            let of_another = settle(&unreadable, checkout(2), krw(12_000));
            assert!(matches!(of_another, Settlement::Mismatch { .. }), "{status}: {of_another:?}");
        }
    }

    #[test]
    fn an_aborted_payment_is_declined_and_shows_the_providers_words_only_when_the_buyer_can_act() {
        let failed = |code: &str| PaymentSnapshot {
            failure_code: Some(code.to_owned()),
            failure_message: Some("한도를 초과했습니다.".to_owned()),
            ..payment("ABORTED")
        };
        let Settlement::Declined { reason, message, .. } =
            settle(&failed("REJECT_CARD_PAYMENT"), checkout(1), krw(12_000))
        else {
            panic!("not declined")
        };
        assert_eq!(reason, DeclineReason::InsufficientFundsOrLimit);
        assert_eq!(message.as_deref(), Some("한도를 초과했습니다."));
        for code in ["INVALID_API_KEY", "PROVIDER_ERROR", "A_CODE_OF_NEXT_YEAR", ""] {
            let settled = settle(&failed(code), checkout(1), krw(12_000));
            let expected = Settlement::Declined { reason: DeclineReason::Other, code: code.to_owned(), message: None };
            assert_eq!(settled, expected);
        }
    }

    #[test]
    fn a_payment_that_was_given_back_is_not_paid() {
        let settled =
            |balance, status| settle(&PaymentSnapshot { balance, ..payment(status) }, checkout(1), krw(12_000));
        assert_eq!(settled(Some(krw(0)), "CANCELED"), Settlement::Returned);
        assert_eq!(settled(Some(krw(0)), "PARTIAL_CANCELED"), Settlement::Returned);
        // Somebody must look after what is left, also when nobody says how much it is.
        assert_eq!(settled(Some(krw(2_000)), "PARTIAL_CANCELED"), Settlement::PartlyReturned);
        assert_eq!(settled(None, "PARTIAL_CANCELED"), Settlement::PartlyReturned);
    }

    #[test]
    fn attack_69_a_message_with_control_characters_or_of_any_length_is_not_passed_on() {
        assert_eq!(provider_message("a\r\nb"), None);
        assert_eq!(provider_message(&"x".repeat(511)), None);
        assert_eq!(provider_message(" ok "), Some("ok".to_owned()));
    }
}
