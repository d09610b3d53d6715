//! Leave to upload: exactly what was declared, exactly there, and not too often.

use std::collections::BTreeMap;

use domain::{media::MediaState, timestamp::Seconds};
use engines::{Engine, FaultKind, FaultRule};
use http::{Method, StatusCode};
use serde_json::{Value, json};
use shared::store::media::Media;
use testkit::{TestRequest, sweeps};

use crate::steps::{JPEG, Leave, ask, deliver, events, leave, photo, raw, seen, send, start, stored, uploaded};

const CREATE: &str = "media.create_upload";

#[tokio::test]
async fn a_grant_says_where_how_and_until_when_and_is_one_transaction() {
    let app = start().await;
    let mina = app.user("mina").await;
    let answer = ask(&app, &mina, JPEG, 2_400_000, "k").send().await;
    let leave = Leave::of(&answer);
    let shown = answer.json();
    assert_eq!(shown["upload"]["method"], "PUT");
    assert_eq!(shown["upload"]["headers"], json!({ "content-type": "image/jpeg" }));
    assert_eq!(shown["expires_at"], "2026-11-21T09:05:00.000Z");
    assert_eq!(shown.as_object().unwrap().len(), 3);
    assert!(leave.url.contains("X-Amz-Expires=300&"), "{}", leave.url);
    assert!(leave.url.contains("X-Amz-SignedHeaders=content-length%3Bcontent-type%3Bhost"), "{}", leave.url);

    let media = stored(&app, leave.id);
    assert_eq!((media.owner, media.state, media.declared_bytes), (mina.id, MediaState::Waiting, 2_400_000));
    assert_eq!(media.expires_at, app.now().plus(Seconds(300)));
    assert!(raw(&app, leave.id).is_none() && events(&app).is_empty());
    // The look at the person, the upload, the quota, the day's count and the remembered answer, two units
    // each; and one for each of the two places of the upload in indexes.
    answer.assert_cost(1, 0, 24);
}

#[tokio::test]
async fn the_url_takes_exactly_the_declared_bytes_and_type() {
    let app = start().await;
    let mina = app.user("mina").await;
    let photo = photo();
    let leave = leave(&app, &mina, JPEG, &photo).await;
    let typed = |content_type: &str| BTreeMap::from([("content-type".to_owned(), content_type.to_owned())]);
    let longer = [photo.as_slice(), b"!"].concat();
    let other_key = leave.url.replace(&leave.id.to_string(), "med_01jd7c3v1h8k2m4n6p8q0r2s4t");
    assert_ne!(other_key, leave.url);
    let refused = [
        ("another type", Method::PUT, leave.url.clone(), typed("text/html"), photo.clone()),
        ("a type with a parameter", Method::PUT, leave.url.clone(), typed("image/jpeg; a=b"), photo.clone()),
        ("no type", Method::PUT, leave.url.clone(), BTreeMap::new(), photo.clone()),
        ("a byte more", Method::PUT, leave.url.clone(), typed(JPEG), longer),
        ("a byte less", Method::PUT, leave.url.clone(), typed(JPEG), photo[1..].to_vec()),
        ("nothing", Method::PUT, leave.url.clone(), typed(JPEG), Vec::new()),
        ("another key", Method::PUT, other_key, typed(JPEG), photo.clone()),
        (
            "another bucket",
            Method::PUT,
            leave.url.replace("jangteo-test-uploads", "jangteo-test-pictures"),
            typed(JPEG),
            photo.clone(),
        ),
        ("a longer life", Method::PUT, leave.url.replace("Expires=300", "Expires=86400"), typed(JPEG), photo.clone()),
        ("no signature", Method::PUT, leave.url.split('?').next().unwrap().to_owned(), typed(JPEG), photo.clone()),
        ("another method", Method::GET, leave.url.clone(), typed(JPEG), Vec::new()),
        ("another method", Method::DELETE, leave.url.clone(), typed(JPEG), Vec::new()),
    ];
    for (what, method, url, headers, body) in refused {
        let (status, answer) = send(method, &url, &headers, &body).await;
        assert!(status.is_client_error(), "{what}: {status} {answer}");
    }
    assert!(events(&app).is_empty() && raw(&app, leave.id).is_none());
    assert_eq!(leave.put(&photo).await.0, StatusCode::OK);
    assert_eq!(raw(&app, leave.id), Some(photo));
    assert_eq!(events(&app).len(), 1);
}

