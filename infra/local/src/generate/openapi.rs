//! infra/api/openapi.json (OpenAPI 3.1): every route, with every status and every error as a named
//! example.

use domain::Member;
use schemars::{SchemaGenerator, generate::SchemaSettings};
use serde_json::{Map, Value, json};
use shared::{
    api::{
        Idempotency, Method, Touch,
        caller::Access,
        host::EndpointFace,
        problem::{Problem, status_of},
    },
    store::Kind,
};

use super::{GenerateError, Generated, Inventory, errors, example};

/// The document as a file.
///
/// # Errors
/// When a path parameter is not a field of its request.
pub fn file(inventory: &Inventory) -> Result<Generated, GenerateError> {
    Ok(Generated::new("infra/api/openapi.json", pretty(&document(inventory)?)))
}

/// JSON for people and for diffs: keys sorted, whatever order the parts came in.
#[must_use]
pub fn pretty(value: &Value) -> String {
    let mut text = serde_json::to_string_pretty(&sorted(value)).unwrap_or_default();
    text.push('\n');
    text
}

fn sorted(value: &Value) -> Value {
    match value {
        Value::Object(fields) => {
            let mut names: Vec<&String> = fields.keys().collect();
            names.sort_unstable();
            let fields = names.into_iter().filter_map(|name| Some((name.clone(), sorted(fields.get(name)?))));
            Value::Object(fields.collect())
        }
        Value::Array(items) => Value::Array(items.iter().map(sorted).collect()),
        other => other.clone(),
    }
}

/// The links of Rust's documentation lead nowhere outside of it: of ``[`Money`]`` the name stays.
fn without_links(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            if let Some(Value::String(text)) = fields.get_mut("description") {
                *text = text.replace("[`", "`").replace("`]", "`");
            }
            fields.values_mut().for_each(without_links);
        }
        Value::Array(items) => items.iter_mut().for_each(without_links),
        _ => {}
    }
}

/// A generator whose references lead to the document's components.
#[must_use]
pub fn generator() -> SchemaGenerator {
    let mut settings = SchemaSettings::draft2020_12();
    settings.definitions_path = "/components/schemas".into();
    settings.meta_schema = None;
    settings.into_generator()
}

/// The document.
///
/// # Errors
/// When a path parameter is not a field of its request.
pub fn document(inventory: &Inventory) -> Result<Value, GenerateError> {
    let mut generator = generator();
    let problem = generator.subschema_for::<Problem>();
    let mut paths: Map<String, Value> = Map::new();
    for endpoint in &inventory.endpoints {
        let operation = operation(endpoint, &mut generator, problem.as_value())?;
        let methods = paths.entry(endpoint.route.path).or_insert_with(|| json!({}));
        if let Some(methods) = methods.as_object_mut() {
            methods.insert(endpoint.route.method.as_str().to_ascii_lowercase(), operation);
        }
    }
    let mut schemas = generator.take_definitions(true);
    schemas.values_mut().chain(paths.values_mut()).for_each(without_links);
    give_examples(&mut paths, &schemas);
    Ok(json!({
        "openapi": "3.1.0",
        "jsonSchemaDialect": "https://json-schema.org/draft/2020-12/schema",
        "info": {
            "title": "Jangteo",
            "version": "1.0.0",
            "summary": "An open marketplace.",
            "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" },
        },
        "servers": [{ "url": "/api" }],
        "tags": inventory.services.iter().map(|name| json!({ "name": name })).collect::<Vec<_>>(),
        "paths": paths,
        "components": {
            "schemas": schemas,
            "parameters": parameters(),
            "headers": headers(),
            "securitySchemes": {
                "accessToken": {
                    "type": "http", "scheme": "bearer", "bearerFormat": "JWT",
                    "description": "The `access_token` of the answer to signing in. Lasts ten minutes.",
                },
                "orderSecret": {
                    "type": "apiKey", "in": "header", "name": "Order-Secret",
                    "description": "The `order_secret` that a guest got with the order.",
                },
            },
        },
    }))
}

