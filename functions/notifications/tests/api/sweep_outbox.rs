//! Effects that the stream lost: found when their time is over, whoever else is at them. What goes wrong
//! with one: `faults`.

use std::pin::pin;

use domain::{Language, auth::Notice, text::Email, timestamp::Seconds};
use serde_json::json;
use shared::store::outbox::{Effect, EffectState, LEASE};

use crate::steps::{DELIVER, SWEEP, code, deliver, mails, paid_by_guest, records, start, states, sweep, write};

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
async fn more_than_one_run_takes_is_done_by_the_next_ones() {
    let app = start().await;
    for n in 0..60 {
        code(&app, &format!("person{n}@example.com"), Language::English).await;
    }
    app.advance(LEASE);
    sweep(&app).await.unwrap();
    let sent = app.engines().mailbox().list(None).len();
    assert!((25..=50).contains(&sent), "one run takes at most 25 of each of two shards, not {sent}");
    for _ in 0..2 {
        sweep(&app).await.unwrap();
    }
    assert!((0..60).all(|n| mails(&app, &format!("person{n}@example.com")) == 1));
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
