//! The way back from a provider.

use std::collections::BTreeSet;

use domain::{
    auth::{AccountState, LoginSubject, Notice},
    timestamp::Seconds,
};
use shared::{
    api::cookies::CookieName,
    store::{
        Entity as _,
        expression::{Change, Condition},
        logins::{LoginAttempt, LoginOwner},
        outbox::Effect,
        users::User,
    },
    tokens::refresh::RefreshToken,
};
use testkit::TestApp;

use crate::{
    login_steps::{
        Back, Google, Incomplete, Kakao, at_provider, come, cookie, location, logins, member, sessions, set_cookie,
        simulator, told_page, verified, with_cookie,
    },
    steps::{MINA, start},
};

mod hostile;
mod provider;

async fn set(app: &TestApp, user: &User, change: Change) {
    app.table().update(&user.to_key(), vec![change], Condition::Present).await.unwrap();
}

fn notices(app: &TestApp) -> Vec<Notice> {
    let what = |effect| if let Effect::MailNotice { what, .. } = effect { Some(what) } else { None };
    app.outbox().into_iter().filter_map(|event| what(event.effect)).collect()
}

#[tokio::test]
async fn whoever_has_this_login_is_signed_in_and_goes_on_where_they_wanted_to() {
    let app = start().await;
    for provider in [Google, Kakao] {
        let email = format!("{provider}@example.net");
        let user = member(&app, provider, &email, provider.as_str()).await;
        let account = verified(&app, provider, &email);
        let back = at_provider(&app, provider, &account, "return_to=%2Forder.html%3Fid%3D1").await;
        let answer = back.finish(&app).await;
        assert_eq!(location(&answer), "http://shop.test/order.html?id=1");
        let refresh = RefreshToken::parse(cookie(&answer, CookieName::Refresh).unwrap()).unwrap();
        assert_eq!(refresh.user, user.id);
        assert!(set_cookie(&answer, CookieName::Refresh).unwrap().ends_with("HttpOnly; SameSite=Strict"));
        assert!(cookie(&answer, CookieName::Device).is_some());
        assert!(set_cookie(&answer, CookieName::Login).unwrap().starts_with("__Host-login=; Max-Age=0;"));
        assert_eq!(
            (answer.header("cache-control"), answer.header("referrer-policy")),
            (Some("no-store"), Some("no-referrer"))
        );
        assert!(app.all::<LoginAttempt>().is_empty(), "the attempt is used up");
        // The attempt (1 unit); whose the login and the address are (2 strong reads); the person (1);
        // session and check in a transaction (2 each).
        answer.assert_cost(4, 6, 10);
        assert_eq!(app.all::<User>().len(), sessions(&app).len() / 2);
    }
}

#[tokio::test]
async fn whoever_is_not_known_is_asked_for_what_is_missing() {
    let app = start().await;
    let answer = at_provider(&app, Google, &verified(&app, Google, "mina@example.net"), "return_to=%2Fa.html")
        .await
        .finish(&app)
        .await;
    let told = told_page(&answer, "/sign-up.html", '#');
    let shown = |name: &str| told.get(name).map(String::as_str);
    assert_eq!((shown("provider"), shown("return_to")), (Some("google"), Some("%2Fa.html")));
    assert_eq!((shown("email"), shown("nickname")), (Some("mina%40example.net"), Some("Mina%20Kim")));
    let set = set_cookie(&answer, CookieName::Login).unwrap();
    assert!(set.contains("; Max-Age=1800; "), "{set}");
    assert!(cookie(&answer, CookieName::Refresh).is_none());
    assert!(app.all::<User>().is_empty() && logins(&app).is_empty() && app.outbox().is_empty());
    // The attempt; whose the login and the address are: two strong reads of nothing.
    answer.assert_cost(2, 4, 2);
}

