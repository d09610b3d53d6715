//! The real engines of the local cloud in one process: database, object store, mail, secrets and
//! the payment simulator, reached by the real AWS SDKs over HTTP on one port.
//!
//! What the engines are kinder about than AWS (no transaction conflicts, every read consistent, no
//! permissions) is made good here, switchable and seeded: see [`faults`] and [`front`].

pub mod clock;
pub mod faults;
pub mod toss;

pub use clock::Clock;
pub use faults::{Engine, FaultKind, FaultPlan, FaultRule, Faults};
