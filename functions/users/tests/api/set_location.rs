//! Where a person is, and who gets to know.

use serde_json::{Value, json};
use shared::store::users::User;
use testkit::{TestApp, TestRequest, TestUser, sweeps};

const SET_LOCATION: &str = "users.set_location";

fn gangnam() -> Value {
    json!({
        "coordinates": { "latitude": "37.497942", "longitude": "127.027621" },
        "area": { "city": "Seoul", "district": "Gangnam-gu" },
    })
}

fn set<'a>(app: &'a TestApp, user: &TestUser, location: Value) -> TestRequest<'a> {
    app.put(SET_LOCATION).as_user(user).json(json!({ "location": location }))
}

#[tokio::test]
async fn a_person_says_where_they_are_and_takes_it_back() {
    let app = TestApp::start(&users::SERVICE).await;
    let mina = app.user("mina").await;
    let answer = set(&app, &mina, gangnam()).send().await;
    assert_eq!(answer.status, 200, "{:?}", answer.body);
    assert_eq!(answer.json()["location"], gangnam());
    assert_eq!(answer.json(), app.get("users.get_me").as_user(&mina).send().await.json());
    // One conditional write of one unit.
    answer.assert_cost(1, 0, 2);

    let moved = json!({
        "coordinates": { "latitude": "36.48", "longitude": "127.289" },
        "area": { "city": "Sejong", "district": null },
    });
    let answer = set(&app, &mina, moved).send().await;
    assert_eq!(answer.json()["location"]["coordinates"]["latitude"], "36.480000");
    assert_eq!(answer.json()["location"]["area"], json!({ "city": "Sejong", "district": null }));

    let answer = set(&app, &mina, Value::Null).send().await;
    assert_eq!((answer.status, &answer.json()["location"]), (200, &Value::Null));
    assert_eq!(app.all::<User>()[0].location, None);
    assert!(!format!("{:?}", app.items()).contains("Sejong"), "nothing of it is left");
}

#[tokio::test]
async fn attack_13_others_see_the_area_and_never_the_coordinates() {
    let app = TestApp::start(&users::SERVICE).await;
    let mina = app.user("mina").await;
    set(&app, &mina, gangnam()).send().await;
    let shown = app.get("users.get_user").path("user_id", mina.id).send().await;
    assert_eq!(shown.json()["area"], json!({ "city": "Seoul", "district": "Gangnam-gu" }));
    let text = String::from_utf8(shown.body.to_vec()).unwrap();
    assert!(!text.contains("37.4") && !text.contains("127.0") && !text.contains("coordinates"), "{text}");
}

#[tokio::test]
async fn attack_10_17_what_is_no_place_is_refused() {
    let app = TestApp::start(&users::SERVICE).await;
    let mina = app.user("mina").await;
    let with = |latitude: Value, longitude: Value, city: Value| json!({ "coordinates": { "latitude": latitude, "longitude": longitude }, "area": { "city": city } });
    let wrong = [
        with(json!("90.000001"), json!("0"), json!("Seoul")),
        with(json!("0"), json!("-180.000001"), json!("Seoul")),
        with(json!(37.5), json!("127"), json!("Seoul")),
        with(json!("1e1"), json!("127"), json!("Seoul")),
        with(json!("37"), json!(null), json!("Seoul")),
        with(json!("37"), json!("127"), json!("")),
        with(json!("37"), json!("127"), json!("Se\u{0}oul")),
        with(json!("37"), json!("127"), json!("S".repeat(41))),
        with(json!("37"), json!("127"), json!(["Seoul"])),
        json!({ "coordinates": { "latitude": "37", "longitude": "127" } }),
        json!({ "area": { "city": "Seoul" } }),
        json!({ "coordinates": { "latitude": "37", "longitude": "127" }, "area": { "city": "Seoul" }, "role": "admin" }),
        json!("Seoul"),
        json!([]),
    ];
    for location in wrong {
        let answer = set(&app, &mina, location.clone()).send().await;
        answer.assert_refused(400, "request.invalid");
        assert!(answer.pointers().iter().all(|pointer| pointer.starts_with("/location")), "{location}");
        assert_eq!(answer.usage.calls, 0, "{location}");
    }
    app.put(SET_LOCATION).as_user(&mina).json(json!({})).send().await.assert_refused(400, "request.invalid");
    assert_eq!(app.all::<User>()[0].location, None);
}

#[tokio::test]
async fn attack_40_46_who_is_not_signed_in_or_no_longer_is_nowhere() {
    let app = TestApp::start(&users::SERVICE).await;
    let mina = app.user("mina").await;
    let request = app.put(SET_LOCATION).json(json!({ "location": null }));
    sweeps::assert_needs_sign_in(&request, &app.token_of(&mina)).await;
    set(&app, &app.deleted_user(), gangnam()).send().await.assert_refused(401, "auth.sign_in_needed");
    let mut earlier = mina.clone();
    earlier.epoch = 7;
    set(&app, &earlier, gangnam()).send().await.assert_refused(401, "auth.sign_in_needed");
    assert_eq!(app.all::<User>()[0].location, None, "and nobody was made or moved");
}

#[tokio::test]
async fn attack_58_61_only_its_json_is_taken() {
    let app = TestApp::start(&users::SERVICE).await;
    let mina = app.user("mina").await;
    let good = json!({ "location": gangnam() });
    sweeps::assert_takes_only_its_json(&app.put(SET_LOCATION).as_user(&mina), &good).await;
}
