//! Where a person has goods sent to.
//!
//! | key | value | why |
//! |---|---|---|
//! | pk | `USER#{user}` | the addresses of a person and the person are one query, strongly consistent |
//! | sk | `ADDRESS#{address}` | the oldest first |
//!
//! How many there are and which is the default stand in the person, and change in the same
//! transaction as the addresses. So there are never more than [`ADDRESSES_MAX`], and while there is
//! one, exactly one of them is the default.

use domain::{
    Timestamp,
    ids::{AddressId, UserId},
    orders::ShippingAddress,
    users::ADDRESSES_MAX,
};
use serde::{Deserialize, Serialize};

use super::{
    Entity, Item, Key, Kind, Query, Table, Transaction,
    expression::{Change, Condition, Value},
    table::read_each,
    users::User,
};
use crate::{
    fault::Failure,
    ground::{refusal::RequestError, signed_in::SignedIn},
};

/// Where a person has goods sent to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Address {
    /// Its id.
    pub id: AddressId,
    /// Whose it is.
    pub user_id: UserId,
    /// The address, as an order takes it.
    pub shipping: ShippingAddress,
    /// When it was added.
    pub created_at: Timestamp,
}

impl Kind {
    /// See [`Address`].
    pub const ADDRESS: Self = Self::new("address", "USER#*", "ADDRESS#{address}");
}

impl Address {
    /// Its key.
    #[must_use]
    pub fn key(user: UserId, id: AddressId) -> Key<Self> {
        Key::new(Kind::ADDRESS, user, id)
    }
}

impl Entity for Address {
    const KIND: Kind = Kind::ADDRESS;

    fn to_key(&self) -> Key<Self> {
        Address::key(self.user_id, self.id)
    }
}

/// A person with all their addresses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddressBook {
    /// The person.
    pub user: User,
    /// The addresses, the oldest first.
    pub addresses: Vec<Address>,
}

impl Table {
    /// The caller and their addresses, as they are: two calls at once.
    ///
    /// # Errors
    /// When the table does not answer, or the caller's session has ended.
    pub async fn address_book(&self, caller: &SignedIn) -> Result<AddressBook, Failure> {
        let query = Query::all_of(Kind::ADDRESS, caller.user_id);
        let (user, page) = tokio::join!(self.get_caller(caller), self.query_consistently(query));
        let addresses = read_each(page?.items, Item::read::<Address>);
        Ok(AddressBook { user: user?, addresses })
    }

    /// The caller and one of their addresses, if there is such a one: in one call.
    ///
    /// # Errors
    /// When the table does not answer, or the caller's session has ended.
    pub async fn get_caller_and_address(
        &self,
        caller: &SignedIn,
        id: AddressId,
    ) -> Result<(User, Option<Address>), Failure> {
        let wanted = (User::key(caller.user_id), Address::key(caller.user_id, id));
        let (user, address) = self.get_together(wanted).await?;
        let user = user.filter(|user| user.knows(caller)).ok_or(RequestError::SignInNeeded)?;
        Ok((user, address))
    }
}

impl<'t> Transaction<'t> {
    /// Adds an address to those of a person, as the caller has read them; as the default when they
    /// want it so, or have none.
    #[must_use]
    pub fn add_address<F: Into<Failure>>(
        self,
        caller: &SignedIn,
        user: &User,
        address: &Address,
        as_default: bool,
        too_many: impl Fn() -> F + Send + Sync + 't,
    ) -> Self {
        let mut changes = vec![Change::Add("address_count", 1)];
        if as_default {
            changes.push(default_is(Some(address.id)));
        }
        let has_room = Condition::Any(vec![
            Condition::Lacks("address_count"),
            Condition::Below("address_count", ADDRESSES_MAX.into()),
        ]);
        let as_read = Condition::All(vec![User::is_still(caller), has_room, default_as_read(user)]);
        let caller = caller.clone();
        self.create(address).update(&User::key(user.id), changes, as_read).or_else(move |person| {
            let count = person.as_ref().and_then(|person| person.number("address_count")).unwrap_or(0);
            if count >= i64::from(ADDRESSES_MAX) { too_many().into() } else { User::changed_for(&caller, person) }
        })
    }

    /// Changes an address that is there, and makes it the default if that is wanted.
    #[must_use]
    pub fn change_address<F: Into<Failure>>(
        self,
        caller: &SignedIn,
        id: AddressId,
        shipping: Option<Value>,
        as_default: bool,
        absent: impl Fn() -> F + Send + Sync + 't,
    ) -> Self {
        let (address, person) = (Address::key(caller.user_id, id), User::key(caller.user_id));
        let with_address = match shipping {
            Some(shipping) => self.update(&address, vec![Change::Set("shipping", shipping)], Condition::Present),
            None => self.check(&address, Condition::Present),
        };
        let with_address = with_address.or_else(move |_| absent());
        let still = User::is_still(caller);
        let with_person = if as_default {
            with_address.update(&person, vec![default_is(Some(id))], still)
        } else {
            with_address.check(&person, still)
        };
        let caller = caller.clone();
        with_person.or_else(move |person| User::changed_for(&caller, person))
    }

    /// Removes an address from those of a person, as they were read. When it was the default, the
    /// newest of the others takes its place.
    #[must_use]
    pub fn remove_address<F: Into<Failure>>(
        self,
        caller: &SignedIn,
        book: &AddressBook,
        id: AddressId,
        absent: impl Fn() -> F + Send + Sync + 't,
    ) -> Self {
        let user = &book.user;
        let mut changes = vec![Change::Add("address_count", -1)];
        let mut writes = self.delete(&Address::key(user.id, id), Condition::Present).or_else(move |_| absent());
        if user.default_address == Some(id) {
            let next = book.addresses.iter().map(|address| address.id).filter(|other| *other != id).max();
            changes.push(default_is(next));
            if let Some(next) = next {
                // Nobody may have removed it meanwhile.
                writes = writes.check(&Address::key(user.id, next), Condition::Present);
            }
        }
        // Nobody may have added one meanwhile either, or one would be there and none the default.
        let as_read = Condition::All(vec![
            User::is_still(caller),
            default_as_read(user),
            Condition::Is("address_count", user.address_count.into()),
        ]);
        let caller = caller.clone();
        writes.update(&User::key(user.id), changes, as_read).or_else(move |person| User::changed_for(&caller, person))
    }
}

fn default_is(id: Option<AddressId>) -> Change {
    match id {
        Some(id) => Change::Set("default_address", id.to_string().into()),
        None => Change::Remove("default_address"),
    }
}

fn default_as_read(user: &User) -> Condition {
    match user.default_address {
        Some(id) => Condition::Is("default_address", id.to_string().into()),
        None => Condition::Lacks("default_address"),
    }
}
