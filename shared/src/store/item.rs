//! From entities to items and back.

use std::collections::HashMap;

use aws_sdk_dynamodb::{primitives::Blob, types::AttributeValue};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use domain::Timestamp;
use serde::{Serialize, de::DeserializeOwned};

use super::key::{IndexKey, Key};
use crate::{
    fault::{Fault, FaultKind},
    ground::kind::Kind,
};

/// The attributes of an item, as DynamoDB has them.
pub type Attributes = HashMap<String, AttributeValue>;

/// A thing that the table keeps.
pub trait Entity: Serialize + DeserializeOwned + Send + Sync {
    /// What it is.
    const KIND: Kind;
    /// The version of its shape. Rises with each change that older code cannot read.
    const VERSION: u16 = 1;

    /// Its key.
    fn to_key(&self) -> Key<Self>;

    /// Its places in the indexes.
    fn index_keys(&self) -> Vec<IndexKey> {
        Vec::new()
    }

    /// When it may be swept away (TTL). Housekeeping only: whether a thing is expired is decided
    /// by comparing moments, since DynamoDB deletes up to days later.
    fn sweep_at(&self) -> Option<Timestamp> {
        None
    }

    /// Brings the attributes of an older version up to [`Entity::VERSION`], step by step. Every
    /// version ever written must be readable for ever.
    ///
    /// # Errors
    /// When the version is not known.
    fn upgrade(version: u16, item: Attributes) -> Result<Attributes, Fault> {
        if version == Self::VERSION {
            Ok(item)
        } else {
            Err(Fault::new(FaultKind::Corrupt, "an item has a version that this code does not know"))
        }
    }
}

/// One item as it was read, whatever it is.
#[derive(Debug, Clone, PartialEq)]
pub struct Item(pub(crate) Attributes);

impl Item {
    /// Whether it is of this kind.
    #[must_use]
    pub fn is(&self, kind: Kind) -> bool {
        self.text("kind") == Some(kind.as_str())
    }

    /// An attribute that is text.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name).and_then(|value| value.as_s().ok()).map(String::as_str)
    }

    /// The members of an attribute that is a set of texts; none when there is no such attribute.
    pub fn texts(&self, name: &str) -> impl Iterator<Item = &str> {
        self.0.get(name).and_then(|value| value.as_ss().ok()).into_iter().flatten().map(String::as_str)
    }

    /// An attribute that is a whole number.
    #[must_use]
    pub fn number(&self, name: &str) -> Option<i64> {
        self.0.get(name).and_then(|value| value.as_n().ok()).and_then(|number| number.parse().ok())
    }

    /// The entity.
    ///
    /// # Errors
    /// [`FaultKind::Corrupt`] when it is not of that kind, or cannot be read.
    pub fn read<E: Entity>(self) -> Result<E, Fault> {
        self.read_part::<E, E>()
    }

    /// A part of the entity, such as the attributes that an index carries. It is brought up to the version of
    /// today as the whole is.
    ///
    /// # Errors
    /// As [`Item::read`].
    pub fn read_part<E: Entity, P: DeserializeOwned>(self) -> Result<P, Fault> {
        if !self.is(E::KIND) {
            return Err(Fault::new(FaultKind::Corrupt, "an item is of another kind"));
        }
        let version = self.number("v").and_then(|v| u16::try_from(v).ok()).unwrap_or(0);
        let item = E::upgrade(version, self.0)?;
        domain::text::as_stored(|| serde_dynamo::from_item(item))
            .map_err(|error| Fault::new(FaultKind::Corrupt, "read an item").with_source(error))
    }

    /// From the JSON that a stream record carries.
    ///
    /// # Errors
    /// [`FaultKind::Corrupt`] when it is not DynamoDB's JSON.
    pub fn from_stream(image: &serde_json::Map<String, serde_json::Value>) -> Result<Self, Fault> {
        image
            .iter()
            .map(|(name, value)| Some((name.clone(), from_typed_json(value)?)))
            .collect::<Option<Attributes>>()
            .map(Self)
            .ok_or_else(|| Fault::new(FaultKind::Corrupt, "read a stream record"))
    }
}

/// `{"S": "text"}` and its relatives.
fn from_typed_json(value: &serde_json::Value) -> Option<AttributeValue> {
    let (kind, value) = value.as_object()?.iter().next()?;
    Some(match kind.as_str() {
        "S" => AttributeValue::S(value.as_str()?.to_owned()),
        "N" => AttributeValue::N(value.as_str()?.to_owned()),
        "BOOL" => AttributeValue::Bool(value.as_bool()?),
        "NULL" => AttributeValue::Null(true),
        "SS" => AttributeValue::Ss(
            value.as_array()?.iter().map(|text| text.as_str().map(str::to_owned)).collect::<Option<_>>()?,
        ),
        "B" => AttributeValue::B(Blob::new(STANDARD.decode(value.as_str()?).ok()?)),
        "L" => AttributeValue::L(value.as_array()?.iter().map(from_typed_json).collect::<Option<_>>()?),
        "M" => AttributeValue::M(
            value.as_object()?.iter().map(|(k, v)| Some((k.clone(), from_typed_json(v)?))).collect::<Option<_>>()?,
        ),
        _ => return None,
    })
}

/// The attributes that every item has. No field of an entity may be called so.
const RESERVED: [&str; 5] = ["pk", "sk", "kind", "v", "ttl"];

/// The item of an entity: its fields, and the attributes that every item has.
pub(crate) fn write<E: Entity>(entity: &E) -> Result<Attributes, Fault> {
    let mut item: Attributes = serde_dynamo::to_item(entity)
        .map_err(|error| Fault::new(FaultKind::Corrupt, "write an item").with_source(error))?;
    // An absent field and a null one read the same, and null costs bytes.
    item.retain(|_, value| !matches!(value, AttributeValue::Null(_)));
    if RESERVED.iter().any(|name| item.contains_key(*name)) {
        return Err(Fault::new(FaultKind::Corrupt, "a field of an entity has the name of an attribute of every item"));
    }
    let key = entity.to_key();
    item.insert("pk".to_owned(), AttributeValue::S(key.pk));
    item.insert("sk".to_owned(), AttributeValue::S(key.sk));
    item.insert("kind".to_owned(), AttributeValue::S(E::KIND.as_str().to_owned()));
    item.insert("v".to_owned(), AttributeValue::N(E::VERSION.to_string()));
    for place in entity.index_keys() {
        item.insert(place.index.pk().to_owned(), AttributeValue::S(place.pk));
        item.insert(place.index.sk().to_owned(), AttributeValue::S(place.sk));
    }
    if let Some(at) = entity.sweep_at() {
        item.insert("ttl".to_owned(), AttributeValue::N(at.seconds().to_string()));
    }
    Ok(item)
}
