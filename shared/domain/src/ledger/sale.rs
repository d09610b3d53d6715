//! What a sale and its refunds post.

use serde::{Deserialize, Serialize};

use super::{Account, Entry, LedgerError, Posting, PostingKind};
use crate::{
    Currency, Money, Timestamp,
    ids::{OrderId, PostingId, UserId},
    orders::SellerShare,
    payments::PaymentProvider,
};

/// What the marketplace keeps of the price of goods, in basis points (hundredths of a per cent).
/// Shipping bears no fee. The fee of a sale is frozen in its posting: a later policy changes
/// nothing about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct FeePolicy {
    basis_points: u16,
}

impl FeePolicy {
    /// No fee.
    pub const NONE: Self = Self { basis_points: 0 };

    /// A fee of so many basis points, 0 to 10,000.
    ///
    /// # Errors
    /// [`LedgerError::FeeRange`] when it is more than the whole price.
    pub const fn new(basis_points: u16) -> Result<Self, LedgerError> {
        if basis_points <= 10_000 { Ok(Self { basis_points }) } else { Err(LedgerError::FeeRange) }
    }

    /// The fee in basis points.
    #[must_use]
    pub const fn basis_points(self) -> u16 {
        self.basis_points
    }

    /// The fee on a price, rounded down: what rounding leaves over is the seller's.
    #[must_use]
    pub fn fee_on(self, price: Money) -> Money {
        // At most 10^12 times 10^4: the product fits.
        let product = price.amount.saturating_mul(i64::from(self.basis_points));
        Money { amount: product.div_euclid(10_000), currency: price.currency }
    }
}

impl<'de> Deserialize<'de> for FeePolicy {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::new(u16::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

/// A paid order, as the books see it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sale<'a> {
    /// The order.
    pub order_id: OrderId,
    /// Who took the money.
    pub provider: PaymentProvider,
    /// When the provider took it.
    pub at: Timestamp,
    /// What the buyer paid.
    pub total: Money,
    /// What each seller has in it.
    pub sellers: &'a [SellerShare],
}

/// What a sale posts: the provider owes us the total; we owe each seller subtotal and share of
/// shipping less the fee; the fees are the marketplace's.
///
/// # Errors
/// [`LedgerError::NothingToPost`] when the total is zero, [`LedgerError::Unbalanced`] when the
/// sellers' shares do not add up to the total, [`LedgerError::MixedCurrencies`].
pub fn sale_posting(id: PostingId, sale: &Sale<'_>, policy: FeePolicy) -> Result<Posting, LedgerError> {
    if sale.total.is_zero() {
        return Err(LedgerError::NothingToPost);
    }
    let currency = sale.total.currency;
    let mut sellers: Vec<(UserId, i64)> = Vec::new();
    let mut fees = 0_i64;
    for share in sale.sellers {
        if share.subtotal.currency != currency || share.shipping_share.currency != currency {
            return Err(LedgerError::MixedCurrencies);
        }
        let fee = policy.fee_on(share.subtotal).amount;
        // Each of the three is at most 10^12: the sum fits.
        let payable = share.subtotal.amount.saturating_add(share.shipping_share.amount).saturating_sub(fee);
        fees = fees.saturating_add(fee);
        match sellers.iter_mut().find(|(seller, _)| *seller == share.seller_id) {
            Some((_, sum)) => *sum = sum.saturating_add(payable),
            None => sellers.push((share.seller_id, payable)),
        }
    }
    let mut entries = vec![entry(Account::Provider(sale.provider), sale.total.amount, currency)];
    entries.extend(
        sellers
            .into_iter()
            .map(|(seller, payable)| entry(Account::SellerPayable(seller), payable.saturating_neg(), currency)),
    );
    entries.push(entry(Account::PlatformFees, fees.saturating_neg(), currency));
    entries.retain(|entry| entry.amount != 0);
    Posting::new(id, sale.order_id, PostingKind::Sale, sale.at, entries)
}

/// Money that goes back to the buyer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refund {
    /// How much.
    pub amount: Money,
    /// When the provider gave it back.
    pub at: Timestamp,
}

/// What a refund posts: the mirror of the sale, in proportion to what is left of it after the
/// earlier refunds, by largest remainder. Nobody gives back more than was left to them, and when
/// all of the money has gone back, sale and refunds cancel each other on every account.
///
/// # Errors
/// [`LedgerError::NothingToPost`] for a refund of zero, [`LedgerError::RefundTooLarge`] for more
/// than is left, [`LedgerError::MixedCurrencies`] for another currency than the sale's,
/// [`LedgerError::NotThisSale`] when `sale` is no sale or `earlier` has anything but its refunds.
pub fn refund_posting(
    id: PostingId,
    sale: &Posting,
    earlier: &[Posting],
    refund: Refund,
) -> Result<Posting, LedgerError> {
    let is_refund_of_it =
        |posting: &Posting| posting.kind() == PostingKind::Refund && posting.order_id() == sale.order_id();
    if sale.kind() != PostingKind::Sale || !earlier.iter().all(is_refund_of_it) {
        return Err(LedgerError::NotThisSale);
    }
    let currency = refund.amount.currency;
    if sale.entries().iter().any(|entry| entry.currency != currency) {
        return Err(LedgerError::MixedCurrencies);
    }
    if refund.amount.is_zero() {
        return Err(LedgerError::NothingToPost);
    }
    let left: Vec<(Account, i64)> =
        sale.entries().iter().map(|of_sale| (of_sale.account, left_of(of_sale, earlier))).collect();
    let mut entries = mirror(&left, refund.amount, i64::is_positive)?;
    entries.extend(mirror(&left, refund.amount, i64::is_negative)?);
    Posting::new(id, sale.order_id(), PostingKind::Refund, refund.at, entries)
}

/// What earlier refunds left of an entry of the sale. No account stands in a posting twice.
fn left_of(of_sale: &Entry, earlier: &[Posting]) -> i64 {
    earlier
        .iter()
        .flat_map(Posting::entries)
        .filter(|entry| entry.account == of_sale.account && entry.currency == of_sale.currency)
        .fold(of_sale.amount, |left, entry| left.saturating_add(entry.amount))
}

/// Takes an amount from one side of what is left, with the sign turned.
fn mirror(left: &[(Account, i64)], amount: Money, side: fn(i64) -> bool) -> Result<Vec<Entry>, LedgerError> {
    let of_side: Vec<&(Account, i64)> = left.iter().filter(|(_, left)| side(*left)).collect();
    let weights: Vec<u64> = of_side.iter().map(|(_, left)| left.unsigned_abs()).collect();
    let total = weights.iter().fold(0_u64, |total, weight| total.saturating_add(*weight));
    if amount.amount.unsigned_abs() > total {
        return Err(LedgerError::RefundTooLarge);
    }
    let shares = amount.spread(&weights);
    let entries = of_side.iter().zip(shares).map(|((account, left), share)| {
        let turned = if left.is_positive() { share.amount.saturating_neg() } else { share.amount };
        entry(*account, turned, amount.currency)
    });
    Ok(entries.filter(|entry| entry.amount != 0).collect())
}

const fn entry(account: Account, amount: i64, currency: Currency) -> Entry {
    Entry { account, amount, currency }
}

#[cfg(test)]
#[expect(clippy::arithmetic_side_effects, reason = "a sum that overflows fails the test, as it should")]
mod tests;
