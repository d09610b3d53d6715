use crate::{Currency, ErrorCode, Language, Money, ServiceError};

crate::errors! {
    /// What the catalog refuses.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub enum CatalogError;

    LISTING_NOT_FOUND = "catalog.listing_not_found", NotFound {
        title: "No such listing", "상품을 찾을 수 없습니다";
        advice: "Show that the listing is gone, and take it out of the basket.", "상품이 없어졌음을 알리고 장바구니에서 빼세요.";
        /// There is no such listing, or it was taken down.
        ListingNotFound,
    }

    CATEGORY_UNKNOWN = "catalog.category_unknown", Unprocessable {
        title: "No such category", "존재하지 않는 카테고리입니다";
        advice:
            "Load GET /categories again and let the person choose from it.",
            "GET /categories를 다시 불러와 그중에서 고르게 하세요.";
        /// The category of a new listing does not exist, or was hidden.
        CategoryUnknown,
    }

    LISTING_INVALID = "catalog.listing_invalid", Invalid {
        title: "The listing is not valid", "상품 정보가 올바르지 않습니다";
        advice: "Show the detail beside the field that the pointer names.", "`pointer`가 가리키는 항목 옆에 `detail`을 보여 주세요.";
        /// A rule of a listing is broken.
        ListingInvalid {
            /// The field at fault, as a JSON Pointer.
            pointer: String,
            /// Which rule.
            problem: ListingProblem,
        },
    }

    PICTURE_UNUSABLE = "catalog.picture_unusable", Unprocessable {
        title: "A picture cannot be used", "사용할 수 없는 사진입니다";
        advice:
            "Ask GET /media/{media_id} until the picture is ready, or have the person upload another one.",
            "사진이 준비될 때까지 GET /media/{media_id}를 확인하거나, 다른 사진을 올리게 하세요.";
        /// A picture is not the seller's, not ready, or was refused. One answer for all three, so that
        /// nobody learns whether somebody else's picture exists.
        PictureUnusable {
            /// Its place in `pictures`, counted from 0.
            index: usize,
        },
    }

    STORE_UNKNOWN = "catalog.store_unknown", Unprocessable {
        title: "Not a store of the seller", "판매자의 가게가 아닙니다";
        advice: "Let the person choose one of their own stores, or leave it out.", "본인의 가게 중에서 고르게 하거나 값을 비워 두세요.";
        /// The seller is no member of the store, or it does not exist. One answer for both.
        StoreUnknown,
    }

    TOO_MANY_LISTINGS = "catalog.too_many_listings", TooMany {
        title: "Too many listings", "상품을 너무 많이 등록했습니다";
        advice:
            "Keep what the seller typed, and wait as long as Retry-After says.",
            "판매자가 입력한 내용을 보관하고 Retry-After에 나온 시간만큼 기다리세요.";
        /// The seller has made so many listings today that the next one has to wait.
        TooManyListings {
            /// How long, in seconds.
            retry_after_s: u32,
        },
    }
}

/// Which rule of a listing is broken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ListingProblem {
    /// A list has too few or too many entries.
    Count {
        /// The fewest.
        least: usize,
        /// The most.
        most: usize,
    },
    /// The same text or picture stands twice in a list.
    Repeated,
    /// A variant does not have exactly one value for each option.
    OneValuePerOption {
        /// How many options the listing has.
        options: usize,
    },
    /// A variant has a value that its option does not declare.
    ValueNotDeclared,
    /// Two variants have the same values.
    VariantRepeated,
    /// A price is in another currency than the listing.
    OtherCurrency(Currency),
    /// A price is out of range.
    PriceRange {
        /// The lowest, in minor units.
        least: i64,
        /// The highest, in minor units.
        most: i64,
        /// The currency of the listing.
        currency: Currency,
    },
    /// The stock is out of range.
    StockRange {
        /// The most pieces.
        most: u32,
    },
}

impl ListingProblem {
    fn in_english(&self) -> String {
        match self {
            Self::Count { least, most } => format!("must have {least} to {most} entries"),
            Self::Repeated => "must not be the same as an earlier entry".to_owned(),
            Self::OneValuePerOption { options } => {
                format!("must have exactly one value for each of the {options} options, in their order")
            }
            Self::ValueNotDeclared => "must be one of the values that the option declares".to_owned(),
            Self::VariantRepeated => "must not have the same values as an earlier variant".to_owned(),
            Self::OtherCurrency(currency) => format!("must be in {}, as the listing is", currency.code()),
            Self::PriceRange { least, most, currency } => {
                let [least, most] = [*least, *most].map(|amount| Money { amount, currency: *currency });
                format!("must be from {least} to {most}")
            }
            Self::StockRange { most } => format!("must be from 0 to {most}"),
        }
    }

