//! A small HTTP client, and clouds to ask.

use axum::http::{HeaderMap, Request};
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper_util::{client::legacy::Client as Http, rt::TokioExecutor};
use local::{cloud::Cloud, settings::Settings};
use serde_json::Value;

use crate::trial;

/// An answer as it came.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("no JSON: {}", self.text()))
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

/// Sends a request to a port of this machine.
pub(crate) async fn send(port: u16, request: http::request::Builder, path: &str, body: impl Into<Bytes>) -> Answer {
    let http = Http::builder(TokioExecutor::new()).build_http();
    let uri = format!("http://127.0.0.1:{port}{path}");
    let answer = http.request(request.uri(uri).body(Full::new(body.into())).unwrap()).await.unwrap();
    let (parts, body) = answer.into_parts();
    Answer { status: parts.status.as_u16(), headers: parts.headers, body: body.collect().await.unwrap().to_bytes() }
}

pub(crate) async fn get_at(port: u16, path: &str) -> Answer {
    send(port, Request::get("/"), path, "").await
}

pub(crate) async fn post_at(port: u16, path: &str, body: &Value) -> Answer {
    send(port, Request::post("/").header("content-type", "application/json"), path, body.to_string()).await
}

pub(crate) async fn get(cloud: &Cloud, path: &str) -> Answer {
    get_at(cloud.world().port, path).await
}

pub(crate) async fn post(cloud: &Cloud, path: &str, body: &Value) -> Answer {
    post_at(cloud.world().port, path, body).await
}

/// A cloud with the services of the trial, nothing kept, whose clock stands still: no job of a minute
/// comes in between.
pub(crate) async fn cloud() -> Cloud {
    cloud_with(Settings::for_tests()).await
}

pub(crate) async fn cloud_with(settings: Settings) -> Cloud {
    Cloud::start_with(settings, vec![&trial::SERVICE]).await.unwrap()
}
