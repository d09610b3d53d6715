//! JPEG: what a file says of itself, whether all of it is there, and its pixels.
//!
//! JPEG has no checksum, and decoders forgive: where data is missing they go on with zeros, and they
//! differ in what they make of a file that breaks the rules. A picture that we publish must look the same
//! everywhere. So the segments are read here first; what decoders are known to differ in is refused; and
//! only what the picture needs is handed on to the decoder, with a filler behind its data. A decoder that
//! runs into the filler lacks data, and fails. (One thing passes: a progressive file with an end mark that
//! lacks some of the last, single bits of its coefficients. Nobody sees that.)

use domain::media::{PurposeRules, Refusal};
use image::{DynamicImage, ImageBuffer, metadata::Orientation};
use jpeg_decoder::{ColorTransform, Decoder, Error, PixelFormat};

use super::{check_dimensions, decode::Decoded};

/// Markers (ITU-T T.81 table B.1).
const BEGIN: u8 = 0xd8;
const END: u8 = 0xd9;
const SCAN: u8 = 0xda;
const CODES: u8 = 0xc4;
const QUANTISATION: u8 = 0xdb;
const RESTART_INTERVAL: u8 = 0xdd;
const APP0: u8 = 0xe0;
const APP1: u8 = 0xe1;
const APP2: u8 = 0xe2;
const APP14: u8 = 0xee;

/// Decodes a whole JPEG.
pub(super) fn decode(bytes: &[u8], rules: &PurposeRules) -> Result<Decoded, Refusal> {
    let file = File::read(bytes, rules, Filler::Ones)?;
    let decoded = file.decode()?;
    // Some phones leave out the end mark. Then nothing shows that the data is whole but the picture itself:
    // it must not depend on what stands behind.
    if !file.has_end_mark && File::read(bytes, rules, Filler::Zeros)?.decode()?.picture != decoded.picture {
        return Err(Refusal::Damaged);
    }
    Ok(decoded)
}

/// What stands behind the data of a scan, where its decoder should never come. Six bytes: more than any
/// code with the number behind it (31 bits) and one more code (16 bits), and less than what a decoder
/// reads ahead, since it must find the marker behind.
#[derive(Clone, Copy)]
enum Filler {
    /// No code consists of ones alone (T.81 §C.2): whoever looks for one here fails.
    Ones,
    Zeros,
}

impl Filler {
    const fn bytes(self) -> &'static [u8] {
        match self {
            // In data, a zero follows each 0xff (T.81 §B.1.1.5).
            Self::Ones => &[0xff, 0, 0xff, 0, 0xff, 0, 0xff, 0, 0xff, 0, 0xff, 0],
            Self::Zeros => &[0; 6],
        }
    }
}

/// A JPEG that was read to its end.
struct File {
    /// What its picture needs, with fillers and an end mark.
    bytes: Vec<u8>,
    frame: Frame,
    colours: ColorTransform,
    has_end_mark: bool,
}

impl File {
    /// Reads the segments up to the end mark, or up to where the file breaks off.
    fn read(bytes: &[u8], rules: &PurposeRules, filler: Filler) -> Result<Self, Refusal> {
        let mut rest = bytes.get(2..).unwrap_or_default();
        let mut needed = vec![0xff, BEGIN];
        let (mut frame, mut scans) = (None::<Frame>, Scans::default());
        let (mut is_jfif, mut adobe) = (false, None);
        let mut has_end_mark = false;
        while let Some((marker, after)) = next_marker(rest) {
            if marker == END {
                has_end_mark = true;
                break;
            }
            let Some((segment, behind)) = split_segment(after) else { break };
            rest = behind;
            match (marker, segment.get(2..).unwrap_or_default()) {
                (0xc0..=0xc2, content) if frame.is_none() => frame = Some(Frame::parse(marker, content)?),
                // A second picture.
                (0xc0..=0xc2 | BEGIN, _) => return Err(Refusal::Damaged),
                // Lossless, hierarchical, arithmetic coding, lines that are counted afterwards: few read them.
                (0xc3 | 0xc5..=0xcf | 0xdc | 0xde | 0xdf, _) => return Err(Refusal::NotAPicture),
                // Which table holds for a component that comes in several scans? Decoders differ.
                (QUANTISATION, _) if scans.begun && frame.as_ref().is_some_and(|frame| frame.is_progressive) => {
                    return Err(Refusal::Damaged);
                }
                (CODES | QUANTISATION | RESTART_INTERVAL, _) => {}
                (SCAN, content) => {
                    let frame = frame.as_ref().ok_or(Refusal::Damaged)?;
                    check_dimensions(frame.width, frame.height, rules)?;
                    scans.note(frame, content)?;
                }
                (APP0, content) if !scans.begun => {
                    is_jfif |= content.starts_with(b"JFIF\0");
                    continue;
                }
                (APP14, content) if !scans.begun && content.starts_with(b"Adobe") => {
                    adobe = content.get(11).copied();
                    continue;
                }
                (APP1, content) if content.starts_with(b"Exif\0\0") => {}
                (APP2, content) if content.starts_with(b"ICC_PROFILE\0") => {}
                _ => continue,
            }
            needed.extend([0xff, marker]);
            needed.extend(segment);
            if marker == SCAN {
                rest = copy_data(rest, &mut needed, filler);
            }
        }
        needed.extend([0xff, END]);
        let frame = frame.filter(|frame| scans.are_complete(frame)).ok_or(Refusal::Damaged)?;
        let colours = frame.colours(is_jfif, adobe)?;
        Ok(Self { bytes: needed, frame, colours, has_end_mark })
    }

