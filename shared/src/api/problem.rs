//! Refusals on the wire: `application/problem+json` (RFC 9457), the same for every endpoint.

use std::collections::BTreeMap;

use bytes::Bytes;
use domain::{Class, ErrorCode, Language, ServiceError};
use serde::{Deserialize, Serialize};

use super::{
    caller::Access,
    route::{Idempotency, Route},
    wire::HttpResponse,
};
use crate::fault::Fault;
pub use crate::ground::refusal::{BadField, Malformed, RequestError, Syntax, codes};

/// The status of a class: the one place where rules and HTTP meet.
#[must_use]
pub const fn status_of(class: Class) -> u16 {
    match class {
        Class::Invalid => 400,
        Class::Unauthenticated => 401,
        Class::PaymentDeclined => 402,
        Class::Forbidden => 403,
        Class::NotFound => 404,
        Class::MethodNotAllowed => 405,
        Class::Conflict => 409,
        Class::Gone => 410,
        Class::TooLarge => 413,
        Class::UnsupportedMediaType => 415,
        Class::Unprocessable => 422,
        Class::TooMany => 429,
        Class::Internal => 500,
        Class::Unavailable => 503,
    }
}

/// The body of a refusal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Problem {
    /// Where the error is described.
    pub r#type: String,
    /// What kind of error it is, in the reader's language; the same each time.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What happened this time, in the reader's language.
    pub detail: String,
    /// The stable, dotted code. What programs decide by.
    pub code: String,
    /// The id of the request.
    pub instance: String,
    /// The fields at fault.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldProblem>,
    /// What only answers with this code tell: extension members (RFC 9457 §3.2), each in a member of
    /// its own.
    #[serde(flatten)]
    pub members: BTreeMap<String, String>,
}

/// What is wrong with one field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct FieldProblem {
    /// Which field, as a JSON Pointer (RFC 6901) into the request.
    pub pointer: String,
    /// What is wrong with it, for programs: a code of fields, such as `required` or `too_long`, or the
    /// code of the whole answer.
    pub code: String,
    /// What is wrong with it, in the reader's language.
    pub detail: String,
}

impl BadField {
    fn told(&self, language: Language) -> FieldProblem {
        FieldProblem {
            pointer: self.pointer.clone(),
            code: self.error.code.as_str().to_owned(),
            detail: self.error.text(language).to_owned(),
        }
    }
}

/// Every error code that there is, table by table. A code that is declared and not here makes a test fail.
pub const CATALOGUE: &[&[ErrorCode]] = &[
    codes::ALL,
    super::idempotency::codes::ALL,
    domain::auth::codes::ALL,
    domain::catalog::codes::ALL,
    domain::checkout::codes::ALL,
    domain::media::codes::ALL,
    domain::orders::codes::ALL,
    domain::payments::codes::ALL,
    domain::stores::codes::ALL,
    domain::users::codes::ALL,
];

/// The codes that an endpoint can give without declaring them: what its route and its kind of caller
/// bring along, and the two of our own breakages. A cursor's code is declared by the lists.
#[must_use]
pub fn codes_of_route(route: &Route, access: Access) -> Vec<ErrorCode> {
    let mut list = vec![codes::INTERNAL, codes::UNAVAILABLE];
    list.push(if access.is_webhook() { codes::TOO_LARGE } else { codes::INVALID });
    if route.takes_body {
        list.extend([codes::MALFORMED, codes::TOO_LARGE, codes::NOT_JSON, codes::COMPRESSED]);
    }
    match access {
        Access::Public | Access::Hint => {}
        Access::Signed => list.push(codes::SIGNATURE_INVALID),
        Access::SameSite => list.push(codes::CROSS_SITE),
        Access::PublicOrUser | Access::User | Access::StoreMember | Access::UserOrGuest => {
            list.push(codes::SIGN_IN_NEEDED);
        }
        Access::StoreOwner | Access::Admin => list.extend([codes::SIGN_IN_NEEDED, codes::NOT_ALLOWED]),
    }
    if route.idempotency == Idempotency::Required {
        use super::idempotency::codes::{IN_PROGRESS, KEY_MALFORMED, KEY_MISSING, KEY_REUSED};
        list.extend([KEY_MISSING, KEY_MALFORMED, IN_PROGRESS]);
        // Of callers who cannot be told apart, each request has a record of its own.
        if !access.is_anybody() {
            list.push(KEY_REUSED);
        }
    }
    list
}