#[tokio::test]
async fn an_address_that_both_sides_have_proved_is_one_person() {
    let app = start().await;
    let mina = app.user("mina").await;
    for provider in [Google, Kakao] {
        let answer = come(&app, provider, &verified(&app, provider, MINA)).await;
        assert_eq!(location(&answer), "http://shop.test/");
        assert_eq!(RefreshToken::parse(cookie(&answer, CookieName::Refresh).unwrap()).unwrap().user, mina.id);
        // As above, and two items of the login and the mail (with its place in the due index).
        answer.assert_cost(4, 6, 24);
    }
    let linked: BTreeSet<_> = logins(&app).into_iter().map(|login| (login.user_id, login.provider)).collect();
    assert_eq!(linked, [(mina.id, Google), (mina.id, Kakao)].into());
    assert_eq!(app.all::<LoginOwner>().len(), 2);
    let linked = |provider: &str| Notice::LoginLinked { provider: provider.to_owned() };
    let notices = notices(&app);
    assert_eq!(notices.len(), 2);
    assert!(notices.contains(&linked("Google")) && notices.contains(&linked("Kakao")), "{notices:?}");
    // From here on it is the login that counts.
    come(&app, Google, &verified(&app, Google, MINA)).await.assert_cost(4, 6, 10);
    assert_eq!(app.all::<User>().len(), 1);
}

#[tokio::test]
async fn attack_55_an_address_that_the_provider_does_not_vouch_for_links_nothing() {
    let app = start().await;
    let _ = app.user("mina").await;
    let mut unsure = Vec::new();
    unsure.push((Google, simulator(&app, Google).account(MINA, false, "Mina")));
    unsure.push((Kakao, simulator(&app, Kakao).account(MINA, false, "Mina")));
    let mut moved = simulator(&app, Kakao).account(MINA, true, "Mina");
    moved.email_valid = false;
    unsure.push((Kakao, moved));
    let mut none = simulator(&app, Kakao).account("other", false, "Mina");
    none.email = None;
    unsure.push((Kakao, none));
    for (provider, account) in unsure {
        let answer = come(&app, provider, &account).await;
        assert!(!told_page(&answer, "/sign-up.html", '#').contains_key("email"), "{account:?}");
        assert!(cookie(&answer, CookieName::Refresh).is_none());
    }
    assert!(logins(&app).is_empty() && sessions(&app).is_empty());
}

#[tokio::test]
async fn attack_55_the_same_name_at_two_providers_is_two_people() {
    let app = start().await;
    let mut at_google = verified(&app, Google, "one@example.net");
    let mut at_kakao = verified(&app, Kakao, "two@example.net");
    "4123456789".clone_into(&mut at_google.subject);
    "4123456789".clone_into(&mut at_kakao.subject);
    for (provider, account, nickname) in [(Google, &at_google, "one"), (Kakao, &at_kakao, "two")] {
        let incomplete = Incomplete::of(&come(&app, provider, account).await);
        let answer = incomplete.request(&app, &serde_json::json!({ "nickname": nickname })).send().await;
        assert_eq!(answer.status, 200);
    }
    let owners: BTreeSet<_> = app.all::<LoginOwner>().into_iter().map(|owner| owner.user_id).collect();
    assert_eq!(owners.len(), 2);
}

#[tokio::test]
async fn attack_55_an_address_that_went_to_somebody_else_takes_no_account_along() {
    let app = start().await;
    let user = member(&app, Google, "mina@example.net", "mina").await;
    // The same address, by another name of the provider: the first owner's account has its login.
    let mut successor = verified(&app, Google, "mina@example.net");
    "100000000000000000001".clone_into(&mut successor.subject);
    let answer = come(&app, Google, &successor).await;
    assert_eq!(told_page(&answer, "/sign-in.html", '?')["error"], "auth.login_linked_already");
    assert!(cookie(&answer, CookieName::Refresh).is_none());
    assert_eq!((logins(&app).len(), app.all::<LoginOwner>().len()), (1, 1));
    assert_eq!(logins(&app)[0].user_id, user.id);
}

#[tokio::test]
async fn attack_52_the_second_factor_is_asked_for_whichever_way_in() {
    let app = start().await;
    let user = member(&app, Google, "mina@example.net", "mina").await;
    let before = sessions(&app).len();
    set(&app, &user, Change::Set("second_factor", true.into())).await;
    let account = verified(&app, Google, "mina@example.net");
    let answer = at_provider(&app, Google, &account, "return_to=%2Fa.html").await.finish(&app).await;
    let told = told_page(&answer, "/sign-in.html", '#');
    assert_eq!((told["return_to"].as_str(), told["expires_in_s"].as_str()), ("%2Fa.html", "300"));
    assert!(told["challenge"].len() > 40);
    assert!(cookie(&answer, CookieName::Refresh).is_none() && cookie(&answer, CookieName::Device).is_none());
    assert_eq!(sessions(&app).len(), before);
    // The challenge opens nothing else.
    let refresh = app.post("auth.refresh_session").json(serde_json::json!({ "refresh_token": told["challenge"] }));
    refresh.send().await.assert_refused(401, "auth.session_ended");
}

