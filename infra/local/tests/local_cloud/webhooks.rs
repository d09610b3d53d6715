//! The payment provider tells the shop of its payments, through the gateway as from outside.

use axum::http::Request;
use domain::{Currency, Money, timestamp::Seconds};
use engines::{Engine, FaultKind, FaultPlan, FaultRule, toss::Card};
use local::{cloud::Cloud, services, settings::Settings};
use serde_json::{Value, json};

use crate::client::{get, send};

/// A cloud in which somebody sells a lamp, and whose clock stands in the middle of a minute: no schedule runs by
/// itself.
async fn market() -> Cloud {
    let settings = Settings { webhooks: true, ..Settings::for_tests() };
    let cloud = Cloud::start_with(settings, services::all()).await.unwrap();
    let address = "seller@example.com";
    made(&cloud, "/api/auth/email-codes", "", json!({ "email": address, "purpose": "sign_up" })).await;
    cloud.quiet().await;
    let mail = cloud.engines().mailbox().list(Some(address)).remove(0);
    let digits: String = mail.text.chars().map(|letter| if letter.is_ascii_digit() { letter } else { ' ' }).collect();
    let code = digits.split_whitespace().find(|digits| digits.len() == 6).unwrap();
    let proof = json!({ "email": address, "purpose": "sign_up", "code": code });
    let proof = made(&cloud, "/api/auth/email-codes/verify", "", proof).await["email_proof"].clone();
    let password = "lamp over the old market";
    let person = json!({ "email_proof": proof, "nickname": "seller", "password": password, "language": "en" });
    made(&cloud, "/api/auth/sign-up", "", person).await;
    let session = made(&cloud, "/api/auth/sign-in", "", json!({ "email": address, "password": password })).await;
    let price = json!({ "amount": 28_000, "currency": "KRW" });
    let lamp = json!({
        "kind": "sell", "title": "Oak lamp", "description": "Warm light.", "category_id": "lighting",
        "options": [], "variants": [{ "option_values": [], "price": price, "stock": 2 }], "pictures": [],
    });
    made(&cloud, "/api/listings", session["access_token"].as_str().unwrap(), lamp).await;
    cloud
}

async fn post_as(cloud: &Cloud, path: &str, token: &str, body: &Value) -> (u16, Value) {
    let mut request = Request::post("/").header("content-type", "application/json").header("idempotency-key", path);
    if !token.is_empty() {
        request = request.header("authorization", format!("Bearer {token}"));
    }
    let answer = send(cloud.world().port, request, path, body.to_string()).await;
    (answer.status, if answer.body.is_empty() { Value::Null } else { answer.json() })
}

async fn made(cloud: &Cloud, path: &str, token: &str, body: Value) -> Value {
    let (status, answer) = post_as(cloud, path, token, &body).await;
    assert!((200..300).contains(&status), "{path}: {answer}");
    answer
}

async fn post(cloud: &Cloud, path: &str, body: &Value) -> (u16, Value) {
    post_as(cloud, path, "", body).await
}

/// A checkout whose buyer has gone through the payment window, and the body of the confirmation.
async fn authenticated(cloud: &Cloud, card: Card) -> (Value, Value) {
    let listings = get(cloud, "/api/listings").await.json();
    let id = listings["items"][0]["id"].as_str().unwrap();
    let listing = get(cloud, &format!("/api/listings/{id}")).await.json();
    let variant = &listing["variants"][0];
    let asked = json!({
        "lines": [{ "listing_id": id, "variant_id": variant["id"], "quantity": 1, "expected_price": variant["price"] }],
        "contact": { "name": "Guest", "phone": "010-1234-5678", "email": "guest@example.com" },
        "shipping": { "name": "Guest", "phone": "010-1234-5678", "postcode": "06236", "address": "12 Teheran-ro, Seoul" },
    });
    let (status, placed) = post(cloud, "/api/checkouts", &asked).await;
    assert_eq!(status, 201, "{placed}");
    let amount = &placed["payment"]["amount"];
    let money = Money::new(amount["amount"].as_i64().unwrap(), Currency::Krw).unwrap();
    let checkout_id = placed["checkout"]["id"].as_str().unwrap();
    let payment_key = cloud.toss().authenticated(checkout_id, money, card).unwrap();
    let confirmation = json!({ "checkout_id": checkout_id, "payment_key": payment_key, "amount": amount });
    (placed, confirmation)
}

