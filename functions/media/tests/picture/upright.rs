//! Attack 73: pictures come out upright, and tell nothing about where and with what they were taken.

use domain::media::PictureType;
use image::ImageFormat;
use media::picture::Processed;

use crate::{assert_near, contains, decoded, files::*, markers, process, sizes};

fn photo(jpeg: &[u8], orientation: u16, big_endian: bool) -> Vec<u8> {
    let exif = [b"Exif\0\0", exif(orientation, big_endian).as_slice()].concat();
    jpeg_with(jpeg, &segment(0xe1, &exif))
}

fn assert_upright(processed: &Processed) {
    for picture in decoded(processed) {
        let (width, height) = picture.dimensions();
        assert_near(&picture, width / 4, height / 4, RED);
        assert_near(&picture, width * 3 / 4, height / 4, GREEN);
        assert_near(&picture, width / 4, height * 3 / 4, BLUE);
        assert_near(&picture, width * 3 / 4, height * 3 / 4, WHITE);
    }
}

#[test]
fn attack_73_all_eight_orientations_come_out_upright() {
    for orientation in 1..=8 {
        for big_endian in [true, false] {
            let jpeg = encoded(stored(&quarters(480, 160), orientation), ImageFormat::Jpeg);
            let processed = process(&photo(&jpeg, orientation, big_endian), PictureType::Jpeg).unwrap();
            assert_eq!(sizes(&processed), [(320, 320, 107), (960, 480, 160), (1_600, 480, 160)], "{orientation}");
            assert_upright(&processed);
        }
    }
}

#[test]
fn attack_73_the_orientation_of_png_and_webp_counts_too() {
    for orientation in 1..=8 {
        let lying = stored(&quarters(480, 160), orientation);
        let png = png_with(&encoded(lying.clone(), ImageFormat::Png), &png_chunk(b"eXIf", &exif(orientation, true)));
        assert_upright(&process(&png, PictureType::Png).unwrap());
        let frame = vp8l_of(&encoded(lying.clone(), ImageFormat::WebP));
        let canvas = vp8x(0b1000, lying.width(), lying.height());
        let webp = webp(&[canvas, frame, (b"EXIF", exif(orientation, false))]);
        assert_upright(&process(&webp, PictureType::Webp).unwrap());
    }
}

#[test]
fn attack_73_an_orientation_that_cannot_be_read_changes_nothing() {
    let jpeg = encoded(quarters(480, 160), ImageFormat::Jpeg);
    let expected = process(&jpeg, PictureType::Jpeg).unwrap();
    for orientation in [0, 9, u16::MAX] {
        assert_eq!(process(&photo(&jpeg, orientation, true), PictureType::Jpeg).unwrap(), expected);
    }
    let cut_off = jpeg_with(&jpeg, &segment(0xe1, b"Exif\0\0MM\0\x2a\0\0\xff\xff"));
    assert_eq!(process(&cut_off, PictureType::Jpeg).unwrap(), expected);
}

#[test]
fn attack_73_place_and_camera_are_stripped() {
    let place_be: Vec<u8> = LATITUDE.iter().flat_map(|part| part.to_be_bytes()).collect();
    let file = photo(&encoded(quarters(480, 160), ImageFormat::Jpeg), 1, true);
    assert!(contains(&file, CAMERA) && contains(&file, &place_be) && markers(&file).contains(&0xe1));
    for picture in process(&file, PictureType::Jpeg).unwrap().pictures {
        for secret in [CAMERA, place_be.as_slice(), b"Exif"] {
            assert!(!contains(&picture.jpeg, secret));
        }
        assert!(!markers(&picture.jpeg).contains(&0xe1));
    }
}
