//! Capacity units, as DynamoDB counts them.

use aws_sdk_dynamodb::types::ConsumedCapacity;

/// What a call consumed, in halves of a unit: DynamoDB says units as a float that is a whole number of halves.
pub(super) fn half_units<'a>(consumed: impl IntoIterator<Item = &'a ConsumedCapacity>) -> u32 {
    consumed.into_iter().filter_map(ConsumedCapacity::capacity_units).map(halves).sum()
}

#[expect(
    clippy::float_arithmetic,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "capacity units are no money; a float-to-int cast saturates"
)]
fn halves(units: f64) -> u32 {
    (units * 2.0).round() as u32
}
