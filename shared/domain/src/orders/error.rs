use super::OrderStatus;
use crate::{ErrorCode, Language, ServiceError};

crate::errors! {
    /// What the orders service refuses.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum OrderError;

    NOT_FOUND = "orders.not_found", NotFound {
        title: "No such order", "주문을 찾을 수 없습니다";
        advice:
            "Sign in as the buyer, or send the order secret of a guest order.",
            "주문한 회원으로 로그인하거나, 비회원 주문이라면 주문 비밀값을 보내세요.";
        /// There is no such order, or it is not the caller's.
        NotFound,
    }

    NOT_PAYABLE = "orders.not_payable", Conflict {
        title: "The order cannot be paid", "결제할 수 없는 주문입니다";
        advice:
            "Show the order as it is now; to buy the goods, place a new order.",
            "주문의 현재 상태를 보여 주세요. 상품을 사려면 새로 주문해야 합니다.";
        /// The order is not awaiting a payment, or no longer.
        NotPayable {
            /// Its state. `Pending` when the hold has ended and the order is about to expire.
            status: OrderStatus,
        },
    }

    TOO_MANY_WRONG_SECRETS = "orders.too_many_wrong_secrets", TooMany {
        title: "Too many wrong order secrets", "주문 확인 정보가 너무 많이 틀렸습니다";
        advice:
            "Wait as long as Retry-After says, and send the secret that was told when the order was placed.",
            "Retry-After에 나온 시간만큼 기다린 뒤, 주문할 때 받은 비밀값을 보내세요.";
        /// Too many wrong order secrets came from this network address.
        TooManyWrongSecrets {
            /// When a wrong one is looked at again, in seconds.
            retry_after_s: u32,
        },
    }
}

impl ServiceError for OrderError {
    fn code(&self) -> ErrorCode {
        self.entry()
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
