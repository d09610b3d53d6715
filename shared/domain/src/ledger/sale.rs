//! What a sale and its refunds post.

use serde::{Deserialize, Serialize};

use super::{Account, Entry, LedgerError, Posting, PostingKind};
use crate::{
    Currency, Money, Timestamp,
    ids::{OrderId, PostingId, StoreId},
    money::MoneyError,
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

    /// The fee on a price, rounded down: what rounding leaves over is the store's.
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
pub struct Sale {
    /// The order.
    pub order_id: OrderId,
    /// Whose goods they were.
    pub store_id: StoreId,
    /// Who took the money.
    pub provider: PaymentProvider,
    /// The price of the goods.
    pub subtotal: Money,
    /// The shipping fee.
    pub shipping_fee: Money,
    /// What the marketplace keeps of the price of the goods.
    pub fee: FeePolicy,
}

impl Sale {
    fn total(&self) -> Result<Money, LedgerError> {
        self.subtotal.plus(self.shipping_fee).map_err(|error| match error {
            MoneyError::MixedCurrencies => LedgerError::MixedCurrencies,
            MoneyError::OutOfRange => LedgerError::EntryAmount,
        })
    }

    /// What the marketplace keeps of the first so many minor units of the total: its share of the whole,
    /// rounded down. Since it never falls and ends in the whole fee, refunds may be cut in any way.
    fn fee_of_first(&self, amount: i64, total: Money) -> i64 {
        let fee = i128::from(self.fee.fee_on(self.subtotal).amount);
        let share = fee.saturating_mul(i128::from(amount)).checked_div(i128::from(total.amount));
        share.and_then(|share| i64::try_from(share).ok()).unwrap_or(0)
    }
}

/// What a sale posts: the provider owes us the total; we owe the store the price of its goods and the
/// shipping fee, less our fee; the fee is the marketplace's.
///
/// # Errors
/// [`LedgerError::NothingToPost`] when the total is zero, [`LedgerError::MixedCurrencies`].
pub fn sale_posting(id: PostingId, sale: &Sale, at: Timestamp) -> Result<Posting, LedgerError> {
    let total = sale.total()?;
    if total.is_zero() {
        return Err(LedgerError::NothingToPost);
    }
    let fee = sale.fee.fee_on(sale.subtotal).amount;
    Posting::new(id, sale.order_id, PostingKind::Sale, at, entries(sale, total, fee, i64::saturating_neg))
}

/// Money that goes back to the buyer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refund {
    /// How much.
    pub amount: Money,
    /// How much of the order went back before.
    pub before: Money,
    /// When the provider gave it back.
    pub at: Timestamp,
}

/// What a refund posts: the mirror of the sale, in proportion. Nobody gives back more than they got, and
/// when all of the money has gone back, in however many parts, sale and refunds cancel each other on
/// every account.
///
/// # Errors
/// [`LedgerError::NothingToPost`] for a refund of zero, [`LedgerError::RefundTooLarge`] for more
/// than is left, [`LedgerError::MixedCurrencies`] for another currency than the sale's.
pub fn refund_posting(id: PostingId, sale: &Sale, refund: Refund) -> Result<Posting, LedgerError> {
    let total = sale.total()?;
    if refund.amount.currency != total.currency || refund.before.currency != total.currency {
        return Err(LedgerError::MixedCurrencies);
    }
    if refund.amount.is_zero() {
        return Err(LedgerError::NothingToPost);
    }
    let after = refund.before.plus(refund.amount).map_err(|_| LedgerError::RefundTooLarge)?;
    if after.amount > total.amount {
        return Err(LedgerError::RefundTooLarge);
    }
    let (of_all, of_earlier) = (sale.fee_of_first(after.amount, total), sale.fee_of_first(refund.before.amount, total));
    let fee = of_all.saturating_sub(of_earlier);
    let entries = entries(sale, refund.amount, fee, std::convert::identity);
    Posting::new(id, sale.order_id, PostingKind::Refund, refund.at, entries)
}

/// The entries of an amount of which so much is the fee. `ours` turns what we owe: into minus for a sale,
/// into plus for a refund.
fn entries(sale: &Sale, amount: Money, fee: i64, ours: fn(i64) -> i64) -> Vec<Entry> {
    // An amount and a part of it: nothing here leaves the range.
    let of_store = amount.amount.saturating_sub(fee);
    let mut entries = vec![
        entry(Account::Provider(sale.provider), ours(amount.amount).saturating_neg(), amount.currency),
        entry(Account::StorePayable(sale.store_id), ours(of_store), amount.currency),
        entry(Account::PlatformFees, ours(fee), amount.currency),
    ];
    entries.retain(|entry| entry.amount != 0);
    entries
}

const fn entry(account: Account, amount: i64, currency: Currency) -> Entry {
    Entry { account, amount, currency }
}

#[cfg(test)]
#[expect(clippy::arithmetic_side_effects, reason = "a sum that overflows fails the test, as it should")]
mod tests;
