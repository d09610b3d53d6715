//! From a provider's word to an account.

use domain::{
    auth::{AccountState, CodePurpose, Notice},
    ids::EmailCodeId,
    text::Email,
    timestamp::Seconds,
};
use engines::login::Account;
use serde_json::{Value, json};
use shared::{
    api::cookies::CookieName,
    secrets::SecretName,
    store::{
        Entity as _,
        email_codes::EmailCode,
        expression::{Change, Condition},
        logins::LoginOwner,
        outbox::Effect,
        suppressions::Trouble,
        users::{EmailOwner, NicknameOwner, Password, User},
    },
    tokens::{access::AccessTokens, email_code::EmailProof, refresh::RefreshToken},
};
use testkit::{TestApp, sweeps};

use crate::{
    login_steps::{
        Google, Incomplete, Kakao, come, cookie, logins, sessions, set_cookie, simulator, verified, with_cookie,
    },
    steps::{MINA, start, told},
};

/// A proof as verifying a code gives it, with the code that it uses up.
async fn proof(app: &TestApp, email: &str, purpose: CodePurpose) -> String {
    let (email, expires_at) = (Email::parse(email).unwrap(), app.now().plus(Seconds::minutes(30)));
    let id = EmailCodeId::new(app.now(), shared::random::entropy().unwrap());
    let resend_after = app.now();
    let code = EmailCode { email: email.clone(), purpose, id, tries: 1, used: true, expires_at, resend_after };
    app.table().transaction().put(&code, EmailCode::may_replace(app.now())).commit().await.unwrap();
    let proof = EmailProof { email, code: id, expires_at };
    proof.seal(&app.seal_key(SecretName::EmailCodeKey), purpose).unwrap()
}

async fn incomplete(app: &TestApp, account: &Account) -> Incomplete {
    Incomplete::of(&come(app, Google, account).await)
}

/// Somebody whose address the provider does not vouch for.
fn unsure(app: &TestApp) -> Account {
    simulator(app, Google).account("unsure@example.net", false, "Sora Lee")
}

fn notices(app: &TestApp) -> Vec<Notice> {
    let what = |effect| if let Effect::MailNotice { what, .. } = effect { Some(what) } else { None };
    app.outbox().into_iter().filter_map(|event| what(event.effect)).collect()
}

async fn set(app: &TestApp, user: &User, change: Change) {
    app.table().update(&user.to_key(), vec![change], Condition::Present).await.unwrap();
}

#[tokio::test]
async fn a_nickname_is_all_that_a_new_account_needs_when_the_provider_vouches_for_the_address() {
    let app = start().await;
    let account = verified(&app, Google, "mina@example.net");
    let incomplete = incomplete(&app, &account).await;
    let answer = incomplete.request(&app, &json!({ "nickname": "mina", "language": "ko" })).send().await;
    assert_eq!(answer.status, 200, "{:?}", answer.body);
    let body = answer.json();
    let user = app.all::<User>().pop().unwrap();
    assert_eq!(
        (body["user"]["id"].as_str(), body["user"]["email"].as_str(), body["user"]["language"].as_str()),
        (Some(user.id.to_string().as_str()), Some("mina@example.net"), Some("ko"))
    );
    let tokens = AccessTokens::new(&app.config().access_token_keys, &app.config().site_origin).unwrap();
    assert_eq!(tokens.check(body["access_token"].as_str().unwrap(), app.now()).unwrap().sub, user.id);
    assert_eq!(RefreshToken::parse(cookie(&answer, CookieName::Refresh).unwrap()).unwrap().user, user.id);
    assert!(set_cookie(&answer, CookieName::Login).unwrap().contains("Max-Age=0"));
    let login = logins(&app).pop().unwrap();
    assert_eq!((login.user_id, login.provider, login.subject.as_str()), (user.id, Google, account.subject.as_str()));
    assert_eq!(app.all::<LoginOwner>(), [login.owner()]);
    assert_eq!((app.all::<EmailOwner>().len(), app.all::<NicknameOwner>().len()), (1, 1));
    assert!(app.all::<Password>().is_empty());
    assert_eq!(notices(&app), [Notice::Welcome], "and no mail of a new device");
    // Whose the login is, and what is known of the address; six items made; session and check.
    answer.assert_cost(3, 4, 34);
}

