//! What DynamoDB says when it fails, spelled as the wire has it.
//!
//! Sources: "Error handling with DynamoDB" (Developer Guide) and `TransactWriteItems`,
//! `CancellationReasons` (API Reference). The engine itself never conflicts nor throttles.

use http::StatusCode;
use serde_json::{Value, json};

use crate::FaultKind;

/// Whether this operation can fail in this way.
pub(crate) fn can_fail(kind: FaultKind, operation: &str, body: &Value) -> bool {
    match kind {
        FaultKind::TransactionConflict => {
            matches!(operation, "TransactWriteItems" | "TransactGetItems" | "PutItem" | "UpdateItem" | "DeleteItem")
        }
        FaultKind::StaleIndex => operation == "Query" && body.get("IndexName").is_some(),
        FaultKind::Throttle
        | FaultKind::ServerError
        | FaultKind::TimeOutBefore
        | FaultKind::TimeOutAfterApply
        | FaultKind::SlowMs(_) => true,
        FaultKind::Duplicate
        | FaultKind::Reorder
        | FaultKind::Reject
        | FaultKind::BadRequest
        | FaultKind::Garbage
        | FaultKind::IdToken(_) => false,
    }
}

/// The answer that stands in place of the call, for the kinds that have one.
pub(crate) fn answer_of_fault(kind: FaultKind, operation: &str, body: &Value) -> Option<(StatusCode, Value)> {
    let of_type = |name: &str| format!("com.amazonaws.dynamodb.v20120810#{name}");
    match kind {
        FaultKind::TransactionConflict if operation.starts_with("Transact") => {
            let items = body.get("TransactItems").and_then(Value::as_array).map_or(1, Vec::len);
            let reasons: Vec<Value> = (0..items)
                .map(|item| match item {
                    0 => json!({"Code": "TransactionConflict", "Message": "Transaction is ongoing for the item"}),
                    _ => json!({"Code": "None"}),
                })
                .collect();
            let codes: Vec<&str> = reasons.iter().filter_map(|reason| reason.get("Code")?.as_str()).collect();
            let message = format!(
                "Transaction cancelled, please refer cancellation reasons for specific reasons [{}]",
                codes.join(", ")
            );
            let answer = json!({
                "__type": of_type("TransactionCanceledException"),
                "Message": message,
                "CancellationReasons": reasons,
            });
            Some((StatusCode::BAD_REQUEST, answer))
        }
        FaultKind::TransactionConflict => {
            let answer = json!({
                "__type": of_type("TransactionConflictException"),
                "message": "Transaction is ongoing for the item",
            });
            Some((StatusCode::BAD_REQUEST, answer))
        }
        FaultKind::Throttle => {
            let answer = json!({
                "__type": of_type("ProvisionedThroughputExceededException"),
                "message": "The level of configured provisioned throughput for the table was exceeded. \
                            Consider increasing your provisioning level with the UpdateTable API.",
            });
            Some((StatusCode::BAD_REQUEST, answer))
        }
        FaultKind::ServerError => {
            let answer = json!({"__type": of_type("InternalServerError"), "message": "Internal server error"});
            Some((StatusCode::INTERNAL_SERVER_ERROR, answer))
        }
        _ => None,
    }
}
