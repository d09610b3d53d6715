//! The rules of the marketplace.
//!
//! Nothing here performs I/O, reads a clock or the environment, or knows HTTP or AWS: a rule gets
//! what it needs as arguments and answers with a value. So every rule can be tested without a
//! runtime, and the same rule holds in a function, in the local cloud and in a test.

pub mod auth;
pub mod catalog;
pub mod checkout;
pub mod error;
pub mod field;
pub mod ids;
pub mod language;
pub mod ledger;
pub mod media;
pub mod money;
pub mod orders;
pub mod payments;
pub mod processes;
pub mod stores;
pub mod text;
pub mod timestamp;
pub mod users;

pub use error::{Class, ErrorCode, Member, ServiceError};
pub use field::{FieldCode, FieldError};
pub use language::Language;
pub use money::{Currency, Money};
pub use timestamp::Timestamp;
