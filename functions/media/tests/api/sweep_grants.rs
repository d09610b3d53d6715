//! Attack 74: uploads that were granted and never came, or came too late.

use domain::{media::MediaState, timestamp::Seconds};
use engines::{Engine, FaultKind, FaultRule};
use http::StatusCode;
use serde_json::json;

use crate::steps::{JPEG, deliver, leave, photo, quota, raw, ready, seen, served, start, stored, sweep, uploaded};

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
    // Two shards of each work, half a unit each; the upload read; it and the quota written, two units
    // each, and one for the place in the index that it leaves.
    assert_eq!((usage.calls, usage.read_half_units, usage.write_half_units), (6, 6, 10));
    assert_eq!(quota(&app, &mina), (0, 0));
    let shown = seen(&app, &mina, id).await;
    assert_eq!((&shown["state"], &shown["refusal"]["code"]), (&json!("refused"), &json!("expired")));
    assert_eq!(shown["refusal"]["detail"], "The file did not arrive in time. Upload it again.");
    let usage = sweep(&app).await;
    assert_eq!((usage.calls, usage.write_half_units), (4, 0), "once");
    assert_eq!(quota(&app, &mina), (0, 0));
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
async fn more_than_one_run_takes_are_swept_by_the_next() {
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
    for _ in 0..2 {
        sweep(&app).await;
    }
    assert!(people.iter().all(|user| quota(&app, user) == (0, 0)));
}

#[tokio::test]
async fn a_breakage_in_one_run_is_made_good_by_the_next_and_gives_back_once() {
    for (engine, operation, kind) in [
        (Engine::Objects, "DeleteObject", FaultKind::ServerError),
        (Engine::Database, "GetItem", FaultKind::ServerError),
        (Engine::Database, "TransactWriteItems", FaultKind::ServerError),
        (Engine::Database, "TransactWriteItems", FaultKind::TimeOutAfterApply),
    ] {
        let app = start().await;
        let mina = app.user("mina").await;
        let id = uploaded(&app, &mina, JPEG, &photo()).await.id;
        app.advance(Seconds(WAITED_FOR));
        app.fail(vec![FaultRule::always(engine, kind).on(operation)]);
        assert!(app.run_job("media.sweep_grants", json!({ "time": app.now() })).await.is_err(), "{operation}");
        app.heal();
        sweep(&app).await;
        assert_eq!((raw(&app, id), quota(&app, &mina)), (None, (0, 0)), "{operation}");
        assert_eq!(stored(&app, id).state, MediaState::Refused, "{operation}");
    }
}
