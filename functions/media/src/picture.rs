//! From an uploaded file to the pictures that we serve. Pure: bytes in, bytes out.
//!
//! Nothing of what was uploaded is ever served. The file is recognised by its first bytes, its
//! dimensions are read and bounded before a pixel is decoded, and what is decoded is written anew as
//! our own JPEG with no metadata. So scripts behind a picture, archives in its tail, places (GPS)
//! and cameras' names (EXIF) are gone, because nobody copied them.
//!
//! PNG and WebP files of several frames are refused rather than shown as their first one: the owner
//! should know that the rest would be lost, and a first frame is often blank.
//!
//! JPEG has no checksum: wrong bits inside the compressed data give a wrong picture, not an error.
//! Where data is missing, though, the file is refused ([`jpeg`]).
//!
//! Colours are converted by the profile of the upload to sRGB, which is what a picture without a profile
//! is taken for.
//!
//! # Measurements
//! Release profile (`opt-level = "s"`, fat LTO), one core of a 2026 x86-64 server, whole calls of
//! [`process`] in a process of their own (peak: `VmHWM` of `/proc/self/status`, the file included):
//!
//! | file | time | peak |
//! |---|---|---|
//! | 12 MP JPEG 4:2:0, 2.3 MB, as from a phone (best of 10) | 169 to 183 ms | 67 MB |
//! | 40 MP JPEG 4:2:0, 4.8 MB | 480 ms | 154 MB |
//! | 40 MP progressive JPEG 4:4:4 | 790 ms | 360 MB |
//! | 40 MP PNG, RGBA | 434 ms | 198 MB |
//! | 40 MP WebP, lossless without transparency | 714 ms | 276 MB |
//! | 40 MP WebP, lossy with transparency (the worst) | 1.5 s (2.9 s on a busy machine) | 413 MB |
//!
//! So 1,024 MB of memory leave the worst case below 60 %. `fast_image_resize` reduces 12 MP to 1,600
//! pixels in 24 ms where `image` takes 474 ms with the same filter (345 with Catmull-Rom), and it
//! needs no buffer of floats, which for 40 MP would be another 128 MB.

mod colour;
mod container;
mod decode;
mod jpeg;
mod render;

use domain::media::{MediaPurpose, PictureType, PurposeRules, Refusal};

/// The largest file that is looked at, in bytes, whatever its purpose.
pub const MAX_FILE_BYTES: u64 = MediaPurpose::Listing.rules().upload_bytes_max;

/// The most pixels that are decoded: 40 megapixels.
pub const MAX_PIXELS: u64 = 40_000_000;

/// The shortest side that is accepted, in pixels.
pub const MIN_SIDE: u32 = 16;

/// The most bytes that a decoded picture may take: [`MAX_PIXELS`] in four channels of 8 bits. A
/// picture with 16 bits per channel may thus have half as many pixels.
pub const MAX_DECODED_BYTES: u64 = 160_000_000;

/// What was made of an upload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Processed {
    /// One picture for each of [`PurposeRules::sizes`], in that order.
    pub pictures: Vec<Rendition>,
}

/// One picture that we made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendition {
    /// Which of [`PurposeRules::sizes`] it is for, in pixels: the name of its file. Its own side is
    /// shorter when the upload's was.
    pub size: u32,
    /// Width in pixels, upright.
    pub width: u32,
    /// Height in pixels, upright.
    pub height: u32,
    /// The file: baseline JPEG in sRGB, without metadata.
    pub jpeg: Vec<u8>,
}

/// Makes our own pictures from an uploaded file, as the rules of its purpose say.
///
/// # Errors
/// - [`Refusal::TooLargeFile`]: more than [`MAX_FILE_BYTES`].
/// - [`Refusal::NotAPicture`]: the first bytes are those of no picture that we know (SVG, HTML, PDF
///   and archives among them), or the picture uses a variant that we do not read.
/// - [`Refusal::Heic`]: what iPhones take photos in, whatever was declared.
/// - [`Refusal::TypeDiffers`]: a picture of a type other than `declared` (GIF, TIFF and AVIF among them).
/// - [`Refusal::Animated`]: several frames.
/// - [`Refusal::PrintColours`]: a JPEG in CMYK.
/// - [`Refusal::TooLargeDimensions`], [`Refusal::TooSmall`]: outside [`PurposeRules::side_max`],
///   [`MAX_PIXELS`], [`MAX_DECODED_BYTES`], [`MIN_SIDE`]; known from the header, before anything is decoded.
/// - [`Refusal::Damaged`]: the file cannot be read to its end.
pub fn process(bytes: &[u8], declared: PictureType, rules: &PurposeRules) -> Result<Processed, Refusal> {
    if u64::try_from(bytes.len()).is_ok_and(|length| length <= MAX_FILE_BYTES) {
        let still = container::check(bytes, declared, rules)?;
        let decoded = decode::decode(&still, declared, rules)?;
        render::render(decoded, rules)
    } else {
        Err(Refusal::TooLargeFile)
    }
}

/// Whether a picture of so many pixels may be decoded.
fn check_dimensions(width: u32, height: u32, rules: &PurposeRules) -> Result<(), Refusal> {
    let pixels = u64::from(width).saturating_mul(u64::from(height));
    if width > rules.side_max || height > rules.side_max || pixels > MAX_PIXELS {
        Err(Refusal::TooLargeDimensions)
    } else if width < MIN_SIDE || height < MIN_SIDE {
        Err(Refusal::TooSmall)
    } else {
        Ok(())
    }
}
