//! Turning the second factor off: for both proofs, fresh, and never for one of them.

use domain::{
    auth::{CodePurpose, Notice, totp::STEP},
    ids::EmailCodeId,
    text::Email,
    timestamp::Seconds,
};
use serde_json::{Value, json};
use shared::{
    random,
    secrets::SecretName,
    store::{email_codes::EmailCode, expression::Condition, outbox::Effect, users::Password},
    tokens::email_code::EmailProof,
};
use testkit::{PASSWORD, TestApp, TestUser, sweeps};

use crate::{
    steps::{sign_in, start},
    two_steps::{
        challenge, code_of, disable, second, second_by_recovery, start_totp, stored, totp_of, turn_on, with_totp,
        wrong_code,
    },
};

fn by_code(app: &TestApp, user: &TestUser) -> Value {
    json!({ "current_password": PASSWORD, "code": code_of(app, user) })
}

fn assert_is_on(app: &TestApp, user: &TestUser) {
    assert!(stored(app, user).second_factor && totp_of(app, user).is_some());
    assert!(!app.outbox().iter().any(|event| is_about_the_end(&event.effect)));
}

fn is_about_the_end(effect: &Effect) -> bool {
    matches!(effect, Effect::MailNotice { what: Notice::TotpDisabled, .. })
}

#[tokio::test]
async fn password_and_code_turn_it_off_and_the_owner_is_told() {
    let app = start().await;
    let (mina, _) = with_totp(&app, "mina").await;
    let answer = disable(&app, &mina, by_code(&app, &mina)).send().await;
    assert_eq!((answer.status, answer.body.len()), (204, 0), "{:?}", answer.body);
    assert!(!stored(&app, &mina).second_factor && totp_of(&app, &mina).is_none());
    assert_eq!(app.outbox().iter().filter(|event| is_about_the_end(&event.effect)).count(), 1);
    assert_eq!(sign_in(&app, mina.email.as_str(), PASSWORD).send().await.status, 200, "one step again");
    assert_eq!(answer.usage.password_hashes, 1);
    // Person, password and factor; the count; factor, person, mail and its place in the index, count.
    answer.assert_cost(3, 6, 20);
}

#[tokio::test]
async fn a_recovery_code_stands_in_for_the_app() {
    let app = start().await;
    let (mina, codes) = with_totp(&app, "mina").await;
    let answer = disable(&app, &mina, json!({ "current_password": PASSWORD, "recovery_code": codes[3] })).send().await;
    assert_eq!(answer.status, 204, "{:?}", answer.body);
    assert!(totp_of(&app, &mina).is_none());
}

#[tokio::test]
async fn attack_51_one_proof_alone_or_a_wrong_one_turns_nothing_off() {
    let app = start().await;
    let (mina, codes) = with_totp(&app, "mina").await;
    let (right, wrong) = (code_of(&app, &mina), wrong_code(&app, &mina));
    let confirmed = proof(&app, mina.email.as_str(), CodePurpose::Confirm).await;
    let cases = [
        (json!({}), 400, "request.invalid"),
        (json!({ "current_password": PASSWORD }), 400, "request.invalid"),
        (json!({ "code": right }), 400, "request.invalid"),
        (json!({ "current_password": PASSWORD, "code": right, "recovery_code": codes[0] }), 400, "request.invalid"),
        (json!({ "current_password": PASSWORD, "email_proof": confirmed, "code": right }), 400, "request.invalid"),
        (json!({ "current_password": "a wrong password", "code": right }), 422, "auth.password_wrong"),
        (json!({ "current_password": PASSWORD, "code": wrong }), 422, "auth.second_factor_wrong"),
        (json!({ "current_password": PASSWORD, "recovery_code": "00000-00000" }), 422, "auth.second_factor_wrong"),
        (json!({ "email_proof": confirmed, "code": right }), 422, "auth.fresh_proof_needed"),
        (json!({ "email_proof": "banana", "code": right }), 401, "auth.email_proof_invalid"),
    ];
    for (body, status, code) in cases {
        disable(&app, &mina, body).send().await.assert_refused(status, code);
        assert_is_on(&app, &mina);
    }
    assert_eq!(disable(&app, &mina, by_code(&app, &mina)).send().await.status, 204, "the fifth that was counted");
}

