//! Bounces and complaints: remembered once, and respected from then on.

use domain::{
    Language, Timestamp,
    auth::{CodePurpose, Notice},
    ids::EmailCodeId,
    text::Email,
    timestamp::Seconds,
};
use engines::{Engine, FaultKind, FaultRule};
use serde_json::{Value, json};
use shared::{
    random,
    store::{
        outbox::{Effect, EffectState},
        suppressions::{PAUSE, Reason, Suppression},
        users::User,
    },
};
use testkit::{KilledAfter, TestApp};

use crate::steps::{deliver, mails, records, start, states, sweep, write};

const NOTE: &str = "notifications.note_mail_event";
const MINA: &str = "mina@example.com";

fn bounce(app: &TestApp, kind: &str, to: &[&str], report: &str) -> Value {
    let recipients: Vec<Value> = to.iter().map(|to| json!({ "emailAddress": to })).collect();
    let bounce = json!({
        "bounceType": kind, "bounceSubType": "General", "bouncedRecipients": recipients,
        "timestamp": app.now(), "feedbackId": report,
    });
    event(app, "Email Bounced", &json!({ "eventType": "Bounce", "bounce": bounce, "mail": {} }))
}

fn complaint(app: &TestApp, kind: Option<&str>, to: &str, report: &str) -> Value {
    let complaint = json!({
        "complaintFeedbackType": kind, "complainedRecipients": [{ "emailAddress": to }],
        "timestamp": app.now(), "feedbackId": report,
    });
    event(app, "Email Complaint Received", &json!({ "eventType": "Complaint", "complaint": complaint, "mail": {} }))
}

fn event(app: &TestApp, kind: &str, detail: &Value) -> Value {
    json!({
        "version": "0", "id": "1", "detail-type": kind, "source": "aws.ses", "account": "000000000000",
        "time": app.now(), "region": "ap-northeast-2", "resources": [], "detail": detail,
    })
}

async fn note(app: &TestApp, event: Value) -> (u32, u32, u32) {
    let (_, usage) = app.run_job(NOTE, event).await.unwrap_or_else(|fault| panic!("{}", fault.chain()));
    (usage.calls, usage.read_half_units, usage.write_half_units)
}

fn known(app: &TestApp, email: &str) -> Option<Suppression> {
    app.all::<Suppression>().into_iter().find(|known| known.email.as_str() == email)
}

async fn notice(app: &TestApp, to: &str) {
    let (to, what) = (Email::parse(to).unwrap(), Notice::PasswordChanged);
    write(app, Effect::MailNotice { to, what, language: Language::English }).await;
}

fn is_deliverable(app: &TestApp, email: &str) -> bool {
    app.all::<User>().iter().all(|user| user.email.as_str() != email || !user.email_undeliverable)
}

#[tokio::test]
async fn an_address_that_bounced_for_good_is_never_sent_to_again_and_its_owner_sees_it() {
    let app = start().await;
    let _ = (app.user("mina").await, app.user("ben").await);
    // What is known and whose it is are read; both are written.
    assert_eq!(note(&app, bounce(&app, "Permanent", &["Mina@Example.com"], "a")).await, (3, 4, 8));
    assert_eq!(known(&app, MINA).unwrap().for_ever, Some(Reason::Bounced));
    assert!(!is_deliverable(&app, MINA) && is_deliverable(&app, "ben@example.com"));
    notice(&app, MINA).await;
    notice(&app, "ben@example.com").await;
    deliver(&app, &records(&app)).await;
    assert_eq!((mails(&app, MINA), mails(&app, "ben@example.com")), (0, 1));
    let mut states = states(&app);
    states.sort_by_key(|(state, _)| *state == EffectState::Suppressed);
    assert_eq!(states, [(EffectState::Done, 1), (EffectState::Suppressed, 1)], "the event says why");
    app.advance(Seconds::days(400));
    notice(&app, MINA).await;
    deliver(&app, &records(&app)).await;
    sweep(&app).await.unwrap();
    assert_eq!(mails(&app, MINA), 0);
}

#[tokio::test]
async fn codes_are_not_sent_there_either() {
    let app = start().await;
    note(&app, complaint(&app, Some("abuse"), MINA, "a")).await;
    assert_eq!(known(&app, MINA).unwrap().for_ever, Some(Reason::Complained));
    let code_id = EmailCodeId::new(app.now(), random::entropy().unwrap());
    let (to, purpose, language) = (Email::parse(MINA).unwrap(), CodePurpose::SignUp, Language::English);
    write(&app, Effect::MailCode { to, purpose, code_id, language }).await;
    deliver(&app, &records(&app)).await;
    assert_eq!((mails(&app, MINA), states(&app)), (0, vec![(EffectState::Suppressed, 1)]));
}

