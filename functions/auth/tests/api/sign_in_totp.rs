//! The second step of signing in, and everything that is not it.

use domain::{
    auth::{AccountState, Notice, totp::STEP},
    timestamp::Seconds,
};
use serde_json::json;
use shared::{
    api::cookies::CookieName,
    secrets::SecretName,
    store::{
        expression::{Change, Condition},
        outbox::Effect,
        sessions::Session,
        totp::Totp,
        users::Password,
        users::User,
    },
    tokens::{access::AccessTokens, password, seal::SealKey},
};
use testkit::{PASSWORD, TestApp, TestUser, sweeps};

use crate::{
    device::Page,
    steps::{counted, sign_in, start},
    two_steps::{
        challenge, code_in, code_of, second, second_by_recovery, stored, totp_of, turn_on, with_totp, wrong_code,
    },
};

/// The sessions that signing in began: the person set up the factor in another.
fn begun(app: &TestApp, user: &TestUser) -> usize {
    app.all::<Session>().iter().filter(|session| session.user_id == user.id && session.id != user.session).count()
}

async fn change(app: &TestApp, user: &TestUser, changes: Vec<Change>) {
    app.table().update(&User::key(user.id), changes, Condition::Present).await.unwrap();
}

#[tokio::test]
async fn password_and_code_sign_in() {
    let app = start().await;
    let (mina, _) = with_totp(&app, "mina").await;
    let first = sign_in(&app, mina.email.as_str(), PASSWORD).send().await;
    assert_eq!((first.status, &first.json()["expires_in_s"]), (202, &json!(300)));
    assert_eq!(begun(&app, &mina), 0, "sign-in truly stops at the second step");
    let challenge = first.json()["challenge"].as_str().unwrap().to_owned();
    let answer = second(&app, &challenge, &code_of(&app, &mina)).send().await;
    assert_eq!(answer.status, 200, "{:?}", answer.body);
    let token = answer.json()["access_token"].as_str().unwrap().to_owned();
    let tokens = AccessTokens::new(&app.config().access_token_keys, &app.config().site_origin).unwrap();
    assert_eq!(tokens.check(&token, app.now()).unwrap().sub, mina.id);
    assert_eq!(begun(&app, &mina), 1);
    let cookies: Vec<&str> =
        answer.headers.iter().filter(|(name, _)| *name == "set-cookie").map(|(_, value)| value.as_str()).collect();
    assert!(
        matches!(cookies.as_slice(), [one, two] if one.starts_with("__Host-refresh=") && two.starts_with("__Host-device="))
    );
    // The count; person and factor; factor, count, session, a look at the person.
    answer.assert_cost(3, 4, 18);
}

#[tokio::test]
async fn a_right_password_is_no_guess_whatever_comes_of_the_second_step() {
    let app = start().await;
    let (mina, _) = with_totp(&app, "mina").await;
    for _ in 0..6 {
        assert_eq!(sign_in(&app, mina.email.as_str(), PASSWORD).send().await.status, 202);
    }
}

/// Who knew the password before the factor was turned on has devices that are known, and no more
/// guesses at the code for it.
#[tokio::test]
async fn attack_50_devices_from_before_the_factor_share_one_count() {
    let app = start().await;
    let mut mina = app.user("mina").await;
    app.session_of(&mina).await;
    let mut devices = Vec::new();
    for _ in 0..3 {
        devices.push(Page::sign_in(&app, mina.email.as_str()).await.device);
    }
    let _ = turn_on(&app, &mut mina).await;
    app.advance(STEP);
    let challenge = challenge(&app, &mina).await;
    let mut guesses = 0;
    for device in &devices {
        for _ in 0..3 {
            let guess = second(&app, &challenge, &wrong_code(&app, &mina)).cookie(CookieName::Device, device);
            guesses += u32::from(guess.send().await.problem_code() == "auth.second_factor_wrong");
        }
    }
    assert_eq!(guesses, 5);
}

