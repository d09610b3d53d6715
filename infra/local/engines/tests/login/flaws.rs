//! Tokens that are wrong on purpose: each in the one way that its name says, so that a site that
//! leaves out the one check takes it.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use engines::{
    FaultKind,
    login::{IdTokenFlaw, Provider},
};
use serde_json::{Value, json};

use crate::support::{START, Site, verify};

async fn flawed(site: &Site, provider: Provider, flaw: IdTokenFlaw) -> Option<String> {
    let code = site.code(provider, &site.at(provider).accounts()[0], &[]).await;
    site.fail_once(provider, "token", FaultKind::IdToken(flaw));
    let answer = site.exchange(provider, &code, &[]).await;
    assert_eq!(answer.status, 200, "{flaw:?}");
    answer.json().get("id_token").map(|token| token.as_str().unwrap().to_owned())
}

/// The header and the claims, whoever has signed them.
fn read(id_token: &str) -> (Value, Value) {
    let mut parts = id_token.split('.').map(|part| URL_SAFE_NO_PAD.decode(part).unwrap());
    let mut part = || serde_json::from_slice(&parts.next().unwrap()).unwrap();
    (part(), part())
}

async fn keys(site: &Site, provider: Provider) -> Value {
    let address = site.discovery(provider).await["jwks_uri"].as_str().unwrap().to_owned();
    site.get(&address).await.json()
}

#[tokio::test]
async fn every_flaw_changes_the_token_and_is_over_with_it() {
    let site = Site::open().await;
    for provider in Provider::ALL {
        let keys = keys(&site, provider).await;
        let mina = site.at(provider).accounts()[0].clone();
        let mut sound = site.claims(provider, &mina).await;
        for flaw in IdTokenFlaw::ALL {
            let token = flawed(&site, provider, flaw).await;
            let read = token.as_deref().and_then(|token| verify(&keys, token));
            if let Some((_, mut claims)) = read {
                claims.as_object_mut().unwrap().remove("at_hash");
                sound.as_object_mut().unwrap().remove("at_hash");
                assert_ne!(claims, sound, "{flaw:?} is a sound token");
            }
            let next = site.tokens(provider, &mina).await;
            assert!(verify(&keys, next["id_token"].as_str().unwrap()).is_some(), "after {flaw:?}");
        }
    }
}

#[tokio::test]
async fn the_wrong_claims_are_signed_as_they_should_be() {
    let site = Site::open().await;
    let provider = Provider::Google;
    let keys = keys(&site, provider).await;
    let client = json!(site.login.google().client().id);
    let issuer = site.login.google().issuer();
    for (flaw, name, value) in [
        (IdTokenFlaw::WrongIssuer, "iss", Some(json!("https://accounts.evil.example"))),
        (IdTokenFlaw::LegacyIssuer, "iss", Some(json!(issuer.trim_start_matches("http://")))),
        (IdTokenFlaw::WrongAudience, "aud", Some(json!("another-site"))),
        (IdTokenFlaw::SeveralAudiences, "aud", Some(json!(["another-site", client]))),
        (IdTokenFlaw::SeveralAudiences, "azp", None),
        (IdTokenFlaw::WrongNonce, "nonce", Some(json!("another-nonce"))),
        (IdTokenFlaw::NoNonce, "nonce", None),
        (IdTokenFlaw::Expired, "exp", Some(json!(START - 3_600))),
        (IdTokenFlaw::NoExpiry, "exp", None),
        (IdTokenFlaw::IssuedInFuture, "iat", Some(json!(START + 3_600))),
        (IdTokenFlaw::IssuedLongAgo, "iat", Some(json!(START - 660))),
        (IdTokenFlaw::NoSubject, "sub", None),
        (IdTokenFlaw::EmptySubject, "sub", Some(json!(""))),
        (IdTokenFlaw::EmailVerifiedAsText, "email_verified", Some(json!("true"))),
    ] {
        let token = flawed(&site, provider, flaw).await.unwrap();
        let (_, claims) = verify(&keys, &token).unwrap_or_else(|| panic!("{flaw:?} is not signed"));
        assert_eq!(claims.get(name), value.as_ref(), "{flaw:?}");
    }
}

