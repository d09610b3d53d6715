//! From the path, the query and the body to a request's type, or to a list of what is wrong.
//!
//! A request is one flat object: path parameters first, then the query (for reads) or the fields of
//! the JSON body (for everything else). Its fields are domain types whose constructors are the
//! validation. A field that the type does not know is refused, and so is one that comes twice.

use std::borrow::Cow;

use domain::language::in_both;
use serde::{
    Deserialize,
    de::{DeserializeOwned, DeserializeSeed, Deserializer, Error as _, IntoDeserializer, MapAccess, Visitor},
};
use serde_json::value::RawValue;

use super::{
    problem::{FieldProblem, RequestError},
    route::Route,
    wire::HttpRequest,
};

/// Reads a field that may be left out but must not be null: `#[serde(default, deserialize_with =
/// "present")]`. For an `Option<Option<T>>`, null is the inner `None`.
///
/// # Errors
/// When the value is none of the type's.
pub fn present<'de, T: Deserialize<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

/// A request without any field.
#[derive(Debug, Clone, Copy, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Empty {}

/// Most fields at the top of a request; more are refused before anything else is looked at.
const FIELDS_MAX: usize = 64;

/// The raw value of one field.
#[derive(Debug, Clone)]
enum Raw<'a> {
    /// From the path or the query: text that may stand for a number or a truth value.
    Text(Cow<'a, str>),
    /// From the body: JSON text.
    Json(&'a RawValue),
}

type Fields<'a> = Vec<(Cow<'a, str>, Raw<'a>)>;

/// Reads a request.
///
/// # Errors
/// Every field that is malformed is named; of missing fields the first.
pub fn read<T: DeserializeOwned>(route: &Route, http: &HttpRequest) -> Result<T, RequestError> {
    let mut fields: Fields<'_> = http
        .path_parameters
        .iter()
        .map(|(name, value)| (Cow::Borrowed(name.as_str()), Raw::Text(Cow::Borrowed(value.as_str()))))
        .collect();
    if route.takes_body {
        if !http.query.is_empty() {
            return Err(RequestError::of_field(
                "",
                "this address takes no query",
                "이 주소에는 쿼리를 붙일 수 없습니다",
            ));
        }
        fields.extend(body_fields(route, http)?);
    } else {
        fields.extend(query_fields(&http.query)?);
    }
    if fields.len() > FIELDS_MAX {
        return Err(RequestError::of_field("", "too many fields", "항목이 너무 많습니다"));
    }
    assemble(&fields)
}

fn problem(pointer: &str, detail: impl Into<String>) -> FieldProblem {
    FieldProblem { pointer: pointer.to_owned(), detail: detail.into() }
}

fn body_fields<'a>(route: &Route, http: &'a HttpRequest) -> Result<Fields<'a>, RequestError> {
    if http.body.len() > route.body_bytes_max {
        return Err(RequestError::TooLarge(route.body_bytes_max));
    }
    if !http.header("content-type").is_some_and(is_json) {
        return Err(RequestError::NotJson);
    }
    let malformed = |error: serde_json::Error| RequestError::Malformed(without_input(&error));
    let object: RawObject<'a> = serde_json::from_slice(&http.body).map_err(malformed)?;
    Ok(object.0.into_iter().map(|(name, value)| (name, Raw::Json(value))).collect())
}

/// `application/json`, with no charset other than UTF-8 (RFC 8259 §8.1).
fn is_json(content_type: &str) -> bool {
    let mut parts = content_type.split(';').map(str::trim);
    let essence = parts.next().unwrap_or_default();
    essence.eq_ignore_ascii_case("application/json")
        && parts.all(|p| {
            p.is_empty() || p.eq_ignore_ascii_case("charset=utf-8") || p.eq_ignore_ascii_case("charset=\"utf-8\"")
        })
}

/// Where the text is wrong and how, without quoting it: it may hold a password.
fn without_input(error: &serde_json::Error) -> String {
    let what = match error.classify() {
        serde_json::error::Category::Eof => "it ends too early",
        serde_json::error::Category::Io | serde_json::error::Category::Syntax => "a syntax error",
        serde_json::error::Category::Data => "not a JSON object with each field once",
    };
    format!("{what}, at line {} column {}", error.line(), error.column())
}

