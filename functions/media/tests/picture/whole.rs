//! Files that were cut off or changed: an answer, never a panic.

use domain::media::{PICTURE_SIZES, PictureType, Refusal};
use image::ImageFormat;

use proptest::prelude::*;

use crate::{FORMATS, decoded, files::*, process};

#[test]
fn every_file_that_was_cut_off_is_refused() {
    for (kind, format) in FORMATS {
        let file = encoded(busy(24, 20), format);
        // Only the end mark of a PNG or a JPEG, which holds nothing, may be missing.
        let needed = match kind {
            PictureType::Png => file.len() - 12,
            PictureType::Jpeg => file.len() - 2,
            PictureType::Webp => file.len(),
        };
        for length in 0..needed {
            let refusal = process(&file[..length], kind).expect_err("cut off");
            assert!(matches!(refusal, Refusal::Damaged | Refusal::NotAPicture), "{kind:?} {length} {refusal:?}");
        }
        assert!(process(&file, kind).is_ok());
    }
}

#[test]
fn wrong_checksums_and_missing_pictures_are_refused() {
    let mut png = encoded(busy(24, 20), ImageFormat::Png);
    let middle = png.len() / 2;
    png[middle] ^= 1;
    assert_eq!(process(&png, PictureType::Png), Err(Refusal::Damaged));
    assert_eq!(process(&webp(&[vp8x(0, 32, 32)]), PictureType::Webp), Err(Refusal::Damaged));
    assert_eq!(process(&webp(&[]), PictureType::Webp), Err(Refusal::Damaged));
    assert_eq!(process(&[0xff, 0xd8, 0xff, 0xd9], PictureType::Jpeg), Err(Refusal::Damaged));
}

/// Whatever was uploaded: a refusal, or three good files within their sizes.
fn check(bytes: &[u8], kind: PictureType) {
    let Ok(processed) = process(bytes, kind) else { return };
    for (picture, size) in decoded(&processed).iter().zip(PICTURE_SIZES) {
        assert!(picture.width().max(picture.height()) <= size);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn attack_71_random_bytes_never_panic(
        magic in 0_usize..3,
        bytes in proptest::collection::vec(any::<u8>(), 0..2_048),
    ) {
        let start: &[u8] = [&b"\xff\xd8\xff"[..], b"\x89PNG\r\n\x1a\n", b"RIFF\0\x04\0\0WEBPVP8X"][magic];
        check(&[start, &bytes].concat(), FORMATS[magic].0);
        check(&bytes, FORMATS[magic].0);
    }

    #[test]
    fn attack_71_changed_pictures_never_panic(
        format in 0_usize..3,
        changes in proptest::collection::vec((any::<proptest::sample::Index>(), any::<u8>()), 1..12),
        cut in any::<proptest::sample::Index>(),
        cuts in any::<bool>(),
    ) {
        let (kind, format) = FORMATS[format];
        let mut file = encoded(busy(40, 28), format);
        for (at, value) in changes {
            let at = at.index(file.len());
            file[at] = value;
        }
        if cuts {
            file.truncate(cut.index(file.len()));
        }
        check(&file, kind);
    }

    #[test]
    fn attack_73_changed_metadata_never_panics(
        changes in proptest::collection::vec((any::<proptest::sample::Index>(), any::<u8>()), 1..8),
    ) {
        let mut exif = [b"Exif\0\0", exif(6, true).as_slice()].concat();
        for (at, value) in changes {
            let at = at.index(exif.len());
            exif[at] = value;
        }
        let jpeg = encoded(busy(24, 20), ImageFormat::Jpeg);
        prop_assert!(process(&jpeg_with(&jpeg, &segment(0xe1, &exif)), PictureType::Jpeg).is_ok());
    }
}
