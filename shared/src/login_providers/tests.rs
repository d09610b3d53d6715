//! The door against a provider of a page, over real HTTP: what it asks, how often, and whom.

use std::{
    io::{Read as _, Write as _},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use ring::rsa::PublicKeyComponents;
use serde_json::{Value, json};

use super::{id_token::tests as fixtures, *};
use crate::config::AwsConfig;

const NOW: Timestamp = fixtures::NOW;

/// A provider: what it answers to each path, and what it was asked.
#[derive(Clone)]
struct Provider {
    issuer: String,
    answers: Arc<Mutex<Vec<(String, String)>>>,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Provider {
    /// A provider whose one key is called "a", and who gives this ID token to any code.
    fn start() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let issuer = format!("http://{}", listener.local_addr().unwrap());
        let provider = Self { issuer, answers: Arc::default(), asked: Arc::default() };
        let server = provider.clone();
        thread::spawn(move || {
            for stream in listener.incoming() {
                server.answer(&mut stream.unwrap());
            }
        });
        let issuer = &provider.issuer;
        provider.sets(
            "/.well-known/openid-configuration",
            &ok(&json!({
                "issuer": issuer, "authorization_endpoint": format!("{issuer}/auth?a=b"),
                "token_endpoint": format!("{issuer}/token"), "jwks_uri": format!("{issuer}/keys"),
            })),
        );
        provider.has_key("a", 0);
        provider
    }

    fn sets(&self, path: &str, answer: &str) {
        let mut answers = self.answers.lock().unwrap();
        answers.retain(|(known, _)| known != path);
        answers.push((path.to_owned(), answer.to_owned()));
    }

    fn has_key(&self, key_id: &str, pair: usize) {
        let PublicKeyComponents { n, e } = PublicKeyComponents::<Vec<u8>>::from(fixtures::pair(pair).public());
        let (n, e) = (URL_SAFE_NO_PAD.encode(n), URL_SAFE_NO_PAD.encode(e));
        self.sets("/keys", &ok(&json!({ "keys": [{"kid": key_id, "kty": "RSA", "n": n, "e": e}] })));
    }

    fn gives(&self, secret: &LoginSecret, key_id: &str, pair: usize) {
        let mut claims = fixtures::good(&self.issuer);
        claims["nonce"] = json!(secret.nonce());
        let token = fixtures::token(&fixtures::pair(pair), key_id, &claims);
        self.sets("/token", &ok(&json!({ "access_token": "x", "id_token": token })));
    }

    /// How often each path was asked for.
    fn count(&self, path: &str) -> usize {
        self.asked.lock().unwrap().iter().filter(|head| head.split(' ').nth(1) == Some(path)).count()
    }

    fn answer(&self, stream: &mut TcpStream) {
        let request = read_request(stream);
        let path = request.split(' ').nth(1).unwrap_or_default().to_owned();
        self.asked.lock().unwrap().push(request);
        let answer = self.answers.lock().unwrap().iter().find(|(known, _)| *known == path).map(|(_, a)| a.clone());
        let _ = stream.write_all(answer.unwrap_or_default().as_bytes());
    }

    fn door(&self) -> LoginProviders {
        LoginProviders::new(&config(&self.issuer)).unwrap()
    }
}

fn read_request(stream: &mut TcpStream) -> String {
    let (mut text, mut bytes) = (String::new(), [0; 4096]);
    loop {
        let count = stream.read(&mut bytes).unwrap_or(0);
        text.push_str(&String::from_utf8_lossy(&bytes[..count]));
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok()).unwrap_or(0);
        if count == 0 || body.len() >= length {
            return text;
        }
    }
}

fn ok(body: &Value) -> String {
    with_status("200 OK", &body.to_string())
}

fn with_status(status: &str, body: &str) -> String {
    format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}", body.len())
}

fn config(google_issuer: &str) -> Config {
    let text = String::new;
    Config {
        table: text(),
        uploads_bucket: text(),
        pictures_bucket: text(),
        site_origin: "https://shop.example".to_owned(),
        secrets_prefix: text(),
        access_token_keys: text(),
        mail_from: text(),
        mail_configuration: String::new(),
        toss_base_url: text(),
        toss_time_limits: crate::config::TimeLimits::STANDARD,
        toss_client_key: text(),
        toss_window_url: None,
        google_client_id: fixtures::CLIENT.to_owned(),
        google_issuer: google_issuer.to_owned(),
        kakao_client_id: text(),
        kakao_issuer: "https://kauth.kakao.com".to_owned(),
        origin_key: text(),
        platform_fee_basis_points: 0,
        aws: AwsConfig {
            region: text(),
            endpoint_url: None,
            access_key_id: text(),
            secret_access_key: text(),
            session_token: None,
        },
    }
}

