//! What an order costs.

use serde::{Deserialize, Serialize};

use super::{CheckoutError, MergedLine, Quantity};
use crate::{
    Currency, Money,
    ids::{ListingId, UserId, VariantId},
    money::MoneyError,
    orders::SellerShare,
};

/// What shipping costs. One fee for each order, however many sellers it has.
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
    /// Who sells it.
    pub seller_id: UserId,
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
    /// Who sells it.
    pub seller_id: UserId,
    /// How many pieces.
    pub quantity: Quantity,
    /// What one piece costs.
    pub unit_price: Money,
    /// What all pieces cost.
    pub total: Money,
    /// The place of the line in the request, counted from 0, for error pointers.
    pub position: usize,
}

/// A whole order with its price.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Priced {
    /// The lines, in the order of the request.
    pub lines: Vec<PricedLine>,
    /// What each seller has in it, in the order of first appearance. Their subtotals add up to
    /// `subtotal`, and their shares of shipping to `shipping_fee`.
    pub sellers: Vec<SellerShare>,
    /// The price of all lines.
    pub subtotal: Money,
    /// The shipping fee.
    pub shipping_fee: Money,
    /// What is to be paid: subtotal and shipping fee.
    pub total: Money,
}

/// Prices an order from what is stored. The shipping fee is spread over the sellers by largest
/// remainder of their subtotals.
///
/// # Errors
/// [`CheckoutError`]: `PriceChanged` when a line expects another price than is stored;
/// `MixedCurrencies` when the lines are not all in the currency of the policy, which is that of the
/// first line; `TotalTooLarge` when a product or a sum is over [`Money::MAX_AMOUNT`];
/// `TotalTooSmall` when the total is not zero and under [`least_charge`].
pub fn price_order(lines: &[LineToPrice], policy: &ShippingPolicy) -> Result<Priced, CheckoutError> {
    let currency = policy.fee.currency;
    if let Some(other) = lines.iter().find(|line| line.unit_price.currency != currency) {
        return Err(CheckoutError::MixedCurrencies { line: other.line.position });
    }
    let lines = lines.iter().map(price_line).collect::<Result<Vec<_>, _>>()?;
    let too_large = |_: MoneyError| CheckoutError::TotalTooLarge;
    let subtotal = Money::sum(currency, lines.iter().map(|line| line.total)).map_err(too_large)?;
    let shipping_fee = policy.fee_for(subtotal);
    let total = subtotal.plus(shipping_fee).map_err(too_large)?;
    let least = least_charge(currency);
    if !total.is_zero() && total.amount < least.amount {
        return Err(CheckoutError::TotalTooSmall { least });
    }
    let sellers = sellers_of(&lines, shipping_fee)?;
    Ok(Priced { lines, sellers, subtotal, shipping_fee, total })
}

fn price_line(priced: &LineToPrice) -> Result<PricedLine, CheckoutError> {
    let LineToPrice { line, seller_id, unit_price } = priced;
    if line.expected_price.is_some_and(|expected| expected != *unit_price) {
        return Err(CheckoutError::PriceChanged { line: line.position, price: *unit_price });
    }
    let total = unit_price.times(line.quantity.get()).map_err(|_| CheckoutError::TotalTooLarge)?;
    Ok(PricedLine {
        listing_id: line.listing_id,
        variant_id: line.variant_id,
        seller_id: *seller_id,
        quantity: line.quantity,
        unit_price: *unit_price,
        total,
        position: line.position,
    })
}

fn sellers_of(lines: &[PricedLine], shipping_fee: Money) -> Result<Vec<SellerShare>, CheckoutError> {
    let mut sellers: Vec<SellerShare> = Vec::new();
    for line in lines {
        match sellers.iter_mut().find(|seller| seller.seller_id == line.seller_id) {
            Some(seller) => {
                seller.subtotal = seller.subtotal.plus(line.total).map_err(|_| CheckoutError::TotalTooLarge)?;
            }
            None => sellers.push(SellerShare {
                seller_id: line.seller_id,
                subtotal: line.total,
                shipping_share: Money::zero(shipping_fee.currency),
            }),
        }
    }
    let weights: Vec<u64> = sellers.iter().map(|seller| seller.subtotal.amount.unsigned_abs()).collect();
    for (seller, share) in sellers.iter_mut().zip(shipping_fee.spread(&weights)) {
        seller.shipping_share = share;
    }
    Ok(sellers)
}

#[cfg(test)]
#[expect(clippy::arithmetic_side_effects, reason = "a sum that overflows fails the test, as it should")]
mod tests;