#[tokio::test]
async fn attack_50_a_code_that_signed_in_turns_nothing_off() {
    let app = start().await;
    let (mina, codes) = with_totp(&app, "mina").await;
    let challenge = challenge(&app, &mina).await;
    assert_eq!(second(&app, &challenge, &code_of(&app, &mina)).send().await.status, 200);
    disable(&app, &mina, by_code(&app, &mina)).send().await.assert_refused(422, "auth.second_factor_wrong");
    assert_eq!(second_by_recovery(&app, &challenge, &codes[0]).send().await.status, 200);
    let body = json!({ "current_password": PASSWORD, "recovery_code": codes[0] });
    let answer = disable(&app, &mina, body).send().await;
    answer.assert_refused(422, "auth.second_factor_wrong");
    assert_eq!(answer.pointers(), ["/recovery_code"]);
    assert_is_on(&app, &mina);
}

/// The proof of an address, as a right code earns it.
async fn proof(app: &TestApp, email: &str, purpose: CodePurpose) -> String {
    let (email, id) = (Email::parse(email).unwrap(), EmailCodeId::new(app.now(), random::entropy().unwrap()));
    let expires_at = app.now().plus(Seconds(60));
    let code =
        EmailCode { email: email.clone(), purpose, id, tries: 1, used: true, expires_at, resend_after: app.now() };
    app.table()
        .transaction()
        .put(&code, Condition::Any(vec![Condition::Absent, Condition::Present]))
        .commit()
        .await
        .unwrap();
    EmailProof { email, code: id, expires_at }.seal(&app.seal_key(SecretName::EmailCodeKey), purpose).unwrap()
}

#[tokio::test]
async fn people_without_a_password_prove_their_address() {
    let app = start().await;
    let (mina, _) = with_totp(&app, "mina").await;
    app.table().delete(&Password::key(mina.id), Condition::Present).await.unwrap();
    disable(&app, &mina, by_code(&app, &mina)).send().await.assert_refused(422, "auth.fresh_proof_needed");
    let with = |proof: String| json!({ "email_proof": proof, "code": code_of(&app, &mina) });
    for (email, purpose) in [
        ("mina@example.com", CodePurpose::SignUp),
        ("mina@example.com", CodePurpose::PasswordReset),
        ("ben@example.com", CodePurpose::Confirm),
    ] {
        let answer = disable(&app, &mina, with(proof(&app, email, purpose).await)).send().await;
        answer.assert_refused(401, "auth.email_proof_invalid");
    }
    assert_is_on(&app, &mina);
    let older = proof(&app, "mina@example.com", CodePurpose::Confirm).await;
    let _newer = proof(&app, "mina@example.com", CodePurpose::Confirm).await;
    let answer = disable(&app, &mina, with(older)).send().await;
    answer.assert_refused(401, "auth.email_proof_invalid");
    assert_is_on(&app, &mina);
    app.advance(Seconds::minutes(15));
    let newest = proof(&app, "mina@example.com", CodePurpose::Confirm).await;
    let answer = disable(&app, &mina, with(newest)).send().await;
    assert_eq!(answer.status, 204, "{:?}", answer.body);
    assert!(app.all::<EmailCode>().iter().all(|code| code.purpose != CodePurpose::Confirm || code.email != mina.email));
}

