//! Looking at an order: who sees it, what they see, and what nobody else learns.

use domain::{
    ids::{OrderId, UserId},
    processes::{Actor, sell::SellEvent},
    timestamp::Seconds,
};
use engines::{Engine, FaultKind, FaultRule};
use serde_json::{Value, json};
use shared::{random, store::orders::StoredOrder};
use testkit::{TestApp, TestRequest};

use crate::steps::{place, secret_of, start, told, walk};

fn get<'a>(app: &'a TestApp, id: impl ToString) -> TestRequest<'a> {
    app.get("orders.get_order").path("order_id", id)
}

fn as_guest<'a>(app: &'a TestApp, order: &StoredOrder) -> TestRequest<'a> {
    get(app, order.id).header("order-secret", secret_of(app, order))
}

const BEGIN: (SellEvent, Actor) = (SellEvent::BeginConfirmation, Actor::Buyer);
const APPROVE: (SellEvent, Actor) = (SellEvent::Approve, Actor::Provider);

#[tokio::test]
async fn a_member_sees_their_order_whole() {
    let app = start().await;
    let mina = app.user("mina").await;
    let order = place(&app, Some(mina.id)).await;
    let answer = get(&app, order.id).as_user(&mina).send().await;
    assert_eq!(answer.status, 200, "{:?}", answer.body);
    answer.assert_cost(1, 2, 0);
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let money = |amount: i64| json!({ "amount": amount, "currency": "KRW" });
    let line = &order.lines[0];
    let id = order.id.to_string();
    let expected = json!({
        "id": id, "checkout_id": order.checkout_id, "store_id": order.store_id, "store_name": "Oak & Linen", "number": format!("20261121-{}", id[id.len() - 6..].to_uppercase()), "status": "pending",
        "lines": [{
            "listing_id": line.listing_id, "variant_id": line.variant_id, "title": "Oak desk lamp",
            "option_values": ["white"], "quantity": 2, "unit_price": money(12_000), "total": money(24_000),
            "picture": line.picture,
        }],
        "subtotal": money(24_000), "shipping_fee": money(3_000), "total": money(27_000),
        "contact": { "name": "Kim Mina", "phone": "01012345678", "email": "mina@example.com" },
        "shipping": {
            "name": "Kim Mina", "phone": "01012345678", "postcode": "06236", "address": "12 Teheran-ro",
            "address_detail": null, "memo": null,
        },
        "placed_at": "2026-11-21T09:00:00.000Z", "expires_at": "2026-11-21T09:15:00.000Z", "paid_at": null,
        "shipment": null, "cancellation": null, "refunded": money(0), "actions": ["pay", "cancel"], "history": [{ "status": "pending", "at": "2026-11-21T09:00:00.000Z" }],
    });
    assert_eq!(answer.json(), expected);
}

#[tokio::test]
async fn a_guest_sees_their_order_with_its_secret() {
    let app = start().await;
    let order = place(&app, None).await;
    let answer = as_guest(&app, &order).send().await;
    assert_eq!((answer.status, answer.json()["id"].clone()), (200, json!(order.id)));
    answer.assert_cost(1, 2, 0);
}

#[tokio::test]
async fn attack_1_2_3_7_whoever_may_not_see_an_order_gets_the_same_answer_as_for_no_order_at_all() {
    let app = start().await;
    let (mina, ben) = (app.user("mina").await, app.user("ben").await);
    let of_mina = place(&app, Some(mina.id)).await;
    let (of_guest, of_another_guest) = (place(&app, None).await, place(&app, None).await);
    let nowhere = OrderId::new(app.now(), random::entropy().unwrap());
    let secret = secret_of(&app, &of_guest);
    let (one, other) = (secret.chars().next().unwrap(), if secret.starts_with('A') { "B" } else { "A" });
    let changed = secret.replacen(one, other, 1);
    let with = |id: OrderId, secret: &str| get(&app, id).header("order-secret", secret);
    let refused = [
        ("no such order, member", get(&app, nowhere).as_user(&mina)),
        ("no such order, guest", with(nowhere, &secret)),
        ("another member's order", get(&app, of_mina.id).as_user(&ben)),
        ("a guest's order, as a member", get(&app, of_guest.id).as_user(&mina)),
        ("a wrong secret", with(of_guest.id, "banana")),
        ("an empty secret", with(of_guest.id, "")),
        ("a secret cut", with(of_guest.id, &secret[..42])),
        ("a secret and more", with(of_guest.id, &format!("{secret}A"))),
        ("a secret changed", with(of_guest.id, &changed)),
        ("another case", with(of_guest.id, &secret.to_uppercase())),
        ("the secret of another order", with(of_another_guest.id, &secret)),
        ("a member's order by its secret", as_guest(&app, &of_mina)),
        ("a token of another and a wrong secret", with(of_guest.id, "banana").as_user(&mina)),
        ("a token of another and a secret of another", with(of_another_guest.id, &secret).as_user(&mina)),
    ];
    let nothing = told(&get(&app, nowhere).as_user(&mina).send().await);
    assert_eq!(nothing.0, 404);
    for (what, request) in refused {
        let answer = request.send().await;
        answer.assert_refused(404, "orders.not_found");
        assert_eq!(told(&answer), nothing, "{what}");
        let body = answer.problem().detail;
        assert!(!body.contains("mina@") && !answer.line.contains(&secret), "{what}");
    }
    assert_eq!(with(of_guest.id, &secret).send().await.status, 200, "and with the right one it is there");
}

