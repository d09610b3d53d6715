//! Cross-origin answers, as S3 gives them for a bucket with a CORS rule ("Using cross-origin
//! resource sharing", S3 User Guide). `s3s` has no CORS, so it is answered in the HTTP layer.

use http::{HeaderMap, HeaderValue, Method, Response, StatusCode, header};

use super::Objects;

const REFUSED: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>AccessForbidden</Code>\
    <Message>CORSResponse: This CORS request is not allowed.</Message></Error>";

impl Objects {
    /// The answer to a preflight; nothing when the request is not one.
    pub(crate) fn preflight(&self, method: &Method, headers: &HeaderMap) -> Option<Response<&'static str>> {
        let origin = headers.get(header::ORIGIN)?;
        let wanted = headers.get(header::ACCESS_CONTROL_REQUEST_METHOD)?;
        if method != Method::OPTIONS {
            return None;
        }
        let allowed = matches!(wanted.as_bytes(), b"GET" | b"HEAD" | b"PUT");
        let mut answer = Response::new("");
        if !allowed || !self.allow(origin, answer.headers_mut()) {
            let mut refused = Response::new(REFUSED);
            *refused.status_mut() = StatusCode::FORBIDDEN;
            return Some(refused);
        }
        let answers = answer.headers_mut();
        answers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("GET, HEAD, PUT"));
        answers.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("3000"));
        if let Some(names) = headers.get(header::ACCESS_CONTROL_REQUEST_HEADERS) {
            answers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, names.clone());
        }
        Some(answer)
    }

    /// Adds what a script of an allowed origin needs to read this answer; tells whether it may.
    pub(crate) fn allow(&self, origin: &HeaderValue, answer: &mut HeaderMap) -> bool {
        if !origin.to_str().is_ok_and(|origin| self.allows_origin(origin)) {
            return false;
        }
        answer.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
        answer.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static("ETag"));
        answer.append(header::VARY, HeaderValue::from_static("Origin"));
        true
    }
}
