//! Still lifes of simple shapes, drawn in integers: enough to look like a market and small enough to
//! need no files.

use image::{ColorType, ImageEncoder as _, ImageError, codecs::jpeg::JpegEncoder};

const WIDTH: i32 = 1_280;
const HEIGHT: i32 = 960;
const QUALITY: u8 = 85;

type Colour = [u8; 3];

const WOOD: Colour = [176, 122, 72];
const DARK_WOOD: Colour = [128, 84, 46];
const CREAM: Colour = [250, 240, 218];
const PINE: Colour = [58, 102, 84];
const CLAY: Colour = [190, 98, 62];
const INDIGO: Colour = [62, 84, 130];
const SAND: Colour = [214, 186, 142];

/// What is on a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Motif {
    Lamp,
    Mug,
    Chair,
    Curtain,
    Drawers,
    Plant,
}

/// The picture of a motif.
pub(super) fn jpeg(motif: Motif) -> Result<Vec<u8>, ImageError> {
    let mut canvas = Canvas::of_a_room(wall_of(motif));
    match motif {
        Motif::Lamp => lamp(&mut canvas),
        Motif::Mug => mug(&mut canvas),
        Motif::Chair => chair(&mut canvas),
        Motif::Curtain => curtain(&mut canvas),
        Motif::Drawers => drawers(&mut canvas),
        Motif::Plant => plant(&mut canvas),
    }
    let mut file = Vec::new();
    JpegEncoder::new_with_quality(&mut file, QUALITY).write_image(
        &canvas.pixels,
        WIDTH.unsigned_abs(),
        HEIGHT.unsigned_abs(),
        ColorType::Rgb8.into(),
    )?;
    Ok(file)
}

const fn wall_of(motif: Motif) -> Colour {
    match motif {
        Motif::Lamp => [88, 100, 108],
        Motif::Mug => [226, 206, 178],
        Motif::Chair => [198, 208, 196],
        Motif::Curtain => [236, 226, 206],
        Motif::Drawers => [224, 198, 186],
        Motif::Plant => [206, 220, 224],
    }
}

struct Canvas {
    pixels: Vec<u8>,
}

impl Canvas {
    /// A wall that the light falls on from the left, and a table or floor below.
    fn of_a_room(wall: Colour) -> Self {
        let mut canvas = Self { pixels: Vec::new() };
        let floor = HEIGHT.saturating_mul(3).div_euclid(4);
        for y in 0..HEIGHT {
            for x in 0..WIDTH {
                let light = 30_i32.saturating_sub(x.saturating_mul(50).div_euclid(WIDTH));
                let colour = if y < floor { wall } else { WOOD };
                let grain = if y >= floor && y.rem_euclid(37) < 2 { -18 } else { 0 };
                canvas.pixels.extend(colour.map(|part| shaded(part, light.saturating_add(grain))));
            }
        }
        canvas
    }

    /// Paints every point in the frame that `is_inside`, a little darker to the right.
    fn paint(&mut self, frame: [i32; 4], colour: Colour, is_inside: impl Fn(i32, i32) -> bool) {
        let [left, top, right, bottom] = frame;
        let width = right.saturating_sub(left).max(1);
        for y in top.max(0)..bottom.min(HEIGHT) {
            for x in left.max(0)..right.min(WIDTH) {
                if !is_inside(x, y) {
                    continue;
                }
                let shade = 12_i32.saturating_sub(x.saturating_sub(left).saturating_mul(40).div_euclid(width));
                let place = usize::try_from(y.saturating_mul(WIDTH).saturating_add(x).saturating_mul(3)).unwrap_or(0);
                if let Some(pixel) = self.pixels.get_mut(place..place.saturating_add(3)) {
                    pixel.copy_from_slice(&colour.map(|part| shaded(part, shade)));
                }
            }
        }
    }

    fn rectangle(&mut self, frame: [i32; 4], colour: Colour) {
        self.paint(frame, colour, |_, _| true);
    }

    /// An ellipse that fills the frame.
    fn ellipse(&mut self, frame: [i32; 4], colour: Colour) {
        let [left, top, right, bottom] = frame;
        let (x0, y0) = (left.saturating_add(right), top.saturating_add(bottom));
        let square = |n: i32| i64::from(n).saturating_mul(i64::from(n));
        let (a, b) = (square(right.saturating_sub(left)), square(bottom.saturating_sub(top)));
        self.paint(frame, colour, |x, y| {
            let dx = square(x.saturating_mul(2).saturating_sub(x0)).saturating_mul(b);
            let dy = square(y.saturating_mul(2).saturating_sub(y0)).saturating_mul(a);
            dx.saturating_add(dy) <= a.saturating_mul(b)
        });
    }

