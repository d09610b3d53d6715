//! What the orders of a checkout cost.

use serde::{Deserialize, Serialize};

use super::{CheckoutError, LineProblem, MergedLine, Quantity};
use crate::{
    Currency, Money,
    ids::{ListingId, StoreId, VariantId},
    money::MoneyError,
};

/// What shipping costs. One fee for each order, and each store sends an order of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShippingPolicy {
    /// The fee of an order.
    pub fee: Money,
    /// From which subtotal on shipping costs nothing; never when `None`.
    pub free_from: Option<Money>,
}

impl ShippingPolicy {
    /// The policy of a marketplace that has not set another: 3,000 won and free from 50,000 won,
    /// or 10 dollars and free from 100 dollars.
    #[must_use]
    pub const fn standard(currency: Currency) -> Self {
        let (fee, free_from) = match currency {
            Currency::Krw => (3_000, 50_000),
            Currency::Usd => (1_000, 10_000),
        };
        Self { fee: Money { amount: fee, currency }, free_from: Some(Money { amount: free_from, currency }) }
    }

    fn fee_for(&self, subtotal: Money) -> Money {
        match self.free_from {
            Some(free_from) if subtotal.amount >= free_from.amount => Money::zero(self.fee.currency),
            _ => self.fee,
        }
    }
}

/// The least that can be paid. A card payment starts at 100 won with Toss
/// (`BELOW_MINIMUM_AMOUNT`, <https://docs.tosspayments.com/reference/error-codes>) and at 50 cents
/// with Stripe (<https://docs.stripe.com/currencies#minimum-and-maximum-charge-amounts>).
#[must_use]
pub const fn least_charge(currency: Currency) -> Money {
    match currency {
        Currency::Krw => Money { amount: 100, currency },
        Currency::Usd => Money { amount: 50, currency },
    }
}

/// A line of the request with what is stored about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineToPrice {
    /// The line.
    pub line: MergedLine,
    /// The store that sells it.
    pub store_id: StoreId,
    /// What one piece costs now, as stored.
    pub unit_price: Money,
}

/// A line with its price.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PricedLine {
    /// The listing.
    pub listing_id: ListingId,
    /// The variant.
    pub variant_id: VariantId,
    /// How many pieces.
    pub quantity: Quantity,
    /// What one piece costs.
    pub unit_price: Money,
    /// What all pieces cost.
    pub total: Money,
    /// The place of the line in the request, counted from 0, for error pointers.
    pub position: usize,
}

/// The order of one store with its price.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PricedOrder {
    /// The store.
    pub store_id: StoreId,
    /// Its lines, in the order of the request.
    pub lines: Vec<PricedLine>,
    /// The price of all lines.
    pub subtotal: Money,
    /// The shipping fee.
    pub shipping_fee: Money,
    /// What is to be paid for it: subtotal and shipping fee.
    pub total: Money,
}

/// A whole checkout with its price.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PricedCheckout {
    /// The orders, one for each store, in the order of first appearance.
    pub orders: Vec<PricedOrder>,
    /// The price of all goods.
    pub subtotal: Money,
    /// All shipping fees.
    pub shipping_fee: Money,
    /// What is to be paid.
    pub total: Money,
}

/// The most stores of one checkout.
pub const MOST_STORES: usize = 5;

/// Prices a checkout from what is stored: one order for each store, each with a shipping fee of its own.
///
/// # Errors
/// [`CheckoutError`]: `LineInvalid` when there are more than [`MOST_STORES`] stores; `PriceChanged` when a
/// line expects another price than is stored; `MixedCurrencies` when the lines are not all in the
/// currency of the policy, which is that of the first line; `TotalTooLarge` when a product or a sum is
/// over [`Money::MAX_AMOUNT`]; `TotalTooSmall` when the total is not zero and under [`least_charge`].
pub fn price_checkout(lines: &[LineToPrice], policy: &ShippingPolicy) -> Result<PricedCheckout, CheckoutError> {
    let currency = policy.fee.currency;
    if let Some(other) = lines.iter().find(|line| line.unit_price.currency != currency) {
        return Err(CheckoutError::MixedCurrencies { line: other.line.position });
    }
    let orders = by_store(lines)?
        .into_iter()
        .map(|(store_id, lines)| price_order(store_id, lines, policy))
        .collect::<Result<Vec<_>, _>>()?;
    let sum = |part: fn(&PricedOrder) -> Money| {
        Money::sum(currency, orders.iter().map(part)).map_err(|_| CheckoutError::TotalTooLarge)
    };
    let (subtotal, shipping_fee, total) =
        (sum(|order| order.subtotal)?, sum(|order| order.shipping_fee)?, sum(|order| order.total)?);
    let least = least_charge(currency);
    if !total.is_zero() && total.amount < least.amount {
        return Err(CheckoutError::TotalTooSmall { least });
    }
    Ok(PricedCheckout { orders, subtotal, shipping_fee, total })
}

fn by_store(lines: &[LineToPrice]) -> Result<Vec<(StoreId, Vec<PricedLine>)>, CheckoutError> {
    let mut stores: Vec<(StoreId, Vec<PricedLine>)> = Vec::new();
    for line in lines {
        let priced = price_line(line)?;
        let has_room = stores.len() < MOST_STORES;
        match stores.iter_mut().find(|(store, _)| *store == line.store_id) {
            Some((_, lines)) => lines.push(priced),
            None if has_room => stores.push((line.store_id, vec![priced])),
            None => {
                let pointer = format!("/lines/{}/listing_id", line.line.position);
                return Err(CheckoutError::LineInvalid { pointer, problem: LineProblem::Stores { most: MOST_STORES } });
            }
        }
    }
    Ok(stores)
}

fn price_order(
    store_id: StoreId,
    lines: Vec<PricedLine>,
    policy: &ShippingPolicy,
) -> Result<PricedOrder, CheckoutError> {
    let too_large = |_: MoneyError| CheckoutError::TotalTooLarge;
    let subtotal = Money::sum(policy.fee.currency, lines.iter().map(|line| line.total)).map_err(too_large)?;
    let shipping_fee = policy.fee_for(subtotal);
    let total = subtotal.plus(shipping_fee).map_err(too_large)?;
    Ok(PricedOrder { store_id, lines, subtotal, shipping_fee, total })
}

fn price_line(priced: &LineToPrice) -> Result<PricedLine, CheckoutError> {
    let LineToPrice { line, unit_price, .. } = priced;
    if line.expected_price.is_some_and(|expected| expected != *unit_price) {
        return Err(CheckoutError::PriceChanged { line: line.position, price: *unit_price });
    }
    let total = unit_price.times(line.quantity.get()).map_err(|_| CheckoutError::TotalTooLarge)?;
    Ok(PricedLine {
        listing_id: line.listing_id,
        variant_id: line.variant_id,
        quantity: line.quantity,
        unit_price: *unit_price,
        total,
        position: line.position,
    })
}

#[cfg(test)]
#[expect(clippy::arithmetic_side_effects, reason = "a sum that overflows fails the test, as it should")]
mod tests;
