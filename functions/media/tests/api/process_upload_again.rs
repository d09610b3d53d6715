//! Events that come again, late, at once or too early, and breakages between two steps.

use std::sync::Arc;

use domain::{
    ids::MediaId,
    media::{MediaState, Refusal},
    timestamp::Seconds,
};
use engines::{Engine, FaultKind, FaultRule, Statement};
use serde_json::{Value, json};
use shared::{
    api::{
        Core,
        host::{AnyService as _, HostedJob},
    },
    store::{
        Entity as _, Item, Kind,
        media::{Media, MediaOutcome},
        media_removals::{InUse, Removing},
    },
};
use testkit::{TestApp, TestUser};

use crate::steps::{
    JOB, JPEG, assert_gone, deliver, events, held, leave, original, payload, payload_for, photo, quota, raw, seen,
    served, start, stored, uploaded,
};

const FUNCTION: &str = "media-process-upload";

/// The job with the permissions that it has in the cloud, by hand: it may not list the bucket, so S3
/// answers 403 for an object that is not there.
fn confined(app: &TestApp) -> Arc<dyn HostedJob> {
    let mut config = app.config().clone();
    let table = format!("table/{}", config.table);
    let own = |action: &str, keys: &[&str]| Statement::new(&[action], &table).with_leading_keys(keys);
    let raw = format!("bucket/{}/raw/*", config.uploads_bucket);
    let originals = format!("bucket/{}/originals/*", config.uploads_bucket);
    let pictures = format!("bucket/{}/pictures/*", config.pictures_bucket);
    let statements = vec![
        own("dynamodb:GetItem", &["MEDIA#*"]),
        own("dynamodb:UpdateItem", &["MEDIA#*", "QUOTA#*"]),
        Statement::new(&["s3:GetObject", "s3:DeleteObject"], &raw),
        Statement::new(&["s3:PutObject", "s3:DeleteObject"], &originals),
        Statement::new(&["s3:PutObject", "s3:DeleteObject"], &pictures),
    ];
    app.engines().permissions().grant(FUNCTION, statements);
    config.aws.access_key_id = FUNCTION.to_owned();
    let job = media::SERVICE.jobs()[0];
    let core = Core::start(config, job.touches, job.time_out_s).unwrap();
    media::SERVICE.host_job(JOB, core).unwrap().unwrap()
}

/// What the owner sees, what lies where the upload was, what is served.
async fn everything(app: &TestApp, owner: &TestUser, id: MediaId) -> (Value, Option<Vec<u8>>, Vec<Vec<u8>>) {
    (seen(app, owner, id).await, raw(app, id), served(app, id))
}

#[tokio::test]
async fn with_the_permissions_of_the_cloud_an_upload_becomes_pictures_and_the_event_may_come_again() {
    let app = start().await;
    let mina = app.user("mina").await;
    let job = confined(&app);
    let id = uploaded(&app, &mina, JPEG, &photo()).await.id;
    let event = payload(&events(&app));
    job.run(event.clone(), app.invocation()).await.0.unwrap();
    let after = everything(&app, &mina, id).await;
    assert_eq!((&after.0["state"], &after.1, after.2.len()), (&json!("ready"), &None, 3));
    for _ in 0..2 {
        job.run(event.clone(), app.invocation()).await.0.unwrap();
        assert_eq!(everything(&app, &mina, id).await, after);
    }
}

#[tokio::test]
async fn a_delivery_that_another_overtakes_finds_the_object_gone_and_does_not_fail() {
    let app = start().await;
    let mina = app.user("mina").await;
    let job = confined(&app);
    let id = uploaded(&app, &mina, JPEG, &photo()).await.id;
    let event = payload(&events(&app));
    // The answer that the object is gone comes late; the other delivery writes its outcome before it does.
    std::fs::remove_file(app.engines().objects().folder().join(&app.config().uploads_bucket).join(format!("raw/{id}")))
        .unwrap();
    app.fail(vec![FaultRule::always(Engine::Objects, FaultKind::SlowMs(2_000)).on("GetObject").times(1)]);
    let the_other = async {
        let calls = || app.engines().meter().since(0);
        while !calls().iter().any(|call| call.caller == FUNCTION && call.operation == "UpdateItem") {
            tokio::task::yield_now().await;
        }
        let media = stored(&app, id);
        app.table().settle_media(&media, &MediaOutcome::Refused(Refusal::Damaged)).await.unwrap();
    };
    let (overtaken, ()) = tokio::join!(job.run(event, app.invocation()), the_other);
    let (outcome, usage) = overtaken;
    outcome.unwrap();
    assert_eq!((usage.calls, usage.write_half_units), (2, 2), "it noted the arrival, looked again, and wrote nothing");
    let (shown, raw, pictures) = everything(&app, &mina, id).await;
    assert_eq!((&shown["refusal"]["code"], raw, pictures.len()), (&json!("damaged"), None, 0));
}

