//! What signing in begins: a session of a device, its cookies, and a word to the owner.

use domain::{auth::Notice, timestamp::Seconds};
use serde_json::{Value, json};
use shared::{
    api::cookies::CookieName,
    store::{
        expression::{Change, Condition},
        outbox::Effect,
        sessions::Session,
        users::Password,
        users::User,
    },
    tokens::refresh::RefreshToken,
};
use testkit::{PASSWORD, TestApp};

use crate::{
    device::{Page, refresh},
    steps::{MINA, guesses_on, sign_in, start},
};

const CHROME: &str = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/131.0.0.0 Mobile Safari/537.36";

/// The devices that owners were told of.
fn told_of(app: &TestApp) -> Vec<String> {
    let effects = app.outbox().into_iter().map(|event| event.effect);
    effects
        .filter_map(|effect| match effect {
            Effect::MailNotice { what: Notice::NewDevice { device }, .. } => Some(device),
            _ => None,
        })
        .collect()
}

#[tokio::test]
async fn a_page_gets_its_tokens_in_cookies_that_no_script_and_no_other_site_can_use() {
    let app = start().await;
    let _ = app.user("mina").await;
    let answer = sign_in(&app, MINA, PASSWORD).send().await;
    let page = Page::of(&answer);
    let rest = "Path=/; Secure; HttpOnly; SameSite=Strict";
    assert_eq!(
        answer.set_cookie(CookieName::Refresh).unwrap(),
        format!("__Host-refresh={}; Max-Age=2592000; {rest}", page.refresh)
    );
    assert_eq!(
        answer.set_cookie(CookieName::Device).unwrap(),
        format!("__Host-device={}; Max-Age=34560000; {rest}", page.device)
    );
    assert!(page.refresh.len() + page.device.len() < 1_000, "cookies are sent with every request");
    let body = answer.json();
    assert_eq!((&body["refresh_token"], &body["device_token"]), (&Value::Null, &Value::Null));
}

#[tokio::test]
async fn an_app_gets_its_tokens_in_the_body_and_no_cookie() {
    let app = start().await;
    let _ = app.user("mina").await;
    let with = |more: Value| {
        let mut body = json!({ "email": MINA, "password": PASSWORD, "session_in": "body" });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        app.post("auth.sign_in").json(body)
    };
    let answer = with(json!({})).send().await;
    assert_eq!((answer.status, answer.header("set-cookie")), (200, None));
    let first = answer.json();
    let again = with(json!({ "device_token": first["device_token"] })).send().await.json();
    let session = |body: &Value| RefreshToken::parse(body["refresh_token"].as_str().unwrap()).unwrap().session;
    assert_eq!(session(&first), session(&again));
    assert_eq!(app.all::<Session>().len(), 1, "one session for each device");
}

#[tokio::test]
async fn attack_56_signing_in_gives_a_new_token_whatever_cookie_came() {
    let app = start().await;
    let _ = app.user("mina").await;
    let _ = app.user("mallory").await;
    let planted = Page::sign_in(&app, "mallory@example.com").await;
    let victim = sign_in(&app, MINA, PASSWORD)
        .cookie(CookieName::Refresh, &planted.refresh)
        .header_again("cookie", format!("__Host-device={}", planted.device));
    let page = Page::of(&victim.send().await);
    assert_ne!(page.refresh, planted.refresh);
    let [of_page, of_planted] = [&page.refresh, &planted.refresh].map(|text| RefreshToken::parse(text).unwrap());
    assert_ne!((of_page.user, of_page.session), (of_planted.user, of_planted.session));
    assert!(!of_page.is_of_family(&of_planted.family_hash()));
    let body = refresh(&app, &planted.refresh).send().await.json();
    assert_eq!(body["user"]["nickname"], "mallory", "the planted token stays what it was");
}

#[tokio::test]
async fn attack_56_a_device_that_signs_in_again_has_one_session_and_its_old_token_is_dead() {
    let app = start().await;
    let _ = app.user("mina").await;
    let first = Page::sign_in(&app, MINA).await;
    app.advance(Seconds(5));
    let again = Page::of(&sign_in(&app, MINA, PASSWORD).cookie(CookieName::Device, &first.device).send().await);
    assert_eq!(app.all::<Session>().len(), 1);
    refresh(&app, &first.refresh).send().await.assert_refused(401, "auth.session_ended");
    assert_eq!(refresh(&app, &again.refresh).send().await.status, 200, "the old token ends only itself");
}

