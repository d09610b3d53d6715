//! Files that the tests make for themselves, down to the byte.

use image::{DynamicImage, ImageFormat, Rgb, RgbImage};

pub(crate) const RED: Rgb<u8> = Rgb([200, 30, 30]);
pub(crate) const GREEN: Rgb<u8> = Rgb([30, 200, 30]);
pub(crate) const BLUE: Rgb<u8> = Rgb([30, 30, 200]);
pub(crate) const WHITE: Rgb<u8> = Rgb([255, 255, 255]);

/// Four quarters of different colours: every way of turning it can be told from every other.
pub(crate) fn quarters(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| match (x < width / 2, y < height / 2) {
        (true, true) => RED,
        (false, true) => GREEN,
        (true, false) => BLUE,
        (false, false) => WHITE,
    })
}

/// A picture with detail everywhere, so that its file has no dull stretches.
pub(crate) fn busy(width: u32, height: u32) -> RgbImage {
    let mut state = 0x2545_f491_u32;
    RgbImage::from_fn(width, height, |x, y| {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        Rgb([(x * 3) as u8, (y * 5) as u8, state as u8])
    })
}

pub(crate) fn encoded(picture: impl Into<DynamicImage>, format: ImageFormat) -> Vec<u8> {
    let mut file = std::io::Cursor::new(Vec::new());
    picture.into().write_to(&mut file, format).unwrap();
    file.into_inner()
}

/// A segment of a JPEG.
pub(crate) fn segment(marker: u8, content: &[u8]) -> Vec<u8> {
    let length = u16::try_from(content.len() + 2).unwrap();
    [&[0xff, marker], length.to_be_bytes().as_slice(), content].concat()
}

/// The JPEG with one more segment right behind its beginning.
pub(crate) fn jpeg_with(jpeg: &[u8], segment: &[u8]) -> Vec<u8> {
    [&jpeg[..2], segment, &jpeg[2..]].concat()
}

/// The JPEG with other dimensions in its frame header (SOF0), and the same data.
pub(crate) fn jpeg_claiming(jpeg: &[u8], width: u16, height: u16) -> Vec<u8> {
    let mut claiming = jpeg.to_vec();
    let frame = jpeg.windows(2).position(|two| two == [0xff, 0xc0]).unwrap();
    claiming[frame + 5..frame + 7].copy_from_slice(&height.to_be_bytes());
    claiming[frame + 7..frame + 9].copy_from_slice(&width.to_be_bytes());
    claiming
}

/// The maker's name in [`exif`].
pub(crate) const CAMERA: &[u8] = b"SecretCam 9000";
/// 37 degrees, 33 minutes, 59.99 seconds, as in [`exif`] in either order of bytes.
pub(crate) const LATITUDE: [u32; 6] = [37, 1, 33, 1, 5_999, 100];

/// EXIF data (a TIFF file: CIPA DC-008) with a maker, an orientation and a place.
pub(crate) fn exif(orientation: u16, big_endian: bool) -> Vec<u8> {
    let u16s = |value: u16| if big_endian { value.to_be_bytes() } else { value.to_le_bytes() };
    let u32s = |value: u32| if big_endian { value.to_be_bytes() } else { value.to_le_bytes() };
    let entry =
        |tag: u16, kind: u16, count: u32, value: [u8; 4]| [&u16s(tag)[..], &u16s(kind), &u32s(count), &value].concat();
    let short = |value: u16| [u16s(value)[0], u16s(value)[1], 0, 0];
    let (camera_at, gps_at) = (8 + 2 + 3 * 12 + 4, 8 + 2 + 3 * 12 + 4 + 16);
    let latitude_at = gps_at + 2 + 2 * 12 + 4;
    let mut camera = CAMERA.to_vec();
    camera.resize(16, 0);
    [
        if big_endian { &b"MM\0\x2a"[..] } else { &b"II\x2a\0"[..] },
        &u32s(8),
        &u16s(3),
        &entry(0x010f, 2, 16, u32s(camera_at)),
        &entry(0x0112, 3, 1, short(orientation)),
        &entry(0x8825, 4, 1, u32s(gps_at)),
        &u32s(0),
        &camera,
        &u16s(2),
        &entry(1, 2, 2, *b"N\0\0\0"),
        &entry(2, 5, 3, u32s(latitude_at)),
        &u32s(0),
        &LATITUDE.iter().flat_map(|&part| u32s(part)).collect::<Vec<_>>(),
    ]
    .concat()
}

/// The stored pixels that a viewer shows as `upright` when the orientation says so. From the table
/// of CIPA DC-008 §4.6.5: on which visual sides the 0th row and the 0th column lie.
pub(crate) fn stored(upright: &RgbImage, orientation: u16) -> RgbImage {
    let (right, bottom) = (upright.width() - 1, upright.height() - 1);
    let (width, height) = if orientation < 5 { upright.dimensions() } else { (bottom + 1, right + 1) };
    RgbImage::from_fn(width, height, |column, row| {
        let (x, y) = match orientation {
            1 => (column, row),
            2 => (right - column, row),
            3 => (right - column, bottom - row),
            4 => (column, bottom - row),
            5 => (row, column),
            6 => (right - row, column),
            7 => (right - row, bottom - column),
            _ => (row, bottom - column),
        };
        *upright.get_pixel(x, y)
    })
}