#[tokio::test]
async fn so_it_is_where_the_store_says_that_the_object_is_not_there() {
    let app = start().await;
    let mina = app.user("mina").await;
    let id = uploaded(&app, &mina, JPEG, &photo()).await.id;
    let event = payload(&events(&app));
    std::fs::remove_file(app.engines().objects().folder().join(&app.config().uploads_bucket).join(format!("raw/{id}")))
        .unwrap();
    app.fail(vec![FaultRule::always(Engine::Objects, FaultKind::SlowMs(2_000)).on("GetObject").times(1)]);
    let the_other = async {
        while !app.engines().meter().since(0).iter().any(|call| call.operation == "UpdateItem") {
            tokio::task::yield_now().await;
        }
        let media = stored(&app, id);
        app.table().settle_media(&media, &MediaOutcome::Refused(Refusal::Damaged)).await.unwrap();
    };
    let (overtaken, ()) = tokio::join!(app.run_job(JOB, event), the_other);
    overtaken.unwrap();
    assert_eq!(seen(&app, &mina, id).await["refusal"]["code"], "damaged");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn eight_deliveries_at_once_have_one_outcome() {
    let app = start().await;
    let mina = app.user("mina").await;
    let job = confined(&app);
    let good = uploaded(&app, &mina, JPEG, &photo()).await.id;
    let bad = uploaded(&app, &mina, JPEG, b"no picture").await.id;
    let event = payload(&events(&app));
    let mut running = tokio::task::JoinSet::new();
    for _ in 0..8 {
        let (job, event, invocation) = (Arc::clone(&job), event.clone(), app.invocation());
        running.spawn(async move { job.run(event, invocation).await.0.map(|_| ()) });
    }
    for outcome in running.join_all().await {
        outcome.unwrap();
    }
    let (shown, raw, pictures) = everything(&app, &mina, good).await;
    assert_eq!((&shown["state"], raw, pictures.len()), (&json!("ready"), None, 3));
    let (shown, raw, pictures) = everything(&app, &mina, bad).await;
    assert_eq!((&shown["state"], raw, pictures.len()), (&json!("refused"), None, 0));
}

#[tokio::test]
async fn an_event_without_its_object_fails_aloud_changes_nothing_and_stands_in_nobodys_way() {
    let app = start().await;
    let mina = app.user("mina").await;
    let job = confined(&app);
    let photo = photo();
    let leave = leave(&app, &mina, JPEG, &photo).await;
    let early = payload_for(&format!("raw/{}", leave.id));
    // Both where S3 says 404 and where it says 403: that we may not look must not pass for nothing there.
    assert!(app.run_job(JOB, early.clone()).await.is_err());
    assert!(job.run(early, app.invocation()).await.0.is_err());
    assert_eq!(stored(&app, leave.id).state, MediaState::Waiting);
    assert_eq!(leave.put(&photo).await.0, http::StatusCode::OK);
    deliver(&app).await;
    assert_eq!(seen(&app, &mina, leave.id).await["state"], "ready");
}

#[tokio::test]
async fn what_is_refused_may_be_swept_after_a_month_and_a_picture_never() {
    let app = start().await;
    let mina = app.user("mina").await;
    let bad = uploaded(&app, &mina, JPEG, b"no picture").await.id;
    let good = uploaded(&app, &mina, JPEG, &photo()).await.id;
    deliver(&app).await;
    let refused = stored(&app, bad);
    assert_eq!(refused.sweep_at(), Some(refused.created_at.plus(Seconds::days(30))));
    assert_eq!(stored(&app, good).sweep_at(), None);
    let ttl = |id| item(&app, id).number("ttl");
    assert_eq!((ttl(bad), ttl(good)), (refused.sweep_at().map(|at| at.seconds()), None));
    for id in [good, bad] {
        assert_eq!(item(&app, id).text("duepk"), None, "nothing waits for it any more");
    }
}

/// The item of an upload, as it is written.
fn item(app: &TestApp, id: MediaId) -> Item {
    let pk = format!("MEDIA#{id}");
    app.items().into_iter().find(|item| item.is(Kind::MEDIA) && item.text("pk") == Some(&pk)).unwrap()
}

#[tokio::test]
async fn an_upload_that_is_removed_while_it_is_looked_at_leaves_nothing_behind() {
    let app = start().await;
    let mina = app.user("mina").await;
    let job = confined(&app);
    let id = uploaded(&app, &mina, JPEG, &photo()).await.id;
    let event = payload(&events(&app));
    // Its owner removes it between the first look and the outcome.
    app.fail(vec![FaultRule::always(Engine::Objects, FaultKind::SlowMs(2_000)).on("GetObject").times(1)]);
    let removed = async {
        let calls = || app.engines().meter().since(0);
        while !calls().iter().any(|call| call.caller == FUNCTION && call.operation == "UpdateItem") {
            tokio::task::yield_now().await;
        }
        let media = stored(&app, id);
        assert_eq!(app.table().remove_media(&media, InUse::Keep, app.now()).await.unwrap(), Removing::Done);
    };
    let (outcome, ()) = tokio::join!(job.run(event.clone(), app.invocation()), removed);
    outcome.0.unwrap();
    assert_eq!((raw(&app, id), original(&app, id), served(&app, id).len()), (None, None, 0));
    assert_eq!((app.all::<Media>().len(), quota(&app, &mina)), (0, (0, 0)));
    // And a file that comes when there is no upload any more goes at once.
    job.run(event, app.invocation()).await.0.unwrap();
    assert_eq!((app.all::<Media>().len(), quota(&app, &mina)), (0, (0, 0)));
}

#[tokio::test]
async fn a_breakage_between_any_two_steps_is_made_good_by_the_next_delivery() {
    let cases = [
        (Engine::Database, "UpdateItem", FaultKind::ServerError, 0),
        (Engine::Objects, "GetObject", FaultKind::ServerError, 0),
        (Engine::Objects, "GetObject", FaultKind::TimeOutBefore, 0),
        (Engine::Objects, "PutObject", FaultKind::ServerError, 0),
        (Engine::Objects, "PutObject", FaultKind::ServerError, 3),
        (Engine::Objects, "PutObject", FaultKind::TimeOutAfterApply, 1),
        (Engine::Database, "TransactWriteItems", FaultKind::ServerError, 0),
        (Engine::Database, "TransactWriteItems", FaultKind::TimeOutBefore, 0),
        (Engine::Objects, "DeleteObject", FaultKind::ServerError, 0),
    ];
    // Each in a cloud of its own and all at once: most of the time is the SDK's waiting between its tries.
    let mut running = tokio::task::JoinSet::new();
    for (engine, operation, kind, after) in cases {
        let rule = FaultRule::always(engine, kind).on(operation).after(after);
        running.spawn(broken_once(rule, operation == "DeleteObject"));
    }
    running.join_all().await;
}

/// Runs into the fault, is healed, and is delivered again. `settled`: whether the outcome was known by then.
async fn broken_once(rule: FaultRule, settled: bool) {
    let what = format!("{rule:?}");
    let app = start().await;
    let mina = app.user("mina").await;
    let id = uploaded(&app, &mina, JPEG, &photo()).await.id;
    let event = payload(&events(&app));
    app.fail(vec![rule]);
    assert!(app.run_job(JOB, event.clone()).await.is_err(), "{what}");
    app.heal();
    assert!(raw(&app, id).is_some(), "{what}: the upload is kept until all is done");
    assert_eq!(stored(&app, id).state == MediaState::Ready, settled, "{what}");
    app.run_job(JOB, event).await.unwrap();
    let (shown, raw, pictures) = everything(&app, &mina, id).await;
    assert_eq!((&shown["state"], raw, pictures.len()), (&json!("ready"), None, 3), "{what}");
    assert_eq!((quota(&app, &mina), original(&app, id)), ((0, held(&app)), Some(photo())), "{what}");
}

#[tokio::test]
async fn when_a_file_in_its_place_is_refused_what_was_written_of_the_first_goes() {
    let app = start().await;
    let mina = app.user("mina").await;
    let leave = uploaded(&app, &mina, JPEG, &photo()).await;
    app.fail(vec![FaultRule::always(Engine::Database, FaultKind::ServerError).on("TransactWriteItems")]);
    let first = events(&app).remove(0);
    assert!(app.run_job(JOB, payload(std::slice::from_ref(&first))).await.is_err(), "and so do its repetitions");
    app.heal();
    app.engines().objects().acknowledge(&first);
    assert_eq!((original(&app, leave.id), served(&app, leave.id).len()), (Some(photo()), 3), "the case at hand");
    assert_eq!(leave.put(&vec![b'x'; photo().len()]).await.0, http::StatusCode::OK);
    deliver(&app).await;
    assert_eq!(stored(&app, leave.id).state, MediaState::Refused);
    assert_gone(&app, leave.id);
}

#[tokio::test]
async fn a_write_whose_answer_was_lost_is_known_when_it_is_tried_again() {
    for operation in ["UpdateItem", "TransactWriteItems"] {
        let app = start().await;
        let mina = app.user("mina").await;
        let id = uploaded(&app, &mina, JPEG, &photo()).await.id;
        app.fail(vec![FaultRule::always(Engine::Database, FaultKind::TimeOutAfterApply).on(operation).times(1)]);
        deliver(&app).await;
        let (shown, raw, pictures) = everything(&app, &mina, id).await;
        assert_eq!((&shown["state"], raw, pictures.len()), (&json!("ready"), None, 3), "{operation}");
        assert_eq!(quota(&app, &mina), (0, held(&app)), "{operation}: given back once");
    }
}
