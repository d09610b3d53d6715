use std::time::{Duration, SystemTime};

use aws_sdk_s3::{
    error::ProvideErrorMetadata as _,
    presigning::{PresignedRequest, PresigningConfig},
};
use bytes::Bytes;
use engines::{Engine, Engines, FaultKind, FaultPlan, FaultRule, OPERATOR, Statement};
use http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper_util::{client::legacy::Client, rt::TokioExecutor};

use crate::support::{BUCKET, cloud, s3};

const BODY: &[u8] = b"not really a picture";
const GRANTER: &str = "media-grant-upload";
const SITE: &str = "http://127.0.0.1:3000";

async fn send(request: Request<Full<Bytes>>) -> (StatusCode, HeaderMap, String) {
    let client = Client::builder(TokioExecutor::new()).build_http();
    let (parts, body) = client.request(request).await.unwrap().into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    (parts.status, parts.headers, String::from_utf8_lossy(&body).into_owned())
}

/// A grant as the media service gives it: the type and the exact length are signed.
async fn grant(engines: &Engines, signed_at: SystemTime) -> PresignedRequest {
    let prefix = format!("bucket/{BUCKET}/originals/*");
    engines.permissions().grant(GRANTER, vec![Statement::new(&["s3:PutObject"], &prefix)]);
    let presigning =
        PresigningConfig::builder().start_time(signed_at).expires_in(Duration::from_secs(300)).build().unwrap();
    s3(engines, GRANTER)
        .put_object()
        .bucket(BUCKET)
        .key("originals/a photo")
        .content_type("image/jpeg")
        .content_length(i64::try_from(BODY.len()).unwrap())
        .presigned(presigning)
        .await
        .unwrap()
}

fn upload(grant: &PresignedRequest, content_type: &str, body: &'static [u8]) -> Request<Full<Bytes>> {
    let mut request = Request::put(grant.uri()).body(Full::new(Bytes::from_static(body))).unwrap();
    for (name, value) in grant.headers() {
        if !["content-length", "content-type", "host"].contains(&name) {
            request.headers_mut().insert(http::HeaderName::try_from(name).unwrap(), value.parse().unwrap());
        }
    }
    request.headers_mut().insert("content-type", content_type.parse().unwrap());
    request
}

#[tokio::test]
async fn a_grant_takes_exactly_what_was_signed_and_tells_the_event() {
    let engines = cloud().await;
    let arrivals = engines.objects().events();
    let granted = grant(&engines, SystemTime::now()).await;
    let (status, _, body) = send(upload(&granted, "image/jpeg", BODY)).await;
    assert_eq!((status, body.as_str()), (StatusCode::OK, ""));
    assert!(arrivals.has_changed().unwrap());
    let events = engines.objects().pending_events();
    assert_eq!(events.len(), 1);
    let event = &events[0];
    assert_eq!((event.bucket.as_str(), event.key.as_str(), event.size), (BUCKET, "originals/a photo", 20));
    assert_eq!(event.record()["s3"]["object"]["key"], "originals/a+photo");
    let stored = s3(&engines, OPERATOR).get_object().bucket(BUCKET).key("originals/a photo").send().await.unwrap();
    assert_eq!(stored.content_type(), Some("image/jpeg"));
    assert_eq!(stored.e_tag().unwrap().trim_matches('"'), event.etag);
    assert_eq!(stored.body.collect().await.unwrap().to_vec(), BODY);
    engines.objects().acknowledge(event);
    assert!(engines.objects().pending_events().is_empty());
    let call = engines.meter().since(0).into_iter().find(|call| call.operation == "PutObject").unwrap();
    assert_eq!((call.caller.as_str(), call.engine, call.bytes_in), (GRANTER, Engine::Objects, 20));
}

#[tokio::test]
async fn a_grant_refuses_another_type_length_key_or_time() {
    let engines = cloud().await;
    let granted = grant(&engines, SystemTime::now()).await;
    let (status, _, body) = send(upload(&granted, "text/html", BODY)).await;
    assert_eq!(status, StatusCode::FORBIDDEN);
    assert!(body.contains("<Code>SignatureDoesNotMatch</Code>"), "{body}");
    let (status, ..) = send(upload(&granted, "image/jpeg", b"a longer body than was signed")).await;
    assert_eq!(status, StatusCode::FORBIDDEN);
    let mut elsewhere = upload(&granted, "image/jpeg", BODY);
    *elsewhere.uri_mut() = granted.uri().replace("a%20photo", "another").parse().unwrap();
    assert_eq!(send(elsewhere).await.0, StatusCode::FORBIDDEN);
    let late = grant(&engines, SystemTime::now() - Duration::from_secs(301)).await;
    let (status, _, body) = send(upload(&late, "image/jpeg", BODY)).await;
    assert_eq!(status, StatusCode::FORBIDDEN, "{body}");
    assert!(engines.objects().pending_events().is_empty());
    assert_eq!(s3(&engines, OPERATOR).list_objects_v2().bucket(BUCKET).send().await.unwrap().key_count(), Some(0));
}