    fn decode(&self) -> Result<Decoded, Refusal> {
        let mut decoder = Decoder::new(self.bytes.as_slice());
        decoder.set_color_transform(self.colours);
        let pixels = decoder.decode().map_err(|error| match error {
            Error::Unsupported(_) => Refusal::NotAPicture,
            Error::Format(_) | Error::Io(_) | Error::Internal(_) => Refusal::Damaged,
        })?;
        let Frame { width, height, .. } = self.frame;
        let picture = match decoder.info().map(|info| info.pixel_format) {
            Some(PixelFormat::L8) => ImageBuffer::from_raw(width, height, pixels).map(DynamicImage::ImageLuma8),
            Some(PixelFormat::RGB24) => ImageBuffer::from_raw(width, height, pixels).map(DynamicImage::ImageRgb8),
            Some(PixelFormat::L16 | PixelFormat::CMYK32) | None => None,
        };
        // EXIF data that cannot be read says nothing about the picture.
        let orientation = decoder.exif_data().and_then(Orientation::from_exif_chunk);
        Ok(Decoded {
            picture: picture.ok_or(Refusal::Damaged)?,
            orientation: orientation.unwrap_or(Orientation::NoTransforms),
            profile: decoder.icc_profile(),
        })
    }
}

/// The next marker that begins a segment or ends the picture, and what follows it. What stands between
/// two segments is passed over.
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

/// A segment behind its marker, which begins with its length, and what follows it.
fn split_segment(after: &[u8]) -> Option<(&[u8], &[u8])> {
    // The length counts its own two bytes.
    let length = after.first_chunk().map(|&two| usize::from(u16::from_be_bytes(two)))?;
    after.split_at_checked(length).filter(|(segment, _)| segment.len() >= 2)
}

/// Copies the data of a scan, with a filler where decoding stops: before each restart mark, and at the end.
/// Gives what follows, which begins with a marker.
fn copy_data<'a>(mut rest: &'a [u8], needed: &mut Vec<u8>, filler: Filler) -> &'a [u8] {
    loop {
        let (data, behind) = split_at_mark(rest);
        needed.extend(data);
        needed.extend(filler.bytes());
        match behind {
            [0xff, restart @ 0xd0..=0xd7, after @ ..] => {
                needed.extend([0xff, *restart]);
                rest = after;
            }
            _ => return behind,
        }
    }
}

/// Compressed data, and the mark that ends it. In data, a zero follows each 0xff; those at its end only fill.
fn split_at_mark(rest: &[u8]) -> (&[u8], &[u8]) {
    let mark = rest.windows(2).position(|two| matches!(two, [0xff, mark] if !matches!(mark, 0x00 | 0xff)));
    let (mut data, behind) = mark.and_then(|at| rest.split_at_checked(at)).unwrap_or((rest, &[]));
    while let [before @ .., 0xff] = data {
        data = before;
    }
    (data, behind)
}

