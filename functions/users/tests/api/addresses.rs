//! What the tests of addresses share.

use serde_json::{Value, json};
use shared::store::{addresses::Address, users::User};
use testkit::{TestAnswer, TestApp, TestRequest, TestUser};

/// An address; the number tells one from another.
pub(crate) fn shipping(number: u32) -> Value {
    json!({
        "name": "Kim Mina", "phone": "01012345678", "postcode": "06236", "address": format!("{number} Teheran-ro"),
        "address_detail": null, "memo": null,
    })
}

pub(crate) fn add<'a>(app: &'a TestApp, user: &TestUser, body: Value, key: &str) -> TestRequest<'a> {
    app.post("users.add_address").as_user(user).json(body).idempotency_key(key)
}

/// Adds an address that goes well; gives its id.
pub(crate) async fn added(app: &TestApp, user: &TestUser, number: u32, is_default: bool) -> String {
    let body = json!({ "shipping": shipping(number), "is_default": is_default });
    let answer = add(app, user, body, &format!("key-{number}")).send().await;
    assert_eq!(answer.status, 201, "{:?}", answer.body);
    answer.json()["id"].as_str().unwrap().to_owned()
}

pub(crate) async fn list(app: &TestApp, user: &TestUser) -> TestAnswer {
    app.get("users.list_addresses").as_user(user).send().await
}

/// The ids in the order of the list, and that of the default.
pub(crate) async fn ids(app: &TestApp, user: &TestUser) -> (Vec<String>, Option<String>) {
    let answer = list(app, user).await.json();
    let items = answer["items"].as_array().unwrap();
    let id = |item: &Value| item["id"].as_str().unwrap().to_owned();
    let defaults: Vec<String> = items.iter().filter(|item| item["is_default"] == true).map(id).collect();
    assert!(defaults.len() <= 1, "{defaults:?}");
    (items.iter().map(id).collect(), defaults.into_iter().next())
}

/// What must hold of everybody's addresses at any time: the count is the count, and exactly one is
/// the default while there is one.
pub(crate) fn assert_books_are_right(app: &TestApp) {
    let addresses = app.all::<Address>();
    for user in app.all::<User>() {
        let theirs: Vec<&Address> = addresses.iter().filter(|address| address.user_id == user.id).collect();
        assert_eq!(usize::try_from(user.address_count).unwrap(), theirs.len(), "{user:?}");
        match user.default_address {
            Some(default) => assert!(theirs.iter().any(|address| address.id == default), "{user:?}"),
            None => assert!(theirs.is_empty(), "{user:?}"),
        }
    }
}
