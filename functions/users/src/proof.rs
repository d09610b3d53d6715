//! That it is the person themselves who asks, at this moment: a session that was left open must not be
//! enough for what cannot be undone (ASVS 7.5.1).

use domain::{
    auth::{AuthError, CodePurpose, PASSWORD_GUESSES_FREE, PASSWORD_WAITS, PasswordAttempt},
    timestamp::Seconds,
};
use shared::{
    Failure,
    api::Context,
    store::{
        Transaction,
        limits::GrowingLimit,
        users::{Password, User},
    },
    tokens::{email_code::EmailProof, password},
};

use crate::UsersTools;

/// Whoever has found an unlocked device does not get to guess the password on it.
const CHECKS: GrowingLimit = GrowingLimit {
    feature: "password-check",
    free: PASSWORD_GUESSES_FREE,
    waits: &PASSWORD_WAITS,
    window: Seconds::days(1),
};

/// By the proof of the address, which is good once.
pub(crate) fn by_email<'t>(
    tools: &UsersTools,
    writes: Transaction<'t>,
    user: &User,
    proof: &str,
    context: &Context,
) -> Result<Transaction<'t>, Failure> {
    let key = tools.email_code_key()?;
    let proof = EmailProof::open(&key, CodePurpose::Confirm, proof, context.now)
        .filter(|proof| proof.email == user.email)
        .ok_or(AuthError::EmailProofInvalid)?;
    Ok(writes.use_proof(&proof, CodePurpose::Confirm))
}

/// By the present password. Counted before it is looked at, and forgotten when it is right.
pub(crate) async fn by_password<'t>(
    tools: &UsersTools,
    writes: Transaction<'t>,
    user: &User,
    present: Option<&Password>,
    attempt: Option<&PasswordAttempt>,
    context: &Context,
) -> Result<Transaction<'t>, Failure> {
    let attempt = attempt.ok_or(AuthError::PasswordWrong)?;
    let subject = user.id.to_string();
    let counted = tools.core.table.count_growing(&CHECKS, &subject, context.now).await?;
    counted.or_else(|retry_after_s| AuthError::TooManyAttempts { retry_after_s })?;
    if !password::matches(attempt.expose(), present.map(|present| present.hash.as_str()))? {
        return Err(AuthError::PasswordWrong.into());
    }
    Ok(writes.forget_attempts(&CHECKS, &subject, context.now))
}
