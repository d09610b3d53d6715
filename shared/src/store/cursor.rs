//! Cursors: where the next page of a list begins, sealed, so that nobody can make one or bring one
//! to another list. Bound to the list with its filters and to the caller, and good for a day.

use aws_sdk_dynamodb::types::AttributeValue;
use domain::{Timestamp, timestamp::Seconds};
use serde::{Deserialize, Serialize};

use super::item::Attributes;
use crate::{
    api::problem::RequestError,
    fault::{Fault, FaultKind},
    tokens::seal::SealKey,
};

/// For how long a cursor is good.
const LIFETIME: Seconds = Seconds::days(1);

/// A list: its operation, its caller and its filters.
#[derive(Debug, Clone, Copy)]
pub struct List<'a> {
    /// The operation, such as `catalog.list_listings`.
    pub operation: &'a str,
    /// Who asks.
    pub principal: &'a str,
    /// The filters, written the same way each time.
    pub filters: &'a str,
}

#[derive(Debug, Serialize, Deserialize)]
struct Content {
    /// The attributes of the last key, all of which are text.
    key: Vec<(String, String)>,
    expires_at: Timestamp,
}

impl List<'_> {
    fn binding(&self) -> [&str; 4] {
        ["cursor", self.operation, self.principal, self.filters]
    }

    /// The cursor to the page after this key.
    ///
    /// # Errors
    /// When the key is not made of texts, which is a mistake of ours.
    pub fn cursor(&self, key: &SealKey, last_key: Attributes, now: Timestamp) -> Result<String, Fault> {
        let mut texts = last_key
            .into_iter()
            .map(|(name, value)| match value {
                AttributeValue::S(text) => Ok((name, text)),
                _ => Err(Fault::new(FaultKind::Corrupt, "a key attribute is not text")),
            })
            .collect::<Result<Vec<_>, _>>()?;
        texts.sort();
        key.seal(&self.binding(), &Content { key: texts, expires_at: now.plus(LIFETIME) })
    }

    /// The key that a cursor stands for.
    ///
    /// # Errors
    /// [`RequestError::CursorInvalid`] when it was not made by us for this list and caller, or is
    /// too old.
    pub fn last_key(&self, key: &SealKey, cursor: &str, now: Timestamp) -> Result<Attributes, RequestError> {
        key.open::<Content>(&self.binding(), cursor)
            .filter(|content| content.expires_at > now)
            .map(|content| content.key.into_iter().map(|(name, text)| (name, AttributeValue::S(text))).collect())
            .ok_or(RequestError::CursorInvalid)
    }
}
