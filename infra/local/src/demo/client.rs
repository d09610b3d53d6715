//! A client of the API, as a browser would call it.

use bytes::Bytes;
use http::{Method, Request, header};
use http_body_util::{BodyExt as _, Full};
use hyper_util::{
    client::legacy::{Client as Http, connect::HttpConnector},
    rt::TokioExecutor,
};
use serde_json::Value;

use crate::cloud::Cloud;

/// Why the demo could not be made.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// The API answered something else than the demo needs.
    #[error("the demo could not be made: {0}")]
    Answer(String),
    /// A request that could not be put together.
    #[error("the demo could not be made: {0}")]
    Request(#[from] http::Error),
    /// A picture that could not be drawn.
    #[error("the demo could not be made: {0}")]
    Picture(#[from] image::ImageError),
}

impl DemoError {
    fn of(error: impl std::fmt::Display) -> Self {
        Self::Answer(error.to_string())
    }
}

pub(super) struct Client {
    http: Http<HttpConnector, Full<Bytes>>,
    /// By number, since not every machine resolves `localhost` to where the cloud listens.
    address: String,
}

impl Client {
    pub(super) fn new(cloud: &Cloud) -> Self {
        let http = Http::builder(TokioExecutor::new()).build_http();
        Self { http, address: format!("http://127.0.0.1:{}", cloud.world().port) }
    }

    /// What is at a path of the API.
    pub(super) async fn get(&self, path: &str, token: Option<&str>) -> Result<Value, DemoError> {
        let (status, answer) = self.send(Method::GET, &format!("/api{path}"), None, token, None).await?;
        good(path, status, answer)
    }

    /// Posts, and tells the status and the answer.
    pub(super) async fn post(
        &self,
        path: &str,
        body: &Value,
        token: Option<&str>,
        key: Option<&str>,
    ) -> Result<(u16, Value), DemoError> {
        self.send(Method::POST, &format!("/api{path}"), Some(body), token, key).await
    }

    /// Posts what must work.
    pub(super) async fn make(
        &self,
        path: &str,
        body: &Value,
        token: Option<&str>,
        key: Option<&str>,
    ) -> Result<Value, DemoError> {
        let (status, answer) = self.post(path, body, token, key).await?;
        good(path, status, answer)
    }

    /// The newest code that was mailed to an address.
    pub(super) async fn code_for(&self, email: &str) -> Result<String, DemoError> {
        let (_, quiet) = self.send(Method::GET, "/_local/quiet", None, None, None).await?;
        let (status, mail) = self.send(Method::GET, &format!("/_local/mail?to={email}"), None, None, None).await?;
        let text = mail.pointer("/items/0/text").and_then(Value::as_str).unwrap_or_default();
        let is_code = |word: &&str| word.len() == 6 && word.bytes().all(|byte| byte.is_ascii_digit());
        let code = text.split_whitespace().find(is_code).map(str::to_owned);
        code.ok_or_else(|| DemoError::Answer(format!("no code was mailed to {email} ({status}, {quiet})")))
    }

    /// Puts a file where a grant says, with the headers that it says.
    pub(super) async fn put(&self, grant: &Value, file: Vec<u8>) -> Result<(), DemoError> {
        let url = grant.pointer("/upload/url").and_then(Value::as_str).unwrap_or_default();
        let mut request = Request::put(url);
        for (name, value) in grant.pointer("/upload/headers").and_then(Value::as_object).into_iter().flatten() {
            request = request.header(name, value.as_str().unwrap_or_default());
        }
        let request = request.body(Full::new(Bytes::from(file)))?;
        let answer = self.http.request(request).await.map_err(DemoError::of)?;
        let status = answer.status();
        if status.is_success() {
            return Ok(());
        }
        let body = answer.into_body().collect().await.map_err(DemoError::of)?.to_bytes();
        Err(DemoError::Answer(format!("the upload was answered with {status}: {}", String::from_utf8_lossy(&body))))
    }

    async fn send(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
        token: Option<&str>,
        key: Option<&str>,
    ) -> Result<(u16, Value), DemoError> {
        let mut request = Request::builder().method(method).uri(format!("{}{path}", self.address));
        if let Some(token) = token {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        if let Some(key) = key {
            request = request.header("idempotency-key", key);
        }
        let bytes = match body {
            Some(body) => {
                request = request.header(header::CONTENT_TYPE, "application/json");
                Bytes::from(body.to_string())
            }
            None => Bytes::new(),
        };
        let answer = self.http.request(request.body(Full::new(bytes))?).await.map_err(DemoError::of)?;
        let status = answer.status().as_u16();
        let body = answer.into_body().collect().await.map_err(DemoError::of)?.to_bytes();
        Ok((status, serde_json::from_slice(&body).unwrap_or_default()))
    }
}

fn good(path: &str, status: u16, answer: Value) -> Result<Value, DemoError> {
    if (200..300).contains(&status) {
        Ok(answer)
    } else {
        Err(DemoError::Answer(format!("{path} was answered with {status}: {answer}")))
    }
}
