//! What everything else stands on. Nothing in here knows a door, a request or a service.

pub mod kind;
