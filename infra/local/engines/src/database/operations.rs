//! From the name of an operation and its JSON to the engine and back.

use dynoxide::{Database as Engine, DynoxideError};
use http::StatusCode;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};

/// Names the operations once: each calls the method of that name.
macro_rules! operations {
    ($engine:ident, $name:ident, $request:ident: $($operation:literal => $method:ident),+ $(,)?) => {
        match $name {
            $($operation => call($request, |request| $engine.$method(request)),)+
            _ => return unknown(),
        }
    };
}

/// Carries out one operation: status and body.
pub(super) fn run(engine: &Engine, name: &str, request: Value) -> (StatusCode, Value) {
    let outcome = operations!(engine, name, request:
        "GetItem" => get_item,
        "PutItem" => put_item,
        "UpdateItem" => update_item,
        "DeleteItem" => delete_item,
        "Query" => query,
        "Scan" => scan,
        "BatchGetItem" => batch_get_item,
        "BatchWriteItem" => batch_write_item,
        "TransactGetItems" => transact_get_items,
        "TransactWriteItems" => transact_write_items,
        "CreateTable" => create_table,
        "DeleteTable" => delete_table,
        "DescribeTable" => describe_table,
        "ListTables" => list_tables,
        "UpdateTable" => update_table,
        "DescribeTimeToLive" => describe_time_to_live,
        "UpdateTimeToLive" => update_time_to_live,
        "ListStreams" => list_streams,
        "DescribeStream" => describe_stream,
        "GetShardIterator" => get_shard_iterator,
        "GetRecords" => get_records,
    );
    match outcome {
        Ok(answer) => (StatusCode::OK, answer),
        Err(error) => {
            let status = StatusCode::from_u16(error.status_code()).unwrap_or(StatusCode::BAD_REQUEST);
            if status.is_server_error() {
                tracing::error!(%error, name, "the database could not answer");
            }
            (status, serde_json::from_str(&error.to_json()).unwrap_or_default())
        }
    }
}

fn call<R: DeserializeOwned, A: Serialize>(
    request: Value,
    operation: impl FnOnce(R) -> dynoxide::Result<A>,
) -> dynoxide::Result<Value> {
    let request = serde_json::from_value(request).map_err(|error| unreadable(&error.to_string()))?;
    serde_json::to_value(&operation(request)?).map_err(|error| DynoxideError::InternalServerError(error.to_string()))
}

/// A request that is not of its operation's shape. The engine marks what DynamoDB validates.
fn unreadable(reason: &str) -> DynoxideError {
    for mark in ["VALIDATION:", "VALIDATION_REQUEST:", "VALIDATION_AS_READ:"] {
        if let Some(reason) = reason.strip_prefix(mark) {
            return DynoxideError::ValidationException(reason.to_owned());
        }
    }
    if reason.starts_with("missing field") || reason.contains("AttributeValue") {
        return DynoxideError::ValidationException(reason.to_owned());
    }
    DynoxideError::SerializationException(reason.to_owned())
}

fn unknown() -> (StatusCode, Value) {
    (StatusCode::BAD_REQUEST, json!({"__type": "com.amazon.coral.service#UnknownOperationException"}))
}
