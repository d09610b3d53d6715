//! A place on earth, without floats: degrees in millionths, which is 11 cm along a meridian.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The text is not a number of degrees of the wanted kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be degrees as a text with up to six decimals, from -{most} to {most}, such as \"37.497942\"")]
pub struct NotADegree {
    most: i32,
}

const MILLIONTHS: i64 = 1_000_000;

/// Millionths of a degree, from decimal text: an optional minus, one to three digits, and up to six
/// decimals behind a point.
fn parse_millionths(text: &str) -> Option<i32> {
    let (sign, digits) = text.strip_prefix('-').map_or((1_i64, text), |digits| (-1, digits));
    let (whole, decimals) = digits.split_once('.').unwrap_or((digits, "0"));
    let are_digits =
        |part: &str, most: usize| (1..=most).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
    let has_leading_zero = whole.len() > 1 && whole.starts_with('0');
    if !are_digits(whole, 3) || has_leading_zero || !are_digits(decimals, 6) {
        return None;
    }
    let whole: i64 = whole.parse().ok()?;
    let decimals: i64 = format!("{decimals:0<6}").parse().ok()?;
    let millionths = whole.checked_mul(MILLIONTHS)?.checked_add(decimals)?.checked_mul(sign)?;
    i32::try_from(millionths).ok()
}

fn write_millionths(millionths: i32, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let sign = if millionths < 0 { "-" } else { "" };
    let size = i64::from(millionths).unsigned_abs();
    let million = MILLIONTHS.unsigned_abs();
    let (whole, decimals) = (size.checked_div(million).unwrap_or(0), size.checked_rem(million).unwrap_or(0));
    write!(f, "{sign}{whole}.{decimals:06}")
}

macro_rules! degrees {
    ($($(#[$doc:meta])* $name:ident { most: $most:literal, pattern: $pattern:literal, example: $example:literal })*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(i32);

        impl $name {
            /// Reads degrees as decimal text, such as `37.497942`.
            ///
            /// # Errors
            /// [`NotADegree`] when it is no such text, or lies outside of the range.
            pub fn parse(text: &str) -> Result<Self, NotADegree> {
                let most: u32 = $most * 1_000_000;
                parse_millionths(text)
                    .filter(|millionths| millionths.unsigned_abs() <= most)
                    .map(Self)
                    .ok_or(NotADegree { most: $most })
            }

            /// How many of `2^bits` equal steps lie between the least value and this one.
            fn step(self, bits: u32) -> u64 {
                let most: u64 = $most * 1_000_000;
                let above_least = i64::from(self.0).saturating_add(most.cast_signed()).unsigned_abs();
                let steps = 1_u64.checked_shl(bits).unwrap_or(u64::MAX);
                let step = above_least.saturating_mul(steps).checked_div(most.saturating_mul(2)).unwrap_or(0);
                // The greatest value belongs to the last step.
                step.min(steps.saturating_sub(1))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write_millionths(self.0, f)
            }
        }

        /// Hidden, because debug output ends in logs.
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "(…)"))
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                Self::parse(&String::deserialize(deserializer)?).map_err(|bad| {
                    let most = bad.most;
                    let korean = format!("-{most}부터 {most}까지, 소수점 아래 6자리까지의 도(度)를 적은 텍스트여야 합니다");
                    crate::FieldError::new(crate::FieldCode::Form, bad.to_string(), korean).into_serde()
                })
            }
        }

        impl schemars::JsonSchema for $name {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({
                    "type": "string",
                    "description": "Degrees (WGS 84), as a text so that no reader makes a float of it.",
                    "pattern": $pattern,
                    "examples": [$example],
                })
            }
        }
    )*};
}

degrees! {
    /// Degrees north of the equator; south of it negative.
    Latitude {
        most: 90,
        pattern: r"^-?(90(\.0{1,6})?|[1-8]?[0-9](\.[0-9]{1,6})?)$",
        example: "37.497942"
    }
    /// Degrees east of Greenwich; west of it negative.
    Longitude {
        most: 180,
        pattern: r"^-?(180(\.0{1,6})?|(1[0-7][0-9]|[1-9]?[0-9])(\.[0-9]{1,6})?)$",
        example: "127.027621"
    }
}

/// A place on earth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Coordinates {
    /// Degrees north.
    pub latitude: Latitude,
    /// Degrees east.
    pub longitude: Longitude,
}

/// The letters of a geohash: digits and letters without a, i, l and o.
const GEOHASH: [char; 32] = [
    '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'j', 'k', 'm', 'n', 'p', 'q',
    'r', 's', 't', 'u', 'v', 'w', 'x', 'y', 'z',
];

