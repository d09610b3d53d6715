//! People who leave: the plan, the change of mind, and what is erased of them.
//!
//! Whoever asks to withdraw stands in the `due` index, first at once, so that what they sell is taken
//! out of the lists, then at the end of the cooling-off period. `USER#{user}` · `PROFILE` goes last:
//! as long as anything is left of a person, the index still leads to them, wherever the work was
//! broken off. Each step is a conditional write that does nothing where it was done before.
//!
//! What is not found here needs no erasing: an event of the outbox loses the address when its mail has
//! left, the answers that are remembered are sealed under a key that nobody keeps, and counters are
//! named after ids and keyed hashes.

use std::cmp::Reverse;

use domain::{
    Timestamp,
    auth::AccountState,
    ids::UserId,
    orders::{Contact, ShippingAddress},
};

use super::{
    Entity as _, Index, Item, Key, Kind, Page, Query, Table, Transaction,
    due_walk::DueWalk,
    expression::{Change, Condition, Value},
    item::Attributes,
    orders::{OF_BUYER, OldPayment, StoredOrder},
    table::Updated,
    users::{DUE_ACCOUNTS, EmailOwner, User, owners},
};
use crate::{fault::Fault, ground::signed_in::SignedIn};

/// A part of a buyer's orders.
#[derive(Debug, Clone)]
pub struct OrderPage {
    /// The orders, as they are, the newest first.
    pub orders: Vec<StoredOrder>,
    /// Where the next page begins.
    pub last_key: Option<Attributes>,
}

/// An account is to be looked at by the schedule from this moment on.
fn due_at(user: UserId, at: Timestamp) -> [Change; 2] {
    let place = DUE_ACCOUNTS.at(user, at);
    [Change::Set(Index::Due.pk(), place.pk.into()), Change::Set(Index::Due.sk(), place.sk.into())]
}

/// The person is in this state, and their plan is still the one that was read.
fn as_read(user: &User) -> Condition {
    let plan = match user.erase_at {
        Some(at) => Condition::Is("erase_at", at.into()),
        None => Condition::Lacks("erase_at"),
    };
    Condition::All(vec![Condition::Is("state", user.state.as_str().into()), plan])
}

impl Transaction<'_> {
    /// Notes that the caller withdraws, and ends every session of theirs at once.
    #[must_use]
    pub fn plan_withdrawal(self, caller: &SignedIn, erase_at: Timestamp, now: Timestamp) -> Self {
        let mut changes = vec![
            Change::Set("state", AccountState::Withdrawing.as_str().into()),
            Change::Set("erase_at", erase_at.into()),
            Change::Add("epoch", 1),
        ];
        changes.extend(due_at(caller.user_id, now));
        let caller_of_it = caller.clone();
        self.update(&User::key(caller.user_id), changes, User::is_still(caller))
            .or_else(move |person| User::changed_for(&caller_of_it, person))
    }

    /// Notes that a person changed their mind. Refuses, as the next [`Transaction::or_else`] says, when
    /// it is too late, or they are no longer as they were read.
    #[must_use]
    pub fn cancel_withdrawal(self, user: &User, now: Timestamp) -> Self {
        let mut changes = vec![Change::Set("state", AccountState::Active.as_str().into()), Change::Remove("erase_at")];
        // What they sell was taken out of the lists, and goes back there.
        changes.extend(due_at(user.id, now));
        let in_time = Condition::All(vec![
            Condition::Is("epoch", user.epoch.into()),
            Condition::Is("state", AccountState::Withdrawing.as_str().into()),
            Condition::Above("erase_at", now.into()),
        ]);
        self.update(&User::key(user.id), changes, in_time)
    }
}

