//! Another place to have goods sent to.

use serde_json::json;
use shared::store::addresses::Address;
use testkit::{TestApp, TestRequest, sweeps};

use crate::addresses::{add, added, assert_books_are_right, ids, list, shipping};

#[tokio::test]
async fn the_first_address_is_the_default_and_another_becomes_it_when_that_is_wanted() {
    let app = TestApp::start(&users::SERVICE).await;
    let mina = app.user("mina").await;
    let answer = add(&app, &mina, json!({ "shipping": shipping(1) }), "key-1").send().await;
    assert_eq!(answer.status, 201, "{:?}", answer.body);
    let first = answer.json()["id"].as_str().unwrap().to_owned();
    assert_eq!(
        answer.json(),
        json!({ "id": first, "shipping": shipping(1), "is_default": true, "created_at": "2026-11-21T09:00:00.000Z" })
    );
    // The person is read; the address, the person and the remembered answer are written.
    answer.assert_cost(2, 2, 12);

    let second = added(&app, &mina, 2, false).await;
    assert_eq!(ids(&app, &mina).await, (vec![first.clone(), second.clone()], Some(first.clone())));
    let third = added(&app, &mina, 3, true).await;
    assert_eq!(ids(&app, &mina).await.1, Some(third));
    assert_books_are_right(&app);
}

#[tokio::test]
async fn of_thirty_at_once_exactly_as_many_get_in_as_there_is_room_for() {
    let app = TestApp::start(&users::SERVICE).await;
    let mina = app.user("mina").await;
    for number in 0..5 {
        added(&app, &mina, number, false).await;
    }
    let requests = (100..130)
        .map(|number| add(&app, &mina, json!({ "shipping": shipping(number) }), &format!("key-{number}")).may_break());
    let answers = TestRequest::all_at_once(requests.collect()).await;
    let got_in = answers.iter().filter(|answer| answer.status == 201).count();
    assert_eq!(app.all::<Address>().len(), 5 + got_in);
    assert_books_are_right(&app);
    // Who lost every race against the others may try again, until there is no room.
    for number in 200..220 {
        add(&app, &mina, json!({ "shipping": shipping(number) }), &format!("key-{number}")).send().await;
    }
    assert_eq!(app.all::<Address>().len(), 20);
    let refused = add(&app, &mina, json!({ "shipping": shipping(999) }), "key-999").send().await;
    refused.assert_refused(409, "users.too_many_addresses");
    assert_books_are_right(&app);
}

#[tokio::test]
async fn attack_35_a_key_adds_one_address_however_often_it_comes() {
    let app = TestApp::start(&users::SERVICE).await;
    let mina = app.user("mina").await;
    let request = add(&app, &mina, json!({ "shipping": shipping(1) }), "key");
    let (first, again) = (request.clone().send().await, request.send().await);
    assert!(again.is_replayed() && first.json() == again.json());
    add(&app, &mina, json!({ "shipping": shipping(2) }), "key")
        .send()
        .await
        .assert_refused(422, "request.idempotency_key_reused");
    assert_eq!(app.all::<Address>().len(), 1);
}

#[tokio::test]
async fn attack_1_13_nobody_else_has_it_or_sees_it() {
    let app = TestApp::start(&users::SERVICE).await;
    let (mina, ben) = (app.user("mina").await, app.user("ben").await);
    added(&app, &mina, 1, false).await;
    assert_eq!(list(&app, &ben).await.json(), json!({ "items": [], "next_cursor": null }));
    let shown = app.get("users.get_user").path("user_id", mina.id).send().await;
    assert!(!String::from_utf8_lossy(&shown.body).contains("Teheran"));
}

#[tokio::test]
async fn attack_59_60_each_line_of_an_address_is_checked() {
    let app = TestApp::start(&users::SERVICE).await;
    let mina = app.user("mina").await;
    let wrong = [
        ("name", json!("a\u{0}b")),
        ("name", json!("a".repeat(61))),
        ("phone", json!("call me")),
        ("postcode", json!("06236; DROP")),
        ("address", json!("a\u{202e}b")),
        ("address_detail", json!("")),
        ("memo", json!("m".repeat(201))),
        ("country", json!("KR")),
    ];
    for (field, value) in wrong {
        let mut body = json!({ "shipping": shipping(1) });
        body["shipping"][field] = value;
        let answer = add(&app, &mina, body, "key").send().await;
        answer.assert_refused(400, "request.invalid");
        assert_eq!(answer.usage.calls, 0, "{field}");
    }
    let mut body = json!({ "shipping": shipping(1) });
    body["shipping"]["name"] = json!("김미나 👩\u{200d}👧");
    assert_eq!(add(&app, &mina, body, "key").send().await.status, 201);
}

#[tokio::test]
async fn attack_40_46_who_is_not_signed_in_or_no_longer_adds_none() {
    let app = TestApp::start(&users::SERVICE).await;
    let mina = app.user("mina").await;
    let request = app.post("users.add_address").json(json!({ "shipping": shipping(1) })).idempotency_key("key");
    sweeps::assert_needs_sign_in(&request, &app.token_of(&mina)).await;
    let mut earlier = mina.clone();
    earlier.epoch = 7;
    for caller in [app.deleted_user(), earlier] {
        let answer = add(&app, &caller, json!({ "shipping": shipping(1) }), "key").send().await;
        answer.assert_refused(401, "auth.sign_in_needed");
    }
    assert!(app.all::<Address>().is_empty());
}

#[tokio::test]
async fn attack_58_61_only_its_json_is_taken() {
    let app = TestApp::start(&users::SERVICE).await;
    let mina = app.user("mina").await;
    let request = app.post("users.add_address").as_user(&mina).idempotency_key("key");
    sweeps::assert_takes_only_its_json(&request, &json!({ "shipping": shipping(1), "is_default": true })).await;
}
