//! The engines as the functions meet them: through the real AWS SDKs, over HTTP.
#![expect(clippy::disallowed_methods, reason = "here the engine is tested, below the rules of the store")]

mod database;
mod durability;
mod faults;
mod metering;
mod objects;
mod permissions;
mod services;
mod streams;
mod support;
