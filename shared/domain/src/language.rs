//! The languages in which people read us.

use serde::{Deserialize, Serialize};

/// A language that every text for people exists in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, schemars::JsonSchema)]
pub enum Language {
    /// English.
    #[default]
    #[serde(rename = "en")]
    English,
    /// Korean.
    #[serde(rename = "ko")]
    Korean,
}

impl Language {
    /// The best language for an `Accept-Language` header (RFC 9110 §12.5.4): the supported one with
    /// the highest weight, the first named among equals, English when none is supported. Programs that
    /// take the name of their locale for a tag are understood too: `ko_KR`, `ko_KR.UTF-8`.
    #[must_use]
    pub fn from_accept_language(header: &str) -> Self {
        let mut best = (Self::English, 0_u16);
        for range in header.split(',').take(16) {
            let mut parts = range.split(';');
            let tag = parts.next().unwrap_or_default().trim();
            let weight = parts.find_map(weight_of).map_or(1000, weight_in_thousandths);
            let primary = tag.split(['-', '_', '.']).next().unwrap_or_default();
            let language = if primary.eq_ignore_ascii_case("ko") {
                Self::Korean
            } else if primary.eq_ignore_ascii_case("en") {
                Self::English
            } else {
                continue;
            };
            if weight > best.1 {
                best = (language, weight);
            }
        }
        best.0
    }

    /// The tag for `Content-Language` and `lang` attributes.
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Korean => "ko",
        }
    }
}

/// What a parameter says, if it is the weight. Its name may be in either case (RFC 9110 §12.4.2).
fn weight_of(parameter: &str) -> Option<&str> {
    let (name, value) = parameter.split_once('=')?;
    name.trim().eq_ignore_ascii_case("q").then_some(value)
}

/// `0.8` is 800; what cannot be read weighs nothing. Integers, since floats are banned here.
fn weight_in_thousandths(text: &str) -> u16 {
    let (whole, fraction) = text.trim().split_once('.').unwrap_or((text.trim(), ""));
    match whole {
        "1" => 1000,
        "0" => format!("{fraction:0<3}").get(..3).and_then(|digits| digits.parse().ok()).unwrap_or(0),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::Language;

    #[test]
    fn the_heaviest_supported_language_wins() {
        for (header, expected) in [
            ("ko-KR,ko;q=0.9,en;q=0.8", Language::Korean),
            ("en-US,ko;q=0.9", Language::English),
            ("fr, ko;q=0.1", Language::Korean),
            ("en;q=0.2, ko;q=0.25", Language::Korean),
            ("ko;q=0", Language::English),
            ("de", Language::English),
            ("", Language::English),
            ("ko;q=banana", Language::English),
            ("en;Q=0.1,ko;q=0.9", Language::Korean),
            ("en; q=0.1 , ko ; Q=0.9", Language::Korean),
            ("ko;Q=0.1,en;q=0.9", Language::English),
            ("ko;Q=0", Language::English),
            ("ko_KR", Language::Korean),
            ("KO_kr.UTF-8, en;q=0.9", Language::Korean),
            ("ko-Kore-KR", Language::Korean),
            ("en_US,ko_KR;q=0.9", Language::English),
            ("kok,en;q=0.1", Language::English),
        ] {
            assert_eq!(Language::from_accept_language(header), expected, "{header}");
        }
    }
}
