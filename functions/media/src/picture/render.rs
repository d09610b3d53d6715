//! From pixels to our own files: on white, smaller, in sRGB, upright, written anew.

use domain::media::{Crop, PurposeRules, Refusal};
use fast_image_resize::{FilterType, ResizeAlg, ResizeOptions, Resizer};
use image::{
    DynamicImage, ExtendedColorType, ImageBuffer, LumaA, Primitive, RgbImage, Rgba, codecs::jpeg::JpegEncoder,
    metadata::Orientation,
};

use super::{Processed, Rendition, colour::to_srgb, decode::Decoded};

/// The quality of our JPEG files, of 100.
const QUALITY: u8 = 82;

/// Makes the files. Each smaller picture is made from the one before, so that the upload's own
/// pixels are read once and are let go before anything is written.
pub(super) fn render(decoded: Decoded, rules: &PurposeRules) -> Result<Processed, Refusal> {
    let Decoded { mut picture, orientation, profile } = decoded;
    put_on_white(&mut picture);
    let largest = rules.sizes.iter().copied().max().unwrap_or(1);
    let shown = Area::of(&picture, rules.crop);
    let side = if is_turned_sideways(orientation) {
        rules.side.of(shown.height, shown.width)
    } else {
        rules.side.of(shown.width, shown.height)
    };
    let reduced = shrink(picture, shown, side, largest)?;
    // When it is small: no second copy of the full picture.
    let mut reduced = DynamicImage::ImageRgb8(to_srgb(reduced, profile.as_deref()));
    reduced.apply_orientation(orientation);
    let mut pictures = Vec::with_capacity(rules.sizes.len());
    for size in rules.sizes.iter().rev() {
        let whole = Area::of(&reduced, Crop::Whole);
        let picture = shrink(reduced, whole, rules.side.of(whole.width, whole.height), *size)?.into_rgb8();
        let jpeg = encode(&picture)?;
        pictures.push(Rendition { size: *size, width: picture.width(), height: picture.height(), jpeg });
        reduced = DynamicImage::ImageRgb8(picture);
    }
    pictures.reverse();
    Ok(Processed { pictures })
}

/// Whether what is stored as its width is shown as its height.
const fn is_turned_sideways(orientation: Orientation) -> bool {
    match orientation {
        Orientation::Rotate90 | Orientation::Rotate270 | Orientation::Rotate90FlipH | Orientation::Rotate270FlipH => {
            true
        }
        Orientation::NoTransforms
        | Orientation::Rotate180
        | Orientation::FlipHorizontal
        | Orientation::FlipVertical => false,
    }
}

/// The part of a picture that is shown, in pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Area {
    left: u32,
    top: u32,
    width: u32,
    height: u32,
}

impl Area {
    fn of(picture: &DynamicImage, crop: Crop) -> Self {
        let (width, height) = (picture.width(), picture.height());
        match crop {
            Crop::Whole => Self { left: 0, top: 0, width, height },
            Crop::CentredSquare => {
                let side = width.min(height);
                let before = |length: u32| length.saturating_sub(side) / 2;
                Self { left: before(width), top: before(height), width: side, height: side }
            }
        }
    }
}

/// Reduces an area with a Lanczos filter, so that a side of `side` pixels has `size`; a smaller one
/// stays as it is.
///
/// `fast_image_resize` is here for what it saves: see the measurements in [`super`].
fn shrink(picture: DynamicImage, area: Area, side: u32, size: u32) -> Result<DynamicImage, Refusal> {
    if side <= size {
        let is_whole = (area.width, area.height) == (picture.width(), picture.height());
        // What is cut here is small, so a copy costs nothing.
        return Ok(if is_whole { picture } else { picture.crop_imm(area.left, area.top, area.width, area.height) });
    }
    let mut reduced =
        DynamicImage::new(scaled(area.width, size, side), scaled(area.height, size, side), picture.color());
    let [left, top, width, height] = [area.left, area.top, area.width, area.height].map(f64::from);
    // No channel is transparency any more.
    let options = ResizeOptions::new()
        .resize_alg(ResizeAlg::Convolution(FilterType::Lanczos3))
        .crop(left, top, width, height)
        .use_alpha(false);
    // It fails for kinds of pixels that our decoders do not give.
    Resizer::new().resize(&picture, &mut reduced, &options).map_err(|_| Refusal::NotAPicture)?;
    Ok(reduced)
}

/// `length * size / side`, rounded to the nearest pixel, at least one.
fn scaled(length: u32, size: u32, side: u32) -> u32 {
    let (length, size, side) = (u64::from(length), u64::from(size), u64::from(side));
    let doubled = length.saturating_mul(size).saturating_mul(2).saturating_add(side);
    let rounded = doubled.checked_div(side.saturating_mul(2)).unwrap_or(1);
    u32::try_from(rounded).unwrap_or(u32::MAX).max(1)
}

/// Lays a picture with transparency on white, in place: JPEG has no transparency.
fn put_on_white(picture: &mut DynamicImage) {
    match picture {
        DynamicImage::ImageLumaA8(pixels) => flatten_gray(pixels),
        DynamicImage::ImageRgba8(pixels) => flatten_colour(pixels),
        DynamicImage::ImageLumaA16(pixels) => flatten_gray(pixels),
        DynamicImage::ImageRgba16(pixels) => flatten_colour(pixels),
        _ => {}
    }
}

fn flatten_gray<T: Channel>(pixels: &mut ImageBuffer<LumaA<T>, Vec<T>>)
where
    LumaA<T>: image::Pixel<Subpixel = T>,
{
    for LumaA([light, alpha]) in pixels.pixels_mut() {
        *light = light.on_white(*alpha);
    }
}

fn flatten_colour<T: Channel>(pixels: &mut ImageBuffer<Rgba<T>, Vec<T>>)
where
    Rgba<T>: image::Pixel<Subpixel = T>,
{
    for Rgba([red, green, blue, alpha]) in pixels.pixels_mut() {
        *red = red.on_white(*alpha);
        *green = green.on_white(*alpha);
        *blue = blue.on_white(*alpha);
    }
}

/// The amount of one colour in one pixel.
trait Channel: Primitive {
    /// The value seen when white lies behind: `(value * alpha + max * (max - alpha)) / max`, rounded.
    fn on_white(self, alpha: Self) -> Self;
}

impl Channel for u8 {
    fn on_white(self, alpha: Self) -> Self {
        (weighed(self.into(), alpha.into(), 255) / 255).try_into().unwrap_or(Self::MAX)
    }
}

impl Channel for u16 {
    fn on_white(self, alpha: Self) -> Self {
        (weighed(self.into(), alpha.into(), 65_535) / 65_535).try_into().unwrap_or(Self::MAX)
    }
}

/// The sum above and half of `max`, for rounding. In 64 bits it cannot overflow; wrapping operations
/// keep the loop free of branches.
fn weighed(value: u64, alpha: u64, max: u64) -> u64 {
    let light = value.wrapping_mul(alpha).wrapping_add(max.wrapping_mul(max.wrapping_sub(alpha)));
    light.wrapping_add(max / 2)
}

fn encode(picture: &RgbImage) -> Result<Vec<u8>, Refusal> {
    let mut jpeg = Vec::new();
    JpegEncoder::new_with_quality(&mut jpeg, QUALITY)
        .encode(picture, picture.width(), picture.height(), ExtendedColorType::Rgb8)
        // It fails for more than 65,535 pixels on a side, which were refused long before.
        .map_err(|_| Refusal::TooLargeDimensions)?;
    Ok(jpeg)
}