/// The answer to a request that was refused.
#[must_use]
pub fn refusal(error: &dyn ServiceError, language: Language, request_id: &str) -> HttpResponse {
    let code = error.code();
    let mut errors: Vec<FieldProblem> = error
        .pointer()
        .map(|pointer| FieldProblem { pointer, code: code.code.to_owned(), detail: error.detail(language) })
        .into_iter()
        .collect();
    let mut allow = None;
    match (error as &dyn std::any::Any).downcast_ref::<RequestError>() {
        Some(RequestError::Invalid(fields)) => errors.extend(fields.iter().map(|field| field.told(language))),
        Some(RequestError::NoSuchMethod(allowed)) => allow = Some(allowed.join(", ")),
        _ => {}
    }
    let members = error.members().into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let said = Said { detail: error.detail(language), errors, members, allow, retry_after_s: error.retry_after_s() };
    response(code, said, language, request_id)
}

/// The answer to a request over which we broke. Says nothing of the inside.
#[must_use]
pub fn fault(fault: &Fault, language: Language, request_id: &str) -> HttpResponse {
    let (code, retry_after_s) =
        if fault.kind.is_transient() { (codes::UNAVAILABLE, Some(2)) } else { (codes::INTERNAL, None) };
    let detail = code.title_in(language).to_owned();
    let said = Said { detail, errors: Vec::new(), members: BTreeMap::new(), allow: None, retry_after_s };
    response(code, said, language, request_id)
}

/// What an answer says of this time, beside what its code says each time.
struct Said {
    detail: String,
    errors: Vec<FieldProblem>,
    members: BTreeMap<String, String>,
    /// The methods that the address takes.
    allow: Option<String>,
    retry_after_s: Option<u32>,
}

fn response(code: ErrorCode, said: Said, language: Language, request_id: &str) -> HttpResponse {
    let status = status_of(code.class);
    let problem = Problem {
        r#type: format!("/docs/errors#{}", code.code),
        title: code.title_in(language).to_owned(),
        status,
        detail: said.detail,
        code: code.code.to_owned(),
        instance: format!("urn:request:{request_id}"),
        errors: said.errors,
        members: said.members,
    };
    let mut headers =
        vec![("content-type", "application/problem+json".to_owned()), ("content-language", language.tag().to_owned())];
    if let Some(methods) = said.allow {
        headers.push(("allow", methods));
    }
    if let Some(seconds) = said.retry_after_s {
        headers.push(("retry-after", seconds.to_string()));
    }
    if code.class == Class::Unauthenticated {
        headers.push(("www-authenticate", "Bearer".to_owned()));
    }
    let body = serde_json::to_vec(&problem).map(Bytes::from).unwrap_or_default();
    HttpResponse { status, headers, body }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_code_is_there_once_and_speaks_both_languages() {
        let is_korean = |text: &str| text.chars().any(|c| ('가'..='힣').contains(&c));
        let mut seen = BTreeSet::new();
        for code in CATALOGUE.iter().copied().flatten() {
            assert!(seen.insert(code.code), "{} is there twice", code.code);
            for english in [code.title, code.advice] {
                assert!(!english.is_empty() && english.is_ascii(), "{}: {english:?}", code.code);
            }
            for korean in [code.title_ko, code.advice_ko] {
                assert!(is_korean(korean), "{}: {korean:?}", code.code);
            }
        }
    }
}
