//! The client for calls to others: one request, one bounded answer, one time limit, and an error
//! that tells whether the request can have been seen. It never repeats a call and follows no
//! redirect: whether to call again is for the caller to decide, who knows what the call does.
//!
//! TLS is rustls with `ring` and Mozilla's roots compiled in, so that no function reads
//! certificates from a disk at its start.

use std::{fmt, time::Duration};

use bytes::Bytes;
use http::{HeaderMap, Method, Request, StatusCode, Uri};
use http_body_util::{BodyExt as _, Full, LengthLimitError, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};

use crate::fault::{Fault, FaultKind};

/// How long we wait for a connection.
pub const CONNECT_WITHIN: Duration = Duration::from_secs(3);
/// The largest answer that we read, in bytes.
pub const LARGEST_ANSWER: usize = 256 * 1024;

/// The client. Clones share their set-up.
#[derive(Clone)]
pub struct HttpClient {
    client: Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
}

/// One call.
#[derive(Debug, Clone)]
pub struct Call {
    /// The method.
    pub method: Method,
    /// The whole address.
    pub uri: Uri,
    /// The headers; `Host` and the length are added.
    pub headers: HeaderMap,
    /// The body, empty for none.
    pub body: Bytes,
    /// How long the whole call may take, from the connection to the last byte of the answer.
    pub time_limit: Duration,
}

/// An answer, read to its end, whatever its status.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The body, at most [`LARGEST_ANSWER`].
    pub body: Bytes,
}

/// Why there is no answer. Only [`CallError::NotSent`] means that the other side saw nothing.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// No connection came about, so the request was not sent.
    #[error("no connection")]
    NotSent(#[source] hyper_util::client::legacy::Error),
    /// The connection broke after the request may have been sent.
    #[error("the connection broke before the whole answer was read")]
    MaybeSent(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The time limit passed; the request may have been sent.
    #[error("no whole answer within the time limit")]
    TimedOut,
    /// The answer is larger than [`LARGEST_ANSWER`].
    #[error("the answer is too large")]
    TooLarge,
}

impl HttpClient {
    /// A client.
    ///
    /// # Errors
    /// [`FaultKind::Configuration`] when TLS cannot be set up.
    pub fn new() -> Result<Self, Fault> {
        let mut connector = HttpConnector::new();
        connector.set_connect_timeout(Some(CONNECT_WITHIN));
        connector.set_nodelay(true);
        connector.enforce_http(false);
        // Named, because the default provider is ambiguous as soon as a second one is linked.
        let connector = HttpsConnectorBuilder::new()
            .with_provider_and_webpki_roots(rustls::crypto::ring::default_provider())
            .map_err(|error| Fault::new(FaultKind::Configuration, "set up TLS").with_source(error))?
            .https_or_http()
            .enable_http1()
            .wrap_connector(connector);
        // No connection is kept: one that slept through a freeze of the function is dead, and to
        // learn that from a payment is to not know whether it was made.
        let client = Client::builder(TokioExecutor::new())
            .pool_max_idle_per_host(0)
            .retry_canceled_requests(false)
            .build(connector);
        Ok(Self { client })
    }

    /// Makes the call.
    ///
    /// # Errors
    /// [`CallError`] tells what is known about it.
    pub async fn call(&self, call: Call) -> Result<Answer, CallError> {
        let mut request = Request::new(Full::new(call.body));
        *request.method_mut() = call.method;
        *request.uri_mut() = call.uri;
        *request.headers_mut() = call.headers;
        tokio::time::timeout(call.time_limit, self.exchange(request)).await.unwrap_or(Err(CallError::TimedOut))
    }

    async fn exchange(&self, request: Request<Full<Bytes>>) -> Result<Answer, CallError> {
        let response = self.client.request(request).await.map_err(|error| {
            if error.is_connect() { CallError::NotSent(error) } else { CallError::MaybeSent(error.into()) }
        })?;
        let (parts, body) = response.into_parts();
        let body = Limited::new(body, LARGEST_ANSWER).collect().await.map_err(|error| {
            if error.is::<LengthLimitError>() { CallError::TooLarge } else { CallError::MaybeSent(error) }
        })?;
        Ok(Answer { status: parts.status, body: body.to_bytes() })
    }
}

impl fmt::Debug for HttpClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HttpClient")
    }
}

#[cfg(test)]
mod tests {
    use std::{
        io::{Read as _, Write as _},
        net::{TcpListener, TcpStream},
        thread::{self, JoinHandle},
    };

