//! Signs a device out, or all devices of the person.
//!
//! The refresh token itself says who asks: a page whose access token has run out can sign out too.
//! Whatever is shown, the answer is the same, and the cookie is gone. Only signing out everywhere asks
//! for a token that holds.

use domain::auth::{AuthError, TokenText, codes};
use schemars::JsonSchema;
use serde::Deserialize;
use shared::{
    Failure,
    api::{
        Browser, Context, Endpoint, Method, NoContent, Route, Touch, WithCookies,
        cookies::{Cookie, CookieName},
    },
    store::{Kind, expression::Condition},
    tokens::refresh::RefreshToken,
};

use crate::AuthTools;

/// `POST /auth/sign-out`.
#[derive(Debug)]
pub struct SignOut;

/// Which device, and whether all the others too.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SignOutRequest {
    /// The refresh token, for apps. Without it, it is in the cookie.
    #[serde(default)]
    refresh_token: Option<TokenText>,
    /// Whether to sign out every device of the person.
    #[serde(default)]
    everywhere: bool,
}

impl Endpoint for SignOut {
    const ROUTE: Route = Route::new("auth.sign_out", Method::Post, "/auth/sign-out")
        .summary("Signs a device out, or all devices of the person.")
        .touches(&[
            Touch::Delete(Kind::SESSION),
            Touch::BatchGet(Kind::USER),
            Touch::BatchGet(Kind::SESSION),
            Touch::Update(Kind::USER),
        ]);
    const ERRORS: &'static [domain::ErrorCode] = &[codes::SESSION_ENDED];

    type Tools = AuthTools;
    type Caller = Browser;
    type Request = SignOutRequest;
    type Reply = WithCookies<NoContent>;

    async fn handle(
        tools: &AuthTools,
        browser: Browser,
        request: SignOutRequest,
        context: &Context,
    ) -> Result<Self::Reply, Failure> {
        let shown =
            request.refresh_token.map(String::from).or(browser.refresh).and_then(|text| RefreshToken::parse(&text));
        if let Some(shown) = shown {
            if request.everywhere {
                end_all(tools, &shown, context).await?;
            } else {
                let of_family = Condition::Is("family_hash", shown.family_hash().into());
                tools.table().end_session(shown.user, shown.session, of_family).await?;
            }
        }
        Ok(WithCookies { reply: NoContent, cookies: vec![Cookie::gone(CookieName::Refresh)] })
    }
}

/// Only the present token ends other devices' sessions: a spent one may be a thief's.
async fn end_all(tools: &AuthTools, shown: &RefreshToken, context: &Context) -> Result<(), Failure> {
    let (user, session) =
        tools.table().get_user_and_session(shown.user, shown.session).await?.ok_or(AuthError::SessionEnded)?;
    let is_theirs = session.holds(&user, context.now)
        && shown.is_of_family(&session.family_hash)
        && shown.is_secret(&session.secret_hash);
    if !is_theirs {
        return Err(AuthError::SessionEnded.into());
    }
    tools.table().transaction().raise_epoch(user.id, user.epoch).or_else(|_| AuthError::SessionEnded).commit().await
}
