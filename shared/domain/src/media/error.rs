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
}

impl ServiceError for MediaError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::NotFound => codes::NOT_FOUND,
            Self::TypeUnsupported => codes::TYPE_UNSUPPORTED,
            Self::Empty => codes::EMPTY,
            Self::TooLarge { .. } => codes::TOO_LARGE,
            Self::TooManyOpenUploads { .. } => codes::TOO_MANY_OPEN_UPLOADS,
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
        }
    }

    fn retry_after_s(&self) -> Option<u32> {
        match self {
            Self::TooManyOpenUploads { retry_after_s } => Some(*retry_after_s),
            _ => None,
        }
    }

    fn pointer(&self) -> Option<String> {
        match self {
            Self::TypeUnsupported => Some("/content_type".to_owned()),
            Self::Empty | Self::TooLarge { .. } => Some("/size_bytes".to_owned()),
            Self::NotFound | Self::TooManyOpenUploads { .. } => None,
        }
    }
}

/// Limits are whole mebibytes.
const fn mebibytes(bytes: u64) -> u64 {
    bytes / (1024 * 1024)
}
