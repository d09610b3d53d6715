//! What a person has uploaded, all of it: what an export and an erasure of a person read.

use domain::{
    ids::MediaId,
    media::{MediaPurpose, MediaState, PictureType},
    timestamp::Seconds,
};
use shared::{
    random,
    store::media::{MEDIA_PAGE, Media},
};
use testkit::{TestApp, TestUser};

use crate::steps::start;

/// A picture of this person, granted so many seconds after the start.
async fn granted(app: &TestApp, owner: &TestUser, after: u32) -> MediaId {
    let at = app.now().plus(Seconds(after));
    let media = Media {
        id: MediaId::new(at, random::entropy().unwrap()),
        owner: owner.id,
        purpose: MediaPurpose::Listing,
        declared_type: PictureType::Jpeg,
        declared_bytes: 1_000,
        state: MediaState::Waiting,
        refusal: None,
        pictures: Vec::new(),
        created_at: at,
        expires_at: at.plus(Seconds(300)),
    };
    app.table().transaction().create(&media).commit().await.unwrap();
    media.id
}

#[tokio::test]
async fn the_uploads_of_a_person_are_listed_oldest_first_and_nobody_elses() {
    let app = start().await;
    let (mina, ben) = (app.user("mina").await, app.user("ben").await);
    let second = granted(&app, &mina, 2).await;
    granted(&app, &ben, 1).await;
    let first = granted(&app, &mina, 1).await;
    let page = app.table().media_of(mina.id, None).await.unwrap();
    assert_eq!((page.ids, page.last_key), (vec![first, second], None));
    let read = app.table().get_all_media(&[first, second]).await.unwrap();
    assert_eq!(read.len(), 2);
    assert!(read.iter().all(|media| media.owner == mina.id));
    assert!(app.table().media_of(app.stranger().await.id, None).await.unwrap().ids.is_empty());
}

#[tokio::test]
async fn more_uploads_than_a_page_has_come_page_by_page_each_once() {
    let app = start().await;
    let mina = app.user("mina").await;
    let mut granted_ids = Vec::new();
    for after in 0..=MEDIA_PAGE {
        granted_ids.push(granted(&app, &mina, after).await);
    }
    let page = app.table().media_of(mina.id, None).await.unwrap();
    assert_eq!((page.ids.len(), page.last_key.is_some()), (100, true));
    assert_eq!(app.table().get_all_media(&page.ids).await.unwrap().len(), 100);
    let rest = app.table().media_of(mina.id, page.last_key).await.unwrap();
    assert_eq!([page.ids, rest.ids].concat(), granted_ids);
    assert!(rest.last_key.is_none());
}
