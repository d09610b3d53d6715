//! Categories that were added, changed or hidden; the starters need no items.
//!
//! | key | value | why |
//! |---|---|---|
//! | pk | `CATEGORIES` | all of them are one query, and there are few |
//! | sk | `CATEGORY#{category}` | |

use domain::catalog::{Category, CategoryOverride, effective_categories};

use super::{Entity, Item, Key, Kind, Page, Query, Table, table::read_each};
use crate::fault::Fault;

impl Kind {
    /// See [`CategoryOverride`].
    pub const CATEGORY: Self = Self::new("category", "CATEGORIES", "CATEGORY#{category}");
}

impl Entity for CategoryOverride {
    const KIND: Kind = Kind::CATEGORY;

    fn to_key(&self) -> Key<Self> {
        Key::new(Kind::CATEGORY, "", self.category.id.as_str())
    }
}

impl Table {
    /// The categories as they stand, in their order.
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn list_categories(&self) -> Result<Vec<Category>, Fault> {
        let Page { items, .. } = self.query(Query::partition(Kind::CATEGORY, "")).await?;
        let stored = read_each(items, Item::read::<CategoryOverride>);
        Ok(effective_categories(&stored))
    }
}
