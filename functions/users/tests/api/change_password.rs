//! Another password: who may set it, and who is signed out by it.

use domain::{
    auth::{CodePurpose, Notice, Role},
    timestamp::Seconds,
};
use serde_json::json;
use shared::{
    store::{
        expression::{Change, Condition, Value},
        outbox::Effect,
        sessions::Session,
        users::{Password, User},
    },
    tokens::password,
};
use testkit::{PASSWORD, TestApp, TestRequest, TestUser, sweeps};

const CHANGE: &str = "users.change_password";
const NEXT: &str = "purple monkey dishwasher";

fn change<'a>(app: &'a TestApp, user: &TestUser, body: serde_json::Value) -> TestRequest<'a> {
    app.post(CHANGE).json(body).as_user(user)
}

fn by_password<'a>(app: &'a TestApp, user: &TestUser, present: &str) -> TestRequest<'a> {
    change(app, user, json!({ "password": NEXT, "current_password": present }))
}

/// A person who is signed in on the device that they call from.
async fn mina(app: &TestApp) -> TestUser {
    let mina = app.user("mina").await;
    let _ = app.session_of(&mina).await;
    mina
}

fn is_password(app: &TestApp, text: &str) -> bool {
    let stored = app.all::<Password>();
    stored.iter().any(|stored| password::matches(text, Some(&stored.hash)).unwrap())
}

#[tokio::test]
async fn the_present_password_is_replaced_and_the_owner_told() {
    let app = TestApp::start(&users::SERVICE).await;
    let mina = mina(&app).await;
    let answer = by_password(&app, &mina, PASSWORD).language("ko").send().await;
    assert_eq!((answer.status, answer.body.len()), (204, 0), "{:?}", answer.body);
    assert!(is_password(&app, NEXT) && !is_password(&app, PASSWORD));
    let [event] = app.outbox().try_into().unwrap();
    let Effect::MailNotice { to, what, language } = event.effect else { panic!("{:?}", event.effect) };
    assert_eq!((to, what, language.tag()), (mina.email, Notice::PasswordChanged, "en"));
    assert_eq!(answer.usage.password_hashes, 2);
    // The person and their password are read at one unit each, the attempt is counted at one; then five writes of
    // two units each, and one for the outbox's place in the due index.
    answer.assert_cost(3, 4, 24);
}

#[tokio::test]
async fn attack_46_all_other_devices_are_signed_out_at_once_and_this_one_is_not() {
    let app = TestApp::start(&users::SERVICE).await;
    let mina = mina(&app).await;
    let other =
        TestUser { session: domain::ids::SessionId::new(app.now(), domain::ids::Entropy([1; 10])), ..mina.clone() };
    let _ = app.session_of(&other).await;
    assert_eq!(by_password(&app, &mina, PASSWORD).send().await.status, 204);
    let user = app.table().get_user(mina.id).await.unwrap().unwrap();
    assert_eq!(user.epoch, 1);
    for session in app.all::<Session>() {
        assert_eq!(session.holds(&user, app.now()), session.id == mina.session, "{session:?}");
    }
    // The access token of before is of the old epoch; the refresh token gets the next one.
    by_password(&app, &mina, NEXT).send().await.assert_refused(401, "auth.sign_in_needed");
    let refreshed = TestUser { epoch: 1, ..mina };
    assert_eq!(by_password(&app, &refreshed, NEXT).send().await.status, 204);
}

#[tokio::test]
async fn attack_6_a_role_that_was_taken_away_ends_every_token_at_once() {
    let app = TestApp::start(&users::SERVICE).await;
    let admin = TestUser { roles: vec![Role::Customer, Role::Admin], ..mina(&app).await };
    // What scripts/make-admin --remove writes.
    let changes = vec![Change::Set("roles", Value::written(&["customer"]).unwrap()), Change::Add("epoch", 1)];
    app.table().update(&User::key(admin.id), changes, Condition::Present).await.unwrap();
    by_password(&app, &admin, PASSWORD).send().await.assert_refused(401, "auth.sign_in_needed");
    app.get("users.list_sessions").as_user(&admin).send().await.assert_refused(401, "auth.sign_in_needed");
    let delete = app.delete("users.delete_session").path("session_id", admin.session).as_user(&admin);
    delete.send().await.assert_refused(401, "auth.sign_in_needed");
    assert!(is_password(&app, PASSWORD) && app.outbox().is_empty());
}

