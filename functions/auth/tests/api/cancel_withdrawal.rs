//! Signing in to an account whose owner asked to withdraw.

use domain::{
    Timestamp,
    auth::{AccountState, Notice},
    timestamp::Seconds,
};
use serde_json::json;
use shared::{
    api::job::WorkTime,
    store::{
        expression::{Change, Condition},
        outbox::Effect,
        sessions::Session,
        users::User,
    },
};
use testkit::{PASSWORD, TestApp, TestRequest, TestUser};

use crate::{
    login_steps::{Google, at_provider, member, told_page, verified},
    steps::{MINA, sign_in, start},
};

/// A person who asked to withdraw, to be erased then.
async fn withdrawing(app: &TestApp, state: AccountState, erase_at: Timestamp) -> TestUser {
    let mina = app.user("mina").await;
    let changes = vec![
        Change::Set("state", state.as_str().into()),
        Change::Set("erase_at", erase_at.into()),
        Change::Add("epoch", 1),
    ];
    app.table().update(&User::key(mina.id), changes, Condition::Present).await.unwrap();
    mina
}

fn cancel(app: &TestApp) -> TestRequest<'_> {
    app.post("auth.sign_in").json(json!({ "email": MINA, "password": PASSWORD, "cancel_withdrawal": true }))
}

#[tokio::test]
async fn who_says_that_they_changed_their_mind_is_back_with_the_session() {
    let app = start().await;
    let erase_at = app.now().plus(Seconds::days(7));
    let mina = withdrawing(&app, AccountState::Withdrawing, erase_at).await;
    sign_in(&app, MINA, PASSWORD).send().await.assert_refused(409, "auth.account_withdrawing");
    assert!(app.all::<Session>().is_empty() && app.outbox().is_empty());

    app.advance(Seconds(7 * 86_400 - 1));
    let answer = cancel(&app).send().await;
    assert_eq!(answer.status, 200, "{:?}", answer.body);
    let [user] = app.all::<User>().try_into().unwrap();
    assert_eq!((user.state, user.erase_at, user.epoch), (AccountState::Active, None, 1));
    assert_eq!(app.all::<Session>().len(), 1);
    let due = app.table().accounts_due(app.now()).next(&WorkTime::of(60)).await.unwrap();
    assert_eq!(due, Some(mina.id), "what they sell comes back");
    let told = app.outbox().into_iter().filter(
        |event| matches!(&event.effect, Effect::MailNotice { to, what, .. } if to.as_str() == MINA && *what == Notice::WithdrawalCancelled),
    );
    assert_eq!(told.count(), 1);
    assert_eq!(sign_in(&app, MINA, PASSWORD).send().await.status, 200);
}

#[tokio::test]
async fn after_the_last_moment_there_is_no_such_account() {
    let app = start().await;
    let erase_at = app.now().plus(Seconds::days(7));
    withdrawing(&app, AccountState::Withdrawing, erase_at).await;
    app.advance(Seconds::days(7));
    cancel(&app).send().await.assert_refused(401, "auth.bad_credentials");
    sign_in(&app, MINA, PASSWORD).send().await.assert_refused(401, "auth.bad_credentials");
    assert!(app.all::<Session>().is_empty() && app.outbox().is_empty());
}

#[tokio::test]
async fn nobody_comes_back_while_they_are_erased() {
    let app = start().await;
    let erase_at = app.now().plus(Seconds::days(7));
    withdrawing(&app, AccountState::Erasing, erase_at).await;
    cancel(&app).send().await.assert_refused(401, "auth.bad_credentials");
    assert!(app.all::<Session>().is_empty());
}

#[tokio::test]
async fn attack_47_a_wrong_password_neither_cancels_nor_learns_of_a_withdrawal() {
    let app = start().await;
    let erase_at = app.now().plus(Seconds::days(7));
    withdrawing(&app, AccountState::Withdrawing, erase_at).await;
    let body = json!({ "email": MINA, "password": "not the password", "cancel_withdrawal": true });
    app.post("auth.sign_in").json(body).send().await.assert_refused(401, "auth.bad_credentials");
    assert_eq!(app.all::<User>()[0].state, AccountState::Withdrawing);
}

#[tokio::test]
async fn of_two_who_cancel_at_once_one_is_told_and_the_other_signs_in_again() {
    let app = start().await;
    let erase_at = app.now().plus(Seconds::days(7));
    withdrawing(&app, AccountState::Withdrawing, erase_at).await;
    let answers = cancel(&app).send_at_once(4).await;
    for answer in &answers {
        if answer.status != 200 {
            answer.assert_refused(401, "auth.session_ended");
        }
    }
    assert!(answers.iter().any(|answer| answer.status == 200));
    let told = app.outbox().into_iter().filter(
        |event| matches!(&event.effect, Effect::MailNotice { what, .. } if *what == Notice::WithdrawalCancelled),
    );
    assert_eq!(told.count(), 1);
    assert_eq!(app.all::<User>()[0].state, AccountState::Active);
}

#[tokio::test]
async fn a_login_of_a_provider_cancels_when_it_was_begun_to() {
    let app = start().await;
    let user = member(&app, Google, "mina@example.net", "mina").await;
    let changes = vec![
        Change::Set("state", AccountState::Withdrawing.as_str().into()),
        Change::Set("erase_at", app.now().plus(Seconds::days(7)).into()),
    ];
    app.table().update(&User::key(user.id), changes, Condition::Present).await.unwrap();
    let account = verified(&app, Google, "mina@example.net");
    let before = app.all::<Session>().len();
    let refused = at_provider(&app, Google, &account, "").await.finish(&app).await;
    assert_eq!(told_page(&refused, "/sign-in.html", '?')["error"], "auth.account_withdrawing");
    let answer = at_provider(&app, Google, &account, "cancel_withdrawal=true").await.finish(&app).await;
    assert_eq!(answer.status, 303, "{:?}", answer.body);
    let [user] = app.all::<User>().try_into().unwrap();
    assert_eq!((user.state, user.erase_at), (AccountState::Active, None));
    assert_eq!(app.all::<Session>().len(), before + 1);
}