fn operation(
    endpoint: &EndpointFace,
    generator: &mut SchemaGenerator,
    problem: &Value,
) -> Result<Value, GenerateError> {
    let route = &endpoint.route;
    let request = Request::of(endpoint, generator)?;
    let mut parameters = request.parameters;
    parameters.push(json!({ "$ref": "#/components/parameters/AcceptLanguage" }));
    if route.idempotency == Idempotency::Required {
        parameters.push(json!({ "$ref": "#/components/parameters/IdempotencyKey" }));
    }
    let mut operation = json!({
        "operationId": route.id,
        "summary": route.summary,
        "tags": [endpoint.service],
        "security": security(endpoint.access),
        "parameters": parameters,
        "responses": responses(endpoint, generator, problem),
    });
    if let (Some(body), Some(fields)) = (request.body, operation.as_object_mut()) {
        fields.insert(
            "requestBody".to_owned(),
            json!({ "required": true, "content": { "application/json": { "schema": body } } }),
        );
    }
    if let (true, Some(fields)) = (endpoint.access.is_webhook(), operation.as_object_mut()) {
        let body = json!({
            "description": "Whatever the provider sends. What is not understood is passed over.",
            "content": { "*/*": { "schema": {} } },
        });
        fields.insert("requestBody".to_owned(), body);
    }
    Ok(operation)
}

fn security(access: Access) -> Value {
    match access {
        Access::Public | Access::SameSite | Access::Hint | Access::Signed => json!([]),
        Access::PublicOrUser => json!([{}, { "accessToken": [] }]),
        Access::User | Access::StoreMember | Access::StoreOwner | Access::Admin => json!([{ "accessToken": [] }]),
        Access::UserOrGuest => json!([{ "accessToken": [] }, { "orderSecret": [] }]),
    }
}

/// A request, taken apart into what the path, the query and the body carry.
struct Request {
    parameters: Vec<Value>,
    body: Option<Value>,
}

impl Request {
    fn of(endpoint: &EndpointFace, generator: &mut SchemaGenerator) -> Result<Self, GenerateError> {
        let route = &endpoint.route;
        let mut schema = (endpoint.request_schema)(generator).to_value();
        let mut parameters = Vec::new();
        for name in route.path_parameters() {
            let Some(field) = take_field(&mut schema, name) else {
                return Err(GenerateError::Definition(format!(
                    "{}: {{{name}}} is in the path and not a field of the request",
                    route.id
                )));
            };
            parameters.push(parameter("path", name, field.schema, true));
        }
        if route.takes_body {
            return Ok(Self { parameters, body: Some(schema) });
        }
        let names: Vec<String> = schema
            .get("properties")
            .and_then(Value::as_object)
            .map(|all| all.keys().cloned().collect())
            .unwrap_or_default();
        for name in names {
            if let Some(field) = take_field(&mut schema, &name) {
                parameters.push(parameter("query", &name, field.schema, field.is_required));
            }
        }
        Ok(Self { parameters, body: None })
    }
}

struct Field {
    schema: Value,
    is_required: bool,
}

fn take_field(schema: &mut Value, name: &str) -> Option<Field> {
    let field = schema.get_mut("properties")?.as_object_mut()?.remove(name)?;
    let mut is_required = false;
    if let Some(required) = schema.get_mut("required").and_then(Value::as_array_mut) {
        is_required = required.iter().any(|known| known == name);
        required.retain(|known| known != name);
    }
    if let Some(fields) = schema.as_object_mut()
        && fields.get("required").and_then(Value::as_array).is_some_and(Vec::is_empty)
    {
        fields.remove("required");
    }
    Some(Field { schema: field, is_required })
}

