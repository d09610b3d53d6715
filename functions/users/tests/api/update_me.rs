//! What a person may change of themselves, and what not.

use domain::{
    auth::AccountState,
    ids::MediaId,
    media::{MediaPurpose, MediaState, PictureType},
    timestamp::Seconds,
};
use serde_json::{Value, json};
use shared::{
    random,
    store::{
        expression::{Change, Condition},
        media::Media,
        users::{NicknameOwner, User},
    },
};
use testkit::{TestApp, TestRequest, TestUser, sweeps};

const UPDATE_ME: &str = "users.update_me";

fn update<'a>(app: &'a TestApp, user: &TestUser, changes: Value) -> TestRequest<'a> {
    app.patch(UPDATE_ME).as_user(user).json(changes)
}

/// Which nicknames are taken, folded.
fn taken(app: &TestApp) -> Vec<String> {
    let mut taken: Vec<String> = app.all::<NicknameOwner>().into_iter().map(|owner| owner.folded).collect();
    taken.sort();
    taken
}

#[tokio::test]
async fn what_is_named_changes_and_the_rest_stays() {
    let app = TestApp::start(&users::SERVICE).await;
    let mina = app.user("mina").await;
    let answer = update(&app, &mina, json!({ "language": "ko" })).send().await;
    assert_eq!(answer.status, 200, "{:?}", answer.body);
    assert_eq!((answer.json()["language"].as_str(), answer.json()["nickname"].as_str()), (Some("ko"), Some("mina")));
    // One read of a unit; one write in a transaction.
    answer.assert_cost(2, 2, 4);

    let answer = update(&app, &mina, json!({ "nickname": "Mina the 2nd" })).send().await;
    assert_eq!(answer.status, 200, "{:?}", answer.body);
    assert_eq!(answer.json(), app.get("users.get_me").as_user(&mina).send().await.json());
    assert_eq!(answer.json()["language"], "ko");
    // The person, the new owner, the old one and the counter, two units each.
    answer.assert_cost(2, 2, 16);
    assert_eq!(taken(&app), ["mina the 2nd"]);
}

#[tokio::test]
async fn a_nickname_that_was_given_back_can_be_taken_and_one_that_is_taken_cannot() {
    let app = TestApp::start(&users::SERVICE).await;
    let (mina, ben) = (app.user("mina").await, app.user("ben").await);
    let refused = update(&app, &ben, json!({ "nickname": "MINA", "language": "ko" })).send().await;
    refused.assert_refused(409, "auth.nickname_taken");
    assert_eq!(refused.pointers(), ["/nickname"]);
    assert!(app.all::<User>().iter().all(|user| user.language == domain::Language::English), "nothing is half done");
    assert_eq!(update(&app, &mina, json!({ "nickname": "nari" })).send().await.status, 200);
    assert_eq!(update(&app, &ben, json!({ "nickname": "mina" })).send().await.status, 200);
    assert_eq!(taken(&app), ["mina", "nari"]);
}

#[tokio::test]
async fn a_nickname_in_letters_that_look_like_latin_ones_is_taken_and_given_back_with_the_latin_one() {
    let app = TestApp::start(&users::SERVICE).await;
    let (mina, ben) = (app.user("mina").await, app.user("ben").await);
    let cyrillic = "\u{440}\u{430}\u{441}\u{430}";
    assert_eq!(update(&app, &mina, json!({ "nickname": cyrillic })).send().await.status, 200);
    assert_eq!(taken(&app), ["ben", "paca", cyrillic]);
    update(&app, &ben, json!({ "nickname": "Paca" })).send().await.assert_refused(409, "auth.nickname_taken");
    // Theirs in either alphabet.
    assert_eq!(update(&app, &mina, json!({ "nickname": "paca" })).send().await.status, 200);
    assert_eq!(taken(&app), ["ben", "paca"]);
    update(&app, &ben, json!({ "nickname": cyrillic })).send().await.assert_refused(409, "auth.nickname_taken");
    assert_eq!(update(&app, &mina, json!({ "nickname": "nari" })).send().await.status, 200);
    assert_eq!(update(&app, &ben, json!({ "nickname": cyrillic })).send().await.status, 200);
    assert_eq!(taken(&app), ["nari", "paca", cyrillic]);
}

#[tokio::test]
async fn a_nickname_that_the_rule_of_today_refuses_is_kept_by_who_has_it() {
    let app = TestApp::start(&users::SERVICE).await;
    let (mina, ben) = (app.user("mina").await, app.user("ben").await);
    let before = "min\u{430}  \u{2800}";
    let change = vec![Change::Set("nickname", before.into())];
    app.table().update(&User::key(mina.id), change, Condition::Present).await.unwrap();
    let owner = NicknameOwner { folded: domain::text::folded(before), user_id: mina.id };
    app.table().transaction().create(&owner).commit().await.unwrap();
    assert_eq!(app.get("users.get_me").as_user(&mina).send().await.json()["nickname"], before);
    update(&app, &ben, json!({ "nickname": before })).send().await.assert_refused(400, "request.invalid");
    assert_eq!(update(&app, &mina, json!({ "nickname": "nari" })).send().await.status, 200);
    assert!(!taken(&app).contains(&owner.folded));
}

