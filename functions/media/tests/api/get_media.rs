//! What the owner of an upload sees of it, and nobody else.

use domain::{ids::MediaId, media::Refusal, timestamp::Seconds};
use engines::{Engine, FaultKind, FaultRule};
use serde_json::json;
use shared::random;
use testkit::{TestApp, sweeps};

use crate::steps::{JPEG, Leave, ask_for, deliver, leave, photo, seen, start, uploaded};

const GET: &str = "media.get_media";

#[tokio::test]
async fn the_owner_sees_it_waiting_and_then_ready_in_three_sizes() {
    let app = start().await;
    let mina = app.user("mina").await;
    let id = uploaded(&app, &mina, JPEG, &photo()).await.id;
    let waiting = json!({
        "id": id, "purpose": "listing", "state": "waiting", "progress": "awaiting_file", "poll_after_s": 1,
        "refusal": null, "pictures": [], "picture_url": "/img/no-picture.svg",
        "created_at": "2026-11-21T09:00:00.000Z", "expires_at": "2026-11-21T09:05:00.000Z",
    });
    let answer = app.get(GET).path("media_id", id).as_user(&mina).send().await;
    assert_eq!((answer.status, answer.json()), (200, waiting));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    // One consistent read of the upload and the person, one unit each.
    answer.assert_cost(1, 4, 0);
    deliver(&app).await;
    let picture = |size: u32, width: u32, height: u32| json!({ "width": width, "height": height, "url": format!("/pictures/{id}/{size}.jpg") });
    assert_eq!(
        seen(&app, &mina, id).await,
        json!({
            "id": id, "purpose": "listing", "state": "ready", "progress": "done", "poll_after_s": null,
            "refusal": null,
            "pictures": [picture(320, 320, 160), picture(960, 480, 240), picture(1_600, 480, 240)],
            "picture_url": format!("/pictures/{id}/1600.jpg"),
            "created_at": "2026-11-21T09:00:00.000Z", "expires_at": "2026-11-21T09:05:00.000Z",
        })
    );
}

#[tokio::test]
async fn while_the_file_is_looked_at_the_page_is_told_so_and_when_to_ask_again() {
    let app = start().await;
    let mina = app.user("mina").await;
    let id = uploaded(&app, &mina, JPEG, &photo()).await.id;
    app.table().note_arrival(id, app.now()).await.unwrap();
    for (later, poll_after_s) in [(0, 1), (45, 3), (599, 15)] {
        let answer = app.get(GET).path("media_id", id).as_user(&mina).later(Seconds(later)).send().await.json();
        assert_eq!((&answer["state"], &answer["progress"]), (&json!("waiting"), &json!("processing")));
        assert_eq!(answer["poll_after_s"], poll_after_s, "{later}");
    }
}

#[tokio::test]
async fn attack_74_what_did_not_come_is_refused_from_its_moment_on_without_any_sweep() {
    let app = start().await;
    let mina = app.user("mina").await;
    let id = leave(&app, &mina, JPEG, &photo()).await.id;
    app.advance(Seconds(300 + 899));
    assert_eq!(seen(&app, &mina, id).await["state"], "waiting");
    app.advance(Seconds(1));
    let lapsed = seen(&app, &mina, id).await;
    assert_eq!((&lapsed["state"], &lapsed["progress"]), (&json!("refused"), &json!("done")));
    assert_eq!((&lapsed["refusal"]["code"], &lapsed["poll_after_s"]), (&json!("expired"), &json!(null)));
}

#[tokio::test]
async fn a_profile_always_has_a_picture_to_show() {
    let app = start().await;
    let mina = app.user("mina").await;
    let file = photo();
    let ask = |key: &str| ask_for(&app, &mina, "profile", JPEG, file.len() as u64, key).send();
    let good = Leave::of(&ask("good").await);
    assert_eq!(seen(&app, &mina, good.id).await["picture_url"], "/img/no-profile.svg");
    assert_eq!(good.put(&file).await.0, 200);
    let bad = Leave::of(&ask("bad").await);
    assert_eq!(bad.put(&vec![0; file.len()]).await.0, 200);
    deliver(&app).await;
    let shown = seen(&app, &mina, good.id).await;
    assert_eq!(shown["picture_url"], format!("/pictures/{}/512.jpg", good.id));
    let sizes: Vec<_> = shown["pictures"].as_array().unwrap().iter().map(|p| (&p["width"], &p["height"])).collect();
    assert_eq!(sizes, [(&json!(96), &json!(96)), (&json!(240), &json!(240)), (&json!(240), &json!(240))]);
    let refused = seen(&app, &mina, bad.id).await;
    assert_eq!((&refused["state"], &refused["picture_url"]), (&json!("refused"), &json!("/img/no-profile.svg")));
}