#[tokio::test]
async fn an_app_gets_its_tokens_in_the_body_where_the_first_step_asked_for_it() {
    let app = start().await;
    let (mina, _) = with_totp(&app, "mina").await;
    let body = json!({ "email": mina.email, "password": PASSWORD, "session_in": "body" });
    let first = app.post("auth.sign_in").json(body).send().await.json();
    let answer = second(&app, first["challenge"].as_str().unwrap(), &code_of(&app, &mina)).send().await.json();
    let refresh = json!({ "refresh_token": answer["refresh_token"] });
    assert_eq!(app.post("auth.refresh_session").json(refresh).send().await.status, 200);
}

/// Two requests of one device, and the one that was sent first arrives last.
#[tokio::test]
async fn a_later_session_of_the_device_is_not_replaced_by_an_earlier_one() {
    let app = start().await;
    let (mina, codes) = with_totp(&app, "mina").await;
    let challenge = challenge(&app, &mina).await;
    let later = second(&app, &challenge, &code_of(&app, &mina)).later(Seconds(20)).send().await;
    assert_eq!(later.status, 200, "{:?}", later.body);
    let device = format!("__Host-device={}", later.cookie("__Host-device").unwrap());
    let earlier = second_by_recovery(&app, &challenge, &codes[0])
        .header("cookie", device)
        .header("sec-fetch-site", "same-origin");
    earlier.send().await.assert_refused(401, "auth.session_ended");
    assert_eq!(begun(&app, &mina), 1);
    assert_eq!(totp_of(&app, &mina).unwrap().recovery_left(), 10, "nothing of it was done");
}

#[tokio::test]
async fn attack_50_a_code_signs_in_once() {
    let app = start().await;
    let (mina, _) = with_totp(&app, "mina").await;
    let challenge = challenge(&app, &mina).await;
    let code = code_of(&app, &mina);
    assert_eq!(second(&app, &challenge, &code).send().await.status, 200);
    second(&app, &challenge, &code).send().await.assert_refused(422, "auth.second_factor_wrong");
    let earlier = code_in(&app, &mina, -1);
    second(&app, &challenge, &earlier).send().await.assert_refused(422, "auth.second_factor_wrong");
    app.advance(STEP);
    second(&app, &challenge, &code).send().await.assert_refused(422, "auth.second_factor_wrong");
    assert_eq!(begun(&app, &mina), 1);
    assert_eq!(second(&app, &challenge, &code_of(&app, &mina)).send().await.status, 200);
}

#[tokio::test]
async fn attack_50_the_code_that_turned_it_on_does_not_sign_in() {
    let app = start().await;
    let (mina, _) = with_totp(&app, "mina").await;
    let challenge = challenge(&app, &mina).await;
    // One step ago, it turned the factor on, and would still be taken.
    second(&app, &challenge, &code_in(&app, &mina, -1)).send().await.assert_refused(422, "auth.second_factor_wrong");
}

#[tokio::test]
async fn attack_50_two_steps_away_and_the_codes_of_others_are_wrong() {
    let app = start().await;
    let ((mina, _), (ben, _)) = (with_totp(&app, "mina").await, with_totp(&app, "ben").await);
    app.advance(Seconds::minutes(2));
    let of_mina = challenge(&app, &mina).await;
    for wrong in [code_in(&app, &mina, -2), code_in(&app, &mina, 2), code_of(&app, &ben), wrong_code(&app, &mina)] {
        let answer = second(&app, &of_mina, &wrong).send().await;
        answer.assert_refused(422, "auth.second_factor_wrong");
        assert_eq!(answer.pointers(), ["/code"]);
    }
    assert_eq!(begun(&app, &mina) + begun(&app, &ben), 0);
    assert_eq!(second(&app, &of_mina, &code_in(&app, &mina, 1)).send().await.status, 200, "a fast clock");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn attack_50_shown_fifty_times_at_once_it_signs_in_once() {
    let app = start().await;
    let (mina, _) = with_totp(&app, "mina").await;
    let challenge = challenge(&app, &mina).await;
    let answers = second(&app, &challenge, &code_of(&app, &mina)).send_at_once(50).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 1, "{:?}", counted(&answers));
    assert!(answers.iter().all(|answer| [200, 422, 429].contains(&answer.status)), "{:?}", counted(&answers));
    assert_eq!(begun(&app, &mina), 1);
}

