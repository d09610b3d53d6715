//! What anyone sees of a person.

use domain::{auth::AccountState, ids::UserId};
use serde_json::json;
use shared::{
    Failure, Fault,
    store::{
        expression::{Change, Condition},
        users::User,
    },
};
use testkit::TestApp;

const GET_USER: &str = "users.get_user";

#[tokio::test]
async fn attack_13_anyone_sees_exactly_what_is_public() {
    let app = TestApp::start(&users::SERVICE).await;
    let mina = app.user("mina").await;
    let answer = app.get(GET_USER).path("user_id", mina.id).send().await;
    assert_eq!(answer.status, 200, "{:?}", answer.body);
    assert_eq!(
        answer.json(),
        json!({
            "id": mina.id, "nickname": "mina", "picture": "/img/no-profile.svg", "score": null,
            "member_since": "2026-11", "area": null,
        })
    );
    let text = String::from_utf8(answer.body.to_vec()).unwrap();
    for secret in ["mina@example.com", "customer", "09:00", "argon2id", "epoch"] {
        assert!(!text.contains(secret), "{text}");
    }
    assert_eq!(answer.header("cache-control"), Some("public, max-age=60"));
    answer.assert_cost(1, 2, 0);
}

#[tokio::test]
async fn attack_1_10_nobody_and_whoever_has_left_look_the_same() {
    let app = TestApp::start(&users::SERVICE).await;
    let nobody: UserId = app.deleted_user().id;
    let mut answers = vec![app.get(GET_USER).path("user_id", nobody).send().await];
    for state in [AccountState::Withdrawing, AccountState::Banned] {
        let person = app.user(state.as_str()).await;
        let change = vec![Change::Set("state", state.as_str().into())];
        let changed = app.table().transaction().update(&User::key(person.id), change, Condition::Present);
        changed.or_else(|_| Fault::new(shared::FaultKind::Corrupt, "nobody")).commit().await.map_err(never).unwrap();
        answers.push(app.get(GET_USER).path("user_id", person.id).send().await);
    }
    for answer in &answers {
        answer.assert_refused(404, "users.not_found");
        assert_eq!(answer.problem().detail, answers[0].problem().detail);
        assert_eq!(answer.usage.calls, 1);
    }
    for wrong in ["", "me", "usr_", "ord_01m7ywj1f92nz8cxd2r39265fq", "../me", "\0"] {
        let answer = app.get(GET_USER).path("user_id", wrong).send().await;
        assert!([400, 404].contains(&answer.status) && answer.usage.calls == 0, "{wrong:?}");
    }
}

fn never(failure: Failure) -> String {
    format!("{failure:?}")
}