#[tokio::test]
async fn a_device_that_was_signed_out_sets_no_password() {
    let app = TestApp::start(&users::SERVICE).await;
    let mina = app.user("mina").await;
    by_password(&app, &mina, PASSWORD).send().await.assert_refused(401, "auth.sign_in_needed");
    assert!(is_password(&app, PASSWORD));
    assert!(app.outbox().is_empty());
}

#[tokio::test]
async fn attack_47_a_wrong_password_is_counted_and_changes_nothing() {
    let app = TestApp::start(&users::SERVICE).await;
    let mina = mina(&app).await;
    for _ in 0..5 {
        let answer = by_password(&app, &mina, "a wrong password").send().await;
        answer.assert_refused(422, "auth.password_wrong");
        assert_eq!(answer.pointers(), ["/current_password"]);
    }
    let answer = by_password(&app, &mina, PASSWORD).send().await;
    answer.assert_refused(429, "auth.too_many_attempts");
    assert_eq!((answer.retry_after_s(), answer.usage.password_hashes), (Some(15), 0));
    assert_eq!(answer.header("ratelimit-policy"), Some(r#""password-check";q=5;w=86400"#));
    assert_eq!(answer.header("ratelimit"), Some(r#""password-check";r=0;t=15"#));
    assert!(is_password(&app, PASSWORD) && app.outbox().is_empty());
    assert_eq!(by_password(&app, &mina, PASSWORD).later(Seconds(15)).send().await.status, 204);
    // Success starts the count anew.
    let refreshed = TestUser { epoch: 1, ..mina };
    for _ in 0..5 {
        by_password(&app, &refreshed, "a wrong password").send().await.assert_refused(422, "auth.password_wrong");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn attack_47_of_many_guesses_at_once_five_are_looked_at() {
    let app = TestApp::start(&users::SERVICE).await;
    let mina = mina(&app).await;
    let answers = by_password(&app, &mina, "a wrong password").send_at_once(50).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 422).count(), 5);
    assert_eq!(answers.iter().map(|answer| answer.usage.password_hashes).sum::<u32>(), 5);
}

#[tokio::test]
async fn who_has_no_password_sets_the_first_one_by_a_proof_of_their_address() {
    let app = TestApp::start(&users::SERVICE).await;
    let mina = mina(&app).await;
    assert!(app.table().delete(&Password::key(mina.id), Condition::Present).await.unwrap());
    by_password(&app, &mina, PASSWORD).send().await.assert_refused(422, "auth.fresh_proof_needed");
    let only = json!({ "password": NEXT });
    change(&app, &mina, only).send().await.assert_refused(400, "request.invalid");
    let proof = app.email_proof("mina@example.com", CodePurpose::Confirm).await;
    let body = json!({ "password": NEXT, "email_proof": proof });
    let answer = change(&app, &mina, body.clone()).send().await;
    assert_eq!(answer.status, 204, "{:?}", answer.body);
    assert!(is_password(&app, NEXT));
    // The person alone is read (of the pair of keys, the absent one costs half a unit less than none at all).
    assert_eq!((answer.usage.calls, answer.usage.password_hashes), (2, 1));
    let refreshed = TestUser { epoch: 1, ..mina };
    change(&app, &refreshed, body.clone()).send().await.assert_refused(422, "auth.fresh_proof_needed");
    assert!(app.table().delete(&Password::key(refreshed.id), Condition::Present).await.unwrap());
    change(&app, &refreshed, body).send().await.assert_refused(401, "auth.email_proof_invalid");
}

#[tokio::test]
async fn attack_53_a_proof_for_something_else_of_another_address_or_too_old_proves_nothing() {
    let app = TestApp::start(&users::SERVICE).await;
    let mina = mina(&app).await;
    let _ = app.user("ben").await;
    let right = app.email_proof("mina@example.com", CodePurpose::Confirm).await;
    let body = json!({ "password": NEXT, "email_proof": right });
    let answer = change(&app, &mina, body).send().await;
    answer.assert_refused(422, "auth.fresh_proof_needed");
    assert_eq!(answer.pointers(), ["/current_password"], "who reads the mails of a person with a password is not them");
    assert!(app.table().delete(&Password::key(mina.id), Condition::Present).await.unwrap());
    let (confirm, own) = (CodePurpose::Confirm, "mina@example.com");
    let proofs = [
        app.email_proof(own, CodePurpose::SignUp).await,
        app.email_proof(own, CodePurpose::PasswordReset).await,
        app.email_proof("ben@example.com", confirm).await,
        "banana".to_owned(),
        String::new(),
    ];
    for proof in proofs {
        let body = json!({ "password": NEXT, "email_proof": proof });
        change(&app, &mina, body).send().await.assert_refused(401, "auth.email_proof_invalid");
    }
    let older = app.email_proof(own, confirm).await;
    app.advance(Seconds(1));
    let newer = app.email_proof(own, confirm).await;
    let with = |proof: &str| change(&app, &mina, json!({ "password": NEXT, "email_proof": proof }));
    with(&older).send().await.assert_refused(401, "auth.email_proof_invalid");
    with(&newer).later(Seconds::minutes(30)).send().await.assert_refused(401, "auth.sign_in_needed");
    assert!(app.all::<Password>().len() == 1, "that of Ben");
    app.advance(Seconds(1_799));
    assert_eq!(with(&newer).send().await.status, 204);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_changes_at_once_one_is_done() {
    let app = TestApp::start(&users::SERVICE).await;
    let mina = mina(&app).await;
    let answers = by_password(&app, &mina, PASSWORD).send_at_once(5).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 204).count(), 1);
    assert!(answers.iter().all(|answer| [204, 401, 422].contains(&answer.status)));
    assert_eq!((app.outbox().len(), app.all::<User>()[0].epoch), (1, 1));
}

#[tokio::test]
async fn attack_49_the_new_password_is_held_to_the_policy() {
    let app = TestApp::start(&users::SERVICE).await;
    let mina = mina(&app).await;
    let with = |password: &str| change(&app, &mina, json!({ "password": password, "current_password": PASSWORD }));
    for refused in ["1234567", "", &"x".repeat(129), "abc\u{0}defgh"] {
        let answer = with(refused).send().await;
        answer.assert_refused(400, "request.invalid");
        assert_eq!((answer.pointers(), answer.usage.calls), (vec!["/password".to_owned()], 0));
    }
    for common in ["password", "QWERTYUIOP", "aaaaaaaaaa"] {
        let answer = with(common).send().await;
        answer.assert_refused(422, "auth.password_too_common");
        assert_eq!(answer.usage.calls, 0);
    }
    assert_eq!(with(&"가나".repeat(32)).send().await.status, 204);
    assert!(is_password(&app, &"가나".repeat(32)) && !is_password(&app, &"가나".repeat(31)));
}

#[tokio::test]
async fn attack_40_58_59_61_63_only_a_signed_in_person_and_the_json_of_this_request() {
    let app = TestApp::start(&users::SERVICE).await;
    let mina = mina(&app).await;
    let good = json!({ "password": NEXT, "current_password": "a wrong password" });
    sweeps::assert_needs_sign_in(&app.post(CHANGE).json(good.clone()), &app.token_of(&mina)).await;
    sweeps::assert_takes_only_its_json(&app.post(CHANGE).as_user(&mina), &good).await;
}

#[tokio::test]
async fn attack_13_69_no_password_is_in_an_answer_a_log_line_or_an_item() {
    let app = TestApp::start(&users::SERVICE).await;
    let mina = mina(&app).await;
    let wrong = by_password(&app, &mina, "hunter2hunter2").send().await;
    let right = by_password(&app, &mina, PASSWORD).send().await;
    let stored = format!("{:?}", app.items());
    for hidden in [PASSWORD, NEXT, "hunter2hunter2"] {
        assert!(!wrong.line.contains(hidden) && !right.line.contains(hidden) && !stored.contains(hidden));
        assert!(!String::from_utf8_lossy(&wrong.body).contains(hidden));
    }
}