#[tokio::test]
async fn attack_50_five_wrong_codes_and_the_account_waits_for_everyone_but_a_known_device() {
    let app = start().await;
    let (mina, _) = with_totp(&app, "mina").await;
    let first = challenge(&app, &mina).await;
    let signed_in = second(&app, &first, &code_of(&app, &mina)).send().await;
    let device = signed_in.headers.iter().find(|(_, value)| value.starts_with("__Host-device=")).unwrap();
    let device = device.1.split(';').next().unwrap().to_owned();
    app.advance(STEP);
    let answers = second(&app, &first, &wrong_code(&app, &mina)).send_at_once(20).await;
    let wrong = (422, "auth.second_factor_wrong".to_owned());
    assert_eq!(counted(&answers), [(wrong, 5), ((429, "auth.too_many_attempts".to_owned()), 15)].into());
    let right = second(&app, &first, &code_of(&app, &mina));
    let answer = right.clone().send().await;
    answer.assert_refused(429, "auth.too_many_attempts");
    assert_eq!(answer.retry_after_s(), Some(900));
    let at_home = right.header("cookie", device).header("sec-fetch-site", "same-origin");
    assert_eq!(at_home.send().await.status, 200, "who guesses elsewhere does not keep the owner out");
    app.advance(Seconds::minutes(15));
    let again = challenge(&app, &mina).await;
    assert_eq!(
        second(&app, &again, &code_of(&app, &mina)).send().await.status,
        200,
        "and nobody is locked out for good"
    );
}

#[tokio::test]
async fn attack_51_a_recovery_code_signs_in_once_and_its_owner_is_told() {
    let app = start().await;
    let (mina, codes) = with_totp(&app, "mina").await;
    let challenge = challenge(&app, &mina).await;
    let typed = codes[7].to_lowercase().replace('-', " ");
    let answer = second_by_recovery(&app, &challenge, &typed).send().await;
    assert_eq!(answer.status, 200, "{:?}", answer.body);
    let told = |left: u32| {
        let is_it = |effect: &Effect| matches!(effect, Effect::MailNotice { to, what: Notice::RecoveryCodeUsed { left: l }, .. } if *l == left && *to == mina.email);
        app.outbox().iter().filter(|event| is_it(&event.effect)).count()
    };
    assert_eq!(told(9), 1);
    let again = second_by_recovery(&app, &challenge, &codes[7]).send().await;
    again.assert_refused(422, "auth.second_factor_wrong");
    assert_eq!(again.pointers(), ["/recovery_code"]);
    assert_eq!(second_by_recovery(&app, &challenge, &codes[0]).send().await.status, 200);
    assert_eq!((told(9), told(8), begun(&app, &mina)), (1, 1, 2));
    // As with the app, and a mail with its place in the index.
    answer.assert_cost(3, 4, 24);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn attack_51_a_recovery_code_shown_by_many_at_once_signs_in_once() {
    let app = start().await;
    let (mina, codes) = with_totp(&app, "mina").await;
    let challenge = challenge(&app, &mina).await;
    let answers = second_by_recovery(&app, &challenge, &codes[0]).send_at_once(20).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 1, "{:?}", counted(&answers));
    assert_eq!((begun(&app, &mina), totp_of(&app, &mina).unwrap().recovery_left()), (1, 9));
}

#[tokio::test]
async fn attack_9_43_a_challenge_that_is_forged_over_or_something_else_is_none() {
    let app = start().await;
    let (mina, _) = with_totp(&app, "mina").await;
    let good = challenge(&app, &mina).await;
    let own_key = app.seal_key(SecretName::ChallengeKey);
    let content: serde_json::Value = own_key.open(&["second-factor"], &good).unwrap();
    let other_key = SealKey::new(&SealKey::generate().unwrap()).unwrap();
    let signed_in = second(&app, &good, &code_of(&app, &mina)).send().await;
    let device = signed_in.headers.iter().find_map(|(_, value)| value.strip_prefix("__Host-device=")).unwrap();
    app.advance(STEP);
    let none = [
        String::new(),
        ".".to_owned(),
        good[..good.len() / 2].to_owned(),
        good[1..].to_owned(),
        format!("{good}A"),
        other_key.seal(&["second-factor"], &content).unwrap(),
        own_key.seal(&["device"], &content).unwrap(),
        app.seal_key(SecretName::EmailCodeKey).seal(&["second-factor"], &content).unwrap(),
        device.split(';').next().unwrap().to_owned(),
        app.token_of(&mina),
        "x".repeat(4_096),
    ];
    for wrong in none {
        let answer = second(&app, &wrong, &code_of(&app, &mina)).send().await;
        answer.assert_refused(401, "auth.challenge_invalid");
        assert_eq!(answer.usage.calls, 0, "nothing is asked for {wrong:.60}");
    }
    let late = second(&app, &good, &code_in(&app, &mina, 9)).later(Seconds(270));
    late.send().await.assert_refused(401, "auth.challenge_invalid");
    let just_in_time = second(&app, &good, &code_in(&app, &mina, 8)).later(Seconds(269));
    assert_eq!(just_in_time.send().await.status, 200);
}

