use super::{OrderStatus, codes};
use crate::{ErrorCode, Language, ServiceError};

/// What the orders service refuses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OrderError {
    /// There is no such order, or it is not the caller's.
    NotFound,
    /// The order is not awaiting a payment, or no longer.
    NotPayable {
        /// Its state. `Pending` when the hold has ended and the order is about to expire.
        status: OrderStatus,
    },
    /// Too many wrong order secrets came from this network address.
    TooManyWrongSecrets {
        /// When a wrong one is looked at again, in seconds.
        retry_after_s: u32,
    },
}

impl ServiceError for OrderError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::NotFound => codes::NOT_FOUND,
            Self::NotPayable { .. } => codes::NOT_PAYABLE,
            Self::TooManyWrongSecrets { .. } => codes::TOO_MANY_WRONG_SECRETS,
        }
    }

    fn detail(&self, language: Language) -> String {
        use OrderStatus as In;
        let text = match (self, language) {
            (Self::NotFound, Language::English) => "This order does not exist, or it is not yours.",
            (Self::NotFound, Language::Korean) => "없는 주문이거나 본인의 주문이 아닙니다.",
            (Self::NotPayable { status }, Language::English) => match status {
                In::Pending | In::Expired => "The time to pay for this order is over.",
                In::Confirming => "This order is being paid right now.",
                In::Cancelled | In::CancelRefunding => "This order was cancelled.",
                _ => "This order is paid already.",
            },
            (Self::NotPayable { status }, Language::Korean) => match status {
                In::Pending | In::Expired => "결제 시간이 지난 주문입니다.",
                In::Confirming => "결제가 진행 중인 주문입니다.",
                In::Cancelled | In::CancelRefunding => "취소된 주문입니다.",
                _ => "이미 결제된 주문입니다.",
            },
            (Self::TooManyWrongSecrets { .. }, Language::English) => {
                "Too many wrong order secrets came from your network; please try again later."
            }
            (Self::TooManyWrongSecrets { .. }, Language::Korean) => {
                "같은 네트워크에서 잘못된 주문 확인 정보가 너무 많이 입력되었습니다. 나중에 다시 시도해 주세요."
            }
        };
        text.to_owned()
    }

    fn retry_after_s(&self) -> Option<u32> {
        match self {
            Self::TooManyWrongSecrets { retry_after_s } => Some(*retry_after_s),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::processes::State as _;

    #[test]
    fn every_refusal_has_its_own_code_and_speaks_both_languages() {
        let not_payable = OrderStatus::ALL.iter().map(|status| OrderError::NotPayable { status: *status });
        for error in not_payable.chain([OrderError::NotFound, OrderError::TooManyWrongSecrets { retry_after_s: 5 }]) {
            assert_eq!(error.retry_after_s().is_some(), error.code().class == crate::Class::TooMany, "{error:?}");
            assert!(codes::ALL.contains(&error.code()), "{error:?}");
            assert!(error.detail(Language::English).is_ascii());
            assert!(error.detail(Language::Korean).chars().any(|c| ('가'..='힣').contains(&c)));
        }
    }
}
