//! The devices that a person sees: those on which they are signed in, and nobody else's.

use domain::timestamp::Seconds;
use serde_json::{Value, json};
use shared::store::sessions::Session;
use testkit::{TestApp, TestUser, sweeps};

const LIST: &str = "users.list_sessions";

async fn listed(app: &TestApp, user: &TestUser) -> Vec<Value> {
    let answer = app.get(LIST).as_user(user).send().await;
    assert_eq!(answer.status, 200, "{:?}", answer.body);
    answer.json()["items"].as_array().unwrap().clone()
}

/// The person on another device.
async fn elsewhere(app: &TestApp, user: &TestUser, number: u8) -> TestUser {
    let session = domain::ids::SessionId::new(app.now(), domain::ids::Entropy([number; 10]));
    let user = TestUser { session, ..user.clone() };
    let _ = app.session_of(&user).await;
    user
}

#[tokio::test]
async fn a_person_sees_their_devices_the_last_used_first_and_which_one_asks() {
    let app = TestApp::start(&users::SERVICE).await;
    let (mina, ben) = (app.user("mina").await, app.user("ben").await);
    let _ = app.session_of(&mina).await;
    let _ = app.session_of(&ben).await;
    app.advance(Seconds::hours(1));
    let other = elsewhere(&app, &mina, 1).await;
    let answer = app.get(LIST).as_user(&mina).send().await;
    assert_eq!(
        answer.json(),
        json!({ "items": [
            {
                "id": other.session, "device": "A test", "is_present": false,
                "created_at": "2026-11-21T10:00:00.000Z", "last_used_at": "2026-11-21T10:00:00.000Z",
            },
            {
                "id": mina.session, "device": "A test", "is_present": true,
                "created_at": "2026-11-21T09:00:00.000Z", "last_used_at": "2026-11-21T09:00:00.000Z",
            },
        ], "next_cursor": null })
    );
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    // The person and the partition's sessions, at one unit each.
    answer.assert_cost(2, 4, 0);
}

#[tokio::test]
async fn a_session_that_is_over_is_not_shown_though_its_row_is_there() {
    let app = TestApp::start(&users::SERVICE).await;
    let mina = app.user("mina").await;
    let _ = app.session_of(&mina).await;
    assert_eq!(listed(&app, &mina).await.len(), 1);
    app.advance(Seconds(14 * 86_400 - 1));
    assert_eq!(listed(&app, &mina).await.len(), 1);
    app.advance(Seconds(1));
    assert_eq!(listed(&app, &mina).await, [json!(null); 0]);
    assert_eq!(app.all::<Session>().len(), 1);
}

#[tokio::test]
async fn attack_46_sessions_of_an_earlier_epoch_are_not_shown_and_see_nothing() {
    let app = TestApp::start(&users::SERVICE).await;
    let mina = app.user("mina").await;
    let _ = app.session_of(&mina).await;
    app.table().transaction().raise_epoch(mina.id, 0).commit().await.unwrap();
    app.get(LIST).as_user(&mina).send().await.assert_refused(401, "auth.sign_in_needed");
    let later = TestUser { epoch: 1, ..mina };
    assert!(listed(&app, &later).await.is_empty());
}

#[tokio::test]
async fn of_many_sessions_the_hundred_that_were_used_last_are_shown() {
    let app = TestApp::start(&users::SERVICE).await;
    let mina = app.user("mina").await;
    for number in 0..110 {
        app.advance(Seconds(1));
        let _ = elsewhere(&app, &mina, number).await;
    }
    let items = listed(&app, &mina).await;
    assert_eq!((items.len(), items[0]["created_at"].as_str()), (100, Some("2026-11-21T09:01:50.000Z")));
}

#[tokio::test]
async fn a_device_is_shown_however_many_sessions_began_and_ended_since() {
    let app = TestApp::start(&users::SERVICE).await;
    let mina = app.user("mina").await;
    let _ = app.session_of(&mina).await;
    let user = app.table().get_user(mina.id).await.unwrap().unwrap();
    // Those of an earlier epoch, in pages of a megabyte each.
    for number in 0..150 {
        app.advance(Seconds(1));
        let id = domain::ids::SessionId::new(app.now(), domain::ids::Entropy([number; 10]));
        let (session, _) = Session::begin(&user, id, "x".repeat(20_000), app.now()).unwrap();
        let session = Session { epoch: 7, ..session };
        app.table().transaction().create(&session).commit().await.unwrap();
    }
    let ids = |items: &[Value]| items.iter().map(|item| item["id"].clone()).collect::<Vec<_>>();
    let answer = app.get(LIST).as_user(&mina).send().await;
    assert_eq!(ids(answer.json()["items"].as_array().unwrap()), [json!(mina.session)]);
    assert_eq!(answer.usage.calls, 4, "the person, and three pages of sessions");
    let file = app.get("users.export_me").as_user(&mina).send().await.json();
    assert_eq!(ids(file["sessions"].as_array().unwrap()), [json!(mina.session)]);
}

#[tokio::test]
async fn attack_13_69_no_hash_of_a_token_is_shown() {
    let app = TestApp::start(&users::SERVICE).await;
    let mina = app.user("mina").await;
    let token = app.session_of(&mina).await;
    let answer = app.get(LIST).as_user(&mina).send().await;
    let body = String::from_utf8(answer.body.to_vec()).unwrap();
    for hidden in [token.family_hash(), token.secret_hash()] {
        assert!(!body.contains(&hidden) && !answer.line.contains(&hidden), "{body}");
    }
}

#[tokio::test]
async fn attack_8_40_without_a_good_token_nobody_sees_anything() {
    let app = TestApp::start(&users::SERVICE).await;
    let mina = app.user("mina").await;
    sweeps::assert_needs_sign_in(&app.get(LIST), &app.token_of(&mina)).await;
    let query = format!("user_id={}", mina.id);
    app.get(LIST).query(&query).as_user(&mina).send().await.assert_refused(400, "request.invalid");
}

#[tokio::test]
async fn a_session_that_cannot_be_read_costs_nobody_the_others() {
    let app = TestApp::start(&users::SERVICE).await;
    let mina = app.user("mina").await;
    let _ = app.session_of(&mina).await;
    let other = elsewhere(&app, &mina, 1).await;
    app.make_unreadable(&Session::key(mina.id, other.session)).await;
    let answer = app.get(LIST).as_user(&mina).send().await;
    let page = answer.json();
    assert_eq!(
        page["items"].as_array().unwrap().iter().map(|item| &item["id"]).collect::<Vec<_>>(),
        [&json!(mina.session)]
    );
    assert!(answer.line.contains("is left out of a list"), "{}", answer.line);
}