#[tokio::test]
async fn an_owner_is_told_of_a_device_that_was_not_there_before_and_only_once() {
    let app = start().await;
    let mina = app.user("mina").await;
    app.advance(Seconds::hours(2));
    let answer = sign_in(&app, MINA, PASSWORD).header("user-agent", CHROME).send().await;
    assert_eq!(told_of(&app), ["Chrome on Android"]);
    assert_eq!(app.all::<Session>()[0].device, "Chrome on Android");
    let page = Page::of(&answer);
    let again = sign_in(&app, MINA, PASSWORD).cookie(CookieName::Device, &page.device).header("user-agent", CHROME);
    assert_eq!(again.send().await.status, 200);
    assert_eq!(told_of(&app).len(), 1);
    let [event] = app.outbox().try_into().unwrap();
    let Effect::MailNotice { to, .. } = event.effect else { panic!("{:?}", event.effect) };
    assert_eq!(to, mina.email);
    // A device is known for 400 days, and for one person.
    let late = sign_in(&app, MINA, PASSWORD).cookie(CookieName::Device, &page.device).later(Seconds::days(400));
    assert_eq!(late.send().await.status, 200);
    assert_eq!(told_of(&app).len(), 2);
}

#[tokio::test]
async fn attack_64_what_a_program_calls_itself_is_in_no_session_and_no_mail() {
    let app = start().await;
    let _ = app.user("mina").await;
    app.advance(Seconds::hours(2));
    let evil = "<script>alert(1)</script>\tBcc: a@b.c";
    let answer = sign_in(&app, MINA, PASSWORD).header("user-agent", evil).send().await;
    assert_eq!(answer.status, 200);
    assert_eq!((told_of(&app), app.all::<Session>()[0].device.as_str()), (vec!["An app".to_owned()], "An app"));
}

#[tokio::test]
async fn attack_47_a_device_of_one_account_has_no_count_of_its_own_at_another() {
    let app = start().await;
    let _ = app.user("mina").await;
    let _ = app.user("mallory").await;
    let mut guesses = 0;
    for device in 0..3 {
        let planted = Page::sign_in(&app, "mallory@example.com").await.device;
        for _ in 0..3 {
            let guess = sign_in(&app, MINA, "a wrong password").cookie(CookieName::Device, &planted);
            let answer = guess.from(&format!("198.51.100.{device}")).send().await;
            guesses += u32::from(answer.problem_code() == "auth.bad_credentials");
        }
    }
    assert_eq!(guesses, 5);
}

#[tokio::test]
async fn attack_47_whoever_guesses_from_elsewhere_does_not_keep_a_known_device_out() {
    let app = start().await;
    let _ = app.user("mina").await;
    let device = Page::sign_in(&app, MINA).await.device;
    for _ in 0..6 {
        let _ = sign_in(&app, MINA, "a wrong password").from("198.51.100.1").send().await;
    }
    sign_in(&app, MINA, PASSWORD).send().await.assert_refused(429, "auth.too_many_attempts");
    assert_eq!(sign_in(&app, MINA, PASSWORD).cookie(CookieName::Device, &device).send().await.status, 200);
    for forged in ["banana", &device[1..]] {
        let answer = sign_in(&app, MINA, PASSWORD).cookie(CookieName::Device, forged).send().await;
        answer.assert_refused(429, "auth.too_many_attempts");
    }
}

#[tokio::test]
async fn attack_47_devices_that_knew_the_old_password_share_one_count_at_the_next() {
    let app = start().await;
    let mina = app.user("mina").await;
    let mut devices = Vec::new();
    for _ in 0..3 {
        devices.push(Page::sign_in(&app, MINA).await.device);
    }
    app.table().transaction().end_all_sessions(mina.id).commit().await.unwrap();
    assert_eq!(guesses_on(&app, &devices).await, 5);
}

#[tokio::test]
async fn attack_46_a_device_of_an_earlier_epoch_is_a_new_one_and_its_owner_is_told() {
    let app = start().await;
    let mina = app.user("mina").await;
    app.advance(Seconds::hours(2));
    let device = Page::sign_in(&app, MINA).await.device;
    let again = sign_in(&app, MINA, PASSWORD).cookie(CookieName::Device, &device);
    assert_eq!((again.clone().send().await.status, app.all::<Session>().len(), told_of(&app).len()), (200, 1, 1));
    app.table().transaction().end_all_sessions(mina.id).commit().await.unwrap();
    assert_eq!((again.send().await.status, app.all::<Session>().len(), told_of(&app).len()), (200, 2, 2));
}

#[tokio::test]
async fn attack_57_another_site_cannot_sign_a_visitor_in_to_another_account() {
    let app = start().await;
    let _ = app.user("mallory").await;
    let request = sign_in(&app, "mallory@example.com", PASSWORD);
    for (what, request) in crate::refresh_session::cross_site(&request) {
        let answer = request.send().await;
        let expected = if what == "nothing" { 200 } else { 403 };
        assert_eq!((answer.status, answer.usage.calls > 0), (expected, expected == 200), "{what}");
    }
}

