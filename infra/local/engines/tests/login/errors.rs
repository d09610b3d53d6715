//! What is refused, in the provider's own words.

use axum::body::Body;
use engines::login::Provider;
use http::{Request, header};
use serde_json::{Value, json};

use crate::support::{Site, query};

async fn refusal(site: &Site, provider: Provider, changes: &[(&str, &str)]) -> (u16, &'static str) {
    let simulator = site.at(provider);
    let url = site.authorization(provider, changes).await;
    let refusal = simulator.sign_in(&url, &simulator.accounts()[0]).unwrap_err();
    let page = site.get(&url).await;
    assert_eq!(page.status, refusal.status);
    assert!(page.text.contains(refusal.code) && page.header(header::LOCATION).is_empty(), "{changes:?}: {}", page.text);
    (refusal.status, refusal.code)
}

#[tokio::test]
async fn google_refuses_a_wrong_request_on_a_page() {
    let site = Site::open().await;
    for (changes, expected) in [
        (("client_id", "another"), (401, "invalid_client")),
        (("client_id", ""), (400, "invalid_request")),
        (("redirect_uri", "http://shop.test/api/auth/oauth/google/callback/"), (400, "redirect_uri_mismatch")),
        (("redirect_uri", "http://evil.example/"), (400, "redirect_uri_mismatch")),
        (("redirect_uri", ""), (400, "invalid_request")),
        (("response_type", "token"), (400, "invalid_request")),
        (("response_type", ""), (400, "invalid_request")),
        (("scope", ""), (400, "invalid_request")),
        (("scope", "openid everything"), (400, "invalid_scope")),
        (("code_challenge", "short"), (400, "invalid_request")),
        (("code_challenge_method", "S512"), (400, "invalid_request")),
    ] {
        assert_eq!(refusal(&site, Provider::Google, &[changes]).await, expected, "{changes:?}");
    }
}

#[tokio::test]
async fn kakao_refuses_a_wrong_request_on_a_page_with_its_code() {
    let site = Site::open().await;
    for (changes, expected) in [
        (("client_id", "another"), (401, "KOE101")),
        (("client_id", ""), (400, "KOE207")),
        (("redirect_uri", "http://shop.test/api/auth/oauth/google/callback"), (400, "KOE006")),
        (("redirect_uri", "http://evil.example/"), (400, "KOE006")),
        (("redirect_uri", ""), (400, "KOE207")),
        (("response_type", "token"), (400, "KOE202")),
        (("scope", "openid,birthday"), (403, "KOE205")),
        (("code_challenge", "short"), (400, "KOE204")),
        (("code_challenge_method", "plain"), (400, "KOE204")),
        (("code_challenge_method", ""), (400, "KOE204")),
    ] {
        assert_eq!(refusal(&site, Provider::Kakao, &[changes]).await, expected, "{changes:?}");
    }
}

#[tokio::test]
async fn attack_63_a_parameter_that_stands_there_twice_is_refused() {
    let site = Site::open().await;
    for (provider, code) in [(Provider::Google, "invalid_request"), (Provider::Kakao, "KOE204")] {
        let url = site.authorization(provider, &[]).await + "&redirect_uri=http%3A%2F%2Fevil.example";
        let refusal = site.at(provider).cancel(&url).unwrap_err();
        assert_eq!((refusal.status, refusal.code), (400, code));
    }
}

#[tokio::test]
async fn whoever_cancels_goes_back_with_the_documented_error() {
    let site = Site::open().await;
    for (provider, parameters) in [
        (Provider::Google, &[("error", "access_denied")][..]),
        (Provider::Kakao, &[("error", "access_denied"), ("error_description", "User denied access")][..]),
    ] {
        let url = site.authorization(provider, &[]).await;
        let back = query(&site.at(provider).cancel(&url).unwrap());
        for (name, value) in parameters {
            assert_eq!(back[*name], *value);
        }
        assert_eq!(back["state"], "the state/+ of this");
        assert!(!back.contains_key("code"));
    }
}

#[tokio::test]
async fn a_site_that_wants_no_page_hears_that_there_must_be_one() {
    let site = Site::open().await;
    for (provider, error) in [(Provider::Google, "interaction_required"), (Provider::Kakao, "login_required")] {
        let answer = site.get(&site.authorization(provider, &[("prompt", "none")]).await).await;
        assert_eq!((answer.status, &*query(answer.header(header::LOCATION))["error"]), (302, error));
    }
}