fn parameter(place: &str, name: &str, mut schema: Value, is_required: bool) -> Value {
    let description = schema.as_object_mut().and_then(|fields| fields.remove("description"));
    let mut parameter = json!({ "in": place, "name": name, "required": is_required, "schema": schema });
    if let (Some(text), Some(fields)) = (description, parameter.as_object_mut()) {
        fields.insert("description".to_owned(), text);
    }
    parameter
}

fn responses(endpoint: &EndpointFace, generator: &mut SchemaGenerator, problem: &Value) -> Value {
    let mut responses: Map<String, Value> = Map::new();
    let reply = (endpoint.reply_schema)(generator).to_value();
    for status in endpoint.statuses {
        let mut headers = json!({ "X-Request-Id": { "$ref": "#/components/headers/RequestId" } });
        if endpoint.route.idempotency == Idempotency::Required {
            add(&mut headers, "Idempotency-Replayed", json!({ "$ref": "#/components/headers/IdempotencyReplayed" }));
        }
        add_rate_limits(endpoint, &mut headers);
        let mut answer = json!({ "description": meaning(*status), "headers": headers });
        if !matches!(status, 204 | 303) {
            add(&mut answer, "content", json!({ "application/json": { "schema": reply } }));
        }
        responses.insert(status.to_string(), answer);
    }
    for code in errors::of(endpoint) {
        let status = status_of(code.class);
        let response = responses.entry(status.to_string()).or_insert_with(|| refusal(endpoint, status, problem));
        if let Some(examples) = response.pointer_mut("/content/application~1problem+json/examples") {
            let value = json!(errors::example(&code));
            add(examples, code.code, json!({ "summary": code.title, "description": code.advice, "value": value }));
        }
        if let Some(schema) = response.pointer_mut("/content/application~1problem+json/schema") {
            for member in code.members {
                describe(schema, member);
            }
        }
    }
    Value::Object(responses)
}

/// Whoever counts says so.
fn add_rate_limits(endpoint: &EndpointFace, headers: &mut Value) {
    if endpoint.route.touches.contains(&Touch::Update(Kind::LIMIT_COUNTER)) {
        add(headers, "RateLimit-Policy", json!({ "$ref": "#/components/headers/RateLimitPolicy" }));
        add(headers, "RateLimit", json!({ "$ref": "#/components/headers/RateLimit" }));
    }
}

/// Says of a refusal's schema what a member of its own looks like. Another code with the same status
/// may lack it, so it is not required.
fn describe(schema: &mut Value, member: &Member) {
    let known = schema.get_mut("properties").and_then(Value::as_object_mut);
    let described = json!({ "type": "string", "description": member.description, "enum": member.values });
    match known {
        Some(properties) => drop(properties.insert(member.name.to_owned(), described)),
        None => *schema = json!({ "allOf": [schema.take()], "properties": { member.name: described } }),
    }
}

fn refusal(endpoint: &EndpointFace, status: u16, problem: &Value) -> Value {
    let mut headers = json!({
        "X-Request-Id": { "$ref": "#/components/headers/RequestId" },
        "Content-Language": { "$ref": "#/components/headers/ContentLanguage" },
    });
    if matches!(status, 409 | 429 | 503) {
        add(&mut headers, "Retry-After", json!({ "$ref": "#/components/headers/RetryAfter" }));
    }
    if status == 429 {
        add_rate_limits(endpoint, &mut headers);
    }
    if status == 401 {
        add(&mut headers, "WWW-Authenticate", json!({ "$ref": "#/components/headers/Authenticate" }));
    }
    json!({
        "description": meaning(status),
        "headers": headers,
        "content": { "application/problem+json": { "schema": problem, "examples": {} } },
    })
}

fn add(object: &mut Value, name: &str, value: Value) {
    if let Some(fields) = object.as_object_mut() {
        fields.insert(name.to_owned(), value);
    }
}

