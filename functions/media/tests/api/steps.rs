//! An upload step by step: leave, the bytes, the event, the outcome.

use std::{collections::BTreeMap, path::PathBuf};

use aws_credential_types::Credentials;
use bytes::Bytes;
use domain::{ids::MediaId, media::MediaPurpose};
use engines::ObjectCreated;
use http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper_util::{client::legacy::Client, rt::TokioExecutor};
use image::ImageFormat;
use serde_json::{Value, json};
use shared::{
    Fault, FaultKind,
    meter::Usage,
    store::{Kind, media::Media},
};
use testkit::{TestAnswer, TestApp, TestRequest, TestUser};

use crate::files::{encoded, quarters};

pub(crate) const JPEG: &str = "image/jpeg";
pub(crate) const JOB: &str = "media.process_upload";

pub(crate) async fn start() -> TestApp {
    TestApp::start(&media::SERVICE).await
}

/// A small photo.
pub(crate) fn photo() -> Vec<u8> {
    encoded(quarters(480, 240), ImageFormat::Jpeg)
}

pub(crate) fn ask<'a>(app: &'a TestApp, user: &TestUser, content_type: &str, size: u64, key: &str) -> TestRequest<'a> {
    ask_for(app, user, "listing", content_type, size, key)
}

pub(crate) fn ask_for<'a>(
    app: &'a TestApp,
    user: &TestUser,
    purpose: &str,
    content_type: &str,
    size: u64,
    key: &str,
) -> TestRequest<'a> {
    let body = json!({ "purpose": purpose, "content_type": content_type, "size_bytes": size });
    app.post("media.create_upload").as_user(user).json(body).idempotency_key(key)
}

/// Leave to upload, as the client got it.
#[derive(Debug, Clone)]
pub(crate) struct Leave {
    pub(crate) id: MediaId,
    pub(crate) url: String,
    pub(crate) headers: BTreeMap<String, String>,
}

impl Leave {
    pub(crate) fn of(answer: &TestAnswer) -> Self {
        assert_eq!(answer.status, 201, "{:?}", answer.body);
        let leave = answer.json();
        Self {
            id: leave["media_id"].as_str().unwrap().parse().unwrap(),
            url: leave["upload"]["url"].as_str().unwrap().to_owned(),
            headers: serde_json::from_value(leave["upload"]["headers"].clone()).unwrap(),
        }
    }

    /// Uploads as a browser does: exactly the headers of the grant.
    pub(crate) async fn put(&self, bytes: &[u8]) -> (StatusCode, String) {
        send(Method::PUT, &self.url, &self.headers, bytes).await
    }
}

pub(crate) async fn leave(app: &TestApp, user: &TestUser, content_type: &str, bytes: &[u8]) -> Leave {
    let size = u64::try_from(bytes.len()).unwrap();
    let key = format!("key-{}", app.items().len());
    Leave::of(&ask(app, user, content_type, size, &key).send().await)
}

/// A picture that is ready.
pub(crate) async fn ready(app: &TestApp, user: &TestUser) -> MediaId {
    let id = uploaded(app, user, JPEG, &photo()).await.id;
    deliver(app).await;
    assert_eq!(stored(app, id).state, domain::media::MediaState::Ready);
    id
}

/// A picture that a listing shows, as the catalog notes it.
pub(crate) async fn used(app: &TestApp, user: &TestUser, id: MediaId) {
    let unusable = || Fault::new(FaultKind::Corrupt, "the test's picture cannot be used");
    let transaction = app.table().transaction().use_picture(id, user.id, MediaPurpose::Listing, unusable);
    transaction.commit().await.unwrap();
}

/// What the quota of a person says: the open grants, and the bytes. Nothing where there is none.
pub(crate) fn quota(app: &TestApp, user: &TestUser) -> (usize, i64) {
    let pk = format!("QUOTA#{}", user.id);
    app.items()
        .into_iter()
        .find(|item| item.is(Kind::MEDIA_QUOTA) && item.text("pk") == Some(&pk))
        .map_or((0, 0), |item| (item.texts("open").count(), item.number("bytes").unwrap()))
}

/// The bytes of everything that the uploads of everybody take, by the uploads themselves.
pub(crate) fn held(app: &TestApp) -> i64 {
    app.all::<Media>().iter().map(|media| i64::try_from(media.held_bytes()).unwrap()).sum()
}

/// The sweep at the app's present time.
pub(crate) async fn sweep(app: &TestApp) -> Usage {
    app.run_job("media.sweep_grants", json!({ "time": app.now() })).await.unwrap().1
}

/// A plain HTTP request, as anybody can send it.
pub(crate) async fn send(
    method: Method,
    url: &str,
    headers: &BTreeMap<String, String>,
    body: &[u8],
) -> (StatusCode, String) {
    let mut request = Request::builder().method(method).uri(url);
    for (name, value) in headers {
        request = request.header(name, value);
    }
    let request = request.body(Full::new(Bytes::copy_from_slice(body))).unwrap();
    let (parts, body) = Client::builder(TokioExecutor::new()).build_http().request(request).await.unwrap().into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    (parts.status, String::from_utf8_lossy(&body).into_owned())
}

