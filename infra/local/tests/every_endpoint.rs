//! The sweep: what must hold for every endpoint there is or will be. There is no list of endpoints
//! here; whatever `local::services::all()` has is swept, with the requests that its OpenAPI document
//! gives as examples.

// The futures of the cloud are deep: servers in servers.
#![recursion_limit = "256"]

#[cfg(test)]
#[path = "every_endpoint/addresses.rs"]
mod addresses;
#[cfg(test)]
#[path = "every_endpoint/bodies.rs"]
mod bodies;
#[cfg(test)]
#[path = "every_endpoint/callers.rs"]
mod callers;
#[cfg(test)]
#[path = "every_endpoint/fields.rs"]
mod fields;
#[cfg(test)]
#[path = "every_endpoint/logs.rs"]
mod logs;
#[cfg(test)]
#[path = "every_endpoint/numbers.rs"]
mod numbers;
#[cfg(test)]
#[path = "every_endpoint/owners.rs"]
mod owners;
#[cfg(test)]
#[path = "every_endpoint/sweep.rs"]
mod sweep;
