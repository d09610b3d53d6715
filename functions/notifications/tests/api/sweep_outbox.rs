//! Effects that the stream lost: found when their time is over, whoever else is at them. What goes wrong
//! with one: `faults`.

use std::pin::pin;

use domain::{Language, auth::Notice, text::Email, timestamp::Seconds};
use engines::FaultKind;
use serde_json::json;
use shared::{
    api::job::WorkTime,
    store::{
        Entity as _, Kind,
        expression::{Change, Condition},
        outbox::{Effect, EffectState, GIVEN_UP_AFTER, LEASE},
        suppressions::Trouble,
    },
};
use testkit::TestApp;

use crate::steps::{
    DELIVER, SWEEP, code, deliver, mail_fails, mails, paid_by_guest, records, start, states, sweep, told_by_sweep,
    write,
};

const MINA: &str = "mina@example.com";

#[tokio::test]
async fn what_the_stream_lost_is_sent_after_two_minutes_and_not_before() {
    let app = start().await;
    paid_by_guest(&app, MINA).await;
    let digits = code(&app, "ben@example.com", Language::Korean).await;
    app.advance(Seconds(119));
    assert_eq!(sweep(&app).await.unwrap(), 2, "both shards of the index are asked, and nothing else");
    assert!(app.engines().mailbox().list(None).is_empty(), "the stream may still bring it");
    app.advance(Seconds(1));
    // Each effect is taken and noted, its address is read, and the order.
    assert_eq!(sweep(&app).await.unwrap(), 9);
    assert_eq!((mails(&app, MINA), mails(&app, "ben@example.com")), (1, 1));
    assert!(app.engines().mailbox().list(Some("ben@example.com"))[0].text.contains(&digits));
    assert_eq!(states(&app), [(EffectState::Done, 1), (EffectState::Done, 1)]);
    app.advance(Seconds::hours(1));
    assert_eq!(sweep(&app).await.unwrap(), 2);
    assert_eq!(deliver(&app, &records(&app)).await.batch_item_failures.len(), 0);
    assert_eq!((mails(&app, MINA), mails(&app, "ben@example.com")), (1, 1));
}

#[tokio::test]
async fn an_attempt_that_is_under_way_is_left_alone_until_its_lease_ends() {
    let app = start().await;
    let event = {
        paid_by_guest(&app, MINA).await;
        app.outbox().remove(0)
    };
    app.advance(Seconds(110));
    // Somebody took it and died.
    assert!(app.table().lease_event(event.id, app.now()).await.unwrap().is_some());
    app.advance(Seconds(119));
    sweep(&app).await.unwrap();
    deliver(&app, &records(&app)).await;
    assert_eq!(mails(&app, MINA), 0);
    app.advance(Seconds(1));
    sweep(&app).await.unwrap();
    assert_eq!((mails(&app, MINA), states(&app)), (1, vec![(EffectState::Done, 2)]));
}

#[tokio::test]
async fn an_attempt_at_a_record_that_came_late_is_left_alone_too() {
    let app = start().await;
    let to = Email::parse(MINA).unwrap();
    write(&app, Effect::MailNotice { to, what: Notice::Welcome, language: Language::Korean }).await;
    // The stream was held up for longer than a lease, and so the sweep is due at the same moment.
    app.advance(Seconds(LEASE.0 * 2));
    let records = records(&app);
    let mut delivery = pin!(deliver(&app, &records));
    while app.outbox()[0].attempts == 0 {
        tokio::select! {
            report = &mut delivery => panic!("done before it was seen: {report:?}"),
            () = tokio::task::yield_now() => {}
        }
    }
    sweep(&app).await.unwrap();
    assert_eq!(mails(&app, MINA), 0, "it is at work");
    delivery.await;
    assert_eq!(mails(&app, MINA), 1);
}

#[tokio::test]
async fn one_run_sends_all_that_an_overload_has_piled_up() {
    let app = start().await;
    for n in 0..160 {
        code(&app, &format!("person{n}@example.com"), Language::English).await;
    }
    app.advance(LEASE);
    // Some of them are stuck: somebody took them a moment ago. Nobody waits for them.
    for event in app.outbox().iter().take(60) {
        app.table().lease_event(event.id, app.now()).await.unwrap().unwrap();
    }
    sweep(&app).await.unwrap();
    assert_eq!(app.engines().mailbox().list(None).len(), 100);
    app.advance(LEASE);
    sweep(&app).await.unwrap();
    assert!((0..160).all(|n| mails(&app, &format!("person{n}@example.com")) == 1));
}

