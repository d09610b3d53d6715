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

fn store(n: u8) -> StoreId {
    StoreId::new(Timestamp::from_seconds(1_700_000_000), Entropy([n; 10]))
}

/// The line at a place of the request, sold by a store.
fn line(position: usize, store_number: u8, quantity: u32, unit_price: Money) -> LineToPrice {
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
        store_id: store(store_number),
        unit_price,
    }
}

fn free(currency: Currency) -> ShippingPolicy {
    ShippingPolicy { fee: Money::zero(currency), free_from: None }
}

#[test]
fn each_store_has_an_order_of_its_own_with_its_own_shipping_fee() {
    let lines = [line(0, 1, 2, won(12_000)), line(1, 2, 1, won(60_000)), line(2, 1, 1, won(500))];
    let priced = price_checkout(&lines, &KRW).unwrap();
    let told: Vec<_> = priced
        .orders
        .iter()
        .map(|order| (order.store_id, order.subtotal, order.shipping_fee, order.total, order.lines.len()))
        .collect();
    assert_eq!(
        told,
        [(store(1), won(24_500), won(3_000), won(27_500), 2), (store(2), won(60_000), won(0), won(60_000), 1),]
    );
    assert_eq!(priced.orders[0].lines.iter().map(|line| line.position).collect::<Vec<_>>(), [0, 2]);
    assert_eq!((priced.subtotal, priced.shipping_fee, priced.total), (won(84_500), won(3_000), won(87_500)));
}

#[test]
fn goods_of_five_stores_are_paid_together_and_those_of_a_sixth_are_not() {
    let lines: Vec<_> = (0..6).map(|n| line(n, u8::try_from(n).unwrap(), 1, won(1_000))).collect();
    assert_eq!(price_checkout(&lines[..5], &KRW).unwrap().orders.len(), 5);
    let error = price_checkout(&lines, &KRW).unwrap_err();
    let problem = LineProblem::Stores { most: 5 };
    assert_eq!(error, CheckoutError::LineInvalid { pointer: "/lines/5/listing_id".to_owned(), problem });
}

#[test]
fn shipping_is_free_from_the_limit_on() {
    let fee = |subtotal| price_checkout(&[line(0, 1, 1, won(subtotal))], &KRW).unwrap().shipping_fee.amount;
    assert_eq!([fee(49_999), fee(50_000), fee(50_001)], [3_000, 0, 0]);
    let never_free = ShippingPolicy { free_from: None, ..KRW };
    assert_eq!(price_checkout(&[line(0, 1, 1, won(1_000_000))], &never_free).unwrap().shipping_fee, won(3_000));
}

#[test]
fn attack_18_a_product_or_a_sum_over_the_limit_is_refused() {
    let most = Money::MAX_AMOUNT;
    let refused = |lines: &[LineToPrice]| assert_eq!(price_checkout(lines, &KRW), Err(CheckoutError::TotalTooLarge));
    refused(&[line(0, 1, 2, won(most))]);
    refused(&[line(0, 1, 99, won(9_007_199_254_740 / 50))]);
    refused(&[line(0, 1, 1, won(most)), line(1, 2, 1, won(1))]);
    // A price that no constructor lets through, as if the stored item were damaged.
    refused(&[line(0, 1, 99, Money { amount: i64::MAX, currency: Currency::Krw })]);
    assert_eq!(price_checkout(&[line(0, 1, 1, won(most))], &KRW).unwrap().total, won(most));
}

#[test]
fn attack_16_currencies_do_not_mix_in_one_order() {
    let dollar = money(100, Currency::Usd);
    let error = price_checkout(&[line(0, 1, 1, won(1_000)), line(1, 1, 1, dollar)], &KRW).unwrap_err();
    assert_eq!(error, CheckoutError::MixedCurrencies { line: 1 });
    let policy = ShippingPolicy::standard(Currency::Usd);
    let priced = price_checkout(&[line(0, 1, 1, dollar)], &policy).unwrap();
    assert_eq!(priced.total, money(1_100, Currency::Usd));
}

#[test]
fn attack_22_a_total_of_1_to_99_won_is_refused_and_a_total_of_nothing_is_not() {
    let total = |amount| price_checkout(&[line(0, 1, 1, won(amount))], &free(Currency::Krw));
    for amount in [1, 50, 99] {
        assert_eq!(total(amount), Err(CheckoutError::TotalTooSmall { least: won(100) }));
    }
    assert_eq!(total(100).unwrap().total, won(100));
    assert_eq!(total(0).unwrap().total, won(0));
    let cents = |amount| price_checkout(&[line(0, 1, 1, money(amount, Currency::Usd))], &free(Currency::Usd)).is_ok();
    assert_eq!([cents(49), cents(50)], [false, true]);
}

#[test]
fn attack_24_a_price_that_changed_is_told_with_the_new_one() {
    let mut changed = line(3, 1, 1, won(1_200));
    changed.line.expected_price = Some(won(1_000));
    let error = price_checkout(std::slice::from_ref(&changed), &KRW).unwrap_err();
    assert_eq!(error, CheckoutError::PriceChanged { line: 3, price: won(1_200) });
    assert_eq!(error.pointer().as_deref(), Some("/lines/3/expected_price"));
    changed.line.expected_price = Some(won(1_200));
    assert!(price_checkout(&[changed], &KRW).is_ok());
}

fn any_lines() -> impl Strategy<Value = Vec<LineToPrice>> {
    proptest::collection::vec((0_u8..5, 1_u32..=99, 1_i64..=100_000_000), 1..=20).prop_map(|lines| {
        lines
            .into_iter()
            .enumerate()
            .map(|(position, (store, quantity, price))| line(position, store, quantity, won(price)))
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
        let Ok(priced) = price_checkout(&lines, &policy) else {
            prop_assert!(exact < 100, "refused {exact}");
            return Ok(());
        };
        prop_assert_eq!(priced.subtotal.amount, exact);
        prop_assert_eq!(priced.total.amount, exact + priced.shipping_fee.amount);
        let sum = |part: fn(&PricedOrder) -> Money| priced.orders.iter().map(|order| part(order).amount).sum::<i64>();
        prop_assert_eq!(sum(|order| order.subtotal), exact);
        prop_assert_eq!(sum(|order| order.shipping_fee), priced.shipping_fee.amount);
        prop_assert_eq!(sum(|order| order.total), priced.total.amount);
        prop_assert_eq!(priced.orders.iter().map(|order| order.lines.len()).sum::<usize>(), lines.len());
        for order in &priced.orders {
            let own: i64 = order.lines.iter().map(|line| line.total.amount).sum();
            let expected_fee = if free_from.is_some_and(|from| own >= from) { 0 } else { fee };
            prop_assert_eq!((order.subtotal.amount, order.shipping_fee.amount), (own, expected_fee));
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
        if let Ok(priced) = price_checkout(&lines, &KRW) {
            prop_assert!((0..=Money::MAX_AMOUNT).contains(&priced.total.amount));
        }
    }
}
