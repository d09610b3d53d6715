//! Who is let in: the programs that were given the secret of this run, by a name of this machine.

use std::os::unix::fs::PermissionsExt as _;

use aws_sdk_dynamodb::error::ProvideErrorMetadata as _;
use bytes::Bytes;
use engines::{
    Clock, Engines, EnginesConfig, Faults, OPERATOR, SECRET_FILE,
    login::{Login, LoginSettings},
    toss::{Toss, TossSettings},
};
use http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper_util::{client::legacy::Client, rt::TokioExecutor};

use crate::{
    services::mail,
    support::{BUCKET, TABLE, cloud, dynamodb, dynamodb_at, exists, key, operator, put, s3_at, ses_at, ssm_at},
};

/// What a page of another site gets for a request to this address.
async fn ask(url: &str, method: Method, headers: &[(&str, &str)], body: &str) -> (StatusCode, HeaderMap, String) {
    let mut request = Request::builder().method(method).uri(url);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let client = Client::builder(TokioExecutor::new()).build_http();
    let answer = client.request(request.body(Full::new(Bytes::from(body.to_owned()))).unwrap()).await.unwrap();
    let (parts, body) = answer.into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    (parts.status, parts.headers, String::from_utf8_lossy(&body).into_owned())
}

const EVIL: &str = "https://evil.example";
const PUT: &str = "DynamoDB_20120810.PutItem";
const SSM: &str = "AmazonSSM.GetParameter";

#[tokio::test]
async fn a_page_of_another_site_reads_nothing_and_writes_nothing() {
    let engines = cloud().await;
    let url = format!("{}/", engines.aws_url());
    let item = format!(r#"{{"TableName": "{TABLE}", "Item": {{"pk": {{"S": "A"}}, "sk": {{"S": "ITEM"}}}}}}"#);
    for (target, content_type) in [(PUT, "application/x-amz-json-1.0"), (PUT, "text/plain"), (SSM, "text/plain")] {
        let headers = [("origin", EVIL), ("x-amz-target", target), ("content-type", content_type)];
        let (status, headers, body) = ask(&url, Method::POST, &headers, &item).await;
        assert!(status.is_client_error() && body.contains("MissingAuthenticationToken"), "{status} {body}");
        assert!(!headers.contains_key("access-control-allow-origin"), "{headers:?}");
        let forged = "AWS4-HMAC-SHA256 Credential=Operator/20261121/x/dynamodb/aws4_request, \
                      SignedHeaders=host;x-amz-date, Signature=00";
        let headers = [("x-amz-target", target), ("authorization", forged), ("x-amz-date", "20261121T000000Z")];
        let (status, _, body) = ask(&url, Method::POST, &headers, &item).await;
        assert!(status.is_client_error() && body.contains("InvalidSignature"), "{status} {body}");
    }
    for path in ["/", "/v2/email/outbound-emails", "/jangteo-uploads/a"] {
        let wanted = [("origin", EVIL), ("access-control-request-method", "POST")];
        let (_, headers, _) = ask(&format!("{}{path}", engines.aws_url()), Method::OPTIONS, &wanted, "").await;
        assert!(!headers.contains_key("access-control-allow-origin"), "{path}: {headers:?}");
    }
    assert!(!exists(&operator(&engines), "A").await);
}

#[tokio::test]
async fn every_engine_refuses_who_does_not_know_the_secret_of_this_run() {
    let (engines, url) = {
        let engines = cloud().await;
        let url = engines.aws_url();
        (engines, url)
    };
    engines.secrets().put("/jangteo/a", "alpha").unwrap();
    put(&operator(&engines), key("A")).await;
    // The secret of another run is as wrong as any other.
    let other = cloud().await;
    for wrong in ["local-secret-of-every-access-key", "", other.permissions().secret()] {
        let read = dynamodb_at(&url, OPERATOR, wrong).get_item().table_name(TABLE).set_key(Some(key("A"))).send().await;
        assert_eq!(read.unwrap_err().code(), Some("InvalidSignatureException"), "{wrong}");
        let told = ssm_at(&url, OPERATOR, wrong).get_parameter().name("/jangteo/a").send().await;
        assert_eq!(told.unwrap_err().code(), Some("InvalidSignatureException"), "{wrong}");
        let sent = mail(&ses_at(&url, OPERATOR, wrong), "mina@example.com", "Hello").send().await;
        assert_eq!(sent.unwrap_err().code(), Some("InvalidSignatureException"), "{wrong}");
        let object = s3_at(&url, OPERATOR, wrong).get_object().bucket(BUCKET).key("a").send().await;
        assert_eq!(object.unwrap_err().code(), Some("SignatureDoesNotMatch"), "{wrong}");
    }
    assert!(engines.mailbox().list(None).is_empty());
    assert!(exists(&dynamodb(&engines, OPERATOR), "A").await);
}

#[tokio::test]
async fn no_port_answers_to_a_name_that_is_not_of_this_machine() {
    let engines = cloud().await;
    let toss = Toss::start(TossSettings::for_tests(Clock::machine(), Faults::none())).await.unwrap();
    let login = Login::start(LoginSettings::for_tests(Clock::machine(), Faults::none())).await.unwrap();
    let issuer = login.google().issuer();
    for url in [engines.aws_url(), toss.base_url(), issuer] {
        let port = url.split(':').nth(2).unwrap().split('/').next().unwrap().to_owned();
        for host in ["evil.example".to_owned(), format!("evil.example:{port}"), "localhost:1".to_owned()] {
            for target in [PUT, SSM, ""] {
                let headers = [("host", host.as_str()), ("x-amz-target", target)];
                let headers = if target.is_empty() { &headers[..1] } else { &headers[..] };
                let (status, headers, _) = ask(&url, Method::POST, headers, "{}").await;
                assert_eq!(status, StatusCode::MISDIRECTED_REQUEST, "{url} as {host}");
                assert!(!headers.contains_key("access-control-allow-origin"), "{headers:?}");
            }
        }
        for host in [format!("localhost:{port}"), format!("127.0.0.1:{port}"), format!("[::1]:{port}")] {
            let (status, _, _) = ask(&url, Method::GET, &[("host", &host)], "").await;
            assert_ne!(status, StatusCode::MISDIRECTED_REQUEST, "{url} as {host}");
        }
    }
}

#[tokio::test]
async fn the_data_folder_and_the_secret_in_it_are_their_owners_alone_and_new_in_each_run() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    std::fs::create_dir(&data).unwrap();
    std::fs::set_permissions(&data, std::fs::Permissions::from_mode(0o755)).unwrap();
    let mode = |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let mut secrets = Vec::new();
    for _ in 0..2 {
        let engines = Engines::start(EnginesConfig::in_folder(&data)).await.unwrap();
        assert_eq!((mode(&data), mode(&data.join(SECRET_FILE))), (0o700, 0o600));
        let secret = std::fs::read_to_string(data.join(SECRET_FILE)).unwrap();
        assert_eq!(secret, engines.permissions().secret());
        assert!(secret.len() >= 40 && !secrets.contains(&secret));
        secrets.push(secret);
        engines.shutdown().await;
    }
}