#[tokio::test]
async fn attack_2_76_wrong_secrets_are_counted_and_never_refuse_the_right_one() {
    let app = start().await;
    let mina = app.user("mina").await;
    let (order, of_mina) = (place(&app, None).await, place(&app, Some(mina.id)).await);
    let nowhere = OrderId::new(app.now(), random::entropy().unwrap());
    let wrong = |number: u32| {
        let id = [order.id, nowhere, of_mina.id][number as usize % 3];
        get(&app, id).header("order-secret", format!("banana-{number}"))
    };
    for number in 1..=20 {
        let answer = wrong(number).send().await;
        answer.assert_refused(404, "orders.not_found");
        answer.assert_cost(2, 2, 2);
        // Whether there is such an order shows nowhere.
        let left = format!(r#""order-secrets-source";r={};t=3600"#, 20 - number);
        assert_eq!(answer.header("ratelimit"), Some(left.as_str()));
        assert_eq!(answer.header("ratelimit-policy"), Some(r#""order-secrets-source";q=20;w=3600"#));
    }
    app.advance(Seconds(600));
    for number in 21..=23 {
        let answer = wrong(number).send().await;
        answer.assert_refused(429, "orders.too_many_wrong_secrets");
        assert_eq!(answer.retry_after_s(), Some(3_000));
        assert_eq!(answer.header("ratelimit"), Some(r#""order-secrets-source";r=0;t=3000"#));
    }
    assert_eq!(as_guest(&app, &order).send().await.status, 200);
    assert_eq!(get(&app, of_mina.id).as_user(&mina).send().await.status, 200);
    wrong(24).from("203.0.113.8").send().await.assert_refused(404, "orders.not_found");
    wrong(25).later(Seconds(3_000)).send().await.assert_refused(404, "orders.not_found");
}

#[tokio::test]
async fn attack_2_without_token_and_secret_nothing_is_looked_up() {
    let app = start().await;
    let order = place(&app, None).await;
    let nowhere = OrderId::new(app.now(), random::entropy().unwrap());
    let there = get(&app, order.id).send().await;
    there.assert_refused(401, "auth.sign_in_needed");
    assert_eq!(told(&there), told(&get(&app, nowhere).send().await));
    assert_eq!(there.usage.calls, 0);
    let long = "s".repeat(101);
    get(&app, order.id).header("order-secret", &long).send().await.assert_refused(401, "auth.sign_in_needed");
    let secret = secret_of(&app, &order);
    let twice = get(&app, order.id).header("order-secret", "x").header_again("order-secret", secret).send().await;
    assert!(matches!(twice.status, 401 | 404), "{:?}", twice.body);
}

#[tokio::test]
async fn a_guest_who_signed_in_afterwards_still_opens_the_link_of_the_mail() {
    let app = start().await;
    let mina = app.user("mina").await;
    let order = place(&app, None).await;
    let token = app.token_of(&mina);
    for bearer in ["", "banana", &token[..token.len() - 4], &token] {
        let answer = as_guest(&app, &order).bearer(bearer).send().await;
        assert_eq!((answer.status, &answer.json()["id"]), (200, &json!(order.id)), "{bearer}");
    }
    let over = as_guest(&app, &order).bearer(&token).later(Seconds::minutes(10)).send().await;
    assert_eq!(over.status, 200);
    // And a member with the secret of another order still sees their own.
    let own = place(&app, Some(mina.id)).await;
    let answer = get(&app, own.id).as_user(&mina).header("order-secret", secret_of(&app, &order)).send().await;
    assert_eq!(answer.status, 200, "{:?}", answer.body);
}

#[tokio::test]
async fn the_secret_of_an_order_from_before_there_were_checkouts_still_opens_it() {
    let app = start().await;
    let (order, other) = (place(&app, None).await, place(&app, None).await);
    let secrets = app.order_secrets();
    let with = |secret: String| get(&app, order.id).header("order-secret", secret);
    assert_eq!(with(secrets.of_old_order(order.id)).send().await.status, 200);
    with(secrets.of_old_order(other.id)).send().await.assert_refused(404, "orders.not_found");
}

#[tokio::test]
async fn a_token_that_does_not_hold_is_never_taken_for_none() {
    let app = start().await;
    let mina = app.user("mina").await;
    let order = place(&app, None).await;
    let token = app.token_of(&mina);
    for bearer in ["", "banana", &token[..token.len() - 4]] {
        get(&app, order.id).bearer(bearer).send().await.assert_refused(401, "auth.sign_in_needed");
    }
}

#[tokio::test]
async fn attack_10_what_is_no_id_is_refused_and_never_looked_up() {
    let app = start().await;
    let mina = app.user("mina").await;
    let order = place(&app, Some(mina.id)).await;
    let other_kind = UserId::new(app.now(), random::entropy().unwrap()).to_string();
    let good = order.id.to_string();
    for id in [
        "",
        "ord_",
        "%00",
        "..%2f",
        "ord_../x",
        "#",
        "o\u{433}d_1",
        &other_kind,
        &good.to_uppercase(),
        &good[4..],
        &format!("{good}0"),
        &"o".repeat(10_000),
    ] {
        let answer = get(&app, id).as_user(&mina).send().await;
        assert!(matches!(answer.status, 400 | 404), "{id}: {:?}", answer.body);
        assert_eq!(answer.usage.calls, 0, "{id}");
    }
    let extra = get(&app, &good).query("user_id=x").as_user(&mina).send().await;
    extra.assert_refused(400, "request.invalid");
}

#[tokio::test]
async fn attack_13_the_buyer_is_told_nothing_of_sellers_payments_or_the_inside() {
    let app = start().await;
    let order = place(&app, None).await;
    let paid = walk(&app, &order, &[BEGIN, APPROVE]).await;
    let answer = as_guest(&app, &paid).send().await;
    let told: Value = answer.json();
    let names: Vec<&str> = told.as_object().unwrap().keys().map(String::as_str).collect();
    let expected = [
        "actions",
        "cancellation",
        "checkout_id",
        "contact",
        "expires_at",
        "history",
        "id",
        "lines",
        "number",
        "paid_at",
        "placed_at",
        "refunded",
        "shipment",
        "shipping",
        "shipping_fee",
        "status",
        "store_id",
        "store_name",
        "subtotal",
        "total",
    ];
    assert_eq!(names, expected);
    let text = told.to_string();
    for secret in ["tviva", "toss", "attempt", "seller", "fee_basis", "version"] {
        assert!(!text.contains(secret), "{secret}: {text}");
    }
    for private in ["Mina", "mina@", "0101", "Teheran"] {
        assert!(!answer.line.contains(private), "{}", answer.line);
    }
}

#[tokio::test]
async fn only_what_can_be_done_is_offered() {
    let app = start().await;
    let pending = place(&app, None).await;
    assert_eq!(as_guest(&app, &pending).send().await.json()["actions"], json!(["pay", "cancel"]));
    let last = as_guest(&app, &pending).later(Seconds(899)).send().await;
    assert_eq!(last.json()["actions"], json!(["pay", "cancel"]));
    let over = as_guest(&app, &pending).later(Seconds(900)).send().await;
    assert_eq!(over.json()["actions"], json!(["cancel"]), "the hold is over, whether or not the schedule has run");

    let confirming = walk(&app, &pending, &[BEGIN]).await;
    let told = as_guest(&app, &confirming).send().await.json();
    assert_eq!((&told["status"], &told["actions"]), (&json!("confirming"), &json!([])));
    let paid = walk(&app, &confirming, &[APPROVE]).await;
    let told = as_guest(&app, &paid).send().await.json();
    assert_eq!((&told["status"], &told["actions"]), (&json!("paid"), &json!(["cancel"])));
    assert_eq!((&told["paid_at"], &told["expires_at"]), (&json!("2026-11-21T09:00:00.000Z"), &Value::Null));
    let states: Vec<&str> = told["history"].as_array().unwrap().iter().map(|e| e["status"].as_str().unwrap()).collect();
    assert_eq!(states, ["pending", "confirming", "paid"]);

    let other = place(&app, None).await;
    app.advance(Seconds::minutes(15));
    let expired = walk(&app, &other, &[(SellEvent::Expire, Actor::Time)]).await;
    let told = as_guest(&app, &expired).send().await.json();
    assert_eq!((&told["status"], &told["actions"], &told["expires_at"]), (&json!("expired"), &json!([]), &Value::Null));
}

#[tokio::test]
async fn attack_68_when_the_database_breaks_the_answer_says_nothing_of_the_inside() {
    let app = start().await;
    let order = place(&app, None).await;
    app.fail(vec![FaultRule::always(Engine::Database, FaultKind::ServerError)]);
    let answer = as_guest(&app, &order).may_break().send().await;
    answer.assert_refused(503, "unavailable");
    let body = String::from_utf8(answer.body.to_vec()).unwrap().to_lowercase();
    for inside in ["dynamo", "table", "arn:", "error:"] {
        assert!(!body.contains(inside), "{inside}: {body}");
    }
}
