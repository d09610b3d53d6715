use base64::engine::general_purpose::STANDARD;
use ring::{
    hmac,
    rand::SystemRandom,
    rsa::{KeyPair, PublicKeyComponents},
    signature::RSA_PKCS1_SHA256,
};
use serde_json::{Value, json};

use super::*;

pub(in super::super) const NOW: Timestamp = Timestamp::from_seconds(1_795_251_600);
pub(in super::super) const NONCE: &str = "the-nonce-of-this-login";
pub(in super::super) const CLIENT: &str = "the-client-id";
const ISSUER: &str = "https://accounts.google.com";

/// A key pair of the tests: 0 is the provider's, 1 is a stranger's.
pub(in super::super) fn pair(number: usize) -> KeyPair {
    let lines = include_str!("test_keys.txt").lines().filter(|line| !line.starts_with('#'));
    let line = lines.clone().nth(number).unwrap();
    KeyPair::from_der(&STANDARD.decode(line).unwrap()).unwrap()
}

fn public(pair: &KeyPair) -> RsaKey {
    let PublicKeyComponents { n, e } = PublicKeyComponents::<Vec<u8>>::from(pair.public());
    RsaKey { modulus: n, exponent: e }
}

fn sign(pair: &KeyPair, message: &str) -> String {
    let mut signature = vec![0; pair.public().modulus_len()];
    pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message.as_bytes(), &mut signature).unwrap();
    URL_SAFE_NO_PAD.encode(signature)
}

fn unsigned(header: &Value, claims: &Value) -> String {
    format!("{}.{}", URL_SAFE_NO_PAD.encode(header.to_string()), URL_SAFE_NO_PAD.encode(claims.to_string()))
}

/// A token of these claims by a pair, under a name.
pub(in super::super) fn token(pair: &KeyPair, key_id: &str, claims: &Value) -> String {
    let message = unsigned(&json!({"alg": "RS256", "kid": key_id, "typ": "JWT"}), claims);
    format!("{message}.{}", sign(pair, &message))
}

/// Claims that hold.
pub(in super::super) fn good(issuer: &str) -> Value {
    json!({
        "iss": issuer, "aud": CLIENT, "azp": CLIENT, "sub": "110169484474386276334",
        "iat": NOW.seconds(), "exp": NOW.plus(Seconds(3_600)).seconds(), "nonce": NONCE,
        "email": "mina@example.com", "email_verified": true, "name": "Mina Kim", "at_hash": "x",
    })
}

fn with(name: &str, value: Value) -> Value {
    let mut claims = good(ISSUER);
    claims[name] = value;
    claims
}

fn without(name: &str) -> Value {
    let mut claims = good(ISSUER);
    claims.as_object_mut().unwrap().remove(name);
    claims
}

fn expected() -> Expected<'static> {
    Expected { issuer: ISSUER, takes_bare_issuer: false, client_id: CLIENT, nonce: NONCE, now: NOW }
}

/// What the whole check says of a token, by the provider's key of the name "a".
fn check(text: &str) -> Result<Claims, Flaw> {
    check_as(text, &expected())
}

fn check_as(text: &str, expected: &Expected<'_>) -> Result<Claims, Flaw> {
    let token = IdToken::parse(text)?;
    let key = (token.key_id == "a").then(|| public(&pair(0))).ok_or(Flaw::UnknownKey)?;
    token.verify(&key)?.check(expected)
}

fn flaw_of(claims: &Value) -> Option<Flaw> {
    check(&token(&pair(0), "a", claims)).err()
}

#[test]
fn a_token_of_the_provider_for_this_login_holds() {
    let claims = check(&token(&pair(0), "a", &good(ISSUER))).unwrap();
    assert_eq!(claims.sub.as_str(), "110169484474386276334");
    assert_eq!(claims.email.as_deref(), Some("mina@example.com"));
}

#[test]
fn attack_40_no_other_algorithm_is_looked_at() {
    let pair = pair(0);
    for algorithm in ["none", "None", "NONE", "", "HS256", "RS384", "RS512", "PS256", "ES256", "EdDSA", "rs256"] {
        let message = unsigned(&json!({"alg": algorithm, "kid": "a", "typ": "JWT"}), &good(ISSUER));
        for signature in [String::new(), sign(&pair, &message)] {
            assert_eq!(check(&format!("{message}.{signature}")).err(), Some(Flaw::Algorithm), "{algorithm}");
        }
    }
}

