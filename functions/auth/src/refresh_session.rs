//! Gives a device the next access token, and the next refresh token for the one that it showed.
//!
//! Of many that show the same token at once one rotates it, and the others get the very same
//! successor. So does a client whose answer was lost, for thirty seconds, unless more was rotated since
//! than a session keeps.
//! A token that was spent before that is shown by somebody who copied it: then the session ends, for
//! the thief and for the owner alike (RFC 9700 §4.14.2).

use domain::{
    Timestamp,
    auth::{AccountState, AuthError, SessionIn, TokenText, codes},
};
use schemars::JsonSchema;
use serde::Deserialize;
use shared::{
    Failure,
    api::{Browser, Context, Endpoint, Method, Okay, Route, Touch, WithCookies},
    secrets::SecretName,
    store::{
        Kind,
        expression::Condition,
        sessions::{Rotated, Session},
    },
    tokens::refresh::RefreshToken,
};

use crate::{
    AuthTools,
    session::{SignedIn, answer},
};

/// `POST /auth/refresh`.
#[derive(Debug)]
pub struct RefreshSession;

/// Who asks for the next token: pages by their cookie, apps by the token itself.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RefreshSessionRequest {
    /// The refresh token, for apps. Without it, it is in the cookie.
    #[serde(default)]
    refresh_token: Option<TokenText>,
}

impl Endpoint for RefreshSession {
    const ROUTE: Route = Route::new("auth.refresh_session", Method::Post, "/auth/refresh")
        .summary("Gives a device its next access token.")
        .touches(&[
            Touch::Secret(SecretName::AccessTokenKey),
            Touch::BatchGet(Kind::USER),
            Touch::BatchGet(Kind::SESSION),
            Touch::Update(Kind::SESSION),
            Touch::Delete(Kind::SESSION),
        ]);
    const ERRORS: &'static [domain::ErrorCode] = &[codes::SESSION_ENDED];

    type Tools = AuthTools;
    type Caller = Browser;
    type Request = RefreshSessionRequest;
    type Reply = WithCookies<Okay<SignedIn>>;

    async fn handle(
        tools: &AuthTools,
        browser: Browser,
        request: RefreshSessionRequest,
        context: &Context,
    ) -> Result<Self::Reply, Failure> {
        let now = context.now;
        let (text, session_in) = match (request.refresh_token, browser.refresh) {
            (Some(token), _) => (token.into(), SessionIn::Body),
            (None, Some(text)) => (text, SessionIn::Cookie),
            (None, None) => return Err(AuthError::SessionEnded.into()),
        };
        let shown = RefreshToken::parse(&text).ok_or(AuthError::SessionEnded)?;
        let (user, session) =
            tools.table().get_user_and_session(shown.user, shown.session).await?.ok_or(AuthError::SessionEnded)?;
        if user.state != AccountState::Active || !session.holds(&user, now) || !shown.is_of_family(&session.family_hash)
        {
            return Err(AuthError::SessionEnded.into());
        }
        let token = next_token(tools, &shown, &session, now).await?;
        let (signed_in, cookies) = answer(tools, user, &session, &token, session_in, now)?;
        Ok(WithCookies { reply: Okay(signed_in), cookies })
    }
}

/// The token that the device has from now on, for the one that it showed.
async fn next_token(
    tools: &AuthTools,
    shown: &RefreshToken,
    session: &Session,
    now: Timestamp,
) -> Result<RefreshToken, Failure> {
    let mut present = session.present_token(shown, now);
    if present.as_ref() == Some(shown) {
        let next = shown.next()?;
        present = match tools.table().rotate_session(session, shown, &next, now).await? {
            Rotated::Done => Some(next),
            // Another request of the same device was first: its successor is ours.
            Rotated::Before(by_now) => by_now.present_token(shown, now),
            Rotated::Gone => return Err(AuthError::SessionEnded.into()),
        };
    }
    if let Some(present) = present {
        return Ok(present);
    }
    // Spent, and shown again: somebody has a copy.
    let same_family = Condition::Is("family_hash", session.family_hash.clone().into());
    tools.table().end_session(session.user_id, session.id, same_family).await?;
    Err(AuthError::SessionEnded.into())
}
