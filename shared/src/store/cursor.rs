//! Cursors: where the next page of a list begins, sealed, so that nobody can read one, make one or bring one
//! to another list. Bound to the list with its filters and to the caller, and good for a day.

use aws_sdk_dynamodb::types::AttributeValue;
use domain::{Timestamp, ids::UserId, timestamp::Seconds};

use super::{Index, Kind, item::Attributes, key::filled};
use crate::{fault::Fault, ground::refusal::RequestError, tokens::seal::SealKey};

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

/// A place in a partition of an index: the sort key of the last item that was shown. It ends in the id of
/// the item, so that it tells where a query goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Position(pub(super) String);

impl Position {
    /// The key behind which the list of one owner's things of a kind goes on.
    #[must_use]
    pub fn key_in(&self, kind: Kind, index: Index, owner: UserId) -> Option<Attributes> {
        Some(self.key(kind, index, &filled(kind.place(index)?.partition, owner)))
    }

    /// The key behind which a query of this partition goes on, for a kind whose items have partitions of their
    /// own.
    pub(super) fn key(&self, kind: Kind, index: Index, partition: &str) -> Attributes {
        let id = self.0.rsplit('#').next().unwrap_or_default();
        let pk = filled(kind.partition_pattern(), id);
        [("pk", pk.as_str()), ("sk", kind.sort_pattern()), (index.pk(), partition), (index.sk(), &self.0)]
            .into_iter()
            .map(|(name, text)| (name.to_owned(), AttributeValue::S(text.to_owned())))
            .collect()
    }
}

impl List<'_> {
    fn binding(&self) -> [&str; 4] {
        ["cursor", self.operation, self.principal, self.filters]
    }

    /// The cursor to the page after this place.
    ///
    /// # Errors
    /// When there is no randomness.
    pub fn cursor(&self, key: &SealKey, last: &Position, now: Timestamp) -> Result<String, Fault> {
        let ends_at = now.plus(LIFETIME).seconds().to_be_bytes();
        key.seal_bytes(&self.binding(), &[&ends_at, last.0.as_bytes()].concat())
    }

    /// The place that a cursor stands for.
    ///
    /// # Errors
    /// [`RequestError::CursorInvalid`] when it was not made by us for this list and caller, or is
    /// too old.
    pub fn position(&self, key: &SealKey, cursor: &str, now: Timestamp) -> Result<Position, RequestError> {
        let bytes = key.open_bytes(&self.binding(), cursor).ok_or(RequestError::CursorInvalid)?;
        read(&bytes, now).ok_or(RequestError::CursorInvalid)
    }
}

/// The place in a cursor that is not over yet.
fn read(bytes: &[u8], now: Timestamp) -> Option<Position> {
    let (ends_at, place) = bytes.split_first_chunk()?;
    (i64::from_be_bytes(*ends_at) > now.seconds()).then_some(())?;
    Some(Position(std::str::from_utf8(place).ok()?.to_owned()))
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

    fn last() -> Position {
        Position("2026-11-21T09:00:00.000Z#lst_01jd7c3v1h8k2m4n6p8q0r2s4t".to_owned())
    }

    #[test]
    fn a_cursor_is_short_and_stands_for_its_place_for_a_day() {
        let key = key();
        let cursor = LIST.cursor(&key, &last(), NOW).unwrap();
        assert!(cursor.len() <= 122, "{} characters", cursor.len());
        assert_eq!(LIST.position(&key, &cursor, NOW), Ok(last()));
        assert_eq!(LIST.position(&key, &cursor, NOW.plus(Seconds(86_399))), Ok(last()));
        assert_eq!(LIST.position(&key, &cursor, NOW.plus(Seconds::days(1))), Err(RequestError::CursorInvalid));
    }

    #[test]
    fn a_query_goes_on_behind_the_key_of_the_last_item() {
        let key = last().key(Kind::LISTING, Index::Gsi2, "LISTINGS");
        let text = |name: &str| key.get(name).unwrap().as_s().unwrap().as_str();
        assert_eq!(text("pk"), "LISTING#lst_01jd7c3v1h8k2m4n6p8q0r2s4t");
        assert_eq!((text("sk"), text("gsi2pk"), text("gsi2sk")), ("LISTING", "LISTINGS", last().0.as_str()));
    }

    #[test]
    fn attack_9_a_cursor_of_another_list_caller_filter_or_stack_is_refused() {
        let key = key();
        let cursor = LIST.cursor(&key, &last(), NOW).unwrap();
        for other in [
            List { operation: "orders.list_orders", ..LIST },
            List { principal: "usr_1", ..LIST },
            List { filters: "category=books", ..LIST },
            List { filters: "", ..LIST },
        ] {
            assert_eq!(other.position(&key, &cursor, NOW), Err(RequestError::CursorInvalid), "{other:?}");
        }
        assert_eq!(LIST.position(&super::tests::key(), &cursor, NOW), Err(RequestError::CursorInvalid));
        for wrong in ["", "null", "eyJrZXkiOltdfQ", &cursor[1..], &cursor[..cursor.len() - 1], &"x".repeat(100_000)] {
            assert_eq!(LIST.position(&key, wrong, NOW), Err(RequestError::CursorInvalid), "{wrong:.40}");
        }
    }
}
