//! From the path, the query and the body to a request's type, or to a list of what is wrong.
//!
//! A request is one flat object: path parameters first, then the query (for reads) or the fields of
//! the JSON body (for everything else). Its fields are domain types whose constructors are the
//! validation. A field that the type does not know is refused, and so is one that comes twice.

mod json;

use std::borrow::Cow;

use domain::FieldCode;
use serde::{
    Deserialize,
    de::{DeserializeOwned, Deserializer, Visitor},
};

use self::json::{Fields, Value, Walk, check_fields, pointer_to, repeated, write_fields};
use super::{
    problem::{BadField, Malformed, RequestError, Syntax},
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

/// What was sent, field by field, before the fields have types.
#[derive(Debug)]
pub struct Sent<'a>(Fields<'a>);

impl<'a> Sent<'a> {
    /// No field at all: what a webhook sends is read by its caller.
    #[must_use]
    pub const fn nothing() -> Self {
        Self(Vec::new())
    }

    /// Takes a request apart.
    ///
    /// # Errors
    /// When the body is not the JSON that the route takes, or a field is there twice.
    pub fn read(route: &Route, http: &'a HttpRequest) -> Result<Self, RequestError> {
        let mut fields: Fields<'a> = http
            .path_parameters
            .iter()
            .map(|(name, value)| (Cow::Borrowed(name.as_str()), Value::Written(Cow::Borrowed(value.as_str()))))
            .collect();
        if route.takes_body {
            if !http.query.is_empty() {
                return Err(whole("this address takes no query", "이 주소에는 쿼리를 붙일 수 없습니다"));
            }
            fields.extend(body_fields(route, http)?);
        } else {
            fields.extend(query_fields(&http.query)?);
        }
        check_fields(&fields)?;
        Ok(Self(fields))
    }

    /// Gives the fields their types. Deserializing stops at the first error, and people want to see all
    /// of them: so after a failure each field gets its turn to be first. A missing field shows itself
    /// when the rest is well.
    ///
    /// # Errors
    /// Names every field that is wrong; of missing fields the first.
    pub fn into_request<T: DeserializeOwned>(&self) -> Result<T, RequestError> {
        let first = match T::deserialize(FromField(&self.0, 0)) {
            Ok(request) => return Ok(request),
            Err(error) => error,
        };
        let mut wrong: Vec<BadField> = Vec::new();
        for (start, (name, _)) in self.0.iter().enumerate() {
            if let Err(bad) = T::deserialize(FromField(&self.0, start)) {
                let pointer = pointer_to(name);
                let is_first = bad.pointer == pointer || bad.pointer.starts_with(&format!("{pointer}/"));
                if is_first && !wrong.contains(&bad) {
                    wrong.push(bad);
                }
            }
        }
        if wrong.is_empty() {
            wrong.push(first);
        }
        Err(RequestError::Invalid(wrong))
    }

    /// One text for all ways to write the same request: the order of fields and white space do not
    /// matter, while numbers and texts stay as they are.
    #[must_use]
    pub fn canonical(&self) -> String {
        let mut text = String::new();
        write_fields(&self.0, &mut text);
        text
    }
}

/// Reads a request: [`Sent::read`] and [`Sent::into_request`].
///
/// # Errors
/// When it is not one.
pub fn read<T: DeserializeOwned>(route: &Route, http: &HttpRequest) -> Result<T, RequestError> {
    Sent::read(route, http)?.into_request()
}

/// Something is wrong with the request as a whole.
fn whole(english: &'static str, korean: &'static str) -> RequestError {
    RequestError::of_field("", FieldCode::Invalid, english, korean)
}

fn body_fields<'a>(route: &Route, http: &'a HttpRequest) -> Result<Fields<'a>, RequestError> {
    if http.body.len() > route.body_bytes_max {
        return Err(RequestError::TooLarge(route.body_bytes_max));
    }
    let is_plain = |encoding: &http::HeaderValue| encoding.as_bytes().eq_ignore_ascii_case(b"identity");
    if !http.headers.get_all(http::header::CONTENT_ENCODING).iter().all(is_plain) {
        return Err(RequestError::Compressed);
    }
    if !http.header("content-type").is_some_and(is_json) {
        return Err(RequestError::NotJson);
    }
    // A byte order mark before JSON may be ignored (RFC 8259 §8.1); editors on Windows write it.
    let body = http.body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&http.body);
    match serde_json::from_slice(body) {
        Ok(Value::Object(fields)) => Ok(fields),
        Ok(_) => Err(RequestError::Malformed(Malformed::NotAnObject)),
        Err(error) => Err(RequestError::Malformed(malformed(&error))),
    }
}

/// `application/json`, with no charset other than UTF-8 (RFC 8259 §8.1). `utf8` is no registered name,
/// and what many programs send.
fn is_json(content_type: &str) -> bool {
    let mut parts = content_type.split(';').map(str::trim);
    let essence = parts.next().unwrap_or_default();
    let is_utf_8 = |parameter: &str| {
        let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
        let value = value.strip_prefix('"').and_then(|value| value.strip_suffix('"')).unwrap_or(value);
        name.eq_ignore_ascii_case("charset")
            && (value.eq_ignore_ascii_case("utf-8") || value.eq_ignore_ascii_case("utf8"))
    };
    essence.eq_ignore_ascii_case("application/json")
        && parts.all(|parameter| parameter.is_empty() || is_utf_8(parameter))
}

/// Where the text is wrong and how, without quoting it: it may hold a password.
fn malformed(error: &serde_json::Error) -> Malformed {
    let what = match error.classify() {
        serde_json::error::Category::Eof => Syntax::EndsTooEarly,
        _ => Syntax::Wrong,
    };
    Malformed::At { what, line: error.line(), column: error.column() }
}

fn query_fields(query: &str) -> Result<Fields<'_>, RequestError> {
    let mut fields: Fields<'_> = Vec::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let (Some(name), Some(value)) = (percent_decode(name), percent_decode(value)) else {
            return Err(whole("the query is not percent-encoded UTF-8", "쿼리를 읽을 수 없습니다"));
        };
        if fields.iter().any(|(known, _)| *known == name) {
            return Err(BadField::new(pointer_to(&name), repeated()).into());
        }
        fields.push((name, Value::Written(value)));
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

/// The fields as one object for serde, beginning with the one at a place.
#[derive(Clone, Copy)]
struct FromField<'de>(&'de [(Cow<'de, str>, Value<'de>)], usize);

impl<'de> Deserializer<'de> for FromField<'de> {
    type Error = BadField;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, BadField> {
        visitor.visit_map(Walk::new(self.0, self.1))
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 char str string bytes byte_buf option unit
        unit_struct newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

#[cfg(test)]
mod tests;
