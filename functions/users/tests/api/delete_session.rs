//! Signing a device out from another one.

use domain::{ids::SessionId, timestamp::Seconds};
use serde_json::json;
use shared::store::sessions::Session;
use testkit::{PASSWORD, TestApp, TestRequest, TestUser, sweeps};

use crate::leaving::{stored, tick, withdraw};

const DELETE: &str = "users.delete_session";

fn delete<'a>(app: &'a TestApp, user: &TestUser, session: impl ToString) -> TestRequest<'a> {
    app.delete(DELETE).path("session_id", session).as_user(user)
}

#[tokio::test]
async fn a_device_is_signed_out_once() {
    let app = TestApp::start(&users::SERVICE).await;
    let mina = app.user("mina").await;
    let _ = app.session_of(&mina).await;
    let answer = delete(&app, &mina, mina.session).send().await;
    assert_eq!((answer.status, answer.body.len()), (204, 0));
    // One transaction: the person is checked and the session removed, at two units each.
    answer.assert_cost(1, 0, 8);
    assert!(app.all::<Session>().is_empty());
    delete(&app, &mina, mina.session).send().await.assert_refused(404, "auth.session_not_found");
}

#[tokio::test]
async fn attack_46_a_device_that_was_signed_out_signs_no_other_out() {
    let app = TestApp::start(&users::SERVICE).await;
    let mina = app.user("mina").await;
    let thief = TestUser { session: app.deleted_user().session, ..mina.clone() };
    let _ = (app.session_of(&mina).await, app.session_of(&thief).await);
    let answer = delete(&app, &mina, thief.session).send().await;
    assert_eq!(answer.status, 204);
    // The person and the own session are checked too.
    answer.assert_cost(1, 0, 12);
    delete(&app, &thief, mina.session).send().await.assert_refused(401, "auth.sign_in_needed");
    assert_eq!(standing(&app), [mina.session]);
}

/// The sessions that were not removed.
fn standing(app: &TestApp) -> Vec<SessionId> {
    let sessions = app.all::<Session>().into_iter().filter(|session| session.removed_at.is_none());
    sessions.map(|session| session.id).collect()
}

/// Two devices of a person, the second of which was removed from the first.
async fn removed(app: &TestApp) -> (TestUser, TestUser) {
    let mina = app.user("mina").await;
    let thief = TestUser { session: app.deleted_user().session, ..mina.clone() };
    let _ = (app.session_of(&mina).await, app.session_of(&thief).await);
    assert_eq!(delete(app, &mina, thief.session).send().await.status, 204);
    (mina, thief)
}

#[tokio::test]
async fn a_device_that_was_removed_is_shown_nowhere_and_is_removed_once() {
    let app = TestApp::start(&users::SERVICE).await;
    let (mina, thief) = removed(&app).await;
    delete(&app, &mina, thief.session).send().await.assert_refused(404, "auth.session_not_found");
    let listed = app.get("users.list_sessions").as_user(&mina).send().await.json();
    let exported = app.get("users.export_me").as_user(&mina).send().await.json();
    for sessions in [&listed["items"], &exported["sessions"]] {
        let ids: Vec<&str> = sessions.as_array().unwrap().iter().filter_map(|item| item["id"].as_str()).collect();
        assert_eq!(ids, [mina.session.to_string()]);
    }
}

#[tokio::test]
async fn attack_46_a_removed_device_takes_away_no_note_of_it_and_changes_no_password() {
    let app = TestApp::start(&users::SERVICE).await;
    let (mina, thief) = removed(&app).await;
    delete(&app, &thief, thief.session).send().await.assert_refused(404, "auth.session_not_found");
    assert_eq!((app.all::<Session>().len(), standing(&app)), (2, vec![mina.session]));
    let password = json!({ "current_password": PASSWORD, "password": "purple monkey dishwasher" });
    let answer = app.post("users.change_password").as_user(&thief).json(password).send().await;
    answer.assert_refused(401, "auth.sign_in_needed");
}

#[tokio::test]
async fn what_is_left_of_a_removed_device_goes_with_the_person() {
    let app = TestApp::start(&users::SERVICE).await;
    let (mina, _) = removed(&app).await;
    assert_eq!(withdraw(&app, &mina).send().await.status, 202);
    app.advance(Seconds::days(7));
    for _ in 0..3 {
        tick(&app).await;
    }
    assert_eq!((app.all::<Session>().len(), stored(&app, &mina).await), (0, None));
}

#[tokio::test]
async fn a_session_that_is_over_can_be_removed_too() {
    let app = TestApp::start(&users::SERVICE).await;
    let mina = app.user("mina").await;
    let _ = app.session_of(&mina).await;
    app.advance(Seconds::days(40));
    assert_eq!(delete(&app, &mina, mina.session).send().await.status, 204);
}

#[tokio::test]
async fn attack_1_nobody_signs_out_a_device_of_somebody_else() {
    let app = TestApp::start(&users::SERVICE).await;
    let (mina, ben) = (app.user("mina").await, app.user("ben").await);
    let _ = (app.session_of(&mina).await, app.session_of(&ben).await);
    let of_other = delete(&app, &ben, mina.session).send().await;
    let of_nobody = delete(&app, &ben, app.deleted_user().session).send().await;
    of_other.assert_refused(404, "auth.session_not_found");
    assert_eq!(of_other.problem().detail, of_nobody.problem().detail);
    assert_eq!(app.all::<Session>().len(), 2);
}

#[tokio::test]
async fn attack_46_a_token_of_an_earlier_epoch_signs_nobody_out() {
    let app = TestApp::start(&users::SERVICE).await;
    let mina = app.user("mina").await;
    let _ = app.session_of(&mina).await;
    app.table().transaction().raise_epoch(mina.id, 0).commit().await.unwrap();
    delete(&app, &mina, mina.session).send().await.assert_refused(401, "auth.sign_in_needed");
    assert_eq!(app.all::<Session>().len(), 1);
    let gone = app.deleted_user();
    delete(&app, &gone, mina.session).send().await.assert_refused(401, "auth.sign_in_needed");
}

#[tokio::test]
async fn attack_10_what_is_no_session_is_refused_before_anything_is_read() {
    let app = TestApp::start(&users::SERVICE).await;
    let mina = app.user("mina").await;
    for wrong in ["", "banana", "..%2f", &mina.id.to_string(), &"x".repeat(10_000), "ses_"] {
        let answer = delete(&app, &mina, wrong).send().await;
        answer.assert_refused(400, "request.invalid");
        assert_eq!(answer.usage.calls, 0, "{wrong}");
    }
}

#[tokio::test]
async fn attack_40_without_a_good_token_nobody_is_signed_out() {
    let app = TestApp::start(&users::SERVICE).await;
    let mina = app.user("mina").await;
    let request = app.delete(DELETE).path("session_id", mina.session);
    sweeps::assert_needs_sign_in(&request, &app.token_of(&mina)).await;
}
