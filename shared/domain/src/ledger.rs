//! The books: double entry, in whole minor units.
//!
//! Money never appears and never vanishes: it goes from one account to another. Every event that
//! moves money is one [`Posting`], whose entries add up to zero in each currency, and a posting
//! that does not cannot be made. So the sum over any set of postings is zero too.
//!
//! The sign is the bookkeeper's: plus is debit (what others owe us), minus is credit (what we owe
//! others, and what is ours to keep). The providers' accounts are in plus after a sale; the
//! stores' and the platform's are in minus by the same amount.

mod account;
mod posting;
mod sale;

pub use account::{Account, NotAnAccount};
pub use posting::{Entry, LedgerError, Posting, PostingKind, balances};
pub use sale::{FeePolicy, Refund, Sale, refund_posting, sale_posting};
