//! Linking a login from the page of one's account.

use domain::{
    auth::{AccountState, CodePurpose, Notice},
    timestamp::Seconds,
};
use engines::{Engine, FaultKind, FaultRule};
use serde_json::{Value, json};
use shared::{
    api::cookies::CookieName,
    store::{
        expression::{Change, Condition},
        logins::{LoginAttempt, LoginOwner, LoginPurpose},
        outbox::Effect,
        users::Password,
        users::User,
    },
};
use testkit::{PASSWORD, TestApp, TestRequest, TestUser, sweeps};

use crate::{
    login_steps::{
        Back, Google, Kakao, come, cookie, location, logins, member, sessions, set_cookie, simulator, told_page,
        verified, went, without_kakao,
    },
    steps::{MINA, assert_takes_the_password_only, start},
};

fn by_password() -> Value {
    json!({ "current_password": PASSWORD })
}

fn link<'a>(app: &'a TestApp, user: &TestUser) -> TestRequest<'a> {
    app.post("auth.link_login").path("provider", Google).json(by_password()).as_user(user)
}

async fn at_provider(app: &TestApp, user: &TestUser, email: &str) -> Back {
    let answer = link(app, user).send().await;
    let url = answer.json()["authorize_url"].as_str().unwrap().to_owned();
    went(app, Google, &verified(app, Google, email), &url, cookie(&answer, CookieName::Login).unwrap())
}

fn notices(app: &TestApp) -> Vec<Notice> {
    let what = |effect| if let Effect::MailNotice { what, .. } = effect { Some(what) } else { None };
    app.outbox().into_iter().filter_map(|event| what(event.effect)).collect()
}

#[tokio::test]
async fn a_login_of_any_address_is_linked_to_whoever_asked_for_it() {
    let app = start().await;
    let mina = app.user("mina").await;
    let answer = link(&app, &mina).send().await;
    assert!(set_cookie(&answer, CookieName::Login).unwrap().ends_with("HttpOnly; SameSite=Lax"));
    // Person and password; the count of guesses; person, count, counter and attempt in one transaction.
    answer.assert_cost(3, 4, 18);
    assert_eq!(answer.usage.password_hashes, 1);
    let attempt = app.all::<LoginAttempt>().pop().unwrap();
    assert_eq!(attempt.purpose, LoginPurpose::Link { user: mina.id, epoch: 0 });
    let back = at_provider(&app, &mina, "private@example.net").await;
    let answer = back.finish(&app).await;
    assert_eq!(location(&answer), "http://shop.test/account.html");
    assert!(set_cookie(&answer, CookieName::Login).unwrap().contains("Max-Age=0"));
    assert!(cookie(&answer, CookieName::Refresh).is_none(), "nobody is signed in anew");
    // The attempt; whose the login is, and the person; person, two items of the login and the mail.
    answer.assert_cost(3, 4, 20);
    let login = logins(&app).pop().unwrap();
    assert_eq!((login.user_id, login.email.unwrap().as_str()), (mina.id, "private@example.net"));
    assert_eq!(notices(&app), [Notice::LoginLinked { provider: "Google".to_owned() }]);
    // And it is a way in from here on.
    let came = come(&app, Google, &verified(&app, Google, "private@example.net")).await;
    assert_eq!(location(&came), "http://shop.test/");
    assert_eq!(sessions(&app)[0].user_id, mina.id);
}

#[tokio::test]
async fn linking_it_again_changes_nothing() {
    let app = start().await;
    let mina = app.user("mina").await;
    for _ in 0..2 {
        let answer = at_provider(&app, &mina, MINA).await.finish(&app).await;
        assert_eq!(location(&answer), "http://shop.test/account.html");
    }
    assert_eq!((logins(&app).len(), notices(&app).len()), (1, 1));
}

#[tokio::test]
async fn a_login_of_somebody_else_or_a_second_one_is_not_linked() {
    let app = start().await;
    let (mina, owner) = (app.user("mina").await, member(&app, Google, "owned@example.net", "owner").await);
    let taken = at_provider(&app, &mina, "owned@example.net").await.finish(&app).await;
    assert_eq!(told_page(&taken, "/account.html", '?')["error"], "auth.login_taken");
    assert_eq!(logins(&app)[0].user_id, owner.id);
    let _ = at_provider(&app, &mina, "first@example.net").await.finish(&app).await;
    let second = at_provider(&app, &mina, "second@example.net").await.finish(&app).await;
    assert_eq!(told_page(&second, "/account.html", '?')["error"], "auth.login_linked_already");
    assert_eq!((logins(&app).len(), app.all::<LoginOwner>().len()), (2, 2));
}

