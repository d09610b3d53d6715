//! How the users service says no.

use super::{ADDRESSES_MAX, Hindrance};
use crate::{Class, ErrorCode, Language, ServiceError};

/// How the users service says no.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UsersError {
    /// There is no such person, or no longer.
    NotFound,
    /// The nickname was changed too often today.
    TooManyNicknames {
        /// When it may be changed again, in seconds.
        retry_after_s: u32,
    },
    /// The picture is not one's own, not for a profile, or not ready.
    PictureUnusable,
    /// There is no such address, or it is somebody else's.
    AddressNotFound,
    /// The person has as many addresses as they may.
    TooManyAddresses,
    /// Something is under way that needs the person.
    Hindered(Hindrance),
    /// Everything was asked for too often today.
    TooManyExports {
        /// When it may be asked for again, in seconds.
        retry_after_s: u32,
    },
}

/// Entries of the error catalogue.
pub mod codes {
    use super::{Class, ErrorCode};

    /// See [`super::UsersError::NotFound`].
    pub const NOT_FOUND: ErrorCode = ErrorCode::new(
        "users.not_found",
        Class::NotFound,
        "There is no such person",
        "회원을 찾을 수 없습니다",
        "Show them as a person who has withdrawn.",
    );
    /// See [`super::UsersError::TooManyNicknames`].
    pub const TOO_MANY_NICKNAMES: ErrorCode = ErrorCode::new(
        "users.too_many_nicknames",
        Class::TooMany,
        "The nickname was changed too often",
        "닉네임을 너무 자주 변경했습니다",
        "Wait as long as Retry-After says.",
    );
    /// See [`super::UsersError::PictureUnusable`].
    pub const PICTURE_UNUSABLE: ErrorCode = ErrorCode::new(
        "users.picture_unusable",
        Class::Unprocessable,
        "The picture cannot be used",
        "사용할 수 없는 사진입니다",
        "Upload a picture for the purpose `profile` and wait until it is ready.",
    );
    /// See [`super::UsersError::AddressNotFound`].
    pub const ADDRESS_NOT_FOUND: ErrorCode = ErrorCode::new(
        "users.address_not_found",
        Class::NotFound,
        "There is no such address",
        "배송지를 찾을 수 없습니다",
        "List the addresses anew.",
    );
    /// See [`super::UsersError::TooManyAddresses`].
    pub const TOO_MANY_ADDRESSES: ErrorCode = ErrorCode::new(
        "users.too_many_addresses",
        Class::Conflict,
        "There are too many addresses",
        "배송지가 너무 많습니다",
        "Let the person remove one first.",
    );
    /// See [`super::UsersError::Hindered`].
    pub const HINDERED: ErrorCode = ErrorCode::new(
        "users.withdrawal_hindered",
        Class::Conflict,
        "Something is under way that needs this person",
        "진행 중인 거래가 있습니다",
        "Show what the detail says; once that has come to its end, ask again.",
    );
    /// See [`super::UsersError::TooManyExports`].
    pub const TOO_MANY_EXPORTS: ErrorCode = ErrorCode::new(
        "users.too_many_exports",
        Class::TooMany,
        "Everything was asked for too often",
        "내 정보를 너무 자주 내려받았습니다",
        "Wait as long as Retry-After says.",
    );
}

impl ServiceError for UsersError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::NotFound => codes::NOT_FOUND,
            Self::TooManyNicknames { .. } => codes::TOO_MANY_NICKNAMES,
            Self::PictureUnusable => codes::PICTURE_UNUSABLE,
            Self::AddressNotFound => codes::ADDRESS_NOT_FOUND,
            Self::TooManyAddresses => codes::TOO_MANY_ADDRESSES,
            Self::Hindered(_) => codes::HINDERED,
            Self::TooManyExports { .. } => codes::TOO_MANY_EXPORTS,
        }
    }

    fn detail(&self, language: Language) -> String {
        match language {
            Language::English => self.in_english(),
            Language::Korean => self.in_korean(),
        }
    }

    fn retry_after_s(&self) -> Option<u32> {
        match self {
            Self::TooManyNicknames { retry_after_s } | Self::TooManyExports { retry_after_s } => Some(*retry_after_s),
            _ => None,
        }
    }

    fn pointer(&self) -> Option<String> {
        match self {
            Self::TooManyNicknames { .. } => Some("/nickname".to_owned()),
            Self::PictureUnusable => Some("/picture".to_owned()),
            _ => None,
        }
    }
}