const fn meaning(status: u16) -> &'static str {
    match status {
        200 => "Here it is, or it is done.",
        201 => "It was made.",
        202 => "It was taken and is not yet known to be done.",
        204 => "It is done.",
        303 => "Go on there.",
        400 => "The request itself is wrong.",
        401 => "Sign in, or what was shown does not hold.",
        402 => "The payment provider refused the money.",
        403 => "Not allowed.",
        404 => "There is no such thing, or none that the caller may know of.",
        405 => "The address does not take this method.",
        409 => "The present state does not allow it.",
        410 => "It is gone for good.",
        413 => "The body is too large.",
        415 => "The body is not declared as JSON.",
        422 => "Well-formed, and contradicts what is stored.",
        429 => "Too many requests.",
        500 => "A fault on our side.",
        503 => "A fault that passes by itself.",
        _ => "See the examples.",
    }
}

fn parameters() -> Value {
    json!({
        "AcceptLanguage": {
            "in": "header", "name": "Accept-Language", "required": false,
            "description": "The language of texts for people: `ko` or `en`. Anything else is English.",
            "schema": { "type": "string", "examples": ["ko"] },
        },
        "IdempotencyKey": {
            "in": "header", "name": "Idempotency-Key", "required": true,
            "description": "A fresh random key for each new request, the same key for each retry of it. Remembered for a day.",
            "schema": {
                "type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]{1,255}$",
                "examples": ["8e03978e-40d5-43dd-bc93-6894a57f9324"],
            },
        },
    })
}

fn headers() -> Value {
    json!({
        "RequestId": { "description": "The id of the request.", "schema": { "type": "string" } },
        "ContentLanguage": { "description": "The language of the texts.", "schema": { "type": "string", "enum": ["en", "ko"] } },
        "RetryAfter": { "description": "After how many seconds to try again.", "schema": { "type": "integer", "minimum": 1 } },
        "RateLimitPolicy": {
            "description": "The limits that the request was counted against: how often (`q`) in how many seconds (`w`).",
            "schema": { "type": "string", "examples": ["\"sign-in-source\";q=50;w=900"] },
        },
        "RateLimit": {
            "description": "What is left of them, where that is known: how often (`r`) within how many seconds (`t`).",
            "schema": { "type": "string", "examples": ["\"nickname-source\";r=59;t=600"] },
        },
        "Authenticate": { "description": "How to authenticate.", "schema": { "type": "string", "const": "Bearer" } },
        "IdempotencyReplayed": {
            "description": "There when the answer is that of an earlier request with the same key.",
            "schema": { "type": "string", "const": "true" },
        },
    })
}

/// Gives each body the example that follows from its schema, once all components are known.
fn give_examples(paths: &mut Map<String, Value>, schemas: &Map<String, Value>) {
    let operations = paths.values_mut().filter_map(Value::as_object_mut).flat_map(|methods| methods.values_mut());
    for operation in operations {
        let Some(media) = operation.pointer_mut("/requestBody/content/application~1json") else { continue };
        let value = example::of(media.get("schema").unwrap_or(&Value::Null), schemas);
        add(media, "example", value);
    }
}

/// The body of an operation's example, and the values of its path and required query parameters.
#[must_use]
pub fn sample(document: &Value, path: &str, method: Method) -> (Option<Value>, Vec<(String, String, String)>) {
    let empty = Map::new();
    let schemas = document.pointer("/components/schemas").and_then(Value::as_object).unwrap_or(&empty);
    let operation = document
        .get("paths")
        .and_then(|paths| paths.get(path)?.get(method.as_str().to_ascii_lowercase()))
        .unwrap_or(&Value::Null);
    let body = operation.pointer("/requestBody/content/application~1json/example").cloned();
    let text = |value: &Value, name: &str| value.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let parameters = operation.get("parameters").and_then(Value::as_array).into_iter().flatten();
    let values = parameters
        .filter(|parameter| parameter.get("required") == Some(&Value::Bool(true)))
        .map(|parameter| {
            let value = example::of(parameter.get("schema").unwrap_or(&Value::Null), schemas);
            let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            (text(parameter, "in"), text(parameter, "name"), value)
        })
        .collect();
    (body, values)
}
