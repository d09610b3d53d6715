//! What goes wrong with an effect: it is told, and costs no mail that can still be sent.

use domain::{Language, auth::Notice, ids::OrderId, text::Email, timestamp::Seconds};
use engines::{Engine, FaultKind, FaultRule};
use serde_json::json;
use shared::{
    api::job::{BatchItemFailure, JobReport},
    random,
    store::outbox::{Effect, EffectState, GIVEN_UP_AFTER, LEASE},
};

use crate::steps::{
    DELIVER, code, deliver, mail_fails, mails, named, number, paid_by_guest, records, start, states, sweep,
    told_by_stream, told_by_sweep, write,
};

const MINA: &str = "mina@example.com";
const BEN: &str = "ben@example.com";

#[tokio::test]
async fn a_throttled_mail_is_told_stops_nobody_and_is_left_to_the_sweep() {
    let app = start().await;
    for n in 0..3 {
        paid_by_guest(&app, &format!("person{n}@example.com")).await;
    }
    let all = records(&app);
    app.fail(vec![FaultRule::always(Engine::Mail, FaultKind::Throttle).on("SendEmail").times(1)]);
    let told = told_by_stream(&app, &all).await.unwrap();
    let waiting = app.outbox().into_iter().find(|event| event.state == EffectState::Pending).unwrap();
    assert_eq!(told, format!("{} did not happen: send a mail: TooManyRequestsException", waiting.id));
    assert_eq!(app.engines().mailbox().list(None).len(), 2);
    app.heal();
    assert_eq!(told_by_stream(&app, &all).await, None);
    assert_eq!(states(&app).iter().map(|(_, attempts)| *attempts).collect::<Vec<_>>(), [1, 1, 1], "it rests");
    app.advance(LEASE);
    assert_eq!(told_by_sweep(&app).await, None);
    assert!((0..3).all(|n| mails(&app, &format!("person{n}@example.com")) == 1));
}

#[tokio::test]
async fn a_set_up_that_ses_refuses_is_our_fault_and_costs_no_mail() {
    let app = start().await;
    paid_by_guest(&app, MINA).await;
    let id = app.outbox()[0].id;
    // An identity that is not verified, an account in the sandbox.
    mail_fails(&app, FaultKind::Reject);
    let expected = format!("{id} did not happen: send a mail: SES refuses our set-up: MessageRejected");
    assert_eq!(told_by_stream(&app, &records(&app)).await.as_ref(), Some(&expected));
    app.advance(LEASE);
    assert_eq!(told_by_sweep(&app).await.as_ref(), Some(&expected));
    assert_eq!((mails(&app, MINA), states(&app)), (0, vec![(EffectState::Pending, 2)]));
    app.heal();
    app.advance(Seconds::minutes(4));
    assert_eq!(told_by_sweep(&app).await, None);
    assert_eq!((mails(&app, MINA), states(&app)), (1, vec![(EffectState::Done, 3)]));
}

#[tokio::test]
async fn a_mail_that_ses_cannot_read_is_given_up_told_and_stops_nobody() {
    let app = start().await;
    paid_by_guest(&app, MINA).await;
    app.fail(vec![FaultRule::always(Engine::Mail, FaultKind::BadRequest).on("SendEmail").times(1)]);
    app.advance(Seconds(1));
    paid_by_guest(&app, BEN).await;
    let all = records(&app);
    let id = app.outbox()[0].id;
    let told = told_by_stream(&app, &all).await.unwrap();
    assert_eq!(told, format!("{id} is given up: SES cannot read the mail: BadRequestException"));
    assert_eq!((mails(&app, MINA), mails(&app, BEN)), (0, 1));
    assert_eq!(states(&app), [(EffectState::Failed, 1), (EffectState::Done, 1)]);
    app.heal();
    deliver(&app, &all).await;
    app.advance(Seconds::days(1));
    assert_eq!(sweep(&app).await.unwrap(), 2, "it waits for nobody");
    assert_eq!((mails(&app, MINA), mails(&app, BEN)), (0, 1));
}

