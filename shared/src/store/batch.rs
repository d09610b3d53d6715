//! Reading items of several kinds in one call: see [`super::Table::get_together`].

use super::{Entity, Item, Key};
use crate::fault::Fault;

/// What one call reads: a tuple of keys, of optional keys and of lists of keys.
pub trait Batch {
    /// What is found: an `Option` for a key, a list for a list.
    type Found;

    /// Adds the keys.
    fn keys(&self, keys: &mut Vec<Key<()>>);

    /// Takes what was found for the keys out of all that was read.
    ///
    /// # Errors
    /// When an item cannot be read.
    fn find(self, items: &mut Vec<Item>) -> Result<Self::Found, Fault>;
}

impl<E: Entity> Batch for Key<E> {
    type Found = Option<E>;

    fn keys(&self, keys: &mut Vec<Key<()>>) {
        keys.push(self.clone().of_any_kind());
    }

    fn find(self, items: &mut Vec<Item>) -> Result<Option<E>, Fault> {
        let is_it = |item: &Item| item.text("pk") == Some(self.pk()) && item.text("sk") == Some(self.sk());
        items.iter().position(is_it).map(|place| items.swap_remove(place).read()).transpose()
    }
}

impl<E: Entity> Batch for Option<Key<E>> {
    type Found = Option<E>;

    fn keys(&self, keys: &mut Vec<Key<()>>) {
        keys.extend(self.clone().map(Key::of_any_kind));
    }

    fn find(self, items: &mut Vec<Item>) -> Result<Option<E>, Fault> {
        self.map_or(Ok(None), |key| key.find(items))
    }
}

impl<E: Entity> Batch for Vec<Key<E>> {
    type Found = Vec<E>;

    fn keys(&self, keys: &mut Vec<Key<()>>) {
        keys.extend(self.iter().cloned().map(Key::of_any_kind));
    }

    fn find(self, items: &mut Vec<Item>) -> Result<Vec<E>, Fault> {
        self.into_iter().filter_map(|key| key.find(items).transpose()).collect()
    }
}

impl<A: Batch, B: Batch> Batch for (A, B) {
    type Found = (A::Found, B::Found);

    fn keys(&self, keys: &mut Vec<Key<()>>) {
        self.0.keys(keys);
        self.1.keys(keys);
    }

    fn find(self, items: &mut Vec<Item>) -> Result<Self::Found, Fault> {
        Ok((self.0.find(items)?, self.1.find(items)?))
    }
}

impl<A: Batch, B: Batch, C: Batch> Batch for (A, B, C) {
    type Found = (A::Found, B::Found, C::Found);

    fn keys(&self, keys: &mut Vec<Key<()>>) {
        self.0.keys(keys);
        self.1.keys(keys);
        self.2.keys(keys);
    }

    fn find(self, items: &mut Vec<Item>) -> Result<Self::Found, Fault> {
        Ok((self.0.find(items)?, self.1.find(items)?, self.2.find(items)?))
    }
}
