//! Tokens that others make: attacks 40 to 43.

use base64::engine::general_purpose::STANDARD;
use ring::{hmac, rand::SystemRandom};
use serde_json::{Value, json};

use super::*;

const SITE: &str = "https://shop.example";
const NOW: Timestamp = Timestamp::from_seconds(1_795_251_600);

/// A key pair of ours, and the check that knows it.
struct Stack {
    pair: Ed25519KeyPair,
    tokens: AccessTokens,
}

fn pair() -> Ed25519KeyPair {
    let document = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).unwrap();
    Ed25519KeyPair::from_pkcs8(document.as_ref()).unwrap()
}

fn public_keys(pair: &Ed25519KeyPair) -> String {
    let x = public_x(pair);
    json!({ "keys": [{ "kid": key_id(&x), "x": x }] }).to_string()
}

fn stack() -> Stack {
    let pair = pair();
    let tokens = AccessTokens::new(&public_keys(&pair), SITE).unwrap();
    Stack { pair, tokens }
}

fn subject() -> UserId {
    UserId::new(NOW, domain::ids::Entropy([7; 10]))
}

fn session() -> SessionId {
    SessionId::new(NOW, domain::ids::Entropy([8; 10]))
}

fn whole_subject() -> Subject {
    Subject { user: subject(), roles: vec![Role::Customer], session: session(), epoch: 3 }
}

impl Stack {
    fn header(&self) -> Value {
        json!({ "alg": "EdDSA", "typ": "at+jwt", "kid": key_id(&public_x(&self.pair)) })
    }

    fn claims() -> Value {
        json!({
            "iss": SITE, "aud": SITE, "sub": subject(), "roles": ["customer"], "sid": session(), "epoch": 3,
            "iat": NOW.seconds(), "exp": NOW.plus(ACCESS_TOKEN_LIFETIME).seconds(), "jti": "a",
        })
    }

    fn check(&self, token: &str) -> Result<Claims, Refusal> {
        self.tokens.check(token, NOW)
    }

    /// A token with these members changed, well signed by our own key.
    fn token_with(&self, header: Value, claims: Value) -> String {
        sign(&self.pair, &patched(self.header(), header), &patched(Self::claims(), claims))
    }
}

/// With the members of `patch`; a null one is taken away.
fn patched(mut value: Value, patch: Value) -> Value {
    for (name, new) in patch.as_object().unwrap() {
        if new.is_null() {
            value.as_object_mut().unwrap().remove(name);
        } else {
            value[name] = new.clone();
        }
    }
    value
}

fn encode(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

fn sign(pair: &Ed25519KeyPair, header: &Value, claims: &Value) -> String {
    let message = format!("{}.{}", encode(header), encode(claims));
    let signature = URL_SAFE_NO_PAD.encode(pair.sign(message.as_bytes()));
    format!("{message}.{signature}")
}

#[test]
fn what_the_signer_makes_the_check_takes_for_ten_minutes() {
    let (pem, keys) = generate_key().unwrap();
    let signer = AccessTokenSigner::new(&pem, SITE).unwrap();
    let tokens = AccessTokens::new(&keys, SITE).unwrap();
    let token = signer.sign(&whole_subject(), NOW).unwrap();
    let claims = tokens.check(&token, NOW).unwrap();
    assert_eq!((claims.sub, claims.roles, claims.exp - claims.iat), (subject(), vec![Role::Customer], 600));
    assert!(tokens.check(&token, NOW.plus(domain::timestamp::Seconds(599))).is_ok());
    assert_eq!(tokens.check(&token, NOW.plus(domain::timestamp::Seconds(600))), Err(Refusal::Time));
    assert_ne!(token, signer.sign(&whole_subject(), NOW).unwrap(), "each has its own id");
}

#[test]
fn attack_40_only_eddsa_by_our_key_is_a_signature() {
    let stack = stack();
    let good = stack.token_with(json!({}), json!({}));
    assert!(stack.check(&good).is_ok());
    let message = good.rsplit_once('.').unwrap().0;
    for alg in
        ["none", "None", "NONE", "nOnE", "HS256", "HS512", "RS256", "PS256", "ES256", "EdDSA ", "eddsa", "Ed25519", ""]
    {
        let header = patched(stack.header(), json!({ "alg": alg }));
        let unsigned = format!("{}.{}", encode(&header), encode(&Stack::claims()));
        let keys: [&[u8]; 3] =
            [stack.pair.public_key().as_ref(), &STANDARD.decode(STANDARD.encode(public_x(&stack.pair))).unwrap(), b""];
        for key in keys {
            let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), unsigned.as_bytes());
            let token = format!("{unsigned}.{}", URL_SAFE_NO_PAD.encode(tag));
            assert_eq!(stack.check(&token), Err(Refusal::Header), "{alg}");
        }
        for token in
            [unsigned.clone(), format!("{unsigned}."), format!("{unsigned}.{}", good.rsplit_once('.').unwrap().1)]
        {
            assert!(stack.check(&token).is_err(), "{alg}: {token}");
        }
        assert!(stack.check(&stack.token_with(json!({ "alg": alg }), json!({}))).is_err(), "{alg} signed by our key");
    }
    for token in
        [message.to_owned(), format!("{message}."), format!("{message}.{}", "A".repeat(86)), format!("{message}.=")]
    {
        assert!(stack.check(&token).is_err(), "{token}");
    }
    let other = pair();
    assert_eq!(
        stack.check(&sign(&other, &stack.header(), &Stack::claims())),
        Err(Refusal::Claims),
        "another key under our id"
    );
}

