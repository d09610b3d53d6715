//! Attack 74: uploads that were granted and never came, or came too late, or were looked at in vain.

use std::{
    fmt::Debug,
    pin::{Pin, pin},
};

use domain::{
    media::{MediaState, UPLOAD_ARRIVAL_TIME as ARRIVAL},
    timestamp::Seconds,
};
use engines::{Engine, FaultKind, FaultRule};
use http::StatusCode;
use serde_json::json;
use shared::store::{media::Media, media_removals::MediaRemoval};

use crate::steps::{
    JOB, JPEG, assert_gone, deliver, events, leave, original, payload, photo, quota, raw, ready, seen, served, start,
    stored, sweep, uploaded,
};

/// The lifetime of a grant and the time in which its upload may arrive.
const WAITED_FOR: u32 = 300 + 900;

#[tokio::test]
async fn attack_74_a_grant_that_nobody_used_is_refused_with_its_reason_and_the_quota_comes_back() {
    let app = start().await;
    let mina = app.user("mina").await;
    let id = leave(&app, &mina, JPEG, &photo()).await.id;
    app.advance(Seconds(WAITED_FOR - 1));
    sweep(&app).await;
    assert_eq!((stored(&app, id).state, quota(&app, &mina).0), (MediaState::Waiting, 1), "a moment too early");
    app.advance(Seconds(1));
    let usage = sweep(&app).await;
    // Two shards of each work, half a unit each; the upload read; it, the quota and what is to be removed
    // written, two units each, and one for each place in the index that is left or taken.
    assert_eq!((usage.calls, usage.read_half_units, usage.write_half_units), (6, 6, 16));
    assert_eq!(quota(&app, &mina), (0, 0));
    let shown = seen(&app, &mina, id).await;
    assert_eq!((&shown["state"], &shown["refusal"]["code"]), (&json!("refused"), &json!("expired")));
    assert_eq!(shown["refusal"]["detail"], "The file did not arrive in time. Upload it again.");
    let usage = sweep(&app).await;
    assert_eq!((usage.calls, usage.write_half_units), (4, 0), "once");
    assert_eq!(quota(&app, &mina), (0, 0));
    app.advance(ARRIVAL);
    let usage = sweep(&app).await;
    // What is to be removed is read, and removed from the table and the index.
    assert_eq!((usage.calls, usage.read_half_units, usage.write_half_units), (6, 6, 4));
}

#[tokio::test]
async fn attack_74_a_file_whose_event_never_came_is_removed_and_so_is_one_that_comes_later() {
    let app = start().await;
    let mina = app.user("mina").await;
    let file = photo();
    let lost = uploaded(&app, &mina, JPEG, &file).await;
    let late = leave(&app, &mina, JPEG, &file).await;
    app.advance(Seconds(WAITED_FOR));
    sweep(&app).await;
    assert_eq!(raw(&app, lost.id), None);
    assert_eq!((stored(&app, lost.id).state, stored(&app, late.id).state), (MediaState::Refused, MediaState::Refused));
    // The clock of S3 is the machine's, so here the address is still good.
    assert_eq!(late.put(&file).await.0, StatusCode::OK);
    deliver(&app).await;
    for id in [lost.id, late.id] {
        assert_eq!((raw(&app, id), served(&app, id).len()), (None, 0));
        assert_eq!(seen(&app, &mina, id).await["refusal"]["code"], "expired");
    }
    assert_eq!(quota(&app, &mina), (0, 0));
}

#[tokio::test]
async fn what_is_ready_or_refused_is_left_alone() {
    let app = start().await;
    let mina = app.user("mina").await;
    let good = ready(&app, &mina).await;
    let bad = uploaded(&app, &mina, JPEG, b"no picture").await.id;
    deliver(&app).await;
    let before = (seen(&app, &mina, good).await, seen(&app, &mina, bad).await, quota(&app, &mina));
    app.advance(Seconds::days(2));
    let usage = sweep(&app).await;
    assert_eq!((usage.calls, usage.write_half_units), (4, 0));
    assert_eq!((seen(&app, &mina, good).await, seen(&app, &mina, bad).await, quota(&app, &mina)), before);
    assert_eq!(served(&app, good).len(), 3);
}

#[tokio::test]
async fn however_many_are_due_one_run_sweeps_them() {
    let app = start().await;
    let mut people = Vec::new();
    for number in 0..11 {
        let user = app.user(&format!("user{number}")).await;
        for _ in 0..10 {
            leave(&app, &user, JPEG, &photo()).await;
        }
        people.push(user);
    }
    app.advance(Seconds(WAITED_FOR));
    sweep(&app).await;
    assert!(people.iter().all(|user| quota(&app, user) == (0, 0)));
    assert_eq!(app.all::<MediaRemoval>().len(), 110);
    app.advance(ARRIVAL);
    sweep(&app).await;
    assert!(app.all::<MediaRemoval>().is_empty());
}

