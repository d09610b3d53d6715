//! JPEGs in every legal arrangement, written here block by block: what is published is what every other
//! decoder shows (looked at with djpeg of libjpeg-turbo), or nothing.
#![expect(
    clippy::float_arithmetic,
    clippy::panic,
    reason = "an encoder for tests, which computes as the standard writes it and fails loudly"
)]

use domain::media::{PictureType, Refusal};
use image::Rgb;

use crate::{assert_near, decoded, files::*, process};

/// How the data of a JPEG is arranged.
#[derive(Clone, Copy, Debug)]
struct Arrangement {
    /// How many blocks of the first component stand for one of the others, across and down.
    sampling: (usize, usize),
    scans: Scans,
    is_progressive: bool,
    /// After how many units a restart mark stands; 0 for never.
    restart: u16,
}

#[derive(Clone, Copy, Debug)]
enum Scans {
    /// All components in one.
    Interleaved,
    /// One for each component, in this order.
    Each([usize; 3]),
}

const PLAIN: Arrangement =
    Arrangement { sampling: (2, 2), scans: Scans::Interleaved, is_progressive: false, restart: 0 };

/// Bits, the first one highest, as the data of a scan: a zero behind each 0xff, and ones to the end.
#[derive(Default)]
struct Bits {
    bytes: Vec<u8>,
    held: u8,
    count: u32,
}

impl Bits {
    fn put(&mut self, value: i32, length: u32) {
        for shift in (0..length).rev() {
            self.held = self.held << 1 | (value >> shift & 1) as u8;
            self.count += 1;
            if self.count.is_multiple_of(8) {
                self.bytes.push(self.held);
                if self.held == 0xff {
                    self.bytes.push(0);
                }
            }
        }
    }

    fn align(&mut self) {
        while !self.count.is_multiple_of(8) {
            self.put(1, 1);
        }
    }
}

/// The level of each component, of three, where a picture of four quarters has it.
struct Levels {
    width: usize,
    height: usize,
    quarters: [[i32; 3]; 4],
}

impl Levels {
    fn at(&self, component: usize, x: usize, y: usize) -> i32 {
        self.quarters[usize::from(x >= self.width / 2) + 2 * usize::from(y >= self.height / 2)][component]
    }
}

/// The four colours as they are stored: Y, Cb and Cr of JFIF.
fn ycc() -> [[i32; 3]; 4] {
    [RED, GREEN, BLUE, WHITE].map(|Rgb(rgb)| {
        let [r, g, b] = rgb.map(f64::from);
        let y = 0.299 * r + 0.587 * g + 0.114 * b;
        [y, (b - y) / 1.772 + 128.0, (r - y) / 1.402 + 128.0].map(|level| level.round() as i32)
    })
}

fn rgb() -> [[i32; 3]; 4] {
    [RED, GREEN, BLUE, WHITE].map(|Rgb(rgb)| rgb.map(i32::from))
}

