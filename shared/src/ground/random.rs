//! Randomness, always from the operating system.

use domain::ids::Entropy;

use super::fault::{Fault, FaultKind};

/// So many random bytes.
///
/// # Errors
/// [`FaultKind::Randomness`] when the operating system has none to give.
pub fn bytes<const N: usize>() -> Result<[u8; N], Fault> {
    let mut bytes = [0_u8; N];
    getrandom::fill(&mut bytes)
        .map_err(|error| Fault::new(FaultKind::Randomness, "draw random bytes").with_source(error.to_string()))?;
    Ok(bytes)
}

/// The random part of a new id.
///
/// # Errors
/// As [`bytes`].
pub fn entropy() -> Result<Entropy, Fault> {
    bytes().map(Entropy)
}
