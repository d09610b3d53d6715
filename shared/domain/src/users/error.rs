//! How the users service says no.

use super::{ADDRESSES_MAX, Hindrance};
use crate::{ErrorCode, Language, ServiceError};

crate::errors! {
    /// How the users service says no.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum UsersError;

    NOT_FOUND = "users.not_found", NotFound {
        title: "There is no such person", "회원을 찾을 수 없습니다";
        advice: "Show them as a person who has withdrawn.", "탈퇴한 회원으로 표시하세요.";
        /// There is no such person, or no longer.
        NotFound,
    }

    TOO_MANY_NICKNAMES = "users.too_many_nicknames", TooMany {
        title: "The nickname was changed too often", "닉네임을 너무 자주 변경했습니다";
        advice: "Wait as long as Retry-After says.", "Retry-After에 나온 시간만큼 기다려 주세요.";
        /// The nickname was changed too often today.
        TooManyNicknames {
            /// When it may be changed again, in seconds.
            retry_after_s: u32,
        },
    }

    PICTURE_UNUSABLE = "users.picture_unusable", Unprocessable {
        title: "The picture cannot be used", "사용할 수 없는 사진입니다";
        advice:
            "Upload a picture for the purpose `profile` and wait until it is ready.",
            "용도가 `profile`인 사진을 올리고 준비될 때까지 기다리세요.";
        /// The picture is not one's own, not for a profile, or not ready.
        PictureUnusable,
    }

    ADDRESS_NOT_FOUND = "users.address_not_found", NotFound {
        title: "There is no such address", "배송지를 찾을 수 없습니다";
        advice: "List the addresses anew.", "배송지 목록을 다시 불러오세요.";
        /// There is no such address, or it is somebody else's.
        AddressNotFound,
    }

    TOO_MANY_ADDRESSES = "users.too_many_addresses", Conflict {
        title: "There are too many addresses", "배송지가 너무 많습니다";
        advice: "Let the person remove one first.", "먼저 배송지 하나를 삭제하도록 안내하세요.";
        /// The person has as many addresses as they may.
        TooManyAddresses,
    }

    HINDERED = "users.withdrawal_hindered", Conflict {
        title: "Something is under way that needs this person", "진행 중인 거래가 있습니다";
        advice:
            "Show what the detail says; once that has come to its end, ask again.",
            "`detail`을 보여 주세요. 진행 중인 일이 끝나면 다시 요청하세요.";
        /// Something is under way that needs the person.
        Hindered(Hindrance),
    }

    TOO_MANY_EXPORTS = "users.too_many_exports", TooMany {
        title: "Everything was asked for too often", "내 정보를 너무 자주 내려받았습니다";
        advice: "Wait as long as Retry-After says.", "Retry-After에 나온 시간만큼 기다려 주세요.";
        /// Everything was asked for too often today.
        TooManyExports {
            /// When it may be asked for again, in seconds.
            retry_after_s: u32,
        },
    }
}

impl ServiceError for UsersError {
    fn code(&self) -> ErrorCode {
        self.entry()
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
            assert_eq!(error.code().class == crate::Class::TooMany, error.retry_after_s().is_some(), "{error:?}");
        }
        assert!(UsersError::TooManyExports { retry_after_s: 3_601 }.detail(Language::English).contains("2 hours"));
    }
}