    /// A shape with straight sides that is `top_width` wide at the top and `bottom_width` below.
    fn taper(&mut self, middle: i32, top: i32, bottom: i32, widths: [i32; 2], colour: Colour) {
        let [top_width, bottom_width] = widths;
        let half = top_width.max(bottom_width).div_euclid(2).saturating_add(1);
        let height = bottom.saturating_sub(top).max(1);
        self.paint([middle.saturating_sub(half), top, middle.saturating_add(half), bottom], colour, |x, y| {
            let grown = bottom_width.saturating_sub(top_width).saturating_mul(y.saturating_sub(top)).div_euclid(height);
            x.saturating_sub(middle).saturating_abs().saturating_mul(2) <= top_width.saturating_add(grown)
        });
    }

    fn shadow(&mut self, frame: [i32; 4]) {
        self.ellipse(frame, DARK_WOOD);
    }
}

fn shaded(part: u8, by: i32) -> u8 {
    u8::try_from(i32::from(part).saturating_add(by).clamp(0, 255)).unwrap_or(u8::MAX)
}

fn lamp(canvas: &mut Canvas) {
    canvas.ellipse([330, 60, 950, 620], [128, 128, 116]);
    canvas.ellipse([430, 140, 850, 560], [168, 156, 124]);
    canvas.shadow([440, 800, 900, 860]);
    canvas.rectangle([628, 420, 652, 800], WOOD);
    canvas.ellipse([500, 770, 780, 840], WOOD);
    canvas.taper(640, 210, 470, [220, 420], CREAM);
    canvas.ellipse([430, 450, 850, 490], [255, 226, 150]);
}

fn mug(canvas: &mut Canvas) {
    canvas.shadow([380, 790, 940, 870]);
    canvas.ellipse([720, 470, 920, 700], PINE);
    canvas.ellipse([760, 515, 870, 650], [214, 194, 166]);
    canvas.taper(610, 420, 820, [400, 350], PINE);
    canvas.ellipse([436, 790, 784, 850], PINE);
    canvas.ellipse([410, 380, 810, 470], SAND);
    canvas.ellipse([435, 395, 785, 462], DARK_WOOD);
}

fn chair(canvas: &mut Canvas) {
    canvas.shadow([400, 850, 940, 920]);
    for x in [460_i32, 820] {
        canvas.rectangle([x, 160, x.saturating_add(36), 880], DARK_WOOD);
    }
    for y in [180, 290] {
        canvas.rectangle([460, y, 856, y.saturating_add(60)], WOOD);
    }
    canvas.taper(658, 520, 590, [400, 520], CLAY);
    for x in [400_i32, 882] {
        canvas.rectangle([x, 580, x.saturating_add(36), 900], WOOD);
    }
}

fn curtain(canvas: &mut Canvas) {
    canvas.rectangle([300, 90, 980, 760], [196, 222, 232]);
    canvas.rectangle([632, 90, 648, 760], CREAM);
    canvas.rectangle([200, 60, 1_080, 78], DARK_WOOD);
    for (start, end) in [(230_i32, 520_i32), (760, 1_050)] {
        let folds = (start..end).step_by(48);
        for (number, left) in folds.enumerate() {
            let colour = if number.rem_euclid(2) == 0 { INDIGO } else { [78, 102, 150] };
            canvas.rectangle([left, 78, left.saturating_add(48).min(end), 830], colour);
        }
    }
}

fn drawers(canvas: &mut Canvas) {
    canvas.shadow([280, 840, 1_020, 910]);
    for x in [330_i32, 900] {
        canvas.taper(x.saturating_add(20), 820, 890, [44, 24], DARK_WOOD);
    }
    canvas.rectangle([300, 300, 970, 830], PINE);
    canvas.rectangle([280, 280, 990, 312], WOOD);
    for top in [335_i32, 500, 665] {
        canvas.rectangle([330, top, 940, top.saturating_add(140)], [92, 138, 116]);
        canvas.ellipse([610, top.saturating_add(52), 660, top.saturating_add(92)], SAND);
    }
}

fn plant(canvas: &mut Canvas) {
    canvas.shadow([440, 820, 860, 880]);
    for (frame, colour) in [
        ([440, 180, 640, 560], PINE),
        ([660, 160, 860, 560], [74, 124, 92]),
        ([540, 90, 740, 560], [92, 150, 108]),
        ([380, 340, 640, 600], [74, 124, 92]),
        ([660, 330, 910, 600], PINE),
    ] {
        canvas.ellipse(frame, colour);
    }
    canvas.rectangle([632, 400, 648, 620], DARK_WOOD);
    canvas.taper(640, 570, 840, [330, 230], CLAY);
    canvas.rectangle([460, 550, 820, 600], CLAY);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_motif_is_a_picture_of_its_own() {
        let motifs = [Motif::Lamp, Motif::Mug, Motif::Chair, Motif::Curtain, Motif::Drawers, Motif::Plant];
        let pictures: Vec<Vec<u8>> = motifs.into_iter().map(|motif| jpeg(motif).unwrap()).collect();
        for (number, picture) in pictures.iter().enumerate() {
            let read = image::load_from_memory(picture).unwrap();
            assert_eq!((read.width(), read.height()), (1_280, 960));
            assert!(pictures.iter().skip(number + 1).all(|other| other != picture));
        }
    }
}
