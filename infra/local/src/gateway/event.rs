//! A request as the payload, format 2.0, that a function gets from an HTTP API.
//!
//! Source: "Create AWS Lambda proxy integrations for HTTP APIs", API Gateway Developer Guide.

use std::net::IpAddr;

use axum::http::{HeaderMap, header};
use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE},
};
use domain::Timestamp;
use serde_json::{Map, Value, json};

use super::{
    STAGE,
    routes::{Match, percent_decoded},
};

/// The account, as AWS writes one that is nobody's.
const ACCOUNT: &str = engines::permissions::LOCAL_ACCOUNT;
/// The API's id. Its host would be `<id>.execute-api.<region>.amazonaws.com`.
const API_ID: &str = "localcloud";

/// A request as it arrived.
#[derive(Debug, Clone, Copy)]
pub struct Arrival<'a> {
    /// The method.
    pub method: &'a str,
    /// The path with the stage, still encoded.
    pub path: &'a str,
    /// The query string without its `?`, still encoded.
    pub query: &'a str,
    /// `HTTP/1.1`.
    pub protocol: &'a str,
    /// The headers.
    pub headers: &'a HeaderMap,
    /// The body.
    pub body: &'a [u8],
    /// Who talks to the gateway.
    pub peer: IpAddr,
    /// The port that it talks to.
    pub port: u16,
    /// The id of the request.
    pub request_id: &'a str,
    /// When it arrived, on the clock of the local cloud.
    pub time: Timestamp,
}

/// An id as API Gateway makes them: 16 characters, the last an equals sign.
pub(super) fn request_id() -> String {
    // Without randomness ids repeat, no more: they protect nothing.
    URL_SAFE.encode(shared::random::bytes::<11>().unwrap_or_default())
}

/// The payload of a request that matched a route.
#[must_use]
pub fn payload(arrival: &Arrival<'_>, matched: &Match) -> Value {
    let (body, is_base64) = body_of(arrival);
    let domain = host_of(arrival.headers);
    let mut payload = json!({
        "version": "2.0",
        "routeKey": matched.route_key,
        "rawPath": arrival.path,
        "rawQueryString": arrival.query,
        "headers": headers_of(arrival),
        "requestContext": {
            "accountId": ACCOUNT,
            "apiId": API_ID,
            "domainName": domain,
            "domainPrefix": domain.split('.').next().unwrap_or_default(),
            "http": {
                "method": arrival.method,
                "path": arrival.path,
                "protocol": arrival.protocol,
                "sourceIp": arrival.peer.to_string(),
                "userAgent": text(arrival.headers, &header::USER_AGENT),
            },
            "requestId": arrival.request_id,
            "routeKey": matched.route_key,
            "stage": STAGE,
            "time": common_log_time(arrival.time),
            "timeEpoch": arrival.time.millis(),
        },
        "isBase64Encoded": is_base64,
    });
    // What a request does not have, the payload does not have either.
    if let Some(payload) = payload.as_object_mut() {
        let cookies = cookies_of(arrival.headers);
        if !cookies.is_empty() {
            payload.insert("cookies".to_owned(), json!(cookies));
        }
        let query = query_of(arrival.query);
        if !query.is_empty() {
            payload.insert("queryStringParameters".to_owned(), Value::Object(query));
        }
        if !matched.parameters.is_empty() {
            let parameters = matched.parameters.iter().map(|(name, value)| (name.clone(), json!(value))).collect();
            payload.insert("pathParameters".to_owned(), Value::Object(parameters));
        }
        if let Some(body) = body {
            payload.insert("body".to_owned(), Value::String(body));
        }
    }
    payload
}

