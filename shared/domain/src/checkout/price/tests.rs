use proptest::prelude::*;

use super::*;
use crate::{ServiceError as _, Timestamp, ids::Entropy};

const KRW: ShippingPolicy = ShippingPolicy::standard(Currency::Krw);

fn money(amount: i64, currency: Currency) -> Money {
    Money::new(amount, currency).unwrap()
}

fn won(amount: i64) -> Money {
    money(amount, Currency::Krw)
}

fn seller(n: u8) -> UserId {
    UserId::new(Timestamp::from_seconds(1_700_000_000), Entropy([n; 10]))
}

/// The line at a place of the request, sold by a seller.
fn line(position: usize, seller_number: u8, quantity: u32, unit_price: Money) -> LineToPrice {
    let entropy = Entropy([u8::try_from(position).unwrap(); 10]);
    let moment = Timestamp::from_seconds(1_700_000_000);
    LineToPrice {
        line: MergedLine {
            listing_id: ListingId::new(moment, entropy),
            variant_id: VariantId::new(moment, entropy),
            quantity: Quantity::new(quantity).unwrap(),
            expected_price: None,
            position,
        },
        seller_id: seller(seller_number),
        unit_price,
    }
}

fn free(currency: Currency) -> ShippingPolicy {
    ShippingPolicy { fee: Money::zero(currency), free_from: None }
}

#[test]
fn lines_shipping_and_total_are_added_up() {
    let priced = price_order(&[line(0, 1, 2, won(12_000)), line(1, 2, 1, won(6_000))], &KRW).unwrap();
    assert_eq!(priced.lines.iter().map(|line| line.total.amount).collect::<Vec<_>>(), [24_000, 6_000]);
    assert_eq!((priced.subtotal, priced.shipping_fee, priced.total), (won(30_000), won(3_000), won(33_000)));
    assert_eq!(
        priced.sellers,
        [
            SellerShare { seller_id: seller(1), subtotal: won(24_000), shipping_share: won(2_400) },
            SellerShare { seller_id: seller(2), subtotal: won(6_000), shipping_share: won(600) },
        ]
    );
}

#[test]
fn shipping_is_free_from_the_limit_on() {
    let fee = |subtotal| price_order(&[line(0, 1, 1, won(subtotal))], &KRW).unwrap().shipping_fee.amount;
    assert_eq!([fee(49_999), fee(50_000), fee(50_001)], [3_000, 0, 0]);
    let never_free = ShippingPolicy { free_from: None, ..KRW };
    assert_eq!(price_order(&[line(0, 1, 1, won(1_000_000))], &never_free).unwrap().shipping_fee, won(3_000));
}

#[test]
fn attack_18_a_product_or_a_sum_over_the_limit_is_refused() {
    let most = Money::MAX_AMOUNT;
    let refused = |lines: &[LineToPrice]| assert_eq!(price_order(lines, &KRW), Err(CheckoutError::TotalTooLarge));
    refused(&[line(0, 1, 2, won(most))]);
    refused(&[line(0, 1, 99, won(9_007_199_254_740 / 50))]);
    refused(&[line(0, 1, 1, won(most)), line(1, 2, 1, won(1))]);
    // A price that no constructor lets through, as if the stored item were damaged.
    refused(&[line(0, 1, 99, Money { amount: i64::MAX, currency: Currency::Krw })]);
    assert_eq!(price_order(&[line(0, 1, 1, won(most))], &KRW).unwrap().total, won(most));
}

#[test]
fn attack_16_currencies_do_not_mix_in_one_order() {
    let dollar = money(100, Currency::Usd);
    let error = price_order(&[line(0, 1, 1, won(1_000)), line(1, 1, 1, dollar)], &KRW).unwrap_err();
    assert_eq!(error, CheckoutError::MixedCurrencies { line: 1 });
    let policy = ShippingPolicy::standard(Currency::Usd);
    let priced = price_order(&[line(0, 1, 1, dollar)], &policy).unwrap();
    assert_eq!(priced.total, money(1_100, Currency::Usd));
}