fn query_fields(query: &str) -> Result<Fields<'_>, RequestError> {
    let mut fields: Fields<'_> = Vec::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let (Some(name), Some(value)) = (percent_decode(name), percent_decode(value)) else {
            return Err(RequestError::of_field(
                "",
                "the query is not percent-encoded UTF-8",
                "쿼리를 읽을 수 없습니다",
            ));
        };
        if fields.iter().any(|(known, _)| *known == name) {
            return Err(RequestError::of_field(
                &pointer_to(&name),
                "is there more than once",
                "한 번만 보낼 수 있습니다",
            ));
        }
        fields.push((name, Raw::Text(value)));
    }
    Ok(fields)
}

/// Decodes `%41` and `+` (application/x-www-form-urlencoded, as browsers write queries).
fn percent_decode(text: &str) -> Option<Cow<'_, str>> {
    if !text.contains(['%', '+']) {
        return Some(Cow::Borrowed(text));
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let high = char::from(rest.next()?).to_digit(16)?;
                let low = char::from(rest.next()?).to_digit(16)?;
                u8::try_from(high.checked_mul(16)?.checked_add(low)?).ok()?
            }
            other => other,
        });
    }
    String::from_utf8(bytes).ok().map(Cow::Owned)
}

fn pointer_to(field: &str) -> String {
    format!("/{}", field.replace('~', "~0").replace('/', "~1"))
}

/// Deserializing stops at the first error, and people want to see all of them. So after a failure
/// each field gets its turn to be first; a missing field shows itself when the rest is well.
fn assemble<T: DeserializeOwned>(fields: &[(Cow<'_, str>, Raw<'_>)]) -> Result<T, RequestError> {
    let first = match T::deserialize(Object { fields, start: 0 }) {
        Ok(request) => return Ok(request),
        Err(error) => error,
    };
    let mut problems: Vec<FieldProblem> = Vec::new();
    for start in 0..fields.len() {
        if let Err(FieldError { problem }) = T::deserialize(Object { fields, start }) {
            let is_first = fields.get(start).is_some_and(|(name, _)| {
                let pointer = pointer_to(name);
                problem.pointer == pointer || problem.pointer.starts_with(&format!("{pointer}/"))
            });
            if is_first && !problems.contains(&problem) {
                problems.push(problem);
            }
        }
    }
    if problems.is_empty() {
        problems.push(first.problem);
    }
    Err(RequestError::Invalid(problems))
}

/// The top of the body: names and raw values in order, each name once.
struct RawObject<'a>(Vec<(Cow<'a, str>, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for RawObject<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Fill;
        impl<'de> Visitor<'de> for Fill {
            type Value = RawObject<'de>;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a JSON object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<RawObject<'de>, A::Error> {
                let mut fields: Vec<(Cow<'de, str>, &'de RawValue)> = Vec::new();
                while let Some((name, value)) = map.next_entry::<String, &'de RawValue>()? {
                    if fields.len() >= FIELDS_MAX || fields.iter().any(|(known, _)| *known == name) {
                        return Err(A::Error::custom("each field once"));
                    }
                    fields.push((Cow::Owned(name), value));
                }
                Ok(RawObject(fields))
            }
        }
        deserializer.deserialize_map(Fill)
    }
}

/// The error of one field, on its way out of serde.
#[derive(Debug)]
struct FieldError {
    problem: FieldProblem,
}

impl std::fmt::Display for FieldError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.problem.detail)
    }
}

impl std::error::Error for FieldError {}

impl serde::de::Error for FieldError {
    fn custom<T: std::fmt::Display>(message: T) -> Self {
        Self { problem: problem("", message.to_string()) }
    }

    fn missing_field(field: &'static str) -> Self {
        Self { problem: problem(&pointer_to(field), in_both("is required", "필수 항목입니다")) }
    }

    fn unknown_field(field: &str, _: &'static [&'static str]) -> Self {
        Self {
            problem: problem(&pointer_to(field), in_both("is not a field of this request", "없는 항목입니다"))
        }
    }

    fn duplicate_field(field: &'static str) -> Self {
        Self {
            problem: problem(&pointer_to(field), in_both("is there more than once", "한 번만 보낼 수 있습니다"))
        }
    }
}

