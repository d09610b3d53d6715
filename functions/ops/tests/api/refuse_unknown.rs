//! Where there is no route.

use testkit::{TestAnswer, TestApp};

const UNKNOWN: &str = "ops.refuse_unknown";

async fn ask(app: &TestApp, method: &str, path: &str, language: &str) -> TestAnswer {
    app.call(UNKNOWN).address(method, path).language(language).send().await
}

#[tokio::test]
async fn a_path_that_there_is_not_is_not_found_in_the_readers_language() {
    let app = TestApp::start(&ops::SERVICE).await;
    for path in
        ["", "/", "/nothing", "/health/", "/Health", "//health", "/orders/a/b/c", "/listings/%2F/x", "/\u{1F600}"]
    {
        let answer = ask(&app, "GET", path, "en").await;
        answer.assert_refused(404, "request.no_such_route");
        assert_eq!(answer.header("allow"), None, "{path}");
    }
    let korean = ask(&app, "POST", "/nothing", "ko").await;
    assert_eq!(
        (korean.problem().detail.as_str(), korean.header("content-language")),
        ("존재하지 않는 주소입니다", Some("ko"))
    );
}

#[tokio::test]
async fn a_method_that_a_path_does_not_take_is_refused_with_those_that_it_takes() {
    let app = TestApp::start(&ops::SERVICE).await;
    for (method, path, allowed) in [
        ("POST", "/health", "GET, HEAD"),
        ("OPTIONS", "/health", "GET, HEAD"),
        ("GET", "/auth/sign-in", "POST"),
        ("PUT", "/listings", "GET, HEAD, POST"),
        ("POST", "/listings/lst_01jd7c3v1h8k2m4n6p8q0r2s4t", "GET, HEAD"),
        ("BREW", "/listings/%EC%9E%A5", "GET, HEAD"),
    ] {
        let answer = ask(&app, method, path, "en").await;
        answer.assert_refused(405, "request.no_such_method");
        assert_eq!(answer.header("allow"), Some(allowed), "{method} {path}");
        assert_eq!(answer.problem().detail, format!("the address takes {allowed}"));
    }
    let korean = ask(&app, "POST", "/health", "ko-KR").await;
    assert_eq!(korean.problem().detail, "이 주소에서 지원하는 메서드는 GET, HEAD입니다");
}

#[tokio::test]
async fn whatever_comes_along_is_not_looked_at_and_costs_nothing() {
    let app = TestApp::start(&ops::SERVICE).await;
    let request = app.call(UNKNOWN).address("POST", "/nothing").query("a=1&a=2&%ff").bearer("x");
    let answer = request.body("text/html", vec![0xFF; 100_000]).send().await;
    answer.assert_refused(404, "request.no_such_route");
    answer.assert_cost(0, 0, 0);
}
