//! A stranger opens a shop, and another stranger buys from it.

use domain::timestamp::Seconds;
use serde_json::{Value, json};

use crate::{browser::Browser, program::Program};

/// A phone's photo: larger than what is served, and lying on its side or not does not matter here.
fn photo() -> Vec<u8> {
    let picture = image::RgbImage::from_fn(2000, 1500, |x, y| image::Rgb([(x / 8) as u8, (y / 6) as u8, 90]));
    let mut jpeg = Vec::new();
    image::codecs::jpeg::JpegEncoder::new(&mut jpeg).encode_image(&picture).unwrap();
    jpeg
}

/// A cloud with a shop that has three lamps.
async fn shop() -> (tempfile::TempDir, Program, Value) {
    let folder = tempfile::tempdir().unwrap();
    let program = Program::start(&folder.path().join("data"));
    let mut seller = Browser::at(program.port);
    seller.sign_up("seller").await;
    let picture = seller.upload(photo()).await;
    let lamp = json!({
        "kind": "sell", "title": "Oak lamp", "description": "Warm light.", "category_id": "lighting",
        "options": [{"name": "colour", "values": ["white", "black"]}],
        "variants": [
            {"option_values": ["white"], "price": {"amount": 28_000, "currency": "KRW"}, "stock": 2},
            {"option_values": ["black"], "price": {"amount": 30_000, "currency": "KRW"}, "stock": 1},
        ],
        "pictures": [picture],
    });
    let listing = seller.post_once("/api/listings", "lamp", &lamp).await.expect(201);
    (folder, program, listing)
}

