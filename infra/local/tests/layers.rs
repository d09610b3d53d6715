//! Who may depend on whom, and what the files look like: what clippy cannot say.

#[cfg(test)]
#[path = "layers/packages.rs"]
mod packages;
#[cfg(test)]
#[path = "layers/rooms.rs"]
mod rooms;
#[cfg(test)]
#[path = "layers/tidy.rs"]
mod tidy;
