//! What a file is, by its own bytes, and whether all of it is there. Nothing is decoded here.

use domain::media::{PictureType, Refusal};

use super::check_dimensions;

/// Refuses what is not a whole, still picture of the declared type.
pub(super) fn check(bytes: &[u8], declared: PictureType) -> Result<(), Refusal> {
    match recognise(bytes) {
        None => Err(Refusal::NotAPicture),
        Some(kind) if kind != Kind::Read(declared) => Err(Refusal::TypeDiffers),
        Some(_) => match declared {
            PictureType::Jpeg => check_jpeg(bytes),
            PictureType::Webp => check_webp(bytes),
            // The decoder checks every chunk of a PNG, and its checksum, by itself.
            PictureType::Png => Ok(()),
        },
    }
}

/// What the first bytes say.
#[derive(PartialEq, Eq)]
enum Kind {
    /// A type that we read.
    Read(PictureType),
    /// A picture, of a type that we do not read.
    Other,
}

/// By the signatures of the formats: ITU-T T.81 §B.1.1.3 (JPEG), W3C PNG §5.2, RFC 9649 §2.4 (WebP),
/// GIF89a §17, TIFF 6.0 §2, ISO/IEC 23008-12 §10 (HEIF, AVIF).
fn recognise(bytes: &[u8]) -> Option<Kind> {
    match bytes {
        [0xff, 0xd8, 0xff, ..] => Some(Kind::Read(PictureType::Jpeg)),
        [0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a, ..] => Some(Kind::Read(PictureType::Png)),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some(Kind::Read(PictureType::Webp)),
        [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..]
        | [b'I', b'I', 42, 0, ..]
        | [b'M', b'M', 0, 42, ..]
        | [_, _, _, _, b'f', b't', b'y', b'p', b'h', b'e', b'i' | b'v', ..]
        | [_, _, _, _, b'f', b't', b'y', b'p', b'm', b'i' | b's', b'f', b'1', ..]
        | [_, _, _, _, b'f', b't', b'y', b'p', b'a', b'v', b'i', ..] => Some(Kind::Other),
        _ => None,
    }
}

/// Walks the segments of a JPEG to its end mark. Without this a file that was cut off would pass:
/// the decoder fills what is missing with grey. (It refuses a second frame header by itself.)
fn check_jpeg(bytes: &[u8]) -> Result<(), Refusal> {
    let mut rest = bytes.get(2..).unwrap_or_default();
    let mut scanned = false;
    loop {
        let (marker, after) = next_marker(rest).ok_or(Refusal::Damaged)?;
        match marker {
            0xd9 if scanned => return Ok(()),
            // An end before any scan, or a second beginning.
            0xd8 | 0xd9 => return Err(Refusal::Damaged),
            0xda => scanned = true,
            _ => {}
        }
        // The length of a segment counts its own two bytes.
        let length = after.first_chunk().map(|&two| usize::from(u16::from_be_bytes(two))).ok_or(Refusal::Damaged)?;
        rest = after.get(length.max(2)..).ok_or(Refusal::Damaged)?;
    }
}

/// The next marker that begins a segment or ends the picture, and what follows it. Compressed data,
/// which stuffs a zero behind every 0xff, and its restart marks are passed over.
fn next_marker(mut rest: &[u8]) -> Option<(u8, &[u8])> {
    loop {
        let found = rest.iter().position(|&byte| byte == 0xff)?;
        rest = rest.get(found.saturating_add(1)..)?;
        match rest {
            [] => return None,
            [0x00 | 0x01 | 0xd0..=0xd7 | 0xff, ..] => {}
            [marker, after @ ..] => return Some((*marker, after)),
        }
    }
}

/// Walks the chunks of a WebP. The decoder looks at the canvas of an extended file only, and
/// allocates and decodes a frame inside it before it compares the two: a canvas of 16 x 16 may hold
/// a frame of 16,383 x 16,383. So each frame's own header is read here.
fn check_webp(bytes: &[u8]) -> Result<(), Refusal> {
    let size = bytes.get(4..).and_then(<[u8]>::first_chunk).map_or(0, |&size| u32::from_le_bytes(size));
    // The size counts what follows it, the four bytes `WEBP` included.
    let inside = usize::try_from(size.saturating_sub(4)).map_err(|_| Refusal::Damaged)?;
    let mut rest = bytes.get(12..).and_then(|chunks| chunks.get(..inside)).ok_or(Refusal::Damaged)?;
    let mut canvas = None;
    while !rest.is_empty() {
        let (chunk, after) = next_chunk(rest).ok_or(Refusal::Damaged)?;
        if chunk.is_animation() {
            return Err(Refusal::Animated);
        }
        if let Some((width, height)) = chunk.dimensions()? {
            check_dimensions(width, height)?;
            if canvas.is_some_and(|known| known != (width, height)) {
                return Err(Refusal::Damaged);
            }
            canvas = Some((width, height));
        }
        rest = after;
    }
    canvas.map(|_| ()).ok_or(Refusal::Damaged)
}

/// A chunk of a RIFF file.
struct Chunk<'a> {
    name: [u8; 4],
    content: &'a [u8],
}

/// The first chunk and what follows it. Chunks are padded to an even length; the last may lack its
/// padding, as some writers leave it out.
fn next_chunk(bytes: &[u8]) -> Option<(Chunk<'_>, &[u8])> {
    let (&name, rest) = bytes.split_first_chunk()?;
    let (&length, rest) = rest.split_first_chunk()?;
    let length = usize::try_from(u32::from_le_bytes(length)).ok()?;
    let (content, rest) = rest.split_at_checked(length)?;
    let padding = length % 2;
    Some((Chunk { name, content }, rest.get(padding..).unwrap_or_default()))
}

impl Chunk<'_> {
    fn is_animation(&self) -> bool {
        match &self.name {
            b"ANIM" | b"ANMF" => true,
            b"VP8X" => self.content.first().is_some_and(|flags| flags & 0b10 != 0),
            _ => false,
        }
    }

    /// Width and height in pixels, of chunks that have any (RFC 9649 §2.5 to §2.7, RFC 6386 §9.1).
    fn dimensions(&self) -> Result<Option<(u32, u32)>, Refusal> {
        let found = match (&self.name, self.content) {
            (b"VP8X", [_, _, _, _, w0, w1, w2, h0, h1, h2, ..]) => {
                let less_one = |a, b, c| u32::from_le_bytes([a, b, c, 0]);
                (less_one(*w0, *w1, *w2).saturating_add(1), less_one(*h0, *h1, *h2).saturating_add(1))
            }
            (b"VP8 ", [_, _, _, 0x9d, 0x01, 0x2a, w0, w1, h0, h1, ..]) => {
                let low_14 = |a, b| u32::from(u16::from_le_bytes([a, b]) & 0x3fff);
                (low_14(*w0, *w1), low_14(*h0, *h1))
            }
            (b"VP8L", [0x2f, a, b, c, d, ..]) => {
                let bits = u32::from_le_bytes([*a, *b, *c, *d]);
                ((bits & 0x3fff).saturating_add(1), ((bits >> 14) & 0x3fff).saturating_add(1))
            }
            (b"VP8X" | b"VP8 " | b"VP8L", _) => return Err(Refusal::Damaged),
            _ => return Ok(None),
        };
        Ok(Some(found))
    }
}
