//! The way of a login, from the discovery document to the facts about somebody.

use domain::timestamp::Seconds;
use engines::login::Provider;
use serde_json::json;

use crate::support::{CHALLENGE, Site, VERIFIER, basic, query};

#[tokio::test]
async fn the_documents_have_the_members_of_the_providers_and_lead_to_the_simulator() {
    let site = Site::open().await;
    for (provider, members, claims) in [
        (
            Provider::Google,
            &[
                "issuer",
                "authorization_endpoint",
                "device_authorization_endpoint",
                "token_endpoint",
                "userinfo_endpoint",
                "revocation_endpoint",
                "jwks_uri",
                "response_types_supported",
                "response_modes_supported",
                "subject_types_supported",
                "id_token_signing_alg_values_supported",
                "scopes_supported",
                "token_endpoint_auth_methods_supported",
                "claims_supported",
                "code_challenge_methods_supported",
                "grant_types_supported",
            ][..],
            11,
        ),
        (
            Provider::Kakao,
            &[
                "issuer",
                "authorization_endpoint",
                "token_endpoint",
                "userinfo_endpoint",
                "jwks_uri",
                "token_endpoint_auth_methods_supported",
                "subject_types_supported",
                "id_token_signing_alg_values_supported",
                "request_uri_parameter_supported",
                "response_types_supported",
                "response_modes_supported",
                "grant_types_supported",
                "code_challenge_methods_supported",
                "claims_supported",
            ][..],
            10,
        ),
    ] {
        let issuer = site.at(provider).issuer();
        let document = site.discovery(provider).await;
        let mut found: Vec<&str> = document.as_object().unwrap().keys().map(String::as_str).collect();
        let mut members = members.to_vec();
        found.sort_unstable();
        members.sort_unstable();
        assert_eq!(found, members);
        assert_eq!(document["issuer"], json!(issuer));
        assert_eq!(document["id_token_signing_alg_values_supported"], json!(["RS256"]));
        assert_eq!(document["claims_supported"].as_array().unwrap().len(), claims);
        for (name, address) in document.as_object().unwrap() {
            if name.ends_with("_endpoint") || name == "jwks_uri" {
                assert!(address.as_str().unwrap().starts_with(&format!("{issuer}/")), "{name}: {address}");
            }
        }
    }
}

#[tokio::test]
async fn a_login_goes_from_the_address_to_a_verified_token_and_the_facts() {
    let site = Site::open().await;
    for provider in Provider::ALL {
        let simulator = site.at(provider);
        let mina = &simulator.accounts()[0];
        let url = site.authorization(provider, &[]).await;
        let address = simulator.sign_in(&url, mina).unwrap();
        assert!(address.starts_with(&format!("{}?", simulator.client().redirect_uris[0])), "{address}");
        let back = query(&address);
        assert_eq!(back["state"], "the state/+ of this", "as it came");
        let answer = site.exchange(provider, &back["code"], &[]).await;
        assert_eq!((answer.status, answer.header(http::header::CACHE_CONTROL)), (200, "no-store"));
        let tokens = answer.json();
        let (header, claims) = site.verified(provider, tokens["id_token"].as_str().unwrap()).await.unwrap();
        assert_eq!((&header["typ"], &header["kid"]), (&json!("JWT"), &json!(simulator.key_ids()[0])));
        assert_eq!(claims["iss"], json!(simulator.issuer()));
        assert_eq!(claims["aud"], json!(simulator.client().id));
        assert_eq!((&claims["sub"], &claims["nonce"]), (&json!(mina.subject), &json!("the-nonce")));
        let userinfo = site.discovery(provider).await["userinfo_endpoint"].as_str().unwrap().to_owned();
        let facts = site.get_as(&userinfo, tokens["access_token"].as_str().unwrap()).await;
        assert_eq!((facts.status, &facts.json()["sub"]), (200, &json!(mina.subject)));
    }
}

#[tokio::test]
async fn attack_54_a_code_works_once() {
    let site = Site::open().await;
    for provider in Provider::ALL {
        let code = site.code(provider, &site.at(provider).accounts()[0], &[]).await;
        assert_eq!(site.exchange(provider, &code, &[]).await.status, 200);
        let again = site.exchange(provider, &code, &[]).await;
        assert_eq!((again.status, &again.json()["error"]), (400, &json!("invalid_grant")));
    }
}

#[tokio::test]
async fn a_code_works_for_ten_minutes() {
    let site = Site::open().await;
    for provider in Provider::ALL {
        let mina = site.at(provider).accounts()[0].clone();
        let (in_time, late) = (site.code(provider, &mina, &[]).await, site.code(provider, &mina, &[]).await);
        let _ = site.clock.advance(Seconds::minutes(10));
        assert_eq!(site.exchange(provider, &in_time, &[]).await.status, 200);
        let _ = site.clock.advance(Seconds(1));
        assert_eq!(site.exchange(provider, &late, &[]).await.json()["error"], "invalid_grant");
    }
}

