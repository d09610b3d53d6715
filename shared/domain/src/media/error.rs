//! How the media service says no to a request.

use crate::{ErrorCode, Language, ServiceError};

crate::errors! {
    /// Why a request about an upload was refused.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
    pub enum MediaError;

    NOT_FOUND = "media.not_found", NotFound {
        title: "There is no such picture", "사진을 찾을 수 없습니다";
        advice:
            "Check the id. Only the person who uploaded a picture can see its state.",
            "id를 확인하세요. 사진의 상태는 올린 사람만 볼 수 있습니다.";
        /// There is no such upload, or it belongs to somebody else.
        #[error("no such upload")]
        NotFound,
    }

    TYPE_UNSUPPORTED = "media.type_unsupported", Invalid {
        title: "This type of file cannot be uploaded", "올릴 수 없는 파일 형식입니다";
        advice:
            "Declare image/jpeg, image/png or image/webp; convert other pictures first.",
            "image/jpeg, image/png, image/webp 중 하나를 적으세요. 다른 형식의 사진은 먼저 변환하세요.";
        /// The declared content type is not one of [`super::PictureType`].
        #[error("the content type is not supported")]
        TypeUnsupported,
        /// The declared content type is HEIC, which iPhones take photos in.
        #[error("HEIC is not supported")]
        HeicUnsupported,
    }

    EMPTY = "media.empty", Invalid {
        title: "The file is empty", "빈 파일입니다";
        advice:
            "Declare the exact size of the file in bytes; it must be at least 1.",
            "파일의 정확한 크기를 바이트로 적으세요. 1 이상이어야 합니다.";
        /// The declared size is zero.
        #[error("the file is empty")]
        Empty,
    }

    TOO_LARGE = "media.too_large", Invalid {
        title: "The file is too large", "파일이 너무 큽니다";
        advice: "Make the picture smaller before it is uploaded.", "올리기 전에 사진 크기를 줄이세요.";
        /// The declared size is above the limit.
        #[error("the file is larger than {max_bytes} bytes")]
        TooLarge {
            /// The limit, in bytes.
            max_bytes: u64,
        },
    }

    TOO_MANY_OPEN_UPLOADS = "media.too_many_open_uploads", TooMany {
        title: "Too many uploads are open", "진행 중인 업로드가 너무 많습니다";
        advice:
            "Finish the uploads that are open, or wait for as long as Retry-After says.",
            "진행 중인 업로드를 마치거나 Retry-After에 나온 시간만큼 기다리세요.";
        /// This person already has [`super::MAX_OPEN_UPLOADS`] uploads open.
        #[error("too many open uploads")]
        TooManyOpenUploads {
            /// After how many seconds the oldest open upload lapses.
            retry_after_s: u32,
        },
    }

    TOO_MANY_UPLOADS_TODAY = "media.too_many_uploads_today", TooMany {
        title: "Too many uploads today", "오늘 올릴 수 있는 사진 수를 넘었습니다";
        advice:
            "Go on tomorrow (UTC): Retry-After says in how many seconds.",
            "내일(UTC 기준) 이어서 올리세요. 남은 시간은 Retry-After에 초로 나옵니다.";
        /// This person has begun [`super::UPLOADS_PER_DAY`] uploads today.
        #[error("too many uploads today")]
        TooManyUploadsToday {
            /// After how many seconds the day (UTC) ends.
            retry_after_s: u32,
        },
    }

    STORAGE_FULL = "media.storage_full", Conflict {
        title: "There is no room for this picture", "저장 공간이 부족합니다";
        advice:
            "Waiting does not help: delete pictures that are no longer needed (DELETE /media/{media_id}).",
            "기다려도 해결되지 않습니다. 필요 없는 사진을 삭제하세요(DELETE /media/{media_id}).";
        /// With this upload the person would keep more than [`super::STORED_BYTES_MAX`].
        #[error("too many bytes are stored")]
        StorageFull,
    }

    IN_USE = "media.in_use", Conflict {
        title: "The picture is in use", "사용 중인 사진입니다";
        advice:
            "Take the picture out of the listing, profile or message that shows it, or delete that; then delete the \
             picture.",
            "사진을 쓰는 상품, 프로필, 메시지에서 사진을 빼거나 그것을 삭제한 뒤에 사진을 삭제하세요.";
        /// A listing, a profile or a message shows the picture.
        #[error("the picture is in use")]
        InUse,
    }

    NOT_READY = "media.not_ready", Conflict {
        title: "The picture is not ready", "아직 준비되지 않은 사진입니다";
        advice:
            "Ask for the state of the upload first (GET /media/{media_id}); only a ready picture has an original.",
            "먼저 업로드 상태를 확인하세요(GET /media/{media_id}). 준비가 끝난 사진만 원본이 있습니다.";
        /// There is no original: the upload is still looked at, or was refused.
        #[error("the picture is not ready")]
        NotReady,
    }
}

