use crate::{ErrorCode, Language, Money, ServiceError, processes::payment::PaymentState};

crate::errors! {
    /// What the checkout refuses. A `line` is the place of a line in the request, counted from 0.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub enum CheckoutError;

    LINE_INVALID = "checkout.line_invalid", Invalid {
        title: "A line of the order is not valid", "주문 항목이 올바르지 않습니다";
        advice:
            "Show the detail beside the line that the pointer names.",
            "`pointer`가 가리키는 주문 항목 옆에 `detail`을 보여 주세요.";
        /// A line breaks a rule.
        LineInvalid {
            /// The field at fault, as a JSON Pointer.
            pointer: String,
            /// Which rule.
            problem: LineProblem,
        },
    }

    PRICE_CHANGED = "checkout.price_changed", Conflict {
        title: "A price has changed", "가격이 변경되었습니다";
        advice:
            "Load the listing again, show the new price, and let the person decide.",
            "상품을 다시 불러와 새 가격을 보여 주고, 살지 다시 결정하게 하세요.";
        /// The price of a line is not the one that the request expects.
        PriceChanged {
            /// The line.
            line: usize,
            /// What one piece costs now.
            price: Money,
        },
    }

    STOCK_INSUFFICIENT = "stock.insufficient", Conflict {
        title: "Not enough in stock", "재고가 부족합니다";
        advice: "Offer the number that is available, or take the line out.", "남은 수량으로 바꾸거나 그 항목을 빼도록 안내하세요.";
        /// There are fewer pieces than a line asks for.
        StockInsufficient {
            /// The line.
            line: usize,
            /// How many there are.
            available: u32,
        },
    }

    TOTAL_TOO_SMALL = "checkout.total_too_small", Unprocessable {
        title: "The total is too small to be paid", "결제 최소 금액보다 적습니다";
        advice: "Have the person add something to the order.", "상품을 더 담도록 안내하세요.";
        /// The total is not zero and under what a payment provider takes.
        TotalTooSmall {
            /// The least that can be paid.
            least: Money,
        },
    }

    MIXED_CURRENCIES = "checkout.mixed_currencies", Unprocessable {
        title: "One order has one currency", "한 주문에는 한 가지 통화만 사용할 수 있습니다";
        advice: "Place one order for each currency.", "통화마다 따로 주문하세요.";
        /// The lines are priced in different currencies.
        MixedCurrencies {
            /// The first line in another currency than the first line of all.
            line: usize,
        },
    }

    TOTAL_TOO_LARGE = "checkout.total_too_large", Unprocessable {
        title: "The total is too large", "주문 금액이 너무 큽니다";
        advice: "Have the person split the order.", "주문을 나누도록 안내하세요.";
        /// A line, or the total, is larger than [`Money::MAX_AMOUNT`].
        TotalTooLarge,
    }

    TOO_MANY_ORDERS = "checkout.too_many_orders", TooMany {
        title: "Too many orders", "주문을 너무 많이 했습니다";
        advice:
            "Wait as long as Retry-After says. A guest may sign in: members are counted each by themselves.",
            "Retry-After에 나온 시간만큼 기다려 주세요. 회원은 따로 세므로 비회원은 로그인하면 주문할 수 있습니다.";
        /// Too many orders were placed, by this member or from this network address.
        TooManyOrders {
            /// When the next one may be placed, in seconds.
            retry_after_s: u32,
        },
    }

    NOT_FOUND = "checkout.not_found", NotFound {
        title: "No such checkout", "주문을 찾을 수 없습니다";
        advice:
            "Sign in as the buyer, or send the order secret that was told when the checkout was made.",
            "주문한 회원으로 로그인하거나, 비회원 주문이라면 주문할 때 받은 비밀값을 보내세요.";
        /// There is no such checkout, or it is not the caller's.
        NotFound,
    }

    NOT_PAYABLE = "checkout.not_payable", Conflict {
        title: "The orders cannot be paid", "결제할 수 없는 주문입니다";
        advice:
            "Show the orders as they are now; to buy the goods, make a new checkout.",
            "주문의 현재 상태를 보여 주세요. 상품을 사려면 새로 주문해야 합니다.";
        /// The checkout is not awaiting a payment, or no longer.
        NotPayable {
            /// Its state. `Pending` when the hold has ended and the checkout is about to expire.
            status: PaymentState,
        },
    }

    TOO_MUCH_HELD = "checkout.too_much_held", Conflict {
        title: "Too much is held without being paid", "결제하지 않은 주문 수량이 너무 많습니다";
        advice:
            "Offer the number in the detail, or have the person pay for what they ordered before. A guest may sign \
             in: members are counted each by themselves.",
            "`detail`에 나온 수량까지만 주문하거나 먼저 주문한 상품을 결제하도록 안내하세요. 회원은 따로 세므로 비회원은 로그인하면 주문할 수 있습니다.";
        /// This member, or this network address, holds so much without having paid that they hold no more.
        TooMuchHeld {
            /// The line with the variant of which they hold too much; none when it is too much of everything.
            line: Option<usize>,
            /// The most that they may hold unpaid: of the variant, or of everything.
            most: u32,
        },
    }

    UNPAID_TOO_OFTEN = "checkout.unpaid_too_often", TooMany {
        title: "Orders were not paid again and again", "결제하지 않은 주문이 반복되었습니다";
        advice:
            "Wait as long as Retry-After says. A guest may sign in: members are counted each by themselves.",
            "Retry-After에 나온 시간만큼 기다려 주세요. 회원은 따로 세므로 비회원은 로그인하면 주문할 수 있습니다.";
        /// What this member ordered, or what was ordered from this network address, was not paid in time
        /// again and again.
        UnpaidTooOften {
            /// When the next order may be placed, in seconds.
            retry_after_s: u32,
        },
    }
}