/// A JPEG whose blocks have one colour each. `head` stands in front of the frame.
fn jpeg(levels: &Levels, arrangement: Arrangement, names: [u8; 3], head: &[u8]) -> Vec<u8> {
    let Arrangement { sampling: (across, down), scans, is_progressive, restart } = arrangement;
    let (w, h) = (levels.width as u16, levels.height as u16);
    let mut file = [&[0xff, 0xd8][..], head].concat();
    // Steps of eight: the first coefficient is the level itself, less 128.
    file.extend(segment(0xdb, &[&[0][..], &[8; 64]].concat()));
    let components: Vec<u8> =
        (0..3).flat_map(|c| [names[c], if c == 0 { (across << 4 | down) as u8 } else { 0x11 }, 0]).collect();
    let frame = [&[8][..], &h.to_be_bytes(), &w.to_be_bytes(), &[3], &components].concat();
    file.extend(segment(if is_progressive { 0xc2 } else { 0xc0 }, &frame));
    // Categories 0 to 11 in four bits each; and the end of a block, which is all there is, in one.
    let categories = (0..12).collect::<Vec<u8>>();
    file.extend(segment(0xc4, &[&[0, 0, 0, 0, 12][..], &[0; 12], &categories].concat()));
    file.extend(segment(0xc4, &[&[0x10, 1][..], &[0; 15], &[0]].concat()));
    if restart > 0 {
        file.extend(segment(0xdd, &restart.to_be_bytes()));
    }
    let scan = |file: &mut Vec<u8>, of: &[usize], first: u8, last: u8, bits: u8| {
        let header: Vec<u8> = [of.len() as u8]
            .into_iter()
            .chain(of.iter().flat_map(|&c| [names[c], 0]))
            .chain([first, last, bits])
            .collect();
        file.extend(segment(0xda, &header));
        file.extend(data(levels, arrangement, of, (first, last, bits)));
    };
    let groups: Vec<Vec<usize>> = match scans {
        Scans::Interleaved => vec![vec![0, 1, 2]],
        Scans::Each(order) => order.iter().map(|&c| vec![c]).collect(),
    };
    if is_progressive {
        for of in &groups {
            scan(&mut file, of, 0, 0, 0x01);
        }
        for c in [2, 0, 1] {
            scan(&mut file, &[c], 1, 63, 0x00);
        }
        for of in &groups {
            scan(&mut file, of, 0, 0, 0x10);
        }
    } else {
        for of in &groups {
            scan(&mut file, of, 0, 63, 0);
        }
    }
    file.extend([0xff, 0xd9]);
    file
}

fn data(levels: &Levels, arrangement: Arrangement, of: &[usize], (first, last, bits): (u8, u8, u8)) -> Vec<u8> {
    let Arrangement { sampling: (across, down), restart, .. } = arrangement;
    let (wide, high) = (levels.width.div_ceil(8 * across), levels.height.div_ceil(8 * down));
    let blocks_of = |c: usize| if c == 0 { (across, down) } else { (1, 1) };
    // A scan of one component has no more blocks than that one needs, one in each unit.
    let units: Vec<Vec<(usize, usize, usize)>> = match of {
        [c] => {
            let (a, d) = blocks_of(*c);
            let (wide, high) =
                ((levels.width * a).div_ceil(across).div_ceil(8), (levels.height * d).div_ceil(down).div_ceil(8));
            (0..high).flat_map(|y| (0..wide).map(move |x| vec![(*c, x, y)])).collect()
        }
        _ => (0..high)
            .flat_map(|y| (0..wide).map(move |x| (x, y)))
            .map(|(x, y)| {
                let blocks = of.iter().flat_map(|&c| {
                    let (a, d) = blocks_of(c);
                    (0..d).flat_map(move |v| (0..a).map(move |h| (c, x * a + h, y * d + v)))
                });
                blocks.collect()
            })
            .collect(),
    };
    let (mut out, mut before, mut mark) = (Bits::default(), [0; 3], 0);
    for (number, unit) in units.iter().enumerate() {
        if restart > 0 && number > 0 && number % usize::from(restart) == 0 {
            out.align();
            out.bytes.extend([0xff, 0xd0 + mark]);
            (before, mark) = ([0; 3], (mark + 1) % 8);
        }
        for &(c, x, y) in unit {
            let (a, d) = blocks_of(c);
            let level = levels.at(c, x * 8 * across / a, y * 8 * down / d) - 128;
            match (first, bits) {
                (0, 0x10) => out.put(level & 1, 1),
                (0, _) => {
                    let level = level >> (bits & 0xf);
                    let (change, length) = (level - before[c], (level - before[c]).unsigned_abs());
                    let length = u32::BITS - length.leading_zeros();
                    out.put(length as i32, 4);
                    out.put(if change < 0 { change - 1 } else { change }, length);
                    before[c] = level;
                    if last == 63 {
                        out.put(0, 1);
                    }
                }
                _ => out.put(0, 1),
            }
        }
    }
    out.align();
    out.bytes
}

const NAMES: [u8; 3] = [1, 2, 3];

