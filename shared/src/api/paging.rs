//! Lists, a page at a time.
//!
//! The request of a list has two fields, `limit: PageSize` and `cursor: Option<Cursor>`, both with
//! `#[serde(default)]`; its reply is `Okay<Page<T>>`. The handler asks [`Core::pages`] for what seals its
//! cursors, begins at [`Pages::start`], and makes the reply by [`Pages::page`]. It declares
//! [`Pages::TOUCHES`] and [`codes::CURSOR_INVALID`](super::problem::codes::CURSOR_INVALID).

use domain::{FieldError, Timestamp};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize};

use super::{Core, Touch, problem::RequestError};
use crate::{
    fault::Fault,
    secrets::SecretName,
    store::cursor::{List, Position},
    tokens::seal::SealKey,
};

/// How many things a page has at most: 1 to 100, and 12 unless the caller asks otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageSize(u32);

impl PageSize {
    const MAX: u32 = 100;

    /// The number.
    #[must_use]
    pub const fn get(self) -> u32 {
        self.0
    }
}

impl Default for PageSize {
    fn default() -> Self {
        Self(12)
    }
}

impl<'de> Deserialize<'de> for PageSize {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let size = u32::deserialize(deserializer)?;
        if (1..=Self::MAX).contains(&size) { Ok(Self(size)) } else { Err(FieldError::range(1, Self::MAX).into_serde()) }
    }
}

impl JsonSchema for PageSize {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "PageSize".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "integer", "minimum": 1, "maximum": Self::MAX, "default": Self::default().0 })
    }
}

/// The `next_cursor` of the page before, as the caller brings it back.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Cursor(String);

impl JsonSchema for Cursor {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Cursor".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "maxLength": 2048 })
    }
}

/// A page of a list.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "PageOf{T}")]
pub struct Page<T> {
    /// What is on the page.
    pub items: Vec<T>,
    /// Asks for the next page; null on the last.
    pub next_cursor: Option<String>,
}

impl<T> Page<T> {
    /// A list that is short enough for one page.
    #[must_use]
    pub const fn all(items: Vec<T>) -> Self {
        Self { items, next_cursor: None }
    }
}

/// What opens and seals the cursors of a list.
#[derive(Debug)]
pub struct Pages<'a> {
    key: SealKey,
    list: List<'a>,
    now: Timestamp,
}

impl Pages<'_> {
    /// What it takes.
    pub const TOUCHES: &'static [Touch] = &[Touch::Secret(SecretName::CursorKey)];

    /// Behind which place the page begins; `None` for the first page.
    ///
    /// # Errors
    /// [`RequestError::CursorInvalid`] when the cursor was not made by us for this list and caller, or is too
    /// old.
    pub fn start(&self, cursor: Option<&Cursor>) -> Result<Option<Position>, RequestError> {
        // People paste white space along.
        cursor.map(|cursor| self.list.position(&self.key, cursor.0.trim(), self.now)).transpose()
    }

    /// The page with these things, which ends at this place; `None` when nothing comes behind it.
    ///
    /// # Errors
    /// When there is no randomness.
    pub fn page<T>(&self, items: Vec<T>, end: Option<&Position>) -> Result<Page<T>, Fault> {
        Ok(Page { items, next_cursor: end.map(|end| self.list.cursor(&self.key, end, self.now)).transpose()? })
    }
}

impl Core {
    /// What opens and seals the cursors of a list.
    ///
    /// # Errors
    /// When the function did not declare [`Pages::TOUCHES`].
    pub fn pages<'a>(&self, list: List<'a>, now: Timestamp) -> Result<Pages<'a>, Fault> {
        Ok(Pages { key: SealKey::new(self.secrets.get(SecretName::CursorKey)?)?, list, now })
    }
}