/// Which rule of the lines is broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LineProblem {
    /// An order has too few or too many lines.
    Count {
        /// The most.
        most: usize,
    },
    /// Lines with the same variant ask for too many pieces together.
    TooMany {
        /// The most.
        most: u32,
    },
    /// The lines are of too many stores.
    Stores {
        /// The most.
        most: usize,
    },
    /// A variant stands in the request with two listings.
    OtherListing,
    /// A variant stands in the request with two expected prices.
    OtherPrice,
}

impl LineProblem {
    fn detail(self, language: Language) -> String {
        match (self, language) {
            (Self::Count { most }, Language::English) => format!("must have 1 to {most} lines"),
            (Self::Count { most }, Language::Korean) => format!("항목은 1개 이상 {most}개 이하여야 합니다"),
            (Self::TooMany { most }, Language::English) => {
                format!("lines with the same variant must ask for at most {most} pieces together")
            }
            (Self::TooMany { most }, Language::Korean) => {
                format!("같은 품목은 합쳐서 {most}개까지 주문할 수 있습니다")
            }
            (Self::Stores { most }, Language::English) => {
                format!("goods of at most {most} stores can be paid together")
            }
            (Self::Stores { most }, Language::Korean) => {
                format!("한 번에 최대 {most}개 상점의 상품을 결제할 수 있습니다")
            }
            (Self::OtherListing, Language::English) => {
                "must be the listing that the same variant has in an earlier line".to_owned()
            }
            (Self::OtherListing, Language::Korean) => "앞 항목의 같은 품목과 상품이 다릅니다".to_owned(),
            (Self::OtherPrice, Language::English) => {
                "must be the price that the same variant has in an earlier line".to_owned()
            }
            (Self::OtherPrice, Language::Korean) => "앞 항목의 같은 품목과 가격이 다릅니다".to_owned(),
        }
    }
}

impl ServiceError for CheckoutError {
    fn code(&self) -> ErrorCode {
        self.entry()
    }

