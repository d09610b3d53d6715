//! The gateway: API Gateway's HTTP API, as far as the marketplace uses it.
//!
//! A request becomes the payload (format 2.0) that a function gets in AWS, and the function's answer
//! becomes a response, with the same limits and the same words when something is refused. Held to
//! the examples of the API Gateway Developer Guide by the tests.
//!
//! What it leaves out: authorizers (functions check tokens themselves), CORS (the site and the API
//! share an origin), stage variables, and more than one stage.

mod answer;
mod event;
mod routes;
mod throttle;

use std::{net::SocketAddr, sync::Arc, time::Duration};

use axum::{
    body::Body,
    http::{HeaderMap, Request, Response, StatusCode, Version},
};
use bytes::Bytes;
use engines::{Clock, Meter};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use shared::api::{Route, route::DEFAULT_ROUTE};

pub(crate) use self::routes::percent_decoded;
use self::throttle::Bucket;
pub use self::{
    answer::{refusal, response_of},
    event::{Arrival, payload},
    routes::{Match, Routes},
};
use crate::{
    ground::spawn,
    hosts::{CalledBy, Function, Host, Invocation, InvokeError, PAYLOAD_AT_MOST},
    requests::{Entry, Requests, sent_since},
    settings::Limits,
};

/// The largest request (API Gateway quotas, HTTP API: 10 MB).
pub const BODY_AT_MOST: usize = 10 * 1024 * 1024;
/// The request line and all headers together (API Gateway quotas, HTTP API: 10,240 bytes).
pub const HEADERS_AT_MOST: usize = 10_240;
/// The stage, which is the first part of the path: CloudFront sends `/api/*` here as it is.
pub const STAGE: &str = "api";

/// The gateway with the functions behind it.
#[derive(Debug)]
pub struct Gateway {
    functions: Vec<Arc<Function>>,
    /// What is called where there is no route.
    default_route: Option<Arc<Function>>,
    routes: Routes,
    host: Arc<Host>,
    clock: Clock,
    meter: Meter,
    requests: Requests,
    bucket: Bucket,
    integration_time_out: Duration,
    port: u16,
}

impl Gateway {
    pub(crate) fn new(
        functions: &[Arc<Function>],
        host: Arc<Host>,
        clock: Clock,
        meter: Meter,
        requests: Requests,
        limits: &Limits,
        port: u16,
    ) -> Self {
        let mut routed = Vec::new();
        for function in functions {
            if let CalledBy::Route { method, path } = function.called_by
                && path != DEFAULT_ROUTE
            {
                routed.push((method, path, Arc::clone(function)));
                if Route::answers_head(method, &function.touches) {
                    routed.push(("HEAD", path, Arc::clone(function)));
                }
            }
        }
        let routes = Routes::new(routed.iter().map(|(method, path, _)| (*method, *path)));
        let is_default =
            |function: &&Arc<Function>| matches!(function.called_by, CalledBy::Route { path: DEFAULT_ROUTE, .. });
        let default_route = functions.iter().find(is_default).cloned();
        let functions = routed.into_iter().map(|(.., function)| function).collect();
        Self {
            functions,
            default_route,
            routes,
            host,
            clock,
            meter,
            requests,
            bucket: Bucket::new(limits.requests_per_second, limits.burst),
            integration_time_out: Duration::from_millis(limits.integration_time_out_ms),
            port,
        }
    }

    /// Answers a request below `/api`.
    pub async fn answer(&self, request: Request<Body>, peer: SocketAddr) -> Response<Body> {
        let request_id = event::request_id();
        let answer = match self.call(request, peer, &request_id).await {
            Ok(answer) => answer,
            Err((status, message)) => refusal(status, message),
        };
        answer::with_request_id_and_date(answer, &request_id, self.clock.now())
    }

