//! How a function comes to its secrets, by the example of one that has one.

use engines::{Engine, FaultKind, FaultRule};
use shared::{
    api::{Core, host::AnyService as _, wire::HttpRequest},
    config::Config,
};
use testkit::TestApp;

use crate::steps::start;

const LIST: &str = "catalog.list_listings";

/// How often the parameter store was asked so far.
fn asked(app: &TestApp) -> usize {
    app.engines().meter().since(0).iter().filter(|call| call.engine == Engine::Secrets).count()
}

#[tokio::test]
async fn secrets_are_read_by_the_first_request_that_comes_so_far_and_by_no_other() {
    let app = start().await;
    assert_eq!(app.get("catalog.list_categories").send().await.status, 200, "it declares no secret");
    app.get(LIST).query("limit=0").send().await.assert_refused(400, "request.invalid");
    assert_eq!(asked(&app), 0, "not at the start, and not for what is refused at the door");
    for answer in app.get(LIST).send_at_once(16).await {
        assert_eq!(answer.status, 200);
    }
    assert_eq!(asked(&app), 1, "all wait for the same call");
    assert_eq!(app.get(LIST).send().await.status, 200);
    assert_eq!(asked(&app), 1);
}

#[tokio::test]
async fn attack_68_a_parameter_store_that_does_not_answer_makes_unavailable_and_is_asked_again() {
    let app = start().await;
    app.fail(vec![FaultRule::always(Engine::Secrets, FaultKind::ServerError)]);
    let answer = app.get(LIST).may_break().send().await;
    answer.assert_refused(503, "unavailable");
    assert!(answer.line.contains("read the secrets"), "{}", answer.line);
    assert_eq!(answer.usage.calls, 0, "nothing was begun");
    app.heal();
    assert_eq!(app.get(LIST).send().await.status, 200);
}

#[tokio::test]
async fn a_secret_that_nobody_made_is_named_in_the_log_and_to_nobody_else() {
    let app = start().await;
    let config = Config { secrets_prefix: "/jangteo/elsewhere/".to_owned(), ..app.config().clone() };
    let call = app.call(LIST);
    let core = Core::start(config, &call.route().all_touches(), call.route().time_out_s).unwrap();
    let endpoint = catalog::SERVICE.host_endpoint(LIST, core).unwrap().unwrap();
    let request = HttpRequest {
        method: String::new(),
        path: String::new(),
        path_parameters: Vec::new(),
        query: String::new(),
        headers: http::HeaderMap::new(),
        body: bytes::Bytes::new(),
        time: app.now(),
        peer: testkit::PEER.to_owned(),
        request_id: "a-request".to_owned(),
    };
    let (answer, _) = endpoint.answer(request).await;
    assert_eq!((answer.response.status, answer.code), (500, Some("internal")));
    assert_eq!(answer.fault.as_deref(), Some("a secret is not in the parameter store: cursor-key"));
    assert!(!String::from_utf8_lossy(&answer.response.body).contains("cursor-key"));
}
