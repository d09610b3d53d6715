//! A password in place of a forgotten one: for whoever proves the address, once, and no further.

use domain::{
    auth::{CodePurpose, Notice},
    timestamp::Seconds,
};
use serde_json::json;
use shared::{
    api::cookies::CookieName,
    store::{
        email_codes::EmailCode,
        expression::{Change, Condition},
        outbox::Effect,
        users::{Password, User},
    },
};
use testkit::{PASSWORD, TestApp, TestRequest, sweeps};

use crate::{
    device::{Page, refresh},
    steps::{MINA, counted, sign_in, start},
};

const NEXT: &str = "purple monkey dishwasher";

fn reset<'a>(app: &'a TestApp, proof: &str) -> TestRequest<'a> {
    app.post("auth.reset_password").json(json!({ "email_proof": proof, "password": NEXT }))
}

async fn proof_for(app: &TestApp, email: &str) -> String {
    app.email_proof(email, CodePurpose::PasswordReset).await
}

#[tokio::test]
async fn whoever_forgot_their_password_gets_a_code_by_mail_and_sets_another() {
    let app = start().await;
    let mina = app.user("mina").await;
    let purpose = json!("password_reset");
    let body = json!({ "email": MINA, "purpose": purpose });
    assert_eq!(app.post("auth.send_email_code").json(body).send().await.status, 202);
    let code = app.mail_code_for(MINA, CodePurpose::PasswordReset).await;
    let body = json!({ "email": MINA, "purpose": purpose, "code": code });
    let proof = app.post("auth.verify_email_code").json(body).send().await.json();
    let answer = reset(&app, proof["email_proof"].as_str().unwrap()).language("ko").send().await;
    assert_eq!((answer.status, answer.body.len()), (204, 0), "{:?}", answer.body);
    let notices = app.outbox().into_iter().filter_map(|event| match event.effect {
        Effect::MailNotice { to, what, language } => Some((to, what, language.tag())),
        _ => None,
    });
    assert_eq!(notices.collect::<Vec<_>>(), [(mina.email, Notice::PasswordChanged, "en")]);
    assert_eq!(answer.usage.password_hashes, 1);
    // The try is counted, one unit. The owner of the address and the person are read; four writes of two units each, and one for the outbox's place
    // in the due index.
    answer.assert_cost(4, 4, 20);
    sign_in(&app, MINA, PASSWORD).send().await.assert_refused(401, "auth.bad_credentials");
    assert_eq!(sign_in(&app, MINA, NEXT).send().await.status, 200);
}

#[tokio::test]
async fn attack_46_every_device_is_signed_out_at_once() {
    let app = start().await;
    let _ = app.user("mina").await;
    let page = Page::sign_in(&app, MINA).await;
    assert_eq!(reset(&app, &proof_for(&app, MINA).await).send().await.status, 204);
    refresh(&app, &page.refresh).send().await.assert_refused(401, "auth.session_ended");
    assert_eq!(app.all::<User>()[0].epoch, 1);
}