#[tokio::test]
async fn attack_47_50_five_attempts_whichever_proof_was_wrong() {
    let app = start().await;
    let (mina, _) = with_totp(&app, "mina").await;
    for n in 0..5 {
        let body = if n % 2 == 0 {
            json!({ "current_password": "a wrong password", "code": code_of(&app, &mina) })
        } else {
            json!({ "current_password": PASSWORD, "code": wrong_code(&app, &mina) })
        };
        assert_eq!(disable(&app, &mina, body).send().await.status, 422);
    }
    let answer = disable(&app, &mina, by_code(&app, &mina)).send().await;
    answer.assert_refused(429, "auth.too_many_attempts");
    assert_eq!((answer.retry_after_s(), answer.usage.password_hashes), (Some(900), 0));
    assert_is_on(&app, &mina);
    app.advance(Seconds::minutes(15));
    assert_eq!(disable(&app, &mina, by_code(&app, &mina)).send().await.status, 204);
}

#[tokio::test]
async fn what_is_off_or_only_begun_cannot_be_turned_off() {
    let app = start().await;
    let mina = app.user("mina").await;
    let body = json!({ "current_password": PASSWORD, "code": "000000" });
    disable(&app, &mina, body.clone()).send().await.assert_refused(409, "auth.totp_not_enabled");
    start_totp(&app, &mina).send().await;
    disable(&app, &mina, body).send().await.assert_refused(409, "auth.totp_not_enabled");
    assert!(totp_of(&app, &mina).is_some());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_at_once_one_turns_it_off() {
    let app = start().await;
    let (mina, _) = with_totp(&app, "mina").await;
    let answers = disable(&app, &mina, by_code(&app, &mina)).send_at_once(8).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 204).count(), 1);
    assert!(answers.iter().all(|answer| [204, 409, 422, 429].contains(&answer.status)));
    assert_eq!(app.outbox().iter().filter(|event| is_about_the_end(&event.effect)).count(), 1);
}

#[tokio::test]
async fn attack_51_the_recovery_codes_of_a_factor_end_with_it() {
    let app = start().await;
    let (mut mina, before) = with_totp(&app, "mina").await;
    assert_eq!(disable(&app, &mina, by_code(&app, &mina)).send().await.status, 204);
    let after = turn_on(&app, &mut mina).await;
    app.advance(STEP);
    assert!(before.iter().all(|code| !after.contains(code)));
    let challenge = challenge(&app, &mina).await;
    let answer = second_by_recovery(&app, &challenge, &before[0]).send().await;
    answer.assert_refused(422, "auth.second_factor_wrong");
    assert_eq!(second_by_recovery(&app, &challenge, &after[0]).send().await.status, 200);
}

#[tokio::test]
async fn attack_46_the_token_of_an_ended_session_turns_nothing_off() {
    let app = start().await;
    let (mut mina, _) = with_totp(&app, "mina").await;
    mina.epoch = 0;
    disable(&app, &mina, by_code(&app, &mina)).send().await.assert_refused(401, "auth.sign_in_needed");
    assert!(totp_of(&app, &mina).is_some());
}

#[tokio::test]
async fn attack_5_13_58_61_63_69_only_a_person_who_is_signed_in_with_both_proofs() {
    let app = start().await;
    let (mina, _) = with_totp(&app, "mina").await;
    let good = by_code(&app, &mina);
    sweeps::assert_needs_sign_in(&app.post("auth.disable_totp").json(good.clone()), &app.token_of(&mina)).await;
    sweeps::assert_takes_only_its_json(&app.post("auth.disable_totp").as_user(&mina), &good).await;
    assert_is_on(&app, &mina);
    app.advance(Seconds::minutes(15));
    let answer = disable(&app, &mina, by_code(&app, &mina)).send().await;
    assert_eq!(answer.status, 204);
    for hidden in [PASSWORD, &code_of_now(&good), "mina"] {
        assert!(!answer.line.contains(hidden), "{}", answer.line);
    }
}

fn code_of_now(body: &Value) -> String {
    body["code"].as_str().unwrap().to_owned()
}
