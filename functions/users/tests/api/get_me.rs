//! What a person sees of themselves.

use domain::timestamp::Seconds;
use engines::{Engine, FaultKind, FaultRule};
use serde_json::json;
use shared::store::suppressions::Trouble;
use testkit::{TestApp, sweeps};

const GET_ME: &str = "users.get_me";

#[tokio::test]
async fn a_person_sees_exactly_what_we_know_of_them() {
    let app = TestApp::start(&users::SERVICE).await;
    let mina = app.user("mina").await;
    let _ = app.stranger().await;
    let answer = app.get(GET_ME).as_user(&mina).send().await;
    assert_eq!(answer.status, 200, "{:?}", answer.body);
    assert_eq!(
        answer.json(),
        json!({
            "id": mina.id, "email": "mina@example.com", "nickname": "mina", "roles": ["customer"], "language": "en",
            "created_at": "2026-11-21T09:00:00.000Z", "picture": "/img/no-profile.svg", "second_factor": false,
                "email_deliverable": true,
            "location": null, "score": null,
        })
    );
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    // One consistent read of one unit.
    answer.assert_cost(1, 2, 0);
}

#[tokio::test]
async fn attack_40_without_a_good_token_nobody_sees_anything() {
    let app = TestApp::start(&users::SERVICE).await;
    let mina = app.user("mina").await;
    sweeps::assert_needs_sign_in(&app.get(GET_ME), &app.token_of(&mina)).await;
    let token = app.token_of(&mina);
    assert_eq!(app.get(GET_ME).header("authorization", format!("bearer {token}")).send().await.status, 200);
    assert_eq!(app.get(GET_ME).bearer(&token).later(Seconds(599)).send().await.status, 200);
}

#[tokio::test]
async fn attack_46_the_token_of_a_deleted_account_is_refused() {
    let app = TestApp::start(&users::SERVICE).await;
    let gone = app.deleted_user();
    let answer = app.get(GET_ME).as_user(&gone).send().await;
    answer.assert_refused(401, "auth.sign_in_needed");
}

#[tokio::test]
async fn attack_40_a_token_of_another_stack_is_refused() {
    let (app, other) = (TestApp::start(&users::SERVICE).await, TestApp::start(&users::SERVICE).await);
    let mina = app.user("mina").await;
    app.get(GET_ME).bearer(&other.token_of(&mina)).send().await.assert_refused(401, "auth.sign_in_needed");
}

#[tokio::test]
async fn attack_8_63_nobody_can_ask_for_somebody_else() {
    let app = TestApp::start(&users::SERVICE).await;
    let (mina, ben) = (app.user("mina").await, app.user("ben").await);
    for query in
        [format!("id={}", ben.id), "a=1&a=2".to_owned(), "a[]=1".to_owned(), "x".repeat(10_000), "%ff".to_owned()]
    {
        let answer = app.get(GET_ME).query(&query).as_user(&mina).send().await;
        answer.assert_refused(400, "request.invalid");
        assert_eq!(answer.usage.calls, 0);
    }
}

#[tokio::test]
async fn attack_68_when_the_database_breaks_the_answer_says_nothing_of_the_inside() {
    let app = TestApp::start(&users::SERVICE).await;
    let mina = app.user("mina").await;
    app.fail(vec![FaultRule::always(Engine::Database, FaultKind::ServerError)]);
    let answer = app.get(GET_ME).as_user(&mina).may_break().send().await;
    answer.assert_refused(503, "unavailable");
    let body = String::from_utf8(answer.body.to_vec()).unwrap().to_lowercase();
    assert!(!body.contains("dynamo") && !body.contains("get an item"), "{body}");
    assert!(answer.fault.is_some());
}

#[tokio::test]
async fn whoever_can_no_longer_be_mailed_sees_it() {
    let app = TestApp::start(&users::SERVICE).await;
    let (mina, ben) = (app.user("mina").await, app.user("ben").await);
    let report = app.table().note_trouble(&mina.email, Trouble::Bounced, "a-report", app.now()).await;
    report.unwrap_or_else(|fault| panic!("{}", fault.chain()));
    for (user, deliverable) in [(&mina, false), (&ben, true)] {
        let me = app.get(GET_ME).as_user(user).send().await.json();
        assert_eq!(me["email_deliverable"], deliverable);
    }
}
