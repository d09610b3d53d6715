//! DynamoDB behind the front: permissions, faults, capacity, the stale index.

use http::{HeaderMap, StatusCode};
use serde_json::{Value, json};

use super::{ConnectionClosed, Front, JsonAnswer, WRONG_SIGNATURE, caller::Caller, error_code, header_text};
use crate::{
    Engine, FaultKind,
    database::{answer_of_fault, can_fail},
    meter::{Call, Units},
    permissions::{LOCAL_ACCOUNT, demands_of, refusal},
};

const JSON: &str = "application/x-amz-json-1.0";

/// The operations that can report what they consumed.
const REPORTING: [&str; 10] = [
    "GetItem",
    "PutItem",
    "UpdateItem",
    "DeleteItem",
    "Query",
    "Scan",
    "BatchGetItem",
    "BatchWriteItem",
    "TransactGetItems",
    "TransactWriteItems",
];

impl Front {
    pub(super) async fn answer_database(
        &self,
        caller: &Caller,
        headers: &HeaderMap,
        body: &[u8],
        call: &mut Call,
    ) -> Result<JsonAnswer, ConnectionClosed> {
        let target = header_text(headers, "x-amz-target").unwrap_or_default();
        target.rsplit('.').next().unwrap_or_default().clone_into(&mut call.operation);
        let mut request: Value = serde_json::from_slice(body).unwrap_or_default();
        call.demands = demands_of(&call.operation, &request, &self.database.keys());
        if let Some(refused) = self.refuse(caller, call) {
            return Ok(JsonAnswer::new(StatusCode::BAD_REQUEST, JSON, &refused));
        }
        let operation = call.operation.clone();
        let fault = self.fault(Engine::Database, call, |kind| can_fail(kind, &operation, &request)).await?;
        if let Some((status, answer)) = fault.and_then(|kind| answer_of_fault(kind, &operation, &request)) {
            return Ok(JsonAnswer::new(status, JSON, &answer));
        }
        for ignored in self.database.ignored_conditions() {
            ignored.apply(&mut request);
        }
        let asked = request.get("ReturnConsumedCapacity").and_then(Value::as_str).is_some_and(|mode| mode != "NONE");
        let reports = REPORTING.contains(&operation.as_str());
        if let (Some(members), true, false) = (request.as_object_mut(), reports, asked) {
            members.insert("ReturnConsumedCapacity".to_owned(), json!("INDEXES"));
        }
        let wanted = (fault == Some(FaultKind::StaleIndex)).then(|| request.clone());
        let (status, mut answer) = self.database.answer(&operation, request).await;
        if status.is_success() {
            measure(&operation, &answer, call);
            if is_write(&operation) {
                self.database.has_been_written();
            }
            if let Some(request) = wanted {
                make_stale(&mut answer, self.database.stale_answer(&request));
            }
            if let (false, Some(members)) = (asked, answer.as_object_mut()) {
                members.remove("ConsumedCapacity");
            }
        }
        if fault == Some(FaultKind::TimeOutAfterApply) {
            return Err(ConnectionClosed);
        }
        Ok(JsonAnswer { error: error_code(&answer), ..JsonAnswer::new(status, JSON, &answer) })
    }

    /// The refusal of a caller that is not known or may not do this.
    fn refuse(&self, caller: &Caller, call: &Call) -> Option<Value> {
        let of_type = |code: &str, message: String| json!({"__type": code, "Message": message});
        let Some(access_key) = &caller.access_key else {
            let message = "Request is missing Authentication Token".to_owned();
            return Some(of_type("com.amazon.coral.service#MissingAuthenticationTokenException", message));
        };
        if !self.permissions.knows(access_key) {
            let message = "The security token included in the request is invalid.".to_owned();
            return Some(of_type("com.amazon.coral.service#UnrecognizedClientException", message));
        }
        if !caller.is_signed {
            return Some(of_type("com.amazon.coral.service#InvalidSignatureException", WRONG_SIGNATURE.to_owned()));
        }
        let demand = call.demands.iter().find(|demand| !self.permissions.allows(access_key, demand))?;
        let arn = format!("arn:aws:dynamodb:{}:{LOCAL_ACCOUNT}:{}", caller.region, demand.resource);
        let message = refusal(access_key, demand, &arn);
        Some(of_type("com.amazon.coral.service#AccessDeniedException", message))
    }
}

/// Puts the items of the past into the answer; what was consumed stays.
fn make_stale(answer: &mut Value, stale: Option<Value>) {
    let (Some(answer), Some(Value::Object(mut stale))) = (answer.as_object_mut(), stale) else { return };
    stale.remove("ConsumedCapacity");
    answer.remove("LastEvaluatedKey");
    answer.extend(stale);
}

fn is_write(operation: &str) -> bool {
    matches!(operation, "PutItem" | "UpdateItem" | "DeleteItem" | "BatchWriteItem" | "TransactWriteItems")
}

/// Adds what the engine reports, which is one report or a list of them, a table each.
fn measure(operation: &str, answer: &Value, call: &mut Call) {
    let reports = match answer.get("ConsumedCapacity") {
        Some(Value::Array(reports)) => reports.iter().collect(),
        Some(report) => vec![report],
        None => Vec::new(),
    };
    for report in reports {
        let units = |name: &str| report.get(name).map(Units::read);
        let total = units("CapacityUnits").unwrap_or_default();
        let (read, write) = match (units("ReadCapacityUnits"), units("WriteCapacityUnits")) {
            (None, None) if is_write(operation) => (Units::ZERO, total),
            (None, None) => (total, Units::ZERO),
            (read, write) => (read.unwrap_or_default(), write.unwrap_or_default()),
        };
        call.read_units = call.read_units.plus(read);
        call.write_units = call.write_units.plus(write);
    }
}
