use super::STORES_MAX;
use crate::{ErrorCode, Language, ServiceError};

crate::errors! {
    /// What is refused of stores.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum StoresError;

    NOT_FOUND = "stores.not_found", NotFound {
        title: "No such store", "가게를 찾을 수 없습니다";
        advice:
            "Show that the store is not there, or that the person is no member of it; the answer does not tell which.",
            "가게가 없거나 그 가게의 구성원이 아니라고 표시하세요. 둘 중 어느 쪽인지는 알려 주지 않습니다.";
        /// There is no such store, or the caller is no member of it and asks for what members may see. One
        /// answer for both.
        NotFound,
    }

    NAME_TAKEN = "stores.name_taken", Conflict {
        title: "The name is taken", "이미 사용 중인 가게 이름입니다";
        advice: "Let the person choose another name.", "다른 이름을 고르도록 안내하세요.";
        /// Another store is called so, or looks as if.
        NameTaken,
    }

    TOO_MANY_STORES = "stores.too_many_stores", Conflict {
        title: "There are too many stores", "가게가 너무 많습니다";
        advice: "Tell the person that they can open no more stores.", "가게를 더 열 수 없다고 안내하세요.";
        /// The person has opened as many stores as they may.
        TooManyStores,
    }

    TOO_MANY_NAMES = "stores.too_many_names", TooMany {
        title: "The name was changed too often", "가게 이름을 너무 자주 변경했습니다";
        advice: "Wait as long as Retry-After says.", "Retry-After에 나온 시간만큼 기다려 주세요.";
        /// The name of the store was changed too often today.
        TooManyNames {
            /// When it may be changed again, in seconds.
            retry_after_s: u32,
        },
    }
}

impl ServiceError for StoresError {
    fn code(&self) -> ErrorCode {
        self.entry()
    }

    fn detail(&self, language: Language) -> String {
        match (self, language) {
            (Self::NotFound, Language::English) => {
                "This store does not exist, or you are not a member of it.".to_owned()
            }
            (Self::NotFound, Language::Korean) => "없는 가게이거나 회원님이 구성원이 아닌 가게입니다.".to_owned(),
            (Self::NameTaken, Language::English) => "Another store has this name.".to_owned(),
            (Self::NameTaken, Language::Korean) => "다른 가게가 사용하고 있는 이름입니다.".to_owned(),
            (Self::TooManyStores, Language::English) => format!("You can open at most {STORES_MAX} stores."),
            (Self::TooManyStores, Language::Korean) => format!("가게는 {STORES_MAX}개까지 열 수 있습니다."),
            (Self::TooManyNames { retry_after_s }, Language::English) => {
                format!("The name was changed too often today; try again in {} h.", retry_after_s.div_ceil(3_600))
            }
            (Self::TooManyNames { retry_after_s }, Language::Korean) => {
                let hours = retry_after_s.div_ceil(3_600);
                format!("오늘은 가게 이름을 더 변경할 수 없습니다. {hours}시간 후 다시 시도해 주세요.")
            }
        }
    }

    fn pointer(&self) -> Option<String> {
        match self {
            Self::NotFound | Self::TooManyStores => None,
            Self::NameTaken | Self::TooManyNames { .. } => Some("/name".to_owned()),
        }
    }

    fn retry_after_s(&self) -> Option<u32> {
        match self {
            Self::TooManyNames { retry_after_s } => Some(*retry_after_s),
            Self::NotFound | Self::NameTaken | Self::TooManyStores => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Class;

    #[test]
    fn every_refusal_speaks_both_languages_and_points_at_the_name_where_that_is_wrong() {
        let all = [
            StoresError::NotFound,
            StoresError::NameTaken,
            StoresError::TooManyStores,
            StoresError::TooManyNames { retry_after_s: 3_601 },
        ];
        for error in all {
            let (english, korean) = (error.detail(Language::English), error.detail(Language::Korean));
            assert!(english.is_ascii() && !english.is_empty(), "{english}");
            assert!(korean.chars().any(|c| ('가'..='힣').contains(&c)), "{korean}");
            assert!(error.code().code.starts_with("stores."), "{error:?}");
            assert_eq!(error.code().class == Class::TooMany, error.retry_after_s().is_some(), "{error:?}");
            assert_eq!(error.pointer().is_some(), error.code().code.contains("name"), "{error:?}");
        }
        assert!(all[3].detail(Language::English).contains("2 h") && all[3].detail(Language::Korean).contains("2시간"));
    }
}