#[tokio::test]
async fn an_order_that_is_gone_is_told_to_nobody_but_us() {
    let app = start().await;
    let order_id = OrderId::new(app.now(), random::entropy().unwrap());
    let to = Email::parse(MINA).unwrap();
    let event = write(&app, Effect::MailOrderPaid { to, order_id, language: Language::English }).await;
    let told = told_by_stream(&app, &records(&app)).await.unwrap();
    assert_eq!(told, format!("{} is given up: the order is gone", event.id));
    assert_eq!((mails(&app, MINA), states(&app)), (0, vec![(EffectState::Failed, 1)]));
}

#[tokio::test]
async fn when_the_table_does_not_answer_the_record_comes_again_and_that_is_told() {
    let app = start().await;
    for to in [MINA, BEN] {
        paid_by_guest(&app, to).await;
    }
    let all = records(&app);
    app.fail(vec![FaultRule::always(Engine::Database, FaultKind::ServerError)]);
    let (report, usage) = app.run_job(DELIVER, json!({ "Records": all })).await.unwrap();
    let first = BatchItemFailure { item_identifier: number(&all[0]) };
    assert_eq!(report, JobReport { batch_item_failures: vec![first] }, "it, and what follows");
    let json = serde_json::to_value(&report).unwrap();
    assert_eq!(json, json!({ "batchItemFailures": [{ "itemIdentifier": number(&all[0]) }] }));
    assert!(usage.fault.is_some_and(|fault| !fault.contains('@')));
    app.heal();
    assert_eq!(told_by_stream(&app, &all).await, None);
    assert_eq!((mails(&app, MINA), mails(&app, BEN)), (1, 1));
}

#[tokio::test]
async fn when_the_table_does_not_answer_once_an_effect_was_taken_it_is_the_sweeps() {
    // The order cannot be read; how it ended cannot be written, and so nobody knows that it was sent.
    for (operation, after, sent) in [("GetItem", 0, 0), ("UpdateItem", 1, 1)] {
        let app = start().await;
        paid_by_guest(&app, MINA).await;
        let all = records(&app);
        app.fail(vec![FaultRule::always(Engine::Database, FaultKind::ServerError).on(operation).after(after)]);
        assert!(told_by_stream(&app, &all).await.is_some(), "{operation}");
        app.heal();
        assert_eq!(told_by_stream(&app, &all).await, None);
        assert_eq!((mails(&app, MINA), states(&app)), (sent, vec![(EffectState::Pending, 1)]), "{operation}");
        app.advance(LEASE);
        assert_eq!(told_by_sweep(&app).await, None);
        assert_eq!((mails(&app, MINA), states(&app)), (sent + 1, vec![(EffectState::Done, 2)]), "{operation}");
    }
}

#[tokio::test]
async fn an_outage_through_every_try_of_the_stream_and_hours_of_sweeps_costs_no_mail_and_sends_it_once() {
    let app = start().await;
    paid_by_guest(&app, MINA).await;
    let what = Notice::PasswordChanged;
    write(&app, Effect::MailNotice { to: Email::parse(BEN).unwrap(), what, language: Language::Korean }).await;
    let all = records(&app);
    mail_fails(&app, FaultKind::ServerError);
    // More than Lambda's tries, in the seconds that they take.
    for _ in 0..15 {
        deliver(&app, &all).await;
        app.advance(Seconds(1));
    }
    assert_eq!(states(&app), [(EffectState::Pending, 1); 2]);
    // Nine hours, at each tick of the schedule.
    for _ in 0..9 * 12 {
        app.advance(Seconds::minutes(5));
        sweep(&app).await.unwrap();
        assert!(states(&app).iter().all(|(state, _)| *state == EffectState::Pending), "{:?}", states(&app));
    }
    assert!(states(&app).iter().all(|(_, attempts)| (8..=10).contains(attempts)), "{:?}", states(&app));
    app.heal();
    for _ in 0..6 * 12 {
        app.advance(Seconds::minutes(5));
        assert_eq!(told_by_sweep(&app).await, None);
    }
    deliver(&app, &all).await;
    assert_eq!((mails(&app, MINA), mails(&app, BEN)), (1, 1));
    assert!(states(&app).iter().all(|(state, _)| *state == EffectState::Done));
}

