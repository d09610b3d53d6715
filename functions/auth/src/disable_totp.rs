//! Turns the second factor off, for a fresh proof of both: the password and a code.
//!
//! A session that was left open must not be enough to take the lock off the door (ASVS 7.5.1). People
//! who have no password, since they sign in with a provider, prove their address instead.

use domain::auth::{AuthError, Notice, PasswordAttempt, RecoveryCode, TokenText, codes, totp::TotpCode};
use schemars::JsonSchema;
use serde::Deserialize;
use shared::{
    Failure,
    api::{Context, Endpoint, Method, NoContent, Route, SignedIn, Touch, problem::RequestError},
    codes,
    proofs::{self, FreshProof, second_factor::Typed},
    secrets::SecretName,
    store::{Kind, expression::Change, outbox::OutboxEvent, users::User},
    touches,
};

use crate::AuthTools;

/// `POST /me/totp/disable`.
#[derive(Debug)]
pub struct DisableTotp;

/// The fresh proof and the second factor.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("examples" = [{ "current_password": "correct horse battery", "code": "287082" }]))]
pub struct DisableTotpRequest {
    /// The password, for people who have one.
    #[serde(default)]
    current_password: Option<PasswordAttempt>,
    /// The proof of the address for the purpose `confirm`, for people who have no password. Good once.
    #[serde(default)]
    email_proof: Option<TokenText>,
    /// The six digits that the app shows now.
    #[serde(default)]
    code: Option<TotpCode>,
    /// One of the recovery codes, in place of the six digits.
    #[serde(default)]
    recovery_code: Option<RecoveryCode>,
}

impl Endpoint for DisableTotp {
    const ROUTE: Route = Route::new("auth.disable_totp", Method::Post, "/me/totp/disable")
        .summary("Turns two-step sign-in off.")
        .touches(touches![
            proofs::FRESH,
            &[
                Touch::Secret(SecretName::TotpKey),
                Touch::BatchGet(Kind::TOTP),
                Touch::Delete(Kind::TOTP),
                Touch::Update(Kind::USER),
                Touch::Put(Kind::OUTBOX_EVENT),
            ],
        ])
        .memory_mb(1024);
    const ERRORS: &'static [domain::ErrorCode] =
        codes![proofs::REFUSALS, &[codes::TOTP_NOT_ENABLED, codes::SECOND_FACTOR_WRONG],];

    type Tools = AuthTools;
    type Caller = SignedIn;
    type Request = DisableTotpRequest;
    type Reply = NoContent;

    async fn handle(
        tools: &AuthTools,
        caller: SignedIn,
        request: DisableTotpRequest,
        context: &Context,
    ) -> Result<Self::Reply, Failure> {
        let now = context.now;
        let typed = Typed::one_of(request.code, request.recovery_code)?;
        let fresh = FreshProof::one_of(&tools.core, request.current_password, request.email_proof, now)?;
        let found = tools.table().get_caller_proofs(&caller).await?;
        let totp = found.enabled_totp().ok_or(AuthError::TotpNotEnabled)?;
        let (proved, shown) = fresh.prove_with(&typed, &tools.core, &found, totp, now).await?;

        let user = &found.user;
        proved
            .spend(tools.table().transaction())
            .remove_totp(totp, shown, |now| typed.was_late(shown, now))
            .update(&User::key(user.id), vec![Change::Set("second_factor", false.into())], User::is_still(&caller))
            .or_else(|_| RequestError::SignInNeeded)
            .create(&OutboxEvent::notice(user, Notice::TotpDisabled, now)?)
            .commit()
            .await?;
        Ok(NoContent)
    }
}
