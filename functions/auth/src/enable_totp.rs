//! Turns the second factor on that was set up, for a code that shows that the app has the secret.
//!
//! From here on signing in stops after the password and asks for a code. Every other session ends,
//! for none of them was begun with one; the present session goes on, and its refresh token gets the
//! next access token. The recovery codes are in the answer and never shown again.

use domain::auth::{AuthError, Notice, RecoveryCode, codes, totp::TotpCode};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use shared::{
    Failure,
    api::{Context, Endpoint, Method, Okay, Route, SignedIn, Touch, problem::RequestError},
    proofs::{attempts::Attempts, second_factor::Typed},
    secrets::SecretName,
    store::{
        Kind,
        expression::Change,
        outbox::OutboxEvent,
        totp::{Shown, TotpState},
    },
};

use crate::AuthTools;

/// `POST /me/totp/enable`.
#[derive(Debug)]
pub struct EnableTotp;

/// What the app shows.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EnableTotpRequest {
    /// The six digits that the app shows now.
    code: TotpCode,
}

/// The second factor is on.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct TotpEnabled {
    /// Ten codes for the day when the app is lost, each good once. This is the only time that they
    /// are shown.
    recovery_codes: Vec<RecoveryCode>,
}

impl Endpoint for EnableTotp {
    const ROUTE: Route = Route::new("auth.enable_totp", Method::Post, "/me/totp/enable")
        .summary("Turns two-step sign-in on.")
        .touches(&[
            Touch::Secret(SecretName::TotpKey),
            Touch::Update(Kind::LIMIT_COUNTER),
            Touch::BatchGet(Kind::USER),
            Touch::BatchGet(Kind::TOTP),
            Touch::Update(Kind::TOTP),
            Touch::Update(Kind::USER),
            Touch::Update(Kind::SESSION),
            Touch::Put(Kind::OUTBOX_EVENT),
        ]);
    const ERRORS: &'static [domain::ErrorCode] =
        &[codes::TOTP_ENABLED, codes::TOTP_NOT_STARTED, codes::SECOND_FACTOR_WRONG, codes::TOO_MANY_ATTEMPTS];

    type Tools = AuthTools;
    type Caller = SignedIn;
    type Request = EnableTotpRequest;
    type Reply = Okay<TotpEnabled>;

    async fn handle(
        tools: &AuthTools,
        caller: SignedIn,
        request: EnableTotpRequest,
        context: &Context,
    ) -> Result<Self::Reply, Failure> {
        let now = context.now;
        let found = tools.table().get_user_and_totp(caller.user_id).await?;
        let found = found.filter(|found| found.user.knows(&caller)).ok_or(RequestError::SignInNeeded)?;
        let totp = found.totp.ok_or(AuthError::TotpNotStarted)?;
        if totp.state == TotpState::Enabled {
            return Err(AuthError::TotpEnabled.into());
        }
        let attempts = Attempts::at_second_factor(caller.user_id, None, now);
        attempts.count(&tools.core).await?;
        let typed = Typed::Code(request.code);
        let Shown::Code(step) = typed.look(&tools.core, &totp, now)? else { return Err(typed.wrong().into()) };

        let writes =
            tools
                .table()
                .transaction()
                // It was started anew, or somebody else turned it on with the same code.
                .enable_totp(&totp, step, |now| {
                    if now.is_some() { AuthError::TotpEnabled } else { AuthError::TotpNotStarted }
                })
                .raise_epoch_keeping(&caller, vec![Change::Set("second_factor", true.into())])
                .create(&OutboxEvent::notice(&found.user, Notice::TotpEnabled, now)?);
        attempts.forget(writes).commit().await?;
        Ok(Okay(TotpEnabled { recovery_codes: tools.totp_key()?.recovery_codes(totp.user_id, totp.id) }))
    }
}