async fn identify(door: &LoginProviders, secret: &LoginSecret, now: Timestamp) -> Result<Identity, LoginError> {
    let answer = Answer { code: "4/0A b+c", issuer: None };
    door.identify(LoginProvider::Google, &answer, &Secret::new("the secret"), secret, now).await
}

#[tokio::test]
async fn the_way_to_the_provider_and_back() {
    let (provider, secret) = (Provider::start(), LoginSecret::generate().unwrap());
    let door = provider.door();
    let url = door.authorization_url(LoginProvider::Google, &secret, NOW).await.unwrap();
    let (state, nonce, challenge) = (secret.state(), secret.nonce(), secret.code_challenge());
    assert_eq!(
        url,
        format!(
            "{}/auth?a=b&response_type=code&client_id=the-client-id&redirect_uri=https%3A%2F%2Fshop.example%2Fapi%2F\
             auth%2Foauth%2Fgoogle%2Fcallback&state={state}&nonce={nonce}&code_challenge={challenge}&\
             code_challenge_method=S256&scope=openid%20email%20profile&prompt=select_account",
            provider.issuer
        )
    );
    assert!(!url.contains(&secret.code_verifier()) && !url.contains(&secret.to_text()));
    provider.gives(&secret, "a", 0);
    let identity = identify(&door, &secret, NOW).await.unwrap();
    assert_eq!(identity.subject.as_str(), "110169484474386276334");
    assert_eq!(identity.verified_email, Some(Email::parse("mina@example.com").unwrap()));
    assert_eq!(identity.name.as_deref(), Some("Mina Kim"));
    let asked = provider.asked.lock().unwrap().iter().find(|head| head.starts_with("POST /token")).unwrap().clone();
    assert!(
        asked.ends_with(&format!(
            "\r\n\r\ngrant_type=authorization_code&code=4%2F0A%20b%2Bc&redirect_uri=https%3A%2F%2Fshop.example%2Fapi%2F\
             auth%2Foauth%2Fgoogle%2Fcallback&client_id=the-client-id&client_secret=the%20secret&code_verifier={}",
            secret.code_verifier()
        )),
        "{asked}"
    );
}

#[tokio::test]
async fn documents_are_fetched_once_an_hour() {
    let (provider, secret) = (Provider::start(), LoginSecret::generate().unwrap());
    let door = provider.door();
    provider.gives(&secret, "a", 0);
    for seconds in [0, 1, 599] {
        assert!(identify(&door, &secret, NOW.plus(Seconds(seconds))).await.is_ok());
    }
    assert_eq!((provider.count("/.well-known/openid-configuration"), provider.count("/keys")), (1, 1));
    let _ = identify(&door, &secret, NOW.plus(Seconds(3_599))).await;
    assert_eq!((provider.count("/.well-known/openid-configuration"), provider.count("/keys")), (1, 1));
    let _ = identify(&door, &secret, NOW.plus(Seconds(3_600))).await;
    assert_eq!((provider.count("/.well-known/openid-configuration"), provider.count("/keys")), (2, 2));
}

#[tokio::test]
async fn a_new_key_is_looked_for_once_and_then_known() {
    let (provider, secret) = (Provider::start(), LoginSecret::generate().unwrap());
    let door = provider.door();
    provider.gives(&secret, "a", 0);
    assert!(identify(&door, &secret, NOW).await.is_ok());
    provider.has_key("b", 1);
    provider.gives(&secret, "b", 1);
    for _ in 0..3 {
        assert!(identify(&door, &secret, NOW).await.is_ok());
    }
    assert_eq!(provider.count("/keys"), 2);
    // The key before is published no more, so what it signs is nothing.
    provider.gives(&secret, "a", 0);
    assert!(matches!(identify(&door, &secret, NOW).await, Err(LoginError::BadIdToken(Flaw::UnknownKey))));
}

#[tokio::test]
async fn attack_41_a_flood_of_unknown_keys_asks_once_in_five_minutes() {
    let (provider, secret) = (Provider::start(), LoginSecret::generate().unwrap());
    let door = provider.door();
    for (minutes, fetched) in [(0, 1), (0, 2), (1, 2), (4, 2), (5, 3), (6, 3), (9, 3), (10, 4)] {
        for number in 0..5 {
            provider.gives(&secret, &format!("unknown-{minutes}-{number}"), 1);
            let refused = identify(&door, &secret, NOW.plus(Seconds::minutes(minutes))).await;
            assert!(matches!(refused, Err(LoginError::BadIdToken(Flaw::UnknownKey))), "{refused:?}");
            if fetched == 1 {
                break;
            }
        }
        assert_eq!(provider.count("/keys"), fetched, "after {minutes} minutes");
    }
}