#[tokio::test]
async fn of_two_who_want_a_nickname_at_once_one_gets_it() {
    let app = TestApp::start(&users::SERVICE).await;
    let (mina, ben) = (app.user("mina").await, app.user("ben").await);
    let wanted = json!({ "nickname": "wanted" });
    let requests = [&mina, &ben].map(|person| update(&app, person, wanted.clone())).to_vec();
    let mut statuses: Vec<u16> = TestRequest::all_at_once(requests).await.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409]);
    assert_eq!(taken(&app).len(), 2);
}

#[tokio::test]
async fn another_case_of_ones_own_nickname_is_a_change_without_another_owner() {
    let app = TestApp::start(&users::SERVICE).await;
    let mina = app.user("mina").await;
    let answer = update(&app, &mina, json!({ "nickname": "MiNa" })).send().await;
    assert_eq!(answer.json()["nickname"], "MiNa");
    answer.assert_cost(2, 2, 8);
    assert_eq!(taken(&app), ["mina"]);
}

#[tokio::test]
async fn a_nickname_changes_three_times_a_day_and_asking_for_ones_own_is_no_change() {
    let app = TestApp::start(&users::SERVICE).await;
    let mina = app.user("mina").await;
    for nickname in ["one", "two", "two", "three"] {
        let answer = update(&app, &mina, json!({ "nickname": nickname })).send().await;
        assert_eq!(answer.status, 200, "{nickname}: {:?}", answer.body);
        assert_eq!(answer.header("ratelimit"), None, "what is left is not known, and not nothing");
    }
    let refused = update(&app, &mina, json!({ "nickname": "four" })).send().await;
    refused.assert_refused(429, "users.too_many_nicknames");
    // The day in UTC ends 15 hours after nine in the morning.
    assert_eq!(refused.retry_after_s(), Some(15 * 3_600));
    assert_eq!(taken(&app), ["three"]);
    let again = update(&app, &mina, json!({ "nickname": "three" })).send().await;
    assert_eq!(again.status, 200);
    again.assert_cost(1, 2, 0);
    app.advance(Seconds::hours(15));
    assert_eq!(update(&app, &mina, json!({ "nickname": "four" })).send().await.status, 200);
}

/// A picture of this person for this purpose, in this state.
async fn picture(app: &TestApp, owner: &TestUser, purpose: MediaPurpose, state: MediaState) -> MediaId {
    let id = MediaId::new(app.now(), random::entropy().unwrap());
    let granted = Media::granted(id, owner.id, purpose, PictureType::Jpeg, 1_000, app.now());
    let media = Media { state, ..granted };
    app.table().transaction().create(&media).commit().await.unwrap();
    id
}

fn uses(app: &TestApp, id: MediaId) -> u32 {
    app.all::<Media>().into_iter().find(|media| media.id == id).unwrap().uses
}

#[tokio::test]
async fn a_picture_is_shown_until_another_takes_its_place_or_none() {
    let app = TestApp::start(&users::SERVICE).await;
    let mina = app.user("mina").await;
    let first = picture(&app, &mina, MediaPurpose::Profile, MediaState::Ready).await;
    let second = picture(&app, &mina, MediaPurpose::Profile, MediaState::Ready).await;
    let answer = update(&app, &mina, json!({ "picture": first })).send().await;
    assert_eq!(answer.json()["picture"], format!("/pictures/{first}/256.jpg"), "{:?}", answer.body);
    // The person and the picture.
    answer.assert_cost(2, 2, 8);
    assert_eq!((uses(&app, first), uses(&app, second)), (1, 0));
    let shown = app.get("users.get_user").path("user_id", mina.id).send().await;
    assert_eq!(shown.json()["picture"], format!("/pictures/{first}/256.jpg"));

    let answer = update(&app, &mina, json!({ "picture": second })).send().await;
    answer.assert_cost(2, 2, 12);
    assert_eq!((uses(&app, first), uses(&app, second)), (0, 1));
    let answer = update(&app, &mina, json!({ "picture": second })).send().await;
    answer.assert_cost(1, 2, 0);
    let answer = update(&app, &mina, json!({ "picture": null })).send().await;
    assert_eq!(answer.json()["picture"], "/img/no-profile.svg");
    assert_eq!((uses(&app, first), uses(&app, second)), (0, 0));
}