#[tokio::test]
async fn attack_43_a_challenge_opens_no_other_door() {
    let app = start().await;
    let (mina, _) = with_totp(&app, "mina").await;
    let challenge = challenge(&app, &mina).await;
    let as_access = app.post("auth.start_totp").json(json!({})).bearer(&challenge).send().await;
    as_access.assert_refused(401, "auth.sign_in_needed");
    let as_refresh = app.post("auth.refresh_session").json(json!({ "refresh_token": challenge })).send().await;
    as_refresh.assert_refused(401, "auth.session_ended");
    let body = json!({ "email": mina.email, "password": PASSWORD, "device_token": challenge });
    assert_eq!(app.post("auth.sign_in").json(body).send().await.status, 202, "it is no known device either");
    assert_eq!(begun(&app, &mina), 0);
}

#[tokio::test]
async fn attack_52_a_new_password_ends_the_challenge_and_does_not_get_around_the_second_step() {
    let app = start().await;
    let (mina, _) = with_totp(&app, "mina").await;
    let before = challenge(&app, &mina).await;
    // What a reset does: another hash, another epoch.
    let hash = password::hash("another good password").unwrap();
    let changes = vec![Change::Set("hash", hash.into())];
    app.table().update(&Password::key(mina.id), changes, Condition::Present).await.unwrap();
    change(&app, &mina, vec![Change::Add("epoch", 1)]).await;
    second(&app, &before, &code_of(&app, &mina)).send().await.assert_refused(401, "auth.challenge_invalid");
    let answer = sign_in(&app, mina.email.as_str(), "another good password").send().await;
    assert_eq!((answer.status, answer.json().get("access_token")), (202, None));
    assert_eq!(begun(&app, &mina), 0);
}

#[tokio::test]
async fn attack_52_a_session_that_was_begun_with_the_password_alone_cannot_be_refreshed() {
    let app = start().await;
    let mut mina = app.user("mina").await;
    let body = json!({ "email": mina.email, "password": PASSWORD, "session_in": "body" });
    let before = app.post("auth.sign_in").json(body).send().await.json();
    app.session_of(&mina).await;
    crate::two_steps::turn_on(&app, &mut mina).await;
    let refresh = json!({ "refresh_token": before["refresh_token"] });
    app.post("auth.refresh_session").json(refresh).send().await.assert_refused(401, "auth.session_ended");
}

#[tokio::test]
async fn a_challenge_is_void_when_the_factor_was_turned_off_or_the_person_is_gone() {
    let app = start().await;
    let (mina, _) = with_totp(&app, "mina").await;
    let (before, code) = (challenge(&app, &mina).await, code_of(&app, &mina));
    change(&app, &mina, vec![Change::Set("second_factor", false.into())]).await;
    second(&app, &before, &code).send().await.assert_refused(401, "auth.challenge_invalid");
    change(&app, &mina, vec![Change::Set("second_factor", true.into())]).await;
    app.table().delete(&Totp::key(mina.id), Condition::Present).await.unwrap();
    second(&app, &before, &code).send().await.assert_refused(401, "auth.challenge_invalid");
    app.table().delete(&User::key(mina.id), Condition::Present).await.unwrap();
    second(&app, &before, &code).send().await.assert_refused(401, "auth.challenge_invalid");
    assert_eq!(begun(&app, &mina), 0);
}