#[tokio::test]
async fn attack_36_the_wrong_signatures_have_right_claims() {
    let site = Site::open().await;
    for provider in Provider::ALL {
        let keys = keys(&site, provider).await;
        let published = &keys["keys"][0]["kid"];
        for (flaw, algorithm, kid) in [
            (IdTokenFlaw::AlgorithmNone, "none", Some(published)),
            (IdTokenFlaw::HmacWithPublicKey, "HS256", Some(published)),
            (IdTokenFlaw::WrongKey, "RS256", Some(published)),
            (IdTokenFlaw::BrokenSignature, "RS256", Some(published)),
            (IdTokenFlaw::UnknownKeyId, "RS256", None),
        ] {
            let token = flawed(&site, provider, flaw).await.unwrap();
            let (header, claims) = read(&token);
            assert_eq!(header["alg"], algorithm, "{flaw:?}");
            assert_eq!(header["kid"] == *published, kid.is_some(), "{flaw:?}");
            assert_eq!(
                (&claims["aud"], &claims["nonce"]),
                (&json!(site.at(provider).client().id), &json!("the-nonce"))
            );
            assert!(verify(&keys, &token).is_none(), "{flaw:?}");
        }
        let token = flawed(&site, provider, IdTokenFlaw::NoKeyId).await.unwrap();
        assert!(read(&token).0.get("kid").is_none());
    }
}

#[tokio::test]
async fn the_hmac_is_one_that_a_careless_verifier_computes() {
    let site = Site::open().await;
    let token = flawed(&site, Provider::Google, IdTokenFlaw::HmacWithPublicKey).await.unwrap();
    let (message, signature) = token.rsplit_once('.').unwrap();
    // The modulus inside SubjectPublicKeyInfo: what every library makes of the published key.
    let keys = keys(&site, Provider::Google).await;
    let modulus = URL_SAFE_NO_PAD.decode(keys["keys"][0]["n"].as_str().unwrap()).unwrap();
    let head = "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA";
    let mut info = base64::engine::general_purpose::STANDARD.decode(head).unwrap();
    info.extend(modulus);
    info.extend([2, 3, 1, 0, 1]);
    let text = base64::engine::general_purpose::STANDARD.encode(info);
    let lines: Vec<&str> = text.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap()).collect();
    let pem = format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", lines.join("\n"));
    let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, pem.as_bytes());
    let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
    ring::hmac::verify(&key, message.as_bytes(), &signature).unwrap();
}

#[tokio::test]
async fn attack_55_the_other_providers_token_is_sound_there_and_nowhere_else() {
    let site = Site::open().await;
    for (provider, other) in [(Provider::Google, Provider::Kakao), (Provider::Kakao, Provider::Google)] {
        let token = flawed(&site, provider, IdTokenFlaw::OtherProvider).await.unwrap();
        assert!(site.verified(provider, &token).await.is_none());
        let (_, claims) = site.verified(other, &token).await.unwrap();
        assert_eq!(claims["iss"], json!(site.at(other).issuer()));
        assert_eq!(claims["aud"], json!(site.at(provider).client().id), "meant for this site all the same");
    }
}

#[tokio::test]
async fn a_token_can_be_missing_or_no_token() {
    let site = Site::open().await;
    assert_eq!(flawed(&site, Provider::Kakao, IdTokenFlaw::Missing).await, None);
    assert_eq!(flawed(&site, Provider::Kakao, IdTokenFlaw::NotAToken).await.as_deref(), Some("not.a-token"));
}

#[test]
fn a_flaw_is_ordered_by_name_like_every_fault() {
    let kind: FaultKind = serde_json::from_value(json!({"id_token": "hmac_with_public_key"})).unwrap();
    assert_eq!(kind, FaultKind::IdToken(IdTokenFlaw::HmacWithPublicKey));
}
