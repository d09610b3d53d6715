//! Whether a request was signed with the secret of this run (Signature Version 4, IAM User Guide, "AWS
//! API request signing"). It is signed again, by the SDKs' own signer, over the headers that it says it
//! signed; the two signatures must be the same.
//!
//! Requests for objects are checked by `s3s` in the same way, presigned ones among them.

use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_sigv4::{
    http_request::{SignableBody, SignableRequest, SigningSettings, sign},
    sign::v4,
};
use domain::Timestamp;
use http::{HeaderMap, header, request::Parts};
use ring::digest;

use super::{caller::Caller, header_text};

/// How far the moment of a signature may be from ours, either way.
const SKEW_AT_MOST_S: u64 = 15 * 60;

/// What an `Authorization` header says.
struct Authorization<'a> {
    service: &'a str,
    headers: Vec<&'a str>,
    signature: &'a str,
}

/// `AWS4-HMAC-SHA256 Credential=KEY/DATE/REGION/SERVICE/aws4_request, SignedHeaders=a;b, Signature=hex`.
fn authorization(headers: &HeaderMap) -> Option<Authorization<'_>> {
    let fields = header_text(headers, header::AUTHORIZATION.as_str())?.strip_prefix("AWS4-HMAC-SHA256 ")?;
    let field = |name: &str| fields.split(',').find_map(|field| field.trim().strip_prefix(name)?.strip_prefix('='));
    let headers = field("SignedHeaders")?.split(';').collect();
    Some(Authorization { service: field("Credential")?.split('/').nth(3)?, headers, signature: field("Signature")? })
}

/// Whether the caller signed this request with this secret a moment ago.
pub(super) fn is_right(caller: &Caller, parts: &Parts, body: &[u8], secret: &str, now: Timestamp) -> bool {
    !secret.is_empty() && check(caller, parts, body, secret, now).is_some()
}

fn check(caller: &Caller, parts: &Parts, body: &[u8], secret: &str, now: Timestamp) -> Option<()> {
    let said = authorization(&parts.headers)?;
    let at = moment(header_text(&parts.headers, "x-amz-date")?)?;
    // What leads to another machine, or says what is asked, must be signed.
    let is_signed = |name: &str| said.headers.contains(&name);
    if now.seconds().abs_diff(at.seconds()) > SKEW_AT_MOST_S || !is_signed("host") || !is_signed("x-amz-date") {
        return None;
    }
    if parts.headers.contains_key("x-amz-target") && !is_signed("x-amz-target") {
        return None;
    }
    let mut signed = Vec::with_capacity(said.headers.len());
    for name in &said.headers {
        for value in parts.headers.get_all(*name) {
            signed.push((*name, value.to_str().ok()?));
        }
    }
    let host = header_text(&parts.headers, header::HOST.as_str())?;
    let address = format!("http://{host}{}", parts.uri.path_and_query()?);
    let request =
        SignableRequest::new(parts.method.as_str(), address, signed.into_iter(), SignableBody::Bytes(body)).ok()?;
    let mut settings = SigningSettings::default();
    settings.excluded_headers = None;
    let identity = Credentials::new(caller.access_key.as_deref()?, secret, None, None, "local").into();
    let params = v4::SigningParams::builder()
        .identity(&identity)
        .region(&caller.region)
        .name(said.service)
        .time(SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(u64::try_from(at.seconds()).ok()?))?)
        .settings(settings)
        .build()
        .ok()?;
    let expected = sign(request, &params.into()).ok()?;
    // Hashes, so that the time of the comparison says nothing of what is compared.
    let hash = |signature: &str| digest::digest(&digest::SHA256, signature.as_bytes());
    (hash(expected.signature()).as_ref() == hash(said.signature).as_ref()).then_some(())
}

/// `20261121T120000Z`.
fn moment(text: &str) -> Option<Timestamp> {
    let part = |from: usize, to: usize| text.get(from..to);
    let spelled = format!(
        "{}-{}-{}T{}:{}:{}Z",
        part(0, 4)?,
        part(4, 6)?,
        part(6, 8)?,
        part(9, 11)?,
        part(11, 13)?,
        part(13, 15)?
    );
    Timestamp::parse(&spelled).ok()
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;

    const SECRET: &str = "the secret of a run";
    const NOW: Timestamp = Timestamp::from_seconds(1_795_262_430);
    const BODY: &[u8] = b"{\"TableName\":\"jangteo\"}";

    /// A request as the SDK signs it.
    fn signed(at: Timestamp) -> Parts {
        let headers = [("x-amz-target", "DynamoDB_20120810.GetItem"), ("content-type", "application/x-amz-json-1.0")];
        let request =
            SignableRequest::new("POST", "http://127.0.0.1:3001/", headers.into_iter(), SignableBody::Bytes(BODY));
        let identity = Credentials::new("auth-sign-in", SECRET, None, None, "test").into();
        let params = v4::SigningParams::builder()
            .identity(&identity)
            .region("ap-northeast-2")
            .name("dynamodb")
            .time(
                SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(u64::try_from(at.seconds()).unwrap())).unwrap(),
            )
            .settings(SigningSettings::default())
            .build()
            .unwrap();
        let (instructions, _) = sign(request.unwrap(), &params.into()).unwrap().into_parts();
        let mut request = Request::post("/").header("host", "127.0.0.1:3001");
        for (name, value) in headers {
            request = request.header(name, value);
        }
        for (name, value) in instructions.headers() {
            request = request.header(name, value);
        }
        request.body(()).unwrap().into_parts().0
    }

    fn passes(parts: &Parts, body: &[u8], secret: &str, now: Timestamp) -> bool {
        is_right(&super::super::caller::of(&parts.headers, &parts.uri), parts, body, secret, now)
    }

    #[test]
    fn a_request_as_the_sdk_signs_it_passes_for_a_quarter_of_an_hour() {
        let parts = signed(NOW);
        for (seconds, expected) in [(-901, false), (-900, true), (0, true), (900, true), (901, false)] {
            let now = Timestamp::from_seconds(NOW.seconds() + seconds);
            assert_eq!(passes(&parts, BODY, SECRET, now), expected, "{seconds}");
        }
    }

    #[test]
    fn nothing_that_was_signed_can_be_another() {
        let good = signed(NOW);
        assert!(!passes(&good, b"{}", SECRET, NOW), "another body");
        assert!(!passes(&good, BODY, "another secret", NOW) && !passes(&good, BODY, "", NOW));
        for (name, value) in [
            ("host", "evil.example"),
            ("x-amz-target", "DynamoDB_20120810.DeleteTable"),
            ("x-amz-date", "20261121T120031Z"),
            ("authorization", "AWS4-HMAC-SHA256 Credential=Operator/a/b/c/aws4_request, SignedHeaders=, Signature="),
        ] {
            let mut parts = good.clone();
            parts.headers.insert(name, value.parse().unwrap());
            assert!(!passes(&parts, BODY, SECRET, NOW), "{name}");
            parts.headers.remove(name);
            assert!(!passes(&parts, BODY, SECRET, NOW), "no {name}");
        }
        let mut other_path = good.clone();
        other_path.uri = "/v2/email/outbound-emails".parse().unwrap();
        assert!(!passes(&other_path, BODY, SECRET, NOW));
    }

    #[test]
    fn what_is_asked_must_be_among_what_was_signed() {
        let mut parts = signed(NOW);
        let authorization = parts.headers["authorization"].to_str().unwrap().replace("x-amz-target", "content-type");
        parts.headers.insert("authorization", authorization.parse().unwrap());
        assert!(!passes(&parts, BODY, SECRET, NOW));
    }
}
