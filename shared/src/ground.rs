//! What everything else stands on. Nothing in here knows a door, a request or a service.

pub mod config;
pub mod encryption;
pub mod fault;
pub mod idempotency;
pub mod kind;
pub mod meter;
pub mod random;
pub mod refusal;
pub mod secret;
pub mod signed_in;
pub mod touch;
pub mod work_time;