#[test]
fn attack_40_no_changed_character_is_overlooked() {
    let stack = stack();
    let good = stack.token_with(json!({}), json!({}));
    for (position, character) in good.char_indices() {
        for other in ['A', 'B', '-', '_', '.', '=', ' ', 'é'].into_iter().filter(|other| *other != character) {
            let mut changed = good.clone();
            changed.replace_range(position..position + character.len_utf8(), &other.to_string());
            assert!(stack.check(&changed).is_err(), "{position}: {changed}");
        }
        assert!(stack.check(&good[..position]).is_err(), "cut at {position}");
    }
}

#[test]
fn attack_41_a_key_is_found_among_our_own_only() {
    let stack = stack();
    let attacker = pair();
    for kid in [
        json!("unknown"),
        json!(""),
        json!("../../dev/null"),
        json!("/dev/null"),
        json!("' OR 1=1 --"),
        json!(0),
        json!(["a"]),
        json!({}),
        json!("x".repeat(3_000)),
        json!(key_id(&public_x(&attacker))),
        json!("\u{0}"),
        Value::Null,
    ] {
        let header = patched(stack.header(), json!({ "kid": kid }));
        assert!(stack.check(&sign(&attacker, &header, &Stack::claims())).is_err(), "{kid}");
        assert!(stack.check(&sign(&stack.pair, &header, &Stack::claims())).is_err(), "{kid}, signed by us");
    }
    let long = patched(stack.header(), json!({ "kid": "x".repeat(10_000) }));
    assert_eq!(
        stack.check(&sign(&stack.pair, &long, &Stack::claims())),
        Err(Refusal::Malformed),
        "longer than any token"
    );
}

#[test]
fn attack_41_a_token_cannot_bring_its_own_key() {
    let stack = stack();
    let attacker = pair();
    let jwk = json!({ "kty": "OKP", "crv": "Ed25519", "x": public_x(&attacker) });
    for (name, value) in [
        ("jku", json!("https://evil.example/keys")),
        ("x5u", json!("https://evil.example/cert")),
        ("jwk", jwk),
        ("x5c", json!(["MIIB"])),
        ("crit", json!(["exp"])),
        ("zip", json!("DEF")),
        ("jku", json!(1)),
    ] {
        let header = patched(stack.header(), json!({ name: value }));
        assert_eq!(stack.check(&sign(&attacker, &header, &Stack::claims())), Err(Refusal::Header), "{name}");
        assert_eq!(
            stack.check(&sign(&stack.pair, &header, &Stack::claims())),
            Err(Refusal::Header),
            "{name}, signed by us"
        );
    }
}

