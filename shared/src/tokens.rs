//! What proves who somebody is: access tokens, password hashes, sealed texts.

pub mod access;
pub mod password;
pub mod seal;
mod signature;
