//! What the endpoints of login by a provider share: how an attempt begins, and where a browser goes.
//!
//! | what comes of it | where the browser goes |
//! |---|---|
//! | signed in | the page that it wanted to return to |
//! | the second factor is left | `/sign-in.html#challenge=…&return_to=…` |
//! | nobody has this login yet | `/sign-up.html#completion=…&provider=…&return_to=…`, with `email` and `nickname` where known |
//! | it was refused while signing in | `/sign-in.html?error=auth.…&return_to=…` |
//! | it was refused while linking | `/account.html?error=auth.…` |
//!
//! What is secret stands in the fragment, which no server and no other site is ever sent.

use domain::{
    Timestamp,
    auth::{AuthError, LOGIN_ATTEMPT_LIFETIME, LOGIN_COMPLETION_LIFETIME, LoginProvider, LoginSubject, ReturnTo},
    ids::UserId,
    text::{Email, Nickname},
    timestamp::Seconds,
};
use serde::{Deserialize, Serialize};
use shared::{
    Failure, Fault, address,
    api::{
        Context,
        cookies::{Cookie, CookieName},
    },
    login_providers::{Identity, LoginError},
    meter,
    store::{
        Transaction,
        limits::Limit,
        logins::{KnownDevice, Login, LoginAttempt, LoginPurpose},
    },
    tokens::login_secret::{LoginSecret, state_hash},
};

use crate::AuthTools;

/// Each begun login is a write, and may be a call to a provider.
const PER_SOURCE: Limit = Limit { feature: "login-source", most: 30, window: Seconds::minutes(15) };

/// The page of a person's own account, where logins are linked.
pub(crate) const ACCOUNT_PAGE: &str = "/account.html";

/// A login that has begun.
pub(crate) struct Begun {
    /// The page of the provider that the browser is to open.
    pub(crate) address: String,
    /// What binds it to the browser.
    pub(crate) cookie: Cookie,
}

/// What shall begin.
pub(crate) struct Beginning {
    pub(crate) provider: LoginProvider,
    pub(crate) purpose: LoginPurpose,
    pub(crate) return_to: ReturnTo,
    pub(crate) device: Option<KnownDevice>,
}

/// Begins a login at a provider. `writes` is what else must hold for it.
///
/// The caller of this function declares that it puts a login attempt and updates a limit counter.
pub(crate) async fn begin(
    tools: &AuthTools,
    beginning: Beginning,
    context: &Context,
    writes: Transaction<'_>,
) -> Result<Begun, Failure> {
    let Beginning { provider, purpose, return_to, device } = beginning;
    let now = context.now;
    let secret = LoginSecret::generate()?;
    let address = tools
        .login_providers()?
        .authorization_url(provider, &secret, now)
        .await
        .map_err(|error| refusal(provider, &error))?;
    let expires_at = now.plus(LOGIN_ATTEMPT_LIFETIME);
    let state_hash = state_hash(&secret.state());
    let attempt = LoginAttempt { state_hash, provider, purpose, return_to, device, expires_at };
    writes
        .count(PER_SOURCE, &context.source, now, |retry_after_s| AuthError::TooManyAttempts { retry_after_s })
        .create(&attempt)
        .commit()
        .await?;
    Ok(Begun { address, cookie: Cookie::new(CookieName::Login, secret.to_text(), LOGIN_ATTEMPT_LIFETIME.0) })
}

/// What a person is told of an error; the log is told the rest.
pub(crate) fn refusal(provider: LoginProvider, error: &LoginError) -> AuthError {
    meter::refused_because(format!("{provider}: {error}"));
    match error {
        LoginError::Off => AuthError::LoginProviderOff,
        error if error.is_of_the_provider() => AuthError::LoginUnavailable,
        _ => AuthError::LoginFailed,
    }
}

/// The address of a page of ours.
pub(crate) fn page(tools: &AuthTools, path: &str, joint: char, pairs: &[(&str, &str)]) -> String {
    let site = &tools.core.config.site_origin;
    if pairs.is_empty() { format!("{site}{path}") } else { format!("{site}{path}{joint}{}", address::form(pairs)) }
}

/// A login that has no account here yet: what the provider said of the person. Their browser keeps it,
/// sealed, until the person has typed what is missing.
///
/// It is good in that browser only. An attacker could otherwise send the text of their own login to a
/// victim, and the victim would link it to the victim's account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Completion {
    pub(crate) provider: LoginProvider,
    pub(crate) subject: LoginSubject,
    /// The address that the provider vouches for.
    pub(crate) email: Option<Email>,
    pub(crate) device: Option<KnownDevice>,
    expires_at: Timestamp,
}

impl Completion {
    pub(crate) fn new(identity: &Identity, device: Option<KnownDevice>, now: Timestamp) -> Self {
        Self {
            provider: identity.provider,
            subject: identity.subject.clone(),
            email: identity.verified_email.clone(),
            device,
            expires_at: now.plus(LOGIN_COMPLETION_LIFETIME),
        }
    }

    pub(crate) fn seal(&self, tools: &AuthTools, browser: &LoginSecret) -> Result<String, Fault> {
        tools.challenge_key()?.seal(&["login-completion", &browser.binding()], self)
    }

    pub(crate) fn open(
        tools: &AuthTools,
        browser: &LoginSecret,
        text: &str,
        now: Timestamp,
    ) -> Result<Option<Self>, Fault> {
        let opened: Option<Self> = tools.challenge_key()?.open(&["login-completion", &browser.binding()], text);
        Ok(opened.filter(|completion| now < completion.expires_at))
    }

    /// The login of this person from now on.
    pub(crate) fn login_of(&self, user_id: UserId, now: Timestamp) -> Login {
        let Self { provider, subject, email, .. } = self.clone();
        Login { user_id, provider, subject, email, linked_at: now }
    }
}

/// What a person is called at the provider, where it can be their nickname here.
pub(crate) fn suggested_nickname(identity: &Identity) -> Option<Nickname> {
    Nickname::suggested(identity.name.as_deref()?)
}
