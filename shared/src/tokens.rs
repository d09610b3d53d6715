//! What proves who somebody is: access tokens, password hashes, sealed texts.

pub mod access;
pub mod email_code;
pub mod login_secret;
pub mod order_secret;
pub mod password;
pub mod refresh;
pub mod seal;
mod signature;
pub mod totp;
