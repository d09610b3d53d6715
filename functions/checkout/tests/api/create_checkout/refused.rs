//! What is refused, and that a refusal changes nothing.

use domain::{
    Currency, Money,
    ids::{ListingId, VariantId},
};
use serde_json::{Value, json};
use shared::{random, store::orders::StoredOrder};
use testkit::{TestAnswer, TestApp, sweeps};

use crate::steps::{Goods, Tripwire, cart, checkout, lamp, line, listing, start, stock, won};

/// Nothing was written and the provider was not called.
async fn assert_nothing_happened(app: &TestApp, items_before: usize, wire: Tripwire<'_>) {
    assert_eq!(app.items().len(), items_before);
    assert!(app.all::<StoredOrder>().is_empty() && app.outbox().is_empty());
    wire.assert_not_called().await;
}

async fn refused(app: &TestApp, body: &Value, status: u16, code: &str) -> TestAnswer {
    let before = app.items().len();
    let wire = Tripwire::lay(app);
    let answer = checkout(app, body, "key").send().await;
    answer.assert_refused(status, code);
    assert_nothing_happened(app, before, wire).await;
    answer
}

#[tokio::test]
async fn what_is_not_there_cannot_be_bought() {
    let (app, seller) = start().await;
    let goods = lamp(&app, &seller, 12_000, 5).await;
    let (other, third) = (lamp(&app, &seller, 12_000, 5).await, lamp(&app, &seller, 12_000, 5).await);
    let now = app.now();
    let (listing, variant) =
        (ListingId::new(now, random::entropy().unwrap()), VariantId::new(now, random::entropy().unwrap()));
    let absent = [
        Goods { listing_id: listing, variant_id: variant },
        Goods { listing_id: listing, ..goods.clone() },
        Goods { variant_id: variant, ..goods.clone() },
        // Attack 7: a variant under another listing.
        Goods { variant_id: third.variant_id, ..goods.clone() },
    ];
    for absent in absent {
        let body = cart(&[line(&other, 1), line(&absent, 1)]);
        refused(&app, &body, 404, "catalog.listing_not_found").await;
    }
    assert_eq!((stock(&app, &goods), stock(&app, &other)), ((5, 0, 0), (5, 0, 0)));
}

#[tokio::test]
async fn attack_25_more_than_there_is_names_the_line_and_what_is_left_and_holds_nothing() {
    let (app, seller) = start().await;
    let goods = listing(&app, &seller, "Chair", &[(won(1_000), 9), (won(2_000), 2), (won(3_000), 0)]).await;
    let body = cart(&[line(&goods[0], 1), line(&goods[0], 1), line(&goods[1], 3)]);
    let answer = refused(&app, &body, 409, "stock.insufficient").await;
    assert_eq!(answer.pointers(), ["/lines/2/quantity"]);
    assert!(answer.problem().errors[0].detail.contains("Only 2 available"), "{:?}", answer.body);
    let sold_out = refused(&app, &cart(&[line(&goods[2], 1)]), 409, "stock.insufficient").await;
    assert!(sold_out.problem().errors[0].detail.contains("just sold out"), "{:?}", sold_out.body);
    assert_eq!(stock(&app, &goods[0]), (9, 0, 0), "the lines that would have been held are not");
}

#[tokio::test]
async fn attack_24_a_price_that_is_not_what_the_buyer_saw_is_refused_with_the_new_one() {
    let (app, seller) = start().await;
    let goods = lamp(&app, &seller, 12_000, 5).await;
    let with = |price: Value| {
        let mut line = line(&goods, 1);
        line["expected_price"] = price;
        cart(&[line])
    };
    for seen in [json!({"amount": 11_999, "currency": "KRW"}), json!({"amount": 12_000, "currency": "USD"})] {
        let answer = refused(&app, &with(seen), 409, "checkout.price_changed").await;
        assert_eq!(answer.pointers(), ["/lines/0/expected_price"]);
        assert!(answer.problem().errors[0].detail.contains("₩12,000"), "{:?}", answer.body);
    }
    let right = with(json!({"amount": 12_000, "currency": "KRW"}));
    assert_eq!(checkout(&app, &right, "right").send().await.status, 201);
}

