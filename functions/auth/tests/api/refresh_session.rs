//! The next access token: for whoever has the present refresh token, and for nobody who had one once.

use std::collections::BTreeSet;

use domain::{
    auth::{AccountState, Role},
    ids::{SessionId, UserId},
    timestamp::Seconds,
};
use engines::{Engine, FaultKind, FaultRule};
use serde_json::json;
use shared::{
    api::cookies::CookieName,
    store::{
        expression::{Change, Condition, Value},
        sessions::Session,
        users::User,
    },
    tokens::{access::AccessTokens, refresh::RefreshToken},
};
use testkit::{PASSWORD, TestApp, TestRequest, sweeps};

use crate::{
    device::{Page, access, refresh, refresh_in_body, refreshed, session_of},
    steps::{MINA, counted, sign_in, start},
};

#[tokio::test]
async fn each_use_gives_another_refresh_token_and_an_access_token_of_now() {
    let app = start().await;
    let _ = app.user("mina").await;
    let signed_in = sign_in(&app, MINA, PASSWORD).send().await;
    let page = Page::of(&signed_in);
    app.advance(Seconds::minutes(9));
    let answer = refresh(&app, &page.refresh).send().await;
    assert_eq!(answer.status, 200, "{:?}", answer.body);
    let user = &signed_in.json()["user"];
    assert_eq!(
        answer.json(),
        json!({ "access_token": access(&answer), "token_type": "Bearer", "expires_in_s": 600, "user": user })
    );
    let next = answer.cookie(CookieName::Refresh.as_str()).unwrap();
    assert_ne!(next, page.refresh);
    assert_eq!(
        answer.set_cookie(CookieName::Refresh).unwrap(),
        format!("__Host-refresh={next}; Max-Age=2591460; Path=/; Secure; HttpOnly; SameSite=Strict")
    );
    assert_eq!(answer.set_cookie(CookieName::Device), None);
    let tokens = AccessTokens::new(&app.config().access_token_keys, &app.config().site_origin).unwrap();
    let (before, after) = [&page.access, &access(&answer)].map(|token| tokens.check(token, app.now()).unwrap()).into();
    assert_eq!((after.sub, after.sid, after.iat), (before.sub, before.sid, app.now().seconds()));
    // The person and the session at one unit each, and the session written.
    answer.assert_cost(2, 4, 2);
    assert_eq!(app.all::<Session>().len(), 1);
}

#[tokio::test]
async fn an_app_shows_its_token_in_the_body_and_gets_the_next_one_there() {
    let app = start().await;
    let _ = app.user("mina").await;
    let first = Page::sign_in(&app, MINA).await.refresh;
    let answer = refresh_in_body(&app, &first).send().await;
    assert_eq!((answer.status, answer.header("set-cookie")), (200, None));
    let second = answer.json()["refresh_token"].as_str().unwrap().to_owned();
    let answer = refresh_in_body(&app, &second).send().await;
    assert_eq!(answer.status, 200);
    assert_eq!(BTreeSet::from([first, second, answer.json()["refresh_token"].as_str().unwrap().to_owned()]).len(), 3);
}

#[tokio::test]
async fn a_session_ends_after_two_weeks_without_use_though_its_row_is_there() {
    let app = start().await;
    let _ = app.user("mina").await;
    let token = Page::sign_in(&app, MINA).await.refresh;
    app.advance(Seconds(14 * 86_400 - 1));
    let token = refreshed(&app, &token).await;
    app.advance(Seconds::days(14));
    let answer = refresh(&app, &token).send().await;
    answer.assert_refused(401, "auth.session_ended");
    answer.assert_cost(1, 4, 0);
    assert!(session_of(&app, &token).is_some());
}

#[tokio::test]
async fn a_session_ends_after_thirty_days_however_much_it_is_used() {
    let app = start().await;
    let _ = app.user("mina").await;
    let mut token = Page::sign_in(&app, MINA).await.refresh;
    for _ in 0..29 {
        app.advance(Seconds::days(1));
        token = refreshed(&app, &token).await;
    }
    app.advance(Seconds(86_399));
    let answer = refresh(&app, &token).send().await;
    assert!(answer.set_cookie(CookieName::Refresh).unwrap().contains("; Max-Age=1;"), "{:?}", answer.headers);
    token = answer.cookie(CookieName::Refresh.as_str()).unwrap().to_owned();
    app.advance(Seconds(1));
    refresh(&app, &token).send().await.assert_refused(401, "auth.session_ended");
}

