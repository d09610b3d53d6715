//! Signs a person in by their address and password, or sends them on to the second step.
//!
//! Attempts are counted before a password is looked at. An address without an account costs the same
//! calls and the same hash as one with an account, and gets the same answer as a wrong password, so
//! nobody learns here who has an account. Waits grow with each wrong guess and end by themselves:
//! nobody is locked out for good by somebody else's guessing. A hash that was made with earlier
//! parameters is made anew, since this is the only moment at which the password is known.

use domain::{
    auth::{AuthError, CHALLENGE_LIFETIME, PasswordAttempt, SessionIn, TokenText, codes},
    ids::UserId,
    text::Email,
    timestamp::Seconds,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use shared::{
    Failure, Fault,
    api::{Browser, Context, Endpoint, Method, OkayOrAccepted, Route, Touch, WithCookies},
    codes,
    proofs::attempts::Attempts,
    random,
    secrets::SecretName,
    store::{
        Kind, Transaction,
        limits::Limit,
        signing_in::{OwnDevice, SigningIn},
        users::{Password, User},
    },
    tokens::{email_code, password},
    touches,
};

use crate::{
    AuthTools,
    challenge::Challenge,
    known_device,
    session::{self, Device, SignedIn},
};

const PER_SOURCE: Limit = Limit { feature: "sign-in-source", most: 50, window: Seconds::minutes(15) };
const PER_SOURCE_AND_DAY: Limit = Limit { feature: "sign-in-source-day", most: 500, window: Seconds::days(1) };

/// `POST /auth/sign-in`.
#[derive(Debug)]
pub struct SignIn;

/// An address, its password, and where the tokens go.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SignInRequest {
    /// The address of the account.
    email: Email,
    /// The password of the account.
    password: PasswordAttempt,
    /// Where the refresh token goes; a cookie unless told otherwise.
    #[serde(default)]
    session_in: SessionIn,
    /// What an earlier sign-in gave to tell this device from others, for apps. Pages have it in a
    /// cookie.
    #[serde(default)]
    device_token: Option<TokenText>,
    /// Whether they changed their mind about withdrawing.
    #[serde(default)]
    cancel_withdrawal: bool,
}

/// They are signed in, or the second step is left.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum SignInAnswer {
    /// They are signed in.
    SignedIn(Box<SignedIn>),
    /// The password was right; a code of their authenticator app is needed too.
    SecondFactor(SecondFactorNeeded),
}

/// The password was right, and is not enough.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct SecondFactorNeeded {
    /// To send with the code to `POST /auth/sign-in/totp`. Good for nothing else.
    challenge: String,
    /// For how many seconds the challenge holds.
    expires_in_s: u32,
}

impl SignInAnswer {
    /// The answer that sends a person on to the second step.
    pub(crate) fn second_factor(
        tools: &AuthTools,
        challenge: &Challenge,
    ) -> Result<WithCookies<OkayOrAccepted<Self>>, Fault> {
        let needed = SecondFactorNeeded { challenge: challenge.seal(tools)?, expires_in_s: CHALLENGE_LIFETIME.0 };
        Ok(WithCookies { reply: OkayOrAccepted::Accepted(Self::SecondFactor(needed)), cookies: Vec::new() })
    }
}

impl Endpoint for SignIn {
    const ROUTE: Route = Route::new("auth.sign_in", Method::Post, "/auth/sign-in")
        .summary("Signs a person in by address and password.")
        .touches(touches![
            session::BEGIN,
            &[
                Touch::Secret(SecretName::EmailCodeKey),
                Touch::Update(Kind::LIMIT_COUNTER),
                Touch::Get(Kind::EMAIL_OWNER),
                Touch::BatchGet(Kind::USER),
                Touch::BatchGet(Kind::PASSWORD),
                Touch::BatchGet(Kind::SESSION),
                Touch::Put(Kind::PASSWORD),
                Touch::Update(Kind::USER),
            ],
        ])
        .memory_mb(1024);
    const ERRORS: &'static [domain::ErrorCode] = codes![session::REFUSALS, &[codes::TOO_MANY_ATTEMPTS],];

