//! Stores, and who may act for them.
//!
//! | entity | pk | sk | why |
//! |---|---|---|---|
//! | Store | `STORE#{store}` | `STORE` | |
//! | Membership | `STORE#{store}` | `MEMBER#{user}` | whether somebody is a member is one read by key |
//! | StoreNameOwner | `STORENAME#{folded}` | `OWNER` | a name is one store's; folded, so that `Oak` and `oak` meet |
//!
//! In `gsi3` a membership stands under its person, so that their stores can be listed, exported and erased.
//!
//! A person's stall is written with their first listing. Whoever listed something before there were
//! stores has none written down; it is theirs all the same, since its id follows from theirs.

use domain::{
    Timestamp,
    auth::AccountState,
    ids::{StoreId, UserId},
    stores::{STORES_MAX, StoreRole, StoresError, stall_name},
    text::{StoreName, StoreStory},
};
use serde::{Deserialize, Serialize};

use super::{
    Entity, Index, Item, Key, Kind, Place, Query, Table, Transaction,
    expression::{Change, Condition},
    key::{IndexKey, by_time},
    users::User,
};
use crate::{
    fault::{Failure, Fault, FaultKind},
    ground::{refusal::RequestError, signed_in::SignedIn},
};

/// A store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Store {
    /// Its id.
    pub id: StoreId,
    /// What it is called.
    pub name: StoreName,
    /// What it tells of itself.
    #[serde(default)]
    pub story: Option<StoreStory>,
    /// Who answers for it to the public: one of its owners.
    pub owner_id: UserId,
    /// When it was opened.
    pub created_at: Timestamp,
}

/// That a person may act for a store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Membership {
    /// The store.
    pub store_id: StoreId,
    /// The person.
    pub user_id: UserId,
    /// What they may do.
    pub role: StoreRole,
    /// Since when.
    pub since: Timestamp,
}

/// Which store has a name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoreNameOwner {
    /// The name, folded.
    pub folded: String,
    /// The store.
    pub store_id: StoreId,
}

const OF_PERSON: Place = Place::new(Index::Gsi3, "MEMBER#*", "{since}#{store}");

impl Kind {
    /// See [`Store`].
    pub const STORE: Self = Self::new("store", "STORE#*", "STORE");
    /// See [`Membership`].
    pub const MEMBERSHIP: Self = Self::new("membership", "STORE#*", "MEMBER#{user}").in_indexes(&[OF_PERSON]);
    /// See [`StoreNameOwner`].
    pub const STORE_NAME_OWNER: Self = Self::new("store_name_owner", "STORENAME#*", "OWNER");
}

impl Store {
    /// Its key.
    #[must_use]
    pub fn key(id: StoreId) -> Key<Self> {
        Key::new(Kind::STORE, id, "")
    }

    /// The stall that somebody's first listing makes.
    #[must_use]
    pub fn stall(keeper: &User, name: StoreName, now: Timestamp) -> Self {
        Self { id: StoreId::stall_of(keeper.id), name, story: None, owner_id: keeper.id, created_at: now }
    }

    /// A stall that is written down nowhere yet, of somebody who listed something before there were stores.
    fn unwritten_stall(keeper: &User) -> Self {
        Self::stall(keeper, stall_name(&keeper.nickname, keeper.language), keeper.created_at)
    }

    /// The forms of its name that no other store may have. All but a few names have one.
    fn name_owners(&self) -> Vec<StoreNameOwner> {
        let forms = domain::text::forms(self.name.as_str()).into_iter();
        forms.map(|folded| StoreNameOwner { folded, store_id: self.id }).collect()
    }

    fn owner(&self) -> Membership {
        Membership { store_id: self.id, user_id: self.owner_id, role: StoreRole::Owner, since: self.created_at }
    }
}

impl Membership {
    /// Its key.
    #[must_use]
    pub fn key(store: StoreId, user: UserId) -> Key<Self> {
        Key::new(Kind::MEMBERSHIP, store, user)
    }

    /// What somebody is to a store, from what is written down of it.
    fn of(store: StoreId, user: &User, written: Option<Self>) -> Option<Self> {
        let unwritten = || (store == StoreId::stall_of(user.id)).then(|| Store::unwritten_stall(user).owner());
        written.or_else(unwritten)
    }

    /// The condition that the membership is as it was read.
    fn is_still(store: StoreId, user: UserId, role: StoreRole) -> Condition {
        let written = Condition::Is("role", role.as_str().into());
        if store == StoreId::stall_of(user) { Condition::Any(vec![Condition::Absent, written]) } else { written }
    }
}

impl Entity for Store {
    const KIND: Kind = Kind::STORE;

    fn to_key(&self) -> Key<Self> {
        Store::key(self.id)
    }
}

impl Entity for Membership {
    const KIND: Kind = Kind::MEMBERSHIP;

    fn to_key(&self) -> Key<Self> {
        Membership::key(self.store_id, self.user_id)
    }

    fn index_keys(&self) -> Vec<IndexKey> {
        vec![OF_PERSON.of(self.user_id, by_time(self.since, self.store_id))]
    }
}

