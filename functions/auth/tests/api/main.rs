//! The endpoints of `auth` against the real engines.

#[cfg(test)]
mod idempotency;
#[cfg(test)]
mod send_email_code;
#[cfg(test)]
mod sign_in;
#[cfg(test)]
mod sign_up;
#[cfg(test)]
mod steps;
#[cfg(test)]
mod verify_email_code;