    type Tools = AuthTools;
    type Caller = Browser;
    type Request = SignInRequest;
    type Reply = WithCookies<OkayOrAccepted<SignInAnswer>>;

    async fn handle(
        tools: &AuthTools,
        browser: Browser,
        request: SignInRequest,
        context: &Context,
    ) -> Result<Self::Reply, Failure> {
        let token = request.device_token.as_ref().map(TokenText::as_str).or(browser.device.as_deref());
        let shown = known_device::open(tools, token, context.now)?;
        let (counted, owner) =
            tokio::join!(count_source(tools, context), tools.table().get_email_owner(&request.email));
        counted?;
        let nobody = UserId::new(context.now, random::entropy()?);
        let user_id = owner?.map_or(nobody, |owner| owner.user_id);
        let found = tools.table().signing_in_by_password(user_id, shown).await?;
        let own = found.as_ref().and_then(|found| found.device);
        let address = email_code::counter_subject(&tools.email_code_key()?, &request.email);
        let attempts = Attempts::at_sign_in(&address, own.map(OwnDevice::session), context.now);
        attempts.count(&tools.core).await?;
        let (user, password) = check(found, &request.password)?;
        let writes = renew_hash(tools.table().transaction(), &password, &request.password)?;
        // The guesses at the password end here, whatever becomes of the second step.
        let writes = attempts.forget(writes);
        if user.second_factor {
            writes.commit().await?;
            let challenge = Challenge::new(&user, request.session_in, request.cancel_withdrawal, context.now);
            return Ok(SignInAnswer::second_factor(tools, &challenge)?);
        }
        session::may_sign_in(&user, request.cancel_withdrawal, context.now)?;
        let device = Device { own, user_agent: &browser.user_agent, session_in: request.session_in };
        let (signed_in, cookies) = session::begin(tools, user, device, context, writes).await?;
        Ok(WithCookies { reply: OkayOrAccepted::Okay(SignInAnswer::SignedIn(Box::new(signed_in))), cookies })
    }
}

/// The person and their hash, if the password is theirs. Works as long when there is nobody.
fn check(found: Option<SigningIn<Option<Password>>>, attempt: &PasswordAttempt) -> Result<(User, Password), Failure> {
    let found = found.and_then(|found| Some((found.user, found.proof?)));
    let hash = found.as_ref().map(|(_, password)| password.hash.as_str());
    let is_right = password::matches(attempt.expose(), hash)?;
    found.filter(|_| is_right).ok_or_else(|| AuthError::BadCredentials.into())
}

/// With the hash of today in place of one that was made with other parameters, if it is still there.
fn renew_hash<'t>(
    writes: Transaction<'t>,
    present: &Password,
    attempt: &PasswordAttempt,
) -> Result<Transaction<'t>, Fault> {
    if !password::is_outdated(&present.hash) {
        return Ok(writes);
    }
    let next = Password { hash: password::hash(attempt.expose())?, ..present.clone() };
    Ok(writes.replace_password(&next, Some(present)).or_else(|_| AuthError::BadCredentials))
}

/// Counts an attempt of a source, before anything of the account is read. It counts although the
/// account's own limit refuses it next: who waits for their turn at somebody's account second by second
/// would else keep its owner out for as long as they like.
async fn count_source(tools: &AuthTools, context: &Context) -> Result<(), Failure> {
    let now = context.now;
    let mut writes = tools.table().transaction();
    for limit in [PER_SOURCE, PER_SOURCE_AND_DAY] {
        writes =
            writes.count(limit, &context.source, now, |retry_after_s| AuthError::TooManyAttempts { retry_after_s });
    }
    writes.commit().await
}
