//! The Lambda Runtime API (version 2018-06-01), one small server for each instance of a function.
//!
//! Source: "Using the Lambda runtime API for custom runtimes", AWS Lambda Developer Guide.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
};

use axum::{
    Json, Router,
    body::Bytes,
    extract::{DefaultBodyLimit, Path, Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode},
    middleware::{self, Next},
    response::{IntoResponse as _, Response},
    routing::{get, post},
};
use engines::loopback;
use serde_json::{Value, json};
use tokio::sync::{mpsc, oneshot};

use super::{InvokeError, PAYLOAD_AT_MOST};

/// One call that an instance is to answer.
#[derive(Debug)]
pub(super) struct Work {
    pub(super) request_id: String,
    pub(super) function: String,
    /// When it is ended, in milliseconds since 1970 of the machine's clock.
    pub(super) deadline_ms: i64,
    pub(super) payload: String,
    pub(super) answer: oneshot::Sender<Result<Value, InvokeError>>,
}

type Answer = oneshot::Sender<Result<Value, InvokeError>>;

/// What an instance and its server share.
#[derive(Debug)]
pub(super) struct Runtime {
    work: tokio::sync::Mutex<mpsc::Receiver<Work>>,
    current: Mutex<Option<(String, Answer)>>,
    start_failure: Mutex<Option<String>>,
}

impl Runtime {
    pub(super) fn new(work: mpsc::Receiver<Work>) -> Self {
        Self { work: tokio::sync::Mutex::new(work), current: Mutex::default(), start_failure: Mutex::default() }
    }

    /// What the function said when it could not start.
    pub(super) fn start_failure(&self) -> Option<String> {
        self.start_failure.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn finish(&self, request_id: &str, outcome: Result<Value, InvokeError>) -> Response {
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        match current.take_if(|(id, _)| id == request_id) {
            Some((_, answer)) => {
                // Whoever asked may have gone away.
                let _ = answer.send(outcome);
                accepted()
            }
            None => refused(StatusCode::BAD_REQUEST, "InvalidRequestID", "this request is not running here"),
        }
    }
}

/// The addresses that a runtime calls, served at this address. No page in a browser may take its work.
pub(super) fn router(runtime: Arc<Runtime>, address: SocketAddr) -> Router {
    Router::new()
        .route("/2018-06-01/runtime/invocation/next", get(next))
        .route("/2018-06-01/runtime/invocation/{request_id}/response", post(response))
        .route("/2018-06-01/runtime/invocation/{request_id}/error", post(error))
        .route("/2018-06-01/runtime/init/error", post(init_error))
        // One byte more than Lambda takes, so that what is too large is seen and refused here.
        .layer(DefaultBodyLimit::max(PAYLOAD_AT_MOST.saturating_add(1024)))
        .layer(middleware::from_fn(no_browser))
        .layer(middleware::from_fn(move |request, next| loopback::only(address, request, next)))
        .with_state(runtime)
}

/// What a browser sends says whose page it is for; a runtime sends neither.
async fn no_browser(request: Request, next: Next) -> Response {
    if request.headers().contains_key("origin") || request.headers().contains_key("sec-fetch-site") {
        refused(StatusCode::FORBIDDEN, "Forbidden", "this port is for a runtime")
    } else {
        next.run(request).await
    }
}

/// Waits for work for as long as it takes: a frozen function waits here.
async fn next(State(runtime): State<Arc<Runtime>>) -> Response {
    let Some(work) = runtime.work.lock().await.recv().await else {
        return refused(StatusCode::GONE, "Stopped", "the local cloud stops");
    };
    let mut headers = HeaderMap::new();
    let arn =
        format!("arn:aws:lambda:ap-northeast-2:{}:function:{}", engines::permissions::LOCAL_ACCOUNT, work.function);
    let values = [
        ("lambda-runtime-aws-request-id", work.request_id.clone()),
        ("lambda-runtime-deadline-ms", work.deadline_ms.to_string()),
        ("lambda-runtime-invoked-function-arn", arn),
        ("lambda-runtime-trace-id", "Root=1-00000000-000000000000000000000000;Sampled=0".to_owned()),
        ("content-type", "application/json".to_owned()),
    ];
    for (name, value) in values {
        if let Ok(value) = HeaderValue::from_str(&value) {
            headers.insert(HeaderName::from_static(name), value);
        }
    }
    *runtime.current.lock().unwrap_or_else(PoisonError::into_inner) = Some((work.request_id, work.answer));
    (headers, work.payload).into_response()
}

async fn response(State(runtime): State<Arc<Runtime>>, Path(request_id): Path<String>, body: Bytes) -> Response {
    if body.len() > PAYLOAD_AT_MOST {
        let _ = runtime.finish(&request_id, Err(InvokeError::TooLarge(body.len())));
        return refused(StatusCode::PAYLOAD_TOO_LARGE, "RequestEntityTooLarge", "the answer is larger than 6 MB");
    }
    let answer = if body.is_empty() { Ok(Value::Null) } else { serde_json::from_slice(&body) };
    runtime.finish(&request_id, answer.map_err(|error| InvokeError::Failed(format!("the answer is no JSON: {error}"))))
}

async fn error(State(runtime): State<Arc<Runtime>>, Path(request_id): Path<String>, body: Bytes) -> Response {
    runtime.finish(&request_id, Err(InvokeError::Failed(message_of(&body))))
}

async fn init_error(State(runtime): State<Arc<Runtime>>, body: Bytes) -> Response {
    *runtime.start_failure.lock().unwrap_or_else(PoisonError::into_inner) = Some(message_of(&body));
    accepted()
}

/// `{"errorType": …, "errorMessage": …}` in one line.
fn message_of(body: &[u8]) -> String {
    let error: Value = serde_json::from_slice(body).unwrap_or_default();
    let text = |name: &str| error.get(name).and_then(Value::as_str).unwrap_or("unknown");
    format!("{}: {}", text("errorType"), text("errorMessage"))
}

fn accepted() -> Response {
    (StatusCode::ACCEPTED, Json(json!({"status": "OK"}))).into_response()
}

fn refused(status: StatusCode, kind: &str, message: &str) -> Response {
    (status, Json(json!({"errorType": kind, "errorMessage": message}))).into_response()
}
