//! The endpoints of `ops` against the real engines.

#[cfg(test)]
mod get_health;
#[cfg(test)]
mod get_openapi;
#[cfg(test)]
mod refuse_unknown;
