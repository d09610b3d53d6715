//! The address of an original: for its owner, for five minutes, as a file to be saved.

use std::collections::BTreeMap;

use domain::{ids::MediaId, timestamp::Seconds};
use engines::{Engine, FaultKind, FaultRule};
use http::{Method, StatusCode};
use image::ImageFormat;
use shared::random;
use testkit::{TestAnswer, TestApp, TestUser, sweeps};

use crate::{
    files::{CAMERA, busy, encoded, exif, jpeg_with, segment},
    steps::{JPEG, contains, deliver, download, leave, photo, ready, send, start, uploaded},
};

const GET: &str = "media.get_original";

async fn ask(app: &TestApp, user: &TestUser, id: MediaId) -> TestAnswer {
    app.get(GET).path("media_id", id).as_user(user).send().await
}

#[tokio::test]
async fn the_owner_gets_back_the_very_file_as_one_to_be_saved() {
    let app = start().await;
    let mina = app.user("mina").await;
    let with_place = [b"Exif\0\0", exif(6, true).as_slice()].concat();
    let files = [
        ("image/jpeg", "jpg", jpeg_with(&photo(), &segment(0xe1, &with_place))),
        ("image/png", "png", encoded(busy(64, 32), ImageFormat::Png)),
        ("image/webp", "webp", encoded(busy(64, 32), ImageFormat::WebP)),
    ];
    for (content_type, extension, file) in files {
        let id = uploaded(&app, &mina, content_type, &file).await.id;
        deliver(&app).await;
        let answer = ask(&app, &mina, id).await;
        assert_eq!(answer.status, 200, "{:?}", answer.body);
        answer.assert_cost(1, 4, 0);
        assert_eq!(answer.json()["expires_at"], "2026-11-21T09:05:00.000Z");
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        let url = answer.json()["url"].as_str().unwrap().to_owned();
        assert!(url.contains("X-Amz-Expires=300&") && !url.contains(&mina.id.to_string()), "{url}");
        assert!(!answer.line.contains("X-Amz-Signature"), "{}", answer.line);
        let (status, headers, body) = download(&url).await;
        assert_eq!((status, body == file), (StatusCode::OK, true), "{content_type}");
        assert_eq!(headers["content-type"], content_type);
        assert_eq!(headers["content-disposition"], format!("attachment; filename=\"{id}.{extension}\""));
    }
    // Only here is what a camera wrote still there.
    assert!(contains(&jpeg_with(&photo(), &segment(0xe1, &with_place)), CAMERA));
}

#[tokio::test]
async fn attack_70_74_the_address_is_good_for_this_one_object_as_it_was_signed() {
    let app = start().await;
    let (mina, ben) = (app.user("mina").await, app.user("ben").await);
    let id = ready(&app, &mina).await;
    let of_ben = ready(&app, &ben).await;
    let url = ask(&app, &mina, id).await.json()["url"].as_str().unwrap().to_owned();
    let changed = [
        url.replace(&format!("originals/{id}"), &format!("originals/{of_ben}")),
        url.replace("/originals/", "/raw/"),
        url.replace("jangteo-test-uploads", "jangteo-test-pictures"),
        url.replace("attachment", "inline"),
        url.replace("image%2Fjpeg", "text%2Fhtml"),
        url.replace("Expires=300", "Expires=86400"),
        url.split('?').next().unwrap().to_owned(),
    ];
    for other in changed {
        assert_ne!(other, url);
        let (status, body) = send(Method::GET, &other, &BTreeMap::new(), &[]).await;
        assert!(status.is_client_error(), "{other}: {status} {body}");
    }
    for method in [Method::PUT, Method::DELETE] {
        let (status, body) = send(method, &url, &BTreeMap::new(), &[]).await;
        assert!(status.is_client_error(), "{status} {body}");
    }
    assert_eq!(send(Method::GET, &url, &BTreeMap::new(), &[]).await.0, StatusCode::OK);
}

#[tokio::test]
async fn what_is_not_ready_has_no_original() {
    let app = start().await;
    let mina = app.user("mina").await;
    let refused = uploaded(&app, &mina, JPEG, b"no picture").await.id;
    deliver(&app).await;
    let arrived = uploaded(&app, &mina, JPEG, &photo()).await.id;
    let granted = leave(&app, &mina, JPEG, &photo()).await.id;
    for id in [refused, arrived, granted] {
        ask(&app, &mina, id).await.assert_refused(409, "media.not_ready");
    }
}

#[tokio::test]
async fn attack_1_somebody_elses_picture_and_none_at_all_give_the_same_answer() {
    let app = start().await;
    let (mina, ben) = (app.user("mina").await, app.user("ben").await);
    let mut told = Vec::new();
    for id in [ready(&app, &mina).await, MediaId::new(app.now(), random::entropy().unwrap())] {
        let answer = ask(&app, &ben, id).await;
        answer.assert_refused(404, "media.not_found");
        let mut problem = answer.problem();
        problem.instance.clear();
        told.push(problem);
    }
    assert_eq!(told[0], told[1]);
}

#[tokio::test]
async fn attack_10_63_70_what_is_no_id_is_refused_without_asking_the_table() {
    let app = start().await;
    let mina = app.user("mina").await;
    let good = ready(&app, &mina).await;
    for id in ["", "med_", "../raw", "..%2f..%2fraw", &format!("{good}/../x"), &format!("{good}\0")] {
        let answer = app.get(GET).path("media_id", id).as_user(&mina).send().await;
        answer.assert_refused(400, "request.invalid");
        assert_eq!((answer.pointers(), answer.usage.calls), (vec!["/media_id".to_owned()], 0), "{id:.60}");
    }
    let answer = app.get(GET).path("media_id", good).query("download=evil.html").as_user(&mina).send().await;
    answer.assert_refused(400, "request.invalid");
}

#[tokio::test]
async fn attack_40_only_people_who_are_signed_in_get_an_address() {
    let app = start().await;
    let mina = app.user("mina").await;
    let id = ready(&app, &mina).await;
    sweeps::assert_needs_sign_in(&app.get(GET).path("media_id", id), &app.token_of(&mina)).await;
}

#[tokio::test]
async fn attack_68_when_the_table_does_not_answer_the_original_is_unavailable_and_not_absent() {
    let app = start().await;
    let mina = app.user("mina").await;
    let id = ready(&app, &mina).await;
    app.advance(Seconds(1));
    app.fail(vec![FaultRule::always(Engine::Database, FaultKind::ServerError)]);
    let answer = app.get(GET).path("media_id", id).as_user(&mina).may_break().send().await;
    answer.assert_refused(503, "unavailable");
}