impl Entity for StoreNameOwner {
    const KIND: Kind = Kind::STORE_NAME_OWNER;

    fn to_key(&self) -> Key<Self> {
        Key::new(Kind::STORE_NAME_OWNER, &self.folded, "")
    }
}

/// A store and who answers for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnedStore {
    /// The store.
    pub store: Store,
    /// Its public owner, whose account is in use.
    pub owner: User,
    /// Whether the store is written down: a stall of before there were stores is not.
    pub is_written: bool,
}

/// The store in which somebody lists something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ListingStore {
    /// One that is there, of which they are a member with this role.
    There(Store, StoreRole),
    /// Their stall, which the listing makes.
    NewStall(Store),
}

impl ListingStore {
    /// The store.
    #[must_use]
    pub const fn store(&self) -> &Store {
        match self {
            Self::There(store, _) | Self::NewStall(store) => store,
        }
    }
}

impl Table {
    /// The store and its public owner, as anybody may see them: not there when the owner's account is not
    /// in use. One call for stalls, two for other stores.
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn get_store_and_owner(&self, id: StoreId) -> Result<Option<OwnedStore>, Fault> {
        let keeper = id.keeper_of_stall();
        let (store, keeper) = self.get_together((Store::key(id), User::key(keeper))).await?;
        let is_written = store.is_some();
        let (store, owner) = match (store, keeper) {
            (Some(store), Some(keeper)) if store.owner_id == keeper.id => (store, Some(keeper)),
            (Some(store), _) => {
                let owner = self.get_user(store.owner_id).await?;
                (store, owner)
            }
            (None, Some(keeper)) => (Store::unwritten_stall(&keeper), Some(keeper)),
            (None, None) => return Ok(None),
        };
        let owner = owner.filter(|owner| owner.state == AccountState::Active);
        Ok(owner.map(|owner| OwnedStore { store, owner, is_written }))
    }

    /// What the caller is to a store; `None` when they are nothing to it, or it is not there. One call.
    ///
    /// # Errors
    /// When the table does not answer, or the caller's session has ended.
    pub async fn membership(&self, caller: &SignedIn, store: StoreId) -> Result<Option<Membership>, Failure> {
        let wanted = (User::key(caller.user_id), Membership::key(store, caller.user_id));
        let (user, written) = self.get_together(wanted).await?;
        let user = user.filter(|user| user.knows(caller)).ok_or(RequestError::SignInNeeded)?;
        Ok(Membership::of(store, &user, written))
    }

    /// The caller, and the store in which they want to list something: their stall unless they name one.
    /// `None` when they are no member of it. One call.
    ///
    /// # Errors
    /// When the table does not answer, or the caller's session has ended.
    pub async fn listing_store(
        &self,
        caller: &SignedIn,
        store: Option<StoreId>,
        now: Timestamp,
    ) -> Result<(User, Option<ListingStore>), Failure> {
        let id = store.unwrap_or_else(|| StoreId::stall_of(caller.user_id));
        let wanted = (User::key(caller.user_id), Membership::key(id, caller.user_id), Store::key(id));
        let (user, written, store) = self.get_together(wanted).await?;
        let user = user.filter(|user| user.knows(caller)).ok_or(RequestError::SignInNeeded)?;
        let place = match (Membership::of(id, &user, written), store) {
            (Some(membership), Some(store)) => Some(ListingStore::There(store, membership.role)),
            (Some(_), None) if id == StoreId::stall_of(user.id) => {
                Some(ListingStore::NewStall(Store { created_at: now, ..Store::unwritten_stall(&user) }))
            }
            (Some(_) | None, _) => None,
        };
        Ok((user, place))
    }

    /// The stores of which a person is a member, with what they are to each; the longest first. Read from an
    /// index: one that was opened a moment ago may be missing.
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn stores_of(&self, person: UserId) -> Result<Vec<(Store, Membership)>, Fault> {
        let mut found = Vec::new();
        let mut after = None;
        loop {
            // Two keys for each are read at once, and a call takes a hundred.
            let page = self.query(Query::place(Kind::MEMBERSHIP, OF_PERSON, person).limit(50).after(after)).await?;
            let ids: Vec<StoreId> = page.items.iter().filter_map(store_of).collect();
            if !ids.is_empty() {
                let keys = |id: &StoreId| (Store::key(*id), Membership::key(*id, person));
                let (stores, memberships): (Vec<_>, Vec<_>) = ids.iter().map(keys).unzip();
                let (stores, memberships) = self.get_together((stores, memberships)).await?;
                for membership in memberships {
                    if let Some(store) = stores.iter().find(|store| store.id == membership.store_id) {
                        found.push((store.clone(), membership));
                    }
                }
            }
            match page.last_key {
                Some(last_key) => after = Some(last_key),
                None => return Ok(found),
            }
        }
    }

    /// Erases a person's memberships, and the stores that have no other owner, with their names.
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn forget_stores(&self, person: UserId) -> Result<(), Fault> {
        let mut after = None;
        loop {
            let page = self.query(Query::place(Kind::MEMBERSHIP, OF_PERSON, person).limit(50).after(after)).await?;
            for id in page.items.iter().filter_map(store_of) {
                self.forget_membership(id, person).await?;
            }
            match page.last_key {
                Some(last_key) => after = Some(last_key),
                None => return Ok(()),
            }
        }
    }

