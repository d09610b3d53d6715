//! What a file is, by its own bytes, and whether it is one still picture. Nothing is decoded here.

use std::borrow::Cow;

use domain::media::{PictureType, PurposeRules, Refusal};

use super::check_dimensions;

/// The file, if it is of the declared type and holds one still picture.
pub(super) fn check<'a>(
    bytes: &'a [u8],
    declared: PictureType,
    rules: &PurposeRules,
) -> Result<Cow<'a, [u8]>, Refusal> {
    match recognise(bytes) {
        None => Err(Refusal::NotAPicture),
        Some(Kind::Heic) => Err(Refusal::Heic),
        Some(kind) if kind != Kind::Read(declared) => Err(Refusal::TypeDiffers),
        Some(_) => match declared {
            // Its segments are read where it is decoded.
            PictureType::Jpeg => Ok(bytes.into()),
            PictureType::Png => check_png(bytes).map(|()| bytes.into()),
            PictureType::Webp => check_webp(bytes, rules),
        },
    }
}

/// What the first bytes say.
#[derive(PartialEq, Eq)]
enum Kind {
    /// A type that we read.
    Read(PictureType),
    /// What iPhones take photos in.
    Heic,
    /// Another type that we do not read.
    Other,
}

/// By the signatures of the formats: ITU-T T.81 §B.1.1.3 (JPEG), W3C PNG §5.2, RFC 9649 §2.4 (WebP),
/// GIF89a §17, TIFF 6.0 §2, ISO/IEC 23008-12 §10 (HEIF, AVIF).
fn recognise(bytes: &[u8]) -> Option<Kind> {
    match bytes {
        [0xff, 0xd8, 0xff, ..] => Some(Kind::Read(PictureType::Jpeg)),
        [0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a, ..] => Some(Kind::Read(PictureType::Png)),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some(Kind::Read(PictureType::Webp)),
        [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] | [b'I', b'I', 42, 0, ..] | [b'M', b'M', 0, 42, ..] => {
            Some(Kind::Other)
        }
        [l0, l1, l2, l3, b'f', b't', b'y', b'p', brands @ ..] => {
            let inside = usize::try_from(u32::from_be_bytes([*l0, *l1, *l2, *l3])).unwrap_or(usize::MAX);
            of_brands(brands.get(..inside.saturating_sub(8)).unwrap_or(brands))
        }
        _ => None,
    }
}

/// What the brands of a file of boxes say (ISO/IEC 14496-12 §4.3): the major one, a version, and those that
/// it is compatible with. `mif1` and `msf1` are pictures of any coding, mostly HEIC.
fn of_brands(brands: &[u8]) -> Option<Kind> {
    let (brands, _) = brands.as_chunks::<4>();
    if brands.iter().any(|brand| matches!(brand, b"avif" | b"avis")) {
        return Some(Kind::Other);
    }
    match brands.first()? {
        [b'h', b'e', b'i' | b'v', _] | b"mif1" | b"msf1" => Some(Kind::Heic),
        _ => None,
    }
}

/// Refuses an animated PNG (W3C PNG §7.2). One that announces a single frame, which is the picture itself,
/// is a still picture; its decoder checks the rest, chunk by chunk with their checksums.
fn check_png(bytes: &[u8]) -> Result<(), Refusal> {
    let mut rest = bytes.get(8..).unwrap_or_default();
    let (mut size, mut announced, mut controls, mut others) = (None, None, 0_u32, 0_u32);
    let mut data = false;
    while let Some((name, content, after)) = next_png_chunk(rest) {
        rest = after;
        match (name, content) {
            (b"IHDR", [size_of @ .., _, _, _, _, _]) => size = Some(size_of),
            (b"acTL", [n0, n1, n2, n3, ..]) => announced = Some(u32::from_be_bytes([*n0, *n1, *n2, *n3])),
            // The frame is the whole picture: its size, and no offset.
            (b"fcTL", [_, _, _, _, rectangle @ ..])
                if !data && size.is_some_and(|size| rectangle.starts_with(&[size, &[0; 8]].concat())) =>
            {
                controls = controls.saturating_add(1);
            }
            (b"fcTL" | b"fdAT", _) => others = others.saturating_add(1),
            (b"IDAT", _) => data = true,
            _ => {}
        }
    }
    match (announced, controls, others) {
        (None, ..) | (Some(1), 1, 0) => Ok(()),
        _ => Err(Refusal::Animated),
    }
}

/// The first chunk of a PNG, its name and its content, and what follows it.
fn next_png_chunk(bytes: &[u8]) -> Option<(&[u8; 4], &[u8], &[u8])> {
    let (&length, rest) = bytes.split_first_chunk()?;
    let (name, rest) = rest.split_first_chunk()?;
    let (content, rest) = rest.split_at_checked(usize::try_from(u32::from_be_bytes(length)).ok()?)?;
    Some((name, content, rest.get(4..)?))
}

