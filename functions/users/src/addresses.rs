//! Addresses as their owner sees them.

use domain::{Timestamp, ids::AddressId, orders::ShippingAddress};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use shared::store::addresses::{Address, AddressBook};

/// Where a person has goods sent to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ShownAddress {
    /// Its id.
    pub id: AddressId,
    /// The address, as `POST /checkouts` takes it.
    pub shipping: ShippingAddress,
    /// Whether goods go there unless the person says otherwise.
    pub is_default: bool,
    /// When it was added.
    pub created_at: Timestamp,
}

impl ShownAddress {
    pub(crate) fn new(address: Address, default: Option<AddressId>) -> Self {
        Self {
            is_default: default == Some(address.id),
            id: address.id,
            shipping: address.shipping,
            created_at: address.created_at,
        }
    }
}

/// The default first, then the newest first.
pub(crate) fn in_order(book: AddressBook) -> Vec<ShownAddress> {
    let default = book.user.default_address;
    let mut shown: Vec<ShownAddress> =
        book.addresses.into_iter().map(|address| ShownAddress::new(address, default)).collect();
    shown.sort_by_key(|address| std::cmp::Reverse((address.is_default, address.id)));
    shown
}