    fn detail(&self, language: Language) -> String {
        match (self, language) {
            (Self::LineInvalid { problem, .. }, language) => problem.detail(language),
            (Self::PriceChanged { price, .. }, Language::English) => {
                format!("One piece costs {} now.", price)
            }
            (Self::PriceChanged { price, .. }, Language::Korean) => {
                format!("현재 가격은 {}입니다.", price.text(language))
            }
            (Self::StockInsufficient { available: 0, .. }, Language::English) => {
                "This has just sold out. It may come back if somebody does not pay.".to_owned()
            }
            (Self::StockInsufficient { available: 0, .. }, Language::Korean) => {
                "방금 다 팔렸습니다. 결제되지 않은 주문이 있으면 다시 나올 수 있습니다.".to_owned()
            }
            (Self::StockInsufficient { available, .. }, Language::English) => format!("Only {available} available."),
            (Self::StockInsufficient { available, .. }, Language::Korean) => {
                format!("남은 수량은 {available}개입니다.")
            }
            (Self::TotalTooSmall { least }, Language::English) => {
                format!("The least that can be paid is {}.", least)
            }
            (Self::TotalTooSmall { least }, Language::Korean) => {
                format!("최소 결제 금액은 {}입니다.", least.text(language))
            }
            (Self::MixedCurrencies { .. }, Language::English) => {
                "This line is priced in another currency than the first.".to_owned()
            }
            (Self::MixedCurrencies { .. }, Language::Korean) => "첫 항목과 통화가 다른 항목입니다.".to_owned(),
            (Self::TotalTooLarge, Language::English) => "An order of this size cannot be placed.".to_owned(),
            (Self::TotalTooLarge, Language::Korean) => "이 금액의 주문은 접수할 수 없습니다.".to_owned(),
            (Self::TooManyOrders { retry_after_s }, Language::English) => {
                format!("Too many orders were placed; try again in {} min.", retry_after_s.div_ceil(60))
            }
            (Self::TooManyOrders { retry_after_s }, Language::Korean) => {
                format!("주문을 너무 많이 했습니다. {}분 후 다시 시도해 주세요.", retry_after_s.div_ceil(60))
            }
            (Self::NotFound, Language::English) => "This checkout does not exist, or it is not yours.".to_owned(),
            (Self::NotFound, Language::Korean) => "없는 주문이거나 본인의 주문이 아닙니다.".to_owned(),
            (Self::NotPayable { status }, language) => not_payable(*status, language).to_owned(),
            (Self::TooMuchHeld { line: Some(_), most }, Language::English) => {
                format!("At most {most} of these can be reserved without paying. Pay for some of them first.")
            }
            (Self::TooMuchHeld { line: Some(_), most }, Language::Korean) => {
                format!("결제 전에는 이 품목을 {most}개까지만 주문할 수 있습니다. 먼저 주문한 상품을 결제해 주세요.")
            }
            (Self::TooMuchHeld { line: None, most }, Language::English) => {
                format!("At most {most} pieces can be reserved without paying. Pay for what was ordered before first.")
            }
            (Self::TooMuchHeld { line: None, most }, Language::Korean) => {
                format!("결제 전에는 모두 {most}개까지만 주문할 수 있습니다. 먼저 주문한 상품을 결제해 주세요.")
            }
            (Self::UnpaidTooOften { retry_after_s }, Language::English) => {
                let minutes = retry_after_s.div_ceil(60);
                format!("Earlier orders were not paid in time. You can order again in {minutes} min.")
            }
            (Self::UnpaidTooOften { retry_after_s }, Language::Korean) => {
                let minutes = retry_after_s.div_ceil(60);
                format!("이전 주문이 제때 결제되지 않았습니다. {minutes}분 후에 다시 주문할 수 있습니다.")
            }
        }
    }

