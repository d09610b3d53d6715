//! How often one proof of an address may be tried. Hashing a password takes a gigabyte and fifty
//! milliseconds, and a proof is used up only by success: it is counted before anything is hashed.

use domain::{Timestamp, auth::AuthError, timestamp::Seconds};
use shared::{Failure, api::Tools as _, store::limits::Limit, tokens::email_code::EmailProof};

use crate::AuthTools;

/// Enough for somebody whose nickname is taken again and again.
const PER_PROOF: Limit = Limit { feature: "proof-tries", most: 10, window: Seconds::hours(1) };

/// Counts one more try with this proof.
///
/// Touches `Update` of `LimitCounter`.
///
/// # Errors
/// [`AuthError::EmailProofInvalid`] when there were too many: another code gives another proof.
pub(crate) async fn count(tools: &AuthTools, proof: &EmailProof, now: Timestamp) -> Result<(), Failure> {
    let counted = tools.core().table.count(&PER_PROOF, &proof.code.to_string(), now).await?;
    counted.or_else(|_| AuthError::EmailProofInvalid).map_err(Failure::from)
}