#[tokio::test]
async fn attack_53_a_proof_is_good_once() {
    let app = start().await;
    let _ = app.user("mina").await;
    let proof = proof_for(&app, MINA).await;
    assert_eq!(reset(&app, &proof).send().await.status, 204);
    reset(&app, &proof).send().await.assert_refused(401, "auth.email_proof_invalid");
    assert!(app.all::<EmailCode>().is_empty());
    assert_eq!(app.all::<User>()[0].epoch, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn attack_53_of_many_uses_of_a_proof_at_once_one_sets_the_password() {
    let app = start().await;
    let _ = app.user("mina").await;
    let answers = reset(&app, &proof_for(&app, MINA).await).send_at_once(8).await;
    let refused = ((401, "auth.email_proof_invalid".to_owned()), 7);
    assert_eq!(counted(&answers), [((204, String::new()), 1), refused].into());
    assert_eq!((app.all::<User>()[0].epoch, app.outbox().len()), (1, 1));
}

#[tokio::test]
async fn attack_53_a_proof_of_another_purpose_another_code_or_too_old_proves_nothing() {
    let app = start().await;
    let _ = app.user("mina").await;
    let older = proof_for(&app, MINA).await;
    app.advance(Seconds(1));
    let newest = proof_for(&app, MINA).await;
    let wrong = [
        app.email_proof(MINA, CodePurpose::SignUp).await,
        app.email_proof(MINA, CodePurpose::Confirm).await,
        older,
        "banana".to_owned(),
        String::new(),
        format!("{newest}A"),
    ];
    for proof in wrong {
        reset(&app, &proof).send().await.assert_refused(401, "auth.email_proof_invalid");
    }
    reset(&app, &newest).later(Seconds(1_800)).send().await.assert_refused(401, "auth.email_proof_invalid");
    assert_eq!((app.all::<User>()[0].epoch, app.outbox().len()), (0, 0));
    assert_eq!(reset(&app, &newest).later(Seconds(1_799)).send().await.status, 204);
}

#[tokio::test]
async fn the_item_of_a_code_stays_as_long_as_the_proof_that_it_earned() {
    let app = start().await;
    let _ = app.user("mina").await;
    let proof = proof_for(&app, MINA).await;
    let sweep_at =
        app.items().iter().find_map(|item| item.is(shared::store::Kind::EMAIL_CODE).then(|| item.number("ttl")));
    assert_eq!(sweep_at.flatten(), Some(app.now().plus(Seconds::minutes(40)).seconds()));
    app.advance(Seconds(1_799));
    assert_eq!(reset(&app, &proof).send().await.status, 204);
}

#[tokio::test]
async fn attack_52_a_reset_signs_nobody_in_and_leaves_the_second_factor_as_it_is() {
    let app = start().await;
    let mina = app.user("mina").await;
    let on = vec![Change::Set("second_factor", true.into())];
    app.table().update(&User::key(mina.id), on, Condition::Present).await.unwrap();
    let answer = reset(&app, &proof_for(&app, MINA).await).send().await;
    assert_eq!((answer.status, answer.body.len()), (204, 0));
    assert!(answer.header("set-cookie").unwrap().starts_with("__Host-device="), "and no session");
    let answer = sign_in(&app, MINA, NEXT).send().await;
    assert_eq!((answer.status, answer.json()["access_token"].is_null()), (202, true), "the code is still asked for");
    assert!(app.all::<User>()[0].second_factor);
}

#[tokio::test]
async fn attack_52_the_host_of_the_request_is_in_no_mail() {
    let app = start().await;
    let _ = app.user("mina").await;
    let body = json!({ "email": MINA, "purpose": "password_reset" });
    let request = app.post("auth.send_email_code").json(body);
    let request = request.header("host", "evil.test").header("x-forwarded-host", "evil.test");
    assert_eq!(request.header("origin", "https://evil.test").send().await.status, 202);
    app.advance(Seconds::minutes(1));
    let request = reset(&app, &proof_for(&app, MINA).await).header("host", "evil.test");
    assert_eq!(request.send().await.status, 204);
    assert!(!format!("{:?}", app.items()).contains("evil"));
}

#[tokio::test]
async fn who_proves_an_address_that_has_no_account_is_told_so_and_nothing_is_made() {
    let app = start().await;
    let proof = proof_for(&app, "nobody@example.com").await;
    let answer = reset(&app, &proof).send().await;
    answer.assert_refused(404, "auth.no_account");
    assert_eq!((answer.usage.password_hashes, app.all::<Password>().len()), (0, 0));
}

#[tokio::test]
async fn who_signed_up_without_a_password_can_set_the_first_one() {
    let app = start().await;
    let mina = app.user("mina").await;
    assert!(app.table().delete(&Password::key(mina.id), Condition::Present).await.unwrap());
    sign_in(&app, MINA, PASSWORD).send().await.assert_refused(401, "auth.bad_credentials");
    assert_eq!(reset(&app, &proof_for(&app, MINA).await).send().await.status, 204);
    assert_eq!(sign_in(&app, MINA, NEXT).send().await.status, 200);
}

#[tokio::test]
async fn attack_49_58_59_61_63_the_password_is_held_to_the_policy_and_the_body_to_its_form() {
    let app = start().await;
    let _ = app.user("mina").await;
    let proof = proof_for(&app, MINA).await;
    let with =
        |password: &str| app.post("auth.reset_password").json(json!({ "email_proof": proof, "password": password }));
    for refused in ["1234567", &"x".repeat(129), "abc\u{0}defgh"] {
        with(refused).send().await.assert_refused(400, "request.invalid");
    }
    let answer = with("Password1").send().await;
    answer.assert_refused(422, "auth.password_too_common");
    assert_eq!(answer.usage.calls, 0);
    let good = json!({ "email_proof": "banana", "password": NEXT });
    sweeps::assert_takes_only_its_json(&app.post("auth.reset_password"), &good).await;
}

#[tokio::test]
async fn attack_69_neither_proof_nor_password_is_in_the_log() {
    let app = start().await;
    let _ = app.user("mina").await;
    let proof = proof_for(&app, MINA).await;
    let line = reset(&app, &proof).send().await.line;
    assert!(!line.contains(&proof) && !line.contains(NEXT) && !line.contains("mina"), "{line}");
}

#[tokio::test]
async fn attack_47_who_keeps_guessing_does_not_keep_out_who_has_set_another_password() {
    let app = start().await;
    let _ = app.user("mina").await;
    for _ in 0..5 {
        sign_in(&app, MINA, "a guess").from("198.51.100.1").send().await.assert_refused(401, "auth.bad_credentials");
    }
    sign_in(&app, MINA, PASSWORD).send().await.assert_refused(429, "auth.too_many_attempts");
    let answer = reset(&app, &proof_for(&app, MINA).await).send().await;
    let device = answer.cookie("__Host-device").unwrap();
    sign_in(&app, MINA, NEXT).send().await.assert_refused(429, "auth.too_many_attempts");
    let before = app.outbox().len();
    assert_eq!(sign_in(&app, MINA, NEXT).cookie(CookieName::Device, device).send().await.status, 200);
    assert_eq!(app.outbox().len(), before, "no mail about a device that is theirs");
}

#[tokio::test]
async fn attack_47_a_proof_is_good_for_ten_tries() {
    let app = start().await;
    let proof = proof_for(&app, "nobody@example.com").await;
    for _ in 0..10 {
        let answer = reset(&app, &proof).send().await;
        assert_eq!(answer.problem_code(), "auth.no_account");
    }
    let answer = reset(&app, &proof).send().await;
    answer.assert_refused(401, "auth.email_proof_invalid");
    assert_eq!(answer.usage.password_hashes, 0);
}
