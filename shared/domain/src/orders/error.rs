use crate::{ErrorCode, Language, ServiceError, processes::sell::SellState};

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

    ACTION_NOT_OPEN = "orders.action_not_open", Conflict {
        title: "This cannot be done with the order now", "지금은 할 수 없는 작업입니다";
        advice:
            "Read the order again: `actions` says what can be done with it now.",
            "주문을 다시 조회하세요. 지금 할 수 있는 일은 `actions`에 있습니다.";
        /// The order's state has no such step, or it is too early or too late for it.
        ActionNotOpen {
            /// The state.
            status: SellState,
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
        let text = match (self, language) {
            (Self::NotFound, Language::English) => "This order does not exist, or it is not yours.",
            (Self::NotFound, Language::Korean) => "없는 주문이거나 본인의 주문이 아닙니다.",
            (Self::ActionNotOpen { status }, Language::English) => {
                return format!("The order is {} now, and this cannot be done with it any more.", in_english(*status));
            }
            (Self::ActionNotOpen { status }, Language::Korean) => {
                return format!("주문이 '{}' 상태라서 지금은 할 수 없습니다.", in_korean(*status));
            }
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

const fn in_english(status: SellState) -> &'static str {
    match status {
        SellState::Pending => "waiting for its payment",
        SellState::Confirming => "being paid",
        SellState::Paid => "paid",
        SellState::Preparing => "being prepared",
        SellState::Shipping => "on its way",
        SellState::Delivered => "delivered",
        SellState::Confirmed => "final",
        SellState::Expired => "expired",
        SellState::Cancelled => "cancelled",
        SellState::ReturnRequested => "waiting for an answer to the return",
        SellState::Returned => "returned",
        SellState::CancelRefunding | SellState::ReturnRefunding => "being refunded",
    }
}

const fn in_korean(status: SellState) -> &'static str {
    match status {
        SellState::Pending => "결제 대기",
        SellState::Confirming => "결제 확인 중",
        SellState::Paid => "결제 완료",
        SellState::Preparing => "상품 준비 중",
        SellState::Shipping => "배송 중",
        SellState::Delivered => "배송 완료",
        SellState::Confirmed => "구매 확정",
        SellState::Expired => "기한 만료",
        SellState::Cancelled => "취소 완료",
        SellState::ReturnRequested => "반품 요청",
        SellState::Returned => "반품 완료",
        SellState::CancelRefunding | SellState::ReturnRefunding => "환불 진행 중",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_refusal_has_its_own_code_and_speaks_both_languages() {
        use crate::processes::State as _;
        let not_open = SellState::ALL.iter().map(|status| OrderError::ActionNotOpen { status: *status });
        let others = [OrderError::NotFound, OrderError::TooManyWrongSecrets { retry_after_s: 5 }];
        for error in not_open.chain(others) {
            assert_eq!(error.retry_after_s().is_some(), error.code().class == crate::Class::TooMany, "{error:?}");
            assert!(codes::ALL.contains(&error.code()), "{error:?}");
            assert!(error.detail(Language::English).is_ascii());
            assert!(error.detail(Language::Korean).chars().any(|c| ('가'..='힣').contains(&c)));
        }
    }
}