#[tokio::test]
async fn signing_in_says_which_limits_there_are_and_which_one_is_reached() {
    let app = start().await;
    let policies = r#""sign-in-source";q=50;w=900, "sign-in-source-day";q=500;w=86400, "sign-in-account";q=5;w=86400"#;
    for left in (0..5).rev() {
        let answer = sign_in(&app, MINA, "a wrong password").send().await;
        // The first two are counted in one transaction, which does not tell what is left.
        let left = format!(r#""sign-in-account";r={left};t=54000"#);
        assert_eq!((answer.header("ratelimit-policy"), answer.header("ratelimit")), (Some(policies), Some(&*left)));
    }
    let answer = sign_in(&app, MINA, "a wrong password").send().await;
    assert_eq!((answer.status, answer.header("retry-after")), (429, Some("15")));
    assert_eq!(answer.header("ratelimit-policy"), Some(policies));
    assert_eq!(answer.header("ratelimit"), Some(r#""sign-in-account";r=0;t=15"#));
}

#[tokio::test]
async fn attack_46_a_banned_person_is_not_let_in_and_who_withdraws_is_told_how_to_stay() {
    let app = start().await;
    let mina = app.user("mina").await;
    let states = [("banned", 403, "auth.account_banned"), ("withdrawing", 409, "auth.account_withdrawing")];
    for (state, status, code) in states {
        let change = vec![Change::Set("state", state.into())];
        app.table().update(&User::key(mina.id), change, Condition::Present).await.unwrap();
        sign_in(&app, MINA, PASSWORD).send().await.assert_refused(status, code);
        let wrong = sign_in(&app, MINA, "a wrong password").send().await;
        wrong.assert_refused(401, "auth.bad_credentials");
    }
    assert!(app.all::<Session>().is_empty());
}

#[tokio::test]
async fn a_request_that_comes_late_does_not_take_the_place_of_a_newer_session() {
    let app = start().await;
    let _ = app.user("mina").await;
    let device = Page::sign_in(&app, MINA).await.device;
    let again = || sign_in(&app, MINA, PASSWORD).cookie(CookieName::Device, &device);
    let newer = Page::of(&again().later(Seconds(5)).send().await);
    again().later(Seconds(4)).send().await.assert_refused(401, "auth.session_ended");
    assert_eq!(refresh(&app, &newer.refresh).later(Seconds(6)).send().await.status, 200);
}

/// The password of the kit with parameters of before (argon2id, 8 MiB, one pass).
const EARLIER: &str =
    "$argon2id$v=19$m=8192,t=1,p=1$Qs/r3umqMN1udqItju5w9Q$MmulNdlWl+6sTmSBpaZ09FhRFC7UgA+yhRAspRuPPq4";

/// A person whose hash was made with parameters of before.
async fn with_earlier_hash(app: &TestApp, second_factor: bool) {
    let mina = app.user("mina").await;
    let earlier = vec![Change::Set("hash", EARLIER.into())];
    app.table().update(&Password::key(mina.id), earlier, Condition::Present).await.unwrap();
    let factor = vec![Change::Set("second_factor", second_factor.into())];
    app.table().update(&User::key(mina.id), factor, Condition::Present).await.unwrap();
}

#[tokio::test]
async fn a_hash_of_earlier_parameters_is_made_anew_once_with_the_session() {
    let app = start().await;
    with_earlier_hash(&app, false).await;
    let wrong = sign_in(&app, MINA, "a wrong password").send().await;
    wrong.assert_refused(401, "auth.bad_credentials");
    assert_eq!((wrong.usage.password_hashes, app.all::<Password>()[0].hash.as_str()), (1, EARLIER));
    let answer = sign_in(&app, MINA, PASSWORD).send().await;
    assert_eq!((answer.status, answer.usage.password_hashes, answer.usage.calls), (200, 2, 5));
    let [renewed] = app.all::<Password>().try_into().unwrap();
    assert!(renewed.hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{renewed:?}");
    let again = sign_in(&app, MINA, PASSWORD).send().await;
    assert_eq!((again.status, again.usage.password_hashes), (200, 1));
    assert_eq!(app.all::<Password>(), [renewed]);
}

#[tokio::test]
async fn a_hash_is_made_anew_before_the_second_step_too() {
    let app = start().await;
    with_earlier_hash(&app, true).await;
    assert_eq!(sign_in(&app, MINA, PASSWORD).send().await.status, 202);
    assert_ne!(app.all::<Password>()[0].hash, EARLIER);
    assert!(app.all::<Session>().is_empty());
}