#[tokio::test]
async fn whoever_is_banned_or_withdraws_is_told_so_after_both_steps_and_not_before() {
    let app = start().await;
    let (mina, _) = with_totp(&app, "mina").await;
    for (state, status, code) in [
        (AccountState::Banned, 403, "auth.account_banned"),
        (AccountState::Withdrawing, 409, "auth.account_withdrawing"),
    ] {
        change(&app, &mina, vec![Change::Set("state", state.as_str().into())]).await;
        let challenge = challenge(&app, &mina).await;
        let wrong = second(&app, &challenge, &wrong_code(&app, &mina)).send().await;
        wrong.assert_refused(422, "auth.second_factor_wrong");
        second(&app, &challenge, &code_of(&app, &mina)).send().await.assert_refused(status, code);
    }
    assert_eq!((begun(&app, &mina), stored(&app, &mina).state), (0, AccountState::Withdrawing));
}

#[tokio::test]
async fn whoever_changed_their_mind_about_withdrawing_is_back_after_the_second_step() {
    let app = start().await;
    let (mina, _) = with_totp(&app, "mina").await;
    let erase_at = app.now().plus(Seconds::days(7));
    let withdraws = vec![Change::Set("state", "withdrawing".into()), Change::Set("erase_at", erase_at.into())];
    change(&app, &mina, withdraws).await;
    let body = json!({ "email": mina.email, "password": PASSWORD, "cancel_withdrawal": true });
    let first = app.post("auth.sign_in").json(body).send().await;
    assert_eq!((first.status, stored(&app, &mina).state), (202, AccountState::Withdrawing), "not after the first");
    let first = first.json();
    let answer = second(&app, first["challenge"].as_str().unwrap(), &code_of(&app, &mina)).send().await;
    assert_eq!((answer.status, stored(&app, &mina).state), (200, AccountState::Active), "{:?}", answer.body);
    assert_eq!(begun(&app, &mina), 1);
    change(&app, &mina, vec![Change::Set("state", AccountState::Erasing.as_str().into())]).await;
    app.advance(STEP);
    let late = challenge(&app, &mina).await;
    let answer = second(&app, &late, &code_of(&app, &mina)).send().await;
    answer.assert_refused(401, "auth.bad_credentials");
}

#[tokio::test]
async fn attack_57_another_site_cannot_have_it_done() {
    let app = start().await;
    let (mina, _) = with_totp(&app, "mina").await;
    let challenge = challenge(&app, &mina).await;
    let request = second(&app, &challenge, &code_of(&app, &mina));
    for (name, value) in [("origin", "https://evil.example"), ("origin", "null"), ("sec-fetch-site", "cross-site")] {
        request.clone().header(name, value).send().await.assert_refused(403, "request.cross_site");
    }
    assert_eq!(begun(&app, &mina), 0);
}

#[tokio::test]
async fn attack_13_50_58_59_61_63_69_only_its_json_and_nothing_of_it_in_the_log() {
    let app = start().await;
    let (mina, codes) = with_totp(&app, "mina").await;
    let challenge = challenge(&app, &mina).await;
    let good = json!({ "challenge": challenge, "code": code_of(&app, &mina) });
    sweeps::assert_takes_only_its_json(&app.post("auth.sign_in_totp"), &good).await;
    for wrong in ["", "28708", "2870820", "２８７０８２", "28708x"] {
        second(&app, &challenge, wrong).send().await.assert_refused(400, "request.invalid");
    }
    for body in [
        json!({ "challenge": challenge }),
        json!({ "challenge": challenge, "code": code_of(&app, &mina), "recovery_code": codes[0] }),
    ] {
        app.post("auth.sign_in_totp").json(body).send().await.assert_refused(400, "request.invalid");
    }
    let answer = app.post("auth.sign_in_totp").json(good.clone()).send().await;
    let by_recovery = second_by_recovery(&app, &challenge, &codes[1]).send().await;
    for hidden in [challenge.as_str(), good["code"].as_str().unwrap(), codes[1].as_str(), "mina"] {
        assert!(!answer.line.contains(hidden) && !by_recovery.line.contains(hidden), "{}", answer.line);
    }
}
