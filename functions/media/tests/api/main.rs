//! The endpoints and the job of `media` against the real engines.

#[cfg(test)]
mod create_upload;
#[cfg(test)]
mod delete_media;
#[cfg(test)]
#[path = "../picture/files.rs"]
#[expect(
    dead_code,
    clippy::arithmetic_side_effects,
    reason = "shared with the tests of pictures, which use the rest; what overflows fails the test, as it should"
)]
mod files;
#[cfg(test)]
mod get_media;
#[cfg(test)]
mod get_original;
#[cfg(test)]
mod media_of;
#[cfg(test)]
mod process_upload;
#[cfg(test)]
mod process_upload_again;
#[cfg(test)]
mod quotas;
#[cfg(test)]
mod steps;
#[cfg(test)]
mod sweep_grants;