#[tokio::test]
async fn attack_67_39_what_is_no_answer_identifies_nobody_and_no_redirect_is_followed() {
    let secret = LoginSecret::generate().unwrap();
    let elsewhere = Provider::start();
    let redirect = format!("HTTP/1.1 302 Found\r\nlocation: {}/keys\r\ncontent-length: 0\r\n\r\n", elsewhere.issuer);
    let answers = [
        String::new(),
        redirect,
        with_status("200 OK", "<html>It works!</html>"),
        with_status("200 OK", "{}"),
        with_status("200 OK", &" ".repeat(300_000)),
        with_status("404 Not Found", "{}"),
        with_status("500 Internal Server Error", "{}"),
        with_status("429 Too Many Requests", "{}"),
        "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"keys\":".to_owned(),
    ];
    for path in ["/.well-known/openid-configuration", "/keys", "/token"] {
        for answer in &answers {
            let provider = Provider::start();
            provider.gives(&secret, "a", 0);
            provider.sets(path, answer);
            let error = identify(&provider.door(), &secret, NOW).await.unwrap_err();
            assert!(error.is_of_the_provider(), "{path} {answer:.80}: {error:?}");
        }
    }
    assert!(elsewhere.asked.lock().unwrap().is_empty(), "a redirect was followed");
}

#[tokio::test]
async fn a_code_that_is_refused_is_not_the_providers_trouble() {
    let (provider, secret) = (Provider::start(), LoginSecret::generate().unwrap());
    let refusal = with_status("400 Bad Request", r#"{"error":"invalid_grant","error_description":"4/0Asecret"}"#);
    provider.sets("/token", &refusal);
    let error = identify(&provider.door(), &secret, NOW).await.unwrap_err();
    assert!(!error.is_of_the_provider());
    assert_eq!(error.to_string(), "the code is refused: invalid_grant");
}

#[tokio::test]
async fn attack_55_an_answer_of_another_issuer_is_not_exchanged() {
    let (provider, secret) = (Provider::start(), LoginSecret::generate().unwrap());
    provider.gives(&secret, "a", 0);
    let door = provider.door();
    let with = |issuer: Option<String>| {
        let (door, secret) = (&door, secret.clone());
        async move {
            let answer = Answer { code: "x", issuer: issuer.as_deref() };
            door.identify(LoginProvider::Google, &answer, &Secret::new("s"), &secret, NOW).await
        }
    };
    assert!(with(Some(provider.issuer.clone())).await.is_ok());
    assert!(matches!(with(Some("https://kauth.kakao.com".to_owned())).await, Err(LoginError::MixedUp)));
    assert_eq!(provider.count("/token"), 1);
    // A provider that always says whose answer it is does not keep silent.
    let issuer = &provider.issuer;
    provider.sets(
        "/.well-known/openid-configuration",
        &ok(&json!({
            "issuer": issuer, "authorization_endpoint": format!("{issuer}/auth"),
            "token_endpoint": format!("{issuer}/token"), "jwks_uri": format!("{issuer}/keys"),
            "authorization_response_iss_parameter_supported": true, "prompt_values_supported": ["login"],
        })),
    );
    let door = provider.door();
    let silent = Answer { code: "x", issuer: None };
    let refused = door.identify(LoginProvider::Google, &silent, &Secret::new("s"), &secret, NOW).await;
    assert!(matches!(refused, Err(LoginError::MixedUp)));
    let url = door.authorization_url(LoginProvider::Google, &secret, NOW).await.unwrap();
    assert!(!url.contains("prompt="), "{url}");
}

#[tokio::test]
async fn a_provider_without_a_client_id_is_off() {
    let (provider, secret) = (Provider::start(), LoginSecret::generate().unwrap());
    let off = provider.door().authorization_url(LoginProvider::Kakao, &secret, NOW).await;
    assert!(matches!(off, Err(LoginError::Off)));
    let wrong = LoginProviders::new(&config("http://accounts.google.com")).unwrap_err();
    assert_eq!(wrong.kind, crate::FaultKind::Configuration);
}

#[test]
fn attack_55_an_address_counts_only_when_the_provider_vouches_for_it() {
    let claims = |changes: Value| {
        let mut claims = fixtures::good("x");
        for (name, value) in changes.as_object().unwrap() {
            claims[name] = value.clone();
        }
        serde_json::from_value::<id_token::Claims>(claims).unwrap()
    };
    let email = |provider, changes| rules::of(provider).identity(claims(changes)).verified_email;
    let mina = Some(Email::parse("mina@example.com").unwrap());
    assert_eq!(email(LoginProvider::Google, json!({})), mina);
    for unsure in [json!(false), json!("true"), json!(1), json!(null), json!("yes")] {
        assert_eq!(email(LoginProvider::Google, json!({ "email_verified": unsure })), None, "{unsure}");
    }
    assert_eq!(email(LoginProvider::Kakao, json!({ "email_verified": null })), mina);
    for none in [json!(null), json!(""), json!("mina"), json!("a@b.de\r\nBcc: x@y.zz"), json!("미나@example.com")] {
        assert_eq!(email(LoginProvider::Kakao, json!({ "email": none })), None, "{none}");
    }
}
