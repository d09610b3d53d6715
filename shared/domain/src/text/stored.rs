//! Texts that are read back from where we stored them ourselves.
//!
//! What people send is read by the rule of its type. What was stored has passed the rule of its day,
//! and rules become stricter: so it is read as it is, and never refused. serde hands nothing from the
//! reader of an item down to the fields in it; that the table is being read is noted for the thread, for
//! as long as one item is read.

use std::cell::Cell;

use serde::{Deserialize, Deserializer};

use super::BadText;

thread_local! {
    static IS_STORED: Cell<bool> = const { Cell::new(false) };
}

/// Reads something that we stored ourselves: every text in it is taken as it is.
pub fn as_stored<T>(read: impl FnOnce() -> T) -> T {
    /// Restores the note, also when `read` panics.
    struct Note(bool);
    impl Drop for Note {
        fn drop(&mut self) {
            IS_STORED.set(self.0);
        }
    }
    let _before = Note(IS_STORED.replace(true));
    read()
}

/// A text by its rule, or as it is while [`as_stored`] runs.
pub(crate) fn deserialize<'de, D: Deserializer<'de>, T>(
    deserializer: D,
    parse: impl FnOnce(&str) -> Result<T, BadText>,
    stored: impl FnOnce(String) -> T,
) -> Result<T, D::Error> {
    let text = String::deserialize(deserializer)?;
    if IS_STORED.get() { Ok(stored(text)) } else { parse(&text).map_err(BadText::refuse) }
}
