//! An example of a schema: what its `examples` say, or else the smallest value that it allows.

use serde_json::{Map, Value, json};

/// How deep a schema is followed; a type that contains itself ends here.
const DEPTH_MAX: usize = 12;

/// A value that the schema allows. `components` is where references lead.
#[must_use]
pub fn of(schema: &Value, components: &Map<String, Value>) -> Value {
    at(schema, components, DEPTH_MAX)
}

fn at(schema: &Value, components: &Map<String, Value>, depth: usize) -> Value {
    let Some(deeper) = depth.checked_sub(1) else { return Value::Null };
    if let Some(value) = stated(schema) {
        return value;
    }
    if let Some(target) = schema.get("$ref").and_then(Value::as_str) {
        let name = target.rsplit('/').next().unwrap_or_default();
        return components.get(name).map_or(Value::Null, |schema| at(schema, components, deeper));
    }
    for choice in ["anyOf", "oneOf", "allOf"] {
        if let Some(first) = schema.get(choice).and_then(Value::as_array).and_then(|all| all.first()) {
            return at(first, components, deeper);
        }
    }
    let kind = schema.get("type");
    let kind = kind.and_then(|kind| kind.as_str().or_else(|| kind.as_array()?.first()?.as_str()));
    let least = |name: &str| schema.get(name).and_then(Value::as_u64);
    match kind {
        Some("object") => object(schema, components, deeper),
        Some("array") => {
            let item = schema.get("items").map_or(Value::Null, |items| at(items, components, deeper));
            let count = usize::try_from(least("minItems").unwrap_or(1).max(1)).unwrap_or(1);
            Value::Array(vec![item; count])
        }
        Some("integer" | "number") => json!(least("minimum").unwrap_or(1)),
        Some("boolean") => json!(true),
        Some("string") => {
            let wanted = usize::try_from(least("minLength").unwrap_or(1)).unwrap_or(1);
            json!("text".chars().cycle().take(wanted.max(4)).collect::<String>())
        }
        _ => Value::Null,
    }
}

fn stated(schema: &Value) -> Option<Value> {
    let first = |name: &str| schema.get(name).and_then(Value::as_array).and_then(|all| all.first()).cloned();
    first("examples").or_else(|| schema.get("const").cloned()).or_else(|| first("enum"))
}

fn object(schema: &Value, components: &Map<String, Value>, depth: usize) -> Value {
    let required: Vec<&str> =
        schema.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect();
    let properties = schema.get("properties").and_then(Value::as_object);
    let fields = properties
        .into_iter()
        .flatten()
        .filter(|(name, _)| required.contains(&name.as_str()))
        .map(|(name, schema)| (name.clone(), at(schema, components, depth)));
    Value::Object(fields.collect())
}
