//! A request and an answer as they are on the wire, free of any particular server.

use bytes::Bytes;
use domain::Timestamp;
use http::HeaderMap;

/// A request as it arrived.
#[derive(Debug, Clone)]
pub struct HttpRequest {
    /// The method.
    pub method: String,
    /// The path below the stage, still encoded.
    pub path: String,
    /// The values of the path's parameters, percent-decoded.
    pub path_parameters: Vec<(String, String)>,
    /// The query string without its `?`, still encoded.
    pub query: String,
    /// The headers.
    pub headers: HeaderMap,
    /// The body, decoded from what the transport wrapped it in.
    pub body: Bytes,
    /// When the gateway received it.
    pub time: Timestamp,
    /// The network address from which the gateway was called.
    pub peer: String,
    /// The id that the gateway gave it.
    pub request_id: String,
}

impl HttpRequest {
    /// A header's value, if it is there once and is visible text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        header(&self.headers, name)
    }
}

/// A header's value, if it is there once and is visible text.
pub(super) fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    let first = values.next()?.to_str().ok()?;
    values.next().is_none().then_some(first)
}

/// An answer as it leaves.
#[derive(Debug, Clone)]
pub struct HttpResponse {
    /// The status.
    pub status: u16,
    /// The headers, names in lower case.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: Bytes,
}

impl HttpResponse {
    /// A header of the answer.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| *n == name).map(|(_, value)| value.as_str())
    }
}
