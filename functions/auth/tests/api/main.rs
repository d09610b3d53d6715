//! The endpoints of `auth` against the real engines.

#[cfg(test)]
mod check_nickname;
#[cfg(test)]
mod device;
#[cfg(test)]
mod get_jwks;
#[cfg(test)]
mod idempotency;
#[cfg(test)]
mod refresh_session;
#[cfg(test)]
mod reset_password;
#[cfg(test)]
mod send_email_code;
#[cfg(test)]
mod sessions;
#[cfg(test)]
mod sign_in;
#[cfg(test)]
mod sign_out;
#[cfg(test)]
mod sign_up;
#[cfg(test)]
mod steps;
#[cfg(test)]
mod verify_email_code;