    fn pointer(&self) -> Option<String> {
        match self {
            Self::LineInvalid { pointer, .. } => Some(pointer.clone()),
            Self::PriceChanged { line, .. } => Some(format!("/lines/{line}/expected_price")),
            Self::StockInsufficient { line, .. } => Some(format!("/lines/{line}/quantity")),
            Self::MixedCurrencies { line } => Some(format!("/lines/{line}/variant_id")),
            Self::TooMuchHeld { line, .. } => line.map(|line| format!("/lines/{line}/quantity")),
            Self::TotalTooSmall { .. }
            | Self::TotalTooLarge
            | Self::TooManyOrders { .. }
            | Self::NotFound
            | Self::NotPayable { .. }
            | Self::UnpaidTooOften { .. } => None,
        }
    }

    fn retry_after_s(&self) -> Option<u32> {
        match self {
            Self::TooManyOrders { retry_after_s } | Self::UnpaidTooOften { retry_after_s } => Some(*retry_after_s),
            _ => None,
        }
    }
}

const fn not_payable(status: PaymentState, language: Language) -> &'static str {
    use PaymentState as In;
    match (status, language) {
        (In::Pending | In::Expired, Language::English) => "The time to pay for these orders is over.",
        (In::Pending | In::Expired, Language::Korean) => "결제 시간이 지난 주문입니다.",
        (In::Confirming, Language::English) => "These orders are being paid right now.",
        (In::Confirming, Language::Korean) => "결제가 진행 중인 주문입니다.",
        (In::Cancelled, Language::English) => "These orders were cancelled.",
        (In::Cancelled, Language::Korean) => "취소된 주문입니다.",
        (In::Captured | In::PartlyRefunded | In::Refunded, Language::English) => "These orders are paid already.",
        (In::Captured | In::PartlyRefunded | In::Refunded, Language::Korean) => "이미 결제된 주문입니다.",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Currency, processes::State as _};

    #[test]
    fn every_refusal_has_its_own_code_and_speaks_both_languages() {
        let price = Money::new(1_205, Currency::Usd).unwrap();
        let problems = [
            LineProblem::Count { most: 20 },
            LineProblem::TooMany { most: 99 },
            LineProblem::Stores { most: 5 },
            LineProblem::OtherListing,
            LineProblem::OtherPrice,
        ];
        let invalid = problems.map(|problem| CheckoutError::LineInvalid { pointer: "/lines".to_owned(), problem });
        let others = [
            CheckoutError::PriceChanged { line: 1, price },
            CheckoutError::StockInsufficient { line: 2, available: 3 },
            CheckoutError::TotalTooSmall { least: price },
            CheckoutError::MixedCurrencies { line: 4 },
            CheckoutError::TotalTooLarge,
            CheckoutError::TooManyOrders { retry_after_s: 61 },
        ];
        let not_payable = PaymentState::ALL.iter().map(|status| CheckoutError::NotPayable { status: *status });
        let more = [
            CheckoutError::NotFound,
            CheckoutError::TooMuchHeld { line: Some(1), most: 10 },
            CheckoutError::TooMuchHeld { line: None, most: 100 },
            CheckoutError::UnpaidTooOften { retry_after_s: 61 },
        ];
        let more: Vec<_> = more.into_iter().chain(not_payable).collect();
        for error in invalid.iter().chain(&others).chain(&more) {
            assert!(codes::ALL.contains(&error.code()), "{error:?}");
            assert!(!error.detail(Language::English).chars().any(|c| ('가'..='힣').contains(&c)));
            assert!(error.detail(Language::Korean).chars().any(|c| ('가'..='힣').contains(&c)));
            assert_eq!(error.retry_after_s().is_some(), error.code().class == crate::Class::TooMany, "{error:?}");
        }
        assert_eq!(others[5].detail(Language::English), "Too many orders were placed; try again in 2 min.");
        assert_eq!(others[0].detail(Language::English), "One piece costs $12.05 now.");
        assert_eq!(others[1].detail(Language::English), "Only 3 available.");
        let pointers = others.map(|error| error.pointer().unwrap_or_default());
        assert_eq!(pointers, ["/lines/1/expected_price", "/lines/2/quantity", "", "/lines/4/variant_id", "", ""]);
    }
}
