//! Turning the second factor on: never without a code of it, and with every other session ended.

use std::collections::BTreeSet;

use domain::{
    auth::{Notice, totp::STEP},
    timestamp::Seconds,
};
use serde_json::json;
use shared::store::{outbox::Effect, sessions::Session, totp::TotpState};
use testkit::{PASSWORD, TestApp, TestUser, sweeps};

use crate::{
    steps::{sign_in, start},
    two_steps::{code_in, code_of, enable, start_totp, stored, totp_of, turn_on, wrong_code},
};

/// A person who has a secret in their app, and a session on this device.
async fn started(app: &TestApp, nickname: &str) -> TestUser {
    let user = app.user(nickname).await;
    app.session_of(&user).await;
    assert_eq!(start_totp(app, &user).send().await.status, 200);
    user
}

fn assert_is_off(app: &TestApp, user: &TestUser) {
    let stored = stored(app, user);
    assert!(!stored.second_factor && stored.epoch == 0);
    assert!(totp_of(app, user).is_none_or(|totp| totp.state == TotpState::Pending));
    assert!(app.outbox().is_empty());
}

#[tokio::test]
async fn the_right_code_turns_it_on_and_shows_ten_recovery_codes() {
    let app = start().await;
    let mina = started(&app, "mina").await;
    let answer = enable(&app, &mina, &code_of(&app, &mina)).send().await;
    assert_eq!(answer.status, 200, "{:?}", answer.body);
    let codes: BTreeSet<String> =
        answer.json()["recovery_codes"].as_array().unwrap().iter().map(|c| c.as_str().unwrap().to_owned()).collect();
    let totp = totp_of(&app, &mina).unwrap();
    let derived: BTreeSet<String> =
        app.totp_key().recovery_codes(mina.id, totp.id).iter().map(|code| code.to_text()).collect();
    assert_eq!((codes.len(), &codes), (10, &derived));
    assert!(stored(&app, &mina).second_factor);
    assert_eq!(totp.state, TotpState::Enabled);
    let effects: Vec<Effect> = app.outbox().into_iter().map(|event| event.effect).collect();
    assert!(
        matches!(effects.as_slice(), [Effect::MailNotice { to, what: Notice::TotpEnabled, .. }] if *to == mina.email),
        "{effects:?}"
    );
    let signed_in = sign_in(&app, mina.email.as_str(), PASSWORD).send().await;
    assert_eq!((signed_in.status, signed_in.json().get("access_token")), (202, None), "the password is not enough");
    assert!(signed_in.headers.iter().all(|(name, _)| *name != "set-cookie"));
    for code in &codes {
        assert!(app.items().iter().all(|item| !format!("{item:?}").contains(code.as_str())), "it is stored nowhere");
    }
    // Person and factor; the count; factor, person, session, mail and its place in the index, count.
    answer.assert_cost(3, 4, 24);
}

#[tokio::test]
async fn the_present_session_goes_on_and_every_other_one_ends() {
    let app = start().await;
    let mut mina = app.user("mina").await;
    let here = app.session_of(&mina).await;
    let elsewhere = sign_in(&app, mina.email.as_str(), PASSWORD).send().await;
    let cookie = elsewhere.header("set-cookie").unwrap().split(';').next().unwrap().to_owned();
    let old_token = app.token_of(&mina);
    turn_on(&app, &mut mina).await;
    let refresh = |token: &str| app.post("auth.refresh_session").json(json!({ "refresh_token": token }));
    let there = cookie.split_once('=').unwrap().1;
    refresh(there).send().await.assert_refused(401, "auth.session_ended");
    let again = || app.post("auth.start_totp").json(json!({ "current_password": PASSWORD }));
    let answer = again().bearer(&old_token).send().await;
    answer.assert_refused(401, "auth.sign_in_needed");
    let refreshed = refresh(&here.to_text()).send().await;
    assert_eq!(refreshed.status, 200, "{:?}", refreshed.body);
    let token = refreshed.json()["access_token"].as_str().unwrap().to_owned();
    let answer = again().bearer(&token).send().await;
    answer.assert_refused(409, "auth.totp_enabled");
}

#[tokio::test]
async fn attack_51_without_a_right_code_it_is_never_on() {
    let app = start().await;
    let mina = app.user("mina").await;
    app.session_of(&mina).await;
    enable(&app, &mina, "000000").send().await.assert_refused(409, "auth.totp_not_started");
    assert_is_off(&app, &mina);
    start_totp(&app, &mina).send().await;
    let answer = enable(&app, &mina, &wrong_code(&app, &mina)).send().await;
    answer.assert_refused(422, "auth.second_factor_wrong");
    assert_eq!(answer.pointers(), ["/code"]);
    assert_is_off(&app, &mina);
    assert_eq!(sign_in(&app, mina.email.as_str(), PASSWORD).send().await.status, 200);
}