#[tokio::test]
async fn attack_16_currencies_do_not_mix_in_one_order() {
    let (app, seller) = start().await;
    let dollars = Money::new(500, Currency::Usd).unwrap();
    let goods = listing(&app, &seller, "Chair", &[(won(1_000), 9)]).await;
    let abroad = listing(&app, &seller, "Table", &[(dollars, 9)]).await;
    let body = cart(&[line(&goods[0], 1), line(&abroad[0], 1)]);
    let answer = refused(&app, &body, 422, "checkout.mixed_currencies").await;
    assert_eq!(answer.pointers(), ["/lines/1/variant_id"]);
    let answer = checkout(&app, &cart(&[line(&abroad[0], 2)]), "dollars").send().await;
    assert_eq!(answer.json()["payment"]["amount"], json!({ "amount": 2_000, "currency": "USD" }));
}

#[tokio::test]
async fn attack_18_a_total_beyond_what_we_count_is_refused_and_does_not_wrap() {
    let (app, seller) = start().await;
    let goods = lamp(&app, &seller, Money::MAX_AMOUNT, 99).await;
    refused(&app, &cart(&[line(&goods, 2)]), 422, "checkout.total_too_large").await;
    refused(&app, &cart(&[line(&goods, 99)]), 422, "checkout.total_too_large").await;
    for price in ["9007199254740992", "9223372036854775807", "18446744073709551616", "1e30"] {
        let body = cart(&[line(&goods, 1)]).to_string().replacen(
            "\"quantity\":1",
            &format!("\"quantity\":1,\"expected_price\":{{\"amount\":{price},\"currency\":\"KRW\"}}"),
            1,
        );
        let request = app.post("checkout.create_checkout").idempotency_key("key").body("application/json", body);
        request.send().await.assert_refused(400, "request.invalid");
    }
}

#[tokio::test]
async fn attack_17_a_quantity_is_a_whole_number_from_1_to_99() {
    let (app, seller) = start().await;
    let goods = lamp(&app, &seller, 100, 999).await;
    let before = app.items().len();
    let good = cart(&[line(&goods, 1)]).to_string();
    let with = |quantity: &str| good.replacen("\"quantity\":1", quantity, 1);
    for quantity in [
        "0",
        "-1",
        "-0",
        "1.0",
        "1.5",
        "1e1",
        "1e3",
        "\"1\"",
        "100",
        "2147483648",
        "4294967297",
        "9223372036854775808",
        "null",
        "true",
        "[1]",
        "{}",
    ] {
        let body = with(&format!("\"quantity\":{quantity}"));
        let request = app.post("checkout.create_checkout").idempotency_key("key").body("application/json", body);
        let answer = request.send().await;
        answer.assert_refused(400, "request.invalid");
        assert_eq!(answer.usage.calls, 0, "{quantity}");
    }
    let missing = good.replacen(",\"quantity\":1", "", 1);
    assert_ne!(missing, good);
    let request = app.post("checkout.create_checkout").idempotency_key("key").body("application/json", missing);
    request.send().await.assert_refused(400, "request.invalid");
    assert_eq!(app.items().len(), before);
    let most = app.post("checkout.create_checkout").idempotency_key("most").json(cart(&[line(&goods, 99)]));
    assert_eq!(most.send().await.status, 201);
}

#[tokio::test]
async fn attack_19_no_lines_too_many_lines_and_too_many_pieces_together_are_refused() {
    let (app, seller) = start().await;
    let goods = lamp(&app, &seller, 100, 999).await;
    let of = |lines: usize| cart(&vec![line(&goods, 1); lines]);
    for lines in [0, 21, 101] {
        let answer = refused(&app, &of(lines), 400, "checkout.line_invalid").await;
        assert_eq!(answer.pointers(), ["/lines"], "{lines}");
        assert_eq!(answer.usage.calls, 1, "for {lines} lines nothing is read but the record of the key");
    }
    let body = of(10_000);
    let answer = checkout(&app, &body, "key").send().await;
    assert_eq!((answer.status, answer.problem_code().as_str()), (413, "request.too_large"));
    let answer = refused(&app, &cart(&[line(&goods, 50), line(&goods, 50)]), 400, "checkout.line_invalid").await;
    assert_eq!(answer.pointers(), ["/lines/1/quantity"]);
}