    async fn call(
        &self,
        request: Request<Body>,
        peer: SocketAddr,
        request_id: &str,
    ) -> Result<Response<Body>, (StatusCode, &'static str)> {
        if !self.bucket.take() {
            return Err((StatusCode::TOO_MANY_REQUESTS, "Too Many Requests"));
        }
        let (parts, body) = request.into_parts();
        if size_of_head(&parts.method, &parts.uri, &parts.headers) > HEADERS_AT_MOST {
            return Err((StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, "Request Header Fields Too Large"));
        }
        let path = parts.uri.path();
        let below_stage = path.strip_prefix("/api").unwrap_or(path);
        let (function, matched) =
            self.find(parts.method.as_str(), below_stage).ok_or((StatusCode::NOT_FOUND, "Not Found"))?;
        let body = read(body).await?;
        let arrival = Arrival {
            method: parts.method.as_str(),
            path,
            query: parts.uri.query().unwrap_or_default(),
            protocol: protocol(parts.version),
            headers: &parts.headers,
            body: &body,
            peer: peer.ip(),
            port: self.port,
            request_id,
            time: self.clock.now(),
        };
        let payload = payload(&arrival, &matched);
        if payload.to_string().len() > PAYLOAD_AT_MOST {
            return Err((StatusCode::PAYLOAD_TOO_LARGE, "Request Entity Too Large"));
        }
        let first_call = self.meter.next();
        let invocation = self.invoke(function, payload, request_id).await?;
        let (response, refused) = match &invocation.outcome {
            Ok(value) => match response_of(value) {
                Some(response) => (response, None),
                None => (internal_error(), Some("the answer is not one that API Gateway understands".to_owned())),
            },
            Err(error) => (internal_error(), Some(error.to_string())),
        };
        self.note(function, &arrival, &invocation, response.status(), refused, first_call);
        Ok(response)
    }

    fn find(&self, method: &str, path: &str) -> Option<(&Arc<Function>, Match)> {
        if let Some(matched) = self.routes.find(method, path) {
            return Some((self.functions.get(matched.route)?, matched));
        }
        let matched = Match { route: usize::MAX, route_key: DEFAULT_ROUTE.to_owned(), parameters: Vec::new() };
        Some((self.default_route.as_ref()?, matched))
    }

    /// Runs the function beside this request: in AWS it goes on when the client has gone away or
    /// the gateway has lost patience.
    async fn invoke(
        &self,
        function: &Arc<Function>,
        payload: serde_json::Value,
        request_id: &str,
    ) -> Result<Invocation, (StatusCode, &'static str)> {
        let (host, called, id) = (Arc::clone(&self.host), Arc::clone(function), request_id.to_owned());
        let running = spawn(async move { host.invoke(&called, payload, &id).await });
        match tokio::time::timeout(self.integration_time_out, running).await {
            Ok(Ok(invocation)) => Ok(invocation),
            Ok(Err(_)) => Err((StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error")),
            Err(_) => Err((StatusCode::SERVICE_UNAVAILABLE, "Service Unavailable")),
        }
    }

    fn note(
        &self,
        function: &Function,
        arrival: &Arrival<'_>,
        invocation: &Invocation,
        status: StatusCode,
        refused: Option<String>,
        first_call: u64,
    ) {
        let fault = refused.or_else(|| invocation.fault.clone());
        let (mails, objects) = sent_since(&self.meter, first_call, function);
        self.requests.add(Entry {
            time: arrival.time,
            request_id: arrival.request_id.to_owned(),
            operation: function.id,
            method: arrival.method.to_owned(),
            path: arrival.path.to_owned(),
            status: status.as_u16(),
            code: invocation.code.clone(),
            fault,
            duration: invocation.duration,
            memory_mb: function.memory_mb,
            through_gateway: true,
            usage: invocation.usage.clone(),
            mails,
            objects_put: objects,
        });
    }
}

/// What API Gateway says of a function that failed, was ended, or answered nonsense.
fn internal_error() -> Response<Body> {
    refusal(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error")
}

async fn read(body: Body) -> Result<Bytes, (StatusCode, &'static str)> {
    match Limited::new(body, BODY_AT_MOST).collect().await {
        Ok(body) => Ok(body.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => {
            Err((StatusCode::PAYLOAD_TOO_LARGE, "Request Entity Too Large"))
        }
        Err(_) => Err((StatusCode::BAD_REQUEST, "Bad Request")),
    }
}

/// The size of the request line and the headers as HTTP/1.1 writes them.
fn size_of_head(method: &axum::http::Method, uri: &axum::http::Uri, headers: &HeaderMap) -> usize {
    let target = uri.path_and_query().map_or(1, |target| target.as_str().len());
    // Two spaces, "HTTP/1.1" and the end of the line; ": " and the end of each line.
    let line = method.as_str().len().saturating_add(target).saturating_add(12);
    headers.iter().fold(line, |size, (name, value)| {
        size.saturating_add(name.as_str().len()).saturating_add(value.len()).saturating_add(4)
    })
}

const fn protocol(version: Version) -> &'static str {
    match version {
        Version::HTTP_10 => "HTTP/1.0",
        Version::HTTP_2 => "HTTP/2.0",
        _ => "HTTP/1.1",
    }
}

impl InvokeError {
    /// Whether calling again may help: the function was ended or broke, it was not refused.
    #[must_use]
    pub const fn may_pass(&self) -> bool {
        !matches!(self, Self::TooLarge(_))
    }
}
