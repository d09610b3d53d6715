//! Gives an access token for an address and its password.
//!
//! Attempts are counted before anything is looked at. An address without an account costs the same
//! calls and the same hash as one with an account, and gets the same answer as a wrong password, so
//! nobody learns here who has an account. A limit ends with its window: nobody is locked out for
//! good by somebody else's guessing.

use domain::{
    auth::{ACCESS_TOKEN_LIFETIME, AuthError, PasswordAttempt, Profile, codes},
    ids::UserId,
    text::Email,
    timestamp::Seconds,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use shared::{
    Failure,
    api::{Anyone, Context, Endpoint, Method, Okay, Route, Touch},
    random,
    secrets::SecretName,
    store::{Kind, limits::Limit},
    tokens::{email_code, password},
};

use crate::AuthTools;

const PER_ACCOUNT: Limit = Limit { feature: "sign-in-account", most: 10, window: Seconds::minutes(15) };
const PER_SOURCE: Limit = Limit { feature: "sign-in-source", most: 50, window: Seconds::minutes(15) };

/// See the head of this file.
#[derive(Debug)]
pub struct SignIn;

/// Who says that they are who.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SignInRequest {
    /// The address of the account.
    email: Email,
    /// Its password.
    password: PasswordAttempt,
}

/// They are signed in.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct SignedIn {
    /// The token, for the `Authorization` header.
    access_token: String,
    /// How the token is used (RFC 6750).
    token_type: TokenType,
    /// For how many seconds the token holds.
    expires_in_s: u32,
    /// The person.
    user: Profile,
}

/// How a token is used.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub enum TokenType {
    /// Whoever bears it may use it.
    Bearer,
}

impl Endpoint for SignIn {
    const ROUTE: Route = Route::new("auth.sign_in", Method::Post, "/auth/sign-in")
        .summary("Gives an access token for an address and its password.")
        .touches(&[
            Touch::Secret(SecretName::EmailCodeKey),
            Touch::Secret(SecretName::AccessTokenKey),
            Touch::Update(Kind::LimitCounter),
            Touch::Get(Kind::EmailOwner),
            Touch::BatchGet(Kind::User),
            Touch::BatchGet(Kind::Password),
        ])
        .memory_mb(1024);
    const ERRORS: &'static [domain::ErrorCode] = &[codes::BAD_CREDENTIALS, codes::TOO_MANY_ATTEMPTS];

    type Tools = AuthTools;
    type Caller = Anyone;
    type Request = SignInRequest;
    type Reply = Okay<SignedIn>;

    async fn handle(
        tools: &AuthTools,
        _: Anyone,
        request: SignInRequest,
        context: &Context,
    ) -> Result<Self::Reply, Failure> {
        count_attempt(tools, &request.email, context).await?;
        let owner = tools.table().get_email_owner(&request.email).await?;
        let nobody = UserId::new(context.now, random::entropy()?);
        let user_id = owner.map_or(nobody, |owner| owner.user_id);
        let (user, password) = tools.table().get_user_and_password(user_id).await?.unzip();

        let hash = password.as_ref().map(|password| password.hash.as_str());
        let is_right = password::matches(request.password.expose(), hash)?;
        let user = user.filter(|_| is_right).ok_or(AuthError::BadCredentials)?;
        let access_token = tools.signer()?.sign(user.id, &user.roles, context.now)?;
        Ok(Okay(SignedIn {
            access_token,
            token_type: TokenType::Bearer,
            expires_in_s: ACCESS_TOKEN_LIFETIME.0,
            user: user.into(),
        }))
    }
}

/// Counts before anything is looked at, so that a thousand guesses at once are ten.
async fn count_attempt(tools: &AuthTools, email: &Email, context: &Context) -> Result<(), Failure> {
    let now = context.now;
    let account = email_code::counter_subject(&tools.email_code_key()?, email);
    let mut writes = tools.table().transaction();
    for (limit, subject) in [(PER_ACCOUNT, &account), (PER_SOURCE, &context.source)] {
        let (counter, changes, allowed) = limit.count(subject, now);
        writes = writes
            .update(&counter, changes, allowed)
            .or_else(move |_| AuthError::TooManyAttempts { retry_after_s: limit.retry_after_s(now) });
    }
    writes.commit().await
}
