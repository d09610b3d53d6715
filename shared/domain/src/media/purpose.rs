//! What a picture is uploaded for, and everything that follows from it, in one table.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{MediaError, picture_path};
use crate::ids::MediaId;

/// What a picture is uploaded for. It decides the limits and what is made of it: [`MediaPurpose::rules`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum MediaPurpose {
    /// A picture of a person, beside their name.
    Profile,
    /// A picture of a listing.
    Listing,
    /// A picture of somebody's work.
    Portfolio,
    /// A picture in a conversation.
    Chat,
    /// A picture in the description of a listing: often long, with text in it, and read from top to bottom.
    Detail,
}

/// Which part of an upload is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Crop {
    /// All of it, in its own proportions.
    Whole,
    /// The largest square about its centre.
    CentredSquare,
}

/// Which side of a picture its size is the length of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Side {
    /// The longer one.
    Long,
    /// The width, upright. A picture may be as high as it likes, and its text stays as large.
    Width,
}

impl Side {
    /// The length of that side.
    #[must_use]
    pub const fn of(self, width: u32, height: u32) -> u32 {
        match self {
            Self::Long if height > width => height,
            Self::Long | Self::Width => width,
        }
    }
}

/// What may be uploaded for a purpose, and what is made of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PurposeRules {
    /// The largest file that may be uploaded, in bytes.
    pub upload_bytes_max: u64,
    /// The longest side that an upload may have, in pixels. (How many pixels there may be in all is the
    /// same for every purpose.)
    pub side_max: u32,
    /// The sizes of the pictures that are made, in pixels, the smallest first. A picture is never
    /// enlarged: a smaller upload gives all files in its own size.
    pub sizes: &'static [u32],
    /// Which side has that size.
    pub side: Side,
    /// Which part of the upload they show.
    pub crop: Crop,
    /// The most bytes that all the pictures of one upload have together, by their dimensions: JPEG of
    /// our quality has fewer than three bytes for a pixel, whatever is in it.
    pub pictures_bytes_max: u64,
    /// What is shown where there is no picture: its address on the site. A file of ours in `frontend/`.
    pub default_picture: &'static str,
}

/// Ten mebibytes: a photo of a phone of 2026 in its best quality.
const UPLOAD_BYTES_MAX: u64 = 10 * 1024 * 1024;

const SIDE_MAX: u32 = 8_000;

const PROFILE: PurposeRules = PurposeRules {
    upload_bytes_max: UPLOAD_BYTES_MAX,
    side_max: SIDE_MAX,
    sizes: &[96, 256, 512],
    side: Side::Long,
    crop: Crop::CentredSquare,
    pictures_bytes_max: 1_000_000,
    default_picture: "/img/no-profile.svg",
};

const LISTING: PurposeRules = PurposeRules {
    upload_bytes_max: UPLOAD_BYTES_MAX,
    side_max: SIDE_MAX,
    sizes: &super::PICTURE_SIZES,
    side: Side::Long,
    crop: Crop::Whole,
    pictures_bytes_max: 10_752_000,
    default_picture: "/img/no-picture.svg",
};

const PORTFOLIO: PurposeRules = LISTING;

/// Read on a phone and opened once: one small picture and one large.
const CHAT: PurposeRules = PurposeRules { sizes: &[320, 1280], pictures_bytes_max: 5_222_400, ..LISTING };

/// 860 pixels is what sellers in Korea make them wide, and 430 a phone.
const DETAIL: PurposeRules =
    PurposeRules { side_max: 20_000, sizes: &[430, 860], side: Side::Width, pictures_bytes_max: 64_500_000, ..LISTING };

impl MediaPurpose {
    /// Every purpose.
    pub const ALL: [Self; 5] = [Self::Profile, Self::Listing, Self::Portfolio, Self::Chat, Self::Detail];

    /// What follows from the purpose.
    #[must_use]
    pub const fn rules(self) -> &'static PurposeRules {
        match self {
            Self::Profile => &PROFILE,
            Self::Listing => &LISTING,
            Self::Portfolio => &PORTFOLIO,
            Self::Chat => &CHAT,
            Self::Detail => &DETAIL,
        }
    }

    /// How it is written.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Profile => "profile",
            Self::Listing => "listing",
            Self::Portfolio => "portfolio",
            Self::Chat => "chat",
            Self::Detail => "detail",
        }
    }

    /// Whether a file of this size may be uploaded.
    ///
    /// # Errors
    /// [`MediaError::Empty`] for no bytes at all, [`MediaError::TooLarge`] above
    /// [`PurposeRules::upload_bytes_max`].
    pub const fn check_size(self, size_bytes: u64) -> Result<(), MediaError> {
        let max_bytes = self.rules().upload_bytes_max;
        if size_bytes == 0 {
            return Err(MediaError::Empty);
        }
        if size_bytes > max_bytes {
            return Err(MediaError::TooLarge { max_bytes });
        }
        Ok(())
    }

    /// The address on the site of a ready picture of this purpose: the smallest file whose size is
    /// `pixels` or more, else the largest. Where there is no picture, the default
    /// one: there is always something to show.
    #[must_use]
    pub fn picture_url(self, media: Option<MediaId>, pixels: u32) -> String {
        let rules = self.rules();
        let size = rules.sizes.iter().find(|size| **size >= pixels).or_else(|| rules.sizes.last());
        match (media, size) {
            (Some(media), Some(size)) => format!("/{}", picture_path(media, *size)),
            _ => rules.default_picture.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_purpose_has_sizes_that_rise_and_a_bound_that_they_keep() {
        for purpose in MediaPurpose::ALL {
            let rules = purpose.rules();
            assert!(rules.sizes.is_sorted_by(|a, b| a < b) && !rules.sizes.is_empty(), "{purpose:?}");
            assert!(rules.sizes.iter().all(|size| (1..=1_600).contains(size)), "{purpose:?}");
            assert!(rules.default_picture.starts_with("/img/"), "{purpose:?}");
            assert_eq!(serde_json::to_value(purpose).unwrap(), purpose.as_str());
            assert!(rules.sizes.iter().all(|size| *size <= rules.side_max), "{purpose:?}");
            let pixels: u64 = rules.sizes.iter().map(|size| most_pixels(rules, *size)).sum();
            assert!(rules.pictures_bytes_max <= pixels * 3, "{purpose:?}");
        }
        assert_eq!(MediaPurpose::Profile.rules().pictures_bytes_max, 1_000_000);
    }

    /// A square; where the width counts, as high as an upload may be in its own size, and smaller in proportion.
    fn most_pixels(rules: &PurposeRules, size: u32) -> u64 {
        let largest = rules.sizes.last().copied().unwrap_or(1);
        let height = match rules.side {
            Side::Long => size,
            Side::Width => rules.side_max.saturating_mul(size).checked_div(largest).unwrap_or(0),
        };
        u64::from(size).saturating_mul(u64::from(height))
    }

    #[test]
    fn there_is_always_a_picture_to_show() {
        let id: MediaId = "med_01m7ywj1f92nz8cxd2r39265fq".parse().unwrap();
        let profile = MediaPurpose::Profile;
        for (pixels, size) in [(0, 96), (96, 96), (97, 256), (512, 512), (4_000, 512)] {
            assert_eq!(profile.picture_url(Some(id), pixels), format!("/pictures/{id}/{size}.jpg"));
        }
        assert_eq!(profile.picture_url(None, 96), "/img/no-profile.svg");
        assert_eq!(MediaPurpose::Chat.picture_url(None, 96), "/img/no-picture.svg");
    }
}
