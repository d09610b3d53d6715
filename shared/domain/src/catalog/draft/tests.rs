use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::ServiceError as _;

/// A desk lamp in two colours and two sizes.
fn lamp() -> Value {
    let variant = |colour: &str, size: &str| json!({ "option_values": [colour, size], "price": { "amount": 39_000, "currency": "KRW" }, "stock": 4 });
    json!({
        "kind": "sell",
        "title": "Oak desk lamp",
        "description": "Warm light.",
        "category_id": "lighting",
        "options": [
            { "name": "colour", "values": ["white", "black"] },
            { "name": "size", "values": ["S", "L"] },
        ],
        "variants": [variant("white", "S"), variant("white", "L"), variant("black", "S")],
        "pictures": [],
    })
}

fn read(json: Value) -> Result<ProductDraft, serde_json::Error> {
    serde_json::from_value(json)
}

/// The lamp with one field replaced.
fn with(pointer: &str, value: Value) -> ProductDraft {
    let mut json = lamp();
    *json.pointer_mut(pointer).unwrap() = value;
    read(json).unwrap()
}

fn refusal(draft: &ProductDraft) -> (String, ListingProblem) {
    match draft.check() {
        Err(CatalogError::ListingInvalid { pointer, problem }) => (pointer, problem),
        other => panic!("{other:?}"),
    }
}

fn won(amount: i64) -> Value {
    json!({ "amount": amount, "currency": "KRW" })
}

#[test]
fn a_plain_listing_and_one_with_options_are_good() {
    assert_eq!(read(lamp()).unwrap().check(), Ok(()));
    let mut plain = lamp();
    plain["options"] = json!([]);
    plain["variants"] = json!([{ "option_values": [], "price": won(1), "stock": 0 }]);
    assert_eq!(read(plain).unwrap().check(), Ok(()));
}

#[test]
fn currency_options_and_pictures_may_be_left_out() {
    let plain = json!({
        "kind": "sell", "title": "Lamp", "description": "Warm.", "category_id": "lighting",
        "variants": [{ "option_values": [], "price": won(100_000_000), "stock": 1_000_000 }],
    });
    let draft = read(plain).unwrap();
    assert_eq!((draft.currency, draft.options.len(), draft.pictures.len()), (Currency::Krw, 0, 0));
    assert_eq!(draft.check(), Ok(()));
}

#[test]
fn each_broken_rule_is_told_with_the_field_at_fault() {
    use ListingProblem as P;
    let option = |name: &str| json!({ "name": name, "values": ["a"] });
    let values: Vec<String> = (0..31).map(|n| format!("v{n}")).collect();
    let range = P::PriceRange { least: 1, most: 100_000_000, currency: Currency::Krw };
    let picture = "med_01jd7c3v1h8k2m4n6p8q0r2s4t";
    let cases = [
        (
            "/options",
            json!([option("a"), option("b"), option("c"), option("d")]),
            "/options",
            P::Count { least: 0, most: 3 },
        ),
        ("/options/1/name", json!("Colour"), "/options/1/name", P::Repeated),
        ("/options/0/values", json!([]), "/options/0/values", P::Count { least: 1, most: 30 }),
        ("/options/0/values", json!(values), "/options/0/values", P::Count { least: 1, most: 30 }),
        ("/options/0/values", json!(["white", "black", "WHITE"]), "/options/0/values/2", P::Repeated),
        ("/variants", json!([]), "/variants", P::Count { least: 1, most: 80 }),
        (
            "/variants/1/option_values",
            json!(["white"]),
            "/variants/1/option_values",
            P::OneValuePerOption { options: 2 },
        ),
        (
            "/variants/1/option_values",
            json!(["white", "L", "L"]),
            "/variants/1/option_values",
            P::OneValuePerOption { options: 2 },
        ),
        ("/variants/1/option_values", json!(["L", "white"]), "/variants/1/option_values/0", P::ValueNotDeclared),
        ("/variants/1/option_values", json!(["white", "M"]), "/variants/1/option_values/1", P::ValueNotDeclared),
        ("/variants/1/option_values", json!(["white", "S"]), "/variants/1/option_values", P::VariantRepeated),
        (
            "/variants/2/price",
            json!({ "amount": 500, "currency": "USD" }),
            "/variants/2/price",
            P::OtherCurrency(Currency::Krw),
        ),
        ("/variants/0/price", won(0), "/variants/0/price", range.clone()),
        ("/variants/0/price", won(100_000_001), "/variants/0/price", range),
        ("/variants/0/stock", json!(1_000_001), "/variants/0/stock", P::StockRange { most: 1_000_000 }),
        ("/pictures", json!([picture, picture]), "/pictures/1", P::Repeated),
        (
            "/pictures",
            json!([picture, picture, picture, picture, picture, picture]),
            "/pictures",
            P::Count { least: 0, most: 5 },
        ),
    ];
    for (pointer, value, at_fault, problem) in cases {
        let draft = with(pointer, value.clone());
        assert_eq!(refusal(&draft), (at_fault.to_owned(), problem), "{pointer} = {value}");
        assert_eq!(draft.check().unwrap_err().pointer().as_deref(), Some(at_fault));
    }
}

