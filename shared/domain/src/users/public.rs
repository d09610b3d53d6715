//! What others see of a person.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Area;
use crate::{Timestamp, ids::UserId, text::Nickname};

/// What anyone sees of a person, and all of it: no address, no role, no exact place. Whoever shows a
/// person who has withdrawn has none of this, and calls them [`PublicProfile::WITHDRAWN`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PublicProfile {
    /// Their id.
    pub id: UserId,
    /// What they are called.
    pub nickname: Nickname,
    /// The address of their picture on the site; that of a default one when they have none.
    pub picture: String,
    /// What others think of them; null while nobody has said so.
    pub score: Option<Score>,
    /// Since when they are a member.
    pub member_since: Month,
    /// Roughly where they are; null when they do not say.
    pub area: Option<Area>,
}

impl PublicProfile {
    /// What a person is called who is no longer there, in English and Korean: in rooms and reviews
    /// that outlive them.
    pub const WITHDRAWN: (&'static str, &'static str) = ("Withdrawn user", "탈퇴한 회원");
}

/// What others think of a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Score {
    /// The mean of their stars in hundredths, 100 to 500.
    pub hundredths: u16,
    /// Of how many reviews.
    pub reviews: u32,
}

/// A month of UTC, such as `2026-11`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Month(String);

impl Month {
    /// The month in which a moment lies.
    #[must_use]
    pub fn of(moment: Timestamp) -> Self {
        // The text of a moment begins with its year and month.
        Self(moment.to_string().chars().take(7).collect())
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl JsonSchema for Month {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Month".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string",
            "description": "A month in UTC.",
            "pattern": "^[0-9]{4}-[0-9]{2}$",
            "examples": ["2026-11"],
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_is_that_of_utc() {
        let of = |text: &str| Month::of(Timestamp::parse(text).unwrap()).to_string();
        assert_eq!(of("2026-11-30T23:59:59.999Z"), "2026-11");
        assert_eq!(of("2026-12-01T08:59:59+09:00"), "2026-11");
        assert_eq!(of("1970-01-01T00:00:00Z"), "1970-01");
    }
}