#[tokio::test]
async fn attack_11_nobody_names_their_own_price_state_seller_or_buyer() {
    let (app, seller) = start().await;
    let goods = lamp(&app, &seller, 12_000, 5).await;
    for field in ["price", "total", "discount", "status", "paid", "user_id", "buyer", "seller_id", "role", "points"] {
        let mut at_the_top = cart(&[line(&goods, 1)]);
        at_the_top[field] = json!(1);
        let answer = refused(&app, &at_the_top, 400, "request.invalid").await;
        assert_eq!(answer.pointers(), [format!("/{field}")]);
        for place in ["/lines/0", "/contact", "/shipping"] {
            let mut inside = cart(&[line(&goods, 1)]);
            inside.pointer_mut(place).unwrap()[field] = json!(1);
            refused(&app, &inside, 400, "request.invalid").await;
        }
    }
}

#[tokio::test]
async fn attack_64_a_line_break_gets_into_no_name_address_or_number() {
    let (app, seller) = start().await;
    let goods = lamp(&app, &seller, 12_000, 5).await;
    for place in [
        "/contact/name",
        "/contact/phone",
        "/contact/email",
        "/shipping/name",
        "/shipping/phone",
        "/shipping/postcode",
        "/shipping/address",
        "/shipping/address_detail",
    ] {
        for text in ["Mina\r\nBcc: x@y.zz", "Mina\nx", "Mi\u{0}na", "\u{202e}aniM", ""] {
            // A mark of direction around a postal code is dropped, as one around a number is.
            if place == "/shipping/postcode" && text.starts_with('\u{202e}') {
                continue;
            }
            let mut body = cart(&[line(&goods, 1)]);
            *body.pointer_mut(place).unwrap() = json!(text);
            let answer = refused(&app, &body, 400, "request.invalid").await;
            let field = place.split('/').nth(1).unwrap();
            assert!(answer.pointers()[0].starts_with(&format!("/{field}")), "{place}: {:?}", answer.pointers());
        }
    }
    // Attack 59: a memo may have lines and may not have a NUL.
    let mut body = cart(&[line(&goods, 1)]);
    body["shipping"]["memo"] = json!("door\u{0}");
    refused(&app, &body, 400, "request.invalid").await;
    body["shipping"]["memo"] = json!("door\nor neighbour");
    assert_eq!(checkout(&app, &body, "memo").send().await.status, 201);
}

#[tokio::test]
async fn attack_60_65_what_people_are_called_comes_back_as_they_wrote_it() {
    let (app, seller) = start().await;
    let goods = listing(&app, &seller, "<script>alert(1)</script>", &[(won(1_000), 9)]).await;
    for (number, name) in ["👩‍👩‍👧 Mina", "김미나", "O'Brien <b>", "Ｍｉｎａ", "{{7*7}} ${x}"].into_iter().enumerate()
    {
        let mut body = cart(&[line(&goods[0], 1)]);
        body["contact"]["name"] = json!(name);
        let answer = checkout(&app, &body, &format!("key-{number}")).send().await;
        assert_eq!(answer.status, 201, "{name}: {:?}", answer.body);
        let reply = answer.json();
        assert_eq!(reply["checkout"]["orders"][0]["contact"]["name"], name);
        assert_eq!(reply["checkout"]["orders"][0]["lines"][0]["title"], "<script>alert(1)</script>");
        assert_eq!(answer.header("content-type"), Some("application/json"));
        assert!(!answer.line.contains(name), "{}", answer.line);
    }
    let mut body = cart(&[line(&goods[0], 1)]);
    body["contact"]["name"] = json!(format!("a{}", "\u{301}".repeat(1_000)));
    checkout(&app, &body, "key").send().await.assert_refused(400, "request.invalid");
}

#[tokio::test]
async fn attack_58_59_61_63_only_the_json_of_this_request_is_taken() {
    let (app, seller) = start().await;
    let goods = lamp(&app, &seller, 12_000, 5).await;
    let before = app.items().len();
    let request = app.post("checkout.create_checkout").idempotency_key("key");
    sweeps::assert_takes_only_its_json(&request, &cart(&[line(&goods, 1)])).await;
    assert_eq!(app.items().len(), before);
}

#[tokio::test]
async fn attack_35_a_key_is_needed() {
    let (app, seller) = start().await;
    let goods = lamp(&app, &seller, 12_000, 5).await;
    let request = app.post("checkout.create_checkout").json(cart(&[line(&goods, 1)]));
    request.clone().send().await.assert_refused(400, "request.idempotency_key_missing");
    let long = "k".repeat(256);
    request.idempotency_key(&long).send().await.assert_refused(400, "request.idempotency_key_malformed");
    assert_eq!(stock(&app, &goods), (5, 0, 0));
}
