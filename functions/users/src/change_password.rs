//! Sets another password, for a person who is signed in.
//!
//! They show the present one; who signed up by a login of a provider has none yet, and proves their
//! address. Who has forgotten theirs resets it (`POST /auth/password-reset`), which ends this session
//! too.
//!
//! All other devices are signed out in the same transaction. The device that asks stays signed in; its
//! access token ends too, and its refresh token gets the next one. So this function needs no key that
//! signs tokens.

use domain::auth::{AuthError, NewPassword, Notice, PasswordAttempt, TokenText, codes};
use schemars::JsonSchema;
use serde::Deserialize;
use shared::{
    Failure,
    api::{Context, Endpoint, Method, NoContent, Route, SignedIn, Touch},
    codes,
    proofs::{self, FreshProof},
    store::{Kind, outbox::OutboxEvent, users::Password},
    tokens::password,
    touches,
};

use crate::UsersTools;

/// See the head of this file.
#[derive(Debug)]
pub struct ChangePassword;

/// The password to have, and one of two things that show who asks.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("examples" = [{ "password": "purple monkey dishwasher", "current_password": "the one before" }]))]
pub struct ChangePasswordRequest {
    /// The password to have from now on.
    password: NewPassword,
    /// The present password, for people who have one.
    #[serde(default)]
    current_password: Option<PasswordAttempt>,
    /// The proof of the address for the purpose `confirm`, for people who have no password. Good once.
    #[serde(default)]
    email_proof: Option<TokenText>,
}

impl Endpoint for ChangePassword {
    const ROUTE: Route = Route::new("users.change_password", Method::Post, "/me/password")
        .summary("Sets another password and signs all other devices out.")
        .touches(touches![
            proofs::FRESH,
            &[
                Touch::Update(Kind::USER),
                Touch::Update(Kind::SESSION),
                Touch::Put(Kind::PASSWORD),
                Touch::Put(Kind::OUTBOX_EVENT),
            ],
        ])
        .memory_mb(1024);
    const ERRORS: &'static [domain::ErrorCode] = codes![proofs::REFUSALS, &[codes::PASSWORD_TOO_COMMON],];

    type Tools = UsersTools;
    type Caller = SignedIn;
    type Request = ChangePasswordRequest;
    type Reply = NoContent;

    async fn handle(
        tools: &UsersTools,
        caller: SignedIn,
        request: ChangePasswordRequest,
        context: &Context,
    ) -> Result<Self::Reply, Failure> {
        let now = context.now;
        if request.password.is_common() {
            return Err(AuthError::PasswordTooCommon.into());
        }
        let core = &tools.core;
        let fresh = FreshProof::one_of(core, request.current_password, request.email_proof, now)?;
        let (user, present) = core.table.get_caller_and_password(&caller).await?;
        let proved = fresh.prove(core, &user, present.as_ref(), now).await?;
        let next = Password { user_id: user.id, hash: password::hash(request.password.expose())?, set_at: now };
        proved
            .spend(core.table.transaction())
            .replace_password(&next, present.as_ref())
            .or_else(|_| AuthError::PasswordWrong)
            .raise_epoch_keeping(&caller, Vec::new())
            .create(&OutboxEvent::notice(&user, Notice::PasswordChanged, now)?)
            .commit()
            .await?;
        Ok(NoContent)
    }
}