/// The longest geohash that millionths of a degree can tell: ten letters, about a metre.
const GEOHASH_LETTERS: usize = 10;

impl Coordinates {
    /// The geohash of the place (G. Niemeyer, 2008), at most ten letters: places that share a
    /// beginning lie in the same cell, so what is near is found by the beginnings of a key. Five
    /// letters are a cell of about 5 km, six of about 1 km by 600 m.
    #[must_use]
    pub fn geohash(self, letters: usize) -> String {
        let bits = 25;
        let (east, north) = (self.longitude.step(bits), self.latitude.step(bits));
        // The bits of both by turns, the highest first, that of the longitude before that of the latitude.
        let by_turns = (0..bits).rev().flat_map(|bit| [(east >> bit) & 1, (north >> bit) & 1]);
        let by_turns: Vec<u64> = by_turns.collect();
        by_turns
            .chunks(5)
            .map(|five| five.iter().fold(0_usize, |letter, bit| (letter << 1) | usize::from(*bit == 1)))
            .filter_map(|letter| GEOHASH.get(letter))
            .take(letters.min(GEOHASH_LETTERS))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(latitude: &str, longitude: &str) -> Coordinates {
        Coordinates { latitude: Latitude::parse(latitude).unwrap(), longitude: Longitude::parse(longitude).unwrap() }
    }

    #[test]
    fn degrees_are_read_exactly_and_written_with_six_decimals() {
        for (text, written) in [
            ("37.497942", "37.497942"),
            ("-37.5", "-37.500000"),
            ("0", "0.000000"),
            ("-0", "0.000000"),
            ("-0.000001", "-0.000001"),
            ("90", "90.000000"),
            ("-90.000000", "-90.000000"),
        ] {
            assert_eq!(Latitude::parse(text).unwrap().to_string(), written, "{text}");
        }
        assert_eq!(Longitude::parse("180").unwrap().to_string(), "180.000000");
    }

    #[test]
    fn attack_10_17_what_is_no_number_of_degrees_is_refused() {
        for wrong in [
            "",
            "-",
            ".",
            "1.",
            ".5",
            "1e1",
            "+1",
            " 1",
            "1 ",
            "07",
            "1.0000001",
            "90.000001",
            "-90.000001",
            "1000",
            "NaN",
            "inf",
            "１",
            "1,5",
            "0x1",
            "1.-5",
            "--1",
            "1\0",
            "99999999999999999999",
        ] {
            assert!(Latitude::parse(wrong).is_err(), "{wrong:?}");
        }
        assert!(Longitude::parse("180.000001").is_err());
        assert!(Longitude::parse("-181").is_err());
        // A number would be a float to many readers; only the text is taken.
        assert!(serde_json::from_str::<Latitude>("37.5").is_err());
        assert!(serde_json::from_str::<Coordinates>(r#"{"latitude":"1","longitude":"1","altitude":"1"}"#).is_err());
    }

    /// From the article that made the code known, and from an independent program.
    #[test]
    fn the_geohash_is_the_one_that_others_compute() {
        assert_eq!(at("57.64911", "10.40744").geohash(10), "u4pruydqqv");
        assert_eq!(at("37.497942", "127.027621").geohash(10), "wydm6d69q5");
        assert_eq!(at("42.6", "-5.6").geohash(5), "ezs42");
        assert_eq!(at("-25.382708", "-49.265506").geohash(8), "6gkzwgjz");
        assert_eq!(at("90", "180").geohash(10), "zzzzzzzzzz");
        assert_eq!(at("-90", "-180").geohash(99), "0000000000");
        assert_eq!(at("0", "0").geohash(0), "");
    }

    #[test]
    fn attack_69_debug_output_tells_nobody_where_people_are() {
        let text = format!("{:?}", at("37.497942", "127.027621"));
        assert!(!text.contains("37") && !text.contains("127"), "{text}");
    }

    proptest! {
        #[test]
        fn attack_10_any_text_is_taken_or_refused_and_what_is_taken_reads_back_the_same(text in ".{0,20}") {
            if let Ok(degrees) = Longitude::parse(&text) {
                prop_assert_eq!(Longitude::parse(&degrees.to_string()), Ok(degrees));
            }
        }

        #[test]
        fn every_place_has_a_geohash_whose_beginnings_are_those_of_its_cells(
            latitude in -90_000_000_i32..=90_000_000,
            longitude in -180_000_000_i32..=180_000_000,
        ) {
            let place = Coordinates { latitude: Latitude(latitude), longitude: Longitude(longitude) };
            let hash = place.geohash(10);
            prop_assert_eq!(hash.len(), 10);
            for letters in 0..10 {
                prop_assert_eq!(&place.geohash(letters), hash.get(..letters).unwrap());
            }
        }
    }
}