#[tokio::test]
async fn a_breakage_in_one_run_is_made_good_by_the_next_and_gives_back_once() {
    // In the end: whether the outcome was written by then, and so the objects go at the second removal.
    for (engine, operation, kind, written) in [
        (Engine::Objects, "DeleteObject", FaultKind::ServerError, true),
        (Engine::Database, "GetItem", FaultKind::ServerError, false),
        (Engine::Database, "TransactWriteItems", FaultKind::ServerError, false),
        (Engine::Database, "TransactWriteItems", FaultKind::TimeOutAfterApply, true),
    ] {
        let app = start().await;
        let mina = app.user("mina").await;
        let id = uploaded(&app, &mina, JPEG, &photo()).await.id;
        app.advance(Seconds(WAITED_FOR));
        app.fail(vec![FaultRule::always(engine, kind).on(operation)]);
        assert!(app.run_job("media.sweep_grants", json!({ "time": app.now() })).await.is_err(), "{operation}");
        app.heal();
        app.advance(if written { ARRIVAL } else { Seconds::minutes(2) });
        sweep(&app).await;
        assert_eq!((raw(&app, id), quota(&app, &mina)), (None, (0, 0)), "{operation}");
        assert_eq!(stored(&app, id).state, MediaState::Refused, "{operation}");
    }
}

/// Polls a run until this is seen, which must be before it ends.
async fn until<F: Future<Output: Debug>>(mut running: Pin<&mut F>, seen: impl Fn() -> bool) {
    while !seen() {
        tokio::select! {
            outcome = &mut running => panic!("done before it was seen: {outcome:?}"),
            () = tokio::task::yield_now() => {}
        }
    }
}

#[tokio::test]
async fn what_was_written_and_could_not_be_noted_goes_with_the_refusal() {
    let app = start().await;
    let mina = app.user("mina").await;
    let id = uploaded(&app, &mina, JPEG, &photo()).await.id;
    let event = payload(&events(&app));
    app.fail(vec![FaultRule::always(Engine::Database, FaultKind::ServerError).on("TransactWriteItems")]);
    assert!(app.run_job(JOB, event.clone()).await.is_err(), "and so do its repetitions");
    app.heal();
    assert_eq!((original(&app, id), served(&app, id).len()), (Some(photo()), 3), "the case at hand");
    app.advance(Seconds(WAITED_FOR));
    sweep(&app).await;
    assert_gone(&app, id);
    assert_eq!(
        (seen(&app, &mina, id).await["refusal"]["code"].clone(), quota(&app, &mina)),
        (json!("expired"), (0, 0))
    );
    // The event comes once more, after all.
    app.run_job(JOB, event).await.unwrap();
    assert_gone(&app, id);
    app.advance(ARRIVAL);
    sweep(&app).await;
    assert!(app.all::<MediaRemoval>().is_empty());
}

#[tokio::test]
async fn what_is_being_written_while_the_sweep_refuses_is_removed_by_whoever_writes_it() {
    let app = start().await;
    let mina = app.user("mina").await;
    let id = uploaded(&app, &mina, JPEG, &photo()).await.id;
    let event = payload(&events(&app));
    app.advance(Seconds(WAITED_FOR));
    let mut processing = pin!(app.run_job(JOB, event));
    until(processing.as_mut(), || original(&app, id).is_some()).await;
    sweep(&app).await;
    assert_eq!(stored(&app, id).state, MediaState::Refused);
    until(processing.as_mut(), || !served(&app, id).is_empty()).await;
    processing.await.unwrap();
    assert_gone(&app, id);
    assert_eq!(
        (seen(&app, &mina, id).await["refusal"]["code"].clone(), quota(&app, &mina)),
        (json!("expired"), (0, 0))
    );
}

#[tokio::test]
async fn whoever_writes_it_may_die_and_it_goes_at_the_second_removal() {
    let app = start().await;
    let mina = app.user("mina").await;
    let id = uploaded(&app, &mina, JPEG, &photo()).await.id;
    let event = payload(&events(&app));
    app.advance(Seconds(WAITED_FOR));
    {
        let mut processing = pin!(app.run_job(JOB, event));
        until(processing.as_mut(), || original(&app, id).is_some()).await;
        sweep(&app).await;
        until(processing.as_mut(), || !served(&app, id).is_empty()).await;
    }
    app.advance(Seconds(ARRIVAL.0 - 1));
    sweep(&app).await;
    assert!(!served(&app, id).is_empty(), "the case at hand");
    app.advance(Seconds(1));
    sweep(&app).await;
    assert_gone(&app, id);
    assert!(app.all::<MediaRemoval>().is_empty());
}

#[tokio::test]
async fn an_upload_that_the_sweep_refused_can_be_removed_while_its_objects_are() {
    let app = start().await;
    let mina = app.user("mina").await;
    let id = uploaded(&app, &mina, JPEG, &photo()).await.id;
    app.advance(Seconds(WAITED_FOR));
    sweep(&app).await;
    let by_the_sweep = app.table().get_media_removal(id).await.unwrap().unwrap();
    app.advance(Seconds(1));
    let answer = app.delete("media.delete_media").path("media_id", id).as_user(&mina).send().await;
    assert_eq!((answer.status, app.all::<Media>().len(), quota(&app, &mina)), (204, 0, (0, 0)));
    // A sweep that read the earlier note a moment ago does not take away the later one.
    app.table().finish_removal(&by_the_sweep).await.unwrap();
    let removals = app.all::<MediaRemoval>();
    assert_eq!(removals.iter().map(|removal| removal.due_at).collect::<Vec<_>>(), [app.now().plus(ARRIVAL)]);
    app.advance(ARRIVAL);
    sweep(&app).await;
    assert!(app.all::<MediaRemoval>().is_empty());
}