#[tokio::test]
async fn attack_50_only_a_code_of_ones_own_within_one_step_is_right() {
    let app = start().await;
    let (mina, ben) = (started(&app, "mina").await, started(&app, "ben").await);
    for wrong in [code_in(&app, &mina, -2), code_in(&app, &mina, 2), code_of(&app, &ben)] {
        enable(&app, &mina, &wrong).send().await.assert_refused(422, "auth.second_factor_wrong");
    }
    assert_is_off(&app, &mina);
    assert_eq!(enable(&app, &mina, &code_in(&app, &mina, -1)).send().await.status, 200, "a slow typist");
    assert_eq!(enable(&app, &ben, &code_in(&app, &ben, 1)).send().await.status, 200, "a fast clock");
}

#[tokio::test]
async fn attack_50_of_fifty_equal_requests_at_once_one_turns_it_on() {
    let app = start().await;
    let mina = started(&app, "mina").await;
    let answers = enable(&app, &mina, &code_of(&app, &mina)).send_at_once(50).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 1);
    assert!(answers.iter().all(|answer| [200, 401, 409, 429].contains(&answer.status)));
    assert_eq!((stored(&app, &mina).epoch, app.outbox().len()), (1, 1));
}

#[tokio::test]
async fn attack_50_after_five_wrong_guesses_the_account_waits_a_quarter_of_an_hour() {
    let app = start().await;
    let mina = started(&app, "mina").await;
    for _ in 0..5 {
        enable(&app, &mina, &wrong_code(&app, &mina)).send().await.assert_refused(422, "auth.second_factor_wrong");
    }
    let answer = enable(&app, &mina, &code_of(&app, &mina)).send().await;
    answer.assert_refused(429, "auth.too_many_attempts");
    assert_eq!(answer.retry_after_s(), Some(900));
    app.advance(Seconds(899));
    enable(&app, &mina, &code_of(&app, &mina)).send().await.assert_refused(429, "auth.too_many_attempts");
    app.advance(Seconds(1));
    assert_eq!(enable(&app, &mina, &code_of(&app, &mina)).send().await.status, 200);
}

#[tokio::test]
async fn what_is_on_cannot_be_turned_on_again() {
    let app = start().await;
    let mut mina = started(&app, "mina").await;
    turn_on(&app, &mut mina).await;
    app.advance(STEP);
    enable(&app, &mina, &code_of(&app, &mina)).send().await.assert_refused(409, "auth.totp_enabled");
    assert_eq!(stored(&app, &mina).epoch, 1);
}

#[tokio::test]
async fn attack_46_a_session_that_was_signed_out_turns_nothing_on() {
    let app = start().await;
    let mina = app.user("mina").await;
    let token = app.session_of(&mina).await;
    start_totp(&app, &mina).send().await;
    let out = app.post("auth.sign_out").json(json!({ "refresh_token": token.to_text() })).send().await;
    assert_eq!((out.status, app.all::<Session>().len()), (204, 0));
    enable(&app, &mina, &code_of(&app, &mina)).send().await.assert_refused(401, "auth.sign_in_needed");
    assert_is_off(&app, &mina);
}

#[tokio::test]
async fn attack_5_50_58_61_63_only_a_person_who_is_signed_in_with_six_digits() {
    let app = start().await;
    let mina = started(&app, "mina").await;
    let good = json!({ "code": "287082" });
    sweeps::assert_needs_sign_in(&app.post("auth.enable_totp").json(good.clone()), &app.token_of(&mina)).await;
    sweeps::assert_takes_only_its_json(&app.post("auth.enable_totp").as_user(&mina), &good).await;
    for wrong in ["", "28708", "2870820", "２８７０８２", "28708x"] {
        enable(&app, &mina, wrong).send().await.assert_refused(400, "request.invalid");
    }
    assert_is_off(&app, &mina);
}

#[tokio::test]
async fn attack_69_no_code_is_in_the_log() {
    let app = start().await;
    let mina = started(&app, "mina").await;
    let code = code_of(&app, &mina);
    let answer = enable(&app, &mina, &code).send().await;
    let recovery = answer.json()["recovery_codes"][0].as_str().unwrap().to_owned();
    for hidden in [code.as_str(), recovery.as_str(), "mina"] {
        assert!(!answer.line.contains(hidden), "{}", answer.line);
    }
}
