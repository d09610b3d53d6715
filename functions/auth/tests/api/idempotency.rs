//! `Idempotency-Key`, on the endpoint that makes people: attack 35.

use domain::timestamp::Seconds;
use engines::{Engine, FaultKind, FaultRule};
use serde_json::json;
use shared::store::users::User;
use testkit::PASSWORD;

use crate::steps::{MINA, counted, proof_of, sign_up, start};

#[tokio::test]
async fn attack_35_a_key_is_one_to_255_visible_ascii_characters_and_there_once() {
    let app = start().await;
    let proof = proof_of(&app, MINA).await;
    let body = json!({ "email_proof": proof, "nickname": "mina", "password": PASSWORD });
    let request = app.post("auth.sign_up").json(body);
    request.clone().send().await.assert_refused(400, "request.idempotency_key_missing");
    let malformed = "request.idempotency_key_malformed";
    for wrong in ["", " ", "two words", "k\u{e9}y", "열쇠", "tab\there", &"k".repeat(256), &"k".repeat(300)] {
        request.clone().idempotency_key(wrong).send().await.assert_refused(400, malformed);
    }
    request
        .clone()
        .idempotency_key("k")
        .header_again("idempotency-key", "k")
        .send()
        .await
        .assert_refused(400, malformed);
    assert!(app.all::<User>().is_empty());
    assert_eq!(request.idempotency_key(&"k".repeat(255)).send().await.status, 201);
}

#[tokio::test]
async fn attack_35_the_same_request_again_gets_the_same_answer_and_does_nothing() {
    let app = start().await;
    let proof = proof_of(&app, MINA).await;
    let first = sign_up(&app, &proof, "mina", "key").send().await;
    let items = app.items().len();
    let again = sign_up(&app, &proof, "mina", "key").send().await;
    assert!(!first.is_replayed() && again.is_replayed());
    assert_eq!((again.status, &again.body), (201, &first.body));
    assert_eq!(app.items().len(), items);
}

#[tokio::test]
async fn attack_35_the_answer_is_remembered_for_a_day_even_when_the_proof_is_over() {
    let app = start().await;
    let proof = proof_of(&app, MINA).await;
    let first = sign_up(&app, &proof, "mina", "key").send().await;
    let again = sign_up(&app, &proof, "mina", "key").later(Seconds(86_399)).send().await;
    assert_eq!((again.status, again.is_replayed(), &again.body), (201, true, &first.body));
    let next_day = sign_up(&app, &proof, "mina", "key").later(Seconds::days(1)).send().await;
    next_day.assert_refused(401, "auth.email_proof_invalid");
}

#[tokio::test]
async fn attack_35_the_key_of_another_request_tells_nothing_of_it() {
    let app = start().await;
    let proof = proof_of(&app, MINA).await;
    assert_eq!(sign_up(&app, &proof, "mina", "key").send().await.status, 201);
    // Nobody who signs up can be told from others: another request is another one, under whatever key.
    let other = sign_up(&app, &proof, "other", "key").send().await;
    assert!(!other.is_replayed() && (400..500).contains(&other.status), "{:?}", other.body);
    assert_eq!(app.all::<User>().len(), 1);
    let of_ben = proof_of(&app, "ben@example.com").await;
    let answer = sign_up(&app, &of_ben, "ben", "key").send().await;
    assert_eq!((answer.status, answer.is_replayed()), (201, false));
    assert!(!String::from_utf8(answer.body.to_vec()).unwrap().contains("mina"));
}

#[tokio::test]
async fn a_refusal_is_not_remembered() {
    let app = start().await;
    let _ = app.user("mina").await;
    let proof = proof_of(&app, "ben@example.com").await;
    sign_up(&app, &proof, "mina", "key").send().await.assert_refused(409, "auth.nickname_taken");
    assert_eq!(sign_up(&app, &proof, "ben", "key").send().await.status, 201);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn attack_35_equal_requests_at_once_make_one_person_and_equal_answers() {
    let app = start().await;
    let proof = proof_of(&app, MINA).await;
    let answers = sign_up(&app, &proof, "mina", "key").send_at_once(8).await;
    assert_eq!(counted(&answers), [((201, String::new()), 8)].into());
    assert!(answers.iter().all(|answer| answer.body == answers[0].body));
    assert_eq!(answers.iter().filter(|answer| !answer.is_replayed()).count(), 1);
    assert_eq!(app.all::<User>().len(), 1);
}

#[tokio::test]
async fn attack_36_when_the_answer_is_lost_on_the_way_the_retry_gets_it() {
    let app = start().await;
    let proof = proof_of(&app, MINA).await;
    // Applied, and no answer comes back, three times: as often as the SDK asks.
    app.fail(vec![FaultRule::always(Engine::Database, FaultKind::TimeOutAfterApply).on("TransactWriteItems")]);
    sign_up(&app, &proof, "mina", "key").may_break().send().await.assert_refused(503, "unavailable");
    app.heal();
    let retry = sign_up(&app, &proof, "mina", "key").send().await;
    assert_eq!((retry.status, retry.is_replayed()), (201, true));
    assert_eq!(app.all::<User>().len(), 1);
}

#[tokio::test]
async fn a_remembered_answer_tells_nobody_but_its_sender_what_it_says() {
    let app = start().await;
    let proof = proof_of(&app, MINA).await;
    let first = sign_up(&app, &proof, "nickname", "key").send().await;
    let record = app.items().into_iter().find(|item| item.is(shared::store::Kind::IDEMPOTENCY_RECORD)).unwrap();
    let text = format!("{record:?}");
    assert!(!text.contains("nickname") && !text.contains("example.com"), "{text}");
    let bytes = format!("{:?}", first.body.iter().take(12).collect::<Vec<_>>());
    assert!(!text.contains(bytes.trim_matches(['[', ']'])), "not as bytes either");
}
