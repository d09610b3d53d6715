//! How the media service says no to a request.

use crate::{Class, ErrorCode, Language, ServiceError};

/// Why a request about an upload was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MediaError {
    /// There is no such upload, or it belongs to somebody else.
    #[error("no such upload")]
    NotFound,
    /// The declared content type is not one of [`super::PictureType`].
    #[error("the content type is not supported")]
    TypeUnsupported,
    /// The declared size is zero.
    #[error("the file is empty")]
    Empty,
    /// The declared size is above the limit.
    #[error("the file is larger than {max_bytes} bytes")]
    TooLarge {
        /// The limit, in bytes.
        max_bytes: u64,
    },
    /// This person already has [`super::MAX_OPEN_UPLOADS`] uploads open.
    #[error("too many open uploads")]
    TooManyOpenUploads {
        /// After how many seconds the oldest open upload lapses.
        retry_after_s: u32,
    },
    /// This person has begun [`super::UPLOADS_PER_DAY`] uploads today.
    #[error("too many uploads today")]
    TooManyUploadsToday {
        /// After how many seconds the day (UTC) ends.
        retry_after_s: u32,
    },
    /// With this upload the person would keep more than [`super::STORED_BYTES_MAX`].
    #[error("too many bytes are stored")]
    StorageFull,
    /// A listing, a profile or a message shows the picture.
    #[error("the picture is in use")]
    InUse,
    /// There is no original: the upload is still looked at, or was refused.
    #[error("the picture is not ready")]
    NotReady,
}

/// Entries of the error catalogue.
pub mod codes {
    use super::{Class, ErrorCode};

    // The two errors about the declared file are `Invalid`, not 413 or 415: those are about the request's
    // own body, which is a small JSON document.
    /// See [`super::MediaError::NotFound`].
    pub const NOT_FOUND: ErrorCode = ErrorCode::new(
        "media.not_found",
        Class::NotFound,
        "There is no such picture",
        "사진을 찾을 수 없습니다",
        "Check the id. Only the person who uploaded a picture can see its state.",
    );
    /// See [`super::MediaError::TypeUnsupported`].
    pub const TYPE_UNSUPPORTED: ErrorCode = ErrorCode::new(
        "media.type_unsupported",
        Class::Invalid,
        "This type of file cannot be uploaded",
        "올릴 수 없는 파일 형식입니다",
        "Declare image/jpeg, image/png or image/webp, exactly so; convert other pictures first.",
    );
    /// See [`super::MediaError::Empty`].
    pub const EMPTY: ErrorCode = ErrorCode::new(
        "media.empty",
        Class::Invalid,
        "The file is empty",
        "빈 파일입니다",
        "Declare the exact size of the file in bytes; it must be at least 1.",
    );
    /// See [`super::MediaError::TooLarge`].
    pub const TOO_LARGE: ErrorCode = ErrorCode::new(
        "media.too_large",
        Class::Invalid,
        "The file is too large",
        "파일이 너무 큽니다",
        "Make the picture smaller before it is uploaded.",
    );
    /// See [`super::MediaError::TooManyOpenUploads`].
    pub const TOO_MANY_OPEN_UPLOADS: ErrorCode = ErrorCode::new(
        "media.too_many_open_uploads",
        Class::TooMany,
        "Too many uploads are open",
        "진행 중인 업로드가 너무 많습니다",
        "Finish the uploads that are open, or wait for as long as Retry-After says.",
    );
    /// See [`super::MediaError::TooManyUploadsToday`].
    pub const TOO_MANY_UPLOADS_TODAY: ErrorCode = ErrorCode::new(
        "media.too_many_uploads_today",
        Class::TooMany,
        "Too many uploads today",
        "오늘 올릴 수 있는 사진 수를 넘었습니다",
        "Go on tomorrow (UTC): Retry-After says in how many seconds.",
    );
    /// See [`super::MediaError::StorageFull`].
    pub const STORAGE_FULL: ErrorCode = ErrorCode::new(
        "media.storage_full",
        Class::Conflict,
        "There is no room for this picture",
        "저장 공간이 부족합니다",
        "Waiting does not help: delete pictures that are no longer needed (DELETE /media/{media_id}).",
    );
    /// See [`super::MediaError::InUse`].
    pub const IN_USE: ErrorCode = ErrorCode::new(
        "media.in_use",
        Class::Conflict,
        "The picture is in use",
        "사용 중인 사진입니다",
        "Take the picture out of the listing, profile or message that shows it, or delete that; then delete the picture.",
    );
    /// See [`super::MediaError::NotReady`].
    pub const NOT_READY: ErrorCode = ErrorCode::new(
        "media.not_ready",
        Class::Conflict,
        "The picture is not ready",
        "아직 준비되지 않은 사진입니다",
        "Ask for the state of the upload first (GET /media/{media_id}); only a ready picture has an original.",
    );
}

impl ServiceError for MediaError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::NotFound => codes::NOT_FOUND,
            Self::TypeUnsupported => codes::TYPE_UNSUPPORTED,
            Self::Empty => codes::EMPTY,
            Self::TooLarge { .. } => codes::TOO_LARGE,
            Self::TooManyOpenUploads { .. } => codes::TOO_MANY_OPEN_UPLOADS,
            Self::TooManyUploadsToday { .. } => codes::TOO_MANY_UPLOADS_TODAY,
            Self::StorageFull => codes::STORAGE_FULL,
            Self::InUse => codes::IN_USE,
            Self::NotReady => codes::NOT_READY,
        }
    }

    fn detail(&self, language: Language) -> String {
        match (self, language) {
            (Self::NotFound, Language::English) => "There is no such picture, or it is not yours.".to_owned(),
            (Self::NotFound, Language::Korean) => "사진이 없거나 본인의 사진이 아닙니다.".to_owned(),
            (Self::TypeUnsupported, Language::English) => {
                "Only JPEG, PNG and WebP pictures can be uploaded.".to_owned()
            }
            (Self::TypeUnsupported, Language::Korean) => "JPEG, PNG, WebP 사진만 올릴 수 있습니다.".to_owned(),
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
            Self::TypeUnsupported => Some("/content_type".to_owned()),
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
