//! The login simulators over HTTP, as a site and a browser see them. What they sign is checked here
//! by a verifier of its own.

#[cfg(test)]
mod claims;
#[cfg(test)]
mod errors;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod flaws;
#[cfg(test)]
mod pages;
#[cfg(test)]
mod protocol;
#[cfg(test)]
mod rotation;
#[cfg(test)]
mod support;
