//! The port for people.

use axum::http::Request;
use domain::text::Email;
use local::cloud::Cloud;
use serde_json::{Value, json};
use shared::{
    FaultKind,
    aws::{Aws, CallLimits},
    mail::{Mail, MailText, Sent},
};

use crate::client::{cloud, get, post, send};

#[tokio::test]
async fn the_storefront_is_served_with_the_headers_of_the_site() {
    let cloud = cloud().await;
    for (path, content_type) in [
        ("/", "text/html; charset=utf-8"),
        ("/sell", "text/html; charset=utf-8"),
        ("/sell.html", "text/html; charset=utf-8"),
        ("/favicon.svg", "image/svg+xml"),
        ("/assets/shop-4f2a9c1e.css", "text/css; charset=utf-8"),
        ("/assets/shop-4f2a9c1e.js", "text/javascript; charset=utf-8"),
    ] {
        let answer = get(&cloud, path).await;
        assert_eq!((answer.status, answer.header("content-type")), (200, content_type), "{path}");
        // A file whose name holds a hash of its content never changes.
        let kept = if path.starts_with("/assets/") { "public, max-age=31536000, immutable" } else { "no-cache" };
        assert_eq!(answer.header("cache-control"), kept, "{path}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
    }
    let policy = get(&cloud, "/").await.header("content-security-policy").to_owned();
    let aws_port = cloud.world().aws_port;
    for part in ["default-src 'self'", "frame-ancestors 'none'", &format!("http://127.0.0.1:{aws_port}")] {
        assert!(policy.contains(part), "{policy}");
    }
    assert!(!policy.contains("unsafe"), "{policy}");
}

#[tokio::test]
async fn what_is_not_there_is_the_page_for_it_and_nothing_beside_the_site_is_served() {
    let cloud = cloud().await;
    for path in ["/nothing", "/nothing.html", "/assets", "/package.json", "/..%2fCargo.toml", "/%2e%2e/Cargo.toml"] {
        let answer = get(&cloud, path).await;
        assert_eq!(answer.status, 404, "{path}");
        assert_eq!(answer.header("content-type"), "text/html; charset=utf-8", "{path}");
    }
    let answer = send(cloud.world().port, Request::post("/"), "/", "").await;
    assert_eq!(answer.status, 405);
}

#[tokio::test]
async fn pictures_come_from_their_bucket_and_may_be_kept_for_ever() {
    let cloud = cloud().await;
    let places = cloud.world().environment.places();
    let folder = cloud.engines().objects().folder().join(places.pictures_bucket).join("pictures/med_1");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("320.jpg"), b"picture").unwrap();
    let answer = get(&cloud, "/pictures/med_1/320.jpg").await;
    assert_eq!((answer.status, answer.text().as_str()), (200, "picture"));
    assert_eq!(answer.header("content-type"), "image/jpeg");
    assert_eq!(answer.header("cache-control"), "public, max-age=31536000, immutable");
    assert_eq!(get(&cloud, "/pictures/med_1/960.jpg").await.status, 404);
}

