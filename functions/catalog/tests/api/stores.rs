//! Stores: opening, showing and changing them, and who may.

use domain::{
    Language,
    auth::AccountState,
    ids::StoreId,
    stores::{StoreRole, stall_name},
    text::StoreName,
};
use serde_json::{Value, json};
use shared::store::{
    Item,
    expression::{Change, Condition},
    listings::Listing,
    stores::{Membership, Store, StoreNameOwner},
    users::User,
};
use testkit::{TestAnswer, TestApp, TestRequest, TestUser};

use crate::steps::{create, listed, plain, start};

fn open<'a>(app: &'a TestApp, person: &TestUser, name: &str) -> TestRequest<'a> {
    let body = json!({ "name": name, "story": "Solid oak." });
    app.post("catalog.create_store").as_user(person).json(body).idempotency_key(&format!("open-{}", name.len()))
}

async fn opened(app: &TestApp, person: &TestUser, name: &str) -> Value {
    let answer = open(app, person, name).send().await;
    assert_eq!(answer.status, 201, "{:?}", answer.body);
    answer.json()
}

async fn show(app: &TestApp, id: impl ToString) -> TestAnswer {
    app.get("catalog.get_store").path("store_id", id.to_string()).send().await
}

fn change<'a>(app: &'a TestApp, person: &TestUser, id: &Value, body: Value) -> TestRequest<'a> {
    app.patch("catalog.update_store").path("store_id", id.as_str().unwrap()).as_user(person).json(body)
}

/// Makes somebody a member of a store, which no route does yet.
async fn join(app: &TestApp, person: &TestUser, id: &Value, role: StoreRole) {
    let store_id = id.as_str().unwrap().parse().unwrap();
    let membership = Membership { store_id, user_id: person.id, role, since: app.now() };
    app.table().transaction().create(&membership).commit().await.unwrap();
}

#[tokio::test]
async fn a_store_is_opened_with_its_name_and_shown_to_everybody() {
    let app = start().await;
    let mina = app.user("mina").await;
    let answer = open(&app, &mina, "Oak & Linen").send().await;
    assert_eq!(answer.status, 201, "{:?}", answer.body);
    let made = answer.json();
    assert_eq!(
        made,
        json!({
            "id": app.all::<Store>()[0].id, "name": "Oak & Linen", "story": "Solid oak.",
            "created_at": "2026-11-21T09:00:00.000Z",
            "owner": {
                "id": mina.id, "nickname": "mina", "picture": made["owner"]["picture"], "score": null,
                "member_since": "2026-11", "area": null,
            },
        })
    );
    let shown = show(&app, made["id"].as_str().unwrap()).await;
    assert_eq!((shown.status, shown.json()), (200, made));
    assert_eq!(app.all::<Membership>()[0].role, StoreRole::Owner);
}

