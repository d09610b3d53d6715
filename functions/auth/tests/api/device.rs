//! A device: what it holds from answer to answer.

use serde_json::json;
use shared::{api::cookies::CookieName, store::sessions::Session, tokens::refresh::RefreshToken};
use testkit::{PASSWORD, TestAnswer, TestApp, TestRequest};

use crate::steps::sign_in;

/// What a page holds once it is signed in: the script the access token, the browser the cookies.
#[derive(Debug, Clone)]
pub(crate) struct Page {
    pub(crate) access: String,
    pub(crate) refresh: String,
    pub(crate) device: String,
}

impl Page {
    /// A browser that was never here signs in.
    pub(crate) async fn sign_in(app: &TestApp, email: &str) -> Self {
        Self::of(&sign_in(app, email, PASSWORD).send().await)
    }

    /// What an answer to signing in leaves in a browser.
    pub(crate) fn of(answer: &TestAnswer) -> Self {
        assert_eq!(answer.status, 200, "{:?}", answer.body);
        Self {
            access: access(answer),
            refresh: answer.cookie(CookieName::Refresh.as_str()).unwrap().to_owned(),
            device: answer.cookie(CookieName::Device.as_str()).unwrap().to_owned(),
        }
    }
}

/// The access token of an answer.
pub(crate) fn access(answer: &TestAnswer) -> String {
    answer.json()["access_token"].as_str().unwrap().to_owned()
}

/// A page asks for the next access token.
pub(crate) fn refresh<'a>(app: &'a TestApp, token: &str) -> TestRequest<'a> {
    app.post("auth.refresh_session").json(json!({})).cookie(CookieName::Refresh, token)
}

/// An app asks for the next access token.
pub(crate) fn refresh_in_body<'a>(app: &'a TestApp, token: &str) -> TestRequest<'a> {
    app.post("auth.refresh_session").json(json!({ "refresh_token": token }))
}

/// A page signs out.
pub(crate) fn sign_out<'a>(app: &'a TestApp, token: &str) -> TestRequest<'a> {
    app.post("auth.sign_out").json(json!({})).cookie(CookieName::Refresh, token)
}

/// Refreshes, and answers with the next refresh token.
pub(crate) async fn refreshed(app: &TestApp, token: &str) -> String {
    let answer = refresh(app, token).send().await;
    assert_eq!(answer.status, 200, "{:?}", answer.body);
    answer.cookie(CookieName::Refresh.as_str()).unwrap().to_owned()
}

/// The sessions of the table that a token is of: one or none.
pub(crate) fn session_of(app: &TestApp, token: &str) -> Option<Session> {
    let token = RefreshToken::parse(token).unwrap();
    app.all::<Session>().into_iter().find(|session| session.id == token.session)
}
