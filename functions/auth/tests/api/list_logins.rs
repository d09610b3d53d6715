//! The list of one's logins.

use serde_json::json;
use shared::store::{
    expression::{Change, Condition},
    users::User,
};
use testkit::{TestUser, sweeps};

use crate::{
    login_steps::{Google, Kakao, come, member, verified},
    steps::{MINA, start},
};

#[tokio::test]
async fn the_list_says_which_logins_there_are_and_whether_they_can_go() {
    let app = start().await;
    let mina = app.user("mina").await;
    let list = || app.get("auth.list_logins").as_user(&mina);
    let none = list().send().await;
    assert_eq!(none.json(), json!({ "items": [], "next_cursor": null, "has_password": true }));
    for provider in [Kakao, Google] {
        let _ = come(&app, provider, &verified(&app, provider, MINA)).await;
    }
    let item = |provider: &str| json!({ "provider": provider, "email": MINA, "linked_at": "2026-11-21T09:00:00.000Z", "can_unlink": true });
    let both = list().send().await;
    assert_eq!(both.json()["items"], json!([item("google"), item("kakao")]));
    assert!(!both.json().to_string().contains("subject"));
    // Person, password and two logins, strongly consistent, in one call.
    both.assert_cost(1, 8, 0);
}

#[tokio::test]
async fn the_last_way_in_cannot_go() {
    let app = start().await;
    let user = member(&app, Google, "mina@example.net", "mina").await;
    let caller = TestUser { id: user.id, email: user.email.clone(), ..app.deleted_user() };
    let body = app.get("auth.list_logins").as_user(&caller).send().await.json();
    assert_eq!((&body["items"][0]["can_unlink"], &body["has_password"]), (&json!(false), &json!(false)));
}

#[tokio::test]
async fn attack_1_5_8_46_everybody_sees_their_own_and_whose_session_has_ended_sees_nothing() {
    let app = start().await;
    let mina = app.user("mina").await;
    let _ = come(&app, Google, &verified(&app, Google, MINA)).await;
    let request = app.get("auth.list_logins");
    sweeps::assert_needs_sign_in(&request, &app.token_of(&mina)).await;
    let stranger = app.stranger().await;
    assert_eq!(request.clone().as_user(&stranger).send().await.json()["items"], json!([]));
    request.clone().query("user_id=1").as_user(&mina).send().await.assert_refused(400, "request.invalid");
    request.clone().as_user(&app.deleted_user()).send().await.assert_refused(401, "auth.sign_in_needed");
    app.table().update(&User::key(mina.id), vec![Change::Add("epoch", 1)], Condition::Present).await.unwrap();
    request.as_user(&mina).send().await.assert_refused(401, "auth.sign_in_needed");
}
