//! All addresses of a person.

use domain::timestamp::Seconds;
use serde_json::json;
use shared::store::addresses::Address;
use testkit::{TestApp, sweeps};

use crate::addresses::{added, ids, list, shipping};

#[tokio::test]
async fn the_default_comes_first_and_then_the_newest() {
    let app = TestApp::start(&users::SERVICE).await;
    let mina = app.user("mina").await;
    assert_eq!(list(&app, &mina).await.json(), json!({ "items": [], "next_cursor": null }));
    let mut added_ids = Vec::new();
    for number in 1..=3 {
        added_ids.push(added(&app, &mina, number, false).await);
        app.advance(Seconds(1));
    }
    let [first, second, third] = added_ids.try_into().unwrap();
    assert_eq!(ids(&app, &mina).await, (vec![first.clone(), third, second], Some(first)));
    let answer = list(&app, &mina).await;
    assert_eq!(answer.json()["items"][0]["shipping"], shipping(1));
    // The person and a query of less than 4 KB, both consistent, at once.
    answer.assert_cost(2, 4, 0);
}

#[tokio::test]
async fn attack_8_40_only_ones_own_and_only_signed_in() {
    let app = TestApp::start(&users::SERVICE).await;
    let (mina, ben) = (app.user("mina").await, app.user("ben").await);
    added(&app, &mina, 1, false).await;
    sweeps::assert_needs_sign_in(&app.get("users.list_addresses"), &app.token_of(&mina)).await;
    let query = format!("user_id={}", mina.id);
    let answer = app.get("users.list_addresses").as_user(&ben).query(&query).send().await;
    answer.assert_refused(400, "request.invalid");
    list(&app, &app.deleted_user()).await.assert_refused(401, "auth.sign_in_needed");
}

#[tokio::test]
async fn an_address_that_cannot_be_read_costs_nobody_the_others() {
    let app = TestApp::start(&users::SERVICE).await;
    let mina = app.user("mina").await;
    let (first, second) = (added(&app, &mina, 1, false).await, added(&app, &mina, 2, false).await);
    app.make_unreadable(&Address::key(mina.id, second.parse().unwrap())).await;
    let answer = list(&app, &mina).await;
    assert_eq!(ids(&app, &mina).await.0, [first]);
    assert!(answer.line.contains("is left out of a list"), "{}", answer.line);
}
