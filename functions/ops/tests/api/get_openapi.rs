//! The description of the API.

use std::path::Path;

use testkit::TestApp;

const OPENAPI: &str = "ops.get_openapi";

#[tokio::test]
async fn the_description_is_the_committed_file_byte_for_byte() {
    let app = TestApp::start(&ops::SERVICE).await;
    let answer = app.get(OPENAPI).send().await;
    let committed = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../infra/api/openapi.json");
    assert_eq!(answer.status, 200);
    assert!(answer.body == std::fs::read(committed).unwrap(), "infra/api/openapi.json is another");
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert_eq!(answer.header("cache-control"), Some("public, max-age=300"));
    answer.assert_cost(0, 0, 0);
}

#[tokio::test]
async fn it_is_openapi_3_1_and_describes_the_endpoints_here_under_their_operations() {
    let app = TestApp::start(&ops::SERVICE).await;
    let description = app.get(OPENAPI).send().await.json();
    assert!(description["openapi"].as_str().unwrap().starts_with("3.1"), "{}", description["openapi"]);
    for (path, operation) in [("/health", "ops.get_health"), ("/openapi.json", OPENAPI)] {
        assert_eq!(description["paths"][path]["get"]["operationId"], operation, "{path}");
    }
}

#[tokio::test]
async fn attack_69_it_names_no_machine_no_account_and_no_table() {
    let app = TestApp::start(&ops::SERVICE).await;
    let answer = app.get(OPENAPI).send().await;
    assert!(answer.json()["paths"].as_object().is_some_and(|paths| !paths.is_empty()));
    let text = String::from_utf8(answer.body.to_vec()).unwrap();
    for hidden in ["arn:aws", "127.0.0.1", "localhost", "amazonaws", "gsi1pk", "IDEMPOTENCY#"] {
        assert!(!text.contains(hidden), "{hidden}");
    }
}

#[tokio::test]
async fn attack_63_a_query_is_refused() {
    let app = TestApp::start(&ops::SERVICE).await;
    for query in ["a=1", "a=1&a=2", "a[]=1", "%ff", &"x".repeat(10_000)] {
        app.get(OPENAPI).query(query).send().await.assert_refused(400, "request.invalid");
    }
}
