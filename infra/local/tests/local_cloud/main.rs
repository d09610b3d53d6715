//! The local cloud does what AWS does: the gateway, the deliveries, the Runtime API, the pages.

// The futures of the cloud are deep: servers in servers.
#![recursion_limit = "256"]

mod client;
mod deliveries;
mod functions;
mod gateway;
mod pages;
mod payload;
mod program;
mod trial;
