//! Attack 72: nothing, too much, and little that claims to be much.

use domain::media::{PictureType, Refusal};
use image::ImageFormat;
use media::picture::MAX_FILE_BYTES;

use crate::{FORMATS, files::*, process, sizes};

/// The three of reference §4.2: 22,000² in 1 bit, 11,000² in RGBA, 30,000² in 1 bit.
fn pixel_bombs() -> [Vec<u8>; 3] {
    [png_of_zeros(22_000, 22_000, 1, 0), png_of_zeros(11_000, 11_000, 8, 6), png_of_zeros(30_000, 30_000, 1, 0)]
}

#[test]
fn attack_72_a_file_has_at_least_one_byte_and_at_most_ten_mebibytes() {
    for declared in PictureType::ALL {
        assert_eq!(process(&[], declared), Err(Refusal::NotAPicture));
    }
    let mut file = encoded(busy(32, 32), ImageFormat::Jpeg);
    file.resize(usize::try_from(MAX_FILE_BYTES).unwrap(), 0);
    assert!(process(&file, PictureType::Jpeg).is_ok());
    file.push(0);
    assert_eq!(process(&file, PictureType::Jpeg), Err(Refusal::TooLargeFile));
}

#[test]
fn attack_72_sides_and_pixels_are_bounded_for_every_type() {
    let jpeg = encoded(busy(32, 32), ImageFormat::Jpeg);
    let claims = |width: u16, height: u16| {
        let lossless = u32::from(width - 1) | u32::from(height - 1) << 14;
        [
            (PictureType::Jpeg, jpeg_claiming(&jpeg, width, height)),
            (PictureType::Png, png_of_zeros(width.into(), height.into(), 1, 0)),
            (PictureType::Webp, webp(&[vp8(width, height)])),
            (PictureType::Webp, webp(&[(b"VP8L", [&[0x2f], &lossless.to_le_bytes()[..]].concat())])),
            (PictureType::Webp, webp(&[vp8x(0, width.into(), height.into()), vp8(width, height)])),
        ]
    };
    for (width, height) in [(8_001, 16), (16, 8_001), (8_000, 5_001), (16_000, 16_000)] {
        for (kind, file) in claims(width, height) {
            assert_eq!(process(&file, kind), Err(Refusal::TooLargeDimensions), "{kind:?} {width} x {height}");
        }
    }
    for (width, height) in [(15, 16), (16, 15), (1, 1)] {
        for (kind, file) in claims(width, height) {
            assert_eq!(process(&file, kind), Err(Refusal::TooSmall), "{kind:?} {width} x {height}");
        }
    }
    for (kind, format) in FORMATS {
        assert!(process(&encoded(busy(16, 16), format), kind).is_ok());
    }
}

#[test]
fn attack_72_deep_colours_count_as_bytes() {
    // 25 megapixels of eight bytes.
    assert_eq!(process(&png_of_zeros(5_000, 5_000, 16, 6), PictureType::Png), Err(Refusal::TooLargeDimensions));
}

#[test]
fn attack_72_the_pixel_bombs_are_refused_and_would_have_exploded() {
    for bomb in pixel_bombs() {
        assert!(bomb.len() < 4 * 1024 * 1024);
        assert_eq!(process(&bomb, PictureType::Png), Err(Refusal::TooLargeDimensions));
    }
    // The same recipe in a size that we accept is a good picture: the bombs are no duds.
    for (bits, colour) in [(1, 0), (8, 6)] {
        let processed = process(&png_of_zeros(400, 200, bits, colour), PictureType::Png).unwrap();
        assert_eq!(sizes(&processed)[0], (320, 320, 160));
    }
}

#[test]
fn attack_72_a_frame_must_be_as_large_as_its_canvas() {
    let smaller = webp(&[vp8x(0, 64, 64), vp8(32, 32)]);
    assert_eq!(process(&smaller, PictureType::Webp), Err(Refusal::Damaged));
    let hidden = webp(&[vp8x(0, 16, 16), vp8(16_383, 16_383)]);
    assert_eq!(process(&hidden, PictureType::Webp), Err(Refusal::TooLargeDimensions));
    let jpeg = encoded(busy(32, 32), ImageFormat::Jpeg);
    let frame = [&[8][..], &60_000_u16.to_be_bytes(), &60_000_u16.to_be_bytes(), &[1, 1, 0x11, 0]].concat();
    let two_frames = jpeg_with(&jpeg, &segment(0xc0, &frame));
    assert_eq!(process(&two_frames, PictureType::Jpeg), Err(Refusal::Damaged));
}

/// Peaks belong to a process, so these two are run in processes of their own.
#[cfg(target_os = "linux")]
mod memory {
    use super::*;

    /// The peak of the resident memory of this process so far, in KiB.
    fn peak_kib() -> u64 {
        let status = std::fs::read_to_string("/proc/self/status").unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
        line.trim().trim_end_matches(" kB").parse().unwrap()
    }

    fn run_alone(test: &str) {
        let output = std::process::Command::new(std::env::current_exe().unwrap())
            .args(["--ignored", "--exact", "--nocapture", test])
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success() && text.contains("1 passed"), "{text}");
    }

    #[test]
    fn attack_72_bombs_are_refused_without_memory() {
        run_alone("bombs::memory::bombs_alone");
    }

    #[test]
    #[ignore = "run by the test above in a process of its own"]
    fn bombs_alone() {
        let jpeg = jpeg_claiming(&encoded(busy(32, 32), ImageFormat::Jpeg), 65_500, 65_500);
        let [first, second, third] = pixel_bombs();
        let hidden = webp(&[vp8x(0, 16, 16), vp8(16_383, 16_383)]);
        let before = peak_kib();
        for bomb in [first, second, third] {
            assert!(process(&bomb, PictureType::Png).is_err());
        }
        assert!(process(&jpeg, PictureType::Jpeg).is_err());
        assert!(process(&hidden, PictureType::Webp).is_err());
        // A decoder reads a few buffers full, never a picture.
        let grown = peak_kib() - before;
        assert!(grown < 4 * 1024, "{grown} KiB");
    }

    #[test]
    fn attack_72_the_largest_picture_fits_the_function() {
        run_alone("bombs::memory::forty_megapixels_alone");
    }

    #[test]
    #[ignore = "run by the test above in a process of its own"]
    fn forty_megapixels_alone() {
        let file = png_of_zeros(8_000, 5_000, 8, 2);
        let processed = process(&file, PictureType::Png).unwrap();
        assert_eq!(sizes(&processed), [(320, 320, 200), (960, 960, 600), (1_600, 1_600, 1_000)]);
        // 120 MB of pixels, held once: a second copy would show.
        let peak = peak_kib();
        assert!((100 * 1024..180 * 1024).contains(&peak), "{peak} KiB");
    }
}
