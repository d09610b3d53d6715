//! What a function answered, as a response.
//!
//! Source: "Lambda function response for format 2.0", API Gateway Developer Guide.

use axum::{
    body::Body,
    http::{HeaderName, HeaderValue, Response, StatusCode, header},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use domain::Timestamp;
use serde_json::Value;
use time::{OffsetDateTime, macros::format_description};

/// `{"message": …}`, as API Gateway itself speaks.
#[must_use]
pub fn refusal(status: StatusCode, message: &str) -> Response<Body> {
    let mut response = Response::new(Body::from(serde_json::json!({"message": message}).to_string()));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

/// The response that an answer stands for; nothing when it is none that API Gateway understands.
///
/// An answer without `statusCode` is itself the body of a 200, as JSON.
#[must_use]
pub fn response_of(answer: &Value) -> Option<Response<Body>> {
    let Some(status) = answer.get("statusCode") else {
        let body = if let Value::String(text) = answer { text.clone() } else { answer.to_string() };
        let mut response = Response::new(Body::from(body));
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        return Some(response);
    };
    let status = StatusCode::from_u16(u16::try_from(status.as_u64()?).ok()?).ok()?;
    let text = match answer.get("body") {
        None | Some(Value::Null) => "",
        Some(body) => body.as_str()?,
    };
    let is_base64 = answer.get("isBase64Encoded").and_then(Value::as_bool).unwrap_or(false);
    let body = if is_base64 { STANDARD.decode(text).ok()? } else { text.as_bytes().to_vec() };
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    // A content type that nobody gave is text (as API Gateway answers).
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain;charset=utf-8"));
    for (name, value) in answer.get("headers").and_then(Value::as_object).into_iter().flatten() {
        set(&mut response, name, value)?;
    }
    for (name, values) in answer.get("multiValueHeaders").and_then(Value::as_object).into_iter().flatten() {
        let values: Vec<&str> = values.as_array()?.iter().filter_map(Value::as_str).collect();
        set(&mut response, name, &Value::String(values.join(",")))?;
    }
    for cookie in answer.get("cookies").and_then(Value::as_array).into_iter().flatten() {
        let value = HeaderValue::from_str(cookie.as_str()?).ok()?;
        response.headers_mut().append(header::SET_COOKIE, value);
    }
    Some(response)
}

fn set(response: &mut Response<Body>, name: &str, value: &Value) -> Option<()> {
    let text = match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let name: HeaderName = name.to_ascii_lowercase().parse().ok()?;
    // The server writes these itself.
    if name != header::CONTENT_LENGTH && name != header::TRANSFER_ENCODING {
        response.headers_mut().insert(name, HeaderValue::from_bytes(text.as_bytes()).ok()?);
    }
    Some(())
}

/// The headers with which every answer of an HTTP API says which request it is to, and when. Without the
/// latter the server would tell the machine's time, and people's browsers go by it.
pub(super) fn with_request_id_and_date(
    mut response: Response<Body>,
    request_id: &str,
    now: Timestamp,
) -> Response<Body> {
    let headers = response.headers_mut();
    if let Ok(value) = HeaderValue::from_str(request_id) {
        headers.insert(HeaderName::from_static("apigw-requestid"), value);
    }
    if let Some(value) = imf_fixdate(now) {
        headers.insert(header::DATE, value);
    }
    response
}

/// A moment as HTTP writes it (RFC 9110, section 5.6.7).
fn imf_fixdate(at: Timestamp) -> Option<HeaderValue> {
    let format =
        format_description!("[weekday repr:short], [day] [month repr:short] [year] [hour]:[minute]:[second] GMT");
    let text = OffsetDateTime::from_unix_timestamp(at.seconds()).ok()?.format(format).ok()?;
    HeaderValue::from_str(&text).ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_answer_of_the_guide_becomes_its_response() {
        let answer = json!({
            "cookies": ["cookie1", "cookie2"],
            "isBase64Encoded": false,
            "statusCode": 201,
            "headers": {"headername": "headervalue", "Content-Type": "application/json"},
            "body": "{}",
        });
        let response = response_of(&answer).unwrap();
        assert_eq!(response.status(), 201);
        assert_eq!(response.headers()["headername"], "headervalue");
        assert_eq!(response.headers()["content-type"], "application/json");
        let cookies: Vec<_> = response.headers().get_all("set-cookie").iter().collect();
        assert_eq!(cookies, ["cookie1", "cookie2"]);
    }

    #[test]
    fn a_moment_is_written_as_http_writes_it() {
        // The example of the RFC.
        let at = Timestamp::parse("1994-11-06T08:49:37.999Z").unwrap();
        assert_eq!(imf_fixdate(at).unwrap(), "Sun, 06 Nov 1994 08:49:37 GMT");
        assert!(imf_fixdate(Timestamp::MIN).is_some() && imf_fixdate(Timestamp::MAX).is_some());
    }

    #[test]
    fn an_answer_without_a_status_is_the_body_of_a_200() {
        let response = response_of(&json!({"message": "Hello from Lambda!"})).unwrap();
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "application/json");
    }

    #[test]
    fn nonsense_is_not_understood() {
        for answer in [
            json!({"statusCode": "ok"}),
            json!({"statusCode": 99}),
            json!({"statusCode": 200, "body": {"a": 1}}),
            json!({"statusCode": 200, "body": "%%%", "isBase64Encoded": true}),
            json!({"statusCode": 200, "headers": {"a b": "c"}}),
        ] {
            assert!(response_of(&answer).is_none(), "{answer}");
        }
    }
}