#[tokio::test]
async fn what_passes_is_counted_and_pauses_for_a_day() {
    let app = start().await;
    let _ = app.user("mina").await;
    for report in ["a", "b"] {
        note(&app, bounce(&app, "Transient", &[MINA], report)).await;
    }
    notice(&app, MINA).await;
    deliver(&app, &records(&app)).await;
    assert_eq!(mails(&app, MINA), 1, "twice is not thrice");
    note(&app, bounce(&app, "Undetermined", &[MINA], "c")).await;
    notice(&app, MINA).await;
    deliver(&app, &records(&app)).await;
    assert_eq!((mails(&app, MINA), is_deliverable(&app, MINA)), (1, true));
    app.advance(PAUSE);
    notice(&app, MINA).await;
    // The stream tells the time of the newest record.
    deliver(&app, &records(&app)[2..]).await;
    assert_eq!(mails(&app, MINA), 2);
}

#[tokio::test]
async fn reports_that_come_again_late_or_in_another_order_end_the_same() {
    let reports = |app: &TestApp| {
        vec![
            bounce(app, "Transient", &[MINA], "a"),
            bounce(app, "Transient", &[MINA], "b"),
            bounce(app, "Permanent", &[MINA], "c"),
            complaint(app, Some("abuse"), MINA, "d"),
        ]
    };
    for turn in 0..4 {
        let app = start().await;
        let _ = app.user("mina").await;
        let mut events = [reports(&app), reports(&app)].concat();
        events.rotate_left(turn);
        if turn % 2 == 1 {
            events.reverse();
        }
        for event in events {
            note(&app, event).await;
        }
        assert!(known(&app, MINA).unwrap().for_ever.is_some() && !is_deliverable(&app, MINA));
    }
    let app = start().await;
    for report in ["a", "a", "b", "a", "b"] {
        note(&app, bounce(&app, "Transient", &[MINA], report)).await;
    }
    let once = known(&app, MINA).unwrap();
    assert_eq!((once.passing, once.version, once.stops(app.now())), (2, 2, false));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn reports_at_once_are_all_counted_and_each_once() {
    let app = start().await;
    let event = |report: &str| app.run_job(NOTE, bounce(&app, "Transient", &[MINA], report));
    let (a, b, c, d) = tokio::join!(event("a"), event("a"), event("b"), event("b"));
    assert!([a, b, c, d].iter().all(Result::is_ok));
    assert_eq!(known(&app, MINA).unwrap().passing, 2);
}

#[tokio::test]
async fn a_report_that_nobody_complained_is_no_complaint() {
    let app = start().await;
    for kind in ["not-spam", "auth-failure"] {
        assert_eq!(note(&app, complaint(&app, Some(kind), MINA, kind)).await, (0, 0, 0));
    }
    assert_eq!(known(&app, MINA), None);
    note(&app, complaint(&app, None, MINA, "c")).await;
    assert!(known(&app, MINA).is_some(), "without a type it is one");
}

#[tokio::test]
async fn an_address_without_an_account_or_that_cannot_be_read_breaks_nothing() {
    let app = start().await;
    note(&app, bounce(&app, "Permanent", &["nobody@example.com", "no address", ""], "a")).await;
    assert_eq!(app.all::<Suppression>().len(), 1);
}

#[tokio::test]
async fn killed_at_every_await_it_is_noted_whole_or_not_at_all_and_then_again() {
    for waits in 0..60 {
        let app = start().await;
        let _ = app.user("mina").await;
        let event = bounce(&app, "Permanent", &[MINA], "a");
        let lived = KilledAfter::new(app.run_job(NOTE, event.clone()), waits).await.is_some();
        assert_eq!(known(&app, MINA).is_some(), !is_deliverable(&app, MINA), "both or neither");
        note(&app, event).await;
        assert!(known(&app, MINA).is_some() && !is_deliverable(&app, MINA));
        if lived {
            return;
        }
    }
    panic!("the job does not end");
}

#[tokio::test]
async fn when_the_table_breaks_the_event_comes_again() {
    let app = start().await;
    app.fail(vec![FaultRule::always(Engine::Database, FaultKind::ServerError)]);
    let fault = app.run_job(NOTE, bounce(&app, "Permanent", &[MINA], "a")).await.unwrap_err();
    assert!(!fault.chain().contains('@'), "attack 69: {}", fault.chain());
    app.heal();
    assert_eq!(known(&app, MINA), None);
}

#[tokio::test]
async fn what_is_no_event_of_ses_is_refused() {
    let app = start().await;
    for event in [json!(null), json!({}), json!({ "time": Timestamp::MIN }), json!({ "detail": {} })] {
        app.run_job(NOTE, event).await.expect_err("no time or no detail");
    }
    // An event of another kind says nothing to us.
    assert_eq!(note(&app, event(&app, "Email Delivered", &json!({ "delivery": {} }))).await, (0, 0, 0));
}