/// A chunk of a PNG with its checksum (W3C PNG Annex D).
pub(crate) fn png_chunk(name: &[u8; 4], content: &[u8]) -> Vec<u8> {
    let mut crc = u32::MAX;
    for &byte in name.iter().chain(content) {
        crc ^= u32::from(byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 { (crc >> 1) ^ 0xedb8_8320 } else { crc >> 1 };
        }
    }
    [&u32::try_from(content.len()).unwrap().to_be_bytes()[..], name, content, &(!crc).to_be_bytes()].concat()
}

/// The PNG with one more chunk right behind its header.
pub(crate) fn png_with(png: &[u8], chunk: &[u8]) -> Vec<u8> {
    [&png[..33], chunk, &png[33..]].concat()
}

/// A whole, valid PNG of zeros, whatever its size: the file grows by a byte for 159 bytes of pixels.
/// `colour`: 0 gray, 2 RGB, 6 RGBA.
pub(crate) fn png_of_zeros(width: u32, height: u32, bits: u8, colour: u8) -> Vec<u8> {
    let channels = match colour {
        0 => 1,
        2 => 3,
        _ => 4,
    };
    let row = (u64::from(width) * channels * u64::from(bits)).div_ceil(8) + 1;
    let header = [&width.to_be_bytes()[..], &height.to_be_bytes(), &[bits, colour, 0, 0, 0]].concat();
    [
        b"\x89PNG\r\n\x1a\n".to_vec(),
        png_chunk(b"IHDR", &header),
        png_chunk(b"IDAT", &zlib_of_zeros(row * u64::from(height))),
        png_chunk(b"IEND", &[]),
    ]
    .concat()
}

/// So many zeros as a zlib stream (RFC 1950) of one block with fixed codes (RFC 1951 §3.2.6).
fn zlib_of_zeros(count: u64) -> Vec<u8> {
    let mut out = vec![0x78, 0x01];
    let (mut bits, mut held) = (0_u64, 0_u32);
    let mut put = |out: &mut Vec<u8>, code: u64, length: u32| {
        bits |= code << held;
        held += length;
        while held >= 8 {
            out.push(bits as u8);
            bits >>= 8;
            held -= 8;
        }
    };
    // A last block, with fixed codes; a literal zero (00110000, codes go in from their high bit).
    put(&mut out, 0b011, 3);
    put(&mut out, 0b0000_1100, 8);
    // As often as possible: 258 bytes (11000101), from one byte back (00000).
    for _ in 0..(count - 1) / 258 {
        put(&mut out, 0b1010_0011, 13);
    }
    for _ in 0..(count - 1) % 258 {
        put(&mut out, 0b0000_1100, 8);
    }
    // The end of the block (0000000), and padding.
    put(&mut out, 0, 7);
    put(&mut out, 0, 7);
    // Adler-32 of zeros: the low half stays 1, the high half counts.
    let adler = (u32::try_from(count % 65_521).unwrap() << 16) | 1;
    out.extend(adler.to_be_bytes());
    out
}

/// A WebP of these chunks.
pub(crate) fn webp(chunks: &[(&[u8; 4], Vec<u8>)]) -> Vec<u8> {
    let mut body = b"WEBP".to_vec();
    for (name, content) in chunks {
        body.extend_from_slice(*name);
        body.extend(u32::try_from(content.len()).unwrap().to_le_bytes());
        body.extend(content);
        body.resize(body.len().next_multiple_of(2), 0);
    }
    [&b"RIFF"[..], &u32::try_from(body.len()).unwrap().to_le_bytes(), &body].concat()
}

/// The header of an extended WebP.
pub(crate) fn vp8x(flags: u8, width: u32, height: u32) -> (&'static [u8; 4], Vec<u8>) {
    let (width, height) = ((width - 1).to_le_bytes(), (height - 1).to_le_bytes());
    (b"VP8X", [&[flags, 0, 0, 0], &width[..3], &height[..3]].concat())
}

/// A lossy frame that has these dimensions and zeros for data.
pub(crate) fn vp8(width: u16, height: u16) -> (&'static [u8; 4], Vec<u8>) {
    // A key frame, to be shown, whose first partition has 1,024 bytes.
    let tag = (1_024_u32 << 5 | 0b1_0000).to_le_bytes();
    let mut frame = [&tag[..3], &[0x9d, 0x01, 0x2a], &width.to_le_bytes()[..], &height.to_le_bytes()].concat();
    frame.resize(4_096, 0);
    (b"VP8 ", frame)
}

/// The content of the one lossless frame of a simple WebP.
pub(crate) fn vp8l_of(webp: &[u8]) -> (&'static [u8; 4], Vec<u8>) {
    assert_eq!(&webp[12..16], b"VP8L");
    let length = u32::from_le_bytes(webp[16..20].try_into().unwrap()) as usize;
    (b"VP8L", webp[20..20 + length].to_vec())
}