    /// The person's own membership goes last: by it the rest is found, wherever this was broken off.
    async fn forget_membership(&self, id: StoreId, person: UserId) -> Result<(), Fault> {
        let (mut store, mut others) = (None, Vec::new());
        let mut after = None;
        loop {
            let page = self.query_consistently(Query::partition(Kind::STORE, id).after(after)).await?;
            for item in page.items {
                if item.is(Kind::STORE) {
                    store = Some(item.read::<Store>()?);
                } else if item.is(Kind::MEMBERSHIP) {
                    others.push(item.read::<Membership>()?);
                }
            }
            match page.last_key {
                Some(last_key) => after = Some(last_key),
                None => break,
            }
        }
        others.retain(|other| other.user_id != person);
        let is_theirs_alone = !others.iter().any(|other| other.role == StoreRole::Owner);
        if is_theirs_alone {
            if let Some(store) = &store {
                let its_own = Condition::Is("store_id", store.id.to_string().into());
                for name in store.name_owners() {
                    self.delete(&name.to_key(), its_own.clone()).await?;
                }
                self.delete(&store.to_key(), Condition::Present).await?;
            }
            for other in &others {
                self.delete(&other.to_key(), Condition::Present).await?;
            }
        }
        self.delete(&Membership::key(id, person), Condition::Present).await.map(|_| ())
    }
}

/// Of which store an entry of the index is.
fn store_of(item: &Item) -> Option<StoreId> {
    item.text(Index::Gsi3.sk())?.split_once('#')?.1.parse().ok()
}

/// Takes one form of a name, if no store has it.
fn take_name<'t, F: Into<Failure>>(
    writes: Transaction<'t>,
    name: &StoreNameOwner,
    taken: impl Fn() -> F + Send + Sync + 't,
) -> Transaction<'t> {
    writes.create(name).or_else(move |_| taken())
}

impl<'t> Transaction<'t> {
    /// Opens a store with its first owner, if no other has its name.
    #[must_use]
    pub fn open_store<F: Into<Failure>>(self, store: &Store, taken: impl Fn() -> F + Clone + Send + Sync + 't) -> Self {
        // The store first: of two who make the same stall at once, the second is told of the stall and not of
        // its name.
        let opened =
            self.create(store).or_else(|_| Fault::new(FaultKind::Contention, "open a store")).create(&store.owner());
        store.name_owners().iter().fold(opened, |writes, name| take_name(writes, name, taken.clone()))
    }

    /// Counts a store that the caller opens, if they may open one more.
    #[must_use]
    pub fn count_store(self, caller: &SignedIn) -> Self {
        let has_room =
            Condition::Any(vec![Condition::Lacks("store_count"), Condition::Below("store_count", STORES_MAX.into())]);
        let may = Condition::All(vec![User::is_still(caller), has_room]);
        let caller = caller.clone();
        self.update(&User::key(caller.user_id), vec![Change::Add("store_count", 1)], may).or_else(move |person| {
            let count = person.as_ref().and_then(|person| person.number("store_count")).unwrap_or(0);
            if count >= i64::from(STORES_MAX) {
                StoresError::TooManyStores.into()
            } else {
                User::changed_for(&caller, person)
            }
        })
    }

    /// Looks that the caller is still the member of a store that they were when they were let in.
    #[must_use]
    pub fn check_membership<F: Into<Failure>>(
        self,
        store: StoreId,
        user: UserId,
        role: StoreRole,
        no_longer: impl Fn() -> F + Send + Sync + 't,
    ) -> Self {
        self.check(&Membership::key(store, user), Membership::is_still(store, user, role)).or_else(move |_| no_longer())
    }

    /// Makes of a store, as it was read, what it shall be. Its name moves with it, if no other has the new one.
    #[must_use]
    pub fn change_store<F: Into<Failure>>(
        self,
        before: &Store,
        after: &Store,
        taken: impl Fn() -> F + Clone + Send + Sync + 't,
    ) -> Self {
        let mut changes = vec![Change::Set("name", after.name.as_str().into())];
        changes.push(match &after.story {
            Some(story) => Change::Set("story", story.as_str().into()),
            None => Change::Remove("story"),
        });
        let as_read = Condition::Is("name", before.name.as_str().into());
        let writes = self
            .update(&before.to_key(), changes, as_read)
            .or_else(|_| Fault::new(FaultKind::Contention, "change a store"));
        let (given_back, taken_up) = (before.name_owners(), after.name_owners());
        let new = taken_up.iter().filter(|name| !given_back.contains(name));
        let writes = new.fold(writes, |writes, name| take_name(writes, name, taken.clone()));
        let old = given_back.iter().filter(|name| !taken_up.contains(name));
        old.fold(writes, |writes, name| {
            writes.delete(&name.to_key(), Condition::Is("store_id", before.id.to_string().into()))
        })
    }
}
