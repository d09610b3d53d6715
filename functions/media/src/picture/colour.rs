//! What colours mean: from the profile of an upload to sRGB.

use image::{DynamicImage, RgbImage};
use moxcms::{ColorProfile, DataColorSpace, Layout, TransformOptions};

/// The largest profile that is read, in bytes. Those of screens and cameras have a few thousand, those with
/// large tables about a million.
const PROFILE_BYTES_MAX: usize = 4 * 1024 * 1024;

/// The most entries in the table of a profile. Real ones have about twenty. Each may point to the largest
/// table in the profile, so without a bound a small file could ask for hours of work.
const TAGS_MAX: u32 = 100;

/// The picture in sRGB. A profile that cannot be read, or that is for other kinds of pixels, counts as none,
/// as in browsers: then the picture is taken for sRGB.
pub(super) fn to_srgb(picture: DynamicImage, profile: Option<&[u8]>) -> RgbImage {
    match profile.and_then(|profile| converted(&picture, profile)) {
        Some(converted) => converted,
        None => picture.into_rgb8(),
    }
}

fn converted(picture: &DynamicImage, profile: &[u8]) -> Option<RgbImage> {
    // Behind the header of 128 bytes stands how many entries follow (ICC.1:2022 §7.3).
    let tags = profile.get(128..)?.first_chunk().map(|&count| u32::from_be_bytes(count))?;
    if profile.len() > PROFILE_BYTES_MAX || tags > TAGS_MAX {
        return None;
    }
    let profile = ColorProfile::new_from_slice(profile).ok()?;
    let (layout, pixels) = match profile.color_space {
        DataColorSpace::Rgb => (Layout::Rgb, picture.to_rgb8().into_raw()),
        DataColorSpace::Gray if !picture.color().has_color() => (Layout::Gray, picture.to_luma8().into_raw()),
        _ => return None,
    };
    let srgb = ColorProfile::new_srgb();
    let transform = profile.create_transform_8bit(layout, &srgb, Layout::Rgb, TransformOptions::default()).ok()?;
    let mut converted = RgbImage::new(picture.width(), picture.height());
    transform.transform(&pixels, &mut converted).ok()?;
    Some(converted)
}
