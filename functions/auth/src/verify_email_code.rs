//! Checks the code that a person typed, and gives a proof of their address for it.
//!
//! A guess is counted before it is looked at, so of a hundred at once only five are. Guesses of one
//! source are few, at whatever addresses: else a stranger could use up the five of every code that
//! somebody waits for. The proof is a sealed text and stored nowhere: signing up, or setting a password,
//! brings it back.

use domain::{
    Timestamp,
    auth::{AuthError, CODE_TRIES_MAX, CodePurpose, EMAIL_PROOF_LIFETIME, TypedCode, codes},
    text::Email,
    timestamp::Seconds,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use shared::{
    Failure,
    api::{Anyone, Context, Endpoint, Method, Okay, Route, Touch},
    secrets::SecretName,
    store::{Kind, limits::Limit},
    tokens::email_code::{self, EmailProof},
};

use crate::AuthTools;

const PER_SOURCE: Limit = Limit { feature: "code-guesses-source", most: 60, window: Seconds::hours(1) };

/// `POST /auth/email-codes/verify`.
#[derive(Debug)]
pub struct VerifyEmailCode;

/// Which code was typed, for which address, and what for.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct VerifyEmailCodeRequest {
    /// The address that the code was mailed to.
    email: Email,
    /// What the code is for.
    purpose: CodePurpose,
    /// The six digits.
    code: TypedCode,
}

/// The address is proved.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct EmailVerified {
    /// The proof, to be brought along to what the code was for.
    email_proof: String,
    /// Until when the proof holds.
    expires_at: Timestamp,
}

impl Endpoint for VerifyEmailCode {
    const ROUTE: Route = Route::new("auth.verify_email_code", Method::Post, "/auth/email-codes/verify")
        .summary("Checks an e-mail code and gives a proof of the address.")
        .touches(&[
            Touch::Secret(SecretName::EmailCodeKey),
            Touch::Update(Kind::LIMIT_COUNTER),
            Touch::Update(Kind::EMAIL_CODE),
        ]);
    const ERRORS: &'static [domain::ErrorCode] = &[codes::CODE_WRONG, codes::CODE_EXPIRED, codes::TOO_MANY_ATTEMPTS];

    type Tools = AuthTools;
    type Caller = Anyone;
    type Request = VerifyEmailCodeRequest;
    type Reply = Okay<EmailVerified>;

    async fn handle(
        tools: &AuthTools,
        _: Anyone,
        request: VerifyEmailCodeRequest,
        context: &Context,
    ) -> Result<Self::Reply, Failure> {
        let VerifyEmailCodeRequest { email, purpose, code: guess } = request;
        let key = tools.email_code_key()?;
        let counted = tools.table().count(&PER_SOURCE, &context.source, context.now).await?;
        counted.or_else(|retry_after_s| AuthError::TooManyAttempts { retry_after_s })?;
        let Some(code) = tools.table().count_code_try(&email, purpose, context.now).await? else {
            return Err(AuthError::CodeExpired.into());
        };
        if !email_code::is_right(&key, code.id, &email, purpose, &guess) {
            return Err(AuthError::CodeWrong { tries_left: CODE_TRIES_MAX.saturating_sub(code.tries) }.into());
        }
        tools.table().transaction().use_code(&code).commit().await?;
        let expires_at = context.now.plus(EMAIL_PROOF_LIFETIME);
        let email_proof = EmailProof { email, code: code.id, expires_at }.seal(&key, purpose)?;
        Ok(Okay(EmailVerified { email_proof, expires_at }))
    }
}