    use super::*;

    /// A server for one connection: reads the head of the request, lets `answer` write, and waits
    /// until the client hangs up when `then_hold` says so.
    fn serve_once(answer: Vec<u8>, then_hold: bool) -> (Uri, JoinHandle<String>) {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let uri = format!("http://{}/x", listener.local_addr().unwrap()).parse().unwrap();
        let server = thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let head = read_head(&mut stream);
            // The client may hang up in the middle of a large answer.
            let _ = stream.write_all(&answer);
            if then_hold {
                let _ = stream.read_to_end(&mut Vec::new());
            }
            head
        });
        (uri, server)
    }

    fn read_head(stream: &mut TcpStream) -> String {
        let mut head = Vec::new();
        let mut byte = [0];
        while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).unwrap() == 1 {
            head.push(byte[0]);
        }
        String::from_utf8(head).unwrap()
    }

    fn get(uri: Uri, time_limit: Duration) -> Call {
        Call { method: Method::GET, uri, headers: HeaderMap::new(), body: Bytes::new(), time_limit }
    }

    const LONG: Duration = Duration::from_secs(20);

    fn call(call: Call) -> Result<Answer, CallError> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(HttpClient::new().unwrap().call(call))
    }

    #[test]
    fn an_answer_is_returned_whatever_its_status() {
        let (uri, _) = serve_once(b"HTTP/1.1 418 I'm a teapot\r\ncontent-length: 3\r\n\r\nhey".to_vec(), false);
        let answer = call(get(uri, LONG)).unwrap();
        assert_eq!(answer.status, 418);
        assert_eq!(answer.body, "hey");
    }

    #[test]
    fn a_closed_port_is_known_to_have_seen_nothing() {
        let port = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
        let uri = format!("http://127.0.0.1:{port}/").parse().unwrap();
        assert!(matches!(call(get(uri, LONG)), Err(CallError::NotSent(_))));
    }

    #[test]
    fn a_server_that_speaks_no_tls_is_known_to_have_seen_nothing() {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let uri = format!("https://{}/", listener.local_addr().unwrap()).parse().unwrap();
        thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n");
            let _ = stream.read_to_end(&mut Vec::new());
        });
        assert!(matches!(call(get(uri, LONG)), Err(CallError::NotSent(_))));
    }

    #[test]
    fn a_connection_that_breaks_before_the_answer_leaves_the_call_unknown() {
        let (uri, server) = serve_once(Vec::new(), false);
        assert!(matches!(call(get(uri, LONG)), Err(CallError::MaybeSent(_))));
        assert!(server.join().unwrap().starts_with("GET /x HTTP/1.1"), "the request had arrived");
    }

    #[test]
    fn attack_39_half_an_answer_leaves_the_call_unknown() {
        let (uri, _) = serve_once(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"sta".to_vec(), false);
        assert!(matches!(call(get(uri, LONG)), Err(CallError::MaybeSent(_))));
    }

    #[test]
    fn attack_39_a_server_that_never_ends_its_answer_is_left_at_the_time_limit() {
        for so_far in ["", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"] {
            let (uri, _) = serve_once(so_far.as_bytes().to_vec(), true);
            let result = call(get(uri, Duration::from_millis(100)));
            assert!(matches!(result, Err(CallError::TimedOut)), "{so_far:?}: {result:?}");
        }
    }

    #[test]
    fn attack_39_a_huge_answer_is_not_read() {
        let mut told = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", LARGEST_ANSWER + 1).into_bytes();
        told.extend(vec![b'x'; LARGEST_ANSWER + 1]);
        let (uri, _) = serve_once(told, true);
        assert!(matches!(call(get(uri, LONG)), Err(CallError::TooLarge)));

        let chunk = format!("{:x}\r\n{}\r\n", 64 * 1024, "x".repeat(64 * 1024)).repeat(5);
        let untold = format!("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n{chunk}");
        let (uri, _) = serve_once(untold.into_bytes(), true);
        assert!(matches!(call(get(uri, LONG)), Err(CallError::TooLarge)));
    }

    #[test]
    fn attack_67_a_redirect_is_not_followed() {
        let (target, _untouched) = serve_once(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n".to_vec(), false);
        let redirect = format!("HTTP/1.1 307 Temporary Redirect\r\nlocation: {target}\r\ncontent-length: 0\r\n\r\n");
        let (uri, _) = serve_once(redirect.into_bytes(), false);
        assert_eq!(call(get(uri, LONG)).unwrap().status, 307);
    }
}
