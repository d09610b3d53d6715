//! A person withdraws, and what holds them up.

use domain::{
    auth::{AccountState, CodePurpose, Notice, totp::TotpStep},
    ids::TotpId,
    processes::{Actor, sell::SellEvent},
    timestamp::Seconds,
};
use serde_json::json;
use shared::{
    api::cookies::CookieName,
    random,
    store::{
        Entity,
        expression::{Change, Condition},
        outbox::Effect,
        totp::{Totp, TotpState},
        users::Password,
        users::User,
    },
    tokens::totp::TotpSecret,
};
use testkit::{PASSWORD, TestApp, TestRequest, TestUser, sweeps};

use crate::leaving::{DELETE_ME, PAY, RECEIVE, offer, place, stored, walk, withdraw};

/// As people are who signed up by a provider.
async fn without_password(app: &TestApp, nickname: &str) -> TestUser {
    let person = app.user(nickname).await;
    app.table().delete(&Password::key(person.id), Condition::Present).await.unwrap();
    person
}

#[tokio::test]
async fn a_withdrawal_ends_every_session_and_says_when_the_person_is_erased() {
    let app = TestApp::start(&users::SERVICE).await;
    let mina = app.user("mina").await;
    let answer = withdraw(&app, &mina).send().await;
    assert_eq!(answer.status, 202, "{:?}", answer.body);
    assert_eq!(answer.json(), json!({ "erase_at": "2026-11-28T09:00:00.000Z" }));
    assert!(answer.set_cookie(CookieName::Refresh).unwrap().contains("Max-Age=0"));
    // The counter; the person with their password and no second factor; no orders. Then the counter again, the
    // person and the mail, both of which come into the index of what is due.
    answer.assert_cost(4, 7, 18);

    let user = stored(&app, &mina).await.unwrap();
    assert_eq!((user.state, user.epoch), (AccountState::Withdrawing, 1));
    assert_eq!(user.erase_at, Some(app.now().plus(Seconds::days(7))));
    let [mail] = app.outbox().try_into().unwrap();
    let Effect::MailNotice { to, what, .. } = mail.effect else { panic!("{mail:?}") };
    assert_eq!(
        (to.as_str(), what),
        ("mina@example.com", Notice::WithdrawalPlanned { erase_at: user.erase_at.unwrap() })
    );

    app.get("users.get_me").as_user(&mina).send().await.assert_refused(401, "auth.sign_in_needed");
    withdraw(&app, &mina).send().await.assert_refused(401, "auth.sign_in_needed");
    app.get("users.get_user").path("user_id", mina.id).send().await.assert_refused(404, "users.not_found");
    assert_eq!(app.outbox().len(), 1, "once");
}

#[tokio::test]
async fn attack_47_an_open_session_is_not_enough_and_the_password_is_not_guessed() {
    let app = TestApp::start(&users::SERVICE).await;
    let mina = app.user("mina").await;
    let with = |body| app.delete(DELETE_ME).as_user(&mina).json(body);
    for _ in 0..5 {
        let answer = with(json!({ "current_password": "not the password" })).send().await;
        answer.assert_refused(422, "auth.password_wrong");
        assert_eq!(answer.usage.password_hashes, 1);
    }
    let answer = with(json!({ "current_password": PASSWORD })).send().await;
    answer.assert_refused(429, "auth.too_many_attempts");
    assert_eq!(answer.usage.password_hashes, 0);
    assert_eq!(stored(&app, &mina).await.unwrap().state, AccountState::Active);
    app.advance(Seconds(15));
    assert_eq!(with(json!({ "current_password": PASSWORD })).send().await.status, 202);
}

#[tokio::test]
async fn who_has_no_password_proves_their_address_and_the_proof_is_good_once() {
    let app = TestApp::start(&users::SERVICE).await;
    let mina = without_password(&app, "mina").await;
    let with = |proof: &str| app.delete(DELETE_ME).as_user(&mina).json(json!({ "email_proof": proof }));
    for (address, purpose) in
        [("ben@example.com", CodePurpose::Confirm), ("mina@example.com", CodePurpose::PasswordReset)]
    {
        let proof = app.email_proof(address, purpose).await;
        with(&proof).send().await.assert_refused(401, "auth.email_proof_invalid");
    }
    with("banana").send().await.assert_refused(401, "auth.email_proof_invalid");
    app.delete(DELETE_ME)
        .as_user(&mina)
        .json(json!({ "current_password": PASSWORD }))
        .send()
        .await
        .assert_refused(422, "auth.fresh_proof_needed");
    let proof = app.email_proof("mina@example.com", CodePurpose::Confirm).await;
    assert_eq!(with(&proof).send().await.status, 202);
    assert_eq!(stored(&app, &mina).await.unwrap().state, AccountState::Withdrawing);
}

