//! Checking codes: five guesses, one use, ten minutes, the newest only.

use std::collections::BTreeSet;

use domain::ServiceError as _;
use domain::{Language, auth::AuthError, timestamp::Seconds};
use engines::{Engine, FaultKind, FaultRule};
use serde_json::json;
use shared::store::email_codes::EmailCode;
use testkit::{TestRequest, sweeps};

use crate::steps::{MINA, another_code, code_for, counted, send, start, verify};

#[tokio::test]
async fn the_right_code_gives_a_proof_once() {
    let app = start().await;
    let code = code_for(&app, MINA).await;
    let answer = verify(&app, "MINA@example.com", &format!(" {code}\n")).send().await;
    assert_eq!(answer.status, 200, "{:?}", answer.body);
    assert_eq!(answer.json()["expires_at"], "2026-11-21T09:30:00.000Z");
    assert!(answer.json()["email_proof"].as_str().unwrap().len() < 300);
    // Two updates of one unit each, and one in a transaction, of two.
    answer.assert_cost(3, 0, 8);
    verify(&app, MINA, &code).send().await.assert_refused(410, "auth.code_expired");
}

#[tokio::test]
async fn attack_53_the_sixth_guess_is_refused_even_if_it_is_right() {
    let app = start().await;
    let code = code_for(&app, MINA).await;
    for left in (0..5).rev() {
        let answer = verify(&app, MINA, &another_code(&code)).send().await;
        answer.assert_refused(422, "auth.code_wrong");
        assert_eq!(answer.problem().detail, AuthError::CodeWrong { tries_left: left }.detail(Language::English));
        assert_eq!(answer.pointers(), ["/code"]);
    }
    verify(&app, MINA, &code).send().await.assert_refused(410, "auth.code_expired");
}

#[tokio::test]
async fn attack_53_a_code_ends_on_the_second_while_its_row_is_still_there() {
    let app = start().await;
    let code = code_for(&app, MINA).await;
    verify(&app, MINA, &code).later(Seconds(601)).send().await.assert_refused(410, "auth.code_expired");
    verify(&app, MINA, &code).later(Seconds(600)).send().await.assert_refused(410, "auth.code_expired");
    assert_eq!(app.all::<EmailCode>().len(), 1);
    assert_eq!(verify(&app, MINA, &code).later(Seconds(599)).send().await.status, 200);
}

#[tokio::test]
async fn attack_53_the_newest_code_is_the_only_one() {
    let app = start().await;
    let older = code_for(&app, MINA).await;
    app.advance(Seconds(60));
    let newer = code_for(&app, MINA).await;
    assert_ne!(older, newer);
    verify(&app, MINA, &older).send().await.assert_refused(422, "auth.code_wrong");
    assert_eq!(verify(&app, MINA, &newer).send().await.status, 200);
}

#[tokio::test]
async fn attack_53_a_code_is_good_for_its_address_only() {
    let app = start().await;
    let code = code_for(&app, MINA).await;
    verify(&app, "ben@example.com", &code).send().await.assert_refused(410, "auth.code_expired");
    let other = code_for(&app, "ben@example.com").await;
    assert_ne!(code, other);
    verify(&app, "ben@example.com", &code).send().await.assert_refused(422, "auth.code_wrong");
}

#[tokio::test]
async fn attack_53_of_a_hundred_wrong_guesses_at_once_five_are_looked_at() {
    let app = start().await;
    let code = code_for(&app, MINA).await;
    let guess = |n: u8| verify(&app, MINA, &another_code(&code)).from(&format!("198.51.100.{}", n % 10));
    let answers = TestRequest::all_at_once((0..100).map(guess).collect()).await;
    let wrong = (422, "auth.code_wrong".to_owned());
    assert_eq!(counted(&answers), [((410, "auth.code_expired".to_owned()), 95), (wrong, 5)].into());
    let details: BTreeSet<String> =
        answers.iter().filter(|a| a.status == 422).map(|answer| answer.problem().detail).collect();
    assert_eq!(details.len(), 5, "each is told another number of tries: {details:?}");
    assert_eq!(app.all::<EmailCode>()[0].tries, 5);
}