    fn in_korean(&self) -> String {
        match self {
            Self::Count { least, most } => format!("{least}개 이상 {most}개 이하여야 합니다"),
            Self::Repeated => "앞의 항목과 같을 수 없습니다".to_owned(),
            Self::OneValuePerOption { options } => {
                format!("옵션 {options}개마다 값이 순서대로 하나씩 있어야 합니다")
            }
            Self::ValueNotDeclared => "옵션에 등록된 값이어야 합니다".to_owned(),
            Self::VariantRepeated => "앞의 품목과 옵션 값이 모두 같을 수 없습니다".to_owned(),
            Self::OtherCurrency(currency) => format!("상품과 같은 통화({})여야 합니다", currency.code()),
            Self::PriceRange { least, most, currency } => {
                let text = |amount: i64| Money { amount, currency: *currency }.text(Language::Korean);
                let (least, most) = (text(*least), text(*most));
                format!("{least}부터 {most}까지 입력할 수 있습니다")
            }
            Self::StockRange { most } => format!("0 이상 {most} 이하여야 합니다"),
        }
    }
}

impl ServiceError for CatalogError {
    fn code(&self) -> ErrorCode {
        self.entry()
    }

    fn detail(&self, language: Language) -> String {
        let fixed = match (self, language) {
            (Self::ListingInvalid { problem, .. }, Language::English) => return problem.in_english(),
            (Self::ListingInvalid { problem, .. }, Language::Korean) => return problem.in_korean(),
            (Self::TooManyListings { retry_after_s }, Language::English) => {
                return format!("Too many listings were made today; try again in {} h.", retry_after_s.div_ceil(3_600));
            }
            (Self::TooManyListings { retry_after_s }, Language::Korean) => {
                let hours = retry_after_s.div_ceil(3_600);
                return format!("오늘은 상품을 더 등록할 수 없습니다. {hours}시간 후 다시 시도해 주세요.");
            }
            (Self::ListingNotFound, Language::English) => "This listing does not exist or is no longer offered.",
            (Self::ListingNotFound, Language::Korean) => "없는 상품이거나 더 이상 판매하지 않는 상품입니다.",
            (Self::CategoryUnknown, Language::English) => "This category does not exist.",
            (Self::CategoryUnknown, Language::Korean) => "없는 카테고리입니다.",
            (Self::StoreUnknown, Language::English) => "This store does not exist, or you are not a member of it.",
            (Self::StoreUnknown, Language::Korean) => "없는 가게이거나 회원님이 구성원이 아닌 가게입니다.",
            (Self::PictureUnusable { .. }, Language::English) => {
                "This picture is not one of yours that are ready to be shown."
            }
            (Self::PictureUnusable { .. }, Language::Korean) => {
                "본인이 올린 사진이 아니거나 아직 준비되지 않은 사진입니다."
            }
        };
        fixed.to_owned()
    }

    fn pointer(&self) -> Option<String> {
        match self {
            Self::ListingNotFound | Self::TooManyListings { .. } => None,
            Self::CategoryUnknown => Some("/category_id".to_owned()),
            Self::StoreUnknown => Some("/store_id".to_owned()),
            Self::ListingInvalid { pointer, .. } => Some(pointer.clone()),
            Self::PictureUnusable { index } => Some(format!("/pictures/{index}")),
        }
    }

    fn retry_after_s(&self) -> Option<u32> {
        match self {
            Self::TooManyListings { retry_after_s } => Some(*retry_after_s),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_refusal_has_its_own_code_and_speaks_both_languages() {
        let range = ListingProblem::PriceRange { least: 1, most: 2, currency: Currency::Krw };
        let problems = [
            ListingProblem::Count { least: 1, most: 2 },
            ListingProblem::Repeated,
            ListingProblem::OneValuePerOption { options: 2 },
            ListingProblem::ValueNotDeclared,
            ListingProblem::VariantRepeated,
            ListingProblem::OtherCurrency(Currency::Usd),
            range,
            ListingProblem::StockRange { most: 3 },
        ];
        let invalid =
            problems.map(|problem| CatalogError::ListingInvalid { pointer: "/variants/0".to_owned(), problem });
        let others = [
            CatalogError::ListingNotFound,
            CatalogError::CategoryUnknown,
            CatalogError::StoreUnknown,
            CatalogError::PictureUnusable { index: 4 },
            CatalogError::TooManyListings { retry_after_s: 3_601 },
        ];
        for error in invalid.iter().chain(&others) {
            assert!(codes::ALL.contains(&error.code()), "{error:?}");
            let (english, korean) = (error.detail(Language::English), error.detail(Language::Korean));
            let is_korean = |text: &str| text.chars().any(|c| ('가'..='힣').contains(&c));
            assert!(!is_korean(&english) && !english.is_empty() && is_korean(&korean), "{english} {korean}");
        }
        assert_eq!(others[2].pointer().as_deref(), Some("/store_id"));
        assert_eq!(others[3].pointer().as_deref(), Some("/pictures/4"));
        assert_eq!(others[1].pointer().as_deref(), Some("/category_id"));
        assert_eq!(invalid[0].pointer().as_deref(), Some("/variants/0"));
        assert_eq!(others[0].pointer(), None);
        assert_eq!((others[4].pointer(), others[4].retry_after_s()), (None, Some(3_601)));
        assert!(others[4].detail(Language::English).contains("2 h"));
    }
}
