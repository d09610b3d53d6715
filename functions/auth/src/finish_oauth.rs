//! Takes a browser back from a login provider: finds out who it is, and signs them in, links the
//! login to their account, or lets them make one.
//!
//! What the browser brings is believed step by step: that this very browser began this login
//! (`state` against the cookie), that it is under way still (the attempt is used up here, so once),
//! that the provider that answers is the one that was asked, and what the provider then says itself,
//! signed, of this login (`nonce`). Whatever fails, the page learns one code and the log the reason.
//!
//! An account is found by the provider's own name for the person. By the address only where both
//! sides have proved it: ours always has, the provider's only where it vouches for it.

mod link;
mod sign_in;

use domain::{
    FieldCode, FieldError,
    auth::{AuthError, LoginProvider},
};
use schemars::JsonSchema;
use serde::Deserialize;
use shared::{
    Failure,
    api::{
        Context, Endpoint, Method, Navigation, Route, SeeOther, Touch, WithCookies,
        cookies::{Cookie, CookieName},
    },
    login_providers::{Answer, Identity},
    meter,
    secrets::SecretName,
    store::{
        Kind,
        logins::{LoginAttempt, LoginPurpose},
    },
    tokens::login_secret::{LoginSecret, state_hash},
    touches,
};

use crate::{
    AuthTools,
    oauth::{self, ACCOUNT_PAGE},
};

/// `GET /auth/oauth/{provider}/callback`.
#[derive(Debug)]
pub struct FinishOauth;

/// What a provider sends along. It adds parameters of its own without notice, which are passed over
/// (RFC 6749 §4.1.2).
#[derive(Debug, Deserialize, JsonSchema)]
pub struct FinishOauthRequest {
    /// The provider.
    provider: LoginProvider,
    /// What was sent to the provider to be brought back.
    #[serde(default)]
    state: FromProvider,
    /// What the provider exchanges for the word on who it is.
    #[serde(default)]
    code: FromProvider,
    /// Why there is no code.
    #[serde(default)]
    error: FromProvider,
    /// The provider that answers (RFC 9207).
    #[serde(default)]
    iss: FromProvider,
}

/// A parameter of a provider: at most 2,000 visible ASCII characters; empty when it is not there.
#[derive(Debug, Default)]
struct FromProvider(String);

impl FromProvider {
    fn text(&self) -> Option<&str> {
        Some(self.0.as_str()).filter(|text| !text.is_empty())
    }
}

impl<'de> Deserialize<'de> for FromProvider {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        if text.len() <= 2_000 && text.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ') {
            Ok(Self(text))
        } else {
            let english = "must be at most 2,000 printable ASCII characters";
            Err(FieldError::new(FieldCode::Form, english, "출력 가능한 ASCII 2,000자까지여야 합니다").into_serde())
        }
    }
}

impl JsonSchema for FromProvider {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "FromProvider".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "pattern": "^[ -~]*$", "maxLength": 2000 })
    }
}

impl Endpoint for FinishOauth {
    const ROUTE: Route = Route::new("auth.finish_oauth", Method::Get, "/auth/oauth/{provider}/callback")
        .summary("Takes a browser back from a login provider.")
        .touches(touches![
            crate::session::BEGIN,
            &[
                Touch::Secret(SecretName::GoogleClientSecret),
                Touch::Secret(SecretName::KakaoClientSecret),
                Touch::Delete(Kind::LOGIN_ATTEMPT),
                Touch::BatchGet(Kind::LOGIN_OWNER),
                Touch::BatchGet(Kind::EMAIL_OWNER),
                Touch::BatchGet(Kind::USER),
                Touch::BatchGet(Kind::SESSION),
                Touch::Put(Kind::LOGIN_OWNER),
                Touch::Put(Kind::LOGIN),
                Touch::Update(Kind::USER),
            ],
        ])
        .memory_mb(256)
        .time_out_s(25);
    const ERRORS: &'static [domain::ErrorCode] = &[];