/// Walks the chunks of a WebP. The decoder looks at the canvas of an extended file only, and
/// allocates and decodes a frame inside it before it compares the two: a canvas of 16 x 16 may hold
/// a frame of 16,383 x 16,383. So each frame's own header is read here.
///
/// An animation of one frame that fills the canvas is a still picture, and is given as one.
fn check_webp<'a>(bytes: &'a [u8], rules: &PurposeRules) -> Result<Cow<'a, [u8]>, Refusal> {
    let size = bytes.get(4..).and_then(<[u8]>::first_chunk).map_or(0, |&size| u32::from_le_bytes(size));
    // The size counts what follows it, the four bytes `WEBP` included.
    let inside = usize::try_from(size.saturating_sub(4)).map_err(|_| Refusal::Damaged)?;
    let chunks = chunks(bytes.get(12..).and_then(|chunks| chunks.get(..inside)).ok_or(Refusal::Damaged)?)?;
    if chunks.iter().any(Chunk::is_animation) {
        let still = still_of(&chunks)?;
        check_size(&still, rules)?;
        return Ok(Cow::Owned(webp_of(&still)));
    }
    check_size(&chunks, rules)?;
    Ok(bytes.into())
}

/// Every part of a picture has the same size, within the limits.
fn check_size(chunks: &[Chunk<'_>], rules: &PurposeRules) -> Result<(), Refusal> {
    let mut canvas = None;
    for chunk in chunks {
        if let Some((width, height)) = chunk.dimensions()? {
            check_dimensions(width, height, rules)?;
            if canvas.is_some_and(|known| known != (width, height)) {
                return Err(Refusal::Damaged);
            }
            canvas = Some((width, height));
        }
    }
    canvas.map(|_| ()).ok_or(Refusal::Damaged)
}

/// The chunks of the still picture that an animation of one frame shows (RFC 9649 §2.7.1.1).
fn still_of<'a>(chunks: &[Chunk<'a>]) -> Result<Vec<Chunk<'a>>, Refusal> {
    let is_picture = |chunk: &Chunk<'_>| matches!(&chunk.name, b"VP8 " | b"VP8L" | b"ALPH");
    let mut frames = chunks.iter().filter(|chunk| &chunk.name == b"ANMF");
    let (Some(frame), None) = (frames.next(), frames.next()) else { return Err(Refusal::Animated) };
    if !chunks.iter().any(Chunk::announces_animation) || chunks.iter().any(is_picture) {
        return Err(Refusal::Animated);
    }
    // Where it lies, then its size less one, how long it is shown, and flags.
    let [0, 0, 0, 0, 0, 0, w0, w1, w2, h0, h1, h2, _, _, _, _, parts @ ..] = frame.content else {
        return Err(Refusal::Damaged);
    };
    let mut still = Vec::new();
    for chunk in chunks {
        match (&chunk.name, chunk.content) {
            (b"VP8X", [_, _, _, _, size @ ..]) if size != [*w0, *w1, *w2, *h0, *h1, *h2] => {
                return Err(Refusal::Damaged);
            }
            (b"ANIM", _) => {}
            (b"ANMF", _) => still.extend(self::chunks(parts)?.into_iter().filter(is_picture)),
            _ => still.push(*chunk),
        }
    }
    Ok(still)
}
/// A WebP of these chunks, which are no animation.
fn webp_of(chunks: &[Chunk<'_>]) -> Vec<u8> {
    let mut inside = b"WEBP".to_vec();
    for Chunk { name, content } in chunks {
        inside.extend(name);
        inside.extend(length(content));
        match (name, content) {
            (b"VP8X", [flags, rest @ ..]) => {
                inside.push(flags & !ANIMATED);
                inside.extend(rest);
            }
            _ => inside.extend(*content),
        }
        if content.len() % 2 == 1 {
            inside.push(0);
        }
    }
    [b"RIFF", length(&inside).as_slice(), &inside].concat()
}

/// How a length is written. No file that we read comes near the bound.
fn length(bytes: &[u8]) -> [u8; 4] {
    u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_le_bytes()
}

/// The flag of an extended WebP that has several frames (RFC 9649 §2.7).
const ANIMATED: u8 = 0b10;

/// A chunk of a RIFF file.
#[derive(Clone, Copy)]
struct Chunk<'a> {
    name: [u8; 4],
    content: &'a [u8],
}

fn chunks(mut rest: &[u8]) -> Result<Vec<Chunk<'_>>, Refusal> {
    let mut chunks = Vec::new();
    while !rest.is_empty() {
        let (chunk, after) = next_chunk(rest).ok_or(Refusal::Damaged)?;
        chunks.push(chunk);
        rest = after;
    }
    Ok(chunks)
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
            _ => self.announces_animation(),
        }
    }

    fn announces_animation(&self) -> bool {
        &self.name == b"VP8X" && self.content.first().is_some_and(|flags| flags & ANIMATED != 0)
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
