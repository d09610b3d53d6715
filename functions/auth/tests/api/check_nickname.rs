//! Whether a nickname is free.

use domain::timestamp::Seconds;
use serde_json::json;
use testkit::{TestApp, TestRequest};

use crate::steps::start;

fn check<'a>(app: &'a TestApp, nickname: &str) -> TestRequest<'a> {
    app.get("auth.check_nickname").path("nickname", nickname)
}

#[tokio::test]
async fn a_nickname_is_free_until_somebody_has_one_that_looks_the_same() {
    let app = start().await;
    let answer = check(&app, "mina").send().await;
    assert_eq!((answer.status, answer.json()), (200, json!({ "is_free": true })));
    assert_eq!(answer.header("ratelimit-policy"), Some(r#""nickname-source";q=60;w=600"#));
    assert_eq!(answer.header("ratelimit"), Some(r#""nickname-source";r=59;t=600"#));
    // The source is counted, the owner looked up.
    answer.assert_cost(2, 2, 2);
    let _ = app.user("mina").await;
    for taken in ["mina", "MINA", "Mina", "ｍｉｎａ", "mi\u{200b}na", "mina\u{3164}"] {
        assert_eq!(check(&app, taken).send().await.json(), json!({ "is_free": false }), "{taken}");
    }
    assert_eq!(check(&app, "고양이").send().await.json(), json!({ "is_free": true }));
    let _ = app.user("paca").await;
    assert_eq!(check(&app, "раса").send().await.json(), json!({ "is_free": false }), "the same in Cyrillic");
}

#[tokio::test]
async fn attack_10_what_nobody_can_be_called_is_refused_before_anything_is_read() {
    let app = start().await;
    for wrong in [
        "",
        " ",
        "a\u{0}",
        "USER#1\u{0}",
        &"x".repeat(10_000),
        "\u{202e}mina",
        "\u{3164}\u{3164}",
        "a\u{200b}",
        "\u{2800}\u{2800}",
        "min\u{430}",
        "mina\u{e000}",
    ] {
        let answer = check(&app, wrong).send().await;
        answer.assert_refused(400, "request.invalid");
        assert_eq!(answer.usage.calls, 0, "{wrong:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn attack_76_nobody_reads_the_whole_list_of_names() {
    let app = start().await;
    let answers = check(&app, "mina").send_at_once(70).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 60);
    let refused = check(&app, "mina").later(Seconds(30)).send().await;
    refused.assert_refused(429, "auth.too_many_requests");
    assert_eq!((refused.retry_after_s(), refused.usage.calls), (Some(570), 1));
    assert_eq!(refused.header("ratelimit"), Some(r#""nickname-source";r=0;t=570"#));
    assert_eq!(check(&app, "mina").from("198.51.100.1").send().await.status, 200);
    assert_eq!(check(&app, "mina").later(Seconds::minutes(10)).send().await.status, 200);
}