#[tokio::test]
async fn a_run_takes_up_nothing_when_its_time_is_over() {
    let app = start().await;
    code(&app, MINA, Language::English).await;
    app.advance(LEASE);
    let mut overdue = app.table().overdue_events(app.now());
    assert!(overdue.next(&WorkTime::of(0)).await.unwrap().is_none());
    assert!(overdue.next(&WorkTime::of(120)).await.unwrap().is_some(), "and it was there");
    assert!(overdue.next(&WorkTime::of(120)).await.unwrap().is_none());
}

/// When each row of the outbox is deleted, in days from now.
fn kept_for_days(app: &TestApp) -> Vec<Option<i64>> {
    let rows = app.items().into_iter().filter(|item| item.is(Kind::OUTBOX_EVENT));
    rows.map(|row| row.number("ttl").map(|ttl| ttl.saturating_sub(app.now().seconds()).div_euclid(86_400))).collect()
}

#[tokio::test]
async fn no_mail_is_deleted_while_it_waits_and_each_is_once_it_has_ended() {
    let app = start().await;
    code(&app, MINA, Language::English).await;
    assert_eq!(kept_for_days(&app), [None]);
    mail_fails(&app, FaultKind::Throttle);
    app.advance(LEASE);
    sweep(&app).await.unwrap();
    assert_eq!((states(&app), kept_for_days(&app)), (vec![(EffectState::Pending, 1)], vec![None]));
    app.heal();
    // Nobody came for a month, and then the code is not good any more.
    app.advance(Seconds::days(30));
    sweep(&app).await.unwrap();
    assert_eq!((states(&app), kept_for_days(&app)), (vec![(EffectState::Failed, 2)], vec![Some(7)]));
}

#[tokio::test]
async fn whatever_becomes_of_a_mail_its_row_ends_a_week_later() {
    let app = start().await;
    for to in [MINA, "ben@example.com"] {
        paid_by_guest(&app, to).await;
    }
    let suppressed = Email::parse("ben@example.com").unwrap();
    app.table().note_trouble(&suppressed, Trouble::Bounced, "a-report", app.now()).await.unwrap();
    app.advance(LEASE);
    sweep(&app).await.unwrap();
    let mut ends: Vec<EffectState> = states(&app).into_iter().map(|(state, _)| state).collect();
    ends.sort_by_key(|state| *state == EffectState::Suppressed);
    assert_eq!(ends, [EffectState::Done, EffectState::Suppressed]);
    assert_eq!(kept_for_days(&app), [Some(7), Some(7)]);
}

#[tokio::test]
async fn an_effect_that_nobody_can_read_is_given_up_after_three_days_and_names_nobody_then() {
    let app = start().await;
    let event = {
        code(&app, MINA, Language::English).await;
        app.outbox().remove(0)
    };
    let unknown = vec![Change::Set("effect", "carrier_pigeon".into())];
    app.table().update(&event.to_key(), unknown, Condition::Present).await.unwrap();
    let row = || app.items().into_iter().find(|item| item.is(Kind::OUTBOX_EVENT)).unwrap();
    app.advance(Seconds(GIVEN_UP_AFTER.0 - 1));
    assert!(told_by_sweep(&app).await.is_some(), "the next deployment may read it");
    assert_eq!((row().text("state"), row().text("to"), row().number("ttl")), (Some("pending"), Some(MINA), None));
    app.advance(LEASE);
    assert!(told_by_sweep(&app).await.is_some());
    assert_eq!((row().text("state"), row().text("duepk")), (Some("failed"), None));
    assert_eq!((row().text("to") == Some(MINA), kept_for_days(&app)), (false, vec![Some(7)]));
    assert_eq!((told_by_sweep(&app).await, sweep(&app).await.unwrap()), (None, 2), "and nobody comes back to it");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_sweep_twice_at_once_and_the_stream_send_one_mail() {
    let app = start().await;
    for n in 0..6 {
        paid_by_guest(&app, &format!("person{n}@example.com")).await;
    }
    app.advance(LEASE);
    // The stream is late: its records come with the sweep, at the same moment.
    let mut late = records(&app);
    for record in &mut late {
        record["dynamodb"]["ApproximateCreationDateTime"] = json!(app.now().seconds());
    }
    let (one, two, three) = tokio::join!(sweep(&app), sweep(&app), app.run_job(DELIVER, json!({ "Records": late })));
    assert!(one.is_ok() && two.is_ok() && three.is_ok(), "{one:?} {two:?} {three:?}");
    assert!((0..6).all(|n| mails(&app, &format!("person{n}@example.com")) == 1));
}

#[tokio::test]
async fn an_event_that_is_none_is_refused() {
    let app = start().await;
    for event in [json!(null), json!({}), json!({ "time": 1 })] {
        app.run_job(SWEEP, event).await.expect_err("no time, no work");
    }
}
