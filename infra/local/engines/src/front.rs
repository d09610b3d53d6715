//! The AWS port: one HTTP server in front of all engines.
//!
//! It tells the engines apart as AWS's hosts would (by `x-amz-target`, by SES's path, and S3 for
//! the rest), the callers by the access key that they sign with, refuses what is not signed with the
//! secret of this run and what the caller may not do, makes fail what the plan of faults says, and
//! meters every call.

mod caller;
mod database;
mod objects;
mod services;
mod signature;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Request, Response, StatusCode, header, request::Parts};
use http_body_util::{BodyExt as _, Full, Limited, combinators::UnsyncBoxBody};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinSet,
};

use crate::{
    Clock, Database, Engine, FaultKind, Faults, Mailbox, Meter, Objects, Permissions, Secrets, clock, loopback,
    meter::Call,
};

/// The header with which a caller names the request that it acts for, for the meter.
pub const REQUEST_HEADER: &str = "x-jangteo-request";

/// DynamoDB takes requests of 16 MB; SES messages of 40 MB are beyond what a function may send.
const BODY_AT_MOST: usize = 16 * 1024 * 1024;

/// What AWS says of a signature that is not right.
const WRONG_SIGNATURE: &str = "The request signature we calculated does not match the signature you provided. Check \
    your AWS Secret Access Key and signing method. Consult the service documentation for details.";

type BoxError = Box<dyn std::error::Error + Send + Sync>;
pub(crate) type Answer = Response<UnsyncBoxBody<Bytes, BoxError>>;

/// The connection is closed without an answer: hyper does that when a service fails.
#[derive(Debug, thiserror::Error)]
#[error("the connection is closed on purpose")]
pub(crate) struct ConnectionClosed;

pub(crate) struct Front {
    pub(crate) database: Database,
    pub(crate) objects: Objects,
    pub(crate) mailbox: Mailbox,
    pub(crate) secrets: Secrets,
    pub(crate) permissions: Permissions,
    pub(crate) faults: Faults,
    pub(crate) clock: Clock,
    pub(crate) meter: Meter,
    /// The port that this is.
    pub(crate) port: u16,
}

/// An answer of JSON, before it is bytes on a wire.
struct JsonAnswer {
    status: StatusCode,
    content_type: &'static str,
    body: Bytes,
    /// The provider's code when it refuses.
    error: Option<String>,
}

impl JsonAnswer {
    fn new(status: StatusCode, content_type: &'static str, body: &Value) -> Self {
        let error = (!status.is_success()).then(|| error_code(body)).flatten();
        Self { status, content_type, body: Bytes::from(body.to_string()), error }
    }
}

/// `__type` without its namespace.
fn error_code(body: &Value) -> Option<String> {
    let kind = body.get("__type")?.as_str()?;
    Some(kind.rsplit_once('#').map_or(kind, |(_, code)| code).to_owned())
}

impl Front {
    /// Serves until told to stop, then lets the running requests finish.
    pub(crate) async fn serve(self: Arc<Self>, listener: TcpListener, mut stop: watch::Receiver<bool>) {
        let mut connections = JoinSet::new();
        loop {
            tokio::select! {
                accepted = listener.accept() => match accepted {
                    Ok((stream, _)) => { connections.spawn(Arc::clone(&self).serve_connection(stream, stop.clone())); }
                    Err(error) => {
                        tracing::warn!(%error, "a connection could not be accepted");
                        tokio::time::sleep(Duration::from_millis(10)).await;
                    }
                },
                _ = stop.changed() => break,
                Some(_) = connections.join_next() => {}
            }
        }
        drop(listener);
        while connections.join_next().await.is_some() {}
    }

