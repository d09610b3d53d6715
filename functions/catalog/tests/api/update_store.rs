//! `PATCH /stores/{store_id}`: what owners change of a store.

use domain::stores::StoreRole;
use serde_json::{Value, json};
use shared::store::{
    expression::{Change, Condition},
    stores::{Membership, Store, StoreNameOwner},
};

use crate::{
    steps::start,
    stores::{change, join, opened, show},
};

#[tokio::test]
async fn the_owner_changes_name_and_story_and_the_old_name_is_free() {
    let app = start().await;
    let (mina, ben) = (app.user("mina").await, app.user("ben").await);
    let store = opened(&app, &mina, "Oak").await;
    let renamed = change(&app, &mina, &store["id"], json!({ "name": "Linen", "story": null })).send().await;
    assert_eq!(renamed.status, 200, "{:?}", renamed.body);
    assert_eq!((&renamed.json()["name"], &renamed.json()["story"]), (&json!("Linen"), &Value::Null));
    assert_eq!(show(&app, store["id"].as_str().unwrap()).await.json(), renamed.json());
    let second = opened(&app, &ben, "Oak").await;
    change(&app, &ben, &second["id"], json!({ "name": "LINEN" })).send().await.assert_refused(409, "stores.name_taken");
    assert_eq!(app.all::<StoreNameOwner>().len(), 2);
    change(&app, &mina, &store["id"], json!({})).send().await.assert_refused(400, "request.invalid");
}

#[tokio::test]
async fn attack_76_a_name_is_changed_three_times_a_day() {
    let app = start().await;
    let mina = app.user("mina").await;
    let store = opened(&app, &mina, "Oak").await;
    for name in ["Oak 1", "Oak 2", "Oak 3"] {
        assert_eq!(change(&app, &mina, &store["id"], json!({ "name": name })).send().await.status, 200);
    }
    let refused = change(&app, &mina, &store["id"], json!({ "name": "Oak 4" })).send().await;
    refused.assert_refused(429, "stores.too_many_names");
    assert_eq!(change(&app, &mina, &store["id"], json!({ "story": "Only the story." })).send().await.status, 200);
}

#[tokio::test]
async fn attack_1_4_5_a_store_is_not_there_for_who_is_no_member_and_staff_may_not_do_what_owners_do() {
    let app = start().await;
    let (mina, ben) = (app.user("mina").await, app.user("ben").await);
    let store = opened(&app, &mina, "Oak").await;
    let body = json!({ "name": "Stolen" });
    change(&app, &ben, &store["id"], body.clone()).send().await.assert_refused(404, "stores.not_found");
    join(&app, &ben, &store["id"], StoreRole::Staff).await;
    change(&app, &ben, &store["id"], body.clone()).send().await.assert_refused(403, "auth.not_allowed");
    assert_eq!(app.all::<Store>()[0].name.as_str(), "Oak");
    // Whoever is made an owner may, at once.
    let key = Membership::key(store["id"].as_str().unwrap().parse().unwrap(), ben.id);
    app.table().update(&key, vec![Change::Set("role", "owner".into())], Condition::Present).await.unwrap();
    assert_eq!(change(&app, &ben, &store["id"], body).send().await.status, 200);
}

#[tokio::test]
async fn attack_6_46_a_member_whose_session_has_ended_is_signed_out_of_the_store_too() {
    let app = start().await;
    let mina = app.user("mina").await;
    let store = opened(&app, &mina, "Oak").await;
    app.table().transaction().raise_epoch(mina.id, 0).commit().await.unwrap();
    let refused = change(&app, &mina, &store["id"], json!({ "name": "Late" })).send().await;
    refused.assert_refused(401, "auth.sign_in_needed");
}
