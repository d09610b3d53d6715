//! Removing an upload: its owner alone, nothing that is shown, everything that lies of it, and the
//! quota exactly once.

use std::collections::BTreeMap;

use domain::{auth::AccountState, ids::MediaId, timestamp::Seconds};
use engines::{Engine, FaultKind, FaultRule};
use serde_json::json;
use shared::{
    random,
    store::{
        expression::{Change, Condition},
        media::Media,
        media_removals::MediaRemoval,
        users::User,
    },
};
use testkit::{TestAnswer, TestApp, TestUser, sweeps};

use crate::steps::{
    JPEG, assert_gone, deliver, held, leave, original, photo, quota, ready, seen, served, start, stored, sweep,
    uploaded, used,
};

const DELETE: &str = "media.delete_media";

async fn delete(app: &TestApp, user: &TestUser, id: MediaId) -> TestAnswer {
    app.delete(DELETE).path("media_id", id).as_user(user).send().await
}

#[tokio::test]
async fn a_picture_goes_with_its_original_its_sizes_and_its_bytes() {
    let app = start().await;
    let mina = app.user("mina").await;
    let kept = ready(&app, &mina).await;
    let id = ready(&app, &mina).await;
    let answer = delete(&app, &mina, id).await;
    assert_eq!((answer.status, answer.body.len()), (204, 0));
    // Read with the person, one unit each. Then, in one transaction, two units each: the upload, what is to be removed, and the
    // quota; and one for each place in an index that is left or taken.
    answer.assert_cost(2, 4, 16);
    assert_gone(&app, id);
    app.get("media.get_media").path("media_id", id).as_user(&mina).send().await.assert_refused(404, "media.not_found");
    assert_eq!(app.table().media_of(mina.id, None).await.unwrap().ids, [kept]);
    assert_eq!((quota(&app, &mina), served(&app, kept).len()), ((0, held(&app)), 3));
    // What was being written at that moment goes later, and then nothing is left.
    app.advance(Seconds::minutes(15));
    std::fs::create_dir_all(pictures_of(&app, id)).unwrap();
    std::fs::write(pictures_of(&app, id).join("960.jpg"), b"late").unwrap();
    sweep(&app).await;
    assert_gone(&app, id);
    assert!(app.all::<MediaRemoval>().is_empty());
}

fn pictures_of(app: &TestApp, id: MediaId) -> std::path::PathBuf {
    app.engines().objects().folder().join(&app.config().pictures_bucket).join(format!("pictures/{id}"))
}

#[tokio::test]
async fn an_upload_can_be_removed_in_every_state_and_what_comes_later_is_thrown_away() {
    let app = start().await;
    let mina = app.user("mina").await;
    let file = photo();
    let granted = leave(&app, &mina, JPEG, &file).await;
    let refused = uploaded(&app, &mina, JPEG, b"no picture").await.id;
    deliver(&app).await;
    let arrived = uploaded(&app, &mina, JPEG, &file).await.id;
    for id in [granted.id, refused, arrived] {
        assert_eq!(delete(&app, &mina, id).await.status, 204);
        assert_gone(&app, id);
    }
    assert_eq!((app.all::<Media>().len(), quota(&app, &mina)), (0, (0, 0)));
    // S3 knows nothing of it: the address is good for its five minutes.
    assert_eq!(granted.put(&file).await.0, 200);
    deliver(&app).await;
    assert_gone(&app, granted.id);
    assert_eq!((app.all::<Media>().len(), quota(&app, &mina)), (0, (0, 0)));
}

#[tokio::test]
async fn what_is_shown_somewhere_is_kept_until_it_is_taken_out_there() {
    let app = start().await;
    let mina = app.user("mina").await;
    let id = ready(&app, &mina).await;
    for _ in 0..2 {
        used(&app, &mina, id).await;
    }
    let before = quota(&app, &mina);
    for shown in [2, 1] {
        assert_eq!(stored(&app, id).uses, shown);
        delete(&app, &mina, id).await.assert_refused(409, "media.in_use");
        assert_eq!((served(&app, id).len(), original(&app, id), quota(&app, &mina)), (3, Some(photo()), before));
        app.table().transaction().release_picture(id).commit().await.unwrap();
    }
    assert!(app.table().transaction().release_picture(id).commit().await.is_err(), "it is not shown any more");
    assert_eq!(delete(&app, &mina, id).await.status, 204);
    assert_gone(&app, id);
}

