//! What becomes of an upload: our own pictures, or a reason.

use domain::{ids::MediaId, media::PictureType};
use http::StatusCode;
use image::ImageFormat;
use serde_json::{Value, json};
use shared::{
    aws::{Aws, CallLimits},
    random,
    store::media::Media,
    uploads::Uploads,
};

use crate::{
    files::{
        CAMERA, RED, busy, encoded, exif, jpeg_claiming, jpeg_with, png_chunk, png_with, quarters, segment, stored,
    },
    steps::{
        self, JOB, JPEG, Leave, contains, deliver, events, held, leave, original, payload, payload_for, photo, quota,
        raw, seen, send, served, served_as, start, uploaded,
    },
};

#[tokio::test]
async fn an_upload_becomes_three_pictures_of_our_own_and_is_removed() {
    let app = start().await;
    let mina = app.user("mina").await;
    let file = encoded(quarters(2_000, 1_000), ImageFormat::Png);
    let leave = uploaded(&app, &mina, "image/png", &file).await;
    assert!(raw(&app, leave.id).is_some() && served(&app, leave.id).is_empty());
    let (report, usage) = app.run_job(JOB, payload(&events(&app))).await.unwrap();
    assert!(report.batch_item_failures.is_empty());
    // The arrival: one unit. The outcome, in one transaction: the upload and the quota, two units each,
    // and one for the place in an index that is left.
    assert_eq!((usage.calls, usage.read_half_units, usage.write_half_units), (2, 0, 12));
    assert_eq!(original(&app, leave.id).as_ref(), Some(&file), "byte for byte");

    let pictures = served(&app, leave.id);
    let sizes: Vec<(u32, u32)> = pictures
        .iter()
        .map(|jpeg| {
            let picture = image::load_from_memory_with_format(jpeg, ImageFormat::Jpeg).unwrap();
            (picture.width(), picture.height())
        })
        .collect();
    assert_eq!(sizes, [(320, 160), (960, 480), (1_600, 800)]);
    for size in [320, 960, 1_600] {
        let (content_type, cache_control) = served_as(&app, leave.id, size).await;
        assert_eq!(content_type, "image/jpeg", "ours, whatever was uploaded");
        assert_eq!(cache_control, "public, max-age=31536000, s-maxage=86400, immutable");
    }
    assert_eq!(seen(&app, &mina, leave.id).await["state"], "ready");
    assert_eq!(raw(&app, leave.id), None);
    let item = app.items().into_iter().find(|item| item.is(<Media as shared::store::Entity>::KIND)).unwrap();
    assert!(!format!("{item:?}").contains("\"ttl\""), "what is ready is kept: {item:?}");
}

#[tokio::test]
async fn attack_73_the_picture_is_upright_and_tells_neither_place_nor_camera() {
    let app = start().await;
    let mina = app.user("mina").await;
    let jpeg = encoded(stored(&quarters(480, 160), 6), ImageFormat::Jpeg);
    let file = jpeg_with(&jpeg, &segment(0xe1, &[b"Exif\0\0", exif(6, true).as_slice()].concat()));
    assert!(contains(&file, CAMERA));
    let leave = uploaded(&app, &mina, JPEG, &file).await;
    deliver(&app).await;
    let shown = seen(&app, &mina, leave.id).await;
    assert_eq!((&shown["pictures"][2]["width"], &shown["pictures"][2]["height"]), (&json!(480), &json!(160)));
    let pictures = served(&app, leave.id);
    assert_eq!(pictures.len(), 3);
    for jpeg in pictures {
        assert!(!contains(&jpeg, CAMERA) && !contains(&jpeg, b"Exif"));
        let picture = image::load_from_memory_with_format(&jpeg, ImageFormat::Jpeg).unwrap().into_rgb8();
        let seen = picture.get_pixel(picture.width() / 4, picture.height() / 4);
        assert!(seen.0.iter().zip(RED.0).all(|(&a, b)| a.abs_diff(b) <= 12), "{seen:?}");
    }
}

#[tokio::test]
async fn attack_71_what_is_hidden_in_a_picture_is_not_served() {
    const EVIL: &[u8] = b"<script>alert('evil')</script>PK\x03\x04evil.zip";
    let app = start().await;
    let mina = app.user("mina").await;
    let polyglot = [photo().as_slice(), EVIL].concat();
    let leave = uploaded(&app, &mina, JPEG, &polyglot).await;
    deliver(&app).await;
    let pictures = served(&app, leave.id);
    assert_eq!(pictures.len(), 3);
    assert!(pictures.iter().all(|jpeg| !contains(jpeg, b"script") && !contains(jpeg, b"PK\x03\x04")));
    assert_eq!(raw(&app, leave.id), None);
}

