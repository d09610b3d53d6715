//! Signing in: the token, and what guessing brings.

use domain::timestamp::Seconds;
use engines::{Engine, FaultKind, FaultRule};
use serde_json::json;
use shared::tokens::access::AccessTokens;
use testkit::{PASSWORD, TestRequest, sweeps};

use crate::steps::{MINA, counted, sign_in, start, told};

#[tokio::test]
async fn the_right_password_gives_a_token_of_ten_minutes() {
    let app = start().await;
    let mina = app.user("mina").await;
    let answer = sign_in(&app, "Mina@Example.com", PASSWORD).send().await;
    assert_eq!(answer.status, 200, "{:?}", answer.body);
    let body = answer.json();
    let token = body["access_token"].as_str().unwrap();
    assert_eq!(
        body,
        json!({
            "access_token": token, "token_type": "Bearer", "expires_in_s": 600,
            "user": {
                "id": mina.id, "email": MINA, "nickname": "mina", "roles": ["customer"], "language": "en",
                "created_at": "2026-11-21T09:00:00.000Z", "picture": "/img/no-profile.svg", "second_factor": false,
                "email_deliverable": true,
                "location": null, "score": null,
            },
        })
    );
    let tokens = AccessTokens::new(&app.config().access_token_keys, &app.config().site_origin).unwrap();
    assert_eq!(tokens.check(token, app.now().plus(Seconds(599))).unwrap().sub, mina.id);
    assert!(tokens.check(token, app.now().plus(Seconds(600))).is_err());
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    // The source's two counters of two units each; the owner of the address; person and password; the
    // account's counter; then the session, the check of the person and that counter, which starts anew.
    answer.assert_cost(5, 6, 22);
}

#[tokio::test]
async fn attack_48_a_wrong_password_and_an_unknown_address_are_told_alike_and_cost_alike() {
    let app = start().await;
    let _ = app.user("mina").await;
    let wrong = sign_in(&app, MINA, "correct horse batterx").send().await;
    let unknown = sign_in(&app, "nobody@example.com", PASSWORD).send().await;
    wrong.assert_refused(401, "auth.bad_credentials");
    assert_eq!(told(&wrong), told(&unknown));
    assert_eq!(wrong.usage.touched, unknown.usage.touched);
    assert_eq!((wrong.usage.calls, wrong.usage.password_hashes), (4, 1));
    assert_eq!((unknown.usage.calls, unknown.usage.password_hashes), (4, 1));
}

#[tokio::test]
async fn attack_47_each_wrong_guess_makes_the_wait_longer_and_nobody_is_locked_out_for_good() {
    let app = start().await;
    let _ = app.user("mina").await;
    let wrong = || sign_in(&app, MINA, "a wrong password");
    for _ in 0..5 {
        wrong().send().await.assert_refused(401, "auth.bad_credentials");
    }
    for wait_s in [15, 30, 60, 120, 240, 480, 900, 900] {
        let answer = sign_in(&app, MINA, PASSWORD).from("198.51.100.1").send().await;
        answer.assert_refused(429, "auth.too_many_attempts");
        assert_eq!((answer.retry_after_s(), answer.usage.password_hashes), (Some(wait_s), 0));
        app.advance(Seconds(wait_s - 1));
        wrong().send().await.assert_refused(429, "auth.too_many_attempts");
        app.advance(Seconds(1));
        wrong().send().await.assert_refused(401, "auth.bad_credentials");
    }
    sign_in(&app, "nobody@example.com", PASSWORD).send().await.assert_refused(401, "auth.bad_credentials");
    app.advance(Seconds(900));
    assert_eq!(sign_in(&app, MINA, PASSWORD).send().await.status, 200);
    wrong().send().await.assert_refused(401, "auth.bad_credentials");
    assert_eq!(sign_in(&app, MINA, PASSWORD).send().await.status, 200, "success starts the count anew");
}

#[tokio::test]
async fn attack_47_who_asks_second_by_second_gives_way_to_the_owner_when_their_own_attempts_end() {
    let app = start().await;
    let _ = app.user("mina").await;
    let guess = || sign_in(&app, MINA, "a wrong password").from("198.51.100.1");
    for _ in 0..50 {
        assert!(["auth.bad_credentials", "auth.too_many_attempts"].contains(&&*guess().send().await.problem_code()));
    }
    app.advance(Seconds(899));
    let answer = guess().send().await;
    answer.assert_refused(429, "auth.too_many_attempts");
    assert_eq!(answer.usage.calls, 2, "the account is not looked at");
    assert_eq!(sign_in(&app, MINA, PASSWORD).send().await.status, 200);
}