#[tokio::test]
async fn attack_47_one_source_guesses_at_few_codes_whosever_they_are() {
    let app = start().await;
    let code = code_for(&app, MINA).await;
    for n in 0..60 {
        let email = format!("person{n}@example.com");
        verify(&app, &email, "123456").send().await.assert_refused(410, "auth.code_expired");
    }
    let answer = verify(&app, MINA, &another_code(&code)).send().await;
    answer.assert_refused(429, "auth.too_many_attempts");
    assert!(answer.retry_after_s().is_some());
    assert_eq!(app.all::<EmailCode>()[0].tries, 0, "who waits for the code loses nothing");
    assert_eq!(verify(&app, MINA, &code).from("198.51.100.1").send().await.status, 200);
}

#[tokio::test]
async fn a_right_code_is_not_lost_with_an_answer_of_the_table() {
    let app = start().await;
    let code = code_for(&app, MINA).await;
    app.fail(vec![FaultRule::always(Engine::Database, FaultKind::TimeOutAfterApply).on("TransactWriteItems").times(1)]);
    assert_eq!(verify(&app, MINA, &code).send().await.status, 200);
}

#[tokio::test]
async fn of_many_right_guesses_at_once_one_gets_the_proof() {
    let app = start().await;
    let code = code_for(&app, MINA).await;
    let answers = verify(&app, MINA, &code).send_at_once(20).await;
    assert_eq!(counted(&answers), [((200, String::new()), 1), ((410, "auth.code_expired".to_owned()), 19)].into());
}

#[tokio::test]
async fn a_new_code_brings_new_tries() {
    let app = start().await;
    let code = code_for(&app, MINA).await;
    let _ = verify(&app, MINA, &another_code(&code)).send_at_once(6).await;
    app.advance(Seconds(60));
    assert_eq!(send(&app, MINA).send().await.status, 202);
    let code = app.mail_code(MINA).await;
    assert_eq!(verify(&app, MINA, &code).send().await.status, 200);
}

#[tokio::test]
async fn a_lost_race_does_not_cost_a_try() {
    let app = start().await;
    let code = code_for(&app, MINA).await;
    app.fail(vec![FaultRule::always(Engine::Database, FaultKind::TransactionConflict).on("UpdateItem").times(3)]);
    assert_eq!(verify(&app, MINA, &code).send().await.status, 200);
    assert_eq!(app.all::<EmailCode>()[0].tries, 1);
    app.fail(vec![FaultRule::always(Engine::Database, FaultKind::TransactionConflict).on("UpdateItem")]);
    verify(&app, MINA, &code).may_break().send().await.assert_refused(503, "unavailable");
}

#[tokio::test]
async fn attack_50_58_59_61_63_only_six_digits_in_the_json_of_this_request_are_taken() {
    let app = start().await;
    let request = app.post("auth.verify_email_code");
    let good = json!({ "email": MINA, "purpose": "sign_up", "code": "042137" });
    sweeps::assert_takes_only_its_json(&request, &good).await;
    for wrong in ["12345", "1234567", "１２３４５６", "", "12345x"] {
        let answer = verify(&app, MINA, wrong).send().await;
        answer.assert_refused(400, "request.invalid");
        assert_eq!(answer.pointers(), ["/code"]);
    }
}

#[tokio::test]
async fn attack_69_neither_code_nor_address_is_in_the_log() {
    let app = start().await;
    let code = code_for(&app, MINA).await;
    let wrong = another_code(&code);
    for (guess, line) in
        [(&wrong, verify(&app, MINA, &wrong).send().await.line), (&code, verify(&app, MINA, &code).send().await.line)]
    {
        assert!(!line.contains(guess.as_str()) && !line.contains("mina"), "{line}");
    }
}
