//! infra/events/: for each function an event as its trigger would deliver it, for
//! `sam local invoke -e infra/events/NAME.json LOGICAL_ID`.

use serde_json::{Map, Value, json};
use shared::api::{Idempotency, Trigger, caller::Access, host::EndpointFace};

use super::{Function, GenerateError, Generated, Inventory, name::Name, openapi};

/// The moment of every sample: 2026-11-21T09:00:00Z, in milliseconds since 1970.
const TIME_MS: i64 = 1_795_251_600_000;

/// One event for each function.
///
/// # Errors
/// When the OpenAPI document, from which the bodies come, cannot be made.
pub fn files(inventory: &Inventory) -> Result<Vec<Generated>, GenerateError> {
    let document = openapi::document(inventory)?;
    let mut files = Vec::new();
    for function in inventory.functions() {
        let Some(name) = Name::of(function.id()) else { continue };
        let event = match function {
            Function::Endpoint(endpoint) => request(endpoint, &document),
            Function::Job(job) => match job.route.trigger {
                Trigger::EveryMinutes(_) => json!({ "time": "2026-11-21T09:00:00Z" }),
                Trigger::NewItems(kind) => new_item(kind.as_str()),
                Trigger::Upload => upload(),
                Trigger::Events { source, detail_types } => bus_event(source, detail_types),
            },
        };
        files.push(Generated::new(format!("infra/events/{}.json", name.binary()), openapi::pretty(&event)));
    }
    Ok(files)
}

/// Payload format 2.0 (API Gateway Developer Guide, "Create AWS Lambda proxy integrations for HTTP APIs").
fn request(endpoint: &EndpointFace, document: &Value) -> Value {
    let route = &endpoint.route;
    let (body, values) = openapi::sample(document, route.path, route.method);
    let mut headers = json!({
        "accept-language": "en",
        "host": "example.execute-api.ap-northeast-2.amazonaws.com",
        "user-agent": "sam-local",
    });
    let mut path = route.path.to_owned();
    let mut path_parameters = Map::new();
    let mut query = Vec::new();
    for (place, name, value) in values {
        match place.as_str() {
            "path" => {
                path = path.replace(&format!("{{{name}}}"), &value);
                path_parameters.insert(name, json!(value));
            }
            "query" => query.push(format!("{name}={value}")),
            _ => {}
        }
    }
    if let Some(fields) = headers.as_object_mut() {
        if body.is_some() {
            fields.insert("content-type".to_owned(), json!("application/json"));
        }
        if route.idempotency == Idempotency::Required {
            fields.insert("idempotency-key".to_owned(), json!("8e03978e-40d5-43dd-bc93-6894a57f9324"));
        }
        match endpoint.access {
            Access::User | Access::StoreMember | Access::StoreOwner | Access::Admin => {
                fields.insert("authorization".to_owned(), json!("Bearer TOKEN_FROM_SIGN_IN"));
            }
            Access::UserOrGuest => {
                fields.insert("order-secret".to_owned(), json!("SECRET_FROM_CHECKOUT"));
            }
            Access::Public | Access::PublicOrUser | Access::SameSite | Access::Hint | Access::Signed => {}
        }
    }
    let route_key =
        if route.is_default() { route.path.to_owned() } else { format!("{} {}", route.method.as_str(), route.path) };
    let raw_path = if route.is_default() { "/api/nothing".to_owned() } else { format!("/api{path}") };
    let mut event = json!({
        "version": "2.0",
        "routeKey": route_key,
        "rawPath": raw_path,
        "rawQueryString": query.join("&"),
        "headers": headers,
        "requestContext": {
            "accountId": "000000000000",
            "apiId": "example",
            "domainName": "example.execute-api.ap-northeast-2.amazonaws.com",
            "domainPrefix": "example",
            "http": {
                "method": route.method.as_str(), "path": raw_path, "protocol": "HTTP/1.1",
                "sourceIp": "203.0.113.7", "userAgent": "sam-local",
            },
            "requestId": "JKJaXmPLvHcESHA=",
            "routeKey": route_key,
            "stage": "api",
            "time": "21/Nov/2026:09:00:00 +0000",
            "timeEpoch": TIME_MS,
        },
        "isBase64Encoded": false,
    });
    if let Some(fields) = event.as_object_mut() {
        if !path_parameters.is_empty() {
            fields.insert("pathParameters".to_owned(), Value::Object(path_parameters));
        }
        if let Some(body) = body {
            fields.insert("body".to_owned(), json!(body.to_string()));
        }
    }
    event
}

/// An S3 notification (S3 User Guide, "Event message structure", version 2.1).
fn upload() -> Value {
    json!({ "Records": [{
        "eventVersion": "2.1",
        "eventSource": "aws:s3",
        "awsRegion": "ap-northeast-2",
        "eventTime": "2026-11-21T09:00:00.000Z",
        "eventName": "ObjectCreated:Put",
        "s3": {
            "s3SchemaVersion": "1.0",
            "bucket": { "name": "jangteo-uploads-000000000000", "arn": "arn:aws:s3:::jangteo-uploads-000000000000" },
            "object": { "key": "raw/med_01jd7c3v1h8k2m4n6p8q0r2s4t", "size": 183_204, "sequencer": "0055AED6DCD90281E5" },
        },
    }] })
}

/// An event of the account's bus (EventBridge User Guide). The detail is that of a bounce, as SES
/// writes it ("Examples of event data").
fn bus_event(source: &str, detail_types: &[&str]) -> Value {
    json!({
        "version": "0",
        "id": "6a7e8feb-b491-4cf7-a9f1-bf3703467718",
        "detail-type": detail_types.first(),
        "source": source,
        "account": "000000000000",
        "time": "2026-11-21T09:00:00Z",
        "region": "ap-northeast-2",
        "resources": ["arn:aws:ses:ap-northeast-2:000000000000:configuration-set/jangteo-mail"],
        "detail": {
            "eventType": "Bounce",
            "bounce": {
                "bounceType": "Permanent",
                "bounceSubType": "General",
                "bouncedRecipients": [{ "emailAddress": "bounce@simulator.amazonses.com", "action": "failed", "status": "5.1.1" }],
                "timestamp": "2026-11-21T09:00:00.000Z",
                "feedbackId": "0100017c44f053b0-61b59c11-9236-11e6-8f96-7be8aexample-000000",
            },
            "mail": {
                "timestamp": "2026-11-21T08:59:59.000Z",
                "messageId": "0100017c44f051a0-example-000000",
                "destination": ["bounce@simulator.amazonses.com"],
                "tags": { "ses:configuration-set": ["jangteo-mail"] },
            },
        },
    })
}

/// A record of the table's stream (DynamoDB Streams API, `Record`). What the item holds besides its
/// kind is for the function to say; a sample that is right in detail comes out of the local cloud.
fn new_item(kind: &str) -> Value {
    json!({ "Records": [{
        "eventID": "c4ca4238a0b923820dcc509a6f75849b",
        "eventName": "INSERT",
        "eventVersion": "1.1",
        "eventSource": "aws:dynamodb",
        "awsRegion": "ap-northeast-2",
        "dynamodb": {
            "ApproximateCreationDateTime": TIME_MS.checked_div(1000).unwrap_or_default(),
            "NewImage": { "kind": { "S": kind }, "v": { "N": "1" } },
            "SequenceNumber": "4421584500000000017450439091",
            "StreamViewType": "NEW_AND_OLD_IMAGES",
        },
    }] })
}