#[tokio::test]
async fn attack_71_72_what_is_refused_has_a_reason_no_pictures_and_no_bytes_left() {
    let app = start().await;
    let mina = app.user("mina").await;
    let png = encoded(busy(32, 32), ImageFormat::Png);
    let animated = png_with(&png, &png_chunk(b"acTL", &[0, 0, 0, 2, 0, 0, 0, 0]));
    let photo = photo();
    let cases: [(&str, Vec<u8>, &str); 9] = [
        (JPEG, b"<!doctype html><script>alert(1)</script>".to_vec(), "not_a_picture"),
        (JPEG, b"<svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert(1)</script></svg>".to_vec(), "not_a_picture"),
        ("image/webp", b"%PDF-1.7\n1 0 obj\n".to_vec(), "not_a_picture"),
        (JPEG, png.clone(), "type_differs"),
        (JPEG, b"GIF89a\x40\0\x40\0\x80\0\0".to_vec(), "type_differs"),
        (JPEG, photo[..photo.len() / 2].to_vec(), "damaged"),
        ("image/png", encoded(busy(15, 40), ImageFormat::Png), "too_small"),
        ("image/png", animated, "animated"),
        (JPEG, jpeg_claiming(&photo, 65_000, 65_000), "too_large_dimensions"),
    ];
    for (content_type, file, code) in cases {
        let leave = uploaded(&app, &mina, content_type, &file).await;
        deliver(&app).await;
        let shown = seen(&app, &mina, leave.id).await;
        assert_eq!((&shown["state"], &shown["refusal"]["code"]), (&json!("refused"), &json!(code)));
        assert_eq!(shown["pictures"], json!([]), "{code}");
        assert_eq!((raw(&app, leave.id), served(&app, leave.id).len()), (None, 0), "{code}");
        assert_eq!(original(&app, leave.id), None, "{code}");
    }
}

#[tokio::test]
async fn the_quota_keeps_what_is_kept_and_the_grant_is_open_no_longer() {
    let app = start().await;
    let mina = app.user("mina").await;
    let file = photo();
    let good = uploaded(&app, &mina, JPEG, &file).await;
    uploaded(&app, &mina, JPEG, b"no picture").await;
    let declared = i64::try_from(file.len() + b"no picture".len()).unwrap();
    assert_eq!(quota(&app, &mina), (2, declared));
    let event = payload(&events(&app));
    for _ in 0..2 {
        app.run_job(JOB, event.clone()).await.unwrap();
        let pictures: usize = served(&app, good.id).iter().map(Vec::len).sum();
        assert_eq!(quota(&app, &mina), (0, i64::try_from(file.len() + pictures).unwrap()));
        assert_eq!(quota(&app, &mina).1, held(&app));
    }
}

#[tokio::test]
async fn attack_72_a_file_beyond_the_limit_is_refused_unread_however_it_came_there() {
    let app = start().await;
    let mina = app.user("mina").await;
    let id = leave(&app, &mina, JPEG, &photo()).await.id;
    // No grant of ours is for so many bytes: signed here, behind the back of the endpoint.
    let uploads = Uploads::new(&Aws::new(&app.config().aws, CallLimits::within(10)).unwrap(), app.config());
    let grant = uploads.grant(id, PictureType::Jpeg, 10_485_761).await.unwrap();
    let headers = grant.headers.into_iter().collect();
    assert_eq!(send(http::Method::PUT, &grant.url, &headers, &vec![0; 10_485_761]).await.0, StatusCode::OK);
    deliver(&app).await;
    assert_eq!(seen(&app, &mina, id).await["refusal"]["code"], "too_large_file");
    assert_eq!((raw(&app, id), served(&app, id).len()), (None, 0));
}

#[tokio::test]
async fn attack_70_an_event_for_a_key_that_is_none_of_ours_is_nobodys_business() {
    let app = start().await;
    let mina = app.user("mina").await;
    let leave = uploaded(&app, &mina, JPEG, &photo()).await;
    let unknown = MediaId::new(app.now(), random::entropy().unwrap());
    let keys = [
        format!("raw/{unknown}"),
        format!("raw/{}/..", leave.id),
        format!("raw/../raw/{}", leave.id),
        format!("raw/{}", leave.id.to_string().to_uppercase()),
        format!("raw/{}%00", leave.id),
        format!("pictures/{}", leave.id),
        leave.id.to_string(),
        "raw/".to_owned(),
        String::new(),
        "raw/%2e%2e/x".to_owned(),
        format!("raw/{}", "x".repeat(1_020)),
    ];
    let before = app.items().len();
    for key in keys {
        let (_, usage) = app.run_job(JOB, payload_for(&key)).await.unwrap();
        assert_eq!(usage.write_half_units, 0, "{key}");
    }
    assert_eq!((app.items().len(), steps::stored(&app, leave.id).state), (before, domain::media::MediaState::Waiting));
    assert!(raw(&app, leave.id).is_some(), "nothing was removed");
}

#[tokio::test]
async fn the_objects_of_one_event_are_each_looked_at() {
    let app = start().await;
    let mina = app.user("mina").await;
    let good = uploaded(&app, &mina, JPEG, &photo()).await.id;
    let bad = uploaded(&app, &mina, JPEG, b"no picture").await.id;
    let waiting = events(&app);
    assert_eq!(waiting.len(), 2);
    app.run_job(JOB, payload(&waiting)).await.unwrap();
    assert_eq!(seen(&app, &mina, good).await["state"], "ready");
    assert_eq!(seen(&app, &mina, bad).await["state"], "refused");
    assert_eq!((raw(&app, good), raw(&app, bad)), (None, None));
}

#[tokio::test]
async fn what_is_no_event_of_s3_breaks_and_nothing_happens() {
    let app = start().await;
    let mina = app.user("mina").await;
    let leave: Leave = uploaded(&app, &mina, JPEG, &photo()).await;
    let no_key = json!({ "Records": [{ "eventTime": "2026-11-21T09:00:00.000Z", "s3": { "object": {} } }] });
    for wrong in [Value::Null, json!({}), json!({ "Records": [{}] }), json!([]), no_key] {
        assert!(app.run_job(JOB, wrong.clone()).await.is_err(), "{wrong}");
    }
    // S3 sends this once, when the notification is configured ("s3:TestEvent"): no records, no harm.
    assert!(app.run_job(JOB, json!({ "Records": [] })).await.is_ok());
    assert!(raw(&app, leave.id).is_some());
}