#[tokio::test]
async fn googles_token_endpoint_refuses_in_googles_words() {
    let site = Site::open().await;
    let code = site.code(Provider::Google, &site.login.google().accounts()[0], &[]).await;
    for (changes, status, error, description) in [
        (("client_id", "another"), 401, "invalid_client", "The OAuth client was not found."),
        (("client_secret", "another"), 401, "invalid_client", "Unauthorized"),
        (("client_secret", ""), 400, "invalid_request", "client_secret is missing."),
        (("grant_type", ""), 400, "invalid_request", "Missing required parameter: grant_type"),
        (("grant_type", "password"), 400, "unsupported_grant_type", "Invalid grant_type: password"),
        (("code", ""), 400, "invalid_request", "Missing required parameter: code"),
        (("code", "4/another"), 400, "invalid_grant", "Bad Request"),
        (("redirect_uri", "http://shop.test/"), 400, "redirect_uri_mismatch", "Bad Request"),
        (("code_verifier", ""), 400, "invalid_grant", "Missing code verifier."),
        (("code_verifier", "another"), 400, "invalid_grant", "Invalid code verifier."),
    ] {
        let answer = site.exchange(Provider::Google, &code, &[changes]).await;
        assert_eq!(answer.status, status, "{changes:?}");
        assert_eq!(answer.json(), json!({"error": error, "error_description": description}), "{changes:?}");
    }
}

#[tokio::test]
async fn kakaos_token_endpoint_refuses_by_kakaos_codes() {
    let site = Site::open().await;
    let code = site.code(Provider::Kakao, &site.login.kakao().accounts()[0], &[]).await;
    for (changes, status, error, error_code) in [
        (("client_id", "another"), 401, "invalid_client", "KOE101"),
        (("client_secret", "another"), 401, "invalid_client", "KOE010"),
        (("client_secret", ""), 401, "invalid_client", "KOE010"),
        (("grant_type", "password"), 400, "unsupported_grant_type", "KOE310"),
        (("code", ""), 400, "invalid_request", "KOE207"),
        (("code", "another"), 400, "invalid_grant", "KOE320"),
        (("redirect_uri", "http://shop.test/"), 400, "invalid_grant", "KOE303"),
        (("code_verifier", ""), 400, "invalid_grant", "KOE320"),
        (("code_verifier", "another"), 400, "invalid_grant", "KOE320"),
    ] {
        let answer = site.exchange(Provider::Kakao, &code, &[changes]).await;
        let body = answer.json();
        assert_eq!(answer.status, status, "{changes:?}");
        assert_eq!((&body["error"], &body["error_code"]), (&json!(error), &json!(error_code)), "{changes:?}");
    }
    let unknown = site.exchange(Provider::Kakao, "gone", &[]).await.json();
    assert_eq!(unknown["error_description"], "authorization code not found for code=gone");
}

#[tokio::test]
async fn attack_61_a_token_request_is_a_form_and_nothing_else() {
    let site = Site::open().await;
    for (provider, path) in [(Provider::Google, "/google/token"), (Provider::Kakao, "/kakao/oauth/token")] {
        let request = Request::post(path).header("content-type", "application/json").body(Body::from("{}")).unwrap();
        let answer = site.send(request).await;
        assert_eq!((answer.status, &answer.json()["error"]), (400, &json!("invalid_request")), "{provider:?}");
        assert_eq!(site.get(path).await.status, 405);
    }
}

#[tokio::test]
async fn attack_55_neither_provider_takes_the_others_client_code_or_token() {
    let site = Site::open().await;
    let (google, kakao) = (site.login.google(), site.login.kakao());
    let code = site.code(Provider::Kakao, &kakao.accounts()[0], &[]).await;
    assert_eq!(site.exchange(Provider::Google, &code, &[]).await.json()["error"], "invalid_grant");
    let client = kakao.client();
    let foreign = [("client_id", client.id.as_str()), ("client_secret", client.secret.as_str())];
    assert_eq!(site.exchange(Provider::Google, &code, &foreign).await.json()["error"], "invalid_client");
    let tokens = site.tokens(Provider::Kakao, &kakao.accounts()[0]).await;
    let access_token = tokens["access_token"].as_str().unwrap();
    let answer = site.get_as(&format!("{}/v1/userinfo", google.issuer()), access_token).await;
    assert_eq!(answer.status, 401);
    assert_eq!(answer.json(), json!({"error": "invalid_request", "error_description": "Invalid Credentials"}));
    assert!(site.verified(Provider::Google, tokens["id_token"].as_str().unwrap()).await.is_none());
}

#[tokio::test]
async fn kakaos_api_refuses_by_number() {
    let site = Site::open().await;
    let issuer = site.login.kakao().issuer();
    for path in ["/v1/oidc/userinfo", "/v2/user/me"] {
        let answer = site.get_as(&format!("{issuer}{path}"), "another").await;
        assert_eq!(
            (answer.status, answer.json()),
            (401, json!({"msg": "this access token does not exist", "code": -401}))
        );
    }
    let code = site.code(Provider::Kakao, &site.login.kakao().accounts()[0], &[("scope", "account_email")]).await;
    let tokens = site.exchange(Provider::Kakao, &code, &[]).await.json();
    let answer = site.get_as(&format!("{issuer}/v1/oidc/userinfo"), tokens["access_token"].as_str().unwrap()).await;
    let body: Value = answer.json();
    assert_eq!((answer.status, &body["code"], &body["required_scopes"]), (403, &json!(-402), &json!(["openid"])));
}
