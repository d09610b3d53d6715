//! How paying says no.

use super::DeclineReason;
use crate::{ErrorCode, Language, Member, ServiceError};

crate::errors! {
    /// Why an order could not be paid.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub enum PaymentError;

    DECLINED = "payments.declined", PaymentDeclined, members: [REASON] {
        title: "The payment was declined", "결제가 거절되었습니다";
        advice:
            "Show the detail to the buyer, tell them by `reason` what they can do, and let them pay again. The \
             order stays payable until it expires.",
            "`detail`을 구매자에게 보여 주고, `reason`에 맞게 할 수 있는 일을 안내한 뒤 다시 결제하게 하세요. 주문은 만료될 때까지 결제할 수 있습니다.";
        /// The provider refused the money; the buyer may try another way to pay.
        Declined {
            /// In our words.
            reason: DeclineReason,
            /// The provider's words for the buyer, in the language that was asked for, if they may be
            /// shown (see [`Settlement::Declined`](super::Settlement::Declined)).
            message: Option<String>,
        },
    }

    AMOUNT_MISMATCH = "payments.amount_mismatch", Unprocessable {
        title: "The payment does not match the order", "결제 정보가 주문과 일치하지 않습니다";
        advice:
            "Read the order again and start a new payment with its amount. Show the detail: it says whether \
             anything may have been charged.",
            "주문을 다시 불러와 그 금액으로 새로 결제하세요. 결제되었을 수 있는지는 `detail`에 나오므로 보여 주세요.";
        /// The amount, the currency or the order of the payment is not the one of the order.
        AmountMismatch {
            /// Whether the provider may hold the buyer's money for it, which must go back.
            money_may_be_held: bool,
        },
    }

    TOO_MANY_ATTEMPTS = "payments.too_many_attempts", TooMany {
        title: "This order was tried to be paid too often", "결제를 너무 많이 시도했습니다";
        advice:
            "Place a new order: this one expires before the time in Retry-After has passed. Nothing was charged.",
            "새로 주문하세요. 이 주문은 Retry-After에 나온 시간보다 먼저 만료됩니다. 결제된 금액은 없습니다.";
        /// So many payments were begun for this order that no more are.
        TooManyAttempts {
            /// After how many seconds another one may be begun.
            retry_after_s: u32,
        },
    }

    ALREADY_PAID = "payments.already_paid", Conflict {
        title: "The order is already paid", "이미 결제된 주문입니다";
        advice: "Read the order; do not pay again.", "주문을 다시 불러오세요. 다시 결제하지 마세요.";
        /// The order is paid.
        AlreadyPaid,
    }

    SESSION_EXPIRED = "payments.session_expired", Gone {
        title: "The payment has expired", "결제 시간이 만료되었습니다";
        advice:
            "Open the payment window again, or place a new order when the order has expired too.",
            "결제창을 다시 여세요. 주문도 만료되었다면 새로 주문하세요.";
        /// The time to confirm has passed; the buyer starts the payment anew.
        SessionExpired,
    }

    NOT_AUTHENTICATED = "payments.not_authenticated", Conflict {
        title: "The payment was not finished in the payment window", "결제창에서 결제가 완료되지 않았습니다";
        advice:
            "Open the payment window again and have the buyer choose how to pay. The same payment can be confirmed \
             once they have; the orders stay payable until they expire. Nothing was charged.",
            "결제창을 다시 열어 구매자가 결제 수단을 고르게 하세요. 고른 뒤에는 같은 결제를 승인할 수 있고, 주문은 만료될 때까지 결제할 수 있습니다. 결제된 금액은 없습니다.";
        /// The payment window was opened, and nothing was chosen in it.
        NotAuthenticated,
    }

    UNAVAILABLE = "payments.unavailable", Unavailable {
        title: "Payments are not available at the moment", "현재 결제를 이용할 수 없습니다";
        advice:
            "Try again after the time in Retry-After, with the same Idempotency-Key.",
            "Retry-After에 나온 시간이 지난 뒤 같은 Idempotency-Key로 다시 시도하세요.";
        /// The provider, or our access to it, is out of order for the moment.
        Unavailable {
            /// After how many seconds to try again.
            retry_after_s: u32,
        },
    }
}

/// Why the money was refused, for programs; the provider's own words change as it likes.
const REASON: Member = Member {
    name: "reason",
    description: "Why the money was refused. Treat a value that you do not know as `other`.",
    values: &DeclineReason::NAMES,
};

impl ServiceError for PaymentError {
    fn code(&self) -> ErrorCode {
        self.entry()
    }

    fn detail(&self, language: Language) -> String {
        let (english, korean) = match self {
            Self::Declined { message: Some(message), .. } => return message.clone(),
            Self::Declined { reason, message: None } => words_for(*reason),
            Self::AmountMismatch { money_may_be_held: false } => (
                "the amount or the order of the payment is not the one that we asked for; nothing was charged",
                "결제 금액 또는 주문 정보가 요청한 내용과 다릅니다. 결제되지 않았습니다",
            ),
            Self::AmountMismatch { money_may_be_held: true } => (
                "the payment is not the one that we asked for, and the order is not paid; we are looking into it, and \
                 what was charged goes back to you",
                "요청한 내용과 다른 결제여서 주문이 완료되지 않았습니다. 확인 후 결제된 금액을 환불해 드립니다",
            ),
            Self::TooManyAttempts { .. } => (
                "this order was tried to be paid too often; please place a new one",
                "결제를 너무 많이 시도했습니다. 다시 주문해 주세요",
            ),
            Self::AlreadyPaid => ("this order is paid; there is nothing left to do", "이미 결제가 완료된 주문입니다"),
            Self::SessionExpired => (
                "too much time passed in the payment window; please pay again",
                "결제 가능 시간이 지났습니다. 다시 결제해 주세요",
            ),
            Self::NotAuthenticated => (
                "no way to pay was chosen in the payment window; please open it again and finish there",
                "결제창에서 결제 수단을 선택하지 않았습니다. 결제창을 다시 열어 결제를 완료해 주세요",
            ),
            Self::Unavailable { .. } => (
                "please try again in a moment; you are not charged twice",
                "잠시 후 다시 시도해 주세요. 중복 결제되지 않습니다",
            ),
        };
        match language {
            Language::English => english.to_owned(),
            Language::Korean => korean.to_owned(),
        }
    }

