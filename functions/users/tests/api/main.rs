//! The endpoints of `users` against the real engines.

#[cfg(test)]
mod add_address;
#[cfg(test)]
mod addresses;
#[cfg(test)]
mod change_password;
#[cfg(test)]
mod delete_me;
#[cfg(test)]
mod delete_session;
#[cfg(test)]
mod erase_withdrawn;
#[cfg(test)]
mod export_me;
#[cfg(test)]
mod get_me;
#[cfg(test)]
mod get_user;
#[cfg(test)]
mod leaving;
#[cfg(test)]
mod list_addresses;
#[cfg(test)]
mod list_sessions;
#[cfg(test)]
mod remove_address;
#[cfg(test)]
mod set_location;
#[cfg(test)]
mod update_address;
#[cfg(test)]
mod update_me;
