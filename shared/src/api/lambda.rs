//! The host in AWS: an endpoint behind API Gateway, or a job behind its trigger.
//!
//! Every binary is one call of [`serve`] or [`serve_job`]. The local cloud calls [`adapt`] with the
//! same payload and thus goes through the same code.

use std::{convert::Infallible, future::Future, process::ExitCode, sync::Arc};

use domain::{Timestamp, timestamp::Seconds};
use lambda_http::{
    Body, RequestExt as _, Response,
    request::{LambdaRequest, RequestContext},
};
use lambda_runtime::{LambdaEvent, Service as _, service_fn};

use super::{
    Core, Endpoint, Job, Tools as _,
    endpoint::route_of,
    handle,
    job::{self, Invocation},
    wire::{HttpRequest, HttpResponse},
};
use crate::{
    config::Config,
    fault::{Fault, FaultKind},
};

/// Runs an endpoint until Lambda stops the process.
#[must_use]
pub fn serve<E: Endpoint>() -> ExitCode {
    block_on(async {
        let core = Core::start(Config::from_environment()?, &route_of::<E>().all_touches(), E::ROUTE.time_out_s)?;
        let tools = E::Tools::start(core)?;
        lambda_http::run(service_fn(|event| {
            let tools = &tools;
            async move { Ok::<_, Infallible>(answered(event, |request| handle::handle::<E>(tools, request)).await) }
        }))
        .await
        .map_err(|error| Fault::new(FaultKind::Configuration, "talk to the Lambda runtime").with_source(error))
    })
}

/// Runs a job until Lambda stops the process.
#[must_use]
pub fn serve_job<J: Job>() -> ExitCode {
    block_on(async {
        let core = Core::start(Config::from_environment()?, J::ROUTE.touches, J::ROUTE.time_out_s)?;
        let tools = J::Tools::start(core)?;
        lambda_runtime::run(service_fn(|event: LambdaEvent<serde_json::Value>| {
            let tools = &tools;
            // The deadline is as long after the beginning as the template gives the function.
            let begun = Timestamp::from_millis(i64::try_from(event.context.deadline).unwrap_or_default());
            let at = begun.minus(Seconds(J::ROUTE.time_out_s));
            let invocation = Invocation { request_id: event.context.request_id, at };
            // In a box, or the compiler's types of a whole function nest too deep for its limit.
            Box::pin(job::run::<J>(tools, event.payload, invocation))
        }))
        .await
        .map_err(|error| Fault::new(FaultKind::Configuration, "talk to the Lambda runtime").with_source(error))
    })
}

/// A current-thread runtime: a function handles one event at a time.
#[expect(clippy::print_stdout, reason = "standard output is where Lambda collects logs")]
fn block_on(work: impl Future<Output = Result<(), Fault>>) -> ExitCode {
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            println!("{{\"level\":\"error\",\"fault\":\"start the runtime: {error}\"}}");
            return ExitCode::FAILURE;
        }
    };
    match runtime.block_on(work) {
        Ok(()) => ExitCode::SUCCESS,
        Err(fault) => {
            println!("{}", serde_json::json!({ "level": "error", "fault": fault.chain() }));
            ExitCode::FAILURE
        }
    }
}

/// Answers one payload of API Gateway's HTTP API (format 2.0) with one, through the very adapter
/// that `lambda_http::run` uses.
///
/// # Errors
/// When the payload is not of that format.
pub async fn adapt<F, Fut>(payload: serde_json::Value, answer: F) -> Result<serde_json::Value, Fault>
where
    F: Fn(HttpRequest) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = HttpResponse> + Send,
{
    let broken = |error: serde_json::Error| Fault::new(FaultKind::Corrupt, "read the payload").with_source(error);
    let request: LambdaRequest = serde_json::from_value(payload).map_err(broken)?;
    let answer = Arc::new(answer);
    let mut adapter = lambda_http::Adapter::from(service_fn(move |event| {
        let answer = Arc::clone(&answer);
        async move { Ok::<_, Infallible>(answered(event, |request| answer(request)).await) }
    }));
    let event = LambdaEvent::new(request, lambda_runtime::Context::default());
    let Ok(response) = adapter.call(event).await;
    serde_json::to_value(response).map_err(broken)
}

/// What Lambda is told when a job broke: the same chain that the log has.
impl From<Fault> for lambda_runtime::Diagnostic {
    fn from(fault: Fault) -> Self {
        Self { error_type: format!("{:?}", fault.kind), error_message: fault.chain() }
    }
}

/// The answer to an event: without its body where only the head was asked for.
async fn answered<Fut: Future<Output = HttpResponse>>(
    event: lambda_http::Request,
    answer: impl FnOnce(HttpRequest) -> Fut,
) -> Response<Body> {
    let is_head = event.method() == http::Method::HEAD;
    let mut response = answer(read(event)).await;
    if is_head {
        response.body = bytes::Bytes::new();
    }
    respond(response)
}

fn read(event: lambda_http::Request) -> HttpRequest {
    let path_parameters = event
        .path_parameters_ref()
        .map(|map| map.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
        .unwrap_or_default();
    let (stage, time, peer, request_id) = match event.request_context_ref() {
        Some(RequestContext::ApiGatewayV2(gateway)) => (
            gateway.stage.clone().unwrap_or_default(),
            Timestamp::from_millis(gateway.time_epoch),
            gateway.http.source_ip.clone().unwrap_or_default(),
            gateway.request_id.clone().unwrap_or_default(),
        ),
        // Without the gateway's word nobody knows the time: everything is long over then, and so
        // no token holds.
        _ => (String::new(), Timestamp::MAX, String::new(), String::new()),
    };
    let (parts, body) = event.into_parts();
    let body = match body {
        Body::Text(text) => text.into_bytes().into(),
        Body::Binary(bytes) => bytes.into(),
        _ => bytes::Bytes::new(),
    };
    let path = parts.uri.path();
    let path = path.strip_prefix('/').and_then(|path| path.strip_prefix(&stage)).unwrap_or(path);
    HttpRequest {
        method: parts.method.to_string(),
        path: path.to_owned(),
        path_parameters,
        query: parts.uri.query().unwrap_or_default().to_owned(),
        headers: parts.headers,
        body,
        time,
        peer,
        request_id,
    }
}

fn respond(response: HttpResponse) -> Response<Body> {
    let mut builder = Response::builder().status(response.status);
    for (name, value) in &response.headers {
        builder = builder.header(*name, value);
    }
    let body = String::from_utf8(response.body.into()).unwrap_or_default();
    builder.body(Body::Text(body)).unwrap_or_else(|_| {
        let mut empty = Response::new(Body::Empty);
        *empty.status_mut() = http::StatusCode::INTERNAL_SERVER_ERROR;
        empty
    })
}