fn of(width: usize, height: usize, arrangement: Arrangement) -> Vec<u8> {
    jpeg(&Levels { width, height, quarters: ycc() }, arrangement, NAMES, &[])
}

fn assert_quarters(file: &[u8], what: &str) {
    let processed = process(file, PictureType::Jpeg).unwrap_or_else(|refusal| panic!("{what}: {refusal:?}"));
    for picture in decoded(&processed) {
        let (width, height) = picture.dimensions();
        assert_near(&picture, width / 4, height / 4, RED);
        assert_near(&picture, width * 3 / 4, height / 4, GREEN);
        assert_near(&picture, width / 4, height * 3 / 4, BLUE);
        assert_near(&picture, width * 3 / 4, height * 3 / 4, WHITE);
    }
}

#[test]
fn attack_71_however_its_scans_are_arranged_a_jpeg_looks_as_it_does_everywhere() {
    let orders = [Scans::Interleaved, Scans::Each([0, 1, 2]), Scans::Each([1, 2, 0])];
    for sampling in [(1, 1), (2, 1), (1, 2), (2, 2), (4, 1), (4, 2), (1, 4)] {
        for scans in orders {
            for (is_progressive, restart) in [(false, 0), (false, 1), (false, 5), (true, 0), (true, 3)] {
                for (width, height) in [(128, 128), (136, 120), (133, 209)] {
                    let arrangement = Arrangement { sampling, scans, is_progressive, restart };
                    assert_quarters(&of(width, height, arrangement), &format!("{width} x {height} {arrangement:?}"));
                }
            }
        }
    }
}

#[test]
fn attack_71_a_component_between_fine_and_coarse_is_refused() {
    let mut file = of(128, 128, Arrangement { sampling: (4, 2), ..PLAIN });
    let frame = file.windows(2).position(|two| two == [0xff, 0xc0]).unwrap();
    assert_eq!(file[frame + 14], 0x11, "the sampling of the second component");
    file[frame + 14] = 0x21;
    assert_eq!(process(&file, PictureType::Jpeg), Err(Refusal::NotAPicture));
}

