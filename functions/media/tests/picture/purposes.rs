//! What is made of an upload for each purpose.

use domain::media::{MediaPurpose, PictureType, PurposeRules, Refusal, Side};
use image::{ImageFormat, Rgb, RgbImage};
use media::picture::{Processed, process};

use crate::{assert_near, decoded, files::*, sizes};

fn profile(picture: RgbImage) -> Processed {
    process(&encoded(picture, ImageFormat::Png), PictureType::Png, MediaPurpose::Profile.rules()).unwrap()
}

/// Red, green and blue thirds along the long side, the middle one as long as the other side.
fn flag(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| {
        let (along, long, short) = if width > height { (x, width, height) } else { (y, height, width) };
        let before = (long - short) / 2;
        if along < before {
            RED
        } else if along < before + short {
            GREEN
        } else {
            BLUE
        }
    })
}

#[test]
fn a_profile_picture_is_the_square_about_the_centre() {
    for (width, height) in [(2_000, 1_000), (1_000, 2_000), (601, 520), (300, 100)] {
        let processed = profile(flag(width, height));
        let side = width.min(height);
        let expected = [96, 256, 512].map(|size: u32| (size, size.min(side), size.min(side)));
        assert_eq!(sizes(&processed), expected, "{width} x {height}");
        for picture in decoded(&processed) {
            let last = picture.width() - 1;
            // Every corner is of the middle third: nothing beside the square is left, and none of it is missing.
            for (x, y) in [(2, 2), (last - 2, 2), (2, last - 2), (last - 2, last - 2), (last / 2, last / 2)] {
                assert_near(&picture, x, y, GREEN);
            }
        }
    }
}

#[test]
fn attack_73_a_profile_picture_is_cut_upright() {
    for orientation in 1..=8 {
        let jpeg = encoded(stored(&quarters(480, 160), orientation), ImageFormat::Jpeg);
        let turned = jpeg_with(&jpeg, &segment(0xe1, &[b"Exif\0\0", exif(orientation, true).as_slice()].concat()));
        let processed = process(&turned, PictureType::Jpeg, MediaPurpose::Profile.rules()).unwrap();
        assert_eq!(sizes(&processed), [(96, 96, 96), (256, 160, 160), (512, 160, 160)], "{orientation}");
        for picture in decoded(&processed) {
            let (near, far) = (picture.width() / 4, picture.width() * 3 / 4);
            assert_near(&picture, near, near, RED);
            assert_near(&picture, far, near, GREEN);
            assert_near(&picture, near, far, BLUE);
            assert_near(&picture, far, far, WHITE);
        }
    }
}

/// Noise: what compresses worst. Every pixel is one of the eight corners of the colours.
fn noise(width: u32, height: u32) -> RgbImage {
    let mut seed = 0x2545_f491_4f6c_dd1d_u64;
    RgbImage::from_fn(width, height, |_, _| {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        Rgb([0, 1, 2].map(|channel| if seed >> (20 + channel) & 1 == 1 { 255 } else { 0 }))
    })
}

fn bytes(processed: &Processed) -> u64 {
    processed.pictures.iter().map(|picture| picture.jpeg.len() as u64).sum()
}

#[test]
fn attack_72_the_worst_picture_stays_below_the_bound_of_its_purpose() {
    for purpose in MediaPurpose::ALL {
        let rules: &PurposeRules = purpose.rules();
        let largest = *rules.sizes.last().unwrap();
        // A whole one would be too large a file; it is as wide everywhere, so a part stands for all.
        let (height, parts) = if rules.side == Side::Width { (rules.side_max / 4, 4) } else { (largest, 1) };
        let file = encoded(noise(largest, height), ImageFormat::Png);
        let made = parts * bytes(&process(&file, PictureType::Png, rules).unwrap());
        assert!(made <= rules.pictures_bytes_max, "{purpose:?}: {made} bytes");
        // And the bound is not beside the point.
        assert!(made * 4 > rules.pictures_bytes_max, "{purpose:?}: {made} bytes");
    }
}

#[test]
fn what_is_shown_whole_keeps_its_proportions_in_the_sizes_of_its_purpose() {
    let file = encoded(quarters(2_000, 1_000), ImageFormat::Jpeg);
    for (purpose, expected) in [
        (MediaPurpose::Listing, vec![(320, 320, 160), (960, 960, 480), (1_600, 1_600, 800)]),
        (MediaPurpose::Portfolio, vec![(320, 320, 160), (960, 960, 480), (1_600, 1_600, 800)]),
        (MediaPurpose::Chat, vec![(320, 320, 160), (1_280, 1_280, 640)]),
    ] {
        assert_eq!(sizes(&process(&file, PictureType::Jpeg, purpose.rules()).unwrap()), expected, "{purpose:?}");
    }
}

#[test]
fn a_picture_of_a_description_keeps_its_width_however_high_it_is() {
    let of = |width, height, orientation| {
        let jpeg = encoded(stored(&quarters(width, height), orientation), ImageFormat::Jpeg);
        let turned = jpeg_with(&jpeg, &segment(0xe1, &[b"Exif\0\0", exif(orientation, true).as_slice()].concat()));
        process(&turned, PictureType::Jpeg, MediaPurpose::Detail.rules()).map(|processed| sizes(&processed))
    };
    assert_eq!(of(860, 16_000, 1), Ok(vec![(430, 430, 8_000), (860, 860, 16_000)]));
    assert_eq!(of(860, 7_900, 1), Ok(vec![(430, 430, 3_950), (860, 860, 7_900)]));
    assert_eq!(of(1_720, 2_000, 6), Ok(vec![(430, 430, 500), (860, 860, 1_000)]), "upright, that is");
    assert_eq!(of(64, 20_000, 1), Ok(vec![(430, 64, 20_000), (860, 64, 20_000)]), "never enlarged");
    assert_eq!(of(20_000, 100, 1), Ok(vec![(430, 430, 2), (860, 860, 4)]));
    assert_eq!(of(860, 20_001, 1), Err(Refusal::TooLargeDimensions));
    assert_eq!(of(2_001, 20_000, 1), Err(Refusal::TooLargeDimensions), "40 megapixels are the bound here too");
}
