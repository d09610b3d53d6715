//! What a provider publishes: where its endpoints are, and its keys.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use http::Uri;
use serde::Deserialize;

use super::{LoginError, rules::Rules};
use crate::fault::{Fault, FaultKind};

/// The longest name of a key that is looked at.
pub(super) const KEY_ID_MAX: usize = 200;

/// OpenID Connect Discovery §3, as far as we use it.
#[derive(Debug, Deserialize)]
pub(super) struct Discovery {
    issuer: String,
    pub(super) authorization_endpoint: String,
    pub(super) token_endpoint: String,
    pub(super) jwks_uri: String,
    #[serde(default)]
    pub(super) authorization_response_iss_parameter_supported: bool,
    prompt_values_supported: Option<Vec<String>>,
}

impl Discovery {
    pub(super) fn read(body: &[u8], issuer: &str, rules: &Rules) -> Result<Self, LoginError> {
        let unreadable = |why| LoginError::Unreadable { what: "discovery", why };
        let document: Self = serde_json::from_slice(body).map_err(|_| unreadable("it is no such document"))?;
        // OpenID Connect Discovery §4.3: exactly the address that the document was found at.
        if document.issuer != issuer {
            return Err(unreadable("it is of another issuer"));
        }
        let all = [&document.authorization_endpoint, &document.token_endpoint, &document.jwks_uri];
        if all.into_iter().all(|address| may_be_asked(address, issuer, rules.hosts)) {
            Ok(document)
        } else {
            Err(unreadable("it names a host that is not the provider's"))
        }
    }

    /// Whether a value of `prompt` is understood. Who does not say is taken to know what Google and
    /// Kakao document.
    pub(super) fn takes_prompt(&self, value: &str) -> bool {
        self.prompt_values_supported.as_ref().is_none_or(|values| values.iter().any(|known| known == value))
    }
}

/// An issuer is an HTTPS address, or one on this machine.
pub(super) fn check_issuer(issuer: &str) -> Result<(), Fault> {
    if may_be_asked(issuer, issuer, &[]) {
        Ok(())
    } else {
        Err(Fault::new(FaultKind::Configuration, "a login provider must be reached over HTTPS"))
    }
}

/// Whether an address is one of the provider's: on the issuer's own host and port, or over HTTPS on
/// another host of the provider.
fn may_be_asked(address: &str, issuer: &str, hosts: &[&str]) -> bool {
    let parts = |text: &str| {
        let uri: Uri = text.parse().ok()?;
        let authority = uri.authority()?.clone();
        let is_plain = !authority.as_str().contains('@') && !text.contains('#');
        is_plain.then_some((uri.scheme_str()?.to_owned(), authority))
    };
    let (Some((scheme, authority)), Some((own_scheme, own))) = (parts(address), parts(issuer)) else { return false };
    let is_local = matches!(own.host(), "127.0.0.1" | "localhost" | "[::1]");
    let is_own = scheme == own_scheme && authority == own;
    match scheme.as_str() {
        "https" => is_own || hosts.contains(&authority.as_str()),
        "http" => is_own && is_local,
        _ => false,
    }
}

/// One key of a JSON Web Key Set (RFC 7517), as far as we use it.
#[derive(Debug, Deserialize)]
struct Jwk {
    kty: String,
    kid: Option<String>,
    r#use: Option<String>,
    alg: Option<String>,
    n: Option<String>,
    e: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Jwks {
    keys: Vec<serde_json::Value>,
}

/// The keys of a provider that can have signed an ID token.
#[derive(Debug)]
pub(super) struct KeySet(Vec<(String, RsaKey)>);

/// An RSA key in parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct RsaKey {
    pub(super) modulus: Vec<u8>,
    pub(super) exponent: Vec<u8>,
}

impl KeySet {
    /// Keys that are not for RS256 are left out (RFC 7517 §5).
    pub(super) fn read(body: &[u8]) -> Result<Self, LoginError> {
        let unreadable = |why| LoginError::Unreadable { what: "keys", why };
        let document: Jwks = serde_json::from_slice(body).map_err(|_| unreadable("they are no key set"))?;
        let keys: Vec<(String, RsaKey)> = document.keys.into_iter().filter_map(key).collect();
        if keys.is_empty() { Err(unreadable("no key is for RS256")) } else { Ok(Self(keys)) }
    }

    pub(super) fn find(&self, key_id: &str) -> Option<RsaKey> {
        self.0.iter().find(|(known, _)| known == key_id).map(|(_, key)| key.clone())
    }
}

fn key(value: serde_json::Value) -> Option<(String, RsaKey)> {
    let key: Jwk = serde_json::from_value(value).ok()?;
    let is_for_us = key.kty == "RSA"
        && key.r#use.is_none_or(|purpose| purpose == "sig")
        && key.alg.is_none_or(|algorithm| algorithm == "RS256");
    let id = key.kid.filter(|id| is_for_us && (1..=KEY_ID_MAX).contains(&id.len()))?;
    Some((id, RsaKey { modulus: number(&key.n?)?, exponent: number(&key.e?)? }))
}

/// A number as RFC 7518 §2 writes it; without zeros in front, as *ring* wants it.
fn number(text: &str) -> Option<Vec<u8>> {
    let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
    Some(bytes.into_iter().skip_while(|byte| *byte == 0).collect())
}

#[cfg(test)]
mod tests {
    use domain::auth::LoginProvider;
    use serde_json::json;

    use super::*;
    use crate::login_providers::rules;

    const GOOGLE: &str = "https://accounts.google.com";

    fn asks(address: &str, issuer: &str) -> bool {
        may_be_asked(address, issuer, rules::of(LoginProvider::Google).hosts)
    }