#[test]
fn colours_are_what_jfif_and_adobe_say_in_the_order_of_libjpeg() {
    let jfif = segment(0xe0, b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0");
    let adobe = |transform: u8| segment(0xee, &[b"Adobe\0\x64\0\0\0\0".as_slice(), &[transform]].concat());
    let whole = Arrangement { sampling: (1, 1), ..PLAIN };
    let of = |quarters, names, head: &[u8]| jpeg(&Levels { width: 128, height: 128, quarters }, whole, names, head);
    for (what, file) in [
        ("nothing", of(ycc(), NAMES, &[])),
        ("other names", of(ycc(), [0, 1, 2], &[])),
        ("JFIF", of(ycc(), NAMES, &jfif)),
        ("Adobe's YCC", of(ycc(), NAMES, &adobe(1))),
        ("JFIF before Adobe", of(ycc(), NAMES, &[jfif.clone(), adobe(0)].concat())),
        ("Adobe's RGB", of(rgb(), NAMES, &adobe(0))),
        ("Adobe's RGB by name", of(rgb(), *b"RGB", &adobe(0))),
        ("RGB by name", of(rgb(), *b"RGB", &[])),
    ] {
        assert_quarters(&file, what);
    }
}

#[test]
fn a_picture_in_inks_is_refused_as_such() {
    let mut file = of(128, 128, Arrangement { sampling: (1, 1), scans: Scans::Each([0, 1, 2]), ..PLAIN });
    // A fourth component, with a copy of the third one's data.
    let frame = file.windows(2).position(|two| two == [0xff, 0xc0]).unwrap();
    (file[frame + 3], file[frame + 9]) = (20, 4);
    let third = file.windows(2).rposition(|two| two == [0xff, 0xda]).unwrap();
    let mut fourth = file.split_off(third);
    file.extend(fourth.clone());
    file.truncate(file.len() - 2);
    fourth[5] = 4;
    file.extend(fourth);
    file.splice(frame + 19..frame + 19, [4, 0x11, 0]);
    assert_eq!(process(&file, PictureType::Jpeg), Err(Refusal::PrintColours));
}

#[test]
fn attack_71_coding_that_few_decoders_read_is_refused() {
    let file = of(128, 128, PLAIN);
    let frame = file.windows(2).position(|two| two == [0xff, 0xc0]).unwrap();
    for marker in [0xc3, 0xc5, 0xc6, 0xc7, 0xc9, 0xca, 0xcb, 0xcd, 0xce, 0xcf] {
        let mut other = file.clone();
        other[frame + 1] = marker;
        assert_eq!(process(&other, PictureType::Jpeg), Err(Refusal::NotAPicture), "{marker:x}");
    }
    let mut twelve_bits = file.clone();
    twelve_bits[frame + 4] = 12;
    assert_eq!(process(&twelve_bits, PictureType::Jpeg), Err(Refusal::NotAPicture));
    // The number of lines stands behind the data.
    let mut no_lines = file;
    no_lines[frame + 5..frame + 7].fill(0);
    assert_eq!(process(&no_lines, PictureType::Jpeg), Err(Refusal::NotAPicture));
}

/// Every arrangement of interest for what is missing.
fn arrangements() -> [Arrangement; 5] {
    [
        PLAIN,
        Arrangement { scans: Scans::Each([0, 1, 2]), ..PLAIN },
        Arrangement { restart: 3, ..PLAIN },
        Arrangement { is_progressive: true, ..PLAIN },
        Arrangement { is_progressive: true, scans: Scans::Each([2, 1, 0]), restart: 2, ..PLAIN },
    ]
}

#[test]
fn a_jpeg_may_lack_its_end_mark_and_nothing_else() {
    for arrangement in arrangements() {
        let whole = of(40, 48, arrangement);
        let expected = process(&whole, PictureType::Jpeg).unwrap();
        for missing in [1, 2] {
            let file = &whole[..whole.len() - missing];
            assert_eq!(process(file, PictureType::Jpeg).as_ref(), Ok(&expected), "{arrangement:?} less {missing}");
        }
        for length in 0..whole.len() - 2 {
            let refusal = process(&whole[..length], PictureType::Jpeg).expect_err("cut off");
            assert!(matches!(refusal, Refusal::Damaged | Refusal::NotAPicture), "{arrangement:?} {length} {refusal:?}");
        }
    }
}

#[test]
fn an_end_mark_does_not_make_a_jpeg_whole() {
    // The last scan of the others has single bits, none of which looks wrong.
    for arrangement in arrangements().into_iter().filter(|arrangement| !arrangement.is_progressive) {
        let whole = of(40, 48, arrangement);
        for length in 2..whole.len() - 2 {
            let file = [&whole[..length], &[0xff, 0xd9]].concat();
            let refusal = process(&file, PictureType::Jpeg).expect_err("cut off");
            assert!(matches!(refusal, Refusal::Damaged | Refusal::NotAPicture), "{arrangement:?} {length} {refusal:?}");
        }
    }
}

#[test]
fn attack_71_data_that_is_missing_before_a_restart_mark_is_not_made_up() {
    let file = of(64, 64, Arrangement { restart: 4, ..PLAIN });
    let mark = file.windows(2).position(|two| two == [0xff, 0xd1]).unwrap();
    let shorter = [&file[..mark - 3], &file[mark..]].concat();
    assert_eq!(process(&shorter, PictureType::Jpeg), Err(Refusal::Damaged));
}

#[test]
fn attack_71_tables_that_change_while_a_picture_grows_are_refused() {
    let file = of(64, 64, Arrangement { is_progressive: true, ..PLAIN });
    let second = file.windows(2).enumerate().filter(|(_, two)| *two == [0xff, 0xda]).nth(1).unwrap().0;
    let table = segment(0xdb, &[&[0][..], &[2; 64]].concat());
    let changed = [&file[..second], &table, &file[second..]].concat();
    assert_eq!(process(&changed, PictureType::Jpeg), Err(Refusal::Damaged));
}