#[test]
fn attack_22_a_total_of_1_to_99_won_is_refused_and_a_total_of_nothing_is_not() {
    let total = |amount| price_order(&[line(0, 1, 1, won(amount))], &free(Currency::Krw));
    for amount in [1, 50, 99] {
        assert_eq!(total(amount), Err(CheckoutError::TotalTooSmall { least: won(100) }));
    }
    assert_eq!(total(100).unwrap().total, won(100));
    assert_eq!(total(0).unwrap().total, won(0));
    let cents = |amount| price_order(&[line(0, 1, 1, money(amount, Currency::Usd))], &free(Currency::Usd)).is_ok();
    assert_eq!([cents(49), cents(50)], [false, true]);
}

#[test]
fn attack_24_a_price_that_changed_is_told_with_the_new_one() {
    let mut changed = line(3, 1, 1, won(1_200));
    changed.line.expected_price = Some(won(1_000));
    let error = price_order(std::slice::from_ref(&changed), &KRW).unwrap_err();
    assert_eq!(error, CheckoutError::PriceChanged { line: 3, price: won(1_200) });
    assert_eq!(error.pointer().as_deref(), Some("/lines/3/expected_price"));
    changed.line.expected_price = Some(won(1_200));
    assert!(price_order(&[changed], &KRW).is_ok());
}

#[test]
fn attack_23_a_fee_over_three_equal_sellers_loses_no_won() {
    let fee = ShippingPolicy { fee: won(1_000), free_from: None };
    let lines: Vec<_> = (0..3).map(|n| line(n, u8::try_from(n).unwrap(), 1, won(10_000))).collect();
    let shares: Vec<_> =
        price_order(&lines, &fee).unwrap().sellers.iter().map(|seller| seller.shipping_share.amount).collect();
    assert_eq!(shares, [334, 333, 333]);
}

fn any_lines() -> impl Strategy<Value = Vec<LineToPrice>> {
    proptest::collection::vec((0_u8..5, 1_u32..=99, 1_i64..=100_000_000), 1..=20).prop_map(|lines| {
        lines
            .into_iter()
            .enumerate()
            .map(|(position, (seller, quantity, price))| line(position, seller, quantity, won(price)))
            .collect()
    })
}

proptest! {
    #[test]
    fn every_order_adds_up_however_it_is_looked_at(
        lines in any_lines(),
        fee in 0_i64..100_000,
        free_from in proptest::option::of(0_i64..1_000_000_000),
    ) {
        let policy = ShippingPolicy { fee: won(fee), free_from: free_from.map(won) };
        let exact: i64 = lines.iter().map(|l| l.unit_price.amount * i64::from(l.line.quantity.get())).sum();
        let Ok(priced) = price_order(&lines, &policy) else {
            prop_assert!(exact < 100, "refused {exact}");
            return Ok(());
        };
        prop_assert_eq!(priced.subtotal.amount, exact);
        let expected_fee = if free_from.is_some_and(|from| exact >= from) { 0 } else { fee };
        prop_assert_eq!(priced.shipping_fee.amount, expected_fee);
        prop_assert_eq!(priced.total.amount, exact + expected_fee);
        prop_assert_eq!(priced.sellers.iter().map(|s| s.subtotal.amount).sum::<i64>(), exact);
        prop_assert_eq!(priced.sellers.iter().map(|s| s.shipping_share.amount).sum::<i64>(), expected_fee);
        for share in &priced.sellers {
            let own: i64 = priced.lines.iter().filter(|l| l.seller_id == share.seller_id).map(|l| l.total.amount).sum();
            prop_assert_eq!(share.subtotal.amount, own);
            let off = i128::from(share.shipping_share.amount) * i128::from(exact) - i128::from(expected_fee) * i128::from(own);
            prop_assert!(off.abs() < i128::from(exact), "the share of {own} in {exact} is off by a whole won");
        }
    }

    #[test]
    fn attack_18_no_stored_price_makes_pricing_panic(
        prices in proptest::collection::vec(any::<i64>(), 1..20),
        quantity in 1_u32..=99,
    ) {
        let lines: Vec<_> = prices
            .iter()
            .enumerate()
            .map(|(place, amount)| line(place, 1, quantity, Money { amount: *amount, currency: Currency::Krw }))
            .collect();
        if let Ok(priced) = price_order(&lines, &KRW) {
            prop_assert!((0..=Money::MAX_AMOUNT).contains(&priced.total.amount));
        }
    }
}
