//! S3 behind the front: bodies are passed through as streams; who may do what is decided inside,
//! where the signature has been checked.

use std::time::Duration;

use http::{HeaderMap, Request, header};
use http_body_util::BodyExt as _;
use hyper::body::Incoming;

use super::{Answer, ConnectionClosed, Front, header_text};
use crate::{FaultKind, meter::Call, objects::Trace};

impl Front {
    pub(super) async fn answer_objects(
        &self,
        request: Request<Incoming>,
        call: &mut Call,
    ) -> Result<Answer, ConnectionClosed> {
        let origin = request.headers().get(header::ORIGIN).cloned();
        call.bytes_in = content_length(request.headers());
        let trace = Trace::default();
        let mut request = request.map(s3s::Body::from);
        request.extensions_mut().insert(trace.clone());
        let answered = self.objects.service().call(request).await;
        let traced = trace.read();
        call.operation = traced.operation;
        call.demands = traced.demands;
        call.fault = traced.fault;
        match traced.fault {
            Some(FaultKind::TimeOutBefore | FaultKind::TimeOutAfterApply) => return Err(ConnectionClosed),
            Some(FaultKind::SlowMs(milliseconds)) => {
                tokio::time::sleep(Duration::from_millis(u64::from(milliseconds))).await;
            }
            _ => {}
        }
        let mut answer = answered.map_err(|error| {
            tracing::warn!(?error, "the object store gave up a request");
            ConnectionClosed
        })?;
        if let Some(origin) = &origin {
            self.objects.allow(origin, answer.headers_mut());
        }
        call.bytes_out = content_length(answer.headers());
        Ok(answer.map(|body| body.map_err(Into::into).boxed_unsync()))
    }
}

fn content_length(headers: &HeaderMap) -> u64 {
    header_text(headers, header::CONTENT_LENGTH.as_str()).and_then(|length| length.parse().ok()).unwrap_or(0)
}
