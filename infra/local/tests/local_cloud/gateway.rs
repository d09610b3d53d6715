//! The gateway answers as an HTTP API does when something is wrong.

use axum::http::Request;
use local::settings::{Limits, Settings};
use serde_json::json;

use crate::{
    client::{cloud, cloud_with, get, post, send},
    trial::seconds,
};

#[tokio::test]
async fn a_function_answers_through_the_gateway_with_its_clock() {
    let cloud = cloud_with(Settings::for_tests()).await;
    let answer = get(&cloud, "/api/trial/now").await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.json(), json!({"text": "2026-11-21T12:00:30.000Z"}));
    assert_eq!(answer.header("apigw-requestid"), answer.header("x-request-id"));
}

#[tokio::test]
async fn a_path_or_method_that_no_route_has_is_not_found() {
    let cloud = cloud().await;
    for (method, path) in [
        ("GET", "/api/nothing"),
        ("GET", "/api"),
        ("POST", "/api/trial/now"),
        ("OPTIONS", "/api/trial/now"),
        ("GET", "/api/trial/now/"),
    ] {
        let answer = send(cloud.world().port, Request::builder().method(method), path, "").await;
        assert_eq!((answer.status, answer.json()), (404, json!({"message": "Not Found"})), "{method} {path}");
    }
    let head = send(cloud.world().port, Request::head("/"), "/api/nothing", "").await;
    assert_eq!(head.status, 404);
}

#[tokio::test]
async fn head_gets_what_get_gets_without_the_body() {
    let cloud = cloud().await;
    let head = send(cloud.world().port, Request::head("/"), "/api/trial/now", "").await;
    let get = get(&cloud, "/api/trial/now").await;
    assert_eq!((head.status, head.header("content-type")), (200, get.header("content-type")));
    assert!(head.body.is_empty(), "{:?}", head.body);
}

#[tokio::test]
async fn a_body_over_ten_megabytes_is_refused() {
    let cloud = cloud().await;
    let body = vec![b'x'; 10 * 1024 * 1024 + 1];
    let answer = send(cloud.world().port, Request::get("/"), "/api/trial/now", body).await;
    assert_eq!((answer.status, answer.json()), (413, json!({"message": "Request Entity Too Large"})));
}

#[tokio::test]
async fn a_body_that_lambda_would_not_take_is_refused() {
    let cloud = cloud().await;
    // 5 MB that are no text become 6.7 MB of base64.
    let body = vec![0_u8; 5 * 1024 * 1024];
    let answer = send(cloud.world().port, Request::get("/"), "/api/trial/now", body).await;
    assert_eq!(answer.status, 413);
}

#[tokio::test]
async fn headers_over_10240_bytes_are_refused_and_fewer_are_not() {
    let cloud = cloud().await;
    let with = |size: usize| Request::get("/").header("x-large", "a".repeat(size));
    let answer = send(cloud.world().port, with(10_240), "/api/trial/now", "").await;
    assert_eq!((answer.status, answer.json()), (431, json!({"message": "Request Header Fields Too Large"})));
    assert_eq!(send(cloud.world().port, with(10_000), "/api/trial/now", "").await.status, 200);
}

#[tokio::test]
async fn an_endpoint_that_takes_too_long_says_so_before_it_is_ended() {
    let cloud = cloud().await;
    let answer = get(&cloud, "/api/trial/slow").await;
    assert_eq!((answer.status, answer.json()["code"].as_str()), (503, Some("unavailable")), "{}", answer.text());
    let (requests, _) = cloud.world().requests.list(1);
    assert_eq!(requests[0].fault.as_deref(), Some("do it in the time of the function"));
}

#[tokio::test]
async fn the_gateway_loses_patience_before_the_function_does() {
    let limits = Limits { integration_time_out_ms: 50, ..Limits::default() };
    let cloud = cloud_with(Settings { limits, ..Settings::for_tests() }).await;
    let answer = get(&cloud, "/api/trial/patient").await;
    assert_eq!((answer.status, answer.json()), (503, json!({"message": "Service Unavailable"})));
}

#[tokio::test]
async fn a_function_that_panics_or_says_too_much_is_an_internal_error_and_the_next_works() {
    let cloud = cloud().await;
    for path in ["/api/trial/panic", "/api/trial/large"] {
        let answer = get(&cloud, path).await;
        assert_eq!((answer.status, answer.json()), (500, json!({"message": "Internal Server Error"})), "{path}");
    }
    assert_eq!(get(&cloud, "/api/trial/now").await.status, 200);
}

#[tokio::test]
async fn more_than_the_rate_allows_is_throttled() {
    let limits = Limits { requests_per_second: 0, burst: 2, ..Limits::default() };
    let cloud = cloud_with(Settings { limits, ..Settings::for_tests() }).await;
    assert_eq!(get(&cloud, "/api/trial/now").await.status, 200);
    assert_eq!(get(&cloud, "/api/trial/now").await.status, 200);
    let answer = get(&cloud, "/api/trial/now").await;
    assert_eq!((answer.status, answer.json()), (429, json!({"message": "Too Many Requests"})));
}

#[tokio::test]
async fn a_call_that_a_function_did_not_declare_is_refused_as_in_aws() {
    let cloud = cloud().await;
    let before = cloud.engines().meter().next();
    let answer = get(&cloud, "/api/trial/forbidden").await;
    assert!(answer.status >= 500, "{}", answer.text());
    let calls = cloud.engines().meter().since(before);
    let refused = calls.iter().find(|call| call.caller == "trial-get-forbidden").unwrap();
    assert_eq!((refused.status, refused.error.as_deref()), (400, Some("AccessDeniedException")));
    assert!(!answer.text().contains("AccessDenied"), "the inside does not show");
}

#[tokio::test]
async fn an_answer_tells_the_time_of_the_cloud() {
    let cloud = cloud().await;
    for path in ["/api/trial/now", "/api/nothing"] {
        assert_eq!(get(&cloud, path).await.header("date"), "Sat, 21 Nov 2026 12:00:30 GMT", "{path}");
    }
    cloud.advance(seconds(90_000)).await;
    assert_eq!(get(&cloud, "/api/trial/now").await.header("date"), "Sun, 22 Nov 2026 13:00:30 GMT");
}

#[tokio::test]
async fn every_request_is_listed_with_its_price() {
    let cloud = cloud().await;
    get(&cloud, "/api/trial/now").await;
    post(&cloud, "/api/nothing", &json!({})).await;
    let listed = get(&cloud, "/_local/requests").await.json();
    assert_eq!(listed["total"]["count"], 1, "what no function answered costs nothing here");
    let one = &listed["items"][0];
    assert_eq!((&one["operation"], &one["status"]), (&json!("trial.get_now"), &json!(200)));
    assert_eq!(one["price"], listed["total"]["price"]);
    // The gateway and the call are $1.20 per million; the time of 128 MB comes on top.
    let price = one["price"].as_str().unwrap();
    assert!(price > "0.000001200000" && price < "0.000010000000", "{price}");
}