#[tokio::test]
async fn attack_70_the_key_is_ours_alone_and_nothing_else_can_be_said() {
    let app = start().await;
    let mina = app.user("mina").await;
    let photo = photo();
    let leave = leave(&app, &mina, JPEG, &photo).await;
    let (address, _) = leave.url.split_once('?').unwrap();
    assert!(address.ends_with(&format!("/jangteo-test-uploads/raw/{}", leave.id)), "{address}");
    assert!(!leave.url.contains(&mina.id.to_string()) && !leave.url.contains("mina"), "{}", leave.url);
    for name in ["key", "filename", "name", "path", "bucket", "owner", "media_id", "state", "acl"] {
        for value in [json!("../../etc/passwd"), json!("x".repeat(1_025)), json!("a. ")] {
            let mut body = json!({ "purpose": "listing", "content_type": JPEG, "size_bytes": 1 });
            body[name] = value;
            let answer = app.post(CREATE).as_user(&mina).json(body).idempotency_key("other").send().await;
            answer.assert_refused(400, "request.invalid");
            assert_eq!(answer.pointers(), [format!("/{name}")]);
        }
    }
    for purpose in ["", "avatar", "Listing", "../listing"] {
        let body = json!({ "purpose": purpose, "content_type": JPEG, "size_bytes": 1 });
        let answer = app.post(CREATE).as_user(&mina).json(body).idempotency_key("other").send().await;
        answer.assert_refused(400, "request.invalid");
    }
    assert_eq!(app.all::<Media>().len(), 1);
}

#[tokio::test]
async fn attack_64_71_only_three_types_may_be_declared() {
    let app = start().await;
    let mina = app.user("mina").await;
    let wrong = [
        "",
        "image/svg+xml",
        "image/gif",
        "image/avif",
        "text/html",
        "application/pdf",
        "image/*",
        "image/jpeg; a=b",
        " image/jpeg",
        "image/jpeg\r\nx-amz-acl: public-read",
        "image/jpeg\u{0}",
    ];
    for content_type in wrong {
        let answer = ask(&app, &mina, content_type, 1_000, "k").send().await;
        answer.assert_refused(400, "media.type_unsupported");
        assert_eq!(answer.pointers(), ["/content_type"], "{content_type:?}");
    }
    let korean = ask(&app, &mina, "image/gif", 1_000, "k").language("ko").send().await;
    assert_eq!(korean.problem().detail, "JPEG, PNG, WebP 사진만 올릴 수 있습니다.");
    for (language, todo) in [("en", "Save the picture as JPEG"), ("ko", "JPEG로 저장")] {
        let heic = ask(&app, &mina, "image/heic", 1_000, "k").language(language).send().await;
        heic.assert_refused(400, "media.type_unsupported");
        let detail = heic.problem().detail;
        assert!(detail.contains("HEIC") && detail.contains(todo), "{detail}");
    }
    assert!(app.all::<Media>().is_empty());
    for good in ["image/jpeg", "image/png", "image/webp"] {
        assert_eq!(ask(&app, &mina, good, 1_000, good).send().await.status, 201, "{good}");
    }
}

#[tokio::test]
async fn image_jpg_means_jpeg_and_the_grant_says_how_to_send_it() {
    let app = start().await;
    let mina = app.user("mina").await;
    for written in ["image/jpg", "IMAGE/JPEG"] {
        let photo = photo();
        let leave = leave(&app, &mina, written, &photo).await;
        assert_eq!(leave.headers["content-type"], "image/jpeg", "{written}");
        assert_eq!(leave.put(&photo).await.0, StatusCode::OK);
        deliver(&app).await;
        assert_eq!(seen(&app, &mina, leave.id).await["state"], "ready", "{written}");
    }
}

