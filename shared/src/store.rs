//! The only door to DynamoDB.
//!
//! One table. Each entity has one file: its kind, how its keys look and its places in indexes
//! (`impl Kind { pub const … }`), its shape, and the questions asked of it. [`table`] has the few ways to
//! read and [`transaction`] the ways to write, and all writes are conditional. There is no Scan and no
//! unconditional put.

pub mod batch;
pub mod cursor;
pub mod due;
pub mod due_walk;
pub mod expression;
pub mod item;
pub mod key;
pub mod schema;
pub mod table;
pub mod transaction;
mod units;

// The entities, in the order of docs/KEYS.md.
pub mod addresses;
pub mod audit;
pub mod categories;
pub mod email_codes;
pub mod holdings;
pub mod idempotency;
pub mod limits;
pub mod listings;
pub mod logins;
pub mod media;
pub mod media_quotas;
pub mod media_removals;
pub mod orders;
pub mod outbox;
pub mod payments;
pub mod postings;
pub mod refunds;
pub mod sessions;
pub mod signing_in;
pub mod stores;
pub mod suppressions;
pub mod totp;
pub mod users;
pub mod withdrawals;

pub use crate::ground::kind::{Index, Kind, Place};
pub use item::{Entity, Item};
pub use key::Key;
pub use table::{Listed, Page, Query, Table};
pub use transaction::Transaction;

/// Every kind of item, for the documents and for tests. A kind that is declared and not listed here fails
/// `every_declared_kind_is_listed`.
pub const KINDS: &[Kind] = &[
    Kind::ADDRESS,
    Kind::AUDIT_ROW,
    Kind::CATEGORY,
    Kind::EMAIL_CODE,
    Kind::EMAIL_OWNER,
    Kind::HOLDINGS,
    Kind::HOLDINGS_OF_VARIANT,
    Kind::IDEMPOTENCY_RECORD,
    Kind::LIMIT_COUNTER,
    Kind::LISTING,
    Kind::LOGIN,
    Kind::LOGIN_ATTEMPT,
    Kind::LOGIN_OWNER,
    Kind::MEDIA,
    Kind::MEDIA_QUOTA,
    Kind::MEDIA_REMOVAL,
    Kind::MEMBERSHIP,
    Kind::NICKNAME_OWNER,
    Kind::ORDER,
    Kind::OUTBOX_EVENT,
    Kind::PASSWORD,
    Kind::PAYMENT,
    Kind::PAYMENT_OWNER,
    Kind::POSTING,
    Kind::REFUND,
    Kind::SESSION,
    Kind::STOCK,
    Kind::STORE,
    Kind::STORE_NAME_OWNER,
    Kind::SUPPRESSION,
    Kind::TOTP,
    Kind::USER,
];

#[cfg(test)]
mod tests;