#[tokio::test]
async fn attack_54_a_code_is_of_no_use_without_the_verifier_the_address_and_the_secret() {
    let site = Site::open().await;
    for provider in Provider::ALL {
        let code = site.code(provider, &site.at(provider).accounts()[0], &[]).await;
        let other_verifier = "x".repeat(43);
        for (name, value) in [
            ("code_verifier", ""),
            ("code_verifier", other_verifier.as_str()),
            ("code_verifier", CHALLENGE),
            ("redirect_uri", "http://shop.test/api/auth/oauth/callback"),
            ("redirect_uri", ""),
            ("client_secret", ""),
            ("client_secret", "another"),
            ("client_id", "another"),
            ("code", "another"),
            ("grant_type", "refresh_token"),
        ] {
            let answer = site.exchange(provider, &code, &[(name, value)]).await;
            assert!(matches!(answer.status, 400 | 401), "{name}={value}: {}", answer.text);
            assert!(!answer.text.contains("access_token"));
        }
        assert_eq!(site.exchange(provider, &code, &[]).await.status, 200, "and the code is still good");
    }
}

#[tokio::test]
async fn without_a_challenge_google_wants_no_verifier_and_kakao_reads_none() {
    let site = Site::open().await;
    let plain = [("code_challenge", ""), ("code_challenge_method", "")];
    for provider in Provider::ALL {
        let mina = site.at(provider).accounts()[0].clone();
        let code = site.code(provider, &mina, &plain).await;
        let with = site.exchange(provider, &code, &[]).await;
        assert_eq!(with.status, if provider == Provider::Google { 400 } else { 200 });
        let code = site.code(provider, &mina, &plain).await;
        assert_eq!(site.exchange(provider, &code, &[("code_verifier", "")]).await.status, 200);
    }
}

#[tokio::test]
async fn google_takes_a_plain_challenge_too_and_kakao_does_not() {
    let site = Site::open().await;
    let plain = [("code_challenge", VERIFIER), ("code_challenge_method", "plain")];
    let code = site.code(Provider::Google, &site.login.google().accounts()[0], &plain).await;
    assert_eq!(site.exchange(Provider::Google, &code, &[]).await.status, 200);
    let url = site.authorization(Provider::Kakao, &plain).await;
    let refusal = site.login.kakao().sign_in(&url, &site.login.kakao().accounts()[0]).unwrap_err();
    assert_eq!(refusal.code, "KOE204");
}

#[tokio::test]
async fn the_secret_may_stand_in_the_header_at_google_and_not_at_kakao() {
    let site = Site::open().await;
    for (provider, status) in [(Provider::Google, 200), (Provider::Kakao, 401)] {
        let simulator = site.at(provider);
        let client = simulator.client();
        let code = site.code(provider, &simulator.accounts()[0], &[]).await;
        let token = site.discovery(provider).await["token_endpoint"].as_str().unwrap().to_owned();
        let form = [
            ("grant_type", "authorization_code"),
            ("redirect_uri", client.redirect_uris[0].as_str()),
            ("code", code.as_str()),
            ("code_verifier", VERIFIER),
        ];
        let wrong = basic(&client.id, "another");
        assert_eq!(site.post_with(&token, &[("authorization", &wrong)], &form).await.status, 401);
        let right = basic(&client.id, &client.secret);
        assert_eq!(site.post_with(&token, &[("authorization", &right)], &form).await.status, status);
    }
}

#[tokio::test]
async fn an_access_token_lives_as_long_as_it_says() {
    let site = Site::open().await;
    for (provider, lives) in [(Provider::Google, 3_599_u32), (Provider::Kakao, 21_599)] {
        let tokens = site.tokens(provider, &site.at(provider).accounts()[0]).await;
        assert_eq!(tokens["expires_in"], json!(lives));
        let access_token = tokens["access_token"].as_str().unwrap();
        let userinfo = site.discovery(provider).await["userinfo_endpoint"].as_str().unwrap().to_owned();
        let _ = site.clock.advance(Seconds(lives - 1));
        assert_eq!(site.get_as(&userinfo, access_token).await.status, 200);
        let _ = site.clock.advance(Seconds(1));
        assert_eq!(site.get_as(&userinfo, access_token).await.status, 401);
    }
}

#[tokio::test]
async fn the_answers_have_the_members_of_the_providers() {
    let site = Site::open().await;
    let google = site.tokens(Provider::Google, &site.login.google().accounts()[0]).await;
    assert_eq!(google["token_type"], "Bearer");
    assert_eq!(
        google["scope"],
        "openid https://www.googleapis.com/auth/userinfo.email https://www.googleapis.com/auth/userinfo.profile"
    );
    assert!(google.get("refresh_token").is_none(), "nobody asked for offline access");
    let kakao = site.tokens(Provider::Kakao, &site.login.kakao().accounts()[0]).await;
    assert_eq!(kakao["token_type"], "bearer");
    assert_eq!(kakao["scope"], "account_email openid profile_image profile_nickname");
    assert_eq!(kakao["refresh_token_expires_in"], json!(5_183_999));
    assert!(kakao["refresh_token"].is_string());
}

#[tokio::test]
async fn it_is_there_over_a_port_of_its_own() {
    use shared::http_client::{Call, HttpClient};
    let site = Site::open().await;
    let uri = format!("{}/.well-known/openid-configuration", site.login.kakao().issuer()).parse().unwrap();
    let call = Call {
        method: http::Method::GET,
        uri,
        headers: http::HeaderMap::new(),
        body: bytes::Bytes::new(),
        time_limit: std::time::Duration::from_secs(20),
    };
    let answer = HttpClient::new().unwrap().call(call).await.unwrap();
    let document: serde_json::Value = serde_json::from_slice(&answer.body).unwrap();
    assert_eq!(document["issuer"], json!(site.login.kakao().issuer()));
    assert_eq!((site.login.kakao().calls("discovery"), site.login.google().calls("discovery")), (1, 0));
}