    fn members(&self) -> Vec<(&'static str, &'static str)> {
        match self {
            Self::Declined { reason, .. } => vec![(REASON.name, reason.as_str())],
            _ => Vec::new(),
        }
    }

    fn retry_after_s(&self) -> Option<u32> {
        match self {
            Self::Unavailable { retry_after_s } | Self::TooManyAttempts { retry_after_s } => Some(*retry_after_s),
            _ => None,
        }
    }
}

const fn words_for(reason: DeclineReason) -> (&'static str, &'static str) {
    match reason {
        DeclineReason::CardInvalid => (
            "the card cannot be used; please check it or use another one",
            "사용할 수 없는 카드입니다. 카드를 확인하거나 다른 카드를 사용해 주세요",
        ),
        DeclineReason::CardExpired => (
            "the card has expired; please check its date or use another one",
            "카드 유효기간이 지났습니다. 유효기간을 확인하거나 다른 카드를 사용해 주세요",
        ),
        DeclineReason::LimitExceeded => (
            "a limit of the card or account is exceeded; please pay in another way",
            "카드 또는 계좌의 한도를 초과했습니다. 다른 결제 수단을 사용해 주세요",
        ),
        DeclineReason::InsufficientFundsOrLimit => (
            "the balance or the limit is not enough; please pay in another way",
            "잔액 또는 한도가 부족합니다. 다른 결제 수단을 사용해 주세요",
        ),
        DeclineReason::BankUnavailable => (
            "the bank cannot be reached now; please pay later or in another way",
            "지금은 은행 서비스를 이용할 수 없습니다. 나중에 다시 시도하거나 다른 결제 수단을 사용해 주세요",
        ),
        DeclineReason::RiskRefused => (
            "the payment was refused for safety; please pay in another way",
            "안전을 위해 결제가 거절되었습니다. 다른 결제 수단을 사용해 주세요",
        ),
        DeclineReason::InstallmentsUnsupported => (
            "this card does not offer that instalment plan; please choose another one",
            "지원하지 않는 할부 조건입니다. 다른 할부 개월을 선택해 주세요",
        ),
        DeclineReason::BelowMinimum => {
            ("the amount is below what can be charged this way", "결제 가능한 최소 금액보다 적습니다")
        }
        DeclineReason::Other => (
            "the payment was refused; please pay in another way",
            "결제가 거절되었습니다. 다른 결제 수단을 사용해 주세요",
        ),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_reason_has_its_own_words_in_both_languages() {
        let mut seen = BTreeSet::new();
        for reason in DeclineReason::ALL {
            let error = PaymentError::Declined { reason, message: None };
            assert_eq!(error.members(), [("reason", reason.as_str())]);
            assert!(seen.insert(error.detail(Language::English)), "{reason:?}");
            assert!(seen.insert(error.detail(Language::Korean)), "{reason:?}");
        }
    }

    #[test]
    fn the_providers_words_are_shown_when_they_may_be() {
        let message = Some("카드 한도를 초과했습니다.".to_owned());
        let error = PaymentError::Declined { reason: DeclineReason::LimitExceeded, message };
        assert_eq!(error.detail(Language::Korean), "카드 한도를 초과했습니다.");
    }

    #[test]
    fn whoever_may_have_been_charged_is_never_told_that_nothing_was() {
        let detail = |money_may_be_held, language| PaymentError::AmountMismatch { money_may_be_held }.detail(language);
        assert!(detail(false, Language::English).contains("nothing was charged"));
        assert!(!detail(true, Language::English).contains("nothing was charged"));
        assert!(detail(true, Language::English).contains("goes back to you"));
        assert!(detail(false, Language::Korean).contains("결제되지 않았습니다"));
        assert!(!detail(true, Language::Korean).contains("결제되지 않았습니다"));
    }

    #[test]
    fn every_error_has_its_code_and_only_the_passing_ones_say_when_to_retry() {
        let declined = PaymentError::Declined { reason: DeclineReason::Other, message: None };
        let unavailable = PaymentError::Unavailable { retry_after_s: 5 };
        let all = [
            declined,
            PaymentError::AmountMismatch { money_may_be_held: false },
            PaymentError::TooManyAttempts { retry_after_s: 5 },
            PaymentError::AlreadyPaid,
            PaymentError::SessionExpired,
            PaymentError::NotAuthenticated,
            unavailable,
        ];
        for (error, code) in all.iter().zip(codes::ALL.iter().copied()) {
            assert_eq!(error.code(), code);
            assert_eq!(
                error.retry_after_s().is_some(),
                matches!(code.class, crate::Class::Unavailable | crate::Class::TooMany)
            );
            assert_ne!(error.detail(Language::English), error.detail(Language::Korean));
            assert_ne!(code.title, code.title_ko);
            let declared: Vec<&str> = code.members.iter().map(|member| member.name).collect();
            assert_eq!(error.members().iter().map(|(name, _)| *name).collect::<Vec<_>>(), declared);
        }
    }
}