#[tokio::test]
async fn attack_47_guessing_from_elsewhere_does_not_keep_a_known_device_out() {
    let app = start().await;
    let _ = app.user("mina").await;
    let first = sign_in(&app, MINA, PASSWORD).send().await;
    let device = first.cookie("__Host-device").unwrap();
    for _ in 0..5 {
        sign_in(&app, MINA, "a wrong password").from("198.51.100.1").send().await;
    }
    sign_in(&app, MINA, PASSWORD).from("198.51.100.1").send().await.assert_refused(429, "auth.too_many_attempts");
    let own = sign_in(&app, MINA, PASSWORD)
        .header("cookie", format!("__Host-device={device}"))
        .header("sec-fetch-site", "same-origin");
    assert_eq!(own.send().await.status, 200);
}

#[tokio::test]
async fn attack_48_the_limit_of_an_unknown_address_is_that_of_a_known_one() {
    let app = start().await;
    let _ = app.user("mina").await;
    let (mut known, mut unknown) = (Vec::new(), Vec::new());
    for _ in 0..11 {
        known.push(told(&sign_in(&app, MINA, "a wrong password").send().await));
        unknown.push(told(&sign_in(&app, "nobody@example.com", "a wrong password").send().await));
    }
    assert_eq!(known, unknown);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn attack_47_of_a_thousand_guesses_at_once_five_are_looked_at() {
    let app = start().await;
    let _ = app.user("mina").await;
    let answers = sign_in(&app, MINA, "a wrong password").send_at_once(1_000).await;
    let refused = (429, "auth.too_many_attempts".to_owned());
    assert_eq!(counted(&answers), [((401, "auth.bad_credentials".to_owned()), 5), (refused, 995)].into());
    assert_eq!(answers.iter().map(|answer| answer.usage.password_hashes).sum::<u32>(), 5);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn attack_47_one_guess_at_each_of_many_accounts_ends_at_fifty_for_the_source() {
    let app = start().await;
    let guesses = (0..60).map(|n| sign_in(&app, &format!("person{n}@example.com"), "a wrong password")).collect();
    let answers = TestRequest::all_at_once(guesses).await;
    let refused = (429, "auth.too_many_attempts".to_owned());
    assert_eq!(counted(&answers), [((401, "auth.bad_credentials".to_owned()), 50), (refused, 10)].into());
    let _ = app.user("mina").await;
    sign_in(&app, MINA, PASSWORD).send().await.assert_refused(429, "auth.too_many_attempts");
    assert_eq!(sign_in(&app, MINA, PASSWORD).from("198.51.100.1").send().await.status, 200);
    assert_eq!(sign_in(&app, MINA, PASSWORD).later(Seconds::minutes(15)).send().await.status, 200);
}

#[tokio::test]
async fn a_lost_race_of_the_counters_changes_nothing() {
    let app = start().await;
    let _ = app.user("mina").await;
    let conflict = FaultRule::always(Engine::Database, FaultKind::TransactionConflict).on("TransactWriteItems");
    app.fail(vec![conflict.clone().times(4)]);
    let answer = sign_in(&app, MINA, PASSWORD).send().await;
    assert_eq!((answer.status, answer.usage.calls), (200, 9));
    app.fail(vec![conflict]);
    sign_in(&app, MINA, PASSWORD).may_break().send().await.assert_refused(503, "unavailable");
}

#[tokio::test]
async fn attack_49_58_59_61_63_only_the_json_of_this_request_is_taken() {
    let app = start().await;
    let _ = app.user("mina").await;
    let good = json!({ "email": MINA, "password": PASSWORD });
    sweeps::assert_takes_only_its_json(&app.post("auth.sign_in"), &good).await;
    sign_in(&app, MINA, &"x".repeat(1_537)).send().await.assert_refused(400, "request.invalid");
    sign_in(&app, MINA, "").send().await.assert_refused(401, "auth.bad_credentials");
    sign_in(&app, MINA, &format!("{PASSWORD} ")).send().await.assert_refused(401, "auth.bad_credentials");
    sign_in(&app, MINA, &PASSWORD.to_uppercase()).send().await.assert_refused(401, "auth.bad_credentials");
}

#[tokio::test]
async fn attack_13_69_password_token_and_address_are_in_no_log_line() {
    let app = start().await;
    let _ = app.user("mina").await;
    let answer = sign_in(&app, MINA, PASSWORD).send().await;
    let body = answer.json();
    assert!(!body.to_string().contains("argon2"));
    let refused = sign_in(&app, MINA, "hunter2hunter2").send().await;
    for hidden in [body["access_token"].as_str().unwrap(), PASSWORD, "hunter2", "mina", "203.0.113"] {
        assert!(!answer.line.contains(hidden) && !refused.line.contains(hidden), "{} {}", answer.line, refused.line);
    }
}
