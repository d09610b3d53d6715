//! A moment. It comes with the event that a function handles; nothing here reads a clock.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use time::{OffsetDateTime, UtcOffset, format_description::well_known::Rfc3339, macros::format_description};

/// A moment in UTC with millisecond precision, between the years 1970 and 9999.
///
/// Its text is RFC 3339 with exactly three decimals and `Z`, so that texts sort as moments do and
/// can be compared in a condition of the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

/// A span in whole seconds. A type of its own, so that seconds and milliseconds cannot be mixed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Seconds(pub u32);

impl Seconds {
    /// So many minutes.
    #[must_use]
    pub const fn minutes(minutes: u32) -> Self {
        Self(minutes.saturating_mul(60))
    }

    /// So many hours.
    #[must_use]
    pub const fn hours(hours: u32) -> Self {
        Self(hours.saturating_mul(3_600))
    }

    /// So many days of 24 hours.
    #[must_use]
    pub const fn days(days: u32) -> Self {
        Self(days.saturating_mul(86_400))
    }
}

impl Timestamp {
    /// The first moment that can be told, 1970-01-01T00:00:00Z.
    pub const MIN: Self = Self(0);
    /// The last moment that can be told, 9999-12-31T23:59:59.999Z.
    pub const MAX: Self = Self(253_402_300_799_999);

    /// From milliseconds since 1970; a moment outside the range becomes the nearest end of it.
    #[must_use]
    pub const fn from_millis(millis: i64) -> Self {
        if millis < Self::MIN.0 {
            Self::MIN
        } else if millis > Self::MAX.0 {
            Self::MAX
        } else {
            Self(millis)
        }
    }

    /// From seconds since 1970; a moment outside the range becomes the nearest end of it.
    #[must_use]
    pub const fn from_seconds(seconds: i64) -> Self {
        Self::from_millis(seconds.saturating_mul(1_000))
    }

    /// Milliseconds since 1970.
    #[must_use]
    pub const fn millis(self) -> i64 {
        self.0
    }

    /// Whole seconds since 1970, rounded down.
    #[must_use]
    pub const fn seconds(self) -> i64 {
        self.0.div_euclid(1_000)
    }

    /// So much later.
    #[must_use]
    pub const fn plus(self, span: Seconds) -> Self {
        Self::from_millis(self.0.saturating_add((span.0 as i64).saturating_mul(1_000)))
    }

    /// So much earlier.
    #[must_use]
    pub const fn minus(self, span: Seconds) -> Self {
        Self::from_millis(self.0.saturating_sub((span.0 as i64).saturating_mul(1_000)))
    }

    /// Whole seconds from `self` to `later`, rounded up; 0 when `later` is not later.
    #[must_use]
    pub fn seconds_until(self, later: Self) -> u32 {
        let millis = later.0.saturating_sub(self.0).max(0);
        u32::try_from(millis.saturating_add(999).div_euclid(1_000)).unwrap_or(u32::MAX)
    }

    /// Reads RFC 3339 text with any offset and any number of decimals.
    ///
    /// # Errors
    /// When the text is not RFC 3339, or lies outside the range of the type.
    pub fn parse(text: &str) -> Result<Self, NotATimestamp> {
        let moment = OffsetDateTime::parse(text, &Rfc3339).map_err(|_| NotATimestamp)?.to_offset(UtcOffset::UTC);
        let millis = i64::try_from(moment.unix_timestamp_nanos().div_euclid(1_000_000)).map_err(|_| NotATimestamp)?;
        if (Self::MIN.0..=Self::MAX.0).contains(&millis) { Ok(Self(millis)) } else { Err(NotATimestamp) }
    }
}

/// The text is not a moment that we can tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be a date and time as RFC 3339 writes it, such as 2026-11-21T09:00:00Z")]
pub struct NotATimestamp;

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let format = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z");
        let moment = OffsetDateTime::from_unix_timestamp_nanos(i128::from(self.0).saturating_mul(1_000_000))
            .map_err(|_| fmt::Error)?;
        f.write_str(&moment.format(format).map_err(|_| fmt::Error)?)
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).map_err(|bad| {
            let korean = "2026-11-21T09:00:00Z와 같은 날짜와 시각이어야 합니다";
            crate::FieldError::new(crate::FieldCode::Form, bad.to_string(), korean).into_serde()
        })
    }
}

impl schemars::JsonSchema for Timestamp {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Timestamp".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string",
            "format": "date-time",
            "description": "A moment in UTC (RFC 3339).",
            "examples": ["2026-11-21T09:00:00.000Z"],
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn text_round_trips_and_sorts_like_the_moment(a in 0..=Timestamp::MAX.0, b in 0..=Timestamp::MAX.0) {
            let (a, b) = (Timestamp::from_millis(a), Timestamp::from_millis(b));
            prop_assert_eq!(Timestamp::parse(&a.to_string()), Ok(a));
            prop_assert_eq!(a.to_string().cmp(&b.to_string()), a.cmp(&b));
        }
    }

    #[test]
    fn other_offsets_become_utc() {
        let seoul = Timestamp::parse("2026-11-21T18:00:00.5+09:00").unwrap();
        assert_eq!(seoul.to_string(), "2026-11-21T09:00:00.500Z");
    }

    #[test]
    fn waiting_times_are_rounded_up_and_never_negative() {
        let now = Timestamp::from_millis(1_000);
        assert_eq!(now.seconds_until(Timestamp::from_millis(1_001)), 1);
        assert_eq!(now.seconds_until(Timestamp::from_millis(61_000)), 60);
        assert_eq!(now.seconds_until(Timestamp::from_millis(5)), 0);
    }
}
