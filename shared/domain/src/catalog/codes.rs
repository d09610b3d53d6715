//! The error catalogue of the catalog service.

use crate::{Class, ErrorCode};

/// There is no such listing, or it was taken down.
pub const LISTING_NOT_FOUND: ErrorCode = ErrorCode::new(
    "catalog.listing_not_found",
    Class::NotFound,
    "No such listing",
    "상품을 찾을 수 없습니다",
    "Show that the listing is gone, and take it out of the basket.",
);

/// The category does not exist, or was hidden.
pub const CATEGORY_UNKNOWN: ErrorCode = ErrorCode::new(
    "catalog.category_unknown",
    Class::Unprocessable,
    "No such category",
    "존재하지 않는 카테고리입니다",
    "Load GET /categories again and let the person choose from it.",
);

/// Options, variants, prices or stock contradict one another or leave their limits.
pub const LISTING_INVALID: ErrorCode = ErrorCode::new(
    "catalog.listing_invalid",
    Class::Invalid,
    "The listing is not valid",
    "상품 정보가 올바르지 않습니다",
    "Show the detail beside the field that the pointer names.",
);

/// A picture is not the seller's, not ready, or was refused.
pub const PICTURE_UNUSABLE: ErrorCode = ErrorCode::new(
    "catalog.picture_unusable",
    Class::Unprocessable,
    "A picture cannot be used",
    "사용할 수 없는 사진입니다",
    "Ask GET /media/{media_id} until the picture is ready, or have the person upload another one.",
);

/// So many listings were made that the next one has to wait.
pub const TOO_MANY_LISTINGS: ErrorCode = ErrorCode::new(
    "catalog.too_many_listings",
    Class::TooMany,
    "Too many listings",
    "상품을 너무 많이 등록했습니다",
    "Keep what the seller typed, and wait as long as Retry-After says.",
);

/// Every code of this page.
pub const ALL: &[ErrorCode] =
    &[LISTING_NOT_FOUND, CATEGORY_UNKNOWN, LISTING_INVALID, PICTURE_UNUSABLE, TOO_MANY_LISTINGS];
