//! A device that its owner removed from another one: it is a stranger from then on.

use domain::{
    auth::{AuthError, DEVICE_KNOWN_FOR, Notice},
    ids::SessionId,
    timestamp::Seconds,
};
use serde_json::json;
use shared::{
    Failure,
    api::cookies::CookieName,
    store::{Kind, outbox::Effect, sessions::Session},
    tokens::refresh::RefreshToken,
};
use testkit::{PASSWORD, TestApp, TestUser};

use crate::{
    device::{Page, refresh, session_of, sign_out},
    login_steps::{self, Google, Incomplete, come, cookie, verified, with_cookie},
    steps::{MINA, guesses_on, sign_in, start},
    two_steps::{challenge, code_of, second, with_totp, wrong_code},
};

/// The owner removes the device of this refresh token.
async fn remove(app: &TestApp, token: &str) -> SessionId {
    let token = RefreshToken::parse(token).unwrap();
    let writes = app.table().transaction().remove_device(token.user, token.session, app.now()).unwrap();
    writes.commit().await.unwrap();
    token.session
}

/// How many mails told an owner of a new device.
fn told(app: &TestApp) -> usize {
    let is_told = |effect| matches!(effect, Effect::MailNotice { what: Notice::NewDevice { .. }, .. });
    app.outbox().into_iter().filter(|event| is_told(event.effect.clone())).count()
}

fn session(page: &Page) -> SessionId {
    RefreshToken::parse(&page.refresh).unwrap().session
}

async fn again(app: &TestApp, device: &str) -> Page {
    Page::of(&sign_in(app, MINA, PASSWORD).cookie(CookieName::Device, device).send().await)
}

#[tokio::test]
async fn attack_46_a_thief_whose_device_was_removed_does_not_come_back_without_a_word() {
    let app = start().await;
    let _ = app.user("mina").await;
    app.advance(Seconds::hours(2));
    let thief = Page::sign_in(&app, MINA).await;
    assert_eq!(told(&app), 1);
    let removed = remove(&app, &thief.refresh).await;
    let back = again(&app, &thief.device).await;
    assert_eq!(told(&app), 2, "the owner is told once more");
    assert_ne!(session(&back), removed);
    // From here on it is known again, as what it is now; its first cookie is not.
    assert_eq!((session(&again(&app, &back.device).await), told(&app)), (session(&back), 2));
    assert_ne!(session(&again(&app, &thief.device).await), removed);
    assert_eq!(told(&app), 3);
}

#[tokio::test]
async fn attack_47_removed_devices_share_the_count_of_the_account() {
    let app = start().await;
    let _ = app.user("mina").await;
    let mut devices = Vec::new();
    for _ in 0..3 {
        let page = Page::sign_in(&app, MINA).await;
        remove(&app, &page.refresh).await;
        devices.push(page.device);
    }
    assert_eq!(guesses_on(&app, &devices).await, 5);
}

#[tokio::test]
async fn attack_46_50_at_the_second_step_a_removed_device_is_a_stranger_too() {
    let app = start().await;
    let (mina, _) = with_totp(&app, "mina").await;
    app.advance(Seconds::hours(2));
    let thief = sign_in_in_two_steps(&app, &mina, None).await;
    remove(&app, &thief.refresh).await;
    app.advance(Seconds::minutes(1));
    let back = sign_in_in_two_steps(&app, &mina, Some(&thief.device)).await;
    assert_eq!((told(&app), session(&back) == session(&thief)), (2, false));
    let challenge = challenge(&app, &mina).await;
    let mut guesses = 0;
    for device in [Some(&thief.device), None] {
        for _ in 0..3 {
            let guess = second(&app, &challenge, &wrong_code(&app, &mina));
            let guess = device.into_iter().fold(guess, |guess, device| guess.cookie(CookieName::Device, device));
            guesses += u32::from(guess.send().await.problem_code() == "auth.second_factor_wrong");
        }
    }
    assert_eq!(guesses, 5);
}

async fn sign_in_in_two_steps(app: &TestApp, user: &TestUser, device: Option<&str>) -> Page {
    let challenge = challenge(app, user).await;
    let request = second(app, &challenge, &code_of(app, user));
    let request = device.into_iter().fold(request, |request, device| request.cookie(CookieName::Device, device));
    Page::of(&request.send().await)
}

#[tokio::test]
async fn attack_46_a_login_at_a_provider_on_a_removed_device_is_told_too() {
    let app = start().await;
    let account = verified(&app, Google, "mina@example.net");
    let incomplete = Incomplete::of(&come(&app, Google, &account).await);
    assert_eq!(incomplete.request(&app, &json!({ "nickname": "mina" })).send().await.status, 200);
    app.advance(Seconds::hours(2));
    let first = come(&app, Google, &account).await;
    assert_eq!(told(&app), 1);
    remove(&app, cookie(&first, CookieName::Refresh).unwrap()).await;
    let device = cookie(&first, CookieName::Device).unwrap();
    let started = with_cookie(login_steps::start(&app, Google, ""), CookieName::Device, device).send().await;
    let secret = cookie(&started, CookieName::Login).unwrap();
    let back = login_steps::went(&app, Google, &account, login_steps::location(&started), secret);
    let _ = cookie(&back.finish(&app).await, CookieName::Refresh).unwrap();
    assert_eq!(told(&app), 2);
}