#[tokio::test]
async fn attack_45_after_a_lost_answer_the_same_token_gives_the_same_successor_for_thirty_seconds() {
    let app = start().await;
    let _ = app.user("mina").await;
    let first = Page::sign_in(&app, MINA).await.refresh;
    let second = refreshed(&app, &first).await;
    let again = refresh(&app, &first).later(Seconds(29)).send().await;
    assert_eq!((again.status, again.cookie(CookieName::Refresh.as_str())), (200, Some(second.as_str())));
    // Nothing is written: the person and the session are read.
    again.assert_cost(1, 4, 0);
    app.advance(Seconds(29));
    let third = refreshed(&app, &second).await;
    assert_ne!(third, second);
}

#[tokio::test]
async fn attack_45_a_tab_that_is_two_tokens_late_gets_the_present_one_too() {
    let app = start().await;
    let _ = app.user("mina").await;
    let first = Page::sign_in(&app, MINA).await.refresh;
    let mut present = first.clone();
    for _ in 0..5 {
        app.advance(Seconds(5));
        present = refreshed(&app, &present).await;
    }
    // The first was spent 20 seconds ago, the fifth this moment.
    assert_eq!(refreshed(&app, &first).await, present);
    assert_eq!(refresh(&app, &present).later(Seconds(1)).send().await.status, 200);
}

