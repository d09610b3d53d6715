//! Attack 71: the wrong type, and two types in one file.

use domain::media::{PictureType, Refusal};
use image::ImageFormat;

use crate::{FORMATS, contains, files::*, markers, process};

#[test]
fn attack_71_what_is_no_picture_is_refused_under_every_declared_type() {
    let svg = br#"<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>"#;
    let not_pictures: [&[u8]; 10] = [
        svg,
        b"<?xml version=\"1.0\"?><svg xmlns=\"http://www.w3.org/2000/svg\"/>",
        b"<!doctype html><script>alert(1)</script>",
        b"%PDF-1.7\n1 0 obj\n",
        b"PK\x03\x04\x14\0\0\0",
        b"RIFF\x24\0\0\0WAVEfmt ",
        b"\0\0\0\x18ftypmp42\0\0\0\0",
        b"\x89PNG\n\x1a\n",
        b"\xff\xd8",
        b" \xff\xd8\xff\xe0",
    ];
    for bytes in not_pictures {
        for declared in PictureType::ALL {
            assert_eq!(process(bytes, declared), Err(Refusal::NotAPicture), "{declared:?} {bytes:?}");
        }
    }
}

#[test]
fn attack_71_a_picture_of_another_type_is_refused_under_every_declared_type() {
    let frame = b"\x21\xf9\x04\0\x01\0\0\0\x2c\0\0\0\0\x01\0\x01\0\0\x02\x02\x44\x01\0";
    let gif = [&b"GIF89a\x40\0\x40\0\x80\0\0\0\0\0\xff\xff\xff"[..], &frame.repeat(10_000), b";"].concat();
    let others: [&[u8]; 6] = [
        &gif,
        b"GIF87a\x40\0\x40\0",
        b"\0\0\0\x1cftypmif1\0\0\0\0mif1avif",
        b"\0\0\0\x1cftypavif\0\0\0\0avifmif1",
        b"II\x2a\0\x08\0\0\0",
        b"MM\0\x2a\0\0\0\x08",
    ];
    for bytes in others {
        for declared in PictureType::ALL {
            assert_eq!(process(bytes, declared), Err(Refusal::TypeDiffers), "{declared:?}");
        }
    }
    let heics: [&[u8]; 4] = [
        b"\0\0\0\x18ftypheic\0\0\0\0mif1heic\0\0\0\x18metaavif",
        b"\0\0\0\x18ftypmif1\0\0\0\0mif1heic",
        b"\0\0\0\x18ftyphevc\0\0\0\0msf1hevc",
        b"\0\0\0\x18ftypheix",
    ];
    for bytes in heics {
        for declared in PictureType::ALL {
            assert_eq!(process(bytes, declared), Err(Refusal::Heic), "{declared:?}");
        }
    }
    for (kind, format) in FORMATS {
        let file = encoded(busy(32, 32), format);
        for declared in PictureType::ALL {
            assert_eq!(process(&file, declared).err(), (declared != kind).then_some(Refusal::TypeDiffers));
        }
    }
}

#[test]
fn attack_71_scripts_and_archives_in_a_picture_do_not_survive() {
    const EVIL: &[u8] = b"<script>alert('evil')</script>PK\x03\x04evil.zip";
    for (kind, format) in FORMATS {
        let clean = encoded(busy(64, 48), format);
        let expected = process(&clean, kind).unwrap();
        let mut polyglots = vec![[&clean, EVIL].concat()];
        match kind {
            PictureType::Jpeg => {
                polyglots.push(jpeg_with(&clean, &segment(0xfe, EVIL)));
                polyglots.push(jpeg_with(&clean, &segment(0xed, EVIL)));
            }
            PictureType::Png => polyglots.push(png_with(&clean, &png_chunk(b"tEXt", &[b"Comment\0", EVIL].concat()))),
            PictureType::Webp => {
                let xmp = (b"XMP ", EVIL.to_vec());
                polyglots.push(webp(&[vp8x(0b100, 64, 48), vp8l_of(&clean), xmp]));
            }
        }
        for polyglot in polyglots {
            assert!(contains(&polyglot, EVIL));
            let processed = process(&polyglot, kind).unwrap();
            // Byte for byte what the clean file gives, so nothing else can have come along.
            assert_eq!(processed, expected, "{kind:?}");
            for picture in processed.pictures {
                assert!(!contains(&picture.jpeg, b"script") && !contains(&picture.jpeg, b"PK\x03\x04"));
            }
        }
    }
}

#[test]
fn our_files_hold_tables_and_pixels_and_nothing_else() {
    let processed = process(&encoded(busy(400, 300), ImageFormat::Png), PictureType::Png).unwrap();
    for picture in processed.pictures {
        // JFIF, quantisation, frame, codes, scan: no EXIF (0xe1), profile (0xe2), comment (0xfe).
        let found = markers(&picture.jpeg);
        assert!(found.iter().all(|marker| [0xe0, 0xdb, 0xc0, 0xc4, 0xda].contains(marker)), "{found:x?}");
        assert!(picture.jpeg.ends_with(&[0xff, 0xd9]));
    }
}