/// All fields as one object for serde, beginning with the field at `start`.
#[derive(Clone, Copy)]
struct Object<'de> {
    fields: &'de [(Cow<'de, str>, Raw<'de>)],
    start: usize,
}

impl<'de> Deserializer<'de> for Object<'de> {
    type Error = FieldError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, FieldError> {
        visitor.visit_map(Walk { object: self, step: 0 })
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 char str string bytes byte_buf option unit
        unit_struct newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

struct Walk<'de> {
    object: Object<'de>,
    step: usize,
}

impl<'de> Walk<'de> {
    fn field(&self, step: usize) -> Option<&'de (Cow<'de, str>, Raw<'de>)> {
        let count = self.object.fields.len();
        let index = self.object.start.saturating_add(step).checked_rem(count)?;
        self.object.fields.get(index)
    }
}

impl<'de> MapAccess<'de> for Walk<'de> {
    type Error = FieldError;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, FieldError> {
        if self.step >= self.object.fields.len() {
            return Ok(None);
        }
        let Some((name, _)) = self.field(self.step) else { return Ok(None) };
        self.step = self.step.saturating_add(1);
        let name: &str = name;
        seed.deserialize(name.into_deserializer()).map(Some)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, FieldError> {
        let Some((name, raw)) = self.field(self.step.saturating_sub(1)) else {
            return Err(FieldError::custom("a field is missing"));
        };
        match raw {
            Raw::Text(text) => seed
                .deserialize(Typed(text))
                .map_err(|error| FieldError { problem: problem(&pointer_to(name), error.problem.detail) }),
            Raw::Json(json) => json_value(seed, json).map_err(|(path, detail)| FieldError {
                problem: problem(&format!("{}{path}", pointer_to(name)), detail),
            }),
        }
    }
}

/// Reads one value of the body; on failure tells where inside it, and why.
fn json_value<'de, S: DeserializeSeed<'de>>(seed: S, json: &'de RawValue) -> Result<S::Value, (String, String)> {
    let mut deserializer = serde_json::Deserializer::from_str(json.get());
    let mut track = serde_path_to_error::Track::new();
    let tracked = serde_path_to_error::Deserializer::new(&mut deserializer, &mut track);
    seed.deserialize(tracked).map_err(|error| {
        use serde_path_to_error::Segment;
        let path = track
            .path()
            .iter()
            .map(|segment| match segment {
                Segment::Seq { index } => format!("/{index}"),
                Segment::Map { key } | Segment::Enum { variant: key } => pointer_to(key),
                Segment::Unknown => String::new(),
            })
            .collect();
        // serde_json ends its messages with a position inside the field, which would mislead.
        let text = error.to_string();
        let detail = text.rfind(" at line ").and_then(|end| text.get(..end)).unwrap_or(&text);
        (path, detail.to_owned())
    })
}

/// A text of the path or the query, read as what the field wants.
#[derive(Clone, Copy)]
struct Typed<'a>(&'a str);

macro_rules! numbers {
    ($($method:ident => $visit:ident: $type:ty),* $(,)?) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, FieldError> {
            // `+5`, `05` and ` 5` are not how a number is written here.
            let number: Option<$type> = self.0.parse().ok();
            let number = number.filter(|number| number.to_string() == self.0);
            visitor.$visit(number.ok_or_else(|| FieldError::custom(in_both("must be a whole number", "정수여야 합니다")))?)
        }
    )*};
}

impl<'de> Deserializer<'de> for Typed<'_> {
    type Error = FieldError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, FieldError> {
        visitor.visit_str(self.0)
    }

    numbers! {
        deserialize_i64 => visit_i64: i64,
        deserialize_u8 => visit_u8: u8,
        deserialize_u16 => visit_u16: u16,
        deserialize_u32 => visit_u32: u32,
        deserialize_u64 => visit_u64: u64,
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, FieldError> {
        match self.0 {
            "true" => visitor.visit_bool(true),
            "false" => visitor.visit_bool(false),
            _ => Err(FieldError::custom(in_both("must be true or false", "true 또는 false여야 합니다"))),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, FieldError> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, FieldError> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, FieldError> {
        visitor.visit_enum(self.0.into_deserializer())
    }

    serde::forward_to_deserialize_any! {
        i8 i16 i32 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple tuple_struct map
        struct identifier ignored_any
    }
}

#[cfg(test)]
mod tests;
