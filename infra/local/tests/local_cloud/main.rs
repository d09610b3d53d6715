//! The local cloud does what AWS does: the gateway, the deliveries, the Runtime API, the pages.

// The futures of the cloud are deep: servers in servers.
#![recursion_limit = "256"]

#[cfg(test)]
mod client;
#[cfg(test)]
mod deliveries;
#[cfg(test)]
mod functions;
#[cfg(test)]
mod gateway;
#[cfg(test)]
mod logins;
#[cfg(test)]
mod mails;
#[cfg(test)]
mod pages;
#[cfg(test)]
mod payload;
#[cfg(test)]
mod program;
#[cfg(test)]
mod trial;
#[cfg(test)]
mod webhooks;