#[tokio::test]
async fn a_refusal_is_told_in_the_language_of_the_reader() {
    let app = start().await;
    let mina = app.user("mina").await;
    let id = uploaded(&app, &mina, JPEG, b"<script>alert(1)</script>").await.id;
    deliver(&app).await;
    let told = async |language: &str| {
        let request = app.get(GET).path("media_id", id).as_user(&mina).language(language);
        request.send().await.json()
    };
    for (language, detail) in [
        ("ko", Refusal::NotAPicture.detail(domain::Language::Korean)),
        ("ko-KR,ko;q=0.9,en;q=0.8", "읽을 수 있는 사진이 아닙니다. JPEG, PNG 또는 WebP 사진을 올려 주세요."),
        ("en", "The file is not a picture that we can read. Upload a JPEG, PNG or WebP picture."),
        ("fr", Refusal::NotAPicture.detail(domain::Language::English)),
    ] {
        let shown = told(language).await;
        assert_eq!((&shown["state"], &shown["pictures"]), (&json!("refused"), &json!([])));
        assert_eq!(shown["refusal"], json!({ "code": "not_a_picture", "detail": detail }), "{language}");
    }
}

#[tokio::test]
async fn attack_1_somebody_elses_upload_and_none_at_all_give_the_same_answer() {
    let app = start().await;
    let (mina, ben) = (app.user("mina").await, app.user("ben").await);
    let of_mina = leave(&app, &mina, JPEG, &photo()).await.id;
    let none = MediaId::new(app.now(), random::entropy().unwrap());
    let mut told = Vec::new();
    for id in [of_mina, none] {
        let answer = app.get(GET).path("media_id", id).as_user(&ben).send().await;
        answer.assert_refused(404, "media.not_found");
        let mut problem = answer.problem();
        problem.instance.clear();
        told.push(problem);
    }
    assert_eq!(told[0], told[1]);
    let korean = app.get(GET).path("media_id", none).as_user(&ben).language("ko").send().await;
    assert_eq!(korean.problem().detail, "사진이 없거나 본인의 사진이 아닙니다.");
}

#[tokio::test]
async fn attack_10_63_what_is_no_id_is_refused_without_asking_the_table() {
    let app = start().await;
    let mina = app.user("mina").await;
    let good = leave(&app, &mina, JPEG, &photo()).await.id.to_string();
    let wrong = [
        String::new(),
        "med_".to_owned(),
        mina.id.to_string(),
        good.to_uppercase(),
        format!("{good}\0"),
        format!("{good}%00"),
        format!("{good}#"),
        format!("{good}/320.jpg"),
        "..%2f..%2fraw".to_owned(),
        good.replace('0', "０"),
        format!("med_{}", "8".repeat(26)),
        "x".repeat(10_240),
    ];
    for id in wrong {
        let answer = app.get(GET).path("media_id", &id).as_user(&mina).send().await;
        answer.assert_refused(400, "request.invalid");
        assert_eq!((answer.pointers(), answer.usage.calls), (vec!["/media_id".to_owned()], 0), "{id:.60}");
    }
    for query in [&format!("media_id={good}"), "a=1&a=2", "a[]=1", "owner=usr_1", &"x".repeat(10_000)] {
        let answer = app.get(GET).path("media_id", &good).query(query).as_user(&mina).send().await;
        answer.assert_refused(400, "request.invalid");
        assert_eq!(answer.usage.calls, 0, "{query:.60}");
    }
}

#[tokio::test]
async fn attack_40_only_people_who_are_signed_in_see_anything() {
    let app: TestApp = start().await;
    let mina = app.user("mina").await;
    let id = leave(&app, &mina, JPEG, &photo()).await.id;
    sweeps::assert_needs_sign_in(&app.get(GET).path("media_id", id), &app.token_of(&mina)).await;
}

#[tokio::test]
async fn attack_68_when_the_table_does_not_answer_the_upload_is_unavailable_and_not_absent() {
    let app = start().await;
    let mina = app.user("mina").await;
    let id = leave(&app, &mina, JPEG, &photo()).await.id;
    app.fail(vec![FaultRule::always(Engine::Database, FaultKind::ServerError)]);
    let answer = app.get(GET).path("media_id", id).as_user(&mina).may_break().send().await;
    answer.assert_refused(503, "unavailable");
}