#[tokio::test]
async fn attack_17_72_sizes_are_whole_numbers_from_one_byte_to_ten_mebibytes() {
    let app = start().await;
    let mina = app.user("mina").await;
    let cases = [
        (0, "media.empty"),
        (10_485_761, "media.too_large"),
        (1 << 31, "media.too_large"),
        (u64::MAX, "media.too_large"),
    ];
    for (size, code) in cases {
        let answer = ask(&app, &mina, JPEG, size, "k").send().await;
        answer.assert_refused(400, code);
        assert_eq!(answer.pointers(), ["/size_bytes"], "{size}");
    }
    for raw in ["-1", "-0", "1.5", "1.0", "1e3", "\"1\"", "null", "true", "18446744073709551616", "[1]"] {
        let body = format!(r#"{{"purpose":"listing","content_type":"image/jpeg","size_bytes":{raw}}}"#);
        let request = app.post(CREATE).as_user(&mina).idempotency_key("k").body("application/json", body);
        let answer = request.send().await;
        assert_eq!((answer.status, answer.usage.calls), (400, 0), "{raw}: {:?}", answer.body);
    }
    assert!(app.all::<Media>().is_empty());
    for (size, key) in [(1, "least"), (10_485_760, "most")] {
        assert_eq!(ask(&app, &mina, JPEG, size, key).send().await.status, 201, "{size}");
    }
}

#[tokio::test]
async fn attack_74_a_grant_that_is_used_again_changes_nothing() {
    let app = start().await;
    let mina = app.user("mina").await;
    let photo = photo();
    let leave = uploaded(&app, &mina, JPEG, &photo).await;
    deliver(&app).await;
    let before = (seen(&app, &mina, leave.id).await, crate::steps::served(&app, leave.id));
    assert_eq!(before.0["state"], "ready");
    // As long as the first, and another picture.
    let mut other = crate::files::encoded(crate::files::busy(16, 16), image::ImageFormat::Jpeg);
    assert!(other.len() <= photo.len());
    other.resize(photo.len(), 0);
    // S3 knows nothing of uses: it takes it, and then it is thrown away.
    assert_eq!(leave.put(&other).await.0, StatusCode::OK);
    assert_eq!(raw(&app, leave.id), Some(other));
    deliver(&app).await;
    assert_eq!((seen(&app, &mina, leave.id).await, crate::steps::served(&app, leave.id)), before);
    assert_eq!(raw(&app, leave.id), None);
}

#[tokio::test]
async fn attack_74_ten_grants_are_open_at_once_and_no_more() {
    let app = start().await;
    let (mina, ben) = (app.user("mina").await, app.user("ben").await);
    let mut first = None;
    for number in 0..10 {
        let answer = ask(&app, &mina, JPEG, 1_000, &format!("key-{number}")).send().await;
        assert_eq!(answer.status, 201, "{number}");
        first.get_or_insert(answer);
    }
    for (later, retry_after_s) in [(0, 300), (299, 1)] {
        let answer = ask(&app, &mina, JPEG, 1_000, "eleventh").later(Seconds(later)).send().await;
        answer.assert_refused(429, "media.too_many_open_uploads");
        assert_eq!(answer.retry_after_s(), Some(retry_after_s));
    }
    assert_eq!(app.all::<Media>().len(), 10);
    let again = ask(&app, &mina, JPEG, 1_000, "key-0").send().await;
    assert!(again.is_replayed() && again.body == first.unwrap().body, "a retry is no new grant");
    assert_eq!(ask(&app, &ben, JPEG, 1_000, "k").send().await.status, 201, "each person has their own ten");
    assert_eq!(ask(&app, &mina, JPEG, 1_000, "eleventh").later(Seconds(300)).send().await.status, 201);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn attack_74_76_of_thirty_two_at_once_ten_are_granted() {
    let app = start().await;
    let mina = app.user("mina").await;
    let requests = (0..32).map(|number| ask(&app, &mina, JPEG, 1_000, &format!("key-{number}"))).collect();
    let answers = TestRequest::all_at_once(requests).await;
    let mut counts = BTreeMap::<(u16, String), u32>::new();
    for answer in &answers {
        let count = counts.entry((answer.status, answer.problem_code())).or_default();
        *count = count.saturating_add(1);
    }
    let expected = [((201, String::new()), 10), ((429, "media.too_many_open_uploads".to_owned()), 22)];
    assert_eq!(counts, expected.into());
    assert_eq!(app.all::<Media>().len(), 10);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn attack_35_32_equal_requests_at_once_are_one_grant_and_count_once() {
    let app = start().await;
    let mina = app.user("mina").await;
    let answers = ask(&app, &mina, JPEG, 1_000, "k").send_at_once(32).await;
    assert!(answers.iter().all(|answer| answer.status == 201 && answer.body == answers[0].body));
    assert_eq!(answers.iter().filter(|answer| !answer.is_replayed()).count(), 1);
    assert_eq!(app.all::<Media>().len(), 1);
    for number in 1..10 {
        assert_eq!(ask(&app, &mina, JPEG, 1_000, &format!("key-{number}")).send().await.status, 201, "{number}");
    }
    ask(&app, &mina, JPEG, 1_000, "eleventh").send().await.assert_refused(429, "media.too_many_open_uploads");
}

#[tokio::test]
async fn attack_35_a_key_is_needed_and_belongs_to_one_request_of_one_person() {
    let app = start().await;
    let (mina, ben) = (app.user("mina").await, app.user("ben").await);
    let body = json!({ "purpose": "listing", "content_type": JPEG, "size_bytes": 1_000 });
    let keyless = app.post(CREATE).as_user(&mina).json(body);
    keyless.clone().send().await.assert_refused(400, "request.idempotency_key_missing");
    keyless.idempotency_key("").send().await.assert_refused(400, "request.idempotency_key_malformed");
    assert!(app.all::<Media>().is_empty());
    let first = ask(&app, &mina, JPEG, 1_000, "k").send().await;
    let other = ask(&app, &mina, JPEG, 1_001, "k").send().await;
    other.assert_refused(422, "request.idempotency_key_reused");
    let of_ben = ask(&app, &ben, JPEG, 1_000, "k").send().await;
    assert_eq!((of_ben.status, of_ben.is_replayed()), (201, false));
    assert_ne!(of_ben.json()["media_id"], first.json()["media_id"]);
    assert_eq!(app.all::<Media>().len(), 2);
}

#[tokio::test]
async fn attack_36_when_the_answer_is_lost_on_the_way_the_retry_gets_it() {
    let app = start().await;
    let mina = app.user("mina").await;
    app.fail(vec![FaultRule::always(Engine::Database, FaultKind::TimeOutAfterApply).on("TransactWriteItems")]);
    ask(&app, &mina, JPEG, 1_000, "k").may_break().send().await.assert_refused(503, "unavailable");
    app.heal();
    let retry = ask(&app, &mina, JPEG, 1_000, "k").send().await;
    assert_eq!((retry.status, retry.is_replayed()), (201, true));
    assert_eq!(app.all::<Media>().len(), 1);
}

#[tokio::test]
async fn a_race_that_stays_lost_grants_nothing_and_can_be_sent_again() {
    let app = start().await;
    let mina = app.user("mina").await;
    app.fail(vec![FaultRule::always(Engine::Database, FaultKind::TransactionConflict).on("TransactWriteItems")]);
    let answer = ask(&app, &mina, JPEG, 1_000, "k").send().await;
    answer.assert_refused(409, "request.in_progress");
    assert_eq!((answer.retry_after_s(), app.all::<Media>().len()), (Some(1), 0));
    app.heal();
    assert_eq!(ask(&app, &mina, JPEG, 1_000, "k").send().await.status, 201);
}

#[tokio::test]
async fn attack_40_only_people_who_are_signed_in_get_leave() {
    let app = start().await;
    let mina = app.user("mina").await;
    let body = json!({ "purpose": "listing", "content_type": JPEG, "size_bytes": 1_000 });
    let request = app.post(CREATE).json(body).idempotency_key("k");
    sweeps::assert_needs_sign_in(&request, &app.token_of(&mina)).await;
    assert!(app.all::<Media>().is_empty());
}

#[tokio::test]
async fn attack_58_59_61_63_only_the_json_of_this_request_is_taken() {
    let app = start().await;
    let mina = app.user("mina").await;
    let good = json!({ "purpose": "listing", "content_type": JPEG, "size_bytes": 1_000 });
    sweeps::assert_takes_only_its_json(&app.post(CREATE).as_user(&mina).idempotency_key("k"), &good).await;
    assert!(app.all::<Media>().is_empty());
}

#[tokio::test]
async fn attack_68_69_neither_the_log_nor_a_broken_answer_tells_of_the_inside() {
    let app = start().await;
    let mina = app.user("mina").await;
    let answer = ask(&app, &mina, JPEG, 1_000, "k").send().await;
    for hidden in ["X-Amz-Signature", "raw/", "mina"] {
        assert!(!answer.line.contains(hidden), "{}", answer.line);
    }
    app.fail(vec![FaultRule::always(Engine::Database, FaultKind::ServerError)]);
    let answer = ask(&app, &mina, JPEG, 1_000, "l").may_break().send().await;
    answer.assert_refused(503, "unavailable");
    assert_eq!(answer.json().get("upload"), None::<&Value>);
}
