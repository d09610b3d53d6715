//! The same request again, answers that get lost, races and breakages: nothing is made twice or half.

use engines::{Engine, FaultKind, FaultRule};
use serde_json::json;
use shared::store::listings::{Listing, Stock};

use super::{CREATE, pictures};
use crate::steps::{assert_nothing_was_made, category, counted, create, lamp, start, with};

#[tokio::test]
async fn attack_35_the_same_request_again_gets_the_same_answer_and_another_body_is_refused() {
    let app = start().await;
    let (mina, ben) = (app.user("mina").await, app.user("ben").await);
    let keyless = app.post(CREATE).as_user(&mina).json(lamp(&[]));
    keyless.clone().send().await.assert_refused(400, "request.idempotency_key_missing");
    keyless.idempotency_key("two words").send().await.assert_refused(400, "request.idempotency_key_malformed");
    assert_nothing_was_made(&app);

    let first = create(&app, &mina, lamp(&[]), "k").send().await;
    let items = app.items().len();
    let again = create(&app, &mina, lamp(&[]), "k").send().await;
    assert!(!first.is_replayed() && again.is_replayed());
    assert_eq!((again.status, &again.body), (201, &first.body));
    let other = create(&app, &mina, with(lamp(&[]), "/title", json!("Another lamp")), "k").send().await;
    other.assert_refused(422, "request.idempotency_key_reused");
    assert_eq!(app.items().len(), items);
    // The key is of this person only.
    let of_ben = create(&app, &ben, lamp(&[]), "k").send().await;
    assert_eq!((of_ben.status, of_ben.is_replayed()), (201, false));
    assert_eq!(app.all::<Listing>().len(), 2);
}

#[tokio::test]
async fn attack_35_a_replay_is_the_first_answer_even_when_the_category_or_a_picture_is_gone() {
    let app = start().await;
    let mina = app.user("mina").await;
    let first = create(&app, &mina, lamp(&[]), "k").send().await;
    category(&app, "lighting", 0, true).await;
    let again = create(&app, &mina, lamp(&[]), "k").send().await;
    assert_eq!((again.status, again.is_replayed(), &again.body), (201, true, &first.body));
    create(&app, &mina, lamp(&[]), "l").send().await.assert_refused(422, "catalog.category_unknown");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn attack_35_32_equal_requests_at_once_make_one_listing_and_equal_answers() {
    let app = start().await;
    let mina = app.user("mina").await;
    let photos = pictures(&app, &mina, 2).await;
    let answers = create(&app, &mina, lamp(&photos), "k").send_at_once(32).await;
    assert_eq!(counted(&answers), [((201, String::new()), 32)].into());
    assert!(answers.iter().all(|answer| answer.body == answers[0].body));
    assert_eq!(answers.iter().filter(|answer| !answer.is_replayed()).count(), 1);
    assert_eq!((app.all::<Listing>().len(), app.all::<Stock>().len()), (1, 3));
}

#[tokio::test]
async fn attack_36_when_the_answer_is_lost_on_the_way_the_retry_gets_it() {
    let app = start().await;
    let mina = app.user("mina").await;
    app.fail(vec![FaultRule::always(Engine::Database, FaultKind::TimeOutAfterApply).on("TransactWriteItems")]);
    create(&app, &mina, lamp(&[]), "k").may_break().send().await.assert_refused(503, "unavailable");
    app.heal();
    let retry = create(&app, &mina, lamp(&[]), "k").send().await;
    assert_eq!((retry.status, retry.is_replayed()), (201, true));
    assert_eq!((app.all::<Listing>().len(), app.all::<Stock>().len()), (1, 3));
}

#[tokio::test]
async fn a_lost_race_is_run_again_and_one_that_stays_lost_makes_nothing() {
    let app = start().await;
    let mina = app.user("mina").await;
    let conflict = FaultRule::always(Engine::Database, FaultKind::TransactionConflict).on("TransactWriteItems");
    app.fail(vec![conflict.clone()]);
    let answer = create(&app, &mina, lamp(&[]), "k").send().await;
    answer.assert_refused(409, "request.in_progress");
    assert_eq!(answer.retry_after_s(), Some(1));
    assert_nothing_was_made(&app);
    app.fail(vec![conflict.times(3)]);
    assert_eq!(create(&app, &mina, lamp(&[]), "k").send().await.status, 201);
    assert_eq!((app.all::<Listing>().len(), app.all::<Stock>().len()), (1, 3));
}

#[tokio::test]
async fn attack_68_when_the_table_breaks_at_any_call_nothing_is_made_and_nothing_is_told() {
    let app = start().await;
    let mina = app.user("mina").await;
    for operation in ["BatchGetItem", "Query", "TransactWriteItems"] {
        app.fail(vec![FaultRule::always(Engine::Database, FaultKind::ServerError).on(operation)]);
        let answer = create(&app, &mina, lamp(&[]), "k").may_break().send().await;
        answer.assert_refused(503, "unavailable");
        let body = String::from_utf8(answer.body.to_vec()).unwrap().to_lowercase();
        assert!(!body.contains("dynamo") && !body.contains("transact"), "{body}");
        assert_nothing_was_made(&app);
    }
}
