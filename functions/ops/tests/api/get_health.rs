//! Whether the API answers.

use engines::{Engine, FaultKind, FaultRule};
use serde_json::json;
use testkit::TestApp;

const HEALTH: &str = "ops.get_health";

#[tokio::test]
async fn an_api_that_answers_is_well_and_the_question_costs_nothing() {
    let app = TestApp::start(&ops::SERVICE).await;
    let calls = app.engines().meter().since(0).len();
    let answer = app.get(HEALTH).send().await;
    assert_eq!((answer.status, answer.json()), (200, json!({ "status": "ok" })));
    assert_eq!(answer.header("cache-control"), Some("no-store"), "an answer from a cache says nothing of now");
    answer.assert_cost(0, 0, 0);
    assert_eq!(app.engines().meter().since(0).len(), calls, "no engine was asked");
}

#[tokio::test]
async fn it_is_well_even_while_everything_behind_it_is_broken() {
    let app = TestApp::start(&ops::SERVICE).await;
    let all = [Engine::Database, Engine::Objects, Engine::Mail, Engine::Secrets, Engine::Toss];
    app.fail(all.map(|engine| FaultRule::always(engine, FaultKind::ServerError)).into());
    assert_eq!(app.get(HEALTH).send().await.status, 200);
}

#[tokio::test]
async fn attack_63_a_query_is_refused() {
    let app = TestApp::start(&ops::SERVICE).await;
    for query in ["a=1", "a=1&a=2", "a[]=1", "%ff", &"x".repeat(10_000)] {
        app.get(HEALTH).query(query).send().await.assert_refused(400, "request.invalid");
    }
}

#[tokio::test]
async fn attack_76_the_answer_carries_the_headers_that_keep_browsers_from_guessing_and_framing() {
    let app = TestApp::start(&ops::SERVICE).await;
    let answer = app.get(HEALTH).header("origin", "https://evil.example").send().await;
    assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
    assert_eq!(answer.header("content-security-policy"), Some("default-src 'none'; frame-ancestors 'none'"));
    assert_eq!(answer.header("strict-transport-security"), Some("max-age=63072000; includeSubDomains"));
    assert_eq!(answer.header("access-control-allow-origin"), None);
}
