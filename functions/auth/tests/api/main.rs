//! The endpoints of `auth` against the real engines.

#[cfg(test)]
mod cancel_withdrawal;
#[cfg(test)]
mod certified_provider;
#[cfg(test)]
mod check_nickname;
#[cfg(test)]
mod complete_oauth;
#[cfg(test)]
mod device;
#[cfg(test)]
mod disable_totp;
#[cfg(test)]
mod enable_totp;
#[cfg(test)]
mod finish_oauth;
#[cfg(test)]
mod get_jwks;
#[cfg(test)]
mod idempotency;
#[cfg(test)]
mod link_login;
#[cfg(test)]
mod list_logins;
#[cfg(test)]
mod login_steps;
#[cfg(test)]
mod refresh_session;
#[cfg(test)]
mod removed_devices;
#[cfg(test)]
mod reset_password;
#[cfg(test)]
mod send_email_code;
#[cfg(test)]
mod sessions;
#[cfg(test)]
mod sign_in;
#[cfg(test)]
mod sign_in_totp;
#[cfg(test)]
mod sign_out;
#[cfg(test)]
mod sign_up;
#[cfg(test)]
mod start_oauth;
#[cfg(test)]
mod start_totp;
#[cfg(test)]
mod steps;
#[cfg(test)]
mod two_steps;
#[cfg(test)]
mod unlink_login;
#[cfg(test)]
mod verify_email_code;