#[test]
fn attack_71_many_frames_are_refused() {
    let still = encoded(busy(32, 32), ImageFormat::Png);
    let control = [10_000_u32.to_be_bytes(), 0_u32.to_be_bytes()].concat();
    let animated = png_with(&still, &png_chunk(b"acTL", &control));
    assert_eq!(process(&animated, PictureType::Png), Err(Refusal::Animated));

    let frame = vp8l_of(&encoded(busy(32, 32), ImageFormat::WebP));
    let animation = (b"ANIM", vec![0; 6]);
    let mut frames = vec![vp8x(0b10, 32, 32), animation];
    frames.extend((0..10_000).map(|_| (b"ANMF", vec![0; 24])));
    assert_eq!(process(&webp(&frames), PictureType::Webp), Err(Refusal::Animated));
    // The announcement alone, and the frames without their announcement.
    assert_eq!(process(&webp(&[vp8x(0b10, 32, 32), frame.clone()]), PictureType::Webp), Err(Refusal::Animated));
    let hidden = webp(&[vp8x(0, 32, 32), frame.clone(), (b"ANMF", vec![0; 24])]);
    assert_eq!(process(&hidden, PictureType::Webp), Err(Refusal::Animated));
    assert!(process(&webp(&[vp8x(0, 32, 32), frame]), PictureType::Webp).is_ok());
}

/// The content of a frame of an animation, as large as its canvas.
fn anmf(x: u8, width: u8, height: u8, parts: &[(&[u8; 4], Vec<u8>)]) -> (&'static [u8; 4], Vec<u8>) {
    let header = [x, 0, 0, 0, 0, 0, width - 1, 0, 0, height - 1, 0, 0, 100, 0, 0, 0];
    (b"ANMF", [&header[..], &webp(parts)[12..]].concat())
}

#[test]
fn a_webp_of_one_frame_is_a_still_picture() {
    let still = encoded(busy(32, 20), ImageFormat::WebP);
    let frame = vp8l_of(&still);
    let expected = process(&still, PictureType::Webp).unwrap();
    let animation = || (b"ANIM", vec![0; 6]);
    let one = anmf(0, 32, 20, std::slice::from_ref(&frame));
    let of = |chunks: &[(&[u8; 4], Vec<u8>)]| process(&webp(chunks), PictureType::Webp);
    assert_eq!(of(&[vp8x(0b10, 32, 20), animation(), one.clone()]), Ok(expected));
    // With what belongs to it: turned by its EXIF data.
    let turned = of(&[vp8x(0b1010, 32, 20), animation(), one.clone(), (b"EXIF", exif(6, false))]).unwrap();
    assert_eq!((turned.pictures[0].width, turned.pictures[0].height), (20, 32));
    // Two frames; one beside a still picture; one without the flag; one that does not fill its canvas.
    assert_eq!(of(&[vp8x(0b10, 32, 20), animation(), one.clone(), one.clone()]), Err(Refusal::Animated));
    assert_eq!(of(&[vp8x(0b10, 32, 20), animation(), one.clone(), frame.clone()]), Err(Refusal::Animated));
    assert_eq!(of(&[vp8x(0, 32, 20), animation(), one.clone()]), Err(Refusal::Animated));
    assert_eq!(of(&[vp8x(0b10, 64, 20), animation(), one.clone()]), Err(Refusal::Damaged));
    let beside = anmf(2, 32, 20, std::slice::from_ref(&frame));
    assert_eq!(of(&[vp8x(0b10, 32, 20), animation(), beside]), Err(Refusal::Damaged));
    // What its frame hides is looked at too.
    let hidden = anmf(0, 32, 20, &[vp8(16_383, 16_383)]);
    assert_eq!(of(&[vp8x(0b10, 32, 20), animation(), hidden]), Err(Refusal::TooLargeDimensions));
    assert_eq!(of(&[vp8x(0b10, 32, 20), animation(), anmf(0, 32, 20, &[])]), Err(Refusal::Damaged));
}

#[test]
fn a_png_of_one_frame_is_a_still_picture() {
    let still = encoded(busy(32, 20), ImageFormat::Png);
    let expected = process(&still, PictureType::Png).unwrap();
    let announced = |frames: u32| png_chunk(b"acTL", &[frames.to_be_bytes(), [0; 4]].concat());
    let control = |number: u32, width: u32| {
        let sizes = [number, width, 20, 0, 0].map(u32::to_be_bytes).concat();
        png_chunk(b"fcTL", &[&sizes[..], &[0, 1, 0, 10, 0, 0]].concat())
    };
    let with = |chunks: &[Vec<u8>]| process(&png_with(&still, &chunks.concat()), PictureType::Png);
    assert_eq!(with(&[announced(1), control(0, 32)]), Ok(expected));
    assert_eq!(with(&[announced(2), control(0, 32)]), Err(Refusal::Animated));
    assert_eq!(with(&[announced(1)]), Err(Refusal::Animated), "the frame is another picture");
    assert_eq!(with(&[announced(1), control(0, 16)]), Err(Refusal::Animated), "the frame is a part");
    assert_eq!(with(&[announced(1), control(0, 32), control(1, 32)]), Err(Refusal::Animated));
    // The frame behind the picture is a second one.
    let end = still.len() - 12;
    let data = png_chunk(b"fdAT", &[0, 0, 0, 2, 1, 2, 3]);
    let second = [&still[..33], &announced(1), &control(0, 32), &still[33..end], &data, &still[end..]].concat();
    assert_eq!(process(&second, PictureType::Png), Err(Refusal::Animated));
}