#[tokio::test]
async fn attack_45_a_client_that_does_nothing_but_refresh_does_not_make_its_session_large() {
    let app = start().await;
    let _ = app.user("mina").await;
    let mut token = Page::sign_in(&app, MINA).await.refresh;
    for _ in 0..20 {
        token = refreshed(&app, &token).await;
    }
    assert_eq!(session_of(&app, &token).unwrap().spent.len(), 8);
    app.advance(Seconds(30));
    token = refreshed(&app, &token).await;
    assert_eq!(session_of(&app, &token).unwrap().spent.len(), 1, "what is past its grace is dropped");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn attack_45_of_many_refreshes_at_once_all_get_the_same_successor_and_nobody_is_locked_out() {
    let app = start().await;
    let _ = app.user("mina").await;
    let mut token = Page::sign_in(&app, MINA).await.refresh;
    for round in 0..3 {
        let answers = refresh(&app, &token).send_at_once(40).await;
        assert_eq!(counted(&answers), [((200, String::new()), 40)].into(), "round {round}");
        let next: BTreeSet<&str> = answers.iter().map(|a| a.cookie(CookieName::Refresh.as_str()).unwrap()).collect();
        assert_eq!(next.len(), 1, "round {round}");
        assert!(!next.contains(token.as_str()));
        token = (*next.first().unwrap()).to_owned();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn attack_45_tabs_with_tokens_of_different_age_at_once_all_stay_signed_in() {
    let app = start().await;
    let _ = app.user("mina").await;
    let first = Page::sign_in(&app, MINA).await.refresh;
    let second = refreshed(&app, &first).await;
    let requests: Vec<TestRequest<'_>> =
        (0..40).map(|n| refresh(&app, if n % 2 == 0 { &first } else { &second })).collect();
    let answers = TestRequest::all_at_once(requests).await;
    assert_eq!(counted(&answers), [((200, String::new()), 40)].into());
    // Some were answered before the second token was used, some after.
    let given: BTreeSet<&str> = answers.iter().map(|a| a.cookie(CookieName::Refresh.as_str()).unwrap()).collect();
    assert!(given.len() <= 2, "{given:?}");
    for token in given {
        assert_eq!(refresh(&app, token).send().await.status, 200);
    }
}

#[tokio::test]
async fn attack_44_a_spent_token_after_the_grace_ends_the_session_for_thief_and_owner() {
    let app = start().await;
    let _ = app.user("mina").await;
    let stolen = Page::sign_in(&app, MINA).await.refresh;
    let other = Page::sign_in(&app, MINA).await.refresh;
    let present = refreshed(&app, &stolen).await;
    app.advance(Seconds(30));
    let answer = refresh(&app, &stolen).send().await;
    answer.assert_refused(401, "auth.session_ended");
    answer.assert_cost(2, 4, 2);
    assert!(session_of(&app, &stolen).is_none(), "the session is gone");
    refresh(&app, &present).send().await.assert_refused(401, "auth.session_ended");
    assert_eq!(refresh(&app, &other).send().await.status, 200, "another device is another family");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn attack_44_a_thief_and_the_owner_at_once_end_the_session_and_nothing_else() {
    let app = start().await;
    let _ = app.user("mina").await;
    let stolen = Page::sign_in(&app, MINA).await.refresh;
    let present = refreshed(&app, &stolen).await;
    app.advance(Seconds::minutes(1));
    let requests = (0..32).map(|n| refresh(&app, if n % 2 == 0 { &stolen } else { &present })).collect();
    let answers = TestRequest::all_at_once(requests).await;
    for (number, answer) in answers.iter().enumerate().filter(|(number, _)| number % 2 == 0) {
        assert_eq!(answer.status, 401, "the thief gets nothing: {number}");
    }
    assert!(app.all::<Session>().is_empty());
}

#[tokio::test]
async fn attack_44_a_guess_changes_nothing() {
    let app = start().await;
    let mina = app.user("mina").await;
    let present = Page::sign_in(&app, MINA).await.refresh;
    let before = app.items();
    let parts: Vec<&str> = present.split('.').collect();
    let [user, session, family, secret] = parts.as_slice() else { panic!("{present}") };
    let another = RefreshToken::first(mina.id, session.parse().unwrap()).unwrap().to_text();
    let no_session = SessionId::new(app.now(), domain::ids::Entropy([7; 10]));
    let no_user = UserId::new(app.now(), domain::ids::Entropy([7; 10]));
    let guesses = [
        another.clone(),
        // The right secret in another family, and a spent one would end the session.
        format!("{user}.{session}.{}.{secret}", another.split('.').nth(2).unwrap()),
        format!("{user}.{no_session}.{family}.{secret}"),
        format!("{no_user}.{session}.{family}.{secret}"),
        "banana".to_owned(),
        "x".repeat(4_000),
    ];
    for guess in guesses {
        refresh(&app, &guess).send().await.assert_refused(401, "auth.session_ended");
        refresh_in_body(&app, &guess).send().await.assert_refused(401, "auth.session_ended");
    }
    refresh_in_body(&app, "\u{0}").send().await.assert_refused(400, "request.invalid");
    app.post("auth.refresh_session").json(json!({})).send().await.assert_refused(401, "auth.session_ended");
    assert_eq!(app.items(), before);
    assert_eq!(refresh(&app, &present).send().await.status, 200);
}

/// Changes the person as an admin, or another device of theirs, would.
async fn change(app: &TestApp, user: UserId, change: Change) {
    app.table().update(&User::key(user), vec![change], Condition::Present).await.unwrap();
}

#[tokio::test]
async fn attack_46_a_banned_or_withdrawing_person_and_one_of_a_later_epoch_are_out_at_once() {
    let changes = [
        Change::Set("state", AccountState::Banned.as_str().into()),
        Change::Set("state", AccountState::Withdrawing.as_str().into()),
        Change::Add("epoch", 1),
    ];
    for what in changes {
        let app = start().await;
        let mina = app.user("mina").await;
        let token = Page::sign_in(&app, MINA).await.refresh;
        change(&app, mina.id, what.clone()).await;
        let before = app.items();
        let answer = refresh(&app, &token).send().await;
        answer.assert_refused(401, "auth.session_ended");
        assert_eq!((answer.header("set-cookie"), app.items() == before), (None, true), "{what:?}");
    }
}

#[tokio::test]
async fn the_next_access_token_has_the_roles_of_now() {
    let app = start().await;
    let mina = app.user("mina").await;
    let token = Page::sign_in(&app, MINA).await.refresh;
    change(&app, mina.id, Change::Set("roles", Value::written(&["customer", "seller"]).unwrap())).await;
    let answer = refresh(&app, &token).send().await;
    let tokens = AccessTokens::new(&app.config().access_token_keys, &app.config().site_origin).unwrap();
    assert_eq!(tokens.check(&access(&answer), app.now()).unwrap().roles, [Role::Customer, Role::Seller]);
}

#[tokio::test]
async fn attack_46_the_session_of_an_account_that_is_gone_gives_nothing() {
    let app = start().await;
    let mina = app.user("mina").await;
    let token = Page::sign_in(&app, MINA).await.refresh;
    assert!(app.table().delete(&User::key(mina.id), Condition::Present).await.unwrap());
    refresh(&app, &token).send().await.assert_refused(401, "auth.session_ended");
}

#[tokio::test]
async fn attack_43_no_token_is_good_for_what_another_is_for() {
    let app = start().await;
    let _ = app.user("mina").await;
    let page = Page::sign_in(&app, MINA).await;
    for wrong in [&page.access, &page.device] {
        refresh(&app, wrong).send().await.assert_refused(401, "auth.session_ended");
        refresh_in_body(&app, wrong).send().await.assert_refused(401, "auth.session_ended");
    }
    let tokens = AccessTokens::new(&app.config().access_token_keys, &app.config().site_origin).unwrap();
    for wrong in [&page.refresh, &page.device] {
        assert!(tokens.check(wrong, app.now()).is_err());
    }
}

/// What a browser says that another site's page made it send, and what says nothing of it.
pub(crate) fn cross_site<'a>(request: &TestRequest<'a>) -> Vec<(&'static str, TestRequest<'a>)> {
    let with = |name, value: &str| request.clone().header(name, value);
    vec![
        ("cross-site", with("sec-fetch-site", "cross-site")),
        ("same-site", with("sec-fetch-site", "same-site")),
        ("the address bar", with("sec-fetch-site", "none")),
        ("a relation that there is not", with("sec-fetch-site", "SAME-ORIGIN ")),
        ("an empty relation", with("sec-fetch-site", "")),
        ("cross-site with our origin", with("sec-fetch-site", "cross-site").header("origin", "http://shop.test")),
        ("Origin: null", with("origin", "null")),
        ("another origin", with("origin", "http://evil.test")),
        ("a name that begins as ours", with("origin", "http://shop.test.evil.test")),
        ("a sibling", with("origin", "http://www.shop.test")),
        ("another scheme", with("origin", "https://shop.test")),
        ("another port", with("origin", "http://shop.test:8080")),
        ("a path behind", with("origin", "http://shop.test/")),
        ("two origins", with("origin", "http://shop.test").header_again("origin", "http://shop.test")),
        ("nothing", request.clone()),
    ]
}

#[tokio::test]
async fn attack_57_another_site_cannot_refresh_with_the_cookie_of_a_visitor() {
    let app = start().await;
    let _ = app.user("mina").await;
    let token = Page::sign_in(&app, MINA).await.refresh;
    let before = app.items();
    let bare = app.post("auth.refresh_session").json(json!({})).header("cookie", format!("__Host-refresh={token}"));
    for (what, request) in cross_site(&bare) {
        let answer = request.send().await;
        assert_eq!((answer.status, answer.problem_code().as_str()), (403, "request.cross_site"), "{what}");
        assert_eq!((answer.usage.calls, answer.header("set-cookie")), (0, None), "{what}");
    }
    assert_eq!(app.items(), before);
    let plain = refresh(&app, &token).body("text/plain", r#"{}"#).send().await;
    plain.assert_refused(415, "request.not_json");
    assert_eq!((plain.usage.calls, app.items() == before), (0, true));
    let by_origin = bare.header("origin", "http://shop.test").send().await;
    assert_eq!(by_origin.status, 200, "an older browser says its origin alone");
}

#[tokio::test]
async fn attack_57_an_app_without_cookies_needs_to_say_nothing_and_a_page_cannot_lie() {
    let app = start().await;
    let _ = app.user("mina").await;
    let token = Page::sign_in(&app, MINA).await.refresh;
    let bare = refresh_in_body(&app, &token);
    let foreign = bare.clone().header("origin", "http://evil.test").send().await;
    foreign.assert_refused(403, "request.cross_site");
    assert_eq!(bare.send().await.status, 200);
}

#[tokio::test]
async fn attack_56_a_cookie_that_is_there_twice_is_not_used() {
    let app = start().await;
    let _ = app.user("mina").await;
    let token = Page::sign_in(&app, MINA).await.refresh;
    let twice = refresh(&app, &token).header_again("cookie", format!("__Host-refresh={token}"));
    twice.send().await.assert_refused(401, "auth.session_ended");
}

#[tokio::test]
async fn a_lost_race_is_run_again_and_a_broken_database_ends_no_session() {
    let app = start().await;
    let _ = app.user("mina").await;
    let token = Page::sign_in(&app, MINA).await.refresh;
    let conflict = FaultRule::always(Engine::Database, FaultKind::TransactionConflict).on("UpdateItem");
    app.fail(vec![conflict.clone().times(3)]);
    let answer = refresh(&app, &token).send().await;
    assert_eq!((answer.status, answer.usage.calls), (200, 5));
    app.fail(vec![conflict]);
    let token = answer.cookie(CookieName::Refresh.as_str()).unwrap();
    refresh(&app, token).may_break().send().await.assert_refused(503, "unavailable");
    app.fail(vec![FaultRule::always(Engine::Database, FaultKind::ServerError)]);
    refresh(&app, token).may_break().send().await.assert_refused(503, "unavailable");
    app.heal();
    assert_eq!(refresh(&app, token).send().await.status, 200);
}

#[tokio::test]
async fn attack_58_59_61_63_only_the_json_of_this_request_is_taken() {
    let app = start().await;
    let good = json!({ "refresh_token": "banana" });
    sweeps::assert_takes_only_its_json(&app.post("auth.refresh_session"), &good).await;
}

#[tokio::test]
async fn attack_69_no_token_is_in_the_log_and_none_in_the_table() {
    let app = start().await;
    let _ = app.user("mina").await;
    let first = Page::sign_in(&app, MINA).await.refresh;
    let answer = refresh(&app, &first).send().await;
    let second = answer.cookie(CookieName::Refresh.as_str()).unwrap();
    let stored = format!("{:?}", app.items());
    for token in [first.as_str(), second] {
        for secret in token.split('.').skip(2) {
            assert!(!answer.line.contains(secret) && !stored.contains(secret), "{secret}");
        }
    }
}
