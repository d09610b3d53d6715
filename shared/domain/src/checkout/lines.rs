//! What a buyer asks for.

use serde::{Deserialize, Deserializer, Serialize};

use super::{CheckoutError, LineProblem};
use crate::{
    FieldError, Money,
    ids::{ListingId, VariantId},
    orders::{Contact, ShippingAddress},
};

/// How many pieces of one variant an order has: 1 to 99.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Quantity(u32);

impl Quantity {
    /// The most pieces.
    pub const MOST: u32 = 99;

    /// So many pieces; `None` for 0 and for more than [`Self::MOST`].
    #[must_use]
    pub const fn new(count: u32) -> Option<Self> {
        if count >= 1 && count <= Self::MOST { Some(Self(count)) } else { None }
    }

    /// The number of pieces.
    #[must_use]
    pub const fn get(self) -> u32 {
        self.0
    }

    fn plus(self, other: Self) -> Option<Self> {
        Self::new(self.0.saturating_add(other.0))
    }
}

impl<'de> Deserialize<'de> for Quantity {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let count = u32::deserialize(deserializer)?;
        Self::new(count).ok_or_else(|| FieldError::range(1, Self::MOST).into_serde())
    }
}

impl schemars::JsonSchema for Quantity {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Quantity".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "integer", "minimum": 1, "maximum": Self::MOST, "examples": [2] })
    }
}

/// One line that a buyer asks for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CheckoutLine {
    /// The listing.
    pub listing_id: ListingId,
    /// The variant of the listing.
    pub variant_id: VariantId,
    /// How many pieces.
    pub quantity: Quantity,
    /// The price of one piece that the buyer saw. When it is given and is not the price now, the
    /// order is refused.
    #[serde(default)]
    pub expected_price: Option<Money>,
}

/// The body of `POST /checkouts`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CheckoutRequest {
    /// What is bought: 1 to 20 lines.
    #[schemars(length(min = 1, max = 20))]
    pub lines: Vec<CheckoutLine>,
    /// Whom to ask about the order.
    pub contact: Contact,
    /// Where the goods go.
    pub shipping: ShippingAddress,
}

/// The lines of one variant, as one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MergedLine {
    /// The listing.
    pub listing_id: ListingId,
    /// The variant. No other merged line has it.
    pub variant_id: VariantId,
    /// The pieces of all its lines.
    pub quantity: Quantity,
    /// The price of one piece that the buyer saw, if one of the lines tells it.
    pub expected_price: Option<Money>,
    /// The place of the first of its lines in the request, counted from 0, for error pointers.
    pub position: usize,
}

/// The most lines of one request. A transaction of the database takes 100 items, and each line
/// costs it one besides those of the order itself.
pub const MOST_LINES: usize = 20;

/// Puts the lines of the same variant together, so that a transaction touches each variant once.
/// Keeps the order of first appearance.
///
/// # Errors
/// [`CheckoutError::LineInvalid`] when there are no lines or more than [`MOST_LINES`], when lines of
/// one variant name two listings or two prices, or ask for more than [`Quantity::MOST`] pieces.
pub fn merge_lines(lines: &[CheckoutLine]) -> Result<Vec<MergedLine>, CheckoutError> {
    if lines.is_empty() || lines.len() > MOST_LINES {
        return refuse("/lines".to_owned(), LineProblem::Count { most: MOST_LINES });
    }
    let mut merged: Vec<MergedLine> = Vec::new();
    for (position, line) in lines.iter().enumerate() {
        let Some(earlier) = merged.iter_mut().find(|earlier| earlier.variant_id == line.variant_id) else {
            merged.push(MergedLine {
                listing_id: line.listing_id,
                variant_id: line.variant_id,
                quantity: line.quantity,
                expected_price: line.expected_price,
                position,
            });
            continue;
        };
        if earlier.listing_id != line.listing_id {
            return refuse(format!("/lines/{position}/listing_id"), LineProblem::OtherListing);
        }
        if let (Some(one), Some(other)) = (earlier.expected_price, line.expected_price)
            && one != other
        {
            return refuse(format!("/lines/{position}/expected_price"), LineProblem::OtherPrice);
        }
        let Some(quantity) = earlier.quantity.plus(line.quantity) else {
            return refuse(format!("/lines/{position}/quantity"), LineProblem::TooMany { most: Quantity::MOST });
        };
        earlier.quantity = quantity;
        earlier.expected_price = earlier.expected_price.or(line.expected_price);
    }
    Ok(merged)
}

fn refuse<T>(pointer: String, problem: LineProblem) -> Result<T, CheckoutError> {
    Err(CheckoutError::LineInvalid { pointer, problem })
}

#[cfg(test)]
mod tests;