#[tokio::test]
async fn attack_46_a_completion_that_is_shown_again_on_a_removed_device_is_told_too() {
    let app = start().await;
    let incomplete = Incomplete::of(&come(&app, Google, &verified(&app, Google, "mina@example.net")).await);
    let request = || incomplete.request(&app, &json!({ "nickname": "mina" }));
    let first = request().send().await;
    let on_device = || with_cookie(request(), CookieName::Device, cookie(&first, CookieName::Device).unwrap());
    let [first_session, again] = [&first, &on_device().send().await]
        .map(|answer| RefreshToken::parse(cookie(answer, CookieName::Refresh).unwrap()).unwrap());
    assert_eq!(first_session.session, again.session, "a device that is known");
    remove(&app, &again.to_text()).await;
    let back = on_device().send().await;
    assert_ne!(RefreshToken::parse(cookie(&back, CookieName::Refresh).unwrap()).unwrap().session, again.session);
}

#[tokio::test]
async fn attack_44_46_the_tokens_of_a_removed_device_do_nothing_and_leave_the_note_of_it() {
    let app = start().await;
    let _ = app.user("mina").await;
    let page = Page::sign_in(&app, MINA).await;
    let removed = remove(&app, &page.refresh).await;
    refresh(&app, &page.refresh).send().await.assert_refused(401, "auth.session_ended");
    assert_eq!(sign_out(&app, &page.refresh).send().await.status, 204);
    let everywhere = sign_out(&app, &page.refresh).json(json!({ "everywhere": true })).send().await;
    everywhere.assert_refused(401, "auth.session_ended");
    let [row] = app.all::<Session>().try_into().unwrap();
    assert_eq!((row.id, row.removed_at), (removed, Some(app.now())));
    assert_ne!(session(&again(&app, &page.device).await), removed);
}

#[tokio::test]
async fn attack_46_a_device_that_is_removed_while_it_signs_in_begins_no_session() {
    let app = start().await;
    let _ = app.user("mina").await;
    let page = Page::sign_in(&app, MINA).await;
    let as_it_was = session_of(&app, &page.refresh).unwrap();
    remove(&app, &page.refresh).await;
    let begun = Session { created_at: app.now(), ..as_it_was };
    let refused = app.table().transaction().begin_session(&begun).commit().await;
    assert!(
        matches!(&refused, Err(Failure::Refused(error)) if error.code() == domain::auth::codes::SESSION_ENDED),
        "{refused:?} and not {:?}",
        AuthError::SessionEnded
    );
    assert!(app.all::<Session>().iter().all(|session| session.removed_at.is_some()));
}

#[tokio::test]
async fn what_is_kept_of_a_removed_device_is_that_it_was_removed_for_as_long_as_its_cookie_is_good() {
    let app = start().await;
    let _ = app.user("mina").await;
    let page = Page::sign_in(&app, MINA).await;
    app.advance(Seconds::days(3));
    remove(&app, &page.refresh).await;
    let item = app.items().into_iter().find(|item| item.is(Kind::SESSION)).unwrap();
    assert_eq!(item.number("ttl"), Some(app.now().plus(DEVICE_KNOWN_FOR).seconds()));
    for emptied in ["device", "family_hash", "secret_hash"] {
        assert_eq!(item.text(emptied), Some(""), "{emptied}");
    }
    let again = app.table().transaction().remove_device(session_user(&page), session(&page), app.now()).unwrap();
    assert!(matches!(again.commit().await, Err(Failure::Refused(_))), "once");
}

fn session_user(page: &Page) -> domain::ids::UserId {
    RefreshToken::parse(&page.refresh).unwrap().user
}

#[tokio::test]
async fn whoever_signed_out_themselves_is_on_a_device_that_is_known_and_looking_costs_no_call() {
    let app = start().await;
    let _ = app.user("mina").await;
    app.advance(Seconds::hours(2));
    let page = Page::sign_in(&app, MINA).await;
    assert_eq!(sign_out(&app, &page.refresh).send().await.status, 204);
    let answer = sign_in(&app, MINA, PASSWORD).cookie(CookieName::Device, &page.device).send().await;
    assert_eq!((session(&Page::of(&answer)), told(&app)), (session(&page), 1));
    // As on any device, and the row of this one, in the same call.
    answer.assert_cost(5, 8, 22);
}