impl ServiceError for MediaError {
    fn code(&self) -> ErrorCode {
        self.entry()
    }

    fn detail(&self, language: Language) -> String {
        match (self, language) {
            (Self::NotFound, Language::English) => "There is no such picture, or it is not yours.".to_owned(),
            (Self::NotFound, Language::Korean) => "사진이 없거나 본인의 사진이 아닙니다.".to_owned(),
            (Self::TypeUnsupported, Language::English) => {
                "Only JPEG, PNG and WebP pictures can be uploaded.".to_owned()
            }
            (Self::TypeUnsupported, Language::Korean) => "JPEG, PNG, WebP 사진만 올릴 수 있습니다.".to_owned(),
            (Self::HeicUnsupported, language) => super::Refusal::Heic.detail(language).to_owned(),
            (Self::Empty, Language::English) => "The file has no content.".to_owned(),
            (Self::Empty, Language::Korean) => "파일에 내용이 없습니다.".to_owned(),
            (Self::TooLarge { max_bytes }, Language::English) => {
                format!("The file may have at most {} MiB.", mebibytes(*max_bytes))
            }
            (Self::TooLarge { max_bytes }, Language::Korean) => {
                format!("파일은 {} MiB까지 올릴 수 있습니다.", mebibytes(*max_bytes))
            }
            (Self::TooManyOpenUploads { .. }, Language::English) => {
                format!("At most {} uploads may be open at once.", super::MAX_OPEN_UPLOADS)
            }
            (Self::TooManyOpenUploads { .. }, Language::Korean) => {
                format!("업로드는 한 번에 {}개까지 진행할 수 있습니다.", super::MAX_OPEN_UPLOADS)
            }
            (Self::TooManyUploadsToday { .. }, Language::English) => {
                format!("At most {} uploads are possible each day.", super::UPLOADS_PER_DAY)
            }
            (Self::TooManyUploadsToday { .. }, Language::Korean) => {
                format!("업로드는 하루에 {}개까지 할 수 있습니다.", super::UPLOADS_PER_DAY)
            }
            (Self::StorageFull, Language::English) => {
                format!("Your pictures may have at most {} MiB together.", mebibytes(super::STORED_BYTES_MAX))
            }
            (Self::StorageFull, Language::Korean) => {
                format!("사진은 모두 합해 {} MiB까지 보관할 수 있습니다.", mebibytes(super::STORED_BYTES_MAX))
            }
            (Self::InUse, Language::English) => {
                "The picture is shown somewhere and cannot be deleted before it is taken out there.".to_owned()
            }
            (Self::InUse, Language::Korean) => {
                "사용 중인 사진은 사용하는 곳에서 먼저 빼야 삭제할 수 있습니다.".to_owned()
            }
            (Self::NotReady, Language::English) => "There is no original of this picture to download.".to_owned(),
            (Self::NotReady, Language::Korean) => "내려받을 수 있는 원본이 없습니다.".to_owned(),
        }
    }

    fn retry_after_s(&self) -> Option<u32> {
        match self {
            Self::TooManyOpenUploads { retry_after_s } | Self::TooManyUploadsToday { retry_after_s } => {
                Some(*retry_after_s)
            }
            _ => None,
        }
    }

    fn pointer(&self) -> Option<String> {
        match self {
            Self::TypeUnsupported | Self::HeicUnsupported => Some("/content_type".to_owned()),
            Self::Empty | Self::TooLarge { .. } => Some("/size_bytes".to_owned()),
            Self::NotFound
            | Self::TooManyOpenUploads { .. }
            | Self::TooManyUploadsToday { .. }
            | Self::StorageFull
            | Self::InUse
            | Self::NotReady => None,
        }
    }
}

/// Limits are whole mebibytes.
const fn mebibytes(bytes: u64) -> u64 {
    bytes / (1024 * 1024)
}