#[tokio::test]
async fn attack_52_who_reads_the_mails_of_a_person_with_a_password_cannot_erase_them() {
    let app = TestApp::start(&users::SERVICE).await;
    let mina = app.user("mina").await;
    let proof = app.email_proof("mina@example.com", CodePurpose::Confirm).await;
    let answer = app.delete(DELETE_ME).as_user(&mina).json(json!({ "email_proof": proof })).send().await;
    answer.assert_refused(422, "auth.fresh_proof_needed");
    assert_eq!(stored(&app, &mina).await.unwrap().state, AccountState::Active);
}

/// A person whose sign-in asks for a second factor, and its secret.
async fn with_second_factor(app: &TestApp) -> (TestUser, Totp, TotpSecret) {
    let person = app.user("mina").await;
    let (secret, id) = (TotpSecret::generate().unwrap(), TotpId::new(app.now(), random::entropy().unwrap()));
    let locked = app.totp_key().lock(person.id, &secret).unwrap();
    let totp = Totp { state: TotpState::Enabled, ..Totp::new(person.id, id, locked, app.now()) };
    app.table()
        .transaction()
        .put(&totp, Totp::may_start())
        .update(&User::key(person.id), vec![Change::Set("second_factor", true.into())], Condition::Present)
        .commit()
        .await
        .unwrap();
    (person, totp, secret)
}

#[tokio::test]
async fn attack_51_whose_sign_in_asks_for_a_code_is_asked_for_one_here_too() {
    let app = TestApp::start(&users::SERVICE).await;
    let (mina, totp, secret) = with_second_factor(&app).await;
    let code = secret.code(TotpStep::at(app.now()));
    let wrong = if code.as_str() == "000000" { "000001" } else { "000000" };
    let with = |body| app.delete(DELETE_ME).as_user(&mina).json(body);
    let answer = with(json!({ "current_password": PASSWORD })).send().await;
    answer.assert_refused(422, "auth.second_factor_needed");
    assert_eq!((answer.pointers(), answer.usage.password_hashes), (vec!["/code".to_owned()], 0));
    let cases = [
        (json!({ "code": code.as_str() }), 400, "request.invalid"),
        (
            json!({ "current_password": PASSWORD, "code": code.as_str(), "recovery_code": "00000-00000" }),
            400,
            "request.invalid",
        ),
        (json!({ "current_password": PASSWORD, "code": wrong }), 422, "auth.second_factor_wrong"),
        (json!({ "current_password": PASSWORD, "recovery_code": "00000-00000" }), 422, "auth.second_factor_wrong"),
        (json!({ "current_password": "a wrong password", "code": code.as_str() }), 422, "auth.password_wrong"),
    ];
    for (body, status, expected) in cases {
        with(body).send().await.assert_refused(status, expected);
        assert_eq!(stored(&app, &mina).await.unwrap().state, AccountState::Active);
    }
    let answer = with(json!({ "current_password": PASSWORD, "code": code.as_str() })).send().await;
    assert_eq!(answer.status, 202, "{:?}", answer.body);
    // As without one, and the factor is written too: its code is spent.
    answer.assert_cost(4, 7, 22);
    let spent = app.all::<Totp>().pop().unwrap();
    assert_eq!((spent.id, spent.last_step), (totp.id, TotpStep::at(app.now())));
}

#[tokio::test]
async fn attack_47_50_five_attempts_at_both_proofs_and_a_spent_code_erases_nobody() {
    let app = TestApp::start(&users::SERVICE).await;
    let (mina, totp, secret) = with_second_factor(&app).await;
    let code = secret.code(TotpStep::at(app.now()));
    let spent = vec![Change::Set("last_step", TotpStep::at(app.now()).number().into())];
    app.table().update(&totp.to_key(), spent, Condition::Present).await.unwrap();
    let with = |body| app.delete(DELETE_ME).as_user(&mina).json(body);
    for _ in 0..5 {
        let answer = with(json!({ "current_password": PASSWORD, "code": code.as_str() })).send().await;
        answer.assert_refused(422, "auth.second_factor_wrong");
    }
    let recovery = app.totp_key().recovery_codes(mina.id, totp.id)[0].clone();
    let body = json!({ "current_password": PASSWORD, "recovery_code": recovery });
    with(body.clone()).send().await.assert_refused(429, "auth.too_many_attempts");
    assert_eq!(stored(&app, &mina).await.unwrap().state, AccountState::Active);
    app.advance(Seconds::minutes(15));
    assert_eq!(with(body).send().await.status, 202, "a recovery code stands in for the app");
}

