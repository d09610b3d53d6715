//! The second step of signing in: a code of the authenticator app, or a recovery code.
//!
//! The first step gave a challenge, which says that the password was right and is good for five
//! minutes. Nothing is written before the code is looked at but the count of attempts, and the code
//! is spent in the very transaction that begins the session: shown fifty times at once, it signs in
//! once.

use domain::auth::{AuthError, Notice, RecoveryCode, TokenText, codes, totp::TotpCode};
use schemars::JsonSchema;
use serde::Deserialize;
use shared::{
    Failure,
    api::{Browser, Context, Endpoint, Method, Okay, Route, Touch, WithCookies},
    codes,
    proofs::{attempts::Attempts, second_factor::Typed},
    secrets::SecretName,
    store::{
        Kind,
        logins::KnownDevice,
        outbox::OutboxEvent,
        signing_in::{OwnDevice, SigningIn},
        totp::{Shown, Totp, TotpState},
    },
    touches,
};

use crate::{
    AuthTools,
    challenge::Challenge,
    known_device,
    session::{self, Device, SignedIn},
};

/// `POST /auth/sign-in/totp`.
#[derive(Debug)]
pub struct SignInTotp;

/// The word of the first step, and a code.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("examples" = [{ "challenge": "eyJ1c2VyIjoidXNyXzAxamQ3.c2VhbA", "code": "287082" }]))]
pub struct SignInTotpRequest {
    /// What the first step gave.
    challenge: TokenText,
    /// The six digits that the app shows now.
    #[serde(default)]
    code: Option<TotpCode>,
    /// One of the recovery codes, in place of the six digits.
    #[serde(default)]
    recovery_code: Option<RecoveryCode>,
    /// What an earlier sign-in gave to tell this device from others, for apps. Pages have it in a
    /// cookie.
    #[serde(default)]
    device_token: Option<TokenText>,
}

impl Endpoint for SignInTotp {
    const ROUTE: Route = Route::new("auth.sign_in_totp", Method::Post, "/auth/sign-in/totp")
        .summary("The second step of signing in.")
        .touches(touches![
            session::BEGIN,
            &[
                Touch::Secret(SecretName::TotpKey),
                Touch::Update(Kind::LIMIT_COUNTER),
                Touch::BatchGet(Kind::USER),
                Touch::BatchGet(Kind::TOTP),
                Touch::BatchGet(Kind::SESSION),
                Touch::Update(Kind::TOTP),
                Touch::Update(Kind::USER),
            ],
        ]);
    const ERRORS: &'static [domain::ErrorCode] =
        codes![session::REFUSALS, &[codes::CHALLENGE_INVALID, codes::SECOND_FACTOR_WRONG, codes::TOO_MANY_ATTEMPTS],];

    type Tools = AuthTools;
    type Caller = Browser;
    type Request = SignInTotpRequest;
    type Reply = WithCookies<Okay<SignedIn>>;

    async fn handle(
        tools: &AuthTools,
        browser: Browser,
        request: SignInTotpRequest,
        context: &Context,
    ) -> Result<Self::Reply, Failure> {
        let now = context.now;
        let typed = Typed::one_of(request.code, request.recovery_code)?;
        let challenge = Challenge::open(tools, request.challenge.as_str(), now)?.ok_or(AuthError::ChallengeInvalid)?;
        let token = request.device_token.as_ref().map(TokenText::as_str).or(browser.device.as_deref());
        let shown_device = known_device::open(tools, token, now)?;
        let SigningIn { user, device, proof: totp } = who(tools, &challenge, shown_device).await?;
        let attempts = Attempts::at_second_factor(challenge.user, device.map(OwnDevice::session), now);
        attempts.count(&tools.core).await?;
        let shown = typed.look(&tools.core, &totp, now)?;
        session::may_sign_in(&user, challenge.cancel_withdrawal, now)?;

        let mut writes = tools.table().transaction().spend_totp(&totp, shown, |now| typed.was_late(shown, now));
        if let Shown::RecoveryCode(_) = shown {
            let what = Notice::RecoveryCodeUsed { left: totp.recovery_left().saturating_sub(1) };
            writes = writes.create(&OutboxEvent::notice(&user, what, now)?);
        }
        let device = Device { own: device, user_agent: &browser.user_agent, session_in: challenge.session_in };
        let (signed_in, cookies) = session::begin(tools, user, device, context, attempts.forget(writes)).await?;
        Ok(WithCookies { reply: Okay(signed_in), cookies })
    }
}

/// The person of the challenge and their second factor, unless another password, or a factor turned
/// off, has ended the challenge since.
async fn who(
    tools: &AuthTools,
    challenge: &Challenge,
    shown_device: Option<KnownDevice>,
) -> Result<SigningIn<Totp>, Failure> {
    let found = tools.table().signing_in_by_totp(challenge.user, shown_device).await?;
    let SigningIn { user, device, proof } = found.ok_or(AuthError::ChallengeInvalid)?;
    let is_theirs = user.epoch == challenge.epoch && user.second_factor;
    let totp = proof.filter(|totp| is_theirs && totp.state == TotpState::Enabled);
    Ok(SigningIn { user, device, proof: totp.ok_or(AuthError::ChallengeInvalid)? })
}
