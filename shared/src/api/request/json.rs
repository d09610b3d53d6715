//! A request's values before they have types, and how serde reads them.
//!
//! serde_json refuses a value in English, with the names of Rust's types. So its text is only taken
//! apart there; here each value is held against what the field asks for, and what is wrong leaves as
//! a [`FieldError`] with the place where it was found.

use std::borrow::Cow;

use domain::{FieldCode, FieldError};
use serde::{
    Deserialize,
    de::{
        DeserializeSeed, Deserializer, Error, Expected, IntoDeserializer as _, MapAccess, SeqAccess, Unexpected,
        Visitor,
        value::{MapAccessDeserializer, StrDeserializer},
    },
};

use super::super::problem::BadField;

/// Most fields of one object.
pub(super) const FIELDS_MAX: usize = 64;

/// A value as it was sent.
#[derive(Debug, Clone)]
pub(super) enum Value<'a> {
    /// From the path or the query: text that may stand for a number or a truth value.
    Written(Cow<'a, str>),
    Null,
    Bool(bool),
    Positive(u64),
    Negative(i64),
    Fraction(f64),
    Text(Cow<'a, str>),
    List(Vec<Self>),
    Object(Fields<'a>),
}

/// The fields of an object in the order in which they were sent.
pub(super) type Fields<'a> = Vec<(Cow<'a, str>, Value<'a>)>;

/// A JSON Pointer to a field (RFC 6901).
pub(super) fn pointer_to(field: &str) -> String {
    format!("/{}", field.replace('~', "~0").replace('/', "~1"))
}

impl Value<'_> {
    /// Whether each object in it has each of its fields once, and not too many.
    pub(super) fn check(&self) -> Result<(), BadField> {
        match self {
            Value::List(items) => {
                items.iter().enumerate().try_for_each(|(index, item)| item.check().map_err(|bad| bad.inside(index)))
            }
            Value::Object(fields) => check_fields(fields),
            _ => Ok(()),
        }
    }

    /// Writes it down in one way only: fields in the order of their names, no white space.
    pub(super) fn write(&self, out: &mut String) {
        use std::fmt::Write as _;
        // Nothing can go wrong when a text is written to.
        let _ = match self {
            Value::Null => write!(out, "null"),
            Value::Bool(value) => write!(out, "{value}"),
            Value::Positive(number) => write!(out, "{number}"),
            Value::Negative(number) => write!(out, "{number}"),
            Value::Fraction(number) => write!(out, "{number:?}"),
            Value::Text(text) | Value::Written(text) => {
                write_text(text, out);
                Ok(())
            }
            Value::List(items) => {
                out.push('[');
                for item in items {
                    item.write(out);
                    out.push(',');
                }
                write!(out, "]")
            }
            Value::Object(fields) => {
                write_fields(fields, out);
                Ok(())
            }
        };
    }
}

/// See [`Value::check`].
pub(super) fn check_fields(fields: &Fields<'_>) -> Result<(), BadField> {
    if fields.len() > FIELDS_MAX {
        let error = FieldError::new(
            FieldCode::Count,
            format!("has more than {FIELDS_MAX} fields"),
            format!("항목이 {FIELDS_MAX}개보다 많습니다"),
        );
        return Err(BadField::new(String::new(), error));
    }
    for (place, (name, value)) in fields.iter().enumerate() {
        if fields.iter().take(place).any(|(known, _)| known == name) {
            return Err(BadField::new(pointer_to(name), repeated()));
        }
        value.check().map_err(|bad| bad.inside(name))?;
    }
    Ok(())
}

/// See [`Value::write`].
pub(super) fn write_fields(fields: &Fields<'_>, out: &mut String) {
    let mut sorted: Vec<_> = fields.iter().collect();
    sorted.sort_by(|(one, _), (other, _)| one.cmp(other));
    out.push('{');
    for (name, value) in sorted {
        write_text(name, out);
        value.write(out);
        out.push(',');
    }
    out.push('}');
}

/// A text after its length, so that it cannot be taken for what comes next.
fn write_text(text: &str, out: &mut String) {
    use std::fmt::Write as _;
    let _ = write!(out, "{}\"{text}", text.len());
}

pub(super) fn repeated() -> FieldError {
    FieldError::new(FieldCode::Repeated, "is there more than once", "한 번만 보낼 수 있습니다")
}

/// Takes JSON text apart.
impl<'de: 'a, 'a> Deserialize<'de> for Value<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Fill;
        impl<'de> Visitor<'de> for Fill {
            type Value = Value<'de>;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("JSON")
            }

            fn visit_unit<E>(self) -> Result<Value<'de>, E> {
                Ok(Value::Null)
            }

            fn visit_bool<E>(self, value: bool) -> Result<Value<'de>, E> {
                Ok(Value::Bool(value))
            }

            fn visit_u64<E>(self, number: u64) -> Result<Value<'de>, E> {
                Ok(Value::Positive(number))
            }

            fn visit_i64<E>(self, number: i64) -> Result<Value<'de>, E> {
                Ok(Value::Negative(number))
            }

            fn visit_f64<E>(self, number: f64) -> Result<Value<'de>, E> {
                Ok(Value::Fraction(number))
            }

            fn visit_str<E>(self, text: &str) -> Result<Value<'de>, E> {
                Ok(Value::Text(Cow::Owned(text.to_owned())))
            }

            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Value<'de>, E> {
                Ok(Value::Text(Cow::Borrowed(text)))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Value<'de>, A::Error> {
                let mut items = Vec::new();
                while let Some(item) = list.next_element()? {
                    items.push(item);
                }
                Ok(Value::List(items))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Value<'de>, A::Error> {
                let mut fields = Vec::new();
                while let Some((Name(name), value)) = object.next_entry()? {
                    fields.push((name, value));
                }
                Ok(Value::Object(fields))
            }
        }
        deserializer.deserialize_any(Fill)
    }
}

