//! Where a person is, as they say.

use serde::{Deserialize, Serialize};

use super::Coordinates;
use crate::text::PlaceName;

/// Where a person is: for what is near to them. Only they see the coordinates.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Location {
    /// Exactly. Shown to nobody else.
    pub coordinates: Coordinates,
    /// Roughly. Others see this.
    pub area: Area,
}

/// Roughly where a person is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Area {
    /// The city or province.
    pub city: PlaceName,
    /// The district. Some cities have none.
    #[serde(default)]
    pub district: Option<PlaceName>,
}
