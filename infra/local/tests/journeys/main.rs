//! Journeys: what people do, from end to end, over HTTP against the program that `scripts/dev` runs.
//!
//! With `JANGTEO_BINARIES` set to a folder of binaries the functions run as processes of their own
//! and speak the Lambda Runtime API; `scripts/lib/test-binaries` runs the same journeys that way.

#[cfg(test)]
mod browser;
#[cfg(test)]
mod crash;
#[cfg(test)]
mod program;
#[cfg(test)]
mod purchase;
