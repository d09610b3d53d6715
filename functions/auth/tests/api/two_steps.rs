//! A second factor as a person sets it up, and an authenticator app in their hands.

use domain::{
    auth::totp::{STEP, TotpStep},
    timestamp::Seconds,
};
use serde_json::{Value, json};
use shared::{
    store::{totp::Totp, users::User},
    tokens::totp::TotpSecret,
};
use testkit::{PASSWORD, TestApp, TestRequest, TestUser};

use crate::steps::sign_in;

pub(crate) fn start_totp<'a>(app: &'a TestApp, user: &TestUser) -> TestRequest<'a> {
    app.post("auth.start_totp").json(json!({ "current_password": PASSWORD })).as_user(user)
}

pub(crate) fn enable<'a>(app: &'a TestApp, user: &TestUser, code: &str) -> TestRequest<'a> {
    app.post("auth.enable_totp").json(json!({ "code": code })).as_user(user)
}

pub(crate) fn disable<'a>(app: &'a TestApp, user: &TestUser, body: Value) -> TestRequest<'a> {
    app.post("auth.disable_totp").json(body).as_user(user)
}

pub(crate) fn second<'a>(app: &'a TestApp, challenge: &str, code: &str) -> TestRequest<'a> {
    app.post("auth.sign_in_totp").json(json!({ "challenge": challenge, "code": code }))
}

pub(crate) fn second_by_recovery<'a>(app: &'a TestApp, challenge: &str, code: &str) -> TestRequest<'a> {
    app.post("auth.sign_in_totp").json(json!({ "challenge": challenge, "recovery_code": code }))
}

/// What signing in with the password gives to somebody with a second factor.
pub(crate) async fn challenge(app: &TestApp, user: &TestUser) -> String {
    let answer = sign_in(app, user.email.as_str(), PASSWORD).send().await;
    assert_eq!(answer.status, 202, "{:?}", answer.body);
    answer.json()["challenge"].as_str().unwrap().to_owned()
}

/// A person whose second factor is on, a step ago, and their recovery codes.
pub(crate) async fn with_totp(app: &TestApp, nickname: &str) -> (TestUser, Vec<String>) {
    let mut user = app.user(nickname).await;
    app.session_of(&user).await;
    let codes = turn_on(app, &mut user).await;
    app.advance(STEP);
    (user, codes)
}

/// Turns the second factor of a person on. Answers with the recovery codes.
pub(crate) async fn turn_on(app: &TestApp, user: &mut TestUser) -> Vec<String> {
    assert_eq!(start_totp(app, user).send().await.status, 200);
    let answer = enable(app, user, &code_of(app, user)).send().await;
    assert_eq!(answer.status, 200, "{:?}", answer.body);
    user.epoch = user.epoch.saturating_add(1);
    answer.json()["recovery_codes"].as_array().unwrap().iter().map(|code| code.as_str().unwrap().to_owned()).collect()
}

pub(crate) fn totp_of(app: &TestApp, user: &TestUser) -> Option<Totp> {
    app.all::<Totp>().into_iter().find(|totp| totp.user_id == user.id)
}

pub(crate) fn stored(app: &TestApp, user: &TestUser) -> User {
    app.all::<User>().into_iter().find(|stored| stored.id == user.id).unwrap()
}

pub(crate) fn secret_of(app: &TestApp, user: &TestUser) -> TotpSecret {
    app.totp_key().unlock(user.id, &totp_of(app, user).unwrap().secret).unwrap()
}

/// What the person's app shows now.
pub(crate) fn code_of(app: &TestApp, user: &TestUser) -> String {
    code_in(app, user, 0)
}

/// What the person's app shows so many steps from now.
pub(crate) fn code_in(app: &TestApp, user: &TestUser, steps: i32) -> String {
    let span = Seconds(steps.unsigned_abs().saturating_mul(STEP.0));
    let at = if steps < 0 { app.now().minus(span) } else { app.now().plus(span) };
    secret_of(app, user).code(TotpStep::at(at)).as_str().to_owned()
}

/// Six digits that are no code of the person's about now.
pub(crate) fn wrong_code(app: &TestApp, user: &TestUser) -> String {
    let taken: Vec<String> = (-3..=3).map(|steps| code_in(app, user, steps)).collect();
    (0..10).map(|n| format!("{n:06}")).find(|code| !taken.contains(code)).unwrap()
}