async fn state(cloud: &Cloud, placed: &Value) -> Value {
    let request = Request::get("/").header("order-secret", placed["order_secret"].as_str().unwrap());
    let path = format!("/api/orders/{}", placed["checkout"]["orders"][0]["id"].as_str().unwrap());
    send(cloud.world().port, request, &path, "").await.json()["status"].clone()
}

/// The statuses that the provider heard, the oldest first.
fn told(cloud: &Cloud) -> Vec<u16> {
    let (entries, _) = cloud.world().requests.list(usize::MAX);
    let told = entries.iter().filter(|entry| entry.operation == "checkout.toss_webhook");
    told.rev().map(|entry| entry.status).collect()
}

fn fail(cloud: &Cloud, rules: Vec<FaultRule>) {
    cloud.engines().faults().set(FaultPlan { seed: 1, rules });
}

#[tokio::test]
async fn a_deposit_pays_the_checkout_at_once_and_no_schedule_is_waited_for() {
    let cloud = market().await;
    let (placed, confirmation) = authenticated(&cloud, Card::VirtualAccount).await;
    let (status, answer) = post(&cloud, "/api/payments/confirm", &confirmation).await;
    assert_eq!((status, &answer["payment_state"]), (202, &json!("confirming")), "{answer}");
    cloud.quiet().await;
    assert_eq!(state(&cloud, &placed).await, "confirming");
    cloud.toss().deposit(confirmation["payment_key"].as_str().unwrap()).unwrap();
    cloud.quiet().await;
    assert_eq!(state(&cloud, &placed).await, "paid");
    assert_eq!(told(&cloud), [200; 4], "a waiting account and a deposit, each told twice");
}

#[tokio::test]
async fn money_that_was_taken_without_an_answer_is_found_by_a_webhook_that_came_late() {
    let cloud = market().await;
    let (placed, confirmation) = authenticated(&cloud, Card::Approve).await;
    let toss = |kind, operation| FaultRule::always(Engine::Toss, kind).on(operation);
    fail(
        &cloud,
        vec![
            toss(FaultKind::TimeOutAfterApply, "confirm"),
            toss(FaultKind::ServerError, "fetch"),
            toss(FaultKind::TimeOutBefore, "webhook"),
        ],
    );
    assert_eq!(post(&cloud, "/api/payments/confirm", &confirmation).await.0, 202);
    // Toss has not reached us and tries again after a minute; the schedule has run meanwhile and has learned nothing.
    cloud.advance(Seconds(31)).await;
    assert_eq!((state(&cloud, &placed).await, told(&cloud)), (json!("confirming"), vec![]));
    fail(&cloud, vec![]);
    cloud.advance(Seconds(29)).await;
    assert_eq!((state(&cloud, &placed).await, told(&cloud)), (json!("paid"), vec![200]));
}

#[tokio::test]
async fn attack_30_webhooks_that_come_twice_and_out_of_order_pay_once() {
    let cloud = market().await;
    let toss = |kind| FaultRule::always(Engine::Toss, kind).on("webhook");
    fail(&cloud, vec![toss(FaultKind::Reorder).times(1), toss(FaultKind::Duplicate)]);
    let (placed, confirmation) = authenticated(&cloud, Card::VirtualAccount).await;
    assert_eq!(post(&cloud, "/api/payments/confirm", &confirmation).await.0, 202);
    cloud.toss().deposit(confirmation["payment_key"].as_str().unwrap()).unwrap();
    cloud.quiet().await;
    assert_eq!(state(&cloud, &placed).await, "paid");
    assert_eq!(told(&cloud), [200; 8]);
    let ledger = get(&cloud, "/_local/ledger").await.json();
    assert_eq!((ledger["postings"].as_array().unwrap().len(), &ledger["balanced"]), (1, &json!(true)));
}

#[tokio::test]
async fn a_webhook_whose_answer_was_lost_is_sent_again_under_its_name() {
    let cloud = market().await;
    fail(&cloud, vec![FaultRule::always(Engine::Toss, FaultKind::TimeOutAfterApply).on("webhook").times(1)]);
    let (placed, confirmation) = authenticated(&cloud, Card::Approve).await;
    assert_eq!(post(&cloud, "/api/payments/confirm", &confirmation).await.0, 200);
    cloud.quiet().await;
    assert_eq!((state(&cloud, &placed).await, told(&cloud)), (json!("paid"), vec![200]));
    let again = cloud.advance(Seconds::minutes(1)).await;
    assert_eq!(told(&cloud), [200, 200]);
    assert!(cloud.toss().due_webhooks().is_empty(), "{again}");
}
