//! Taking a login off one's account.

use domain::auth::{LoginProvider, Notice};
use shared::store::{
    expression::{Change, Condition},
    logins::LoginOwner,
    outbox::Effect,
    users::User,
};
use testkit::{TestApp, TestRequest, TestUser, sweeps};

use crate::{
    login_steps::{Google, Kakao, come, logins, member, verified},
    steps::{MINA, start},
};

fn unlink<'a>(app: &'a TestApp, provider: LoginProvider, user: &TestUser) -> TestRequest<'a> {
    app.delete("auth.unlink_login").path("provider", provider).as_user(user)
}

fn as_caller(app: &TestApp, user: &User) -> TestUser {
    TestUser { id: user.id, email: user.email.clone(), nickname: user.nickname.clone(), ..app.deleted_user() }
}

#[tokio::test]
async fn a_login_that_is_taken_off_opens_nothing_any_more() {
    let app = start().await;
    let mina = app.user("mina").await;
    let account = verified(&app, Google, MINA);
    let _ = come(&app, Google, &account).await;
    let answer = unlink(&app, Google, &mina).send().await;
    assert_eq!((answer.status, answer.body.is_empty()), (204, true));
    assert!(logins(&app).is_empty() && app.all::<LoginOwner>().is_empty());
    let expected = Notice::LoginUnlinked { provider: "Google".to_owned() };
    let is_told =
        |effect| matches!(effect, Effect::MailNotice { to, what, .. } if to == mina.email && what == expected);
    assert_eq!(app.outbox().into_iter().filter(|event| is_told(event.effect.clone())).count(), 1);
    // Person, password and login; then two checks, two deletions and the mail.
    answer.assert_cost(2, 8, 22);
    unlink(&app, Google, &mina).send().await.assert_refused(404, "auth.login_not_linked");
    // Whoever takes it up again is known by the address, and it is linked anew.
    let _ = come(&app, Google, &account).await;
    assert_eq!(logins(&app).len(), 1);
}

#[tokio::test]
async fn the_last_way_in_stays() {
    let app = start().await;
    let user = member(&app, Google, MINA, "mina").await;
    let mina = as_caller(&app, &user);
    unlink(&app, Google, &mina).send().await.assert_refused(409, "auth.last_way_in");
    unlink(&app, Kakao, &mina).send().await.assert_refused(404, "auth.login_not_linked");
    let _ = come(&app, Kakao, &verified(&app, Kakao, MINA)).await;
    assert_eq!(unlink(&app, Google, &mina).send().await.status, 204);
    unlink(&app, Kakao, &mina).send().await.assert_refused(409, "auth.last_way_in");
    assert_eq!(logins(&app).len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_two_who_take_away_the_last_two_at_once_one_fails() {
    let app = start().await;
    for round in 0..5 {
        let email = format!("mina{round}@example.net");
        let user = member(&app, Google, &email, &format!("mina{round}")).await;
        let _ = come(&app, Kakao, &verified(&app, Kakao, &email)).await;
        let mina = as_caller(&app, &user);
        let requests = vec![unlink(&app, Google, &mina), unlink(&app, Kakao, &mina)];
        let answers = TestRequest::all_at_once(requests).await;
        let mut statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
        statuses.sort_unstable();
        assert_eq!(statuses, [204, 409]);
        assert_eq!(logins(&app).iter().filter(|login| login.user_id == user.id).count(), 1);
    }
}

#[tokio::test]
async fn attack_1_5_10_46_only_ones_own_and_only_while_signed_in() {
    let app = start().await;
    let mina = app.user("mina").await;
    let _ = come(&app, Google, &verified(&app, Google, MINA)).await;
    let request = app.delete("auth.unlink_login").path("provider", Google);
    sweeps::assert_needs_sign_in(&request, &app.token_of(&mina)).await;
    let stranger = app.stranger().await;
    unlink(&app, Google, &stranger).send().await.assert_refused(404, "auth.login_not_linked");
    let unknown = app.delete("auth.unlink_login").path("provider", "naver").as_user(&mina);
    unknown.send().await.assert_refused(400, "request.invalid");
    unlink(&app, Google, &app.deleted_user()).send().await.assert_refused(401, "auth.sign_in_needed");
    app.table().update(&User::key(mina.id), vec![Change::Add("epoch", 1)], Condition::Present).await.unwrap();
    unlink(&app, Google, &mina).send().await.assert_refused(401, "auth.sign_in_needed");
    assert_eq!(logins(&app).len(), 1);
    let answer = come(&app, Google, &verified(&app, Google, MINA)).await;
    assert_eq!(answer.header("location"), Some("http://shop.test/"), "the login still opens");
}