/// What the frame header says.
struct Frame {
    width: u32,
    height: u32,
    is_progressive: bool,
    /// The names of the components, in their order.
    components: Vec<u8>,
}

impl Frame {
    fn parse(marker: u8, content: &[u8]) -> Result<Self, Refusal> {
        let [precision, h1, h0, w1, w0, count, components @ ..] = content else { return Err(Refusal::Damaged) };
        let (width, height) = (u16::from_be_bytes([*w1, *w0]), u16::from_be_bytes([*h1, *h0]));
        let (components, []) = components.as_chunks::<3>() else { return Err(Refusal::Damaged) };
        if components.len() != usize::from(*count) {
            return Err(Refusal::Damaged);
        }
        // No lines: they are counted afterwards.
        if *precision != 8 || height == 0 {
            return Err(Refusal::NotAPicture);
        }
        // Where a component is neither as fine as the finest nor as coarse as can be, our decoder miscounts the
        // blocks of a scan of its own.
        let finest = |shift: u8| components.iter().map(|[_, sampling, _]| sampling >> shift & 0xf).max();
        for shift in [0, 4] {
            let finest = finest(shift);
            if components.iter().map(|[_, sampling, _]| sampling >> shift & 0xf).any(|s| s != 1 && Some(s) != finest) {
                return Err(Refusal::NotAPicture);
            }
        }
        Ok(Self {
            width: width.into(),
            height: height.into(),
            is_progressive: marker == 0xc2,
            components: components.iter().map(|[name, ..]| *name).collect(),
        })
    }

    /// What the components are, as libjpeg has it and so every browser: JFIF means YCbCr, then Adobe's word
    /// counts, then the names.
    fn colours(&self, is_jfif: bool, adobe: Option<u8>) -> Result<ColorTransform, Refusal> {
        match (self.components.as_slice(), is_jfif, adobe) {
            ([_], ..) => Ok(ColorTransform::Grayscale),
            ([_, _, _], false, Some(0)) | (b"RGB", false, None) => Ok(ColorTransform::RGB),
            ([_, _, _], ..) => Ok(ColorTransform::YCbCr),
            // Viewers differ in what they make of inks.
            ([_, _, _, _], ..) => Err(Refusal::PrintColours),
            _ => Err(Refusal::NotAPicture),
        }
    }
}

/// What the scans of a file bring: for each component and each of its 64 coefficients how many bits are
/// still missing (T.81 §G.1.1.1).
#[derive(Default)]
struct Scans {
    begun: bool,
    missing: [Missing; 4],
}

struct Missing([u8; 64]);

impl Missing {
    /// More than there are: none was brought.
    const ALL: u8 = u8::MAX;
}

impl Default for Missing {
    fn default() -> Self {
        Self([Self::ALL; 64])
    }
}

impl Scans {
    /// Notes what a scan brings, by its header. Nothing may come twice, and nothing finer before what is coarser.
    fn note(&mut self, frame: &Frame, header: &[u8]) -> Result<(), Refusal> {
        self.begun = true;
        let (count, rest) = header.split_first().ok_or(Refusal::Damaged)?;
        let (components, rest) =
            rest.split_at_checked(usize::from(*count).saturating_mul(2)).ok_or(Refusal::Damaged)?;
        let [first, last, bits] = rest else { return Err(Refusal::Damaged) };
        let (band, before, after) =
            if frame.is_progressive { (*first..=*last, bits >> 4, bits & 0xf) } else { (0..=63, 0, 0) };
        for [name, _] in components.as_chunks::<2>().0 {
            let component = frame.components.iter().position(|known| known == name).ok_or(Refusal::Damaged)?;
            for coefficient in band.clone() {
                let Missing(all) = self.missing.get_mut(component).ok_or(Refusal::NotAPicture)?;
                let missing = all.get_mut(usize::from(coefficient)).ok_or(Refusal::Damaged)?;
                let is_next = match before {
                    0 => *missing == Missing::ALL,
                    _ => *missing == before && after.saturating_add(1) == before,
                };
                if !is_next {
                    return Err(Refusal::Damaged);
                }
                *missing = after;
            }
        }
        Ok(())
    }

    fn are_complete(&self, frame: &Frame) -> bool {
        frame.components.iter().zip(&self.missing).all(|(_, Missing(all))| all.iter().all(|missing| *missing == 0))
    }
}