#[tokio::test]
async fn a_payment_that_is_not_known_and_a_purchase_that_has_not_ended_hold_the_buyer_up() {
    let app = TestApp::start(&users::SERVICE).await;
    let (mina, seller) = (app.user("mina").await, app.user("seller").await);
    let lamp = offer(&app, &seller, 9).await;
    let pending = place(&app, &mina, &lamp).await;

    let confirming = walk(&app, pending, &PAY[..1]).await;
    let refused = withdraw(&app, &mina).send().await;
    refused.assert_refused(409, "users.withdrawal_hindered");
    assert!(refused.problem().detail.contains("payment"), "{:?}", refused.body);

    let paid = walk(&app, confirming, &PAY[1..]).await;
    let refused = withdraw(&app, &mina).language("ko").send().await;
    refused.assert_refused(409, "users.withdrawal_hindered");
    assert!(refused.problem().detail.contains("주문"), "{:?}", refused.body);
    assert_eq!(stored(&app, &mina).await.unwrap().state, AccountState::Active);
    assert!(
        app.outbox().iter().all(|event| matches!(event.effect, Effect::MailOrder { .. } | Effect::TellStore { .. }))
    );

    for _ in 0..5 {
        withdraw(&app, &mina).send().await.assert_refused(409, "users.withdrawal_hindered");
    }
    walk(&app, paid, &RECEIVE).await;
    let answer = withdraw(&app, &mina).send().await;
    assert_eq!(answer.status, 202, "the purchase has come to its end, and no password was wrong: {:?}", answer.body);
}

#[tokio::test]
async fn attack_2_what_others_order_or_buy_keeps_no_seller_from_withdrawing() {
    let app = TestApp::start(&users::SERVICE).await;
    let (mina, seller) = (app.user("mina").await, app.user("seller").await);
    let lamp = offer(&app, &seller, 9).await;
    let order = place(&app, &mina, &lamp).await;
    walk(&app, order, &PAY).await;
    place(&app, &mina, &lamp).await;
    assert_eq!(withdraw(&app, &seller).send().await.status, 202);
}

#[tokio::test]
async fn a_seller_who_does_nothing_holds_a_buyer_up_for_thirty_days() {
    let app = TestApp::start(&users::SERVICE).await;
    let (mina, seller) = (app.user("mina").await, app.user("seller").await);
    let lamp = offer(&app, &seller, 9).await;
    let order = place(&app, &mina, &lamp).await;
    let order = walk(&app, order, &PAY).await;
    app.advance(Seconds(30 * 86_400 - 1));
    withdraw(&app, &mina).send().await.assert_refused(409, "users.withdrawal_hindered");
    app.advance(Seconds(1));
    assert_eq!(withdraw(&app, &mina).send().await.status, 202);
    assert!(order.step(SellEvent::Prepare, Actor::Seller, app.now()).is_ok(), "whose order goes on");
}

#[tokio::test]
async fn of_many_withdrawals_at_once_one_is_planned() {
    let app = TestApp::start(&users::SERVICE).await;
    let mina = app.user("mina").await;
    let requests: Vec<TestRequest<'_>> = (0..4).map(|_| withdraw(&app, &mina).may_break()).collect();
    let answers = TestRequest::all_at_once(requests).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 202).count(), 1);
    assert_eq!((app.outbox().len(), stored(&app, &mina).await.unwrap().epoch), (1, 1));
}

#[tokio::test]
async fn attack_40_46_who_is_not_signed_in_or_no_longer_withdraws_nobody() {
    let app = TestApp::start(&users::SERVICE).await;
    let mina = app.user("mina").await;
    let request = app.delete(DELETE_ME).json(json!({ "current_password": PASSWORD }));
    sweeps::assert_needs_sign_in(&request, &app.token_of(&mina)).await;
    let mut earlier = mina.clone();
    earlier.epoch = 7;
    withdraw(&app, &earlier).send().await.assert_refused(401, "auth.sign_in_needed");
    withdraw(&app, &app.deleted_user()).send().await.assert_refused(401, "auth.sign_in_needed");
}

#[tokio::test]
async fn attack_58_61_exactly_one_proof_as_json_is_taken() {
    let app = TestApp::start(&users::SERVICE).await;
    let mina = app.user("mina").await;
    for body in
        [json!({}), json!({ "current_password": PASSWORD, "email_proof": "x" }), json!({ "current_password": null })]
    {
        app.delete(DELETE_ME).as_user(&mina).json(body).send().await.assert_refused(400, "request.invalid");
    }
    let request = app.delete(DELETE_ME).as_user(&mina);
    sweeps::assert_takes_only_its_json(&request, &json!({ "email_proof": "x.y" })).await;
    assert_eq!(stored(&app, &mina).await.unwrap().state, AccountState::Active);
}
