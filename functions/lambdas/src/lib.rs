//! Nothing: this package is its binaries.