#[tokio::test]
async fn attack_1_somebody_elses_upload_and_none_at_all_give_the_same_answer_and_stay() {
    let app = start().await;
    let (mina, ben) = (app.user("mina").await, app.user("ben").await);
    let id = ready(&app, &mina).await;
    let none = MediaId::new(app.now(), random::entropy().unwrap());
    let removed = ready(&app, &ben).await;
    assert_eq!(delete(&app, &ben, removed).await.status, 204);
    let mut told = Vec::new();
    for id in [id, none, removed] {
        let answer = delete(&app, &ben, id).await;
        answer.assert_refused(404, "media.not_found");
        answer.assert_cost(1, 4, 0);
        let mut problem = answer.problem();
        problem.instance.clear();
        told.push(problem);
    }
    assert!(told.iter().all(|problem| *problem == told[0]));
    assert_eq!((seen(&app, &mina, id).await["state"].clone(), served(&app, id).len()), (json!("ready"), 3));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_sixteen_at_once_one_removes_it_and_the_bytes_come_back_once() {
    let app = start().await;
    let mina = app.user("mina").await;
    let kept = ready(&app, &mina).await;
    let id = ready(&app, &mina).await;
    let answers = app.delete(DELETE).path("media_id", id).as_user(&mina).send_at_once(16).await;
    let mut counts = BTreeMap::<(u16, String), u32>::new();
    for answer in &answers {
        *counts.entry((answer.status, answer.problem_code())).or_default() += 1;
    }
    let expected = [((204, String::new()), 1), ((404, "media.not_found".to_owned()), 15)];
    assert_eq!(counts, expected.into());
    assert_eq!((quota(&app, &mina), stored(&app, kept).held_bytes() > 0), ((0, held(&app)), true));
}

#[tokio::test]
async fn when_the_store_does_not_answer_the_sweep_removes_the_objects() {
    let app = start().await;
    let mina = app.user("mina").await;
    let id = ready(&app, &mina).await;
    app.fail(vec![FaultRule::always(Engine::Objects, FaultKind::ServerError).on("DeleteObject")]);
    assert_eq!(delete(&app, &mina, id).await.status, 204, "it is noted, so it will happen");
    assert_eq!((served(&app, id).len(), quota(&app, &mina)), (3, (0, 0)));
    app.advance(Seconds::minutes(15));
    assert!(app.run_job("media.sweep_grants", json!({ "time": app.now() })).await.is_err(), "told, and tried again");
    assert_eq!(app.all::<MediaRemoval>().len(), 1);
    app.heal();
    app.advance(Seconds::minutes(2));
    sweep(&app).await;
    assert_gone(&app, id);
    assert!(app.all::<MediaRemoval>().is_empty());
}

#[tokio::test]
async fn attack_46_whoever_was_signed_out_or_shut_out_removes_reads_and_uploads_nothing() {
    let app = start().await;
    let mina = app.user("mina").await;
    let id = ready(&app, &mina).await;
    for change in [Change::Add("epoch", 1), Change::Set("state", AccountState::Banned.as_str().into())] {
        app.table().update(&User::key(mina.id), vec![change], Condition::Present).await.unwrap();
        for request in [app.delete(DELETE), app.get("media.get_media"), app.get("media.get_original")] {
            let answer = request.path("media_id", id).as_user(&mina).send().await;
            answer.assert_refused(401, "auth.sign_in_needed");
        }
        let body = json!({ "purpose": "listing", "content_type": "image/jpeg", "size_bytes": 9 });
        let upload = app.post("media.create_upload").json(body).idempotency_key("again").as_user(&mina);
        upload.send().await.assert_refused(401, "auth.sign_in_needed");
        let back = vec![Change::Set("epoch", 0_u32.into())];
        app.table().update(&User::key(mina.id), back, Condition::Present).await.unwrap();
    }
    assert_eq!((app.all::<Media>().len(), served(&app, id).len()), (1, 3));
}

#[tokio::test]
async fn when_the_table_breaks_nothing_is_removed() {
    let app = start().await;
    let mina = app.user("mina").await;
    let id = ready(&app, &mina).await;
    for operation in ["BatchGetItem", "TransactWriteItems"] {
        app.fail(vec![FaultRule::always(Engine::Database, FaultKind::ServerError).on(operation)]);
        let answer = app.delete(DELETE).path("media_id", id).as_user(&mina).may_break().send().await;
        answer.assert_refused(503, "unavailable");
        app.heal();
        assert_eq!((seen(&app, &mina, id).await["state"].clone(), served(&app, id).len()), (json!("ready"), 3));
    }
}

#[tokio::test]
async fn attack_10_63_70_what_is_no_id_is_refused_without_asking_the_table() {
    let app = start().await;
    let mina = app.user("mina").await;
    let good = ready(&app, &mina).await;
    for id in ["", "med_", "../raw", "..%2f..%2fraw", "raw", &format!("{good}/320.jpg"), &format!("{good}\0")] {
        let answer = app.delete(DELETE).path("media_id", id).as_user(&mina).send().await;
        answer.assert_refused(400, "request.invalid");
        assert_eq!((answer.pointers(), answer.usage.calls), (vec!["/media_id".to_owned()], 0), "{id:.60}");
    }
    assert_eq!(served(&app, good).len(), 3);
}

#[tokio::test]
async fn attack_40_only_people_who_are_signed_in_remove_anything() {
    let app = start().await;
    let mina = app.user("mina").await;
    let id = ready(&app, &mina).await;
    sweeps::assert_needs_sign_in(&app.delete(DELETE).path("media_id", id), &app.token_of(&mina)).await;
    assert_eq!(served(&app, id).len(), 3);
}