#[tokio::test]
async fn attack_1_74_only_a_ready_picture_of_ones_own_for_a_profile_is_taken() {
    let app = TestApp::start(&users::SERVICE).await;
    let (mina, ben) = (app.user("mina").await, app.user("ben").await);
    let unusable = [
        picture(&app, &ben, MediaPurpose::Profile, MediaState::Ready).await,
        picture(&app, &mina, MediaPurpose::Listing, MediaState::Ready).await,
        picture(&app, &mina, MediaPurpose::Profile, MediaState::Waiting).await,
        picture(&app, &mina, MediaPurpose::Profile, MediaState::Refused).await,
        MediaId::new(app.now(), random::entropy().unwrap()),
    ];
    for id in unusable {
        let answer = update(&app, &mina, json!({ "picture": id, "nickname": "other" })).send().await;
        answer.assert_refused(422, "users.picture_unusable");
        assert_eq!(answer.pointers(), ["/picture"]);
    }
    assert_eq!(taken(&app), ["ben", "mina"], "nothing is half done");
    assert!(app.all::<Media>().iter().all(|media| media.uses == 0));
    for wrong in [json!(""), json!("/img/evil.svg"), json!("https://evil.example/a.jpg"), json!(1), json!([])] {
        update(&app, &mina, json!({ "picture": wrong })).send().await.assert_refused(400, "request.invalid");
    }
}

#[tokio::test]
async fn attack_12_what_the_market_decides_is_no_field() {
    let app = TestApp::start(&users::SERVICE).await;
    let mina = app.user("mina").await;
    let before = app.items();
    for field in [
        "role",
        "roles",
        "email",
        "emailVerified",
        "email_verified",
        "points",
        "twoFactor",
        "second_factor",
        "email_deliverable",
        "id",
        "state",
        "epoch",
        "created_at",
        "score",
        "password",
        "location",
        "address_count",
        "__proto__",
    ] {
        let answer = update(&app, &mina, json!({ "nickname": "other", field: "admin" })).send().await;
        answer.assert_refused(400, "request.invalid");
        assert_eq!(answer.usage.calls, 0, "{field}");
    }
    assert!(app.items() == before);
}

#[tokio::test]
async fn null_and_nothing_are_no_changes() {
    let app = TestApp::start(&users::SERVICE).await;
    let mina = app.user("mina").await;
    for changes in [json!({}), json!({ "nickname": null }), json!({ "language": null }), json!({ "language": "fr" })] {
        update(&app, &mina, changes).send().await.assert_refused(400, "request.invalid");
    }
}

#[tokio::test]
async fn attack_59_60_a_nickname_is_a_text_of_the_world_without_what_breaks_a_line() {
    let app = TestApp::start(&users::SERVICE).await;
    for (number, good) in ["김미나", "Zoë", "👩\u{200d}👩\u{200d}👧 kin", "ＭＩＮＡ"].into_iter().enumerate()
    {
        let person = app.user(&format!("person{number}")).await;
        let answer = update(&app, &person, json!({ "nickname": good })).send().await;
        assert_eq!((answer.status, answer.json()["nickname"].as_str()), (200, Some(good)));
    }
    let ben = app.user("ben").await;
    let long = "가".repeat(21);
    for wrong in [
        "a\u{0}b",
        "a\u{202e}b",
        "a\nb",
        "a",
        "",
        " ",
        "\u{2800}\u{2800}",
        "min\u{430}",
        long.as_str(),
        &"e\u{301}".repeat(1_000),
    ] {
        update(&app, &ben, json!({ "nickname": wrong })).send().await.assert_refused(400, "request.invalid");
    }
}

#[tokio::test]
async fn attack_40_46_who_is_not_signed_in_or_no_longer_changes_nothing() {
    let app = TestApp::start(&users::SERVICE).await;
    let mina = app.user("mina").await;
    let request = app.patch(UPDATE_ME).json(json!({ "nickname": "other" }));
    sweeps::assert_needs_sign_in(&request, &app.token_of(&mina)).await;
    let gone = app.deleted_user();
    update(&app, &gone, json!({ "nickname": "other" })).send().await.assert_refused(401, "auth.sign_in_needed");
    let mut earlier = mina.clone();
    earlier.epoch = 7;
    update(&app, &earlier, json!({ "nickname": "other" })).send().await.assert_refused(401, "auth.sign_in_needed");
    assert_eq!(taken(&app), ["mina"]);
    assert!(app.all::<User>().iter().all(|user| user.state == AccountState::Active));
}

#[tokio::test]
async fn attack_58_61_only_its_json_is_taken() {
    let app = TestApp::start(&users::SERVICE).await;
    let mina = app.user("mina").await;
    let good = json!({ "nickname": "other", "language": "ko" });
    sweeps::assert_takes_only_its_json(&app.patch(UPDATE_ME).as_user(&mina), &good).await;
}