#[test]
fn a_listing_without_options_has_exactly_one_variant() {
    let mut json = lamp();
    let variant = json!({ "option_values": [], "price": won(100), "stock": 1 });
    json["options"] = json!([]);
    json["variants"] = json!([variant, variant]);
    let expected = ("/variants/1/option_values".to_owned(), ListingProblem::VariantRepeated);
    assert_eq!(refusal(&read(json).unwrap()), expected);
}

#[test]
fn a_dollar_price_is_a_dollar_to_a_hundred_thousand() {
    let price = |amount: i64| {
        let mut json = lamp();
        json["currency"] = json!("USD");
        json["options"] = json!([]);
        json["variants"] =
            json!([{ "option_values": [], "price": { "amount": amount, "currency": "USD" }, "stock": 1 }]);
        read(json).unwrap().check().is_ok()
    };
    assert_eq!([99, 100, 10_000_000, 10_000_001].map(price), [false, true, true, false]);
}

#[test]
fn attack_19_a_listing_of_81_variants_is_refused() {
    let option = |name: &str| {
        let values: Vec<String> = (0..11).map(|n| format!("v{n}")).collect();
        json!({ "name": name, "values": values })
    };
    let variants = |count: usize| -> Vec<Value> {
        (0..count)
            .map(|n| {
                let values = [format!("v{}", n / 11), format!("v{}", n % 11)];
                json!({ "option_values": values, "price": won(1_000), "stock": 1 })
            })
            .collect()
    };
    let mut json = lamp();
    json["options"] = json!([option("a"), option("b")]);
    json["variants"] = json!(variants(80));
    assert_eq!(read(json.clone()).unwrap().check(), Ok(()));
    json["variants"] = json!(variants(81));
    let expected = ("/variants".to_owned(), ListingProblem::Count { least: 1, most: 80 });
    assert_eq!(refusal(&read(json).unwrap()), expected);
}

#[test]
fn attack_17_stock_is_a_whole_number_and_not_negative() {
    for wrong in ["-1", "1.5", "1e3", "\"1\"", "4294967296", "9223372036854775808", "null"] {
        let text = lamp().to_string().replace("\"stock\":4", &format!("\"stock\":{wrong}"));
        assert!(serde_json::from_str::<ProductDraft>(&text).is_err(), "{wrong}");
    }
}

#[test]
fn attack_58_an_unknown_field_is_refused_at_every_depth() {
    for pointer in ["", "/options/0", "/variants/0", "/variants/0/price"] {
        let mut json = lamp();
        json.pointer_mut(pointer).unwrap()["seller_id"] = json!("usr_01jd7c3v1h8k2m4n6p8q0r2s4t");
        assert!(read(json).is_err(), "{pointer}");
    }
}

#[test]
fn the_schema_tells_the_limits_that_are_kept() {
    let schema = schemars::schema_for!(ProductDraft).to_value();
    let limit = |pointer: &str| schema.pointer(pointer).and_then(Value::as_u64);
    assert_eq!(limit("/properties/options/maxItems"), Some(ProductDraft::MOST_OPTIONS as u64));
    assert_eq!(limit("/properties/variants/minItems"), Some(1));
    assert_eq!(limit("/properties/variants/maxItems"), Some(ProductDraft::MOST_VARIANTS as u64));
    assert_eq!(limit("/properties/pictures/maxItems"), Some(ProductDraft::MOST_PICTURES as u64));
    assert_eq!(limit("/$defs/ProductOption/properties/values/maxItems"), Some(ProductDraft::MOST_VALUES as u64));
    assert_eq!(limit("/$defs/VariantDraft/properties/stock/maximum"), Some(u64::from(ProductDraft::MOST_STOCK)));
    assert_eq!(schema.pointer("/additionalProperties"), Some(&json!(false)));
}

#[test]
fn lists_show_the_lowest_price() {
    let money = |amount| Money::new(amount, Currency::Krw).unwrap();
    assert_eq!(price_from([money(3), money(1), money(2)]), Some(money(1)));
    assert_eq!(price_from([]), None);
}

proptest! {
    /// However options and variants are thrown together, `check` agrees with the rules said anew:
    /// every variant has one declared value per option, and no two are alike.
    #[test]
    fn a_good_draft_is_exactly_one_whose_variants_are_different_choices(
        sizes in proptest::collection::vec(1_usize..4, 0..4),
        variants in proptest::collection::vec(proptest::collection::vec(0_usize..4, 0..4), 1..8),
    ) {
        let mut json = lamp();
        let names = ["a", "b", "c"];
        let options: Vec<Value> = sizes
            .iter()
            .zip(names)
            .map(|(size, name)| json!({ "name": name, "values": (0..*size).map(|n| n.to_string()).collect::<Vec<_>>() }))
            .collect();
        let rows: Vec<Value> = variants
            .iter()
            .map(|values| {
                let values: Vec<String> = values.iter().map(ToString::to_string).collect();
                json!({ "option_values": values, "price": won(500), "stock": 1 })
            })
            .collect();
        json["options"] = json!(options);
        json["variants"] = json!(rows);
        let each_is_a_choice = variants
            .iter()
            .all(|values| values.len() == sizes.len() && values.iter().zip(&sizes).all(|(value, size)| value < size));
        let all_differ = variants.iter().collect::<HashSet<_>>().len() == variants.len();
        prop_assert_eq!(read(json).unwrap().check().is_ok(), each_is_a_choice && all_differ);
    }
}
