//! Postings: entries that add up to zero.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::Account;
use crate::{
    Currency, Money, Timestamp,
    ids::{OrderId, PostingId},
};

/// One movement on one account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// The account.
    pub account: Account,
    /// Minor units: plus is debit, minus is credit. Never zero, and never further from zero than
    /// [`Money::MAX_AMOUNT`].
    pub amount: i64,
    /// The currency of the amount.
    pub currency: Currency,
}

/// What moved the money.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PostingKind {
    /// An order was paid.
    Sale,
    /// Some or all of a sale was given back.
    Refund,
}

/// Why a posting could not be made. A fault of ours, or of what is stored: no request can cause it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LedgerError {
    /// The entries of some currency do not add up to zero.
    #[error("the entries do not add up to zero")]
    Unbalanced,
    /// Fewer than [`Posting::FEWEST_ENTRIES`] or more than [`Posting::MOST_ENTRIES`] entries.
    #[error("a posting has 2 to 50 entries")]
    EntryCount,
    /// An entry of zero, or one that is too large.
    #[error("an entry is zero or out of range")]
    EntryAmount,
    /// An account stands in the posting twice in one currency.
    #[error("an account stands in the posting twice")]
    AccountRepeated,
    /// No money moves, so there is nothing to post.
    #[error("no money moves")]
    NothingToPost,
    /// Amounts of different currencies were to be combined.
    #[error("the amounts are in different currencies")]
    MixedCurrencies,
    /// More was to be given back than is left of the sale.
    #[error("more than is left of the sale")]
    RefundTooLarge,
    /// A fee over the whole price.
    #[error("a fee is 0 to 10000 basis points")]
    FeeRange,
}

/// Entries that add up to zero in each currency. There is no other kind: the constructor refuses
/// it, and so does reading one from the table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Unchecked")]
pub struct Posting {
    id: PostingId,
    order_id: OrderId,
    // Not `kind`: that attribute says what an item of the table is.
    #[serde(rename = "posting_kind")]
    kind: PostingKind,
    at: Timestamp,
    entries: Vec<Entry>,
}

/// A posting as it is read, before it is known to balance.
#[derive(Deserialize)]
struct Unchecked {
    id: PostingId,
    order_id: OrderId,
    // Not `kind`: that attribute says what an item of the table is.
    #[serde(rename = "posting_kind")]
    kind: PostingKind,
    at: Timestamp,
    entries: Vec<Entry>,
}

impl TryFrom<Unchecked> for Posting {
    type Error = LedgerError;

    fn try_from(read: Unchecked) -> Result<Self, LedgerError> {
        Self::new(read.id, read.order_id, read.kind, read.at, read.entries)
    }
}

impl Posting {
    /// The fewest entries: money comes from somewhere and goes somewhere.
    pub const FEWEST_ENTRIES: usize = 2;
    /// The most entries. An order that was placed before there were checkouts has up to 20 sellers, so its
    /// sale has 22.
    pub const MOST_ENTRIES: usize = 50;

    /// A posting.
    ///
    /// # Errors
    /// [`LedgerError::EntryCount`], [`LedgerError::EntryAmount`], [`LedgerError::AccountRepeated`] and
    /// [`LedgerError::Unbalanced`].
    pub fn new(
        id: PostingId,
        order_id: OrderId,
        kind: PostingKind,
        at: Timestamp,
        entries: Vec<Entry>,
    ) -> Result<Self, LedgerError> {
        if !(Self::FEWEST_ENTRIES..=Self::MOST_ENTRIES).contains(&entries.len()) {
            return Err(LedgerError::EntryCount);
        }
        let range = -Money::MAX_AMOUNT..=Money::MAX_AMOUNT;
        if entries.iter().any(|entry| entry.amount == 0 || !range.contains(&entry.amount)) {
            return Err(LedgerError::EntryAmount);
        }
        let accounts: BTreeSet<_> = entries.iter().map(|entry| (entry.account, entry.currency.code())).collect();
        if accounts.len() < entries.len() {
            return Err(LedgerError::AccountRepeated);
        }
        for currency in [Currency::Krw, Currency::Usd] {
            // At most 50 amounts of at most 10^12: the sum fits.
            let of_currency = entries.iter().filter(|entry| entry.currency == currency);
            let sum = of_currency.fold(0_i64, |sum, entry| sum.saturating_add(entry.amount));
            if sum != 0 {
                return Err(LedgerError::Unbalanced);
            }
        }
        Ok(Self { id, order_id, kind, at, entries })
    }

    /// The id.
    #[must_use]
    pub const fn id(&self) -> PostingId {
        self.id
    }

    /// The order whose money moves.
    #[must_use]
    pub const fn order_id(&self) -> OrderId {
        self.order_id
    }

    /// What moved the money.
    #[must_use]
    pub const fn kind(&self) -> PostingKind {
        self.kind
    }

    /// When it moved.
    #[must_use]
    pub const fn at(&self) -> Timestamp {
        self.at
    }

    /// The movements.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }
}

/// What stands on each account after some postings, in each currency. Accounts that are even are
/// left out. The amounts are wider than those of entries, since the books may hold any number.
pub fn balances<'a>(postings: impl IntoIterator<Item = &'a Posting>) -> BTreeMap<(Account, &'static str), i128> {
    let mut sums: BTreeMap<(Account, &'static str), i128> = BTreeMap::new();
    for entry in postings.into_iter().flat_map(Posting::entries) {
        let sum = sums.entry((entry.account, entry.currency.code())).or_default();
        *sum = sum.saturating_add(i128::from(entry.amount));
    }
    sums.retain(|_, sum| *sum != 0);
    sums
}

#[cfg(test)]
#[expect(clippy::arithmetic_side_effects, reason = "a sum that overflows fails the test, as it should")]
mod tests;
