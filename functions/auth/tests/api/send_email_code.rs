//! Sending codes: what is sent, to whom, how often, and what a stranger can learn from it.

use domain::{auth::CodePurpose, ids::EmailCodeId, timestamp::Seconds};
use engines::{Engine, FaultKind, FaultRule};
use serde_json::json;
use shared::store::{
    Kind,
    email_codes::EmailCode,
    expression::{Change, Condition},
    limits::Limit,
    outbox::Effect,
};
use testkit::{ORIGIN_KEY, TestApp, TestRequest, sweeps};

use crate::steps::{MINA, counted, send, start, told};

#[tokio::test]
async fn a_code_is_sent_and_told_until_when_it_holds() {
    let app = start().await;
    let answer = send(&app, "Mina@Example.com").language("ko").send().await;
    assert_eq!(answer.status, 202, "{:?}", answer.body);
    assert_eq!(
        answer.json(),
        json!({ "expires_at": "2026-11-21T09:10:00.000Z", "resend_after": "2026-11-21T09:01:00.000Z" })
    );
    let outbox = app.outbox();
    let [event] = outbox.as_slice() else { panic!("{outbox:?}") };
    let Effect::MailCode { to, purpose, code_id, language } = &event.effect else { panic!("{event:?}") };
    assert_eq!((to.as_str(), *purpose, language.tag()), (MINA, CodePurpose::SignUp, "ko"));
    let codes = app.all::<EmailCode>();
    assert_eq!(codes.iter().map(|code| code.id).collect::<Vec<EmailCodeId>>(), [*code_id]);
    // Seven writes of two units each, and one for the outbox's place in the due index.
    answer.assert_cost(1, 0, 30);
}

#[tokio::test]
async fn a_second_code_within_a_minute_is_refused_and_changes_nothing() {
    let app = start().await;
    assert_eq!(send(&app, MINA).send().await.status, 202);
    let first = app.items().len();
    for (passed, left) in [(0, 60), (59, 1)] {
        let answer = send(&app, MINA).later(Seconds(passed)).send().await;
        answer.assert_refused(429, "auth.code_too_soon");
        assert_eq!(answer.retry_after_s(), Some(left));
    }
    assert_eq!((app.items().len(), app.outbox().len()), (first, 1));
    app.advance(Seconds(60));
    assert_eq!(send(&app, MINA).send().await.status, 202);
    assert_eq!((app.all::<EmailCode>().len(), app.outbox().len()), (1, 2));
}

#[tokio::test]
async fn attack_48_addresses_with_and_without_an_account_get_the_same_answer_at_the_same_cost() {
    let app = start().await;
    let known = app.user("mina").await;
    let of_known = send(&app, known.email.as_str()).send().await;
    let of_unknown = send(&app, "nobody@example.com").send().await;
    assert_eq!(told(&of_known), told(&of_unknown));
    assert_eq!(of_known.usage, of_unknown.usage);
    let again = [send(&app, known.email.as_str()).send().await, send(&app, "nobody@example.com").send().await];
    assert_eq!(told(&again[0]), told(&again[1]));
}