    async fn serve_connection(self: Arc<Self>, stream: TcpStream, mut stop: watch::Receiver<bool>) {
        let _ = stream.set_nodelay(true);
        let service = service_fn(|request| Arc::clone(&self).answer(request));
        let mut connection = std::pin::pin!(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
        let ended = tokio::select! {
            ended = connection.as_mut() => ended,
            _ = stop.changed() => {
                connection.as_mut().graceful_shutdown();
                connection.await
            }
        };
        if let Err(error) = ended {
            tracing::debug!(%error, "a connection has ended");
        }
    }

    async fn answer(self: Arc<Self>, request: Request<Incoming>) -> Result<Answer, ConnectionClosed> {
        if !loopback::is_for(request.headers(), self.port) {
            let mut refused = Response::new(whole(Bytes::from_static(loopback::REFUSAL.as_bytes())));
            *refused.status_mut() = StatusCode::MISDIRECTED_REQUEST;
            return Ok(refused);
        }
        let started = Instant::now();
        let caller = caller::of(request.headers(), request.uri());
        let engine = engine_of(&request);
        let correlation = header_text(request.headers(), REQUEST_HEADER).map(str::to_owned);
        let mut call = Call::arriving(
            self.clock.now(),
            caller.access_key.clone().unwrap_or_else(|| "anonymous".to_owned()),
            engine,
            correlation,
        );
        if engine == Engine::Objects
            && let Some(preflight) = self.objects.preflight(request.method(), request.headers())
        {
            return Ok(preflight.map(|text| whole(Bytes::from_static(text.as_bytes()))));
        }
        let answer = match engine {
            Engine::Objects => self.answer_objects(request, &mut call).await,
            _ => self.answer_json(engine, &caller, request, &mut call).await,
        };
        if let Ok(answer) = &answer {
            call.status = answer.status().as_u16();
        }
        call.duration_us = u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX);
        self.meter.record(call);
        answer
    }

    async fn answer_json(
        &self,
        engine: Engine,
        caller: &caller::Caller,
        request: Request<Incoming>,
        call: &mut Call,
    ) -> Result<Answer, ConnectionClosed> {
        let (parts, body) = request.into_parts();
        let body = match Limited::new(body, BODY_AT_MOST).collect().await {
            Ok(body) => body.to_bytes(),
            Err(error) => {
                tracing::debug!(error, "a request's body could not be read");
                return Err(ConnectionClosed);
            }
        };
        call.bytes_in = length(&body);
        let caller = &self.proven(caller, &parts, &body);
        let answer = match engine {
            Engine::Mail => self.answer_mail(caller, &parts, &body, call).await?,
            Engine::Secrets => self.answer_secrets(caller, &parts.headers, &body, call).await?,
            _ => self.answer_database(caller, &parts.headers, &body, call).await?,
        };
        call.bytes_out = length(&answer.body);
        call.error.clone_from(&answer.error);
        let mut response = Response::new(whole(answer.body));
        *response.status_mut() = answer.status;
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(answer.content_type));
        headers.extend(
            HeaderValue::from_str(&crate::random_id())
                .ok()
                .map(|id| (header::HeaderName::from_static("x-amzn-requestid"), id)),
        );
        // SES names its errors in a header, DynamoDB and the parameter store in the body.
        if let (Engine::Mail, Some(Ok(code))) = (engine, answer.error.as_deref().map(HeaderValue::from_str)) {
            headers.insert("x-amzn-errortype", code);
        }
        Ok(response)
    }

    /// The caller, if the signature is right.
    fn proven(&self, caller: &caller::Caller, parts: &Parts, body: &[u8]) -> caller::Caller {
        let secret = self.permissions.secret();
        let is_signed = signature::is_right(caller, parts, body, secret, clock::machine_now());
        caller::Caller { is_signed, ..caller.clone() }
    }

    /// What the plan of faults says about this call; waits and closes the connection itself.
    async fn fault(
        &self,
        engine: Engine,
        call: &mut Call,
        possible: impl Fn(FaultKind) -> bool,
    ) -> Result<Option<FaultKind>, ConnectionClosed> {
        let fault = self.faults.decide_where(engine, &call.operation, possible);
        call.fault = fault;
        match fault {
            Some(FaultKind::TimeOutBefore) => Err(ConnectionClosed),
            Some(FaultKind::SlowMs(milliseconds)) => {
                tokio::time::sleep(Duration::from_millis(u64::from(milliseconds))).await;
                Ok(fault)
            }
            _ => Ok(fault),
        }
    }
}

/// Which engine a request is for.
fn engine_of<B>(request: &Request<B>) -> Engine {
    match header_text(request.headers(), "x-amz-target") {
        Some(target) if target.starts_with("AmazonSSM.") => Engine::Secrets,
        Some(_) => Engine::Database,
        None if request.uri().path().starts_with("/v2/email/") => Engine::Mail,
        None => Engine::Objects,
    }
}

fn header_text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

fn whole(bytes: Bytes) -> UnsyncBoxBody<Bytes, BoxError> {
    Full::new(bytes).map_err(|never| match never {}).boxed_unsync()
}

fn length(bytes: &Bytes) -> u64 {
    u64::try_from(bytes.len()).unwrap_or(u64::MAX)
}