#[test]
fn attack_42_every_claim_must_be_there_and_be_ours() {
    let stack = stack();
    let now = NOW.seconds();
    for (name, values) in [
        (
            "iss",
            vec![
                Value::Null,
                json!("https://evil.example"),
                json!(""),
                json!(1),
                json!(format!("{SITE}/")),
                json!([SITE]),
            ],
        ),
        (
            "aud",
            vec![
                Value::Null,
                json!("https://evil.example"),
                json!(""),
                json!([]),
                json!([SITE, "https://evil.example"]),
            ],
        ),
        (
            "sub",
            vec![
                Value::Null,
                json!(""),
                json!("admin"),
                json!("ord_01jd7c3v1h8k2m4n6p8q0r2s4t"),
                json!(7),
                json!([subject()]),
            ],
        ),
        ("roles", vec![Value::Null, json!(["root"]), json!("customer"), json!([1])]),
        ("jti", vec![Value::Null, json!(1)]),
        (
            "iat",
            vec![Value::Null, json!("now"), json!(now + 31), json!(now - 1), json!(1_795_251_600.0), json!(i64::MAX)],
        ),
        ("nbf", vec![json!(now + 31), json!("now"), json!(i64::MAX)]),
        (
            "exp",
            vec![
                Value::Null,
                json!(now),
                json!(now - 1),
                json!(0),
                json!(-1),
                json!(now + 601),
                json!((now + 600) * 1_000),
                json!(1_000_000_000_000_000_000_i64),
                json!(i64::MAX),
                json!(i64::MIN),
                json!(u64::MAX),
                json!(1e18),
                json!("never"),
                json!(1_795_252_199.5),
            ],
        ),
    ] {
        for value in values {
            let token = stack.token_with(json!({}), json!({ name: value }));
            assert!(stack.check(&token).is_err(), "{name} = {value}");
        }
    }
    assert!(
        stack
            .check(&stack.token_with(json!({}), json!({ "iat": now + 30, "nbf": now + 30, "exp": now + 600 })))
            .is_ok()
    );
}

#[test]
fn attack_43_tokens_of_other_types_are_no_access_tokens() {
    let stack = stack();
    for typ in [
        Value::Null,
        json!("JWT"),
        json!("rt+jwt"),
        json!("at+JWT "),
        json!("id_token"),
        json!("application/at+jwt"),
        json!(1),
    ] {
        assert!(stack.check(&stack.token_with(json!({ "typ": typ }), json!({}))).is_err(), "{typ}");
    }
}

#[test]
fn attack_42_what_is_no_token_is_refused() {
    let stack = stack();
    let good = stack.token_with(json!({}), json!({}));
    let (header, rest) = good.split_once('.').unwrap();
    for text in [
        String::new(),
        ".".to_owned(),
        "..".to_owned(),
        "...".to_owned(),
        "a.b.c".to_owned(),
        "null".to_owned(),
        format!("{good}."),
        format!(" {good}"),
        format!("{good} "),
        format!("{header}={header}.{rest}"),
        "x".repeat(1_000_000),
        format!("{}.{rest}", URL_SAFE_NO_PAD.encode(r#"{"alg":"EdDSA","alg":"none","typ":"at+jwt"}"#)),
        format!("{}.{rest}", encode(&json!([]))),
    ] {
        assert!(stack.check(&text).is_err(), "{text:.60}");
    }
}

#[test]
fn keys_that_are_none_stop_the_function_at_its_start() {
    for keys in ["", "{}", r#"{"keys":[{"kid":"a"}]}"#, r#"{"keys":[{"kid":"a","x":"!"}]}"#] {
        assert_eq!(AccessTokens::new(keys, SITE).unwrap_err().kind, FaultKind::Configuration, "{keys}");
    }
    assert_eq!(AccessTokenSigner::new(&Secret::new("no key"), SITE).unwrap_err().kind, FaultKind::Configuration);
}

#[test]
fn attack_41_while_the_key_is_exchanged_tokens_of_both_hold_and_afterwards_only_of_the_new_one() {
    let ((old_key, old_public), (new_key, new_public)) = (generate_key().unwrap(), generate_key().unwrap());
    let both = PublicKeys {
        keys: [&old_public, &new_public].into_iter().flat_map(|text| PublicKeys::read(text).unwrap().keys).collect(),
    };
    let both = AccessTokens::new(&serde_json::to_string(&both).unwrap(), SITE).unwrap();
    let token = |key| AccessTokenSigner::new(key, SITE).unwrap().sign(&whole_subject(), NOW).unwrap();
    let (of_old, of_new) = (token(&old_key), token(&new_key));
    assert!(both.check(&of_old, NOW).is_ok() && both.check(&of_new, NOW).is_ok());
    let before = AccessTokens::new(&old_public, SITE).unwrap();
    assert_eq!(before.check(&of_new, NOW), Err(Refusal::UnknownKey), "so the public half goes first");
    let after = AccessTokens::new(&new_public, SITE).unwrap();
    assert!(after.check(&of_new, NOW).is_ok());
    assert_eq!(after.check(&of_old, NOW), Err(Refusal::UnknownKey));
}