#[tokio::test]
async fn a_grant_of_a_function_that_may_not_upload_is_worth_nothing() {
    let engines = cloud().await;
    let granted = grant(&engines, SystemTime::now()).await;
    engines.permissions().grant(GRANTER, vec![]);
    let (status, _, body) = send(upload(&granted, "image/jpeg", BODY)).await;
    assert_eq!(status, StatusCode::FORBIDDEN);
    assert!(body.contains("<Code>AccessDenied</Code>"), "{body}");
}

#[tokio::test]
async fn a_wrong_secret_an_unknown_key_and_no_signature_are_refused() {
    let engines = cloud().await;
    let with_secret = |access_key: &str, secret: &str| {
        let credentials = aws_credential_types::Credentials::new(access_key, secret, None, None, "test");
        let config = s3(&engines, OPERATOR).config().to_builder().credentials_provider(credentials).build();
        aws_sdk_s3::Client::from_conf(config)
    };
    let list = |client: aws_sdk_s3::Client| async move {
        client
            .list_objects_v2()
            .bucket(BUCKET)
            .send()
            .await
            .map(|_| ())
            .map_err(|error| error.code().unwrap().to_owned())
    };
    assert_eq!(list(with_secret(OPERATOR, engines.permissions().secret())).await, Ok(()));
    assert_eq!(list(with_secret(OPERATOR, "guessed")).await, Err("SignatureDoesNotMatch".to_owned()));
    assert_eq!(
        list(with_secret("stranger", engines.permissions().secret())).await,
        Err("InvalidAccessKeyId".to_owned())
    );
    let anonymous = Request::get(format!("{}/{BUCKET}/originals/a", engines.aws_url())).body(Full::default()).unwrap();
    let (status, _, body) = send(anonymous).await;
    assert_eq!(status, StatusCode::FORBIDDEN);
    assert!(body.contains("<Code>AccessDenied</Code>"), "{body}");
}

#[tokio::test]
async fn an_upload_with_a_wrong_checksum_leaves_nothing_behind() {
    let engines = cloud().await;
    let put = s3(&engines, OPERATOR).put_object().bucket(BUCKET).key("originals/torn").body(BODY.to_vec().into());
    let refused = put.content_md5("1B2M2Y8AsgTpgAmY7PhCfg==").send().await.unwrap_err();
    assert_eq!(refused.code(), Some("BadDigest"));
    let missing = s3(&engines, OPERATOR).get_object().bucket(BUCKET).key("originals/torn").send().await.unwrap_err();
    assert_eq!(missing.code(), Some("NoSuchKey"));
    assert!(engines.objects().pending_events().is_empty());
}

#[tokio::test]
async fn the_store_fails_as_s3_fails_when_it_is_told_to() {
    let engines = cloud().await;
    let client = s3(&engines, OPERATOR);
    let put = |key: &str| client.put_object().bucket(BUCKET).key(key).body(BODY.to_vec().into()).send();
    let plan = |kind| {
        let rule = FaultRule::always(Engine::Objects, kind).on("PutObject").times(1);
        engines.faults().set(FaultPlan { seed: 1, rules: vec![rule] });
    };
    plan(FaultKind::Throttle);
    let refused = put("a").await.unwrap_err();
    assert_eq!((refused.code(), refused.raw_response().unwrap().status().as_u16()), (Some("SlowDown"), 503));
    plan(FaultKind::ServerError);
    assert_eq!(put("a").await.unwrap_err().raw_response().unwrap().status().as_u16(), 500);
    plan(FaultKind::TimeOutBefore);
    assert!(put("a").await.unwrap_err().as_service_error().is_none());
    assert!(engines.objects().pending_events().is_empty());
    plan(FaultKind::TimeOutAfterApply);
    assert!(put("b").await.unwrap_err().as_service_error().is_none());
    client.head_object().bucket(BUCKET).key("b").send().await.unwrap();
    assert_eq!(engines.objects().pending_events().len(), 1);
}

#[tokio::test]
async fn scripts_of_the_site_may_upload_and_those_of_others_may_not() {
    let engines = cloud().await;
    engines.objects().allow_origin(SITE);
    let granted = grant(&engines, SystemTime::now()).await;
    let preflight = |origin: &str, method: &str| {
        Request::builder()
            .method(Method::OPTIONS)
            .uri(granted.uri())
            .header("origin", origin)
            .header("access-control-request-method", method)
            .header("access-control-request-headers", "content-type")
            .body(Full::default())
            .unwrap()
    };
    let (status, headers, _) = send(preflight(SITE, "PUT")).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(headers["access-control-allow-origin"], SITE);
    assert!(headers["access-control-allow-methods"].to_str().unwrap().contains("PUT"));
    assert_eq!(headers["access-control-allow-headers"], "content-type");
    assert_eq!(send(preflight("http://evil.example", "PUT")).await.0, StatusCode::FORBIDDEN);
    assert_eq!(send(preflight(SITE, "DELETE")).await.0, StatusCode::FORBIDDEN);
    let mut uploaded = upload(&granted, "image/jpeg", BODY);
    uploaded.headers_mut().insert("origin", SITE.parse().unwrap());
    let (status, headers, _) = send(uploaded).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(headers["access-control-allow-origin"], SITE);
    let mut foreign = upload(&granted, "image/jpeg", BODY);
    foreign.headers_mut().insert("origin", "http://evil.example".parse().unwrap());
    assert!(!send(foreign).await.1.contains_key("access-control-allow-origin"));
}
