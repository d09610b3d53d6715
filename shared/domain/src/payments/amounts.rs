//! Amounts as Toss writes them: a JSON number in whole units of the currency, so that ₩12,000 is
//! `12000` and $12.34 is `12.34`. Converted by their digits, because money never touches a float.

use crate::{Currency, Money};

/// How many digits the smaller unit of a currency has (ISO 4217).
const fn decimals(currency: Currency) -> usize {
    match currency {
        Currency::Krw => 0,
        Currency::Usd => 2,
    }
}

/// The digits of a JSON number for the amount.
#[must_use]
pub fn to_provider_number(money: Money) -> String {
    let decimals = decimals(money.currency);
    if decimals == 0 {
        return money.amount.to_string();
    }
    let digits = format!("{:0>width$}", money.amount, width = decimals.saturating_add(1));
    let (whole, fraction) = digits.split_at(digits.len().saturating_sub(decimals));
    format!("{whole}.{fraction}")
}

/// Reads the digits of a JSON number. Zeros after the last decimal of the currency are dropped
/// (`12000.0`); nothing when a digit would be lost, the number is negative or it has an exponent.
#[must_use]
pub fn from_provider_number(digits: &str, currency: Currency) -> Option<Money> {
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let decimals = decimals(currency);
    let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let fraction = fraction.trim_end_matches('0');
    if whole.is_empty() || !is_digits(whole) || !is_digits(fraction) || fraction.len() > decimals {
        return None;
    }
    let amount = format!("{whole}{fraction:0<decimals$}").parse().ok()?;
    Money::new(amount, currency).ok()
}

/// A currency by the provider's word.
#[must_use]
pub fn currency_from_code(code: &str) -> Option<Currency> {
    [Currency::Krw, Currency::Usd].into_iter().find(|currency| currency.code() == code)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_amount_round_trips(amount in 0..=Money::MAX_AMOUNT, dollars in any::<bool>()) {
            let currency = if dollars { Currency::Usd } else { Currency::Krw };
            let money = Money::new(amount, currency).unwrap();
            prop_assert_eq!(from_provider_number(&to_provider_number(money), currency), Some(money));
        }

        #[test]
        fn attack_39_no_digits_make_the_reader_panic(text in ".{0,40}") {
            let _ = from_provider_number(&text, Currency::Usd);
        }
    }

    #[test]
    fn won_have_no_decimals_and_dollars_two() {
        let write = |amount, currency| to_provider_number(Money::new(amount, currency).unwrap());
        assert_eq!(write(12_000, Currency::Krw), "12000");
        assert_eq!(write(1_234, Currency::Usd), "12.34");
        assert_eq!(write(5, Currency::Usd), "0.05");
        assert_eq!(write(0, Currency::Usd), "0.00");
        let read = |text, currency| from_provider_number(text, currency).map(|money| money.amount);
        assert_eq!(read("12000.0", Currency::Krw), Some(12_000));
        assert_eq!(read("12.3", Currency::Usd), Some(1_230));
        assert_eq!(read("12", Currency::Usd), Some(1_200));
        for bad in ["12000.5", "-1", "+1", "1e3", "", ".5", "1.2.3", "1_000", "10000000000000", "NaN", "１"] {
            assert_eq!(read(bad, Currency::Krw), None, "{bad}");
        }
        assert_eq!(read("0.001", Currency::Usd), None);
    }
}