#[tokio::test]
async fn every_page_of_the_cloud_is_there_without_inline_scripts() {
    let cloud = cloud().await;
    let pages = [
        "/_local",
        "/_local/",
        "/_local/mailbox.html",
        "/_local/requests.html",
        "/_local/clock.html",
        "/_local/faults.html",
        "/_local/books.html",
        "/_local/logins.html",
        "/docs",
        "/docs/errors",
    ];
    for path in pages {
        let answer = get(&cloud, path).await;
        assert_eq!((answer.status, answer.header("content-type")), (200, "text/html; charset=utf-8"), "{path}");
        let text = answer.text();
        assert!(!text.contains("<style") && !text.contains(" style=") && !text.contains(" onclick="), "{path}");
        for script in text.split("<script").skip(1) {
            let address = script.split("src=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
            assert_eq!(get(&cloud, address).await.status, 200, "{path}: {address}");
        }
    }
    assert_eq!(get(&cloud, "/_local/js/common.js").await.status, 200);
    assert_eq!(get(&cloud, "/_local/nothing.html").await.status, 404);
}

#[tokio::test]
async fn the_cloud_says_what_it_is() {
    let cloud = cloud().await;
    let info = get(&cloud, "/_local/info").await.json();
    assert_eq!(info["origin"], cloud.origin());
    assert_eq!(info["aws"], cloud.engines().aws_url());
    let functions: Vec<&str> =
        info["functions"].as_array().unwrap().iter().map(|f| f["id"].as_str().unwrap()).collect();
    assert!(functions.contains(&"trial.get_now") && functions.contains(&"trial.collect"), "{functions:?}");
}

async fn send_mail(cloud: &Cloud, to: &str, subject: &str) -> Result<Sent, FaultKind> {
    let config = cloud.world().environment.config(engines::OPERATOR);
    let aws = Aws::new(&config.aws, CallLimits::within(900)).unwrap();
    let text = MailText {
        subject: subject.to_owned(),
        text: "your code".to_owned(),
        html: "<p>your <b>code</b></p><script>alert(1)</script>".to_owned(),
    };
    Mail::new(&aws, &config).send(&Email::parse(to).unwrap(), &text).await.map_err(|fault| fault.kind)
}

#[tokio::test]
async fn the_mailbox_has_the_newest_mail_first_and_shows_its_html_in_a_cage() {
    let cloud = cloud().await;
    for (to, subject) in [("a@x.test", "first"), ("b@x.test", "other"), ("a@x.test", "second")] {
        assert_eq!(send_mail(&cloud, to, subject).await, Ok(Sent::Accepted));
    }
    let mail = get(&cloud, "/_local/mail?to=A@x.test").await.json();
    let subjects: Vec<&Value> = mail["items"].as_array().unwrap().iter().map(|one| &one["subject"]).collect();
    assert_eq!(subjects, ["second", "first"]);
    let one = &mail["items"][0];
    assert_eq!((&one["to"], &one["text"]), (&json!("a@x.test"), &json!("your code")));
    assert!(domain::Timestamp::parse(one["at"].as_str().unwrap()).is_ok());
    assert_eq!(get(&cloud, "/_local/mail").await.json()["items"].as_array().unwrap().len(), 3);
    let html = get(&cloud, &format!("/_local/mail/{}/html", one["id"].as_str().unwrap())).await;
    let policy = html.header("content-security-policy");
    assert!(policy.contains("sandbox") && policy.contains("default-src 'none'"), "{policy}");
    assert!(!policy.contains("allow-scripts"), "{policy}");
    assert_eq!(get(&cloud, "/_local/mail/nothing/html").await.status, 404);
}

#[tokio::test]
async fn other_sites_cannot_use_the_pages_of_the_cloud() {
    let cloud = cloud().await;
    let rebound = Request::get("/").header("host", "evil.example:3000");
    assert_eq!(send(cloud.world().port, rebound, "/_local/mail", "").await.status, 421);
    let foreign = Request::post("/").header("sec-fetch-site", "cross-site").header("content-type", "application/json");
    let answer = send(cloud.world().port, foreign, "/_local/clock", r#"{"advance_s":60}"#).await;
    assert_eq!(answer.status, 403);
    assert_eq!(get(&cloud, "/_local/clock").await.json()["offset_s"], 0);
    // Without JSON as its type, which a form cannot send, nothing is read either.
    let form = Request::post("/").header("content-type", "text/plain");
    assert_eq!(send(cloud.world().port, form, "/_local/clock", r#"{"advance_s":60}"#).await.status, 415);
}

#[tokio::test]
async fn a_plan_of_faults_is_set_shown_and_ended() {
    let cloud = cloud().await;
    let plan = json!({"seed": 7, "rules": [{"engine": "mail", "kind": "throttle", "per_mille": 1000}]});
    assert_eq!(post(&cloud, "/_local/faults", &plan).await.json(), json!({"plan": plan}));
    assert_eq!(send_mail(&cloud, "a@x.test", "s").await, Err(FaultKind::Throttled));
    assert_eq!(post(&cloud, "/_local/faults", &json!({"seed": 7, "rules": [], "x": 1})).await.status, 422);
    let ended = post(&cloud, "/_local/faults", &json!({"seed": 0, "rules": []})).await.json();
    assert_eq!(ended, json!({"plan": null}));
    assert_eq!(send_mail(&cloud, "a@x.test", "s").await, Ok(Sent::Accepted));
}

#[tokio::test]
async fn the_table_is_shown_and_empty_books_balance() {
    let cloud = cloud().await;
    let item = json!({"pk": {"S": "A"}, "sk": {"S": "B"}, "kind": {"S": "order"}, "n": {"N": "3"}});
    let table = local::environment::TABLE;
    let request = serde_json::from_value(json!({"TableName": table, "Item": item})).unwrap();
    cloud.engines().database().engine().put_item(request).unwrap();
    let shown = get(&cloud, "/_local/table?pk=A").await.json();
    assert_eq!(shown, json!({"items": [{"pk": "A", "sk": "B", "kind": "order", "n": 3}]}));
    assert_eq!(get(&cloud, "/_local/table?pk=Z").await.json(), json!({"items": []}));
    let ledger = get(&cloud, "/_local/ledger").await.json();
    assert_eq!(ledger, json!({"postings": [], "accounts": [], "totals": {}, "balanced": true}));
    assert_eq!(get(&cloud, "/_local/stock").await.json(), json!({"items": []}));
    assert_eq!(get(&cloud, "/_local/payments").await.json(), json!({"items": []}));
}

#[tokio::test]
async fn texts_are_compressed_for_whoever_takes_them_so_and_pictures_never() {
    let cloud = cloud().await;
    let ask = |path: &'static str, coding: &'static str| {
        send(cloud.world().port, Request::get("/").header("accept-encoding", coding), path, "")
    };
    let plain = ask("/_local/js/docs.js", "br").await;
    assert_eq!(plain.header("content-encoding"), "");
    let small = ask("/_local/js/docs.js", "gzip, br").await;
    assert_eq!((small.header("content-encoding"), small.header("vary")), ("gzip", "accept-encoding"));
    assert!(small.body.len() * 2 < plain.body.len(), "{} of {}", small.body.len(), plain.body.len());
    let mut again = String::new();
    std::io::Read::read_to_string(&mut flate2::read::GzDecoder::new(&small.body[..]), &mut again).unwrap();
    assert_eq!(again, plain.text());
    assert_eq!(ask("/api/trial/now", "gzip").await.header("content-encoding"), "", "too small to be worth it");
}
