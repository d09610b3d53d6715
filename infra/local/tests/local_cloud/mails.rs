//! What becomes of a mail comes back: the addresses of SES's mailbox simulator bounce and complain,
//! and the job that must hear of it does.

use local::{cloud::Cloud, services, settings::Settings};
use serde_json::{Value, json};
use shared::store::suppressions::Suppression;

use crate::client::{get, post};

async fn cloud() -> Cloud {
    Cloud::start_with(Settings::for_tests(), services::all()).await.unwrap()
}

/// Asks for a code, a minute after the last one, and waits until everything has happened.
async fn ask_for_code(cloud: &Cloud, address: &str) {
    let body = json!({ "email": address, "purpose": "sign_up" });
    let answer = post(cloud, "/api/auth/email-codes", &body).await;
    assert_eq!(answer.status, 202, "{}", answer.text());
    cloud.quiet().await;
    assert_eq!(post(cloud, "/_local/clock", &json!({ "advance_s": 61 })).await.status, 200);
}

async fn mails(cloud: &Cloud, address: &str) -> usize {
    let encoded = address.replace('+', "%2B");
    get(cloud, &format!("/_local/mail?to={encoded}")).await.json()["items"].as_array().unwrap().len()
}

async fn notes(cloud: &Cloud) -> Vec<Value> {
    let requests = get(cloud, "/_local/requests?limit=200").await.json()["items"].as_array().unwrap().clone();
    requests.into_iter().filter(|request| request["operation"] == "notifications.note_mail_event").collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn who_bounces_or_complains_in_the_simulator_is_sent_to_once() {
    let cloud = cloud().await;
    for local_part in ["bounce", "complaint+1", "suppressionlist", "success"] {
        let address = format!("{local_part}@simulator.amazonses.com");
        for _ in 0..3 {
            ask_for_code(&cloud, &address).await;
        }
        let expected = if local_part == "success" { 3 } else { 1 };
        assert_eq!(mails(&cloud, &address).await, expected, "{address}");
    }
    assert_eq!(notes(&cloud).await.len(), 3);
    assert!(cloud.engines().mailbox().pending_events().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_comes_twice_is_noted_once() {
    let cloud = cloud().await;
    let twice = json!({ "seed": 1, "rules": [
        { "engine": "mail", "operation": "event", "kind": "duplicate", "per_mille": 1000, "times": 1 }] });
    assert_eq!(post(&cloud, "/_local/faults", &twice).await.status, 200);
    ask_for_code(&cloud, "bounce@simulator.amazonses.com").await;
    assert_eq!(notes(&cloud).await.len(), 2);
    let email = domain::text::Email::parse("bounce@simulator.amazonses.com").unwrap();
    let items = cloud.engines().database().items(local::environment::TABLE).unwrap();
    let wanted = Suppression::key(&email);
    let found: Vec<&Value> =
        items.iter().filter(|item| item["pk"]["S"] == wanted.pk() && item["sk"]["S"] == wanted.sk()).collect();
    assert_eq!(found.len(), 1);
    assert_eq!(found[0]["version"]["N"], "1", "{found:?}");
}
