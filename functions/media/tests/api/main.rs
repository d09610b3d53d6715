//! The endpoints and the job of `media` against the real engines.

#[cfg(test)]
mod create_upload;
#[cfg(test)]
#[path = "../picture/files.rs"]
#[expect(dead_code, reason = "the tests of pictures, which share these files, use the rest")]
mod files;
#[cfg(test)]
mod get_media;
#[cfg(test)]
mod process_upload;
#[cfg(test)]
mod process_upload_again;
#[cfg(test)]
mod steps;