fn order_of(listing: &Value, variant: usize, quantity: u32) -> Value {
    json!({
        "lines": [{
            "listing_id": listing["id"], "variant_id": listing["variants"][variant]["id"], "quantity": quantity,
            "expected_price": listing["variants"][variant]["price"],
        }],
        "contact": {"name": "Guest", "phone": "010-1234-5678", "email": "guest@example.com"},
        "shipping": {"name": "Guest", "phone": "010-1234-5678", "postcode": "06236", "address": "12 Teheran-ro, Seoul"},
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_guest_buys_what_a_stranger_offers_and_everything_agrees() {
    let (_folder, program, listing) = shop().await;
    let guest = Browser::at(program.port);
    let found = guest.get("/api/listings?category_id=lighting").await.expect(200);
    assert_eq!(found["items"][0]["id"], listing["id"]);
    let shown = guest.get(&format!("/api/listings/{}", listing["id"].as_str().unwrap())).await.expect(200);
    let picture = guest.get(shown["pictures"][0]["large"].as_str().unwrap()).await;
    assert_eq!((picture.status, &picture.headers["content-type"]), (200, &"image/jpeg".parse().unwrap()));
    let decoded = image::load_from_memory(&picture.body).unwrap();
    assert_eq!((decoded.width(), decoded.height()), (1600, 1200));

    let checkout = guest.post_once("/api/checkouts", "one", &order_of(&shown, 0, 2)).await.expect(201);
    assert_eq!(
        checkout["payment"]["amount"],
        json!({"amount": 56_000, "currency": "KRW"}),
        "free shipping from 50,000"
    );
    let id = checkout["checkout"]["orders"][0]["id"].as_str().unwrap();
    let path = format!("/api/orders/{id}");
    let secret = checkout["order_secret"].as_str().unwrap();
    assert_eq!(guest.get_as_guest(&path, secret).await.expect(200)["status"], "pending");

    let back = guest.pay_in_window(&checkout, "approve").await;
    let confirmed = guest.post_once("/api/payments/confirm", "pay-one", &back).await.expect(200);
    assert_eq!(confirmed["payment_state"], "paid");
    let again = guest.post_once("/api/payments/confirm", "pay-one", &back).await;
    assert_eq!(again.expect(200), confirmed);
    assert_eq!(again.headers["idempotency-replayed"], "true");

    let order = guest.get_as_guest(&path, secret).await.expect(200);
    assert_eq!(order["status"], "paid");
    assert_eq!(guest.get_as_guest(&path, "not-the-secret").await.status, 404);
    let mail = guest.newest_mail("guest@example.com").await;
    assert!(mail["text"].as_str().unwrap().contains(&format!("order.html?id={id}#secret={secret}")), "{mail}");
    let after = guest.get(&format!("/api/listings/{}", listing["id"].as_str().unwrap())).await.expect(200);
    assert_eq!((&after["variants"][0]["available"], &after["variants"][1]["available"]), (&json!(0), &json!(1)));
    let ledger = guest.get("/_local/ledger").await.expect(200);
    assert_eq!(ledger["balanced"], true, "{ledger}");
    assert_eq!(ledger["postings"].as_array().unwrap().len(), 1, "{ledger}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_member_whose_card_is_declined_pays_with_another() {
    let (_folder, program, listing) = shop().await;
    let mut member = Browser::at(program.port);
    member.sign_up("member").await;
    let checkout = member.post_once("/api/checkouts", "mine", &order_of(&listing, 1, 1)).await.expect(201);
    assert_eq!(checkout["order_secret"], Value::Null);
    let back = member.pay_in_window(&checkout, "limit_exceeded").await;
    let declined = member.post_once("/api/payments/confirm", "first-card", &back).await.expect(402);
    assert_eq!(declined["code"], "payments.declined");
    let back = member.pay_in_window(&checkout, "approve").await;
    member.post_once("/api/payments/confirm", "second-card", &back).await.expect(200);
    let path = format!("/api/orders/{}", checkout["checkout"]["orders"][0]["id"].as_str().unwrap());
    assert_eq!(member.get(&path).await.expect(200)["status"], "paid");
    assert_eq!(Browser::at(program.port).get_as_guest(&path, "x").await.status, 404);
    let sold_out = Browser::at(program.port).post_once("/api/checkouts", "late", &order_of(&listing, 1, 1)).await;
    assert_eq!(sold_out.expect(409)["code"], "stock.insufficient");
}

#[tokio::test(flavor = "multi_thread")]
async fn money_that_was_taken_without_an_answer_is_found_again() {
    let (_folder, program, listing) = shop().await;
    let guest = Browser::at(program.port);
    let checkout = guest.post_once("/api/checkouts", "unsure", &order_of(&listing, 0, 1)).await.expect(201);
    let back = guest.pay_in_window(&checkout, "approve").await;
    let always = |operation: &str, kind: &str| json!({"engine": "toss", "operation": operation, "kind": kind, "per_mille": 1000});
    let faults =
        json!({"seed": 1, "rules": [always("confirm", "time_out_after_apply"), always("fetch", "server_error")]});
    guest.post("/_local/faults", &faults).await;
    let unsure = guest.post_once("/api/payments/confirm", "unsure", &back).await.expect(202);
    assert_eq!(unsure["payment_state"], "confirming");
    guest.post("/_local/faults", &json!({"seed": 1, "rules": []})).await;
    guest.post("/_local/clock", &json!({"advance_s": Seconds::minutes(2).0})).await.expect(200);
    guest.quiet().await;
    let path = format!("/api/orders/{}", checkout["checkout"]["orders"][0]["id"].as_str().unwrap());
    let order = guest.get_as_guest(&path, checkout["order_secret"].as_str().unwrap()).await.expect(200);
    assert_eq!(order["status"], "paid");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_that_is_not_paid_gives_its_stock_back() {
    let (_folder, program, listing) = shop().await;
    let guest = Browser::at(program.port);
    let checkout = guest.post_once("/api/checkouts", "idle", &order_of(&listing, 1, 1)).await.expect(201);
    let back = guest.pay_in_window(&checkout, "approve").await;
    guest.post("/_local/clock", &json!({"advance_s": Seconds::minutes(16).0})).await.expect(200);
    guest.quiet().await;
    let path = format!("/api/orders/{}", checkout["checkout"]["orders"][0]["id"].as_str().unwrap());
    let order = guest.get_as_guest(&path, checkout["order_secret"].as_str().unwrap()).await.expect(200);
    assert_eq!(order["status"], "expired");
    let refused = guest.post_once("/api/payments/confirm", "too-late", &back).await.expect(409);
    assert_eq!(refused["code"], "checkout.not_payable");
    let shown = guest.get(&format!("/api/listings/{}", listing["id"].as_str().unwrap())).await.expect(200);
    assert_eq!(shown["variants"][1]["available"], 1);
}
