//! Who may depend on whom, and what the files look like: what clippy cannot say.

#[path = "layers/packages.rs"]
mod packages;
#[path = "layers/tidy.rs"]
mod tidy;
