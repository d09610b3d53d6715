//! Money: whole minor units and a currency. No floats, no silent overflow, no mixed currencies.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{FieldError, Language};

/// A currency that prices may be in (ISO 4217).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum Currency {
    /// South Korean won. Has no smaller unit: an amount of 1000 is ₩1,000.
    #[default]
    Krw,
    /// United States dollar, in cents.
    Usd,
}

impl Currency {
    /// The ISO 4217 code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Krw => "KRW",
            Self::Usd => "USD",
        }
    }
}

/// An amount of money, never negative, in minor units of its currency.
///
/// At most [`Money::MAX_AMOUNT`], so that sums of any order fit an `i64` and a JSON number keeps
/// every digit (2^53). What may be negative is an entry of the [ledger](crate::ledger).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Money {
    /// Minor units: won, or cents.
    #[serde(deserialize_with = "amount_in_range")]
    #[schemars(range(min = 0, max = 1_000_000_000_000_i64), extend("examples" = [12_000]))]
    pub amount: i64,
    /// The currency that the amount is in.
    pub currency: Currency,
}

fn amount_in_range<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<i64, D::Error> {
    let amount = i64::deserialize(deserializer)?;
    if (0..=Money::MAX_AMOUNT).contains(&amount) {
        Ok(amount)
    } else {
        Err(FieldError::range(0, Money::MAX_AMOUNT).into_serde())
    }
}

/// Why two amounts could not be combined.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// The result is negative or larger than [`Money::MAX_AMOUNT`].
    #[error("the amount is out of range")]
    OutOfRange,
    /// The amounts are in different currencies.
    #[error("the amounts are in different currencies")]
    MixedCurrencies,
}

impl Money {
    /// As people of a language write it: "₩1,234" in English, "1,234원" in Korean; dollars are the same in both.
    #[must_use]
    pub fn text(self, language: Language) -> String {
        match (self.currency, language) {
            (Currency::Krw, Language::Korean) => format!("{}원", grouped(self.amount.unsigned_abs())),
            (Currency::Krw, Language::English) | (Currency::Usd, _) => self.to_string(),
        }
    }
}

/// `₩12,000` or `$12.34`, as people read it.
impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let units = self.amount.unsigned_abs();
        match self.currency {
            Currency::Krw => write!(f, "₩{}", grouped(units)),
            Currency::Usd => {
                let (dollars, cents) = (units.checked_div(100), units.checked_rem(100));
                write!(f, "${}.{:02}", grouped(dollars.unwrap_or(0)), cents.unwrap_or(0))
            }
        }
    }
}

fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len().saturating_add(digits.len() / 3));
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && digits.len().saturating_sub(index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

impl Money {
    /// The largest amount: a million million minor units.
    pub const MAX_AMOUNT: i64 = 1_000_000_000_000;

    /// An amount.
    ///
    /// # Errors
    /// [`MoneyError::OutOfRange`] when it is negative or too large.
    pub const fn new(amount: i64, currency: Currency) -> Result<Self, MoneyError> {
        if amount < 0 || amount > Self::MAX_AMOUNT {
            return Err(MoneyError::OutOfRange);
        }
        Ok(Self { amount, currency })
    }

    /// No money.
    #[must_use]
    pub const fn zero(currency: Currency) -> Self {
        Self { amount: 0, currency }
    }

    /// Whether it is nothing at all.
    #[must_use]
    pub const fn is_zero(self) -> bool {
        self.amount == 0
    }

    /// The sum.
    ///
    /// # Errors
    /// When the currencies differ or the sum is out of range.
    pub fn plus(self, other: Self) -> Result<Self, MoneyError> {
        self.combine(other, i64::checked_add)
    }

    /// The difference.
    ///
    /// # Errors
    /// When the currencies differ or `other` is the larger.
    pub fn minus(self, other: Self) -> Result<Self, MoneyError> {
        self.combine(other, i64::checked_sub)
    }

    /// So many times the amount.
    ///
    /// # Errors
    /// When the product is out of range.
    pub fn times(self, count: u32) -> Result<Self, MoneyError> {
        let amount = self.amount.checked_mul(i64::from(count)).ok_or(MoneyError::OutOfRange)?;
        Self::new(amount, self.currency)
    }

    /// The sum of all; zero of the given currency when there are none.
    ///
    /// # Errors
    /// When a currency differs or the sum is out of range.
    pub fn sum(currency: Currency, amounts: impl IntoIterator<Item = Self>) -> Result<Self, MoneyError> {
        amounts.into_iter().try_fold(Self::zero(currency), Self::plus)
    }

    fn combine(self, other: Self, operation: fn(i64, i64) -> Option<i64>) -> Result<Self, MoneyError> {
        if self.currency != other.currency {
            return Err(MoneyError::MixedCurrencies);
        }
        Self::new(operation(self.amount, other.amount).ok_or(MoneyError::OutOfRange)?, self.currency)
    }

    /// Spreads the amount over the weights by largest remainder: the shares add up to the amount
    /// exactly, and each differs from its exact share by less than one unit. Equal remainders are
    /// served in order, so the result is the same every time. Weights of zero get nothing; when all
    /// are zero, the first gets everything.
    #[must_use]
    pub fn spread(self, weights: &[u64]) -> Vec<Self> {
        let total: u128 = weights.iter().map(|w| u128::from(*w)).sum();
        let amount = u128::from(self.amount.unsigned_abs());
        if total == 0 {
            return weights
                .iter()
                .enumerate()
                .map(|(index, _)| if index == 0 { self } else { Self::zero(self.currency) })
                .collect();
        }
        let mut shares: Vec<(usize, u128, u128)> = weights
            .iter()
            .enumerate()
            .map(|(index, weight)| {
                let exact = amount.saturating_mul(u128::from(*weight));
                (index, exact.checked_div(total).unwrap_or(0), exact.checked_rem(total).unwrap_or(0))
            })
            .collect();
        let given: u128 = shares.iter().map(|share| share.1).sum();
        let left = usize::try_from(amount.saturating_sub(given)).unwrap_or(usize::MAX);
        shares.sort_by(|a, b| b.2.cmp(&a.2).then(a.0.cmp(&b.0)));
        for share in shares.iter_mut().take(left) {
            share.1 = share.1.saturating_add(1);
        }
        shares.sort_by_key(|share| share.0);
        shares
            .into_iter()
            .map(|(_, share, _)| Self { amount: i64::try_from(share).unwrap_or(i64::MAX), currency: self.currency })
            .collect()
    }
}

#[cfg(test)]
#[expect(clippy::arithmetic_side_effects, reason = "a test that overflows has failed")]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn krw(amount: i64) -> Money {
        Money::new(amount, Currency::Krw).unwrap()
    }

    #[test]
    fn amounts_are_grouped_by_thousands() {
        let usd = Money::new(123_456_789, Currency::Usd).unwrap();
        assert_eq!(
            [krw(0), krw(999), krw(1_000), usd].map(|m| m.to_string()),
            ["₩0", "₩999", "₩1,000", "$1,234,567.89"]
        );
    }

    proptest! {
        #[test]
        fn shares_add_up_and_none_is_off_by_a_whole_unit(
            amount in 0..=Money::MAX_AMOUNT,
            weights in proptest::collection::vec(0_u64..1_000_000, 1..40),
        ) {
            let shares = krw(amount).spread(&weights);
            prop_assert_eq!(shares.len(), weights.len());
            prop_assert_eq!(shares.iter().map(|s| s.amount).sum::<i64>(), amount);
            let total: i128 = weights.iter().map(|w| i128::from(*w)).sum();
            if total > 0 {
                for (share, weight) in shares.iter().zip(&weights) {
                    let off = i128::from(share.amount) * total - i128::from(amount) * i128::from(*weight);
                    prop_assert!(off.abs() < total, "share {} of weight {weight}", share.amount);
                }
            }
        }

        #[test]
        fn arithmetic_never_wraps(a in any::<i64>(), b in any::<i64>(), n in any::<u32>()) {
            let (Ok(a), Ok(b)) = (Money::new(a, Currency::Krw), Money::new(b, Currency::Krw)) else { return Ok(()) };
            if let Ok(sum) = a.plus(b) { prop_assert_eq!(sum.amount, a.amount + b.amount); }
            if let Ok(product) = a.times(n) {
                prop_assert_eq!(i128::from(product.amount), i128::from(a.amount) * i128::from(n));
            }
        }
    }

    #[test]
    fn attack_18_a_product_over_the_limit_is_refused() {
        assert_eq!(krw(Money::MAX_AMOUNT).times(2), Err(MoneyError::OutOfRange));
        assert_eq!(krw(900_719_925_474).times(u32::MAX), Err(MoneyError::OutOfRange));
    }

    #[test]
    fn currencies_do_not_mix() {
        let dollar = Money::new(1, Currency::Usd).unwrap();
        assert_eq!(krw(1).plus(dollar), Err(MoneyError::MixedCurrencies));
    }

    #[test]
    fn a_negative_or_fractional_amount_does_not_parse() {
        for text in ["-1", "1.5", "1e3", "\"1\"", "null", "1000000000001"] {
            let json = format!(r#"{{"amount":{text},"currency":"KRW"}}"#);
            assert!(serde_json::from_str::<Money>(&json).is_err(), "{text}");
        }
    }
}
