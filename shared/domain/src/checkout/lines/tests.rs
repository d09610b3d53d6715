//! Merging lines.
