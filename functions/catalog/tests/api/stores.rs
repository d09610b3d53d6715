//! Stores: opening, showing and changing them, and who may.

use domain::{ids::StoreId, stores::StoreRole};
use serde_json::{Value, json};
use shared::store::{
    Item,
    listings::Listing,
    stores::{Membership, Store, StoreNameOwner},
};
use testkit::{TestAnswer, TestApp, TestRequest, TestUser};

use crate::steps::{create, listed, plain, start};

pub(crate) fn open<'a>(app: &'a TestApp, person: &TestUser, name: &str) -> TestRequest<'a> {
    let body = json!({ "name": name, "story": "Solid oak." });
    app.post("catalog.create_store").as_user(person).json(body).idempotency_key(&format!("open-{}", name.len()))
}

pub(crate) async fn opened(app: &TestApp, person: &TestUser, name: &str) -> Value {
    let answer = open(app, person, name).send().await;
    assert_eq!(answer.status, 201, "{:?}", answer.body);
    answer.json()
}

pub(crate) async fn show(app: &TestApp, id: impl ToString) -> TestAnswer {
    app.get("catalog.get_store").path("store_id", id.to_string()).send().await
}

pub(crate) fn change<'a>(app: &'a TestApp, person: &TestUser, id: &Value, body: Value) -> TestRequest<'a> {
    app.patch("catalog.update_store").path("store_id", id.as_str().unwrap()).as_user(person).json(body)
}

/// Makes somebody a member of a store, which no route does yet.
pub(crate) async fn join(app: &TestApp, person: &TestUser, id: &Value, role: StoreRole) {
    let store_id = id.as_str().unwrap().parse().unwrap();
    let membership = Membership { store_id, user_id: person.id, role, since: app.now() };
    app.table().transaction().create(&membership).commit().await.unwrap();
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
