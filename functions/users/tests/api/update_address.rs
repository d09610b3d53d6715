//! An address is put right, or becomes the default.

use serde_json::{Value, json};
use shared::store::addresses::Address;
use testkit::{TestApp, TestRequest, TestUser, sweeps};

use crate::addresses::{added, assert_books_are_right, ids, list, shipping};

fn update<'a>(app: &'a TestApp, user: &TestUser, id: &str, changes: Value) -> TestRequest<'a> {
    app.patch("users.update_address").path("address_id", id).as_user(user).json(changes)
}

#[tokio::test]
async fn what_is_named_changes_and_the_rest_stays() {
    let app = TestApp::start(&users::SERVICE).await;
    let mina = app.user("mina").await;
    let (first, second) = (added(&app, &mina, 1, false).await, added(&app, &mina, 2, false).await);

    let answer = update(&app, &mina, &second, json!({ "shipping": shipping(3) })).send().await;
    assert_eq!(answer.status, 200, "{:?}", answer.body);
    assert_eq!((&answer.json()["shipping"], &answer.json()["is_default"]), (&shipping(3), &json!(false)));
    // Person and address are read in one call; the address is written, the person looked at.
    answer.assert_cost(2, 4, 8);

    let answer = update(&app, &mina, &second, json!({ "is_default": true })).send().await;
    assert_eq!((&answer.json()["shipping"], &answer.json()["is_default"]), (&shipping(3), &json!(true)));
    answer.assert_cost(2, 4, 8);
    assert_eq!(ids(&app, &mina).await, (vec![second.clone(), first.clone()], Some(second)));
    let shown = list(&app, &mina).await.json();
    assert_eq!(shown["items"][1]["shipping"], shipping(1));
    assert_books_are_right(&app);

    let both = json!({ "is_default": true, "shipping": shipping(4) });
    assert_eq!(update(&app, &mina, &first, both).send().await.status, 200);
    assert_eq!(ids(&app, &mina).await.1, Some(first));
}

#[tokio::test]
async fn nothing_null_and_no_default_are_no_changes() {
    let app = TestApp::start(&users::SERVICE).await;
    let mina = app.user("mina").await;
    let id = added(&app, &mina, 1, false).await;
    for changes in [
        json!({}),
        json!({ "is_default": false }),
        json!({ "is_default": null }),
        json!({ "shipping": null }),
        json!({ "shipping": { "name": "Mina" } }),
        json!({ "is_default": true, "user_id": mina.id }),
        json!({ "is_default": true, "address_id": id }),
    ] {
        let answer = update(&app, &mina, &id, changes.clone()).send().await;
        answer.assert_refused(400, "request.invalid");
        assert_eq!(answer.usage.calls, 0, "{changes}");
    }
}

#[tokio::test]
async fn attack_1_7_another_persons_address_is_not_there() {
    let app = TestApp::start(&users::SERVICE).await;
    let (mina, ben) = (app.user("mina").await, app.user("ben").await);
    let hers = added(&app, &mina, 1, false).await;
    for changes in [json!({ "is_default": true }), json!({ "shipping": shipping(2) })] {
        update(&app, &ben, &hers, changes).send().await.assert_refused(404, "users.address_not_found");
    }
    assert_books_are_right(&app);
    assert_eq!(list(&app, &mina).await.json()["items"][0]["shipping"], shipping(1));
}

#[tokio::test]
async fn attack_40_46_who_is_not_signed_in_or_no_longer_changes_none() {
    let app = TestApp::start(&users::SERVICE).await;
    let mina = app.user("mina").await;
    let id = added(&app, &mina, 1, false).await;
    let before = app.all::<Address>();
    let request = app.patch("users.update_address").path("address_id", &id).json(json!({ "shipping": shipping(2) }));
    sweeps::assert_needs_sign_in(&request, &app.token_of(&mina)).await;
    let mut earlier = mina.clone();
    earlier.epoch = 7;
    let answer = update(&app, &earlier, &id, json!({ "shipping": shipping(2) })).send().await;
    answer.assert_refused(401, "auth.sign_in_needed");
    assert_eq!(app.all::<Address>(), before);
}

#[tokio::test]
async fn attack_58_61_only_its_json_is_taken() {
    let app = TestApp::start(&users::SERVICE).await;
    let mina = app.user("mina").await;
    let id = added(&app, &mina, 1, false).await;
    let request = app.patch("users.update_address").path("address_id", id).as_user(&mina);
    sweeps::assert_takes_only_its_json(&request, &json!({ "shipping": shipping(2) })).await;
}