#[tokio::test]
async fn no_two_stores_have_names_that_look_the_same() {
    let app = start().await;
    let (mina, ben) = (app.user("mina").await, app.user("ben").await);
    opened(&app, &mina, "Oak & Linen").await;
    for name in ["Oak & Linen", "OAK & LINEN", "ｏａｋ & linen"] {
        let refused = open(&app, &ben, name).send().await;
        refused.assert_refused(409, "stores.name_taken");
        assert_eq!(refused.pointers(), ["/name"]);
    }
    assert_eq!((app.all::<Store>().len(), app.all::<Membership>().len()), (1, 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn attack_32_of_many_who_open_a_store_of_one_name_one_gets_it() {
    let app = start().await;
    let mut requests = Vec::new();
    for number in 0..8 {
        requests.push(open(&app, &app.user(&format!("person{number}")).await, "Oak"));
    }
    let answers = TestRequest::all_at_once(requests).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 201).count(), 1);
    assert_eq!((app.all::<Store>().len(), app.all::<StoreNameOwner>().len()), (1, 1));
}

#[tokio::test]
async fn attack_76_a_person_opens_five_stores_and_no_more_beside_their_stall() {
    let app = start().await;
    let mina = app.user("mina").await;
    listed(&app, &mina, plain("Chair", "furniture"), "k").await;
    for number in 0..5 {
        opened(&app, &mina, &format!("Oak{}", "k".repeat(number))).await;
    }
    open(&app, &mina, "One too many").send().await.assert_refused(409, "stores.too_many_stores");
    assert_eq!(app.all::<Store>().len(), 6);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_first_listing_makes_the_stall_and_no_race_makes_two() {
    let app = start().await;
    let mina = app.user("mina").await;
    let keys: Vec<String> = (0..8).map(|number| format!("k{number}")).collect();
    let requests = keys.iter().map(|key| create(&app, &mina, plain("Chair", "furniture"), key)).collect();
    let answers = TestRequest::all_at_once(requests).await;
    assert!(answers.iter().any(|answer| answer.status == 201));
    let [stall] = app.all::<Store>().try_into().unwrap();
    assert_eq!((stall.id, stall.name.as_str()), (StoreId::stall_of(mina.id), "mina's stall"));
    assert_eq!((app.all::<Membership>().len(), app.all::<StoreNameOwner>().len()), (1, 1));
    for answer in answers.iter().filter(|answer| answer.status == 201) {
        assert_eq!(answer.json()["store"], json!({ "id": stall.id, "name": "mina's stall" }));
    }
}

#[tokio::test]
async fn a_stall_whose_name_is_taken_gets_another() {
    let app = start().await;
    let (mina, ben) = (app.user("mina").await, app.user("ben").await);
    opened(&app, &ben, "mina's stall").await;
    let made = listed(&app, &mina, plain("Chair", "furniture"), "k").await;
    let name = made["store"]["name"].as_str().unwrap();
    assert!(name.starts_with("mina ") && name.len() == 11, "{name}");
    assert_eq!(show(&app, StoreId::stall_of(mina.id)).await.json()["name"], name);
}

#[tokio::test]
async fn attack_4_only_a_member_lists_in_a_store() {
    let app = start().await;
    let (mina, ben) = (app.user("mina").await, app.user("ben").await);
    let store = opened(&app, &mina, "Oak").await;
    let mut draft = plain("Chair", "furniture");
    draft["store_id"] = store["id"].clone();
    let refused = create(&app, &ben, draft.clone(), "k").send().await;
    refused.assert_refused(422, "catalog.store_unknown");
    assert_eq!(refused.pointers(), ["/store_id"]);
    let mut nowhere = draft.clone();
    nowhere["store_id"] = json!(StoreId::stall_of(mina.id));
    create(&app, &ben, nowhere, "k").send().await.assert_refused(422, "catalog.store_unknown");
    assert!(app.all::<Listing>().is_empty());
    join(&app, &ben, &store["id"], StoreRole::Staff).await;
    let made = listed(&app, &ben, draft, "k").await;
    assert_eq!(made["store"], json!({ "id": store["id"], "name": "Oak" }));
    assert_eq!(made["seller"]["id"], json!(ben.id));
    let cards = app.get("catalog.list_listings").send().await.json();
    assert_eq!(cards["items"][0]["store"], made["store"]);
}

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

/// A listing as version 1 wrote it: without a store.
fn of_version_1(listing: &Listing) -> Item {
    let mut image = serde_json::Map::new();
    let item = serde_json::to_value(listing).unwrap();
    for (name, value) in item.as_object().unwrap() {
        if !matches!(name.as_str(), "store_id" | "store_name") {
            image.insert(name.clone(), typed(value));
        }
    }
    image["card"]["M"].as_object_mut().unwrap().remove("store");
    image.insert("kind".to_owned(), json!({ "S": "listing" }));
    image.insert("v".to_owned(), json!({ "N": "1" }));
    Item::from_stream(&image).unwrap()
}

/// A value as DynamoDB writes it.
fn typed(value: &Value) -> Value {
    match value {
        Value::Null => json!({ "NULL": true }),
        Value::Bool(truth) => json!({ "BOOL": truth }),
        Value::Number(number) => json!({ "N": number.to_string() }),
        Value::String(text) => json!({ "S": text }),
        Value::Array(list) => json!({ "L": list.iter().map(typed).collect::<Vec<_>>() }),
        Value::Object(fields) => {
            let fields = fields.iter().map(|(name, value)| (name.clone(), typed(value)));
            json!({ "M": fields.collect::<serde_json::Map<_, _>>() })
        }
    }
}

#[tokio::test]
async fn what_was_listed_before_there_were_stores_is_of_the_sellers_stall() {
    let app = start().await;
    let mina = app.user("mina").await;
    listed(&app, &mina, plain("Chair", "furniture"), "k").await;
    let [now] = app.all::<Listing>().try_into().unwrap();
    let old: Listing = of_version_1(&now).read().unwrap();
    assert_eq!(old, now);
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