impl Table {
    /// Accounts that the schedule is to look at by now.
    #[must_use]
    pub fn accounts_due(&self, now: Timestamp) -> DueWalk<'_, User, UserId> {
        DueWalk::new(self, DUE_ACCOUNTS, now)
    }

    /// The schedule looks at an account again from this moment on, unless its owner has changed their
    /// mind meanwhile.
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn put_off_account(&self, user: &User, until: Timestamp) -> Result<(), Fault> {
        self.update(&user.to_key(), due_at(user.id, until).to_vec(), as_read(user)).await.map(|_| ())
    }

    /// The schedule need not look at an account any more.
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn leave_account(&self, user: &User) -> Result<(), Fault> {
        let changes = vec![Change::Remove(Index::Due.pk()), Change::Remove(Index::Due.sk())];
        self.update(&user.to_key(), changes, as_read(user)).await.map(|_| ())
    }

    /// From here on nobody can change their mind. Whether it is so: they may have done it before.
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn begin_erasing(&self, user: &User) -> Result<bool, Fault> {
        let change = vec![Change::Set("state", AccountState::Erasing.as_str().into())];
        Ok(matches!(self.update(&user.to_key(), change, as_read(user)).await?, Updated::Done(_)))
    }

    /// A page of the orders that a person placed, at most 100, the newest first.
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn orders_of(&self, buyer: UserId, after: Option<Attributes>) -> Result<OrderPage, Fault> {
        let query = Query::place(Kind::ORDER, OF_BUYER, buyer).newest_first();
        let Page { items, last_key } = self.query(query.limit(100).after(after)).await?;
        let keys: Vec<Key<StoredOrder>> = items
            .iter()
            .filter_map(|item| item.text(Index::Gsi1.sk()).and_then(|sk| sk.split_once('#')))
            .filter_map(|(_, id)| id.parse().ok())
            .map(StoredOrder::key)
            .collect();
        if keys.is_empty() {
            return Ok(OrderPage { orders: Vec::new(), last_key });
        }
        let mut orders = self.get_each(keys).await?;
        orders.sort_by_key(|order| Reverse((order.placed_at, order.id)));
        Ok(OrderPage { orders, last_key })
    }

    /// Takes out of an order who placed it and where the goods went. What was bought, for how much, and
    /// the ids stay: the books are made of them. Whether it is done; when somebody moved the order at
    /// this moment it is not, and wants to be read again.
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn strip_order(&self, order: &StoredOrder) -> Result<bool, Fault> {
        self.strip_payment(order.checkout_id).await?;
        let mut changes = vec![
            Change::Set("contact", Value::written(&Contact::erased())?),
            Change::Set("shipping", Value::written(&ShippingAddress::erased())?),
            // The carrier's page about the parcel and what was written about a cancellation name people too.
            Change::Remove("shipment"),
            Change::Remove("cancellation"),
            // Whoever has read the order before must not write back what it said.
            Change::Add("version", 1),
            Change::Remove(Index::Gsi1.pk()),
            Change::Remove(Index::Gsi1.sk()),
        ];
        if let Some(old) = &order.old_payment {
            let payment = Value::written(&OldPayment { receipt_url: None, ..old.clone() })?;
            // An order of before there were checkouts, and one that has moved since: in each the one is read
            // and the other is not.
            changes.extend([Change::Set("payment", payment.clone()), Change::Set("old_payment", payment)]);
        }
        let as_read = Condition::Is("version", order.version.into());
        Ok(matches!(self.update(&order.to_key(), changes, as_read).await?, Updated::Done(_)))
    }

    /// Forgets whose an address was, its codes, and whether it can be written to; unless it belongs to
    /// somebody else by now.
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn forget_email(&self, user: &User) -> Result<(), Fault> {
        let owner = EmailOwner::key(&user.email);
        let items = self.query_consistently(Query::partition(Kind::EMAIL_OWNER, user.email.as_str())).await?.items;
        let theirs = user.id.to_string();
        if !items.iter().any(|item| item.is(Kind::EMAIL_OWNER) && item.text("user_id") == Some(&*theirs)) {
            return Ok(());
        }
        // The owner last: by it we know that the rest is theirs.
        for item in items.iter().filter(|item| !item.is(Kind::EMAIL_OWNER)) {
            self.forget_item(Kind::EMAIL_OWNER, item).await?;
        }
        self.delete(&owner, Condition::Is("user_id", theirs.into())).await.map(|_| ())
    }

    /// Gives a nickname back, unless it belongs to somebody else by now.
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn forget_nickname(&self, user: &User) -> Result<(), Fault> {
        for owner in owners(&user.nickname, user.id) {
            let theirs = Condition::Is("user_id", user.id.to_string().into());
            self.delete(&owner.to_key(), theirs).await?;
        }
        Ok(())
    }

    /// Forgets whose the accounts elsewhere are that a person signed in with.
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn forget_logins(&self, user: UserId) -> Result<(), Fault> {
        for login in self.logins_of(user).await? {
            let theirs = Condition::Is("user_id", user.to_string().into());
            self.delete(&login.owner().to_key(), theirs).await?;
        }
        Ok(())
    }

    /// Forgets all that is in a person's partition, whatever kind it is of, and the person at last.
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn forget_person(&self, user: &User) -> Result<(), Fault> {
        let mut after = None;
        loop {
            let query = Query::partition(Kind::USER, user.id).after(after);
            let Page { items, last_key } = self.query_consistently(query).await?;
            for item in items.iter().filter(|item| !item.is(Kind::USER)) {
                self.forget_item(Kind::USER, item).await?;
            }
            match last_key {
                Some(last_key) => after = Some(last_key),
                None => break,
            }
        }
        self.delete(&user.to_key(), as_read(user)).await.map(|_| ())
    }

    /// Forgets one item of a partition that is named after this kind.
    async fn forget_item(&self, partition: Kind, item: &Item) -> Result<(), Fault> {
        let (Some(pk), Some(sk)) = (item.text("pk"), item.text("sk")) else { return Ok(()) };
        self.delete(&Key::read(partition, pk, sk), Condition::Present).await.map(|_| ())
    }
}
