//! Begins to set up a second factor: makes a secret and shows it, once, as a picture and as text.
//!
//! It protects nothing until a code of it has come back (`POST /me/totp/enable`): else who mistypes
//! would lock themselves out. Asked again, the secret before is forgotten. Takes no `Idempotency-Key`
//! for that reason, and because its answer must not be stored.

use domain::{
    auth::{AuthError, codes, totp},
    ids::TotpId,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use shared::{
    Failure,
    api::{Context, Empty, Endpoint, Method, Okay, Route, SignedIn, Touch, problem::RequestError},
    random,
    secrets::SecretName,
    store::{Kind, keys, totp::Totp, users::User},
    tokens::totp::TotpSecret,
};

use crate::{AuthTools, qr};

/// See the head of this file.
#[derive(Debug)]
pub struct StartTotp;

/// A secret for an authenticator app, in three forms.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct TotpStarted {
    /// The secret in base32, in groups of four, for people who type it.
    secret: String,
    /// The same as an address that apps open.
    uri: String,
    /// The address as a QR code, an SVG drawing.
    qr_svg: String,
}

impl Endpoint for StartTotp {
    const ROUTE: Route = Route::new("auth.start_totp", Method::Post, "/me/totp")
        .summary("Begins to set up two-step sign-in.")
        .touches(&[
            Touch::Secret(SecretName::TotpKey),
            Touch::Get(Kind::User),
            Touch::Check(Kind::User),
            Touch::Put(Kind::Totp),
        ]);
    const ERRORS: &'static [domain::ErrorCode] = &[codes::TOTP_ENABLED];

    type Tools = AuthTools;
    type Caller = SignedIn;
    type Request = Empty;
    type Reply = Okay<TotpStarted>;

    async fn handle(tools: &AuthTools, caller: SignedIn, _: Empty, context: &Context) -> Result<Self::Reply, Failure> {
        let now = context.now;
        let user = tools.table().get_caller(&caller).await?;
        let secret = TotpSecret::generate()?;
        let locked = tools.totp_key()?.lock(user.id, &secret)?;
        let pending = Totp::new(user.id, TotpId::new(now, random::entropy()?), locked, now);
        tools
            .table()
            .transaction()
            .put(&pending, Totp::may_start())
            .or_else(|_| AuthError::TotpEnabled)
            .check(&keys::user(user.id), User::is_still(&caller))
            .or_else(|_| RequestError::SignInNeeded)
            .commit()
            .await?;
        let text = secret.to_base32();
        let uri = totp::key_uri(&user.email, &text);
        Ok(Okay(TotpStarted { secret: in_groups(&text), qr_svg: qr::svg(&uri)?, uri }))
    }
}

fn in_groups(text: &str) -> String {
    let mut grouped = String::with_capacity(text.len().saturating_mul(2));
    for (index, letter) in text.chars().enumerate() {
        if index > 0 && index.is_multiple_of(4) {
            grouped.push(' ');
        }
        grouped.push(letter);
    }
    grouped
}
