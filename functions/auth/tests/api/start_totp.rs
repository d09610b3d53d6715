//! Setting up a second factor: the secret is shown once, kept encrypted, and protects nothing yet.

use domain::auth::{CodePurpose, totp::TotpStep};
use serde_json::json;
use shared::store::{
    expression::Change,
    expression::Condition,
    totp::{Totp, TotpState},
    users::Password,
    users::User,
};
use testkit::{PASSWORD, sweeps};

use crate::{
    steps::{assert_takes_the_password_only, sign_in, start},
    two_steps::{enable, secret_of, start_totp, stored, totp_of, with_totp},
};

#[tokio::test]
async fn the_secret_comes_as_text_as_an_address_and_as_a_picture() {
    let app = start().await;
    let mina = app.user("mina").await;
    let answer = start_totp(&app, &mina).send().await;
    assert_eq!(answer.status, 200, "{:?}", answer.body);
    let body = answer.json();
    let secret = secret_of(&app, &mina).to_base32();
    assert_eq!(body["secret"], secret, "as authenticator libraries take it, without spaces");
    assert_eq!(secret.len(), 32, "160 bits");
    assert_eq!(
        body["uri"],
        format!(
            "otpauth://totp/Jangteo:mina%40example.com?secret={secret}&issuer=Jangteo&algorithm=SHA1&digits=6&period=30"
        )
    );
    assert!(body["qr_svg"].as_str().unwrap().starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\""));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let totp = totp_of(&app, &mina).unwrap();
    assert_eq!((totp.state, totp.last_step), (TotpState::Pending, TotpStep::NEVER));
    assert!(!stored(&app, &mina).second_factor);
    assert_eq!(sign_in(&app, "mina@example.com", PASSWORD).send().await.status, 200, "it protects nothing yet");
    // The person and their password; the count of guesses; the new item, a look at the person and the count.
    answer.assert_cost(3, 4, 14);
    assert_eq!(answer.usage.password_hashes, 1);
}

#[tokio::test]
async fn asked_again_it_makes_another_secret_and_the_one_before_is_forgotten() {
    let app = start().await;
    let mina = app.user("mina").await;
    app.session_of(&mina).await;
    start_totp(&app, &mina).send().await;
    let (before, code) = (totp_of(&app, &mina).unwrap(), secret_of(&app, &mina).code(TotpStep::at(app.now())));
    start_totp(&app, &mina).send().await;
    let after = totp_of(&app, &mina).unwrap();
    assert!(before.id != after.id && before.secret != after.secret);
    assert_ne!(secret_of(&app, &mina).code(TotpStep::at(app.now())), code, "by a chance of one in a million");
    enable(&app, &mina, code.as_str()).send().await.assert_refused(422, "auth.second_factor_wrong");
}

#[tokio::test]
async fn attack_51_a_second_factor_that_is_on_cannot_be_replaced() {
    let app = start().await;
    let (mina, _) = with_totp(&app, "mina").await;
    let before = totp_of(&app, &mina);
    start_totp(&app, &mina).send().await.assert_refused(409, "auth.totp_enabled");
    assert_eq!(totp_of(&app, &mina), before);
}

#[tokio::test]
async fn attack_51_an_open_session_is_not_enough_to_lock_its_owner_out() {
    let app = start().await;
    let mina = app.user("mina").await;
    let with = |body| app.post("auth.start_totp").json(body).as_user(&mina);
    assert_takes_the_password_only(&app, with).await;
    assert!(app.all::<Totp>().is_empty());
}

#[tokio::test]
async fn people_without_a_password_prove_their_address_once() {
    let app = start().await;
    let mina = app.user("mina").await;
    app.table().delete(&Password::key(mina.id), Condition::Present).await.unwrap();
    start_totp(&app, &mina).send().await.assert_refused(422, "auth.fresh_proof_needed");
    let proof = app.email_proof("mina@example.com", CodePurpose::Confirm).await;
    let with = || app.post("auth.start_totp").json(json!({ "email_proof": proof })).as_user(&mina);
    assert_eq!(with().send().await.status, 200);
    let first = totp_of(&app, &mina);
    with().send().await.assert_refused(401, "auth.email_proof_invalid");
    assert_eq!(totp_of(&app, &mina), first);
}

#[tokio::test]
async fn attack_46_whoever_was_signed_out_sets_up_nothing() {
    let app = start().await;
    let (mina, gone) = (app.user("mina").await, app.deleted_user());
    app.table().update(&User::key(mina.id), vec![Change::Add("epoch", 1)], Condition::Present).await.unwrap();
    for user in [&mina, &gone] {
        start_totp(&app, user).send().await.assert_refused(401, "auth.sign_in_needed");
    }
    assert!(app.all::<Totp>().is_empty());
}

#[tokio::test]
async fn attack_13_69_the_secret_is_in_no_item_and_no_log_line() {
    let app = start().await;
    let mina = app.user("mina").await;
    let answer = start_totp(&app, &mina).send().await;
    let secret = secret_of(&app, &mina).to_base32();
    for hidden in [secret.as_str(), "mina", "otpauth"] {
        assert!(!answer.line.contains(hidden), "{}", answer.line);
    }
    assert!(app.items().iter().all(|item| !format!("{item:?}").contains(&secret)));
}

#[tokio::test]
async fn attack_5_40_58_61_63_only_a_person_who_is_signed_in_and_this_request() {
    let app = start().await;
    let mina = app.user("mina").await;
    let good = json!({ "current_password": PASSWORD });
    sweeps::assert_needs_sign_in(&app.post("auth.start_totp").json(good.clone()), &app.token_of(&mina)).await;
    sweeps::assert_takes_only_its_json(&app.post("auth.start_totp").as_user(&mina), &good).await;
    assert!(app.all::<Totp>().is_empty());
}
