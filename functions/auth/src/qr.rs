//! A text as a QR code, drawn as SVG: a page can show it as it is, at any size, and needs no script
//! and no other server for it.

use qrcodegen::{QrCode, QrCodeEcc};
use shared::{Fault, FaultKind};

/// The quiet zone around the code, in modules (ISO/IEC 18004 asks for four).
const MARGIN: i32 = 4;

/// The drawing. Dark on white whatever the page's colours are: many readers know no other.
///
/// # Errors
/// When the text is longer than a QR code takes (about 2,300 bytes).
pub(crate) fn svg(text: &str) -> Result<String, Fault> {
    let code = QrCode::encode_text(text, QrCodeEcc::Medium)
        .map_err(|error| Fault::new(FaultKind::Corrupt, "draw a QR code").with_source(error))?;
    let size = code.size();
    let mut path = String::new();
    for y in 0..size {
        let mut x = 0_i32;
        while x < size {
            let length = i32::try_from((x..size).take_while(|x| code.get_module(*x, y)).count()).unwrap_or(size);
            if length > 0 {
                let (x, y) = (x.saturating_add(MARGIN), y.saturating_add(MARGIN));
                path.push_str(&format!("M{x} {y}h{length}v1h-{length}z"));
            }
            x = x.saturating_add(length.max(1));
        }
    }
    let whole = size.saturating_add(MARGIN.saturating_mul(2));
    Ok(format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {whole} {whole}\" shape-rendering=\"crispEdges\">\
         <path fill=\"#fff\" d=\"M0 0h{whole}v{whole}H0z\"/><path d=\"{path}\"/></svg>"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The modules of a drawing, by its path.
    fn drawn(svg: &str) -> Vec<(i32, i32)> {
        let path = svg.rsplit_once("d=\"").unwrap().1.split_once('"').unwrap().0;
        let mut modules = Vec::new();
        for run in path.split('z').filter(|run| !run.is_empty()) {
            let (at, rest) = run.strip_prefix('M').unwrap().split_once('h').unwrap();
            let (x, y) = at.split_once(' ').unwrap();
            let length: i32 = rest.split_once('v').unwrap().0.parse().unwrap();
            let (x, y): (i32, i32) = (x.parse().unwrap(), y.parse().unwrap());
            modules.extend((x..x.saturating_add(length)).map(|x| (x.saturating_sub(MARGIN), y.saturating_sub(MARGIN))));
        }
        modules
    }

    #[test]
    fn the_drawing_has_exactly_the_dark_modules() {
        let text = "otpauth://totp/Jangteo:mina%40example.com?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Jangteo";
        let code = QrCode::encode_text(text, QrCodeEcc::Medium).unwrap();
        let all = (0..code.size()).flat_map(|y| (0..code.size()).map(move |x| (x, y)));
        let dark: Vec<(i32, i32)> = all.filter(|(x, y)| code.get_module(*x, *y)).collect();
        assert_eq!(drawn(&svg(text).unwrap()), dark);
    }

    #[test]
    fn the_longest_address_fits_and_nothing_of_the_text_shows() {
        let svg = svg(&format!("otpauth://totp/{}", "a".repeat(900))).unwrap();
        assert!(svg.len() < 60_000, "{}", svg.len());
        assert!(!svg.contains("otpauth"));
    }
}