#[tokio::test]
async fn an_address_gets_five_codes_an_hour_and_ten_a_day() {
    let app = start().await;
    for hour in 0..2 {
        for _ in 0..5 {
            assert_eq!(send(&app, MINA).send().await.status, 202, "hour {hour}");
            app.advance(Seconds::minutes(10));
        }
        let answer = send(&app, MINA).send().await;
        answer.assert_refused(429, "auth.too_many_codes");
        assert_eq!(answer.retry_after_s(), Some(600), "until the hour ends");
        assert_eq!(answer.header("ratelimit"), Some(r#""codes-sign-up-address-hour";r=0;t=600"#));
        let policies = answer.header("ratelimit-policy").unwrap();
        assert!(policies.contains(r#""codes-sign-up-address-day";q=10;w=86400"#), "{policies}");
        app.advance(Seconds::minutes(10));
    }
    let answer = send(&app, MINA).send().await;
    answer.assert_refused(429, "auth.too_many_codes");
    assert_eq!(answer.retry_after_s(), Some(13 * 3_600), "until the day ends");
    assert_eq!(app.outbox().len(), 10);
    assert_eq!(send(&app, "other@example.com").send().await.status, 202, "others are not concerned");
    app.advance(Seconds::hours(13));
    assert_eq!(send(&app, MINA).send().await.status, 202, "the next day");
}

#[tokio::test]
async fn attack_32_a_source_gets_twenty_codes_an_hour_and_cannot_pretend_to_be_another() {
    let app = start().await;
    let requests = (0..30).map(|n| send(&app, &format!("person{n}@example.com"))).collect();
    let answers = TestRequest::all_at_once(requests).await;
    let refused = (429, "auth.too_many_codes".to_owned());
    assert_eq!(counted(&answers), [((202, String::new()), 20), (refused, 10)].into());
    let pretended = [
        send(&app, "a@example.com").header("x-forwarded-for", "198.51.100.1"),
        send(&app, "a@example.com").header("cloudfront-viewer-address", "198.51.100.1:443"),
        send(&app, "a@example.com")
            .header("cloudfront-viewer-address", "198.51.100.1:443")
            .header("x-origin-key", "guess"),
    ];
    for request in pretended {
        request.send().await.assert_refused(429, "auth.too_many_codes");
    }
    assert_eq!(send(&app, "a@example.com").from("198.51.100.1").send().await.status, 202);
    let through_cloudfront = send(&app, "b@example.com")
        .header("cloudfront-viewer-address", "198.51.100.2:443")
        .header("x-origin-key", ORIGIN_KEY);
    assert_eq!(through_cloudfront.send().await.status, 202);
}

#[tokio::test]
async fn addresses_of_one_ipv4_network_are_one_source() {
    let app = start().await;
    for n in 0..20 {
        let answer = send(&app, &format!("person{n}@example.com")).from(&format!("198.51.100.{n}")).send().await;
        assert_eq!(answer.status, 202);
    }
    let more = send(&app, "more@example.com");
    more.clone().from("198.51.100.255").send().await.assert_refused(429, "auth.too_many_codes");
    assert_eq!(more.from("198.51.101.1").send().await.status, 202);
}

#[tokio::test]
async fn attack_76_when_everybody_asks_for_codes_no_more_are_mailed_and_we_hear_of_it() {
    let app = start().await;
    everybody_has(&app, "codes-everybody-sign-up", 69).await;
    assert_eq!(send(&app, MINA).send().await.status, 202);
    app.advance(Seconds(60));
    let answer = send(&app, MINA).send().await;
    answer.assert_refused(429, "auth.too_many_codes");
    assert_eq!((answer.retry_after_s(), app.outbox().len()), (Some(3_540), 1));
    assert!(answer.line.contains(r#""level":"error""#), "{}", answer.line);
    app.advance(Seconds::hours(1));
    assert_eq!(send(&app, MINA).send().await.status, 202);
}

const PURPOSES: [&str; 3] = ["sign_up", "password_reset", "confirm"];

fn send_for<'a>(app: &'a TestApp, email: &str, purpose: &str) -> TestRequest<'a> {
    app.post("auth.send_email_code").json(json!({ "email": email, "purpose": purpose }))
}

#[tokio::test]
async fn attack_76_whoever_spends_the_codes_of_one_purpose_leaves_an_address_those_of_the_others() {
    for spent in PURPOSES {
        let app = start().await;
        for hour in 0..2 {
            for _ in 0..5 {
                assert_eq!(send_for(&app, MINA, spent).send().await.status, 202, "{spent} in hour {hour}");
                app.advance(Seconds::minutes(10));
            }
            app.advance(Seconds::minutes(10));
        }
        send_for(&app, MINA, spent).send().await.assert_refused(429, "auth.too_many_codes");
        for other in PURPOSES.into_iter().filter(|other| *other != spent) {
            let answer = send_for(&app, MINA, other).send().await;
            assert_eq!(answer.status, 202, "{other} after all of {spent}: {:?}", answer.body);
        }
    }
}

#[tokio::test]
async fn attack_76_whoever_spends_the_codes_of_a_network_leaves_it_those_of_the_other_purposes() {
    let app = start().await;
    for n in 0..20 {
        assert_eq!(send(&app, &format!("person{n}@example.com")).send().await.status, 202);
    }
    send(&app, MINA).send().await.assert_refused(429, "auth.too_many_codes");
    for other in ["password_reset", "confirm"] {
        assert_eq!(send_for(&app, MINA, other).send().await.status, 202, "{other}");
    }
}

/// The owner, from a network of their own, sets another password with the newest code that is in their mailbox,
/// whoever asked for it.
async fn owner_resets(app: &TestApp) {
    let asked = send_for(app, MINA, "password_reset").from("198.51.100.7").send().await;
    if asked.status != 202 {
        asked.assert_refused(429, "auth.code_too_soon");
    }
    let code = app.mail_code_for(MINA, CodePurpose::PasswordReset).await;
    let body = json!({ "email": MINA, "purpose": "password_reset", "code": code });
    let proof = app.post("auth.verify_email_code").json(body).from("198.51.100.7").send().await;
    assert_eq!(proof.status, 200, "{:?}", proof.body);
    let body = json!({ "email_proof": proof.json()["email_proof"], "password": "purple monkey dishwasher" });
    assert_eq!(app.post("auth.reset_password").json(body).from("198.51.100.7").send().await.status, 204);
}

#[tokio::test]
async fn attack_47_strangers_from_hundreds_of_networks_keep_no_owner_from_setting_a_forgotten_password() {
    let app = start().await;
    app.user("mina").await;
    for stranger in 0..360 {
        let network = format!("10.{}.{}.1", stranger / 256, stranger % 256);
        let asked = send_for(&app, MINA, "password_reset").from(&network).send().await;
        assert!(matches!(asked.status, 202 | 429), "{:?}", asked.body);
        app.advance(Seconds(20));
        // At any moment of these two hours there is a way in.
        if stranger == 90 {
            owner_resets(&app).await;
        }
    }
    owner_resets(&app).await;
    let mails = app.outbox().len();
    assert!((12..=26).contains(&mails), "ten at once, then one every ten minutes and no flood: {mails}");
}

#[tokio::test]
async fn attack_76_an_address_is_mailed_ten_codes_and_then_one_whenever_the_one_before_is_over() {
    let app = start().await;
    let ask = |n: u32| send_for(&app, MINA, "confirm").from(&format!("10.0.{n}.1")).send();
    for n in 0..10 {
        assert_eq!(ask(n).await.status, 202, "{n}");
        app.advance(Seconds::minutes(1));
    }
    let refused = ask(10).await;
    refused.assert_refused(429, "auth.code_too_soon");
    assert_eq!(refused.retry_after_s(), Some(9 * 60), "until the last code is over");
    app.advance(Seconds(9 * 60 - 1));
    ask(11).await.assert_refused(429, "auth.code_too_soon");
    app.advance(Seconds(1));
    assert_eq!(ask(12).await.status, 202);
    ask(13).await.assert_refused(429, "auth.code_too_soon");
}

/// So many codes were mailed to everybody in this hour, in each sixteenth.
async fn everybody_has(app: &TestApp, feature: &'static str, count: i64) {
    let everybody = Limit { feature, most: 125, window: Seconds::hours(1) };
    for sixteenth in 0..16 {
        let (counter, mut changes, _) = everybody.count(&format!("{sixteenth:x}"), app.now());
        changes.remove(0);
        changes.push(Change::Set("count", count.into()));
        app.table().update(&counter, changes, Condition::Absent).await.unwrap();
    }
}

#[tokio::test]
async fn attack_76_a_flood_of_codes_for_one_purpose_leaves_the_others_their_share() {
    let shares = [("sign_up", "sign-up", 70), ("password_reset", "reset", 35), ("confirm", "confirm", 20)];
    for (flooded, feature, most) in shares {
        let app = start().await;
        everybody_has(&app, format!("codes-everybody-{feature}").leak(), most).await;
        for (purpose, ..) in shares {
            let answer =
                app.post("auth.send_email_code").json(json!({ "email": MINA, "purpose": purpose })).send().await;
            let expected = if purpose == flooded { 429 } else { 202 };
            assert_eq!(answer.status, expected, "{purpose} in a flood of {flooded}: {:?}", answer.body);
        }
    }
}

#[tokio::test]
async fn attack_76_addresses_of_one_ipv6_customer_are_one_source() {
    let app = start().await;
    for n in 0..20 {
        let answer = send(&app, &format!("person{n}@example.com")).from(&format!("2001:db8:1:{n:x}::1")).send().await;
        assert_eq!(answer.status, 202);
    }
    let more = send(&app, "more@example.com");
    more.clone().from("2001:db8:1:ffff::1").send().await.assert_refused(429, "auth.too_many_codes");
    assert_eq!(more.from("2001:db8:2:1::1").send().await.status, 202);
}

#[tokio::test]
async fn of_many_at_once_one_code_is_sent() {
    let app = start().await;
    let answers = send(&app, MINA).send_at_once(32).await;
    assert_eq!(counted(&answers), [((202, String::new()), 1), ((429, "auth.code_too_soon".to_owned()), 31)].into());
    assert_eq!(app.outbox().len(), 1);
}

#[tokio::test]
async fn a_lost_race_is_run_again_and_changes_nothing_about_the_outcome() {
    let app = start().await;
    let conflict = FaultRule::always(Engine::Database, FaultKind::TransactionConflict).on("TransactWriteItems");
    app.fail(vec![conflict.clone().times(3)]);
    let answer = send(&app, MINA).send().await;
    assert_eq!((answer.status, answer.usage.calls, app.outbox().len()), (202, 4, 1));
    app.fail(vec![conflict]);
    let answer = send(&app, "ben@example.com").may_break().send().await;
    answer.assert_refused(503, "unavailable");
    assert_eq!(app.outbox().len(), 1);
    app.heal();
    assert_eq!(send(&app, "ben@example.com").send().await.status, 202);
}

#[tokio::test]
async fn a_code_whose_confirmation_was_lost_is_sent_once() {
    let app = start().await;
    app.fail(vec![FaultRule::always(Engine::Database, FaultKind::TimeOutAfterApply).times(1)]);
    assert_eq!(send(&app, MINA).send().await.status, 202);
    assert_eq!(app.outbox().len(), 1);
}

#[tokio::test]
async fn attack_68_when_the_database_breaks_the_answer_says_nothing_of_the_inside() {
    let app = start().await;
    app.fail(vec![FaultRule::always(Engine::Database, FaultKind::ServerError)]);
    let answer = send(&app, MINA).may_break().send().await;
    answer.assert_refused(503, "unavailable");
    let body = String::from_utf8(answer.body.to_vec()).unwrap().to_lowercase();
    for inside in ["dynamo", "table", "arn:", "error:", "transact", MINA] {
        assert!(!body.contains(inside), "{inside}: {body}");
    }
    assert!(answer.fault.is_some_and(|fault| fault.contains("write a transaction")), "the log has the cause");
}

#[tokio::test]
async fn attack_58_59_61_63_only_the_json_of_this_request_is_taken() {
    let app = start().await;
    let request = app.post("auth.send_email_code");
    sweeps::assert_takes_only_its_json(&request, &json!({ "email": MINA, "purpose": "sign_up" })).await;
    assert!(app.items().is_empty());
}

#[tokio::test]
async fn attack_64_every_field_at_fault_is_named_at_once() {
    let app = start().await;
    let body = json!({ "email": "a@b.de\r\nBcc: x@y.zz", "purpose": "world_domination" });
    let answer = app.post("auth.send_email_code").json(body).send().await;
    answer.assert_refused(400, "request.invalid");
    assert_eq!(answer.pointers(), ["/email", "/purpose"]);
    let answer = app.post("auth.send_email_code").json(json!({})).send().await;
    assert_eq!(answer.pointers(), ["/email"]);
}

#[tokio::test]
async fn attack_69_no_address_is_in_the_log_or_in_a_counter() {
    let app = start().await;
    for _ in 0..2 {
        let line = send(&app, MINA).send().await.line;
        assert!(!line.contains("mina") && !line.contains("203.0.113"), "{line}");
    }
    for item in app.items().iter().filter(|item| item.is(Kind::LIMIT_COUNTER)) {
        assert!(!item.text("pk").unwrap().contains("mina"), "{item:?}");
    }
}
