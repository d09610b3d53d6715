//! The payload, held to the example of the API Gateway Developer Guide ("Create AWS Lambda proxy
//! integrations for HTTP APIs", format 2.0) and to the types that functions read it with.

use std::net::{IpAddr, Ipv4Addr};

use axum::http::{HeaderMap, HeaderValue, header};
use domain::Timestamp;
use lambda_http::aws_lambda_events::apigw::ApiGatewayV2httpRequest;
use local::gateway::{Arrival, Routes, payload};
use serde_json::{Value, json};

fn payload_of(method: &str, path: &str, query: &str, headers: &HeaderMap, body: &[u8]) -> Value {
    let routes = Routes::new([("POST", "/my/{parameter1}"), ("GET", "/plain")]);
    let matched = routes.find(method, path.trim_start_matches("/api")).unwrap();
    let arrival = Arrival {
        method,
        path,
        query,
        protocol: "HTTP/1.1",
        headers,
        body,
        peer: IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1)),
        port: 443,
        request_id: "id",
        time: Timestamp::parse("2020-03-12T19:03:58.390Z").unwrap(),
    };
    payload(&arrival, &matched)
}

fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in pairs {
        headers.append(*name, HeaderValue::from_str(value).unwrap());
    }
    headers
}

/// The request that the guide's example stands for.
fn example() -> Value {
    let headers = headers(&[
        ("Header1", "value1"),
        ("header2", "value1"),
        ("header2", "value2"),
        ("cookie", "cookie1; cookie2"),
        ("host", "id.execute-api.us-east-1.amazonaws.com"),
        ("user-agent", "agent"),
        ("content-type", "text/plain"),
    ]);
    payload_of(
        "POST",
        "/api/my/value1",
        "parameter1=value1&parameter1=value2&parameter2=value",
        &headers,
        b"Hello from Lambda",
    )
}

#[test]
fn a_request_becomes_the_example_of_the_guide() {
    // The guide's example with our stage and route; what it has of authorizers, client certificates
    // and stage variables is not there without them.
    let expected = json!({
        "version": "2.0",
        "routeKey": "POST /my/{parameter1}",
        "rawPath": "/api/my/value1",
        "rawQueryString": "parameter1=value1&parameter1=value2&parameter2=value",
        "cookies": ["cookie1", "cookie2"],
        "headers": {
            "header1": "value1",
            "header2": "value1,value2",
            "host": "id.execute-api.us-east-1.amazonaws.com",
            "user-agent": "agent",
            "content-type": "text/plain",
            "content-length": "17",
            "x-forwarded-for": "192.0.2.1",
            "x-forwarded-port": "443",
            "x-forwarded-proto": "http",
        },
        "queryStringParameters": {"parameter1": "value1,value2", "parameter2": "value"},
        "requestContext": {
            "accountId": "000000000000",
            "apiId": "localcloud",
            "domainName": "id.execute-api.us-east-1.amazonaws.com",
            "domainPrefix": "id",
            "http": {
                "method": "POST",
                "path": "/api/my/value1",
                "protocol": "HTTP/1.1",
                "sourceIp": "192.0.2.1",
                "userAgent": "agent",
            },
            "requestId": "id",
            "routeKey": "POST /my/{parameter1}",
            "stage": "api",
            "time": "12/Mar/2020:19:03:58 +0000",
            "timeEpoch": 1_584_039_838_390_i64,
        },
        "body": "Hello from Lambda",
        "pathParameters": {"parameter1": "value1"},
        "isBase64Encoded": false,
    });
    assert_eq!(example(), expected);
}

#[test]
fn the_types_of_functions_read_every_part_of_it() {
    let request: ApiGatewayV2httpRequest = serde_json::from_value(example()).unwrap();
    assert_eq!(request.route_key.as_deref(), Some("POST /my/{parameter1}"));
    assert_eq!(request.cookies.as_deref(), Some(&["cookie1".to_owned(), "cookie2".to_owned()][..]));
    assert_eq!(request.query_string_parameters.first("parameter1"), Some("value1"));
    assert_eq!(request.path_parameters["parameter1"], "value1");
    assert_eq!(request.request_context.time_epoch, 1_584_039_838_390);
    assert_eq!(request.request_context.http.method, http::Method::POST);
    assert_eq!(request.request_context.http.source_ip.as_deref(), Some("192.0.2.1"));
    assert_eq!(request.body.as_deref(), Some("Hello from Lambda"));
    // What the types know and the payload does not say, or the other way round, would show here.
    let again = serde_json::to_value(&request).unwrap();
    for (name, value) in example().as_object().unwrap() {
        if !["headers", "requestContext", "queryStringParameters"].contains(&name.as_str()) {
            assert_eq!(&again[name], value, "{name}");
        }
    }
}

#[test]
fn what_a_request_does_not_have_the_payload_does_not_have() {
    let payload = payload_of("GET", "/api/plain", "", &HeaderMap::new(), b"");
    for name in ["cookies", "queryStringParameters", "pathParameters", "body"] {
        assert_eq!(payload.get(name), None, "{name}");
    }
    assert_eq!(payload["rawQueryString"], "");
    assert_eq!(payload["isBase64Encoded"], false);
}

#[test]
fn text_stays_text_and_everything_else_is_base64() {
    let body_of = |content_type: &str, body: &[u8]| {
        let payload = payload_of("POST", "/api/my/x", "", &headers(&[("content-type", content_type)]), body);
        (payload["body"].as_str().unwrap().to_owned(), payload["isBase64Encoded"].as_bool().unwrap())
    };
    for text in ["application/json", "application/json; charset=utf-8", "text/html", "application/problem+json"] {
        assert_eq!(body_of(text, b"{}"), ("{}".to_owned(), false), "{text}");
    }
    for other in ["application/x-www-form-urlencoded", "image/png", "application/octet-stream"] {
        assert_eq!(body_of(other, b"{}"), ("e30=".to_owned(), true), "{other}");
    }
    assert_eq!(body_of("application/json", b"\xFF\xFE"), ("//4=".to_owned(), true));
    let compressed = headers(&[("content-type", "application/json"), ("content-encoding", "gzip")]);
    assert_eq!(payload_of("POST", "/api/my/x", "", &compressed, b"{}")["isBase64Encoded"], true);
}

#[test]
fn queries_and_parameters_are_decoded_and_raw_ones_are_not() {
    let payload = payload_of("POST", "/api/my/a%20b", "q=%EC%9E%A5+x&empty=&flag", &HeaderMap::new(), b"");
    assert_eq!(payload["rawPath"], "/api/my/a%20b");
    assert_eq!(payload["rawQueryString"], "q=%EC%9E%A5+x&empty=&flag");
    assert_eq!(payload["pathParameters"], json!({"parameter1": "a b"}));
    assert_eq!(payload["queryStringParameters"], json!({"q": "장 x", "empty": "", "flag": ""}));
}

#[test]
fn a_forwarded_address_is_added_to_and_never_believed() {
    let sent = headers(&[("x-forwarded-for", "203.0.113.9"), ("connection", "keep-alive")]);
    let payload = payload_of("GET", "/api/plain", "", &sent, b"");
    assert_eq!(payload["headers"]["x-forwarded-for"], "203.0.113.9, 192.0.2.1");
    assert_eq!(payload["requestContext"]["http"]["sourceIp"], "192.0.2.1");
    assert_eq!(payload["headers"].get(header::CONNECTION.as_str()), None);
}
