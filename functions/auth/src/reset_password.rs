//! Sets a password in place of a forgotten one, for whoever proves the address of the account.
//!
//! Every device is signed out in the same transaction, and nobody is signed in: the person signs in
//! next, with their second factor if they have one. The proof is good once. Nothing here, and nothing
//! in the mails, is made of what the request says about its host (attack 52).
//!
//! The browser is known to the account from now on (its owner reads the account's mail): so whoever
//! keeps guessing at the account from elsewhere does not keep its owner out here.

use domain::{
    auth::{AuthError, CodePurpose, NewPassword, Notice, codes},
    ids::SessionId,
};
use schemars::JsonSchema;
use serde::Deserialize;
use shared::{
    Failure,
    api::{Anyone, Context, Endpoint, Method, NoContent, Route, Touch, WithCookies},
    random,
    secrets::SecretName,
    store::{Kind, logins::KnownDevice, outbox::OutboxEvent, users::Password},
    tokens::{email_code::EmailProof, password},
};

use crate::{AuthTools, known_device, proof_tries};

/// `POST /auth/password-reset`.
#[derive(Debug)]
pub struct ResetPassword;

/// The proof of the address, and the password to have.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ResetPasswordRequest {
    /// The proof, from the right code for `password_reset`.
    email_proof: String,
    /// The password to have from now on.
    password: NewPassword,
}

impl Endpoint for ResetPassword {
    const ROUTE: Route = Route::new("auth.reset_password", Method::Post, "/auth/password-reset")
        .summary("Sets a password in place of a forgotten one.")
        .touches(&[
            Touch::Secret(SecretName::EmailCodeKey),
            Touch::Update(Kind::LIMIT_COUNTER),
            Touch::Secret(SecretName::ChallengeKey),
            Touch::Get(Kind::EMAIL_OWNER),
            Touch::Get(Kind::USER),
            Touch::Update(Kind::USER),
            Touch::Put(Kind::PASSWORD),
            Touch::Delete(Kind::EMAIL_CODE),
            Touch::Put(Kind::OUTBOX_EVENT),
        ])
        .memory_mb(1024);
    const ERRORS: &'static [domain::ErrorCode] =
        &[codes::EMAIL_PROOF_INVALID, codes::NO_ACCOUNT, codes::PASSWORD_TOO_COMMON];

    type Tools = AuthTools;
    type Caller = Anyone;
    type Request = ResetPasswordRequest;
    type Reply = WithCookies<NoContent>;

    async fn handle(
        tools: &AuthTools,
        _: Anyone,
        request: ResetPasswordRequest,
        context: &Context,
    ) -> Result<Self::Reply, Failure> {
        let now = context.now;
        let purpose = CodePurpose::PasswordReset;
        let proof = EmailProof::open(&tools.email_code_key()?, purpose, &request.email_proof, now)
            .ok_or(AuthError::EmailProofInvalid)?;
        if request.password.is_common() {
            return Err(AuthError::PasswordTooCommon.into());
        }
        proof_tries::count(tools, &proof, now).await?;
        // Who has the proof reads the mails of the address: they may know whether it has an account.
        let owner = tools.table().get_email_owner(&proof.email).await?.ok_or(AuthError::NoAccount)?;
        let user = tools.table().get_user(owner.user_id).await?.ok_or(AuthError::NoAccount)?;
        let password = Password { user_id: user.id, hash: password::hash(request.password.expose())?, set_at: now };
        tools
            .table()
            .transaction()
            .use_proof(&proof, purpose)
            .set_password(&password)
            .end_all_sessions(user.id)
            .or_else(|_| AuthError::NoAccount)
            .create(&OutboxEvent::notice(&user, Notice::PasswordChanged, now)?)
            .commit()
            .await?;
        let epoch = user.epoch.saturating_add(1);
        let device = KnownDevice { user: user.id, session: SessionId::new(now, random::entropy()?), epoch };
        let cookies = vec![known_device::cookie(known_device::seal(tools, device, now)?)];
        Ok(WithCookies { reply: NoContent, cookies })
    }
}