#[tokio::test]
async fn attack_46_54_what_ends_the_sessions_ends_the_linking_and_so_does_another_browser() {
    let app = start().await;
    let mina = app.user("mina").await;
    let other_browser = at_provider(&app, &mina, MINA).await;
    let stolen = Back { cookie: at_provider(&app, &mina, MINA).await.cookie, ..other_browser };
    assert_eq!(told_page(&stolen.finish(&app).await, "/sign-in.html", '?')["error"], "auth.login_failed");
    for change in [Change::Add("epoch", 1), Change::Set("state", AccountState::Banned.as_str().into())] {
        let stored = app.table().get_user(mina.id).await.unwrap().unwrap();
        let now = TestUser { epoch: stored.epoch, ..mina.clone() };
        let back = at_provider(&app, &now, MINA).await;
        app.table().update(&User::key(mina.id), vec![change], Condition::Present).await.unwrap();
        let answer = back.finish(&app).await;
        assert_eq!(told_page(&answer, "/account.html", '?')["error"], "auth.session_ended");
        link(&app, &now).send().await.assert_refused(401, "auth.sign_in_needed");
    }
    link(&app, &app.deleted_user()).send().await.assert_refused(401, "auth.sign_in_needed");
    assert!(logins(&app).is_empty() && app.outbox().is_empty());
}

#[tokio::test]
async fn whoever_cancels_comes_back_to_the_account() {
    let app = start().await;
    let mina = app.user("mina").await;
    let answer = link(&app, &mina).send().await;
    let address = simulator(&app, Google).cancel(answer.json()["authorize_url"].as_str().unwrap()).unwrap();
    let query = address.split_once('?').unwrap().1.to_owned();
    let back = Back { provider: Google, cookie: cookie(&answer, CookieName::Login).unwrap().to_owned(), query };
    assert_eq!(told_page(&back.finish(&app).await, "/account.html", '?')["error"], "auth.login_cancelled");
}

#[tokio::test]
async fn a_provider_that_is_off_or_in_trouble_is_told_of() {
    let app = without_kakao().await;
    let mina = app.user("mina").await;
    let off = app.post("auth.link_login").path("provider", Kakao).json(by_password()).as_user(&mina);
    off.send().await.assert_refused(404, "auth.login_provider_off");
    app.fail(vec![FaultRule::always(Engine::Google, FaultKind::ServerError).on("discovery")]);
    let answer = link(&app, &mina).may_break().send().await;
    answer.assert_refused(503, "auth.login_unavailable");
    assert_eq!((answer.retry_after_s(), answer.usage.calls), (Some(30), 2));
    assert!(answer.line.contains("google: discovery: status 500"), "{}", answer.line);
}

#[tokio::test]
async fn attack_5_10_54_58_only_a_member_and_only_this_request() {
    let app = start().await;
    let mina = app.user("mina").await;
    let request = app.post("auth.link_login").path("provider", Google);
    sweeps::assert_needs_sign_in(&request.clone().json(by_password()), &app.token_of(&mina)).await;
    let good = json!({ "current_password": PASSWORD, "return_to": "/account.html" });
    sweeps::assert_takes_only_its_json(&request.as_user(&mina), &good).await;
    for wrong in ["//evil.example", "/\\evil.example", "javascript:alert(1)", "https://evil.example", "/a\r\nb"] {
        let answer = link(&app, &mina).json(json!({ "current_password": PASSWORD, "return_to": wrong })).send().await;
        answer.assert_refused(400, "request.invalid");
    }
    let unknown = app.post("auth.link_login").path("provider", "naver").json(by_password()).as_user(&mina);
    unknown.send().await.assert_refused(400, "request.invalid");
    assert!(app.all::<LoginAttempt>().is_empty());
}

#[tokio::test]
async fn attack_51_an_open_session_is_not_enough_to_leave_a_way_in() {
    let app = start().await;
    let mina = app.user("mina").await;
    let with = |body: Value| app.post("auth.link_login").path("provider", Google).json(body).as_user(&mina);
    assert_takes_the_password_only(&app, with).await;
    assert!(app.all::<LoginAttempt>().is_empty());
}

#[tokio::test]
async fn who_has_no_password_links_by_a_proof_of_their_address_that_is_good_once() {
    let app = start().await;
    let mina = app.user("mina").await;
    app.table().delete(&Password::key(mina.id), Condition::Present).await.unwrap();
    link(&app, &mina).send().await.assert_refused(422, "auth.fresh_proof_needed");
    let proof = app.email_proof("mina@example.com", CodePurpose::Confirm).await;
    let with = || {
        let body = json!({ "email_proof": proof });
        app.post("auth.link_login").path("provider", Google).json(body).as_user(&mina)
    };
    assert_eq!(with().send().await.status, 200);
    with().send().await.assert_refused(401, "auth.email_proof_invalid");
    assert_eq!(app.all::<LoginAttempt>().len(), 1);
}

#[tokio::test]
async fn a_source_begins_thirty_logins_in_a_quarter_of_an_hour() {
    let app = start().await;
    let mina = app.user("mina").await;
    for _ in 0..30 {
        assert_eq!(link(&app, &mina).send().await.status, 200);
    }
    link(&app, &mina).send().await.assert_refused(429, "auth.too_many_attempts");
    assert_eq!(
        link(&app, &mina).later(Seconds::minutes(15)).send().await.status,
        401,
        "the token is over, not the limit"
    );
    assert_eq!(link(&app, &mina).from("198.51.100.9").send().await.status, 200);
}