#[tokio::test]
async fn attack_52_no_login_is_linked_to_an_account_before_its_second_step() {
    let app = start().await;
    let mina = app.user("mina").await;
    let user = app.table().get_user(mina.id).await.unwrap().unwrap();
    set(&app, &user, Change::Set("second_factor", true.into())).await;
    let answer = come(&app, Google, &verified(&app, Google, MINA)).await;
    assert_eq!(told_page(&answer, "/sign-in.html", '?')["error"], "auth.sign_in_to_link");
    assert!(logins(&app).is_empty() && sessions(&app).is_empty() && app.outbox().is_empty());
}

#[tokio::test]
async fn an_account_that_is_shut_or_leaving_is_entered_by_no_login() {
    let app = start().await;
    let known = member(&app, Google, "known@example.net", "known").await;
    let _ = app.user("mina").await;
    let unlinked = app.all::<User>().into_iter().find(|user| user.nickname.as_str() == "mina").unwrap();
    let before = sessions(&app).len();
    for (state, code) in
        [(AccountState::Banned, "auth.account_banned"), (AccountState::Withdrawing, "auth.account_withdrawing")]
    {
        for user in [&known, &unlinked] {
            set(&app, user, Change::Set("state", state.as_str().into())).await;
            let answer = come(&app, Google, &verified(&app, Google, user.email.as_str())).await;
            assert_eq!(told_page(&answer, "/sign-in.html", '?')["error"], code);
        }
    }
    assert_eq!((sessions(&app).len(), logins(&app).len()), (before, 1));
}

#[tokio::test]
async fn a_device_that_was_known_when_the_login_began_is_no_new_one() {
    let app = start().await;
    let _ = member(&app, Google, "mina@example.net", "mina").await;
    let account = verified(&app, Google, "mina@example.net");
    app.advance(Seconds::hours(2));
    let first = come(&app, Google, &account).await;
    assert!(matches!(notices(&app)[..], [Notice::Welcome, Notice::NewDevice { .. }]), "{:?}", notices(&app));
    let device = cookie(&first, CookieName::Device).unwrap();
    let started = with_cookie(crate::login_steps::start(&app, Google, ""), CookieName::Device, device).send().await;
    let secret = cookie(&started, CookieName::Login).unwrap();
    let back = crate::login_steps::went(&app, Google, &account, location(&started), secret);
    let second = back.finish(&app).await;
    assert_eq!(notices(&app).len(), 2, "no mail is written of it");
    let session =
        |answer: &testkit::TestAnswer| RefreshToken::parse(cookie(answer, CookieName::Refresh).unwrap()).unwrap();
    assert_eq!(session(&first).session, session(&second).session);
    assert!(session(&first) != session(&second), "attack 56: the token is a new one");
}

#[tokio::test]
async fn whoever_cancels_at_the_provider_comes_back_to_our_page() {
    let app = start().await;
    for provider in [Google, Kakao] {
        let started = crate::login_steps::start(&app, provider, "return_to=%2Fa.html").send().await;
        let address = simulator(&app, provider).cancel(location(&started)).unwrap();
        let query = address.split_once('?').unwrap().1.to_owned();
        let back = Back { provider, cookie: cookie(&started, CookieName::Login).unwrap().to_owned(), query };
        let answer = back.finish(&app).await;
        let told = told_page(&answer, "/sign-in.html", '?');
        assert_eq!((told["error"].as_str(), told["return_to"].as_str()), ("auth.login_cancelled", "%2Fa.html"));
        assert!(!location(&answer).contains("denied"), "the provider's words stay out");
        assert!(app.all::<LoginAttempt>().is_empty());
        assert_eq!(told_page(&back.finish(&app).await, "/sign-in.html", '?')["error"], "auth.login_failed");
    }
}

#[tokio::test]
async fn the_login_of_an_account_that_is_gone_opens_nothing() {
    let app = start().await;
    let gone = app.deleted_user();
    let account = verified(&app, Google, "mina@example.net");
    let owner =
        LoginOwner { provider: Google, subject: LoginSubject::parse(&account.subject).unwrap(), user_id: gone.id };
    app.table().transaction().create(&owner).commit().await.unwrap();
    let answer = come(&app, Google, &account).await;
    assert_eq!(told_page(&answer, "/sign-in.html", '?')["error"], "auth.login_failed");
}
