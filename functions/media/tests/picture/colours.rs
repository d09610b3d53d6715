//! Colour profiles. The values follow from the primaries and the curve of each space (IEC 61966-2-1, SMPTE
//! EG 432-1, Adobe RGB (1998)), worked out without a colour library.

use domain::media::PictureType;
use image::{
    ColorType, DynamicImage, ExtendedColorType, GrayImage, ImageEncoder as _, ImageFormat, Luma, Rgb, RgbImage,
    codecs::{jpeg::JpegEncoder, png::PngEncoder},
};
use moxcms::ColorProfile;

use proptest::prelude::*;

use crate::{FORMATS, decoded, files::*, process};

/// A file of one colour with a profile.
fn file(picture: &DynamicImage, kind: PictureType, profile: &[u8]) -> Vec<u8> {
    let (bytes, width, height) = (picture.as_bytes(), picture.width(), picture.height());
    let colour = ExtendedColorType::from(picture.color());
    let mut file = Vec::new();
    match kind {
        PictureType::Jpeg => {
            let mut encoder = JpegEncoder::new_with_quality(&mut file, 100);
            encoder.set_icc_profile(profile.to_vec()).unwrap();
            encoder.encode(bytes, width, height, colour).unwrap();
        }
        PictureType::Png => {
            let mut encoder = PngEncoder::new(&mut file);
            encoder.set_icc_profile(profile.to_vec()).unwrap();
            encoder.write_image(bytes, width, height, colour).unwrap();
        }
        PictureType::Webp => {
            let frame = vp8l_of(&encoded(picture.clone(), ImageFormat::WebP));
            return webp(&[vp8x(0b10_0000, width, height), (b"ICCP", profile.to_vec()), frame]);
        }
    }
    file
}

fn colour(rgb: [u8; 3]) -> DynamicImage {
    RgbImage::from_pixel(64, 48, Rgb(rgb)).into()
}

fn gray(light: u8) -> DynamicImage {
    GrayImage::from_pixel(64, 48, Luma([light])).into()
}

#[track_caller]
fn assert_shown(picture: &DynamicImage, kind: PictureType, profile: &[u8], expected: [u8; 3]) {
    for shown in decoded(&process(&file(picture, kind, profile), kind).unwrap()) {
        let seen = shown.get_pixel(shown.width() / 2, shown.height() / 2).0;
        let near = seen.iter().zip(expected).all(|(a, b)| a.abs_diff(b) <= 3);
        assert!(near, "{kind:?}: {seen:?} instead of {expected:?}");
    }
}

#[test]
fn the_colours_of_a_profile_are_converted_to_srgb() {
    let p3 = ColorProfile::new_display_p3().encode().unwrap();
    let adobe = ColorProfile::new_adobe_rgb().encode().unwrap();
    let srgb = ColorProfile::new_srgb().encode().unwrap();
    for (kind, _) in FORMATS {
        assert_shown(&colour([184, 55, 49]), kind, &p3, [200, 38, 40]);
        assert_shown(&colour([60, 140, 70]), kind, &p3, P3_GREEN);
        assert_shown(&colour([200, 40, 40]), kind, &adobe, ADOBE_RED);
        assert_shown(&colour([60, 140, 70]), kind, &adobe, ADOBE_GREEN);
        assert_shown(&colour([200, 40, 40]), kind, &srgb, [200, 40, 40]);
        for same in [[0; 3], [255; 3]] {
            assert_shown(&colour(same), kind, &p3, same);
            assert_shown(&colour(same), kind, &adobe, same);
        }
    }
}

const P3_GREEN: [u8; 3] = [0, 142, 60];
const ADOBE_RED: [u8; 3] = [233, 35, 35];
const ADOBE_GREEN: [u8; 3] = [0, 141, 63];

#[test]
fn gray_pictures_have_profiles_of_gray_or_of_colour() {
    let linear = ColorProfile::new_gray_with_gamma(1.0).encode().unwrap();
    let p3 = ColorProfile::new_display_p3().encode().unwrap();
    for kind in [PictureType::Jpeg, PictureType::Png] {
        // 55 of 255 in linear light is half of what we see.
        assert_shown(&gray(55), kind, &linear, [128; 3]);
        assert_shown(&gray(255), kind, &linear, [255; 3]);
        assert_shown(&gray(90), kind, &p3, [90; 3]);
        // Gray says nothing about colours.
        assert_shown(&colour([200, 40, 40]), kind, &linear, [200, 40, 40]);
    }
    let deep = DynamicImage::from(image::ImageBuffer::from_pixel(64, 48, Luma([55_u16 * 257])));
    assert_eq!(deep.color(), ColorType::L16);
    assert_shown(&deep, PictureType::Png, &linear, [128; 3]);
}

#[test]
fn a_profile_that_cannot_be_read_counts_as_none() {
    let p3 = ColorProfile::new_display_p3().encode().unwrap();
    let red = colour([200, 40, 40]);
    let mut too_many_tags = p3.clone();
    too_many_tags[128..132].copy_from_slice(&101_u32.to_be_bytes());
    let mut inks = p3.clone();
    inks[16..20].copy_from_slice(b"CMYK");
    for (kind, _) in FORMATS {
        for broken in [&b"no profile"[..], &[0; 200], &p3[..p3.len() / 2], &p3[..130], &too_many_tags, &inks] {
            assert_shown(&red, kind, broken, [200, 40, 40]);
        }
    }
}

#[test]
fn attack_72_a_profile_that_asks_for_hours_of_work_is_not_read() {
    // A million entries, each of which points to the same megabyte.
    let mut bomb = ColorProfile::new_display_p3().encode().unwrap();
    bomb.resize(3_000_000, 0);
    let entry = bomb[132..144].to_vec();
    bomb[128..132].copy_from_slice(&200_000_u32.to_be_bytes());
    for at in 0..200_000 {
        bomb[132 + at * 12..144 + at * 12].copy_from_slice(&entry);
    }
    assert_shown(&colour([200, 40, 40]), PictureType::Webp, &bomb, [200, 40, 40]);
    bomb.resize(5_000_000, 0);
    assert_shown(&colour([200, 40, 40]), PictureType::Webp, &bomb, [200, 40, 40]);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, ..ProptestConfig::default() })]

    #[test]
    fn attack_71_changed_profiles_never_panic(
        which in 0_usize..3,
        changes in proptest::collection::vec((any::<proptest::sample::Index>(), any::<u8>()), 1..10),
        is_gray in any::<bool>(),
    ) {
        let profile = match which {
            0 => ColorProfile::new_display_p3(),
            1 => ColorProfile::new_adobe_rgb(),
            _ => ColorProfile::new_gray_with_gamma(2.2),
        };
        let mut profile = profile.encode().unwrap();
        for (at, value) in changes {
            let at = at.index(profile.len());
            profile[at] = value;
        }
        let picture = if is_gray { gray(90) } else { colour([184, 55, 49]) };
        prop_assert!(process(&file(&picture, PictureType::Png, &profile), PictureType::Png).is_ok());
    }
}