/// A field's name, borrowed where it is written without escapes.
struct Name<'a>(Cow<'a, str>);

impl<'de: 'a, 'a> Deserialize<'de> for Name<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Fill;
        impl<'de> Visitor<'de> for Fill {
            type Value = Name<'de>;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a name")
            }

            fn visit_str<E>(self, text: &str) -> Result<Name<'de>, E> {
                Ok(Name(Cow::Owned(text.to_owned())))
            }

            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Name<'de>, E> {
                Ok(Name(Cow::Borrowed(text)))
            }
        }
        deserializer.deserialize_str(Fill)
    }
}

impl std::fmt::Display for BadField {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.error.text(domain::Language::English))
    }
}

impl std::error::Error for BadField {}

/// The request's types speak to serde by these; what serde itself would say names Rust's types, and
/// is said here in our own words.
impl Error for BadField {
    fn custom<T: std::fmt::Display>(_: T) -> Self {
        FieldError::new(FieldCode::Invalid, "is not valid", "올바르지 않은 값입니다").into()
    }

    fn invalid_type(_: Unexpected<'_>, _: &dyn Expected) -> Self {
        FieldError::new(FieldCode::Type, "has the wrong type", "값의 형식이 올바르지 않습니다").into()
    }

    fn invalid_value(unexpected: Unexpected<'_>, expected: &dyn Expected) -> Self {
        FieldError::from_serde(unexpected, expected).map_or_else(|| Self::custom(""), Self::from)
    }

    fn invalid_length(_: usize, _: &dyn Expected) -> Self {
        FieldError::new(FieldCode::Count, "has the wrong number of entries", "항목 수가 올바르지 않습니다").into()
    }

    fn unknown_variant(_: &str, expected: &'static [&'static str]) -> Self {
        let names = expected.join(", ");
        FieldError::new(
            FieldCode::Choice,
            format!("must be one of: {names}"),
            format!("다음 중 하나여야 합니다: {names}"),
        )
        .into()
    }

    fn unknown_field(field: &str, _: &'static [&'static str]) -> Self {
        let error = FieldError::new(FieldCode::Unknown, "is not a field of this request", "없는 항목입니다");
        Self::new(pointer_to(field), error)
    }

    fn missing_field(field: &'static str) -> Self {
        Self::new(pointer_to(field), FieldError::new(FieldCode::Required, "is required", "필수 항목입니다"))
    }

    fn duplicate_field(field: &'static str) -> Self {
        Self::new(pointer_to(field), repeated())
    }
}

fn wrong_type<T>(english: &'static str, korean: &'static str) -> Result<T, BadField> {
    Err(FieldError::new(FieldCode::Type, english, korean).into())
}

macro_rules! whole_numbers {
    ($($method:ident => $visit:ident: $type:ty),* $(,)?) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, BadField> {
            let number: Option<$type> = match self {
                Value::Positive(number) => (*number).try_into().ok(),
                Value::Negative(number) => (*number).try_into().ok(),
                // `+5`, `05` and ` 5` are not how a number is written here.
                Value::Written(text) => text.parse().ok().filter(|number: &$type| number.to_string() == **text),
                _ => None,
            };
            match (number, self) {
                (Some(number), _) => visitor.$visit(number),
                (None, Value::Positive(_) | Value::Negative(_)) => {
                    Err(FieldError::range(<$type>::MIN, <$type>::MAX).into())
                }
                (None, _) => wrong_type("must be a whole number", "정수여야 합니다"),
            }
        }
    )*};
}