impl UsersError {
    fn in_english(self) -> String {
        match self {
            Self::NotFound => "there is no such person, or they have withdrawn".to_owned(),
            Self::TooManyNicknames { retry_after_s } => {
                format!("the nickname was changed too often today; try again in {}", hours(retry_after_s))
            }
            Self::PictureUnusable => "the picture is not yours, not for a profile, or not ready".to_owned(),
            Self::AddressNotFound => "there is no such address among yours".to_owned(),
            Self::TooManyAddresses => format!("at most {ADDRESSES_MAX} addresses can be kept"),
            Self::Hindered(Hindrance::Payment) => {
                "a payment of yours is being confirmed; try again in a few minutes".to_owned()
            }
            Self::Hindered(Hindrance::Purchase) => {
                "you have paid for something that has not come to its end yet".to_owned()
            }
            Self::TooManyExports { retry_after_s } => {
                format!("everything was asked for too often today; try again in {}", hours(retry_after_s))
            }
        }
    }

    fn in_korean(self) -> String {
        match self {
            Self::NotFound => "회원이 없거나 탈퇴했습니다".to_owned(),
            Self::TooManyNicknames { retry_after_s } => {
                format!(
                    "오늘은 닉네임을 더 변경할 수 없습니다. {}시간 후 다시 시도해 주세요",
                    retry_after_s.div_ceil(3_600)
                )
            }
            Self::PictureUnusable => "본인의 프로필 사진이 아니거나 아직 준비되지 않았습니다".to_owned(),
            Self::AddressNotFound => "내 배송지 중에 없는 배송지입니다".to_owned(),
            Self::TooManyAddresses => format!("배송지는 {ADDRESSES_MAX}개까지 저장할 수 있습니다"),
            Self::Hindered(Hindrance::Payment) => "결제를 확인하고 있습니다. 잠시 후 다시 시도해 주세요".to_owned(),
            Self::Hindered(Hindrance::Purchase) => "아직 완료되지 않은 주문이 있습니다".to_owned(),
            Self::TooManyExports { retry_after_s } => {
                format!("오늘은 더 내려받을 수 없습니다. {}시간 후 다시 시도해 주세요", retry_after_s.div_ceil(3_600))
            }
        }
    }
}

fn hours(seconds: u32) -> String {
    match seconds.div_ceil(3_600) {
        1 => "an hour".to_owned(),
        hours => format!("{hours} hours"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [UsersError; 8] = [
        UsersError::NotFound,
        UsersError::TooManyNicknames { retry_after_s: 3_600 },
        UsersError::PictureUnusable,
        UsersError::AddressNotFound,
        UsersError::TooManyAddresses,
        UsersError::Hindered(Hindrance::Payment),
        UsersError::Hindered(Hindrance::Purchase),
        UsersError::TooManyExports { retry_after_s: 3_601 },
    ];

    #[test]
    fn every_error_speaks_both_languages_and_says_when_to_come_back() {
        for error in ALL {
            let (english, korean) = (error.detail(Language::English), error.detail(Language::Korean));
            assert!(!english.is_empty() && english.is_ascii(), "{english}");
            assert!(korean.chars().any(|c| ('가'..='힣').contains(&c)), "{korean}");
            assert!(error.code().code.starts_with("users."), "{error:?}");
            assert_eq!(error.code().class == Class::TooMany, error.retry_after_s().is_some(), "{error:?}");
        }
        assert!(UsersError::TooManyExports { retry_after_s: 3_601 }.detail(Language::English).contains("2 hours"));
    }
}
