//! The only door to DynamoDB.
//!
//! One table. Keys are spelled in [`keys`] and nowhere else; each entity has one file with its
//! shape and the questions asked of it; [`table`] has the few ways to read and [`transaction`] the
//! ways to write, and all writes are conditional. There is no Scan and no unconditional put.

pub mod cursor;
pub mod due_walk;
pub mod expression;
pub mod item;
pub mod keys;
pub mod meter;
pub mod schema;
pub mod table;
pub mod transaction;

// The entities, in the order of docs/KEYS.md.
pub mod addresses;
pub mod audit;
pub mod categories;
pub mod email_codes;
pub mod idempotency;
pub mod limits;
pub mod listings;
pub mod logins;
pub mod media;
pub mod media_quotas;
pub mod media_removals;
pub mod orders;
pub mod outbox;
pub mod postings;
pub mod sessions;
pub mod signing_in;
pub mod suppressions;
pub mod totp;
pub mod users;
pub mod withdrawals;

pub use item::{Entity, Item};
pub use keys::{Index, Key, Kind};
pub use table::{Page, Query, Table};
pub use transaction::Transaction;
