//! What a person has uploaded, all of it: what an export and an erasure of a person read.

use domain::{
    ids::MediaId,
    media::{MediaPurpose, PictureType},
    timestamp::Seconds,
};
use shared::{
    aws::{Aws, CallLimits},
    random,
    store::{
        Kind,
        media::{MEDIA_PAGE, Media},
        media_removals::MediaRemoval,
    },
    uploads::{Uploads, erase_media},
};
use testkit::{TestApp, TestUser};

use crate::steps::{JPEG, events, held, original, photo, quota, raw, ready, served, start, sweep, uploaded, used};

/// A picture of this person, granted so many seconds after the start.
async fn granted(app: &TestApp, owner: &TestUser, after: u32) -> MediaId {
    let at = app.now().plus(Seconds(after));
    let id = MediaId::new(at, random::entropy().unwrap());
    let media = Media::granted(id, owner.id, MediaPurpose::Listing, PictureType::Jpeg, 1_000, at);
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

#[tokio::test]
async fn the_erasure_of_a_person_removes_every_upload_used_or_not_and_leaves_nothing() {
    let app = start().await;
    let (mina, ben) = (app.user("mina").await, app.user("ben").await);
    // The sweep has refused this one, and will remove its objects once more.
    let lapsed = uploaded(&app, &mina, JPEG, &photo()).await.id;
    app.advance(Seconds::minutes(20));
    sweep(&app).await;
    assert_eq!((app.all::<MediaRemoval>().len(), events(&app).len()), (1, 1));
    app.engines().objects().acknowledge(&events(&app)[0]);
    let shown = ready(&app, &mina).await;
    used(&app, &mina, shown).await;
    let waiting = uploaded(&app, &mina, JPEG, &photo()).await.id;
    let refused = uploaded(&app, &mina, JPEG, b"no picture").await.id;
    let of_ben = ready(&app, &ben).await;
    let uploads = Uploads::new(&Aws::new(&app.config().aws, CallLimits::within(10)).unwrap(), app.config());
    for _ in 0..2 {
        for id in app.table().media_of(mina.id, None).await.unwrap().ids {
            erase_media(app.table(), &uploads, id, app.now()).await.unwrap();
        }
        app.table().forget_media_quota(mina.id).await.unwrap();
    }
    for id in [lapsed, shown, waiting, refused] {
        assert_eq!((raw(&app, id), original(&app, id), served(&app, id).len()), (None, None, 0));
        // Again, as after a breakage.
        erase_media(app.table(), &uploads, id, app.now()).await.unwrap();
    }
    assert_eq!(app.all::<Media>().iter().map(|media| media.id).collect::<Vec<_>>(), [of_ben]);
    assert_eq!((quota(&app, &ben), served(&app, of_ben).len()), ((0, held(&app)), 3));
    app.advance(Seconds::minutes(15));
    sweep(&app).await;
    let left = app.items().into_iter().filter(|item| format!("{item:?}").contains(&mina.id.to_string()));
    // The account itself and her remembered answers are not ours to erase.
    assert!(left.into_iter().all(|item| !item.is(Kind::MEDIA) && !item.is(Kind::MEDIA_QUOTA)));
    assert!(app.all::<MediaRemoval>().is_empty());
}