#[test]
fn attack_40_the_public_key_is_no_secret_to_sign_with() {
    let key = public(&pair(0));
    for secret in [key.modulus.clone(), URL_SAFE_NO_PAD.encode(&key.modulus).into_bytes()] {
        for algorithm in ["HS256", "RS256"] {
            let message = unsigned(&json!({"alg": algorithm, "kid": "a"}), &good(ISSUER));
            let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &secret), message.as_bytes());
            let flaw = check(&format!("{message}.{}", URL_SAFE_NO_PAD.encode(tag))).err();
            assert_eq!(flaw, Some(if algorithm == "HS256" { Flaw::Algorithm } else { Flaw::Signature }));
        }
    }
}

#[test]
fn attack_41_the_key_is_one_of_the_providers_by_its_name_and_nothing_else_names_it() {
    let (ours, stranger) = (pair(0), pair(1));
    assert_eq!(check(&token(&stranger, "a", &good(ISSUER))).err(), Some(Flaw::Signature));
    assert_eq!(check(&token(&stranger, "b", &good(ISSUER))).err(), Some(Flaw::UnknownKey));
    let PublicKeyComponents { n, e } = PublicKeyComponents::<Vec<u8>>::from(stranger.public());
    let jwk = json!({"kty": "RSA", "n": URL_SAFE_NO_PAD.encode(n), "e": URL_SAFE_NO_PAD.encode(e)});
    for extra in [("jwk", jwk), ("jku", json!("https://evil.example/jwks")), ("x5u", json!("https://evil.example"))] {
        let mut header = json!({"alg": "RS256", "kid": "a"});
        header[extra.0] = extra.1;
        let message = unsigned(&header, &good(ISSUER));
        let flaw = check(&format!("{message}.{}", sign(&stranger, &message))).err();
        assert_eq!(flaw, Some(Flaw::Signature), "{}", extra.0);
    }
    for (header, flaw) in [
        (json!({"alg": "RS256"}), Flaw::NoKeyId),
        (json!({"alg": "RS256", "kid": ""}), Flaw::NoKeyId),
        (json!({"alg": "RS256", "kid": "a".repeat(201)}), Flaw::NoKeyId),
        (json!({"alg": "RS256", "kid": 1}), Flaw::Form),
        (json!({"alg": "RS256", "kid": "../../dev/null"}), Flaw::UnknownKey),
        (json!({"alg": "RS256", "kid": "a", "crit": ["x"]}), Flaw::Critical),
        (json!({"alg": "RS256", "kid": "a", "typ": "at+jwt"}), Flaw::Type),
        (json!({"kid": "a"}), Flaw::Form),
    ] {
        let message = unsigned(&header, &good(ISSUER));
        assert_eq!(check(&format!("{message}.{}", sign(&ours, &message))).err(), Some(flaw), "{header}");
    }
}

