//! Uploaded pictures: what may be uploaded, what becomes of it, and why a picture is refused.
//!
//! A client asks for an upload with a purpose, a content type and a size in bytes. All three are
//! checked here before anything is signed, and are then part of the signature. What was uploaded
//! is looked at again, byte by byte, by the media service.

mod allowance;
mod error;
mod purpose;
mod refusal;

pub use allowance::{
    MAX_OPEN_UPLOADS, STORED_BYTES_MAX, UPLOAD_ARRIVAL_TIME, UPLOAD_GRANT_LIFETIME, UPLOADS_PER_DAY, poll_after_s,
};
pub use error::{MediaError, codes};
pub use purpose::{Crop, MediaPurpose, PurposeRules, Side};
pub use refusal::Refusal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::ids::MediaId;

/// The sizes of the pictures of a listing, in pixels. Those of every purpose: [`PurposeRules::sizes`].
pub const PICTURE_SIZES: [u32; 3] = [320, 960, 1600];

/// Where a picture lies in its bucket, and so, behind a slash, on the site.
#[must_use]
pub fn picture_path(media: MediaId, size: u32) -> String {
    format!("pictures/{media}/{size}.jpg")
}

/// A type of picture that we read. Its texts are the registered content types (RFC 2046 §4.2 for
/// JPEG, W3C PNG third edition §13, RFC 9649 for WebP). SVG is not among them: it can carry script.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub enum PictureType {
    /// JPEG.
    #[serde(rename = "image/jpeg")]
    Jpeg,
    /// PNG, not animated.
    #[serde(rename = "image/png")]
    Png,
    /// WebP, not animated.
    #[serde(rename = "image/webp")]
    Webp,
}

impl PictureType {
    /// Every type that we read.
    pub const ALL: [Self; 3] = [Self::Jpeg, Self::Png, Self::Webp];

    /// The content type, such as `image/jpeg`.
    #[must_use]
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::Webp => "image/webp",
        }
    }

    /// The type that a content type names, in letters of either case (RFC 9110 §8.3.1). `image/jpg` is
    /// registered nowhere and written everywhere. The upload itself is signed for
    /// [`PictureType::content_type`].
    ///
    /// # Errors
    /// [`MediaError::HeicUnsupported`] for what iPhones take photos in, [`MediaError::TypeUnsupported`] for
    /// every other text, those with parameters included.
    pub fn from_content_type(text: &str) -> Result<Self, MediaError> {
        match text.to_ascii_lowercase().as_str() {
            "image/jpeg" | "image/jpg" => Ok(Self::Jpeg),
            "image/png" => Ok(Self::Png),
            "image/webp" => Ok(Self::Webp),
            "image/heic" | "image/heif" | "image/heic-sequence" | "image/heif-sequence" => {
                Err(MediaError::HeicUnsupported)
            }
            _ => Err(MediaError::TypeUnsupported),
        }
    }
}

impl PictureType {
    /// How the name of such a file ends.
    #[must_use]
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Jpeg => "jpg",
            Self::Png => "png",
            Self::Webp => "webp",
        }
    }
}

