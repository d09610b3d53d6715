//! Mail and parameters behind the front.

use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode, request::Parts};
use serde_json::{Value, json};

use super::{ConnectionClosed, Front, JsonAnswer, WRONG_SIGNATURE, caller::Caller, header_text};
use crate::{
    Engine, FaultKind,
    mail::{self, MailError},
    meter::Call,
    permissions::{LOCAL_ACCOUNT, refusal},
    secrets,
};

const JSON: &str = "application/json";
const JSON_1_1: &str = "application/x-amz-json-1.1";

impl Front {
    pub(super) async fn answer_mail(
        &self,
        caller: &Caller,
        parts: &Parts,
        body: &Bytes,
        call: &mut Call,
    ) -> Result<JsonAnswer, ConnectionClosed> {
        if parts.method != Method::POST || parts.uri.path() != "/v2/email/outbound-emails" {
            call.operation = format!("{} {}", parts.method, parts.uri.path());
            let message = "the local mail service sends messages and does nothing else".to_owned();
            return Ok(mail_refusal(&MailError { status: StatusCode::NOT_FOUND, kind: "NotFoundException", message }));
        }
        "SendEmail".clone_into(&mut call.operation);
        call.demands = mail::demands_of(body);
        if let Some((kind, message)) = self.refusal_of(caller, call, "ses") {
            return Ok(mail_refusal(&MailError { status: StatusCode::FORBIDDEN, kind, message }));
        }
        let fault = self.fault(Engine::Mail, call, mail_can_fail).await?;
        if let Some(error) = fault.and_then(MailError::of_fault) {
            return Ok(mail_refusal(&error));
        }
        let answer = match self.mailbox.send(body, call.at) {
            Ok(answer) => JsonAnswer::new(StatusCode::OK, JSON, &answer),
            Err(error) => mail_refusal(&error),
        };
        if fault == Some(FaultKind::TimeOutAfterApply) { Err(ConnectionClosed) } else { Ok(answer) }
    }

    pub(super) async fn answer_secrets(
        &self,
        caller: &Caller,
        headers: &HeaderMap,
        body: &Bytes,
        call: &mut Call,
    ) -> Result<JsonAnswer, ConnectionClosed> {
        let target = header_text(headers, "x-amz-target").unwrap_or_default();
        target.trim_start_matches("AmazonSSM.").clone_into(&mut call.operation);
        let request: Value = serde_json::from_slice(body).unwrap_or_default();
        call.demands = secrets::demands_of(&call.operation, &request);
        if let Some((kind, message)) = self.refusal_of(caller, call, "ssm") {
            let refused = json!({"__type": kind, "Message": message});
            return Ok(JsonAnswer::new(StatusCode::BAD_REQUEST, JSON_1_1, &refused));
        }
        let (status, answer) = match self.fault(Engine::Secrets, call, secrets_can_fail).await? {
            Some(FaultKind::Throttle) => {
                (StatusCode::BAD_REQUEST, json!({"__type": "ThrottlingException", "message": "Rate exceeded"}))
            }
            Some(FaultKind::ServerError) => {
                let message = "An error occurred on the server side.";
                (StatusCode::INTERNAL_SERVER_ERROR, json!({"__type": "InternalServerError", "message": message}))
            }
            Some(FaultKind::TimeOutAfterApply) => return Err(ConnectionClosed),
            _ => self.secrets.answer(&call.operation, &request),
        };
        Ok(JsonAnswer::new(status, JSON_1_1, &answer))
    }

    /// Why the caller is refused, as code and words; nothing when it is not.
    fn refusal_of(&self, caller: &Caller, call: &Call, service: &str) -> Option<(&'static str, String)> {
        let Some(access_key) = &caller.access_key else {
            return Some(("MissingAuthenticationTokenException", "Missing Authentication Token".to_owned()));
        };
        if !self.permissions.knows(access_key) {
            let message = "The security token included in the request is invalid.".to_owned();
            return Some(("UnrecognizedClientException", message));
        }
        if !caller.is_signed {
            return Some(("InvalidSignatureException", WRONG_SIGNATURE.to_owned()));
        }
        let demand = call.demands.iter().find(|demand| !self.permissions.allows(access_key, demand))?;
        let arn = format!("arn:aws:{service}:{}:{LOCAL_ACCOUNT}:{}", caller.region, demand.resource);
        Some(("AccessDeniedException", refusal(access_key, demand, &arn)))
    }
}

fn mail_refusal(error: &MailError) -> JsonAnswer {
    let body = Bytes::from(json!({"message": error.message}).to_string());
    JsonAnswer { status: error.status, content_type: JSON, body, error: Some(error.kind.to_owned()) }
}

fn mail_can_fail(kind: FaultKind) -> bool {
    matches!(kind, FaultKind::Reject | FaultKind::BadRequest) || secrets_can_fail(kind)
}

fn secrets_can_fail(kind: FaultKind) -> bool {
    matches!(
        kind,
        FaultKind::Throttle
            | FaultKind::ServerError
            | FaultKind::TimeOutBefore
            | FaultKind::TimeOutAfterApply
            | FaultKind::SlowMs(_)
    )
}
