//! Makes a person of a proved address, a nickname and a password.
//!
//! The address and the nickname are taken in the same transaction that makes the person, so of two
//! who want the same one exactly one gets it. The answer carries no token: the client signs in next,
//! so there is one way to a token. The password is hashed before the transaction, since that takes
//! fifty milliseconds and nothing may wait for it; and tries with one proof are counted before that.

use domain::{
    Language,
    auth::{AuthError, CodePurpose, NewPassword, Notice, Profile, codes},
    ids::UserId,
    text::Nickname,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use shared::{
    Failure,
    api::{Anyone, Context, Created, Endpoint, Method, Route, Touch},
    random,
    secrets::SecretName,
    store::{
        Kind,
        outbox::OutboxEvent,
        users::{Password, User},
    },
    tokens::{email_code::EmailProof, password},
};

use crate::{AuthTools, proof_tries};

/// `POST /auth/sign-up`.
#[derive(Debug)]
pub struct SignUp;

/// Who wants to sign up.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SignUpRequest {
    /// The proof of the address, from `POST /auth/email-codes/verify`.
    email_proof: String,
    /// What others see of them.
    nickname: Nickname,
    /// Their password.
    password: NewPassword,
    /// The language for mails to them; that of `Accept-Language` when it is not there.
    #[serde(default)]
    language: Option<Language>,
}

/// They are signed up.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct SignedUp {
    /// The person.
    user: Profile,
}

impl Endpoint for SignUp {
    const ROUTE: Route = Route::new("auth.sign_up", Method::Post, "/auth/sign-up")
        .summary("Makes an account for a proved e-mail address.")
        .touches(&[
            Touch::Secret(SecretName::EmailCodeKey),
            Touch::Update(Kind::LIMIT_COUNTER),
            Touch::Put(Kind::EMAIL_OWNER),
            Touch::Put(Kind::NICKNAME_OWNER),
            Touch::Put(Kind::USER),
            Touch::Put(Kind::PASSWORD),
            Touch::Put(Kind::OUTBOX_EVENT),
        ])
        .idempotent()
        .memory_mb(1024);
    const ERRORS: &'static [domain::ErrorCode] =
        &[codes::EMAIL_PROOF_INVALID, codes::EMAIL_TAKEN, codes::NICKNAME_TAKEN, codes::PASSWORD_TOO_COMMON];

    type Tools = AuthTools;
    type Caller = Anyone;
    type Request = SignUpRequest;
    type Reply = Created<SignedUp>;

    async fn handle(
        tools: &AuthTools,
        _: Anyone,
        request: SignUpRequest,
        context: &Context,
    ) -> Result<Self::Reply, Failure> {
        let now = context.now;
        let proof = EmailProof::open(&tools.email_code_key()?, CodePurpose::SignUp, &request.email_proof, now)
            .ok_or(AuthError::EmailProofInvalid)?;
        if request.password.is_common() {
            return Err(AuthError::PasswordTooCommon.into());
        }
        proof_tries::count(tools, &proof, now).await?;
        let user = User::new(
            UserId::new(now, random::entropy()?),
            proof.email,
            request.nickname,
            request.language.unwrap_or(context.language),
            now,
        );
        let password = Password { user_id: user.id, hash: password::hash(request.password.expose())?, set_at: now };
        let reply = Created(SignedUp { user: user.clone().into() });
        tools
            .table()
            .transaction()
            .create_user(&user, &password, || AuthError::EmailTaken, || AuthError::NicknameTaken)
            .create(&OutboxEvent::notice(&user, Notice::Welcome, now)?)
            .remember(context.claim.as_ref(), &reply)
            .commit()
            .await?;
        Ok(reply)
    }
}
