//! ASVS 5.2.4: how much one person may have open, begin on one day, and keep.

use std::collections::BTreeMap;

use domain::{
    media::{STORED_BYTES_MAX, UPLOADS_PER_DAY},
    timestamp::Seconds,
};
use shared::store::{
    expression::{Change, Condition},
    limits::LimitCounter,
    media_quotas::MediaQuota,
};
use testkit::{TestApp, TestRequest, TestUser};

use crate::steps::{JPEG, ask, deliver, held, leave, photo, quota, start, stored, uploaded};

/// As if the person kept so many bytes more.
async fn keeps(app: &TestApp, user: &TestUser, bytes: u64) {
    let more = vec![Change::Add("bytes", i64::try_from(bytes).unwrap())];
    app.table().update(&MediaQuota::key(user.id), more, Condition::Present).await.unwrap();
}

#[tokio::test]
async fn attack_74_a_grant_that_was_used_is_open_no_longer() {
    let app = start().await;
    let mina = app.user("mina").await;
    for number in 0..10 {
        let file: &[u8] = if number % 2 == 0 { &photo() } else { b"no picture" };
        uploaded(&app, &mina, JPEG, file).await;
    }
    assert_eq!(quota(&app, &mina).0, 10);
    ask(&app, &mina, JPEG, 1_000, "eleventh").send().await.assert_refused(429, "media.too_many_open_uploads");
    deliver(&app).await;
    assert_eq!(quota(&app, &mina), (0, held(&app)));
    for number in 0..10 {
        assert_eq!(ask(&app, &mina, JPEG, 1_000, &format!("next-{number}")).send().await.status, 201, "{number}");
    }
}

#[tokio::test]
async fn attack_74_a_grant_lapses_by_its_own_time_and_says_when() {
    let app = start().await;
    let mina = app.user("mina").await;
    for number in 0..10 {
        let request = ask(&app, &mina, JPEG, 1_000, &format!("key-{number}")).later(Seconds(number * 10));
        assert_eq!(request.send().await.status, 201, "{number}");
    }
    let at = async |later: u32, key: &str| ask(&app, &mina, JPEG, 1_000, key).later(Seconds(later)).send().await;
    let full = at(95, "a").await;
    full.assert_refused(429, "media.too_many_open_uploads");
    assert_eq!(full.retry_after_s(), Some(205), "until the first of them lapses");
    // The first and the second have lapsed: their places are free, and no sweep was there.
    let granted = at(310, "b").await;
    assert_eq!(granted.status, 201);
    // Refused, freed, granted: the dear way, taken only when all ten places look taken.
    assert_eq!(granted.usage.calls, 3);
    let next = at(310, "c").await;
    assert_eq!((next.status, next.usage.calls), (201, 1));
    at(310, "d").await.assert_refused(429, "media.too_many_open_uploads");
    assert_eq!(quota(&app, &mina), (10, 12_000), "what was begun in time may still come, so its bytes stay");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn attack_74_76_lapsed_places_are_given_once_however_many_ask_at_once() {
    let app = start().await;
    let mina = app.user("mina").await;
    for number in 0..10 {
        let request = ask(&app, &mina, JPEG, 1_000, &format!("key-{number}")).later(Seconds(number * 60));
        assert_eq!(request.send().await.status, 201, "{number}");
    }
    // Five have lapsed, five have not.
    let requests = (0..16).map(|n| ask(&app, &mina, JPEG, 1_000, &format!("late-{n}")).later(Seconds(540))).collect();
    let answers = TestRequest::all_at_once(requests).await;
    let granted = answers.iter().filter(|answer| answer.status == 201).count();
    assert!(answers.iter().all(|answer| matches!(answer.status, 201 | 409 | 429)));
    assert_eq!((granted, quota(&app, &mina).0), (5, 10));
}

#[tokio::test]
async fn attack_74_bytes_are_bounded_and_a_removed_picture_makes_room() {
    let app = start().await;
    let mina = app.user("mina").await;
    let first = leave(&app, &mina, JPEG, &vec![0; 1_000]).await.id;
    keeps(&app, &mina, STORED_BYTES_MAX - 1_000 - 500).await;
    let full = ask(&app, &mina, JPEG, 501, "too-much").send().await;
    full.assert_refused(409, "media.storage_full");
    assert_eq!(full.problem().detail, "Your pictures may have at most 500 MiB together.");
    let korean = ask(&app, &mina, JPEG, 501, "too-much").language("ko").send().await;
    assert_eq!(korean.problem().detail, "사진은 모두 합해 500 MiB까지 보관할 수 있습니다.");
    assert_eq!(ask(&app, &mina, JPEG, 500, "just-so").send().await.status, 201);
    ask(&app, &mina, JPEG, 1, "one-more").send().await.assert_refused(409, "media.storage_full");
    let answer = app.delete("media.delete_media").path("media_id", first).as_user(&mina).send().await;
    assert_eq!(answer.status, 204);
    assert_eq!(ask(&app, &mina, JPEG, 1_000, "room-again").send().await.status, 201);
    let ben = app.user("ben").await;
    assert_eq!(ask(&app, &ben, JPEG, 10_485_760, "k").send().await.status, 201, "each person has their own");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn attack_74_76_of_eight_at_once_as_many_are_granted_as_there_is_room_for() {
    let app = start().await;
    let mina = app.user("mina").await;
    leave(&app, &mina, JPEG, &vec![0; 1_000]).await;
    keeps(&app, &mina, STORED_BYTES_MAX - 1_000 - 3_500).await;
    let requests = (0..8).map(|number| ask(&app, &mina, JPEG, 1_000, &format!("next-{number}"))).collect();
    let mut counts = BTreeMap::<(u16, String), u32>::new();
    for answer in TestRequest::all_at_once(requests).await {
        *counts.entry((answer.status, answer.problem_code())).or_default() += 1;
    }
    assert_eq!(counts, [((201, String::new()), 3), ((409, "media.storage_full".to_owned()), 5)].into());
    assert_eq!(quota(&app, &mina), (4, i64::try_from(STORED_BYTES_MAX - 500).unwrap()));
}

#[tokio::test]
async fn attack_76_a_day_has_five_hundred_uploads_even_if_each_is_removed() {
    let app = start().await;
    let mina = app.user("mina").await;
    let id = leave(&app, &mina, JPEG, &photo()).await.id;
    let today = app.now().seconds() / 86_400;
    let counter = LimitCounter::key("uploads", today, &mina.id.to_string());
    let begun = vec![Change::Add("count", i64::from(UPLOADS_PER_DAY - 2))];
    app.table().update(&counter, begun, Condition::Present).await.unwrap();
    assert_eq!(ask(&app, &mina, JPEG, 1_000, "the-last").send().await.status, 201);
    let answer = app.delete("media.delete_media").path("media_id", id).as_user(&mina).send().await;
    assert_eq!(answer.status, 204);
    let refused = ask(&app, &mina, JPEG, 1_000, "one-more").send().await;
    refused.assert_refused(429, "media.too_many_uploads_today");
    // 09:00 to midnight.
    assert_eq!(refused.retry_after_s(), Some(15 * 3_600));
    assert_eq!((app.all::<shared::store::media::Media>().len(), quota(&app, &mina)), (1, (1, 1_000)));
    app.advance(Seconds::hours(15));
    assert_eq!(ask(&app, &mina, JPEG, 1_000, "tomorrow").send().await.status, 201);
    let newest = app.all::<shared::store::media::Media>().into_iter().max_by_key(|media| media.created_at).unwrap();
    assert_eq!(stored(&app, newest.id).created_at, app.now());
}