/// A GET without any header: what comes back, with its headers.
pub(crate) async fn download(url: &str) -> (StatusCode, HeaderMap, Vec<u8>) {
    let request = Request::builder().uri(url).body(Full::<Bytes>::default()).unwrap();
    let (parts, body) = Client::builder(TokioExecutor::new()).build_http().request(request).await.unwrap().into_parts();
    (parts.status, parts.headers, body.collect().await.unwrap().to_bytes().to_vec())
}

/// Asked for and uploaded; the event waits.
pub(crate) async fn uploaded(app: &TestApp, user: &TestUser, content_type: &str, bytes: &[u8]) -> Leave {
    let leave = leave(app, user, content_type, bytes).await;
    let (status, body) = leave.put(bytes).await;
    assert_eq!(status, StatusCode::OK, "{body}");
    leave
}

/// The events of uploads that wait, oldest first, as S3 made them.
pub(crate) fn events(app: &TestApp) -> Vec<ObjectCreated> {
    let all = app.engines().objects().pending_events();
    all.into_iter().filter(|event| event.key.starts_with("raw/")).collect()
}

/// What Lambda is called with.
pub(crate) fn payload(events: &[ObjectCreated]) -> Value {
    json!({ "Records": events.iter().map(ObjectCreated::record).collect::<Vec<_>>() })
}

/// The payload for an object that nobody uploaded.
pub(crate) fn payload_for(key: &str) -> Value {
    json!({ "Records": [{
        "eventVersion": "2.1", "eventSource": "aws:s3", "eventTime": "2026-11-21T09:00:00.000Z",
        "eventName": "ObjectCreated:Put", "s3": { "bucket": { "name": "jangteo-test-uploads" }, "object": { "key": key, "size": 1 } },
    }]})
}

/// Delivers what waits, one event at a time as S3 does, and acknowledges it.
pub(crate) async fn deliver(app: &TestApp) {
    for event in events(app) {
        app.run_job(JOB, payload(std::slice::from_ref(&event))).await.unwrap();
        app.engines().objects().acknowledge(&event);
    }
}

/// What the owner sees.
pub(crate) async fn seen(app: &TestApp, owner: &TestUser, id: MediaId) -> Value {
    let answer = app.get("media.get_media").path("media_id", id).as_user(owner).send().await;
    assert_eq!(answer.status, 200, "{:?}", answer.body);
    answer.json()
}

pub(crate) fn stored(app: &TestApp, id: MediaId) -> Media {
    app.all::<Media>().into_iter().find(|media| media.id == id).unwrap()
}

/// The object of an upload, if it is there.
pub(crate) fn raw(app: &TestApp, id: MediaId) -> Option<Vec<u8>> {
    object(app, &app.config().uploads_bucket, &format!("raw/{id}"))
}

/// The original that is kept, if there is one.
pub(crate) fn original(app: &TestApp, id: MediaId) -> Option<Vec<u8>> {
    object(app, &app.config().uploads_bucket, &format!("originals/{id}"))
}

/// The pictures that are served, those that are there, the smallest first.
pub(crate) fn served(app: &TestApp, id: MediaId) -> Vec<Vec<u8>> {
    let of = |size: u32| object(app, &app.config().pictures_bucket, &format!("pictures/{id}/{size}.jpg"));
    [320, 960, 1_600].into_iter().filter_map(of).collect()
}

/// Nothing lies of the upload, in any bucket.
pub(crate) fn assert_gone(app: &TestApp, id: MediaId) {
    assert_eq!((raw(app, id), original(app, id), served(app, id).len()), (None, None, 0));
}

fn object(app: &TestApp, bucket: &str, key: &str) -> Option<Vec<u8>> {
    let path: PathBuf = app.engines().objects().folder().join(bucket).join(key);
    std::fs::read(path).ok()
}

/// A served picture as S3 hands it to CloudFront: its type, and how long browsers may keep it.
pub(crate) async fn served_as(app: &TestApp, id: MediaId, size: u32) -> (String, String) {
    let aws = &app.config().aws;
    let credentials = Credentials::new(&aws.access_key_id, &aws.secret_access_key, None, None, "test");
    let config = aws_sdk_s3::Config::builder()
        .behavior_version(aws_sdk_s3::config::BehaviorVersion::latest())
        .region(aws_sdk_s3::config::Region::new(aws.region.clone()))
        .endpoint_url(app.engines().aws_url())
        .credentials_provider(credentials)
        .force_path_style(true)
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .build();
    let head = aws_sdk_s3::Client::from_conf(config).head_object();
    let key = format!("pictures/{id}/{size}.jpg");
    let head = head.bucket(&app.config().pictures_bucket).key(key).send().await.unwrap();
    (head.content_type().unwrap_or_default().to_owned(), head.cache_control().unwrap_or_default().to_owned())
}

pub(crate) fn contains(bytes: &[u8], needle: &[u8]) -> bool {
    bytes.windows(needle.len()).any(|window| window == needle)
}
