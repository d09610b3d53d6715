//! The login simulators on the port for people.

use axum::http::Request;
use local::cloud::Cloud;
use serde_json::{Value, json};

use crate::client::{Answer, cloud, get, post, send};

/// The address of a login as the site makes one, without the origin.
fn authorization(cloud: &Cloud, provider: &str, endpoint: &str, client_id: &str, scope: &str) -> String {
    let back = format!("{}/api/auth/oauth/{provider}/callback", cloud.origin()).replace(':', "%3A").replace('/', "%2F");
    format!(
        "{}?client_id={client_id}&redirect_uri={back}&response_type=code&scope={scope}&state=s",
        endpoint.trim_start_matches(cloud.origin())
    )
}

async fn form(cloud: &Cloud, path: &str, body: String) -> Answer {
    let request = Request::post("/").header("content-type", "application/x-www-form-urlencoded");
    send(cloud.world().port, request, path, body).await
}

#[tokio::test]
async fn a_person_logs_in_by_each_provider_on_the_port_for_people() {
    let cloud = cloud().await;
    let logins = get(&cloud, "/_local/logins").await.json();
    for (provider, scope) in [("google", "openid%20email"), ("kakao", "openid,account_email")] {
        let one = logins["items"].as_array().unwrap().iter().find(|one| one["provider"] == provider).unwrap();
        let issuer = one["issuer"].as_str().unwrap();
        assert_eq!(issuer, format!("{}/_local/login/{provider}", cloud.origin()));
        let config = cloud.world().environment.config("auth-start-oauth");
        let configured = if provider == "google" {
            (config.google_issuer, config.google_client_id)
        } else {
            (config.kakao_issuer, config.kakao_client_id)
        };
        assert_eq!(configured, (issuer.to_owned(), one["client_id"].as_str().unwrap().to_owned()));
        let path = issuer.trim_start_matches(cloud.origin());
        let document = get(&cloud, &format!("{path}/.well-known/openid-configuration")).await.json();
        assert_eq!(document["issuer"], issuer);
        let endpoint = document["authorization_endpoint"].as_str().unwrap();
        let address = authorization(&cloud, provider, endpoint, one["client_id"].as_str().unwrap(), scope);
        let page = get(&cloud, &address).await;
        assert_eq!(page.status, 200, "{}", page.text());
        assert!(page.text().contains(&format!("action=\"{path}/choose\"")), "{}", page.text());
        let policy = page.header("content-security-policy");
        assert!(policy.contains(&format!("form-action 'self' {}", cloud.origin())), "{policy}");
        let request =
            page.text().split("name=\"request\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
        let subject = one["accounts"][0]["subject"].as_str().unwrap();
        let chosen = form(&cloud, &format!("{path}/choose"), format!("request={request}&account={subject}")).await;
        assert_eq!(chosen.status, 200, "{}", chosen.text());
        let agreed = format!("request={request}&account={subject}&decision=allow");
        let back = form(&cloud, &format!("{path}/consent"), agreed).await;
        let location = back.header("location");
        let home = format!("{}/api/auth/oauth/{provider}/callback?state=s&code=", cloud.origin());
        assert!(location.starts_with(&home), "{} {location}", back.status);
    }
}

#[tokio::test]
async fn the_keys_are_rotated_by_a_button_and_by_nobody_from_elsewhere() {
    let cloud = cloud().await;
    let ids = |logins: &Value, at: usize| logins["items"][at]["key_ids"].as_array().unwrap().clone();
    let before = get(&cloud, "/_local/logins").await.json();
    let kept = post(&cloud, "/_local/logins/google/keys", &json!({"old": "keep"})).await.json();
    assert_eq!((ids(&kept, 0).len(), &ids(&kept, 0)[1]), (2, &ids(&before, 0)[0]));
    assert_eq!(ids(&kept, 1), ids(&before, 1), "Kakao's stay");
    let dropped = post(&cloud, "/_local/logins/google/keys", &json!({"old": "drop"})).await.json();
    assert_eq!(ids(&dropped, 0).len(), 1);
    for (path, body, status) in [
        ("/_local/logins/naver/keys", json!({"old": "keep"}), 400),
        ("/_local/logins/google/keys", json!({"old": "burn"}), 422),
    ] {
        assert_eq!(post(&cloud, path, &body).await.status, status, "{path}");
    }
    let foreign = Request::post("/").header("sec-fetch-site", "cross-site").header("content-type", "application/json");
    let answer = send(cloud.world().port, foreign, "/_local/logins/google/keys", r#"{"old":"drop"}"#).await;
    assert_eq!(answer.status, 403);
    let rebound = Request::get("/").header("host", "evil.example:3000");
    let answer = send(cloud.world().port, rebound, "/_local/login/google/oauth2/v3/certs", "").await;
    assert_eq!(answer.status, 421);
}

#[tokio::test]
async fn the_page_of_faults_knows_every_flaw_that_the_cloud_takes() {
    let cloud = cloud().await;
    let flaws = get(&cloud, "/_local/logins").await.json()["flaws"].as_array().unwrap().clone();
    assert!(flaws.len() > 20, "{flaws:?}");
    for flaw in flaws {
        let rule = json!({"engine": "kakao", "operation": "token", "kind": {"id_token": flaw}, "per_mille": 1000});
        let plan = json!({"seed": 1, "rules": [rule]});
        assert_eq!(post(&cloud, "/_local/faults", &plan).await.json(), json!({"plan": plan}));
    }
}
