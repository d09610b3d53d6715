//! The steps to an account, as the tests of each need the ones before it.

use std::collections::BTreeMap;

use domain::auth::CodePurpose;
use serde_json::{Value, json};
use shared::api::cookies::CookieName;
use testkit::{TestAnswer, TestApp, TestRequest};

pub(crate) const MINA: &str = "mina@example.com";

pub(crate) async fn start() -> TestApp {
    TestApp::start(&auth::SERVICE).await
}

pub(crate) fn send<'a>(app: &'a TestApp, email: &str) -> TestRequest<'a> {
    app.post("auth.send_email_code").json(json!({ "email": email, "purpose": "sign_up" }))
}

pub(crate) fn verify<'a>(app: &'a TestApp, email: &str, code: &str) -> TestRequest<'a> {
    app.post("auth.verify_email_code").json(json!({ "email": email, "purpose": "sign_up", "code": code }))
}

pub(crate) fn sign_up<'a>(app: &'a TestApp, proof: &str, nickname: &str, key: &str) -> TestRequest<'a> {
    let body = json!({ "email_proof": proof, "nickname": nickname, "password": testkit::PASSWORD });
    app.post("auth.sign_up").json(body).idempotency_key(key)
}

pub(crate) fn sign_in<'a>(app: &'a TestApp, email: &str, password: &str) -> TestRequest<'a> {
    app.post("auth.sign_in").json(json!({ "email": email, "password": password }))
}

/// How many of three wrong passwords on each of these devices were looked at.
pub(crate) async fn guesses_on(app: &TestApp, devices: &[String]) -> u32 {
    let mut guesses = 0_u32;
    for device in devices {
        for _ in 0..3 {
            let answer = sign_in(app, MINA, "a wrong password").cookie(CookieName::Device, device).send().await;
            guesses = u32::from(answer.problem_code() == "auth.bad_credentials").saturating_add(guesses);
        }
    }
    guesses
}

/// An open session is not enough: the request takes the password of a person who has one and nothing
/// else, which is not guessed. `with` makes it of a body.
pub(crate) async fn assert_takes_the_password_only<'a>(app: &'a TestApp, with: impl Fn(Value) -> TestRequest<'a>) {
    with(json!({})).send().await.assert_refused(400, "request.invalid");
    let both = json!({ "current_password": testkit::PASSWORD, "email_proof": "banana" });
    with(both).send().await.assert_refused(400, "request.invalid");
    with(json!({ "email_proof": "banana" })).send().await.assert_refused(401, "auth.email_proof_invalid");
    let proof = app.email_proof(MINA, CodePurpose::Confirm).await;
    with(json!({ "email_proof": proof })).send().await.assert_refused(422, "auth.fresh_proof_needed");
    for _ in 0..5 {
        let answer = with(json!({ "current_password": "a wrong password" })).send().await;
        answer.assert_refused(422, "auth.password_wrong");
        assert_eq!(answer.pointers(), ["/current_password"]);
    }
    let right = with(json!({ "current_password": testkit::PASSWORD })).send().await;
    right.assert_refused(429, "auth.too_many_attempts");
}

/// A code that was sent now.
pub(crate) async fn code_for(app: &TestApp, email: &str) -> String {
    let answer = send(app, email).send().await;
    assert_eq!(answer.status, 202, "{:?}", answer.body);
    app.mail_code(email).await
}

/// The proof of an address.
pub(crate) async fn proof_of(app: &TestApp, email: &str) -> String {
    let code = code_for(app, email).await;
    let answer = verify(app, email, &code).send().await;
    assert_eq!(answer.status, 200, "{:?}", answer.body);
    answer.json()["email_proof"].as_str().unwrap().to_owned()
}

/// Six digits that are not these.
pub(crate) fn another_code(code: &str) -> String {
    let number: u32 = code.parse().unwrap();
    format!("{:06}", number ^ 1)
}

/// How many answers have each status and code.
pub(crate) fn counted(answers: &[TestAnswer]) -> BTreeMap<(u16, String), usize> {
    let mut counts: BTreeMap<_, usize> = BTreeMap::new();
    for answer in answers {
        let count = counts.entry((answer.status, answer.problem_code())).or_default();
        *count = count.saturating_add(1);
    }
    counts
}

/// Everything that an answer tells the world, save the id of the request.
pub(crate) fn told(answer: &TestAnswer) -> (u16, Vec<(&'static str, String)>, String) {
    let headers = answer.headers.iter().filter(|(name, _)| *name != "x-request-id").cloned().collect();
    let id = answer.header("x-request-id").unwrap().to_owned();
    (answer.status, headers, String::from_utf8(answer.body.to_vec()).unwrap().replace(&id, "…"))
}
