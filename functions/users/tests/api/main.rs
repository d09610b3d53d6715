//! The endpoints of `users` against the real engines.

#[cfg(test)]
mod get_me;