impl<'de> Deserializer<'de> for &'de Value<'_> {
    type Error = BadField;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, BadField> {
        match self {
            Value::Null => visitor.visit_unit(),
            Value::Bool(value) => visitor.visit_bool(*value),
            Value::Positive(number) => visitor.visit_u64(*number),
            Value::Negative(number) => visitor.visit_i64(*number),
            Value::Fraction(number) => visitor.visit_f64(*number),
            Value::Text(text) | Value::Written(text) => visitor.visit_borrowed_str(text),
            Value::List(_) => self.deserialize_seq(visitor),
            Value::Object(_) => self.deserialize_map(visitor),
        }
    }

    whole_numbers! {
        deserialize_i8 => visit_i8: i8,
        deserialize_i16 => visit_i16: i16,
        deserialize_i32 => visit_i32: i32,
        deserialize_i64 => visit_i64: i64,
        deserialize_u8 => visit_u8: u8,
        deserialize_u16 => visit_u16: u16,
        deserialize_u32 => visit_u32: u32,
        deserialize_u64 => visit_u64: u64,
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, BadField> {
        match self {
            Value::Bool(value) => visitor.visit_bool(*value),
            Value::Written(text) if text == "true" => visitor.visit_bool(true),
            Value::Written(text) if text == "false" => visitor.visit_bool(false),
            _ => wrong_type("must be true or false", "true 또는 false여야 합니다"),
        }
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, BadField> {
        match self {
            Value::Text(text) | Value::Written(text) => visitor.visit_borrowed_str(text),
            _ => wrong_type("must be a text", "문자열이어야 합니다"),
        }
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, BadField> {
        self.deserialize_str(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, BadField> {
        if matches!(self, Value::Null) { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, BadField> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, BadField> {
        let Value::List(items) = self else { return wrong_type("must be a list", "목록이어야 합니다") };
        let mut entries = Entries { items, index: 0 };
        let value = visitor.visit_seq(&mut entries)?;
        // A tuple stops when it is full.
        if entries.index < items.len() { Err(BadField::invalid_length(items.len(), &"fewer")) } else { Ok(value) }
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, BadField> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: usize,
        visitor: V,
    ) -> Result<V::Value, BadField> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, BadField> {
        match self {
            Value::Object(fields) => visitor.visit_map(Walk::new(fields, 0)),
            _ => wrong_type("must be an object", "객체여야 합니다"),
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, BadField> {
        self.deserialize_map(visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, BadField> {
        match self {
            Value::Text(name) | Value::Written(name) => visitor.visit_enum(StrDeserializer::new(name)),
            Value::Object(fields) => visitor.visit_enum(MapAccessDeserializer::new(Walk::new(fields, 0))),
            _ => wrong_type("must be a text", "문자열이어야 합니다"),
        }
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, BadField> {
        visitor.visit_unit()
    }

    serde::forward_to_deserialize_any! { f32 f64 char bytes byte_buf unit unit_struct identifier }
}

struct Entries<'de> {
    items: &'de [Value<'de>],
    index: usize,
}

impl<'de> SeqAccess<'de> for &mut Entries<'de> {
    type Error = BadField;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, BadField> {
        let index = self.index;
        let Some(item) = self.items.get(index) else { return Ok(None) };
        self.index = index.saturating_add(1);
        seed.deserialize(item).map(Some).map_err(|bad| bad.inside(index))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.items.len().saturating_sub(self.index))
    }
}

/// The fields of an object one after another, beginning with the one at `start`.
pub(super) struct Walk<'de> {
    fields: &'de [(Cow<'de, str>, Value<'de>)],
    start: usize,
    step: usize,
}

impl<'de> Walk<'de> {
    pub(super) const fn new(fields: &'de [(Cow<'de, str>, Value<'de>)], start: usize) -> Self {
        Self { fields, start, step: 0 }
    }

    fn field(&self, step: usize) -> Option<&'de (Cow<'de, str>, Value<'de>)> {
        let index = self.start.saturating_add(step).checked_rem(self.fields.len())?;
        self.fields.get(index)
    }
}

impl<'de> MapAccess<'de> for Walk<'de> {
    type Error = BadField;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, BadField> {
        if self.step >= self.fields.len() {
            return Ok(None);
        }
        let Some((name, _)) = self.field(self.step) else { return Ok(None) };
        self.step = self.step.saturating_add(1);
        let name: &str = name;
        seed.deserialize(name.into_deserializer()).map(Some)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, BadField> {
        match self.field(self.step.saturating_sub(1)) {
            Some((name, value)) => seed.deserialize(value).map_err(|bad| bad.inside(name)),
            None => Err(BadField::custom("")),
        }
    }
}