/// How far an upload has come. `Ready` and `Refused` are final.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum MediaState {
    /// Granted: the file has not arrived, or is being looked at.
    Waiting,
    /// The pictures are there.
    Ready,
    /// The file was not accepted; a [`Refusal`] says why.
    Refused,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Class, Language, ServiceError};

    #[test]
    fn attack_72_an_upload_has_at_least_one_byte_and_at_most_ten_mebibytes() {
        for purpose in MediaPurpose::ALL {
            assert_eq!(purpose.check_size(0), Err(MediaError::Empty));
            assert_eq!(purpose.check_size(1), Ok(()));
            assert_eq!(purpose.check_size(10_485_760), Ok(()));
            for size in [10_485_761, u64::MAX] {
                assert_eq!(purpose.check_size(size), Err(MediaError::TooLarge { max_bytes: 10_485_760 }));
            }
        }
    }

    #[test]
    fn attack_71_only_three_types_may_be_uploaded() {
        for kind in PictureType::ALL {
            assert_eq!(PictureType::from_content_type(kind.content_type()), Ok(kind));
            assert_eq!(PictureType::from_content_type(&kind.content_type().to_uppercase()), Ok(kind));
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.content_type());
        }
        assert_eq!(PictureType::from_content_type("image/jpg"), Ok(PictureType::Jpeg));
        for heic in ["image/heic", "image/heif", "IMAGE/HEIC", "image/heic-sequence"] {
            let error = PictureType::from_content_type(heic).unwrap_err();
            assert_eq!((error, error.code()), (MediaError::HeicUnsupported, codes::TYPE_UNSUPPORTED));
            for language in [Language::English, Language::Korean] {
                assert!(error.detail(language).contains("HEIC") && error.detail(language).contains("JPEG"));
            }
        }
        for other in [
            "",
            "image/svg+xml",
            "image/gif",
            "image/avif",
            "text/html",
            "image/*",
            "image/jpeg; a=b",
            " image/jpeg",
            "image/jpeg\r\nx-amz-acl: public-read",
            "image/jp\u{212a}g",
        ] {
            assert_eq!(PictureType::from_content_type(other), Err(MediaError::TypeUnsupported), "{other:?}");
            assert!(serde_json::from_value::<PictureType>(other.into()).is_err(), "{other:?}");
        }
    }

    #[test]
    fn names_in_json_are_those_of_the_contract() {
        let states = [MediaState::Waiting, MediaState::Ready, MediaState::Refused];
        assert_eq!(serde_json::to_value(states).unwrap(), serde_json::json!(["waiting", "ready", "refused"]));
        for refusal in Refusal::ALL {
            assert_eq!(serde_json::to_value(refusal).unwrap(), refusal.code());
        }
    }

    #[test]
    fn every_refusal_and_error_speaks_both_languages() {
        for refusal in Refusal::ALL {
            assert!(is_english(refusal.detail(Language::English)), "{refusal:?}");
            assert!(is_korean(refusal.detail(Language::Korean)), "{refusal:?}");
        }
        for error in errors() {
            assert!(is_english(&error.detail(Language::English)), "{error:?}");
            assert!(is_korean(&error.detail(Language::Korean)), "{error:?}");
            assert!(is_english(error.code().title_in(Language::English)), "{error:?}");
            assert!(is_korean(error.code().title_in(Language::Korean)), "{error:?}");
        }
    }

    #[test]
    fn errors_say_which_field_is_at_fault_and_when_to_come_back() {
        let facts: Vec<_> =
            errors().map(|e| (e.code().code, e.code().class, e.pointer(), e.retry_after_s())).into_iter().collect();
        assert_eq!(
            facts,
            [
                ("media.not_found", Class::NotFound, None, None),
                ("media.type_unsupported", Class::Invalid, Some("/content_type".to_owned()), None),
                ("media.type_unsupported", Class::Invalid, Some("/content_type".to_owned()), None),
                ("media.empty", Class::Invalid, Some("/size_bytes".to_owned()), None),
                ("media.too_large", Class::Invalid, Some("/size_bytes".to_owned()), None),
                ("media.too_many_open_uploads", Class::TooMany, None, Some(42)),
                ("media.too_many_uploads_today", Class::TooMany, None, Some(43)),
                ("media.storage_full", Class::Conflict, None, None),
                ("media.in_use", Class::Conflict, None, None),
                ("media.not_ready", Class::Conflict, None, None),
            ]
        );
        let too_large = MediaError::TooLarge { max_bytes: MediaPurpose::Listing.rules().upload_bytes_max };
        assert!(too_large.detail(Language::English).contains("10 MiB"));
        assert!(too_large.detail(Language::Korean).contains("10 MiB"));
    }

    fn errors() -> [MediaError; 10] {
        [
            MediaError::NotFound,
            MediaError::TypeUnsupported,
            MediaError::HeicUnsupported,
            MediaError::Empty,
            MediaError::TooLarge { max_bytes: 10_485_760 },
            MediaError::TooManyOpenUploads { retry_after_s: 42 },
            MediaError::TooManyUploadsToday { retry_after_s: 43 },
            MediaError::StorageFull,
            MediaError::InUse,
            MediaError::NotReady,
        ]
    }

    fn is_english(text: &str) -> bool {
        !text.is_empty() && text.is_ascii()
    }

    fn is_korean(text: &str) -> bool {
        text.chars().any(|c| ('가'..='힣').contains(&c))
    }
}
