//! The steps to an account, as the tests of each need the ones before it.

use std::collections::BTreeMap;

use serde_json::json;
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