    type Tools = AuthTools;
    type Caller = Navigation;
    type Request = FinishOauthRequest;
    type Reply = WithCookies<SeeOther>;

    async fn handle(
        tools: &AuthTools,
        navigation: Navigation,
        request: FinishOauthRequest,
        context: &Context,
    ) -> Result<Self::Reply, Failure> {
        let opened = match open(tools, &navigation, &request, context).await {
            Ok(opened) => opened,
            Err(failure) => return refused(tools, failure, None, Vec::new()),
        };
        let finished = match opened.attempt.purpose {
            LoginPurpose::SignIn { .. } => sign_in::finish(tools, &opened, &navigation, &request, context).await,
            LoginPurpose::Link { user, epoch } => link::finish(tools, &opened, user, epoch, &request, context).await,
        };
        let gone = Cookie::gone(CookieName::Login);
        finished.or_else(|failure| refused(tools, failure, Some(&opened.attempt), vec![gone]))
    }
}

/// A login that this browser began, and that is used up now.
struct Opened {
    secret: LoginSecret,
    attempt: LoginAttempt,
}

async fn open(
    tools: &AuthTools,
    navigation: &Navigation,
    request: &FinishOauthRequest,
    context: &Context,
) -> Result<Opened, Failure> {
    let state = request.state.text().unwrap_or_default();
    let secret = navigation.login.as_deref().and_then(LoginSecret::parse).filter(|secret| secret.is_of(state));
    let secret = secret.ok_or_else(|| failed(request, "this browser did not begin it"))?;
    let attempt = tools.table().take_login_attempt(&state_hash(state), context.now).await?;
    let attempt = attempt.ok_or_else(|| failed(request, "it was finished before, or has run out"))?;
    if attempt.provider == request.provider {
        Ok(Opened { secret, attempt })
    } else {
        Err(failed(request, "another provider was asked").into())
    }
}

/// Who it is, by the word of the provider.
async fn identify(
    tools: &AuthTools,
    opened: &Opened,
    request: &FinishOauthRequest,
    context: &Context,
) -> Result<Identity, Failure> {
    match request.error.text() {
        Some("access_denied") => return Err(AuthError::LoginCancelled.into()),
        Some(_) => return Err(failed(request, "the provider gave an error").into()),
        None => {}
    }
    let code = request.code.text().ok_or_else(|| failed(request, "there is no code"))?;
    let answer = Answer { code, issuer: request.iss.text() };
    let client_secret = tools.client_secret(request.provider)?;
    tools
        .login_providers()?
        .identify(request.provider, &answer, client_secret, &opened.secret, context.now)
        .await
        .map_err(|error| oauth::refusal(request.provider, &error).into())
}

/// The one code that a page is told, whatever it was.
fn failed(request: &FinishOauthRequest, reason: &'static str) -> AuthError {
    meter::refused_because(format!("{}: {reason}", request.provider));
    AuthError::LoginFailed
}

/// The page that says why not. What broke on our side stays a fault.
fn refused(
    tools: &AuthTools,
    failure: Failure,
    attempt: Option<&LoginAttempt>,
    cookies: Vec<Cookie>,
) -> Result<WithCookies<SeeOther>, Failure> {
    let Failure::Refused(error) = failure else { return Err(failure) };
    let code = error.code().code;
    let address = match attempt {
        Some(LoginAttempt { purpose: LoginPurpose::Link { .. }, .. }) => {
            oauth::page(tools, ACCOUNT_PAGE, '?', &[("error", code)])
        }
        Some(attempt) => {
            oauth::page(tools, "/sign-in.html", '?', &[("error", code), ("return_to", attempt.return_to.as_str())])
        }
        None => oauth::page(tools, "/sign-in.html", '?', &[("error", code)]),
    };
    Ok(WithCookies { reply: SeeOther(address), cookies })
}
