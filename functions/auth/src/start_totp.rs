//! Begins to set up a second factor: makes a secret and shows it, once, as a picture and as text.
//!
//! It protects nothing until a code of it has come back (`POST /me/totp/enable`): else who mistypes
//! would lock themselves out. Asked again, the secret before is forgotten. Takes no `Idempotency-Key`
//! for that reason, and because its answer must not be stored.
//!
//! It takes a fresh proof (ASVS 7.5.1): whoever finds a device unlocked could lock its owner out of the
//! account. What turns it on takes a code of this very secret, and so needs no other.

use domain::{
    auth::{AuthError, PasswordAttempt, TokenText, codes, totp},
    ids::TotpId,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use shared::{
    Failure,
    api::{Context, Endpoint, Method, Okay, Route, SignedIn, Touch, problem::RequestError},
    codes,
    proofs::{self, FreshProof},
    random,
    secrets::SecretName,
    store::{Kind, totp::Totp, users::User},
    tokens::totp::TotpSecret,
    touches,
};

use crate::{AuthTools, qr};

/// `POST /me/totp`.
#[derive(Debug)]
pub struct StartTotp;

/// What shows that it is the person themselves: exactly one of the two.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("minProperties" = 1, "maxProperties" = 1, "examples" = [{ "current_password": "a password of their own" }]))]
pub struct StartTotpRequest {
    /// The password, for people who have one.
    #[serde(default)]
    current_password: Option<PasswordAttempt>,
    /// The proof of the address for the purpose `confirm`, for people who have no password. Good once.
    #[serde(default)]
    email_proof: Option<TokenText>,
}

/// A secret for an authenticator app, in three forms.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct TotpStarted {
    /// The secret in base32, for people who type it and programs that take it as it is.
    secret: String,
    /// The same as an address that apps open.
    uri: String,
    /// The address as a QR code, an SVG drawing.
    qr_svg: String,
}

impl Endpoint for StartTotp {
    const ROUTE: Route = Route::new("auth.start_totp", Method::Post, "/me/totp")
        .summary("Begins to set up two-step sign-in.")
        .touches(touches![
            proofs::FRESH,
            &[Touch::Secret(SecretName::TotpKey), Touch::Check(Kind::USER), Touch::Put(Kind::TOTP),],
        ])
        .memory_mb(1024);
    const ERRORS: &'static [domain::ErrorCode] = codes![proofs::REFUSALS, &[codes::TOTP_ENABLED],];

    type Tools = AuthTools;
    type Caller = SignedIn;
    type Request = StartTotpRequest;
    type Reply = Okay<TotpStarted>;

    async fn handle(
        tools: &AuthTools,
        caller: SignedIn,
        request: StartTotpRequest,
        context: &Context,
    ) -> Result<Self::Reply, Failure> {
        let now = context.now;
        let fresh = FreshProof::one_of(&tools.core, request.current_password, request.email_proof, now)?;
        let (user, password) = tools.table().get_caller_and_password(&caller).await?;
        if user.second_factor {
            return Err(AuthError::TotpEnabled.into());
        }
        let proved = fresh.prove(&tools.core, &user, password.as_ref(), now).await?;
        let secret = TotpSecret::generate()?;
        let locked = tools.totp_key()?.lock(user.id, &secret)?;
        let pending = Totp::new(user.id, TotpId::new(now, random::entropy()?), locked, now);
        proved
            .spend(tools.table().transaction())
            .put(&pending, Totp::may_start())
            .or_else(|_| AuthError::TotpEnabled)
            .check(&User::key(user.id), User::is_still(&caller))
            .or_else(|_| RequestError::SignInNeeded)
            .commit()
            .await?;
        let secret = secret.to_base32();
        let uri = totp::key_uri(&user.email, &secret);
        Ok(Okay(TotpStarted { secret, qr_svg: qr::svg(&uri)?, uri }))
    }
}
