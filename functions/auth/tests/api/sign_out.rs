//! Signing out: this device, or all of them.

use domain::timestamp::Seconds;
use serde_json::json;
use shared::{
    api::cookies::CookieName,
    store::{sessions::Session, users::User},
    tokens::refresh::RefreshToken,
};
use testkit::{TestRequest, sweeps};

use crate::{
    device::{Page, refresh, refreshed, sign_out},
    refresh_session::cross_site,
    steps::{MINA, start},
};

const GONE: &str = "__Host-refresh=; Max-Age=0; Path=/; Secure; HttpOnly; SameSite=Strict";

fn everywhere<'a>(app: &'a testkit::TestApp, token: &str) -> TestRequest<'a> {
    sign_out(app, token).json(json!({ "everywhere": true }))
}

#[tokio::test]
async fn attack_46_a_device_that_signed_out_is_out_at_once_and_others_are_not() {
    let app = start().await;
    let _ = app.user("mina").await;
    let (page, other) = (Page::sign_in(&app, MINA).await.refresh, Page::sign_in(&app, MINA).await.refresh);
    let answer = sign_out(&app, &page).send().await;
    assert_eq!((answer.status, answer.body.len()), (204, 0));
    assert_eq!(answer.set_cookie(CookieName::Refresh), Some(GONE));
    assert_eq!(answer.set_cookie(CookieName::Device), None, "it stays known as a device of this person");
    answer.assert_cost(1, 0, 2);
    refresh(&app, &page).send().await.assert_refused(401, "auth.session_ended");
    assert_eq!(refresh(&app, &other).send().await.status, 200);
    assert_eq!(app.all::<Session>().len(), 1);
}

#[tokio::test]
async fn a_token_that_was_just_spent_signs_its_device_out_too() {
    let app = start().await;
    let _ = app.user("mina").await;
    let first = Page::sign_in(&app, MINA).await.refresh;
    let second = refreshed(&app, &first).await;
    assert_eq!(sign_out(&app, &first).send().await.status, 204);
    refresh(&app, &second).send().await.assert_refused(401, "auth.session_ended");
}

#[tokio::test]
async fn an_app_signs_out_by_the_token_itself() {
    let app = start().await;
    let _ = app.user("mina").await;
    let token = Page::sign_in(&app, MINA).await.refresh;
    let answer = app.post("auth.sign_out").json(json!({ "refresh_token": token })).send().await;
    assert_eq!(answer.status, 204);
    assert!(app.all::<Session>().is_empty());
}

#[tokio::test]
async fn attack_44_whatever_is_shown_the_answer_is_the_same_and_no_other_session_ends() {
    let app = start().await;
    let mina = app.user("mina").await;
    let token = Page::sign_in(&app, MINA).await.refresh;
    let before = app.items();
    let session = RefreshToken::parse(&token).unwrap().session;
    let forged = RefreshToken::first(mina.id, session).unwrap().to_text();
    for shown in [forged.as_str(), "banana", ""] {
        let answer = sign_out(&app, shown).send().await;
        assert_eq!((answer.status, answer.set_cookie(CookieName::Refresh)), (204, Some(GONE)), "{shown}");
    }
    assert_eq!(app.post("auth.sign_out").json(json!({})).send().await.status, 204);
    assert_eq!(app.items(), before);
    assert_eq!(sign_out(&app, &token).send().await.status, 204);
    assert_eq!(sign_out(&app, &token).send().await.status, 204, "and once more");
}

#[tokio::test]
async fn attack_46_signing_out_everywhere_ends_every_session_at_once() {
    let app = start().await;
    let _ = app.user("mina").await;
    let _ = app.user("ben").await;
    let (page, other) = (Page::sign_in(&app, MINA).await.refresh, Page::sign_in(&app, MINA).await.refresh);
    let ben = Page::sign_in(&app, "ben@example.com").await.refresh;
    let answer = everywhere(&app, &page).send().await;
    assert_eq!((answer.status, answer.set_cookie(CookieName::Refresh)), (204, Some(GONE)));
    // The person and the session are read, the person written in a transaction.
    answer.assert_cost(2, 4, 4);
    for token in [&page, &other] {
        refresh(&app, token).send().await.assert_refused(401, "auth.session_ended");
    }
    assert_eq!(refresh(&app, &ben).send().await.status, 200);
    assert_eq!(app.all::<User>().iter().map(|user| user.epoch).max(), Some(1));
    assert_eq!(refresh(&app, &Page::sign_in(&app, MINA).await.refresh).send().await.status, 200, "they sign in anew");
}

#[tokio::test]
async fn attack_44_only_a_present_token_signs_out_everywhere() {
    let app = start().await;
    let mina = app.user("mina").await;
    let first = Page::sign_in(&app, MINA).await.refresh;
    let present = refreshed(&app, &first).await;
    let session = RefreshToken::parse(&present).unwrap().session;
    let forged = RefreshToken::first(mina.id, session).unwrap().to_text();
    let before = app.items();
    for shown in [&first, &forged] {
        everywhere(&app, shown).send().await.assert_refused(401, "auth.session_ended");
    }
    let over = everywhere(&app, &present).later(Seconds::days(14)).send().await;
    over.assert_refused(401, "auth.session_ended");
    assert_eq!(app.items(), before);
    assert_eq!(everywhere(&app, &present).send().await.status, 204);
    everywhere(&app, &present).send().await.assert_refused(401, "auth.session_ended");
    assert_eq!(everywhere(&app, "banana").send().await.status, 204, "no token at all: nothing to end");
}

#[tokio::test]
async fn attack_57_another_site_cannot_sign_a_visitor_out() {
    let app = start().await;
    let _ = app.user("mina").await;
    let token = Page::sign_in(&app, MINA).await.refresh;
    let before = app.items();
    let bare = app.post("auth.sign_out").json(json!({})).header("cookie", format!("__Host-refresh={token}"));
    for (what, request) in cross_site(&bare) {
        let answer = request.send().await;
        assert_eq!((answer.status, answer.problem_code().as_str()), (403, "request.cross_site"), "{what}");
        assert_eq!((answer.usage.calls, answer.header("set-cookie")), (0, None), "{what}");
    }
    for content_type in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"] {
        sign_out(&app, &token).body(content_type, "{}").send().await.assert_refused(415, "request.not_json");
    }
    assert_eq!(app.items(), before);
}

#[tokio::test]
async fn attack_58_59_61_63_only_the_json_of_this_request_is_taken() {
    let app = start().await;
    let good = json!({ "refresh_token": "banana", "everywhere": false });
    sweeps::assert_takes_only_its_json(&app.post("auth.sign_out"), &good).await;
}
