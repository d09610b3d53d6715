//! Pictures: upload grants, and the processing of what was uploaded.

pub mod picture;
