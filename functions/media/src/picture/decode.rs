//! From a file that was recognised to pixels, within bounds.

use std::io::Cursor;

use domain::media::{PictureType, Refusal};
use image::{
    DynamicImage, ImageDecoder, ImageError, ImageResult, Limits,
    codecs::{jpeg::JpegDecoder, png::PngDecoder, webp::WebPDecoder},
    error::LimitErrorKind,
    metadata::Orientation,
};

use super::{MAX_DECODED_BYTES, MAX_SIDE, check_dimensions};

/// How much a decoder may allocate besides the picture itself, in bytes. The whole file fits, and a
/// colour profile that unpacks to gigabytes does not.
const MAX_ALLOCATION: u64 = 32 * 1024 * 1024;

/// A picture as it is in the file, and how to turn it upright.
pub(super) struct Decoded {
    pub(super) picture: DynamicImage,
    pub(super) orientation: Orientation,
}

/// Decodes the file; the header is checked first.
pub(super) fn decode(bytes: &[u8], kind: PictureType) -> Result<Decoded, Refusal> {
    let file = Cursor::new(bytes);
    match kind {
        PictureType::Jpeg => read(JpegDecoder::new(file)),
        PictureType::Webp => read(WebPDecoder::new(file)),
        PictureType::Png => {
            let decoder = PngDecoder::with_limits(file, limits()).map_err(|error| refusal(&error))?;
            // The announcement of an animation comes before the first picture (W3C PNG §5.6).
            if decoder.is_apng().map_err(|error| refusal(&error))? {
                return Err(Refusal::Animated);
            }
            read(Ok(decoder))
        }
    }
}

fn read<D: ImageDecoder>(decoder: ImageResult<D>) -> Result<Decoded, Refusal> {
    let mut decoder = decoder.map_err(|error| refusal(&error))?;
    let (width, height) = decoder.dimensions();
    check_dimensions(width, height)?;
    if decoder.total_bytes() > MAX_DECODED_BYTES {
        return Err(Refusal::TooLargeDimensions);
    }
    decoder.set_limits(limits()).map_err(|error| refusal(&error))?;
    // Unreadable EXIF data says nothing about the picture.
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let picture = DynamicImage::from_decoder(decoder).map_err(|error| refusal(&error))?;
    Ok(Decoded { picture, orientation })
}

fn limits() -> Limits {
    let mut limits = Limits::no_limits();
    limits.max_image_width = Some(MAX_SIDE);
    limits.max_image_height = Some(MAX_SIDE);
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
