//! Who knows what of whom.

use engines::login::{Account, Provider};
use serde_json::{Value, json};

use crate::support::{START, Site, query};

fn names(object: &Value) -> Vec<&str> {
    let mut names: Vec<&str> = object.as_object().unwrap().keys().map(String::as_str).collect();
    names.sort_unstable();
    names
}

#[tokio::test]
async fn googles_token_has_googles_claims() {
    let site = Site::open().await;
    let google = site.login.google();
    let mina = google.accounts()[0].clone();
    let claims = site.claims(Provider::Google, &mina).await;
    assert_eq!(
        names(&claims),
        [
            "at_hash",
            "aud",
            "azp",
            "email",
            "email_verified",
            "exp",
            "family_name",
            "given_name",
            "iat",
            "iss",
            "name",
            "nonce",
            "picture",
            "sub"
        ]
    );
    assert_eq!((&claims["email"], &claims["email_verified"]), (&json!("mina@example.com"), &json!(true)));
    assert_eq!((&claims["iat"], &claims["exp"]), (&json!(START), &json!(START + 3_600)));
    assert_eq!(claims["azp"], claims["aud"]);
    assert_eq!(mina.subject.len(), 21);
    let picture = site.get(claims["picture"].as_str().unwrap()).await;
    assert_eq!((picture.status, picture.header(http::header::CONTENT_TYPE)), (200, "image/svg+xml"));
}

#[tokio::test]
async fn googles_token_says_what_is_not_verified_and_who_is_of_a_workspace() {
    let site = Site::open().await;
    let accounts = site.login.google().accounts();
    let unverified = accounts.iter().find(|account| !account.email_verified).unwrap();
    assert_eq!(site.claims(Provider::Google, unverified).await["email_verified"], json!(false));
    let of_a_workspace = accounts.iter().find(|account| account.hosted_domain.is_some()).unwrap();
    assert_eq!(site.claims(Provider::Google, of_a_workspace).await["hd"], "jangteo.example");
}

#[tokio::test]
async fn kakaos_token_has_kakaos_claims_and_no_word_of_a_verified_address() {
    let site = Site::open().await;
    let mina = site.login.kakao().accounts()[0].clone();
    let claims = site.claims(Provider::Kakao, &mina).await;
    assert_eq!(
        names(&claims),
        ["aud", "auth_time", "email", "exp", "iat", "iss", "nickname", "nonce", "picture", "sub"]
    );
    assert_eq!((&claims["nickname"], &claims["email"]), (&json!("민아"), &json!("mina@example.com")));
    assert_eq!((&claims["auth_time"], &claims["exp"]), (&json!(START), &json!(START + 21_599)));
    assert_eq!(mina.subject.len(), 10);
}

#[tokio::test]
async fn kakaos_token_has_an_address_only_when_it_is_valid_verified_and_agreed_to() {
    let site = Site::open().await;
    let kakao = site.login.kakao();
    let good = kakao.account("good@example.com", true, "다은");
    for (account, has_email) in [
        (good.clone(), true),
        (Account { email_verified: false, ..good.clone() }, false),
        (Account { email_valid: false, ..good.clone() }, false),
        (Account { email: None, ..good.clone() }, false),
    ] {
        let claims = site.claims(Provider::Kakao, &account).await;
        assert_eq!(claims.get("email").is_some(), has_email, "{account:?}");
    }
    kakao.forget_consents();
    let url = site.authorization(Provider::Kakao, &[]).await;
    let address = kakao.sign_in_agreeing(&url, &good, &["profile_image"]).unwrap();
    let tokens = site.exchange(Provider::Kakao, &query(&address)["code"], &[]).await.json();
    assert_eq!(tokens["scope"], "openid profile_image profile_nickname", "the nickname cannot be left out");
    let (_, claims) = site.verified(Provider::Kakao, tokens["id_token"].as_str().unwrap()).await.unwrap();
    assert!(claims.get("email").is_none() && claims["nickname"] == "다은", "{claims}");
}

#[tokio::test]
async fn kakao_tells_more_of_an_address_to_whoever_asks_for_the_person() {
    let site = Site::open().await;
    let kakao = site.login.kakao();
    let me = format!("{}/v2/user/me", kakao.issuer());
    for account in kakao.accounts() {
        let tokens = site.tokens(Provider::Kakao, &account).await;
        let answer = site.get_as(&me, tokens["access_token"].as_str().unwrap()).await.json();
        assert_eq!(answer["id"], json!(account.subject.parse::<u64>().unwrap()));
        assert_eq!(answer["connected_at"], "2026-11-21T09:00:00Z");
        let known = &answer["kakao_account"];
        assert_eq!(known["profile"]["nickname"], json!(account.name));
        assert_eq!(
            (&known["has_email"], &known["email_needs_agreement"]),
            (&json!(account.email.is_some()), &json!(false))
        );
        if account.email.is_some() {
            assert_eq!(known["email"], json!(account.email));
            assert_eq!(known["is_email_valid"], json!(account.email_valid));
            assert_eq!(known["is_email_verified"], json!(account.email_verified));
        }
    }
    kakao.forget_consents();
    let url = site.authorization(Provider::Kakao, &[]).await;
    let address = kakao.sign_in_agreeing(&url, &kakao.accounts()[0], &[]).unwrap();
    let tokens = site.exchange(Provider::Kakao, &query(&address)["code"], &[]).await.json();
    let known = site.get_as(&me, tokens["access_token"].as_str().unwrap()).await.json()["kakao_account"].clone();
    assert_eq!((&known["has_email"], &known["email_needs_agreement"]), (&json!(true), &json!(true)));
    assert!(known.get("email").is_none() && known.get("is_email_valid").is_none(), "{known}");
}

#[tokio::test]
async fn without_openid_there_is_no_token_of_who_it_is() {
    let site = Site::open().await;
    for (provider, scope) in [(Provider::Google, "email profile"), (Provider::Kakao, "profile_nickname")] {
        let code = site.code(provider, &site.at(provider).accounts()[0], &[("scope", scope)]).await;
        let tokens = site.exchange(provider, &code, &[]).await.json();
        assert!(tokens.get("id_token").is_none() && tokens["access_token"].is_string(), "{tokens}");
    }
}

#[tokio::test]
async fn kakao_gives_everything_to_a_site_that_names_no_scope() {
    let site = Site::open().await;
    let code = site.code(Provider::Kakao, &site.login.kakao().accounts()[0], &[("scope", "")]).await;
    let tokens = site.exchange(Provider::Kakao, &code, &[]).await.json();
    assert_eq!(tokens["scope"], "account_email openid profile_image profile_nickname");
    assert!(tokens["id_token"].is_string());
}

#[tokio::test]
async fn a_site_that_sends_no_nonce_gets_none() {
    let site = Site::open().await;
    for provider in Provider::ALL {
        let code = site.code(provider, &site.at(provider).accounts()[0], &[("nonce", "")]).await;
        let tokens = site.exchange(provider, &code, &[]).await.json();
        let (_, claims) = site.verified(provider, tokens["id_token"].as_str().unwrap()).await.unwrap();
        assert!(claims.get("nonce").is_none());
    }
}

#[tokio::test]
async fn the_same_address_is_the_same_person_and_at_each_provider_another() {
    let site = Site::open().await;
    let (google, kakao) = (site.login.google(), site.login.kakao());
    let first = google.account("a@example.com", true, "A");
    assert_eq!(first.subject, google.account("A@Example.com", false, "B").subject);
    assert_ne!(first.subject, google.account("b@example.com", true, "A").subject);
    assert_ne!(first.subject, kakao.account("a@example.com", true, "A").subject);
}