/// Names in lower case, values of one name joined by commas, cookies apart; and what a gateway adds.
fn headers_of(arrival: &Arrival<'_>) -> Map<String, Value> {
    let mut headers = Map::new();
    for name in arrival.headers.keys() {
        let hop_by_hop = ["connection", "keep-alive", "transfer-encoding", "upgrade", "te", "trailer"];
        if name == header::COOKIE || hop_by_hop.contains(&name.as_str()) {
            continue;
        }
        let values: Vec<String> = arrival
            .headers
            .get_all(name)
            .iter()
            .map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
            .collect();
        headers.insert(name.as_str().to_owned(), json!(values.join(",")));
    }
    let forwarded = match headers.get("x-forwarded-for").and_then(Value::as_str) {
        Some(before) => format!("{before}, {}", arrival.peer),
        None => arrival.peer.to_string(),
    };
    headers.insert("x-forwarded-for".to_owned(), json!(forwarded));
    headers.insert("x-forwarded-port".to_owned(), json!(arrival.port.to_string()));
    headers.insert("x-forwarded-proto".to_owned(), json!("http"));
    headers.insert("content-length".to_owned(), json!(arrival.body.len().to_string()));
    headers
}

fn cookies_of(headers: &HeaderMap) -> Vec<String> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    cookies
        .flat_map(|value| value.split(';'))
        .map(|cookie| cookie.trim().to_owned())
        .filter(|c| !c.is_empty())
        .collect()
}

/// Decoded, values of one name joined by commas.
fn query_of(query: &str) -> Map<String, Value> {
    let mut parameters: Map<String, Value> = Map::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let decoded = |text: &str| percent_decoded(&text.replace('+', " "));
        let (name, value) = (decoded(name), decoded(value));
        let joined = match parameters.get(&name).and_then(Value::as_str) {
            Some(before) => format!("{before},{value}"),
            None => value,
        };
        parameters.insert(name, Value::String(joined));
    }
    parameters
}

/// Text as it is; everything else in base64. An HTTP API takes for text what says that it is
/// `text/*`, JSON, XML or JavaScript, and is not compressed.
fn body_of(arrival: &Arrival<'_>) -> (Option<String>, bool) {
    if arrival.body.is_empty() {
        return (None, false);
    }
    let content_type = text(arrival.headers, &header::CONTENT_TYPE).to_ascii_lowercase();
    let kind = content_type.split(';').next().unwrap_or_default().trim();
    let says_text = kind.starts_with("text/")
        || matches!(kind, "application/json" | "application/xml" | "application/javascript")
        || kind.ends_with("+json")
        || kind.ends_with("+xml");
    let plain = says_text && !arrival.headers.contains_key(header::CONTENT_ENCODING);
    match std::str::from_utf8(arrival.body) {
        Ok(text) if plain => (Some(text.to_owned()), false),
        _ => (Some(STANDARD.encode(arrival.body)), true),
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &header::HeaderName) -> &'a str {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

fn host_of(headers: &HeaderMap) -> &str {
    let host = text(headers, &header::HOST);
    host.rsplit_once(':').map_or(host, |(name, _)| name)
}

/// `12/Mar/2020:19:03:58 +0000`.
fn common_log_time(time: Timestamp) -> String {
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let text = time.to_string();
    let (date, clock) = text.split_once('T').unwrap_or_default();
    let mut date = date.split('-');
    let (year, month, day) = (date.next().unwrap_or_default(), date.next().unwrap_or_default(), date.next());
    let month = month.parse::<usize>().ok().and_then(|month| MONTHS.get(month.saturating_sub(1))).copied();
    let clock = clock.split('.').next().unwrap_or_default();
    format!("{}/{}/{year}:{clock} +0000", day.unwrap_or_default(), month.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_is_written_as_in_a_log() {
        let at = Timestamp::parse("2020-03-12T19:03:58.390Z").unwrap();
        assert_eq!(common_log_time(at), "12/Mar/2020:19:03:58 +0000");
    }

    #[test]
    fn an_id_looks_like_one_of_api_gateway_and_never_repeats() {
        let (a, b) = (request_id(), request_id());
        assert_eq!(a.len(), 16);
        assert!(a.ends_with('='));
        assert_ne!(a, b);
    }
}
