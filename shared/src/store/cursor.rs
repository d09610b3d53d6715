//! Cursors: where the next page of a list begins, sealed, so that nobody can make one or bring one
//! to another list. Bound to the list with its filters and to the caller, and good for a day.

use aws_sdk_dynamodb::types::AttributeValue;
use domain::{Timestamp, timestamp::Seconds};
use serde::{Deserialize, Serialize};

use super::item::Attributes;
use crate::{
    fault::{Fault, FaultKind},
    ground::refusal::RequestError,
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

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_seconds(1_795_251_600);
    const LIST: List<'_> =
        List { operation: "catalog.list_listings", principal: "anyone", filters: "category=furniture" };

    fn key() -> SealKey {
        SealKey::new(&SealKey::generate().unwrap()).unwrap()
    }

    fn last_key() -> Attributes {
        [("pk", "LISTING#1"), ("sk", "LISTING"), ("gsi1pk", "CATEGORY#furniture"), ("gsi1sk", "2026#1")]
            .into_iter()
            .map(|(name, text)| (name.to_owned(), AttributeValue::S(text.to_owned())))
            .collect()
    }

    #[test]
    fn a_cursor_stands_for_its_key_for_a_day() {
        let key = key();
        let cursor = LIST.cursor(&key, last_key(), NOW).unwrap();
        assert_eq!(LIST.last_key(&key, &cursor, NOW), Ok(last_key()));
        assert_eq!(LIST.last_key(&key, &cursor, NOW.plus(Seconds(86_399))), Ok(last_key()));
        assert_eq!(LIST.last_key(&key, &cursor, NOW.plus(Seconds::days(1))), Err(RequestError::CursorInvalid));
    }

    #[test]
    fn attack_9_a_cursor_of_another_list_caller_filter_or_stack_is_refused() {
        let key = key();
        let cursor = LIST.cursor(&key, last_key(), NOW).unwrap();
        for other in [
            List { operation: "orders.list_orders", ..LIST },
            List { principal: "usr_1", ..LIST },
            List { filters: "category=books", ..LIST },
            List { filters: "", ..LIST },
        ] {
            assert_eq!(other.last_key(&key, &cursor, NOW), Err(RequestError::CursorInvalid), "{other:?}");
        }
        assert_eq!(LIST.last_key(&super::tests::key(), &cursor, NOW), Err(RequestError::CursorInvalid));
        for wrong in ["", "null", "eyJrZXkiOltdfQ", &cursor[1..], &cursor[..cursor.len() - 1], &"x".repeat(100_000)] {
            assert_eq!(LIST.last_key(&key, wrong, NOW), Err(RequestError::CursorInvalid), "{wrong:.40}");
        }
    }

    #[test]
    fn a_key_that_is_not_text_is_a_fault_of_ours() {
        let number = Attributes::from([("pk".to_owned(), AttributeValue::N("1".to_owned()))]);
        assert_eq!(LIST.cursor(&key(), number, NOW).unwrap_err().kind, FaultKind::Corrupt);
    }
}