    #[test]
    fn the_documented_addresses_of_both_providers_may_be_asked() {
        for address in [
            "https://accounts.google.com/o/oauth2/v2/auth",
            "https://oauth2.googleapis.com/token",
            "https://www.googleapis.com/oauth2/v3/certs",
        ] {
            assert!(asks(address, GOOGLE), "{address}");
        }
        for path in ["/oauth/authorize", "/oauth/token", "/.well-known/jwks.json"] {
            assert!(may_be_asked(&format!("https://kauth.kakao.com{path}"), "https://kauth.kakao.com", &[]), "{path}");
        }
        assert!(asks("http://127.0.0.1:4000/google/token", "http://127.0.0.1:4000/google"));
    }

    #[test]
    fn attack_67_no_document_sends_us_anywhere_else() {
        for address in [
            "http://accounts.google.com/token",
            "https://accounts.google.com:8443/token",
            "https://accounts.google.com.evil.example/token",
            "https://accounts.google.com@evil.example/token",
            "https://x@accounts.google.com/token",
            "https://evil.example/accounts.google.com",
            "https://OAuth2.googleapis.com.evil.example/token",
            "https://oauth2.googleapis.com:444/token",
            "http://oauth2.googleapis.com/token",
            "http://169.254.169.254/latest/meta-data/",
            "http://localhost:9001/2018-06-01/runtime/invocation/next",
            "http://127.0.0.1:9001/",
            "https://127.0.0.1/",
            "http://[::1]/",
            "file:///proc/self/environ",
            "javascript:alert(1)",
            "//oauth2.googleapis.com/token",
            "/token",
            "token",
            "",
        ] {
            assert!(!asks(address, GOOGLE), "{address}");
        }
        // The local cloud's own provider names its own port and no other.
        for address in ["http://127.0.0.1:9001/", "http://localhost:4000/google", "https://127.0.0.1:4000/"] {
            assert!(!asks(address, "http://127.0.0.1:4000/google"), "{address}");
        }
        for issuer in
            ["http://accounts.google.com", "http://localhost.evil.example", "ftp://x", "", "accounts.google.com"]
        {
            assert_eq!(check_issuer(issuer).unwrap_err().kind, FaultKind::Configuration, "{issuer}");
        }
        for issuer in [GOOGLE, "https://kauth.kakao.com", "http://localhost:3000/_local/login/google"] {
            assert!(check_issuer(issuer).is_ok(), "{issuer}");
        }
    }

    #[test]
    fn a_discovery_document_is_of_its_own_issuer_and_names_its_own_hosts() {
        let read = |document: &serde_json::Value| {
            Discovery::read(document.to_string().as_bytes(), GOOGLE, rules::of(LoginProvider::Google))
        };
        let good = json!({
            "issuer": GOOGLE,
            "authorization_endpoint": "https://accounts.google.com/o/oauth2/v2/auth",
            "token_endpoint": "https://oauth2.googleapis.com/token",
            "jwks_uri": "https://www.googleapis.com/oauth2/v3/certs",
            "something_new": { "a": 1 },
        });
        let document = read(&good).unwrap();
        assert!(document.takes_prompt("select_account") && !document.authorization_response_iss_parameter_supported);
        let with = |name: &str, value: serde_json::Value| {
            let mut changed = good.clone();
            changed[name] = value;
            changed
        };
        assert!(!read(&with("prompt_values_supported", json!(["none"]))).unwrap().takes_prompt("select_account"));
        for (name, value) in [
            ("issuer", json!("https://accounts.google.com/")),
            ("issuer", json!("https://kauth.kakao.com")),
            ("issuer", json!(null)),
            ("authorization_endpoint", json!("https://evil.example/auth")),
            ("token_endpoint", json!("http://169.254.169.254/token")),
            ("jwks_uri", json!("http://localhost:9001/")),
            ("jwks_uri", json!(5)),
        ] {
            let refused = read(&with(name, value.clone())).unwrap_err();
            assert!(refused.is_of_the_provider(), "{name} {value}");
        }
        for garbage in ["", "<html>It works!</html>", "[]", "null", "{}"] {
            assert!(Discovery::read(garbage.as_bytes(), GOOGLE, rules::of(LoginProvider::Google)).is_err());
        }
    }

    #[test]
    fn only_keys_for_rs256_are_read() {
        let good = json!({"kid": "a", "kty": "RSA", "alg": "RS256", "use": "sig", "n": "AAEC", "e": "AQAB"});
        let with = |name: &str, value: serde_json::Value| {
            let mut key = good.clone();
            key["kid"] = json!("b");
            key[name] = value;
            key
        };
        let wrong = [
            with("kty", json!("EC")),
            with("kty", json!("oct")),
            with("alg", json!("HS256")),
            with("alg", json!("RS512")),
            with("use", json!("enc")),
            with("kid", json!("")),
            with("kid", json!(5)),
            with("kid", json!("x".repeat(201))),
            with("n", json!("a+b/")),
            with("e", json!(null)),
            json!(5),
        ];
        let read = |keys: &[serde_json::Value]| KeySet::read(json!({ "keys": keys }).to_string().as_bytes());
        for key in &wrong {
            let keys = read(&[key.clone(), good.clone()]).unwrap();
            assert_eq!(keys.0.len(), 1, "{key}");
        }
        assert_eq!(read(&[good]).unwrap().find("a"), Some(RsaKey { modulus: vec![1, 2], exponent: vec![1, 0, 1] }));
        assert!(read(&wrong).is_err() && read(&[]).is_err());
        for garbage in ["", "<html></html>", "[]", "{}"] {
            assert!(KeySet::read(garbage.as_bytes()).is_err(), "{garbage}");
        }
    }
}