#[tokio::test]
async fn who_signs_up_with_an_address_that_bounces_is_told_that_nothing_reaches_it() {
    let app = start().await;
    let reports = [("gone@example.net", Trouble::Bounced, false), ("full@example.net", Trouble::Passing, true)];
    for (nickname, (address, trouble, deliverable)) in ["mina", "ben"].into_iter().zip(reports) {
        app.table().note_trouble(&Email::parse(address).unwrap(), trouble, "a-report", app.now()).await.unwrap();
        let incomplete = incomplete(&app, &verified(&app, Google, address)).await;
        let answer = incomplete.request(&app, &json!({ "nickname": nickname })).send().await;
        assert_eq!(answer.status, 200, "{:?}", answer.body);
        assert_eq!(answer.json()["user"]["email_deliverable"], deliverable, "{address}");
        let stored = app.all::<User>().into_iter().find(|user| user.email.as_str() == address).unwrap();
        assert_eq!(stored.email_undeliverable, !deliverable, "{address}");
    }
}

#[tokio::test]
async fn done_twice_it_signs_in_twice() {
    let app = start().await;
    let incomplete = incomplete(&app, &verified(&app, Google, "mina@example.net")).await;
    for nickname in ["mina", "another"] {
        let answer = incomplete.request(&app, &json!({ "nickname": nickname })).send().await;
        assert_eq!((answer.status, answer.json()["user"]["nickname"].as_str()), (200, Some("mina")));
    }
    assert_eq!((app.all::<User>().len(), logins(&app).len(), notices(&app).len()), (1, 1, 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_ten_at_once_one_makes_the_account() {
    let app = start().await;
    let incomplete = incomplete(&app, &verified(&app, Google, "mina@example.net")).await;
    let requests = (0..10).map(|n| incomplete.request(&app, &json!({ "nickname": format!("mina{n}") }))).collect();
    let answers = testkit::TestRequest::all_at_once(requests).await;
    for answer in &answers {
        assert!(answer.status == 200 || answer.problem_code() == "auth.completion_invalid", "{:?}", answer.body);
    }
    assert!(answers.iter().any(|answer| answer.status == 200));
    assert_eq!((app.all::<User>().len(), logins(&app).len(), app.all::<NicknameOwner>().len()), (1, 1, 1));
    assert_eq!(incomplete.request(&app, &json!({})).send().await.status, 200, "who lost signs in with the next try");
}

#[tokio::test]
async fn attack_55_an_address_that_the_provider_does_not_vouch_for_needs_a_code() {
    let app = start().await;
    let incomplete = incomplete(&app, &unsure(&app)).await;
    let with = |more: Value| incomplete.request(&app, &more);
    let refused = [
        json!({ "nickname": "sora" }),
        json!({ "nickname": "sora", "email_proof": "x" }),
        json!({ "nickname": "sora", "email_proof": proof(&app, "unsure@example.net", CodePurpose::Confirm).await }),
        json!({ "nickname": "sora", "email_proof": proof(&app, "unsure@example.net", CodePurpose::PasswordReset).await }),
        json!({ "nickname": "sora", "email_proof": incomplete.completion }),
    ];
    for more in refused {
        with(more).send().await.assert_refused(401, "auth.email_proof_invalid");
    }
    assert!(app.all::<User>().is_empty());
    let good = proof(&app, "sora@example.org", CodePurpose::SignUp).await;
    assert_eq!(with(json!({ "nickname": "sora", "email_proof": good })).send().await.status, 200);
    let user = app.all::<User>().pop().unwrap();
    assert_eq!((user.email.as_str(), &logins(&app)[0].email), ("sora@example.org", &None));
}

#[tokio::test]
async fn what_is_taken_or_missing_is_told() {
    let app = start().await;
    let _ = app.user("mina").await;
    let incomplete = incomplete(&app, &unsure(&app)).await;
    let taken = json!({ "nickname": "sora", "email_proof": proof(&app, MINA, CodePurpose::SignUp).await });
    incomplete.request(&app, &taken).send().await.assert_refused(409, "auth.email_taken");
    let free = proof(&app, "sora@example.org", CodePurpose::SignUp).await;
    let taken = incomplete.request(&app, &json!({ "nickname": "MINA", "email_proof": free })).send().await;
    taken.assert_refused(409, "auth.nickname_taken");
    let missing = incomplete.request(&app, &json!({ "email_proof": free })).send().await;
    missing.assert_refused(400, "request.invalid");
    assert_eq!(missing.pointers(), ["/nickname"]);
    assert!(logins(&app).is_empty() && sessions(&app).is_empty() && app.outbox().is_empty());
}

#[tokio::test]
async fn whoever_proves_the_address_of_an_account_links_the_login_to_it() {
    let app = start().await;
    let mina = app.user("mina").await;
    let incomplete = incomplete(&app, &unsure(&app)).await;
    let link = json!({ "account_proof": proof(&app, MINA, CodePurpose::Confirm).await });
    let answer = incomplete.request(&app, &link).send().await;
    assert_eq!((answer.status, answer.json()["user"]["id"].as_str()), (200, Some(mina.id.to_string().as_str())));
    assert_eq!(logins(&app).into_iter().map(|login| login.user_id).collect::<Vec<_>>(), [mina.id]);
    assert_eq!(notices(&app), [Notice::LoginLinked { provider: "Google".to_owned() }]);
    // Whose the login and the address are; the person; three items made, the code used up, session and check.
    answer.assert_cost(3, 6, 26);
    let mut other = simulator(&app, Kakao).account("other@example.net", false, "Mina");
    other.email = None;
    let other = Incomplete::of(&come(&app, Kakao, &other).await);
    other.request(&app, &link).send().await.assert_refused(401, "auth.email_proof_invalid");
    assert_eq!(logins(&app).len(), 1, "a proof is good once");
}

#[tokio::test]
async fn attack_52_55_no_login_is_linked_without_the_whole_proof() {
    let app = start().await;
    let mina = app.user("mina").await;
    let stored = app.table().get_user(mina.id).await.unwrap().unwrap();
    let incomplete = incomplete(&app, &unsure(&app)).await;
    let link = |text: String| incomplete.request(&app, &json!({ "account_proof": text }));
    let confirm = || proof(&app, MINA, CodePurpose::Confirm);
    for wrong in [
        "x".to_owned(),
        proof(&app, MINA, CodePurpose::SignUp).await,
        proof(&app, "nobody@example.org", CodePurpose::Confirm).await,
    ] {
        link(wrong).send().await.assert_refused(401, "auth.email_proof_invalid");
    }
    set(&app, &stored, Change::Set("second_factor", true.into())).await;
    link(confirm().await).send().await.assert_refused(409, "auth.sign_in_to_link");
    set(&app, &stored, Change::Set("second_factor", false.into())).await;
    for (state, status, code) in [
        (AccountState::Banned, 403, "auth.account_banned"),
        (AccountState::Withdrawing, 409, "auth.account_withdrawing"),
    ] {
        set(&app, &stored, Change::Set("state", state.as_str().into())).await;
        link(confirm().await).send().await.assert_refused(status, code);
    }
    set(&app, &stored, Change::Set("state", AccountState::Active.as_str().into())).await;
    assert!(logins(&app).is_empty() && sessions(&app).is_empty());
    assert_eq!(link(confirm().await).send().await.status, 200);
    // One of each provider: another account there does not take its place.
    let mut other = unsure(&app);
    "100000000000000000001".clone_into(&mut other.subject);
    let other = Incomplete::of(&come(&app, Google, &other).await);
    let answer = other.request(&app, &json!({ "account_proof": confirm().await })).send().await;
    answer.assert_refused(409, "auth.login_linked_already");
    assert_eq!(app.all::<LoginOwner>().len(), 1);
}

#[tokio::test]
async fn attack_55_a_completion_is_of_no_use_in_another_browser() {
    let app = start().await;
    let mine = incomplete(&app, &verified(&app, Google, "mina@example.net")).await;
    let other = incomplete(&app, &verified(&app, Google, "other@example.net")).await;
    let body = json!({ "completion": mine.completion, "nickname": "mina" });
    let bare = || app.post("auth.complete_oauth").json(body.clone());
    let planted = Incomplete { completion: mine.completion.clone(), cookie: other.cookie.clone() };
    let changed = Incomplete { completion: format!("{}A", mine.completion), cookie: mine.cookie.clone() };
    for (what, request) in [
        ("no cookie", bare()),
        ("the cookie of another login", planted.request(&app, &json!({ "nickname": "mina" }))),
        ("a cookie that is none", with_cookie(bare(), CookieName::Login, "x")),
        (
            "two cookies",
            with_cookie(with_cookie(bare(), CookieName::Login, &mine.cookie), CookieName::Login, &mine.cookie),
        ),
        ("a changed completion", changed.request(&app, &json!({ "nickname": "mina" }))),
        ("at its end", mine.request(&app, &json!({ "nickname": "mina" })).later(Seconds::minutes(30))),
    ] {
        let answer = request.send().await;
        answer.assert_refused(401, "auth.completion_invalid");
        assert_eq!(answer.usage.calls, 0, "{what}");
    }
    assert!(app.all::<User>().is_empty());
    let in_time = mine.request(&app, &json!({ "nickname": "mina" })).later(Seconds(1_799)).send().await;
    assert_eq!(in_time.status, 200);
}

#[tokio::test]
async fn attack_57_another_site_completes_nothing() {
    let app = start().await;
    let mine = incomplete(&app, &verified(&app, Google, "mina@example.net")).await;
    for (name, value) in [("sec-fetch-site", "cross-site"), ("sec-fetch-site", "same-site"), ("sec-fetch-site", "none")]
    {
        let request = mine.request(&app, &json!({ "nickname": "mina" })).header(name, value);
        let answer = request.send().await;
        assert_eq!((answer.status, answer.usage.calls), (403, 0), "{value}");
    }
    assert!(app.all::<User>().is_empty());
}

#[tokio::test]
async fn attack_52_a_second_factor_of_meanwhile_is_asked_for() {
    let app = start().await;
    let mine = incomplete(&app, &verified(&app, Google, "mina@example.net")).await;
    assert_eq!(mine.request(&app, &json!({ "nickname": "mina" })).send().await.status, 200);
    let user = app.all::<User>().pop().unwrap();
    set(&app, &user, Change::Set("second_factor", true.into())).await;
    let answer = mine.request(&app, &json!({ "nickname": "mina" })).send().await;
    let body = answer.json();
    assert_eq!((answer.status, body["expires_in_s"].as_u64(), sessions(&app).len()), (202, Some(300), 1));
    assert!(body["challenge"].is_string() && body.get("access_token").is_none());
    assert!(cookie(&answer, CookieName::Refresh).is_none());
}

/// Withdrawn, and past changing their mind, but something still holds the erasing up.
#[tokio::test]
async fn whoever_is_about_to_be_erased_is_told_nothing_of_it() {
    let app = start().await;
    let mine = incomplete(&app, &verified(&app, Google, "mina@example.net")).await;
    assert_eq!(mine.request(&app, &json!({ "nickname": "mina" })).send().await.status, 200);
    let user = app.all::<User>().pop().unwrap();
    set(&app, &user, Change::Set("state", "withdrawing".into())).await;
    set(&app, &user, Change::Set("erase_at", app.now().into())).await;
    mine.request(&app, &json!({ "nickname": "mina" })).send().await.assert_refused(401, "auth.bad_credentials");
    assert_eq!(sessions(&app).len(), 1);
}

/// Two requests of one device, and the one that was sent first arrives last.
#[tokio::test]
async fn a_later_session_of_the_device_is_not_replaced_by_an_earlier_one() {
    let app = start().await;
    let mine = incomplete(&app, &verified(&app, Google, "mina@example.net")).await;
    let request = mine.request(&app, &json!({ "nickname": "mina" }));
    let later = request.clone().later(Seconds(20)).send().await;
    let device = cookie(&later, CookieName::Device).unwrap();
    let earlier = request.cookie(CookieName::Device, device).send().await;
    earlier.assert_refused(401, "auth.session_ended");
    assert_eq!(sessions(&app).len(), 1);
}

#[tokio::test]
async fn an_app_gets_its_tokens_in_the_body() {
    let app = start().await;
    let mine = incomplete(&app, &verified(&app, Google, "mina@example.net")).await;
    let answer = mine.request(&app, &json!({ "nickname": "mina", "session_in": "body" })).send().await;
    let body = answer.json();
    assert!(body["refresh_token"].is_string() && body["device_token"].is_string());
    assert!(cookie(&answer, CookieName::Refresh).is_none() && cookie(&answer, CookieName::Device).is_none());
}

#[tokio::test]
async fn attack_58_59_61_63_only_the_json_of_this_request_is_taken() {
    let app = start().await;
    let mine = incomplete(&app, &verified(&app, Google, "mina@example.net")).await;
    let good = json!({ "completion": mine.completion, "nickname": "mina", "language": "ko" });
    let request = with_cookie(app.post("auth.complete_oauth"), CookieName::Login, &mine.cookie);
    sweeps::assert_takes_only_its_json(&request, &good).await;
    assert!(app.all::<User>().is_empty());
}

#[tokio::test]
async fn attack_48_an_account_without_a_password_is_told_from_none_by_nothing() {
    let app = start().await;
    let _ = crate::login_steps::member(&app, Kakao, "mina@example.net", "mina").await;
    let sign_in = |email: &str| crate::steps::sign_in(&app, email, testkit::PASSWORD);
    let without = sign_in("mina@example.net").send().await;
    let unknown = sign_in("nobody@example.net").send().await;
    let _ = app.user("ben").await;
    let wrong = crate::steps::sign_in(&app, "ben@example.com", "a wrong password").send().await;
    without.assert_refused(401, "auth.bad_credentials");
    assert_eq!(told(&without), told(&unknown));
    for answer in [&unknown, &wrong] {
        assert_eq!(without.usage.touched, answer.usage.touched);
        assert_eq!(
            (without.usage.calls, without.usage.password_hashes),
            (answer.usage.calls, answer.usage.password_hashes)
        );
    }
}
