//! Why an uploaded file was not accepted.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Language;

/// Why an uploaded file was not accepted. Kept with the upload and shown to its owner.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    /// More pixels than we decode.
    TooLargeDimensions,
    /// Not a picture at all, or none that we know: SVG, HTML, PDF, an archive, no bytes.
    NotAPicture,
    /// A picture, but of another type than was declared.
    TypeDiffers,
    /// HEIC, which iPhones take photos in.
    Heic,
    /// Inks (CMYK) instead of light (RGB): what it looks like depends on who shows it.
    PrintColours,
    /// It begins like a picture and cannot be read to its end.
    Damaged,
    /// Fewer pixels than a person could see anything in.
    TooSmall,
    /// Several pictures in one file.
    Animated,
    /// More bytes than may be uploaded.
    TooLargeFile,
    /// It did not arrive in time.
    Expired,
}

impl Refusal {
    /// Every refusal.
    pub const ALL: [Self; 10] = [
        Self::TooLargeDimensions,
        Self::NotAPicture,
        Self::TypeDiffers,
        Self::Heic,
        Self::PrintColours,
        Self::Damaged,
        Self::TooSmall,
        Self::Animated,
        Self::TooLargeFile,
        Self::Expired,
    ];

    /// The stable code, as it is in JSON.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::TooLargeDimensions => "too_large_dimensions",
            Self::NotAPicture => "not_a_picture",
            Self::TypeDiffers => "type_differs",
            Self::Heic => "heic",
            Self::PrintColours => "print_colours",
            Self::Damaged => "damaged",
            Self::TooSmall => "too_small",
            Self::Animated => "animated",
            Self::TooLargeFile => "too_large_file",
            Self::Expired => "expired",
        }
    }

    /// What to tell the owner, and what the owner can do about it.
    #[must_use]
    pub const fn detail(self, language: Language) -> &'static str {
        match language {
            Language::English => self.detail_in_english(),
            Language::Korean => self.detail_in_korean(),
        }
    }

    const fn detail_in_english(self) -> &'static str {
        match self {
            Self::TooLargeDimensions => {
                "The picture has too many pixels. At most 8,000 on each side (20,000 in a description) and 40 megapixels are possible."
            }
            Self::NotAPicture => "The file is not a picture that we can read. Upload a JPEG, PNG or WebP picture.",
            Self::TypeDiffers => {
                "The file is a picture of another type than was declared. Upload a JPEG, PNG or WebP picture."
            }
            Self::Heic => {
                "HEIC pictures cannot be read. Save the picture as JPEG and upload that. An iPhone takes photos as JPEG with Settings > Camera > Formats > Most Compatible."
            }
            Self::PrintColours => {
                "The picture is in the colours of print (CMYK). Save it in RGB (sRGB) and upload that."
            }
            Self::Damaged => "The picture is damaged or incomplete. Upload it again.",
            Self::TooSmall => "The picture is too small. It needs at least 16 pixels on each side.",
            Self::Animated => "Animated pictures are not possible. Upload a still picture.",
            Self::TooLargeFile => "The file is too large. At most 10 MiB are possible.",
            Self::Expired => "The file did not arrive in time. Upload it again.",
        }
    }

    const fn detail_in_korean(self) -> &'static str {
        match self {
            Self::TooLargeDimensions => {
                "사진의 픽셀 수가 너무 많습니다. 한 변은 8,000픽셀(상세 설명 이미지는 20,000픽셀), 전체는 4,000만 화소까지 가능합니다."
            }
            Self::NotAPicture => "읽을 수 있는 사진이 아닙니다. JPEG, PNG 또는 WebP 사진을 올려 주세요.",
            Self::TypeDiffers => "파일의 실제 형식이 선언한 형식과 다릅니다. JPEG, PNG 또는 WebP 사진을 올려 주세요.",
            Self::Heic => {
                "HEIC 사진은 읽을 수 없습니다. JPEG로 저장해서 올려 주세요. iPhone에서는 설정 > 카메라 > 포맷에서 '높은 호환성'을 선택하면 JPEG로 촬영됩니다."
            }
            Self::PrintColours => "인쇄용 색상(CMYK) 사진입니다. RGB(sRGB)로 저장해서 다시 올려 주세요.",
            Self::Damaged => "사진이 손상되었거나 완전하지 않습니다. 다시 올려 주세요.",
            Self::TooSmall => "사진이 너무 작습니다. 각 변이 16픽셀 이상이어야 합니다.",
            Self::Animated => "움직이는 사진은 올릴 수 없습니다. 정지된 사진을 올려 주세요.",
            Self::TooLargeFile => "파일이 너무 큽니다. 10 MiB까지 올릴 수 있습니다.",
            Self::Expired => "사진이 제시간에 도착하지 않았습니다. 다시 올려 주세요.",
        }
    }
}
