//! What becomes of an uploaded file. Every file here is made by the test itself.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "the helpers of tests are tests: a panic is how they fail"
)]

#[path = "picture/bombs.rs"]
mod bombs;
#[path = "picture/colours.rs"]
mod colours;
#[path = "picture/files.rs"]
mod files;
#[path = "picture/jpegs.rs"]
mod jpegs;
#[path = "picture/purposes.rs"]
mod purposes;
#[path = "picture/types.rs"]
mod types;
#[path = "picture/upright.rs"]
mod upright;
#[path = "picture/whole.rs"]
mod whole;

use domain::media::{MediaPurpose, PictureType, Refusal};
use image::{ImageFormat, RgbImage};
use media::picture::{Processed, Rendition};

use crate::files::*;

const FORMATS: [(PictureType, ImageFormat); 3] = [
    (PictureType::Jpeg, ImageFormat::Jpeg),
    (PictureType::Png, ImageFormat::Png),
    (PictureType::Webp, ImageFormat::WebP),
];

/// As a picture of a listing: what most of the tests here are about is the same for every purpose.
fn process(bytes: &[u8], declared: PictureType) -> Result<Processed, Refusal> {
    media::picture::process(bytes, declared, MediaPurpose::Listing.rules())
}

fn sizes(processed: &Processed) -> Vec<(u32, u32, u32)> {
    processed.pictures.iter().map(|picture| (picture.size, picture.width, picture.height)).collect()
}

/// Our files as anybody's decoder sees them.
fn decoded(processed: &Processed) -> Vec<RgbImage> {
    let decode = |picture: &Rendition| {
        let image = image::load_from_memory_with_format(&picture.jpeg, ImageFormat::Jpeg).unwrap().into_rgb8();
        assert_eq!(image.dimensions(), (picture.width, picture.height));
        image
    };
    processed.pictures.iter().map(decode).collect()
}

fn assert_near(picture: &RgbImage, x: u32, y: u32, expected: image::Rgb<u8>) {
    let seen = picture.get_pixel(x, y);
    let near = seen.0.iter().zip(expected.0).all(|(&a, b)| a.abs_diff(b) <= 12);
    assert!(near, "at {x}, {y}: {seen:?} instead of {expected:?}");
}

fn contains(bytes: &[u8], needle: &[u8]) -> bool {
    bytes.windows(needle.len()).any(|window| window == needle)
}

/// The markers of a file up to its data, in order.
fn markers(jpeg: &[u8]) -> Vec<u8> {
    let (mut at, mut found) = (2, Vec::new());
    while found.last() != Some(&0xda) {
        assert_eq!(jpeg[at], 0xff);
        found.push(jpeg[at + 1]);
        at += 2 + usize::from(u16::from_be_bytes([jpeg[at + 2], jpeg[at + 3]]));
    }
    found
}

#[test]
fn each_type_gives_three_pictures_that_look_like_the_upload() {
    for (kind, format) in FORMATS {
        let processed = process(&encoded(quarters(2_000, 1_000), format), kind).unwrap();
        assert_eq!(sizes(&processed), [(320, 320, 160), (960, 960, 480), (1_600, 1_600, 800)], "{kind:?}");
        for picture in decoded(&processed) {
            let (width, height) = picture.dimensions();
            assert_near(&picture, width / 4, height / 4, RED);
            assert_near(&picture, width * 3 / 4, height / 4, GREEN);
            assert_near(&picture, width / 4, height * 3 / 4, BLUE);
            assert_near(&picture, width * 3 / 4, height * 3 / 4, WHITE);
        }
    }
}

#[test]
fn a_small_picture_is_never_enlarged() {
    let of = |width, height| {
        let processed = process(&encoded(busy(width, height), ImageFormat::Jpeg), PictureType::Jpeg).unwrap();
        sizes(&processed)
    };
    assert_eq!(of(16, 16), [(320, 16, 16), (960, 16, 16), (1_600, 16, 16)]);
    assert_eq!(of(500, 100), [(320, 320, 64), (960, 500, 100), (1_600, 500, 100)]);
    assert_eq!(of(320, 961), [(320, 107, 320), (960, 320, 960), (1_600, 320, 961)]);
    // A strip keeps at least one pixel.
    assert_eq!(of(8_000, 16), [(320, 320, 1), (960, 960, 2), (1_600, 1_600, 3)]);
}

#[test]
fn transparency_becomes_white() {
    use image::{DynamicImage, ImageBuffer, LumaA, Rgba};

    let half = image::Rgb([255, 127, 127]);
    let gray = image::Rgb([127, 127, 127]);
    // Red under nothing, half red, red; black under nothing, half black, black.
    let colour = |x: u32| Rgba([255_u8, 0, 0, [0, 128, 255][(x / 700) as usize]]);
    let light = |x: u32| LumaA([0_u8, [0, 128, 255][(x / 700) as usize]]);
    let wide = |value: u8| u16::from(value) * 257;
    let (width, height) = (2_100, 60);
    let cases: [(DynamicImage, image::Rgb<u8>, image::Rgb<u8>); 4] = [
        (ImageBuffer::from_fn(width, height, |x, _| colour(x)).into(), half, image::Rgb([255, 0, 0])),
        (ImageBuffer::from_fn(width, height, |x, _| Rgba(colour(x).0.map(wide))).into(), half, image::Rgb([255, 0, 0])),
        (ImageBuffer::from_fn(width, height, |x, _| light(x)).into(), gray, image::Rgb([0, 0, 0])),
        (ImageBuffer::from_fn(width, height, |x, _| LumaA(light(x).0.map(wide))).into(), gray, image::Rgb([0, 0, 0])),
    ];
    for (picture, in_the_middle, on_the_right) in cases {
        let large = &decoded(&process(&encoded(picture, ImageFormat::Png), PictureType::Png).unwrap())[2];
        assert_near(large, 200, 20, WHITE);
        assert_near(large, 800, 20, in_the_middle);
        assert_near(large, 1_400, 20, on_the_right);
    }
}
