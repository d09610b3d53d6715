//! From a file that was recognised to pixels, within bounds.

use std::io::Cursor;

use domain::media::{PictureType, PurposeRules, Refusal};
use image::{
    DynamicImage, ImageDecoder, ImageError, ImageResult, Limits,
    codecs::{png::PngDecoder, webp::WebPDecoder},
    error::LimitErrorKind,
    metadata::Orientation,
};

use super::{MAX_DECODED_BYTES, check_dimensions, jpeg};

/// How much a decoder may allocate besides the picture itself, in bytes. The whole file fits, and a
/// colour profile that unpacks to gigabytes does not.
const MAX_ALLOCATION: u64 = 32 * 1024 * 1024;

/// A picture as it is in the file, how to turn it upright, and what its colours mean.
pub(super) struct Decoded {
    pub(super) picture: DynamicImage,
    pub(super) orientation: Orientation,
    /// An ICC profile; sRGB where there is none.
    pub(super) profile: Option<Vec<u8>>,
}

/// Decodes the file; the header is checked first.
pub(super) fn decode(bytes: &[u8], kind: PictureType, rules: &PurposeRules) -> Result<Decoded, Refusal> {
    let file = Cursor::new(bytes);
    match kind {
        PictureType::Jpeg => jpeg::decode(bytes, rules),
        PictureType::Webp => read(WebPDecoder::new(file), rules),
        PictureType::Png => read(PngDecoder::with_limits(file, limits(rules)), rules),
    }
}

fn read<D: ImageDecoder>(decoder: ImageResult<D>, rules: &PurposeRules) -> Result<Decoded, Refusal> {
    let mut decoder = decoder.map_err(|error| refusal(&error))?;
    let (width, height) = decoder.dimensions();
    check_dimensions(width, height, rules)?;
    if decoder.total_bytes() > MAX_DECODED_BYTES {
        return Err(Refusal::TooLargeDimensions);
    }
    decoder.set_limits(limits(rules)).map_err(|error| refusal(&error))?;
    // Unreadable EXIF data says nothing about the picture, and an unreadable profile nothing about its colours.
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let profile = decoder.icc_profile().unwrap_or_default();
    let picture = DynamicImage::from_decoder(decoder).map_err(|error| refusal(&error))?;
    Ok(Decoded { picture, orientation, profile })
}

fn limits(rules: &PurposeRules) -> Limits {
    let mut limits = Limits::no_limits();
    limits.max_image_width = Some(rules.side_max);
    limits.max_image_height = Some(rules.side_max);
    limits.max_alloc = Some(MAX_ALLOCATION);
    limits
}

fn refusal(error: &ImageError) -> Refusal {
    match error {
        ImageError::Limits(limit) if limit.kind() == LimitErrorKind::DimensionError => Refusal::TooLargeDimensions,
        ImageError::Unsupported(_) => Refusal::NotAPicture,
        _ => Refusal::Damaged,
    }
}
