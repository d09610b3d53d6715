use proptest::prelude::*;

use super::*;
use crate::{Currency, ServiceError as _, Timestamp, ids::Entropy};

fn listing(n: u8) -> ListingId {
    ListingId::new(Timestamp::from_seconds(1_700_000_000), Entropy([n; 10]))
}

fn variant(n: u8) -> VariantId {
    VariantId::new(Timestamp::from_seconds(1_700_000_000), Entropy([n; 10]))
}

fn line(n: u8, quantity: u32) -> CheckoutLine {
    CheckoutLine {
        listing_id: listing(n),
        variant_id: variant(n),
        quantity: Quantity::new(quantity).unwrap(),
        expected_price: None,
    }
}

fn refusal(lines: &[CheckoutLine]) -> (String, LineProblem) {
    match merge_lines(lines) {
        Err(CheckoutError::LineInvalid { pointer, problem }) => (pointer, problem),
        other => panic!("{other:?}"),
    }
}

#[test]
fn attack_17_only_whole_numbers_from_1_to_99_are_quantities() {
    for (text, good) in [("1", true), ("99", true)].into_iter().chain(
        ["0", "-1", "-0", "1.0", "1.5", "1e1", "\"1\"", "100", "2147483648", "9223372036854775808", "null"]
            .map(|t| (t, false)),
    ) {
        assert_eq!(serde_json::from_str::<Quantity>(text).is_ok(), good, "{text}");
        let (listing, variant) = (listing(1), variant(1));
        let json = format!(r#"{{"listing_id":"{listing}","variant_id":"{variant}","quantity":{text}}}"#);
        assert_eq!(serde_json::from_str::<CheckoutLine>(&json).is_ok(), good, "{json}");
    }
    let json = format!(r#"{{"listing_id":"{}","variant_id":"{}"}}"#, listing(1), variant(1));
    assert!(serde_json::from_str::<CheckoutLine>(&json).is_err(), "a missing quantity");
}

#[test]
fn attack_18_a_client_cannot_name_its_own_price() {
    for field in ["unit_price", "total", "discount", "seller_id"] {
        let (listing, variant) = (listing(1), variant(1));
        let json = format!(r#"{{"listing_id":"{listing}","variant_id":"{variant}","quantity":1,"{field}":1}}"#);
        assert!(serde_json::from_str::<CheckoutLine>(&json).is_err(), "{field}");
    }
}

#[test]
fn attack_19_lines_of_the_same_variant_become_one() {
    let merged = merge_lines(&[line(1, 2), line(2, 1), line(1, 3)]).unwrap();
    let told: Vec<_> = merged.iter().map(|line| (line.variant_id, line.quantity.get(), line.position)).collect();
    assert_eq!(told, [(variant(1), 5, 0), (variant(2), 1, 1)]);
}

#[test]
fn attack_19_lines_of_the_same_variant_cannot_pass_the_limit_together() {
    let expected = ("/lines/2/quantity".to_owned(), LineProblem::TooMany { most: 99 });
    assert_eq!(refusal(&[line(1, 50), line(2, 1), line(1, 50)]), expected);
    assert_eq!(merge_lines(&[line(1, 50), line(1, 49)]).unwrap()[0].quantity.get(), 99);
}

#[test]
fn attack_19_no_lines_and_21_lines_are_refused() {
    let expected = ("/lines".to_owned(), LineProblem::Count { most: 20 });
    assert_eq!(refusal(&[]), expected);
    let lines = |count: u8| (0..count).map(|n| line(n, 1)).collect::<Vec<_>>();
    assert_eq!(merge_lines(&lines(20)).unwrap().len(), 20);
    assert_eq!(refusal(&lines(21)), expected);
    // Ten thousand lines of one variant are refused before they are merged.
    assert_eq!(refusal(&vec![line(1, 1); 10_000]), expected);
}

#[test]
fn one_variant_has_one_listing_and_one_expected_price() {
    let money = |amount| Some(Money::new(amount, Currency::Krw).unwrap());
    let other_listing = CheckoutLine { listing_id: listing(9), ..line(1, 1) };
    let expected = ("/lines/1/listing_id".to_owned(), LineProblem::OtherListing);
    assert_eq!(refusal(&[line(1, 1), other_listing]), expected);

    let priced = |amount| CheckoutLine { expected_price: money(amount), ..line(1, 1) };
    let expected = ("/lines/1/expected_price".to_owned(), LineProblem::OtherPrice);
    assert_eq!(refusal(&[priced(500), priced(600)]), expected);
    for lines in [[priced(500), line(1, 1)], [line(1, 1), priced(500)], [priced(500), priced(500)]] {
        assert_eq!(merge_lines(&lines).unwrap()[0].expected_price, money(500));
    }
}

#[test]
fn the_schema_tells_the_limits_that_are_kept() {
    let schema = schemars::schema_for!(CheckoutRequest).to_value();
    let limit = |pointer: &str| schema.pointer(pointer).and_then(serde_json::Value::as_u64);
    assert_eq!(limit("/properties/lines/minItems"), Some(1));
    assert_eq!(limit("/properties/lines/maxItems"), Some(MOST_LINES as u64));
    assert_eq!(limit("/$defs/Quantity/maximum"), Some(u64::from(Quantity::MOST)));
    for pointer in ["", "/$defs/CheckoutLine", "/$defs/Contact", "/$defs/ShippingAddress", "/$defs/Money"] {
        assert_eq!(schema.pointer(&format!("{pointer}/additionalProperties")), Some(&false.into()), "{pointer}");
    }
}

#[test]
fn a_refusal_names_the_line() {
    let error = merge_lines(&[line(1, 99), line(1, 1)]).unwrap_err();
    assert_eq!(error.pointer().as_deref(), Some("/lines/1/quantity"));
    assert_eq!(error.code().code, "checkout.line_invalid");
}

proptest! {
    #[test]
    fn merging_loses_no_piece_and_leaves_no_variant_twice(
        asked in proptest::collection::vec((0_u8..6, 1_u32..=99), 1..=20),
    ) {
        let lines: Vec<CheckoutLine> = asked.iter().map(|(n, quantity)| line(*n, *quantity)).collect();
        let sums = (0..6).map(|n| asked.iter().filter(|(v, _)| *v == n).map(|(_, q)| q).sum::<u32>());
        let sums: Vec<(u8, u32)> = (0..6).zip(sums).filter(|(_, sum)| *sum > 0).collect();
        match merge_lines(&lines) {
            Ok(merged) => {
                prop_assert_eq!(merged.len(), sums.len());
                for (n, sum) in sums {
                    let found: Vec<_> = merged.iter().filter(|line| line.variant_id == variant(n)).collect();
                    prop_assert_eq!(found.len(), 1);
                    prop_assert_eq!(found[0].quantity.get(), sum);
                    prop_assert_eq!(asked[found[0].position].0, n);
                }
            }
            Err(_) => prop_assert!(sums.iter().any(|(_, sum)| *sum > 99)),
        }
    }
}