#[test]
fn attack_42_55_every_claim_is_needed_and_is_what_it_must_be() {
    let seconds = NOW.seconds();
    for (claims, flaw) in [
        (with("iss", json!("https://kauth.kakao.com")), Flaw::Issuer),
        (with("iss", json!("https://accounts.google.com/")), Flaw::Issuer),
        (with("iss", json!("accounts.google.com")), Flaw::Issuer),
        (with("iss", json!("https://accounts.google.com.evil.example")), Flaw::Issuer),
        (without("iss"), Flaw::Form),
        (with("aud", json!("another-site")), Flaw::Audience),
        (with("aud", json!(["another-site"])), Flaw::Audience),
        (with("aud", json!([])), Flaw::Audience),
        (with("azp", json!("another-site")), Flaw::Audience),
        (without("aud"), Flaw::Form),
        (with("aud", json!(5)), Flaw::Form),
        (without("sub"), Flaw::Form),
        (with("sub", json!("")), Flaw::Form),
        (with("sub", json!("a b")), Flaw::Form),
        (with("sub", json!("x".repeat(256))), Flaw::Form),
        (with("sub", json!(110)), Flaw::Form),
        (without("exp"), Flaw::Form),
        (with("exp", json!(seconds - 30)), Flaw::Time),
        (with("exp", json!(0)), Flaw::Time),
        (with("exp", json!("never")), Flaw::Form),
        (with("nbf", json!(seconds + 31)), Flaw::Time),
        (without("iat"), Flaw::Form),
        (with("iat", json!(seconds + 31)), Flaw::Issued),
        (with("iat", json!(seconds - 601)), Flaw::Issued),
        (with("iat", json!(seconds * 1_000)), Flaw::Issued),
        (without("nonce"), Flaw::Nonce),
        (with("nonce", json!("")), Flaw::Nonce),
        (with("nonce", json!("another")), Flaw::Nonce),
        (with("nonce", json!(format!("{NONCE}x"))), Flaw::Nonce),
        (json!([]), Flaw::Form),
        (json!("text"), Flaw::Form),
    ] {
        assert_eq!(flaw_of(&claims), Some(flaw), "{claims}");
    }
    for claims in [
        with("exp", json!(seconds - 29)),
        with("iat", json!(seconds + 30)),
        with("iat", json!(seconds - 600)),
        with("nbf", json!(seconds + 30)),
        with("aud", json!([CLIENT])),
        without("azp"),
        without("email"),
    ] {
        assert_eq!(flaw_of(&claims), None, "{claims}");
    }
}

#[test]
fn attack_55_a_token_for_several_must_have_been_made_at_our_asking() {
    let several = |azp: Option<&str>| {
        let mut claims = with("aud", json!(["another-site", CLIENT]));
        match azp {
            Some(azp) => claims["azp"] = json!(azp),
            None => drop(claims.as_object_mut().unwrap().remove("azp")),
        }
        flaw_of(&claims)
    };
    assert_eq!(several(Some(CLIENT)), None);
    assert_eq!(several(Some("another-site")), Some(Flaw::Audience));
    assert_eq!(several(None), Some(Flaw::Audience));
}

#[test]
fn the_issuer_without_its_scheme_is_taken_from_the_provider_that_documents_it() {
    let bare = token(&pair(0), "a", &with("iss", json!("accounts.google.com")));
    let taking = Expected { takes_bare_issuer: true, ..expected() };
    assert!(check_as(&bare, &taking).is_ok());
    assert_eq!(check_as(&bare, &expected()).err(), Some(Flaw::Issuer));
    let other = token(&pair(0), "a", &with("iss", json!("kauth.kakao.com")));
    assert_eq!(check_as(&other, &taking).err(), Some(Flaw::Issuer));
}

#[test]
fn attack_40_no_changed_character_is_overlooked() {
    let text = token(&pair(0), "a", &good(ISSUER));
    let bytes = text.as_bytes();
    // Every 7th, since each is a signature to check.
    for position in (0..bytes.len()).step_by(7) {
        for other in ["A", "z", ".", "=", " "] {
            if text[position..=position] != *other {
                let mut changed = text.clone();
                changed.replace_range(position..=position, other);
                assert!(check(&changed).is_err(), "{position}: {other}");
            }
        }
    }
    for wrong in ["", ".", "..", "...", "not.a-token", "a.b.c", &text[..text.len() - 1], &format!("{text}A")] {
        assert!(check(wrong).is_err(), "{wrong}");
    }
    assert_eq!(check(&format!("{text}{}", "A".repeat(LENGTH_MAX))).err(), Some(Flaw::Form));
    let twice = text.replace('.', "..");
    assert!(check(&twice).is_err());
}

#[test]
fn a_claim_that_is_there_twice_is_refused() {
    let text = good(ISSUER).to_string();
    let twice = format!("{},\"sub\":\"1\"}}", text.strip_suffix('}').unwrap());
    let header = URL_SAFE_NO_PAD.encode(json!({"alg": "RS256", "kid": "a"}).to_string());
    let message = format!("{header}.{}", URL_SAFE_NO_PAD.encode(twice));
    assert_eq!(check(&format!("{message}.{}", sign(&pair(0), &message))).err(), Some(Flaw::Form));
}