#[tokio::test]
async fn between_attempts_it_rests_twice_as_long_each_time() {
    let app = start().await;
    paid_by_guest(&app, MINA).await;
    let all = records(&app);
    mail_fails(&app, FaultKind::Throttle);
    deliver(&app, &all).await;
    for (attempts, minutes) in [(1, 2), (2, 4), (3, 8), (4, 16)] {
        app.advance(Seconds(minutes * 60 - 1));
        assert_eq!((told_by_sweep(&app).await, told_by_stream(&app, &all).await), (None, None));
        assert_eq!(states(&app), [(EffectState::Pending, attempts)]);
        app.advance(Seconds(1));
        assert!(told_by_sweep(&app).await.is_some());
        assert_eq!(states(&app), [(EffectState::Pending, attempts + 1)]);
    }
}

#[tokio::test]
async fn after_three_days_it_is_given_up_however_often_it_was_attempted_and_that_is_told() {
    let app = start().await;
    paid_by_guest(&app, MINA).await;
    let all = records(&app);
    let id = app.outbox()[0].id;
    mail_fails(&app, FaultKind::ServerError);
    app.advance(Seconds(GIVEN_UP_AFTER.0 - 1));
    let told = told_by_sweep(&app).await.unwrap();
    assert_eq!(told, format!("{id} did not happen: send a mail: InternalServiceErrorException"));
    assert_eq!(states(&app), [(EffectState::Pending, 1)]);
    app.advance(LEASE);
    let told = told_by_sweep(&app).await.unwrap();
    assert_eq!(told, format!("{id} is given up: send a mail: InternalServiceErrorException"));
    assert_eq!(states(&app), [(EffectState::Failed, 2)]);
    assert_eq!(named(&app), [Email::erased().as_str()], "whom it was for is not kept");
    app.heal();
    app.advance(Seconds::days(1));
    assert_eq!(sweep(&app).await.unwrap(), 2);
    deliver(&app, &all).await;
    assert_eq!((mails(&app, MINA), states(&app)), (0, vec![(EffectState::Failed, 2)]));
}

#[tokio::test]
async fn a_late_mail_is_sent_in_the_end_also_after_three_days() {
    let app = start().await;
    paid_by_guest(&app, MINA).await;
    // Neither the stream nor the schedule ran, for so long.
    app.advance(Seconds::days(4));
    assert_eq!(told_by_sweep(&app).await, None);
    assert_eq!((mails(&app, MINA), states(&app)), (1, vec![(EffectState::Done, 1)]));
}

#[tokio::test]
async fn a_code_is_mailed_as_long_as_it_is_good_and_then_given_up() {
    for (age, state) in [(599, EffectState::Done), (600, EffectState::Failed)] {
        let app = start().await;
        let digits = code(&app, MINA, Language::English).await;
        let id = app.outbox()[0].id;
        mail_fails(&app, FaultKind::Throttle);
        assert!(told_by_stream(&app, &records(&app)).await.is_some());
        app.heal();
        app.advance(Seconds(age));
        let told = told_by_sweep(&app).await;
        assert_eq!(states(&app), [(state, 2)]);
        let got = app.engines().mailbox().list(Some(MINA));
        if state == EffectState::Done {
            assert!(told.is_none() && got[0].text.contains(&digits));
        } else {
            assert_eq!(told, Some(format!("{id} is given up: the code is not good any more")));
            assert_eq!((got.len(), named(&app)), (0, vec![Email::erased().as_str().to_owned()]));
        }
    }
}

#[tokio::test]
async fn of_several_that_go_wrong_in_one_run_each_is_told() {
    let app = start().await;
    for n in 0..4 {
        paid_by_guest(&app, &format!("person{n}@example.com")).await;
    }
    app.advance(LEASE);
    app.fail(vec![FaultRule::always(Engine::Mail, FaultKind::ServerError).on("SendEmail").times(2)]);
    let told = told_by_sweep(&app).await.unwrap();
    let (waiting, sent): (Vec<_>, Vec<_>) =
        app.outbox().into_iter().partition(|event| event.state == EffectState::Pending);
    assert_eq!((waiting.len(), sent.len()), (2, 2), "one that fails keeps no other from happening");
    assert!(waiting.iter().all(|event| told.contains(&event.id.to_string())), "{told}");
    assert!(sent.iter().all(|event| !told.contains(&event.id.to_string())), "{told}");
    app.heal();
    app.advance(LEASE);
    assert_eq!(told_by_sweep(&app).await, None);
    assert!((0..4).all(|n| mails(&app, &format!("person{n}@example.com")) == 1));
}
