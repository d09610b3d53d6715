//! `GET /stores/{store_id}`: what everybody sees of a store.

use domain::{Language, auth::AccountState, ids::StoreId, stores::stall_name, text::StoreName};
use serde_json::json;
use shared::store::{
    expression::{Change, Condition},
    stores::Store,
    users::User,
};

use crate::{
    steps::{listed, plain, start},
    stores::{change, opened, show},
};

#[tokio::test]
async fn a_store_whose_owner_is_gone_is_not_there() {
    let app = start().await;
    let mina = app.user("mina").await;
    let store = opened(&app, &mina, "Oak").await;
    show(&app, StoreId::stall_of(app.deleted_user().id)).await.assert_refused(404, "stores.not_found");
    let banned = vec![Change::Set("state", AccountState::Banned.as_str().into())];
    app.table().update(&User::key(mina.id), banned, Condition::Present).await.unwrap();
    show(&app, store["id"].as_str().unwrap()).await.assert_refused(404, "stores.not_found");
}

#[tokio::test]
async fn a_stall_that_is_written_down_nowhere_is_shown_and_can_be_changed_by_its_keeper() {
    let app = start().await;
    let (mina, ben) = (app.user("mina").await, app.user("ben").await);
    let stall = json!(StoreId::stall_of(mina.id));
    let shown = show(&app, stall.as_str().unwrap()).await;
    let expected: StoreName = stall_name(&mina.nickname, Language::English);
    assert_eq!((shown.status, &shown.json()["name"]), (200, &json!(expected)));
    change(&app, &ben, &stall, json!({ "name": "Mine" })).send().await.assert_refused(404, "stores.not_found");
    assert!(app.all::<Store>().is_empty());
    assert_eq!(change(&app, &mina, &stall, json!({ "name": "Lamps" })).send().await.status, 200);
    assert_eq!(app.all::<Store>()[0].name.as_str(), "Lamps");
    let made = listed(&app, &mina, plain("Chair", "furniture"), "k").await;
    assert_eq!(made["store"], json!({ "id": stall, "name": "Lamps" }));
}
