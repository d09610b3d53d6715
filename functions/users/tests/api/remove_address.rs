//! Goods are sent there no longer.

use domain::timestamp::Seconds;
use shared::store::addresses::Address;
use testkit::{TestApp, TestRequest, TestUser, sweeps};

use crate::addresses::{added, assert_books_are_right, ids};

fn remove<'a>(app: &'a TestApp, user: &TestUser, id: &str) -> TestRequest<'a> {
    app.delete("users.remove_address").path("address_id", id).as_user(user)
}

#[tokio::test]
async fn after_the_default_the_newest_of_the_others_is_it_and_after_the_last_none() {
    let app = TestApp::start(&users::SERVICE).await;
    let mina = app.user("mina").await;
    let mut added_ids = Vec::new();
    for number in 1..=3 {
        added_ids.push(added(&app, &mina, number, false).await);
        app.advance(Seconds(1));
    }
    let [first, second, third] = added_ids.try_into().unwrap();

    let answer = remove(&app, &mina, &first).send().await;
    assert_eq!((answer.status, answer.body.len()), (204, 0));
    assert_eq!(ids(&app, &mina).await, (vec![third.clone(), second.clone()], Some(third.clone())));
    // The person and the addresses are read; the address, a look at the next default, the person.
    answer.assert_cost(3, 4, 12);
    assert_books_are_right(&app);

    let answer = remove(&app, &mina, &second).send().await;
    assert_eq!(answer.status, 204);
    answer.assert_cost(3, 4, 8);
    assert_eq!(ids(&app, &mina).await, (vec![third.clone()], Some(third.clone())));
    assert_eq!(remove(&app, &mina, &third).send().await.status, 204);
    assert_eq!(ids(&app, &mina).await, (vec![], None));
    assert_books_are_right(&app);
    let again = added(&app, &mina, 4, false).await;
    assert_eq!(ids(&app, &mina).await.1, Some(again), "the first one anew");
    remove(&app, &mina, &third).send().await.assert_refused(404, "users.address_not_found");
}

#[tokio::test]
async fn whatever_is_removed_at_once_one_default_is_left_or_none() {
    let app = TestApp::start(&users::SERVICE).await;
    let mina = app.user("mina").await;
    let mut all = Vec::new();
    for number in 0..6 {
        all.push(added(&app, &mina, number, false).await);
    }
    let requests: Vec<_> = all.iter().chain(&all).map(|id| remove(&app, &mina, id).may_break()).collect();
    let answers = TestRequest::all_at_once(requests).await;
    let removed = answers.iter().filter(|answer| answer.status == 204).count();
    assert_eq!(app.all::<Address>().len(), 6 - removed, "each is removed once");
    assert_books_are_right(&app);
}

#[tokio::test]
async fn attack_1_7_another_persons_address_is_not_there() {
    let app = TestApp::start(&users::SERVICE).await;
    let (mina, ben) = (app.user("mina").await, app.user("ben").await);
    let hers = added(&app, &mina, 1, false).await;
    let refused = remove(&app, &ben, &hers).send().await;
    refused.assert_refused(404, "users.address_not_found");
    let nobodys = remove(&app, &ben, "adr_01m7ywj1f92nz8cxd2r39265fq").send().await;
    assert_eq!(refused.problem().detail, nobodys.problem().detail);
    assert_eq!(app.all::<Address>().len(), 1);
    for wrong in ["", "usr_01m7ywj1f92nz8cxd2r39265fq", "../me", "\0", "PROFILE"] {
        let answer = remove(&app, &mina, wrong).send().await;
        assert!(answer.status == 400 && answer.usage.calls == 0, "{wrong:?}");
    }
}

#[tokio::test]
async fn attack_40_46_who_is_not_signed_in_or_no_longer_removes_none() {
    let app = TestApp::start(&users::SERVICE).await;
    let mina = app.user("mina").await;
    let id = added(&app, &mina, 1, false).await;
    let request = app.delete("users.remove_address").path("address_id", &id);
    sweeps::assert_needs_sign_in(&request, &app.token_of(&mina)).await;
    let mut earlier = mina.clone();
    earlier.epoch = 7;
    remove(&app, &earlier, &id).send().await.assert_refused(401, "auth.sign_in_needed");
    assert_eq!(app.all::<Address>().len(), 1);
}
