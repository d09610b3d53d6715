//! A request in the making.

use std::sync::Arc;

use bytes::Bytes;
use domain::timestamp::Seconds;
use http::{HeaderMap, HeaderName, HeaderValue};
use serde_json::Value;
use shared::api::{Route, cookies::CookieName, wire::HttpRequest};
use tokio::{sync::Semaphore, task::JoinSet};

use crate::{TestAnswer, TestApp, TestUser, app::Operation};

/// From where requests come, unless they say otherwise (RFC 5737).
pub const PEER: &str = "203.0.113.7";

/// So many requests of one test are on their way at a moment. More would wait for sockets of this
/// machine, not for each other.
const AT_ONCE: usize = 128;

/// A request in the making: POST of nothing by nobody, until told otherwise.
#[derive(Clone)]
pub struct TestRequest<'a> {
    app: &'a TestApp,
    operation: Arc<Operation>,
    http: HttpRequest,
    may_break: bool,
}

impl<'a> TestRequest<'a> {
    pub(crate) fn new(app: &'a TestApp, operation: Arc<Operation>) -> Self {
        let http = HttpRequest {
            method: operation.route.method.as_str().to_owned(),
            path: String::new(),
            path_parameters: Vec::new(),
            query: String::new(),
            headers: HeaderMap::new(),
            body: Bytes::new(),
            time: app.now(),
            peer: PEER.to_owned(),
            request_id: String::new(),
        };
        Self { app, operation, http, may_break: false }
    }

    /// What the operation declares.
    #[must_use]
    pub fn route(&self) -> &Route {
        &self.operation.route
    }

    /// A value for a parameter of the path.
    #[must_use]
    pub fn path(mut self, name: &str, value: impl ToString) -> Self {
        self.http.path_parameters.push((name.to_owned(), value.to_string()));
        self
    }

    /// The method and the path, encoded, where the operation looks at them itself.
    #[must_use]
    pub fn address(mut self, method: &str, path: &str) -> Self {
        method.clone_into(&mut self.http.method);
        path.clone_into(&mut self.http.path);
        self
    }

    /// The query, encoded, without its `?`.
    #[must_use]
    pub fn query(mut self, query: &str) -> Self {
        query.clone_into(&mut self.http.query);
        self
    }

    /// A JSON body, declared as such.
    #[must_use]
    pub fn json(self, body: Value) -> Self {
        self.body("application/json", body.to_string())
    }

    /// Any body, declared as of any type.
    #[must_use]
    pub fn body(self, content_type: &str, body: impl Into<Bytes>) -> Self {
        let mut request = self.header("content-type", content_type);
        request.http.body = body.into();
        request
    }

    /// A body that is not declared as anything.
    #[must_use]
    pub fn bare_body(mut self, body: impl Into<Bytes>) -> Self {
        self.http.body = body.into();
        self
    }

    /// A header, in place of the one before.
    ///
    /// # Panics
    /// When no header can have such bytes.
    #[must_use]
    pub fn header(mut self, name: &'static str, value: impl AsRef<[u8]>) -> Self {
        let value = HeaderValue::from_bytes(value.as_ref()).expect("a header can have the value");
        self.http.headers.insert(HeaderName::from_static(name), value);
        self
    }

    /// A header once more.
    ///
    /// # Panics
    /// When no header can have such bytes.
    #[must_use]
    pub fn header_again(mut self, name: &'static str, value: impl AsRef<[u8]>) -> Self {
        let value = HeaderValue::from_bytes(value.as_ref()).expect("a header can have the value");
        self.http.headers.append(HeaderName::from_static(name), value);
        self
    }

    /// By a person who is signed in since just now.
    #[must_use]
    pub fn as_user(self, user: &TestUser) -> Self {
        let token = self.app.token_of(user);
        self.bearer(&token)
    }

    /// Along with a cookie, as a page of the site itself sends it.
    #[must_use]
    pub fn cookie(self, name: CookieName, value: &str) -> Self {
        self.header("sec-fetch-site", "same-origin").header_again("cookie", format!("{}={value}", name.as_str()))
    }

    /// With this access token.
    #[must_use]
    pub fn bearer(self, token: &str) -> Self {
        self.header("authorization", format!("Bearer {token}"))
    }

    /// With this `Idempotency-Key`.
    #[must_use]
    pub fn idempotency_key(self, key: &str) -> Self {
        self.header("idempotency-key", key)
    }

    /// For people who read this language (`Accept-Language`).
    #[must_use]
    pub fn language(self, accept_language: &str) -> Self {
        self.header("accept-language", accept_language)
    }

    /// From this network address.
    #[must_use]
    pub fn from(mut self, peer: &str) -> Self {
        peer.clone_into(&mut self.http.peer);
        self
    }

    /// As if sent so much later than the app's clock says.
    #[must_use]
    pub fn later(mut self, span: Seconds) -> Self {
        self.http.time = self.http.time.plus(span);
        self
    }

    /// The test expects, or allows, that we break: then an answer of 500 or 503 does not end it.
    #[must_use]
    pub const fn may_break(mut self) -> Self {
        self.may_break = true;
        self
    }

    /// Sends it.
    ///
    /// # Panics
    /// When the answer is not one that the operation may give: see the head of the crate.
    pub async fn send(self) -> TestAnswer {
        let prepared = self.prepare();
        prepared.send().await
    }

    /// Sends it so many times at once, in parallel.
    ///
    /// # Panics
    /// As [`TestRequest::send`].
    pub async fn send_at_once(self, times: usize) -> Vec<TestAnswer> {
        Self::all_at_once(vec![self; times]).await
    }

    /// Sends these at once, in parallel, at most 128 at a moment. The answers are in the order of the requests.
    ///
    /// # Panics
    /// As [`TestRequest::send`].
    pub async fn all_at_once(requests: Vec<Self>) -> Vec<TestAnswer> {
        let mut running = JoinSet::new();
        let places = Arc::new(Semaphore::new(AT_ONCE));
        for (number, request) in requests.into_iter().enumerate() {
            let prepared = request.prepare();
            let places = Arc::clone(&places);
            running.spawn(async move {
                let _place = places.acquire().await.expect("the semaphore stays open");
                (number, prepared.send().await)
            });
        }
        let mut answers = running.join_all().await;
        answers.sort_by_key(|(number, _)| *number);
        answers.into_iter().map(|(_, answer)| answer).collect()
    }

    fn prepare(mut self) -> Prepared {
        self.http.request_id = format!("request-{}", self.app.next_number());
        Prepared {
            operation: self.operation,
            http: self.http,
            may_break: self.may_break,
            observed: Arc::clone(self.app.observed()),
        }
    }
}

/// A request that is on its way and needs nothing of the app any more.
struct Prepared {
    operation: Arc<Operation>,
    http: HttpRequest,
    may_break: bool,
    observed: Arc<crate::observed::Observed>,
}

impl Prepared {
    async fn send(self) -> TestAnswer {
        let (answer, usage) = self.operation.hosted.answer(self.http).await;
        self.observed.note(self.operation.route.id, &answer, &usage);
        TestAnswer::checked(&self.operation, answer, usage, self.may_break)
    }
}
