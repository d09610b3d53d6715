//! Access tokens: JWTs signed with Ed25519, ten minutes long, checked in the function.
//!
//! Every check of RFC 8725 §3 that applies is made: one algorithm, a key from our own fixed set
//! (never from the token), the type `at+jwt` (RFC 9068), issuer and audience exactly ours, every
//! claim required, no leeway beyond the same event clock, and a bound on the length. `jku`, `x5u`,
//! `jwk` and `crit` are refused.

use std::{collections::BTreeMap, sync::Arc};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::{
    Timestamp,
    auth::{ACCESS_TOKEN_LIFETIME, Role},
    ids::{SessionId, UserId},
};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use ring::{
    digest,
    signature::{Ed25519KeyPair, KeyPair as _},
};
use serde::{Deserialize, Serialize};

use super::signature;
use crate::{
    fault::{Fault, FaultKind},
    random,
    secrets::Secret,
};

/// The longest token that is looked at, in bytes.
const LENGTH_MAX: usize = 4096;

/// How far `iat` may lie in the future, in seconds: the clocks of two gateways differ a little.
const CLOCK_SKEW_S: i64 = 30;

/// What a token says (RFC 9068 §2.2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    /// Who made it: our site.
    pub iss: String,
    /// Whom it is for: our API.
    pub aud: String,
    /// Whom it is about.
    pub sub: UserId,
    /// What they may be.
    pub roles: Vec<Role>,
    /// On which device they are signed in.
    pub sid: SessionId,
    /// The epoch of their sessions when it was made: see `store::users::User::epoch`.
    pub epoch: u32,
    /// When it was made, in seconds since 1970.
    pub iat: i64,
    /// When it ends, in seconds since 1970.
    pub exp: i64,
    /// Its own id.
    pub jti: String,
}

/// Whom a token is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    /// The person.
    pub user: UserId,
    /// What they may be.
    pub roles: Vec<Role>,
    /// On which device they are signed in.
    pub session: SessionId,
    /// The epoch of their sessions.
    pub epoch: u32,
}

/// What is read of a token: a start is honoured, though we set none.
#[derive(Debug, Deserialize)]
struct Content {
    #[serde(flatten)]
    claims: Claims,
    nbf: Option<i64>,
}

/// Why a token was refused. For tests; a client only learns that it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// Too long, or not a token.
    Malformed,
    /// Of another type, or signed by another algorithm, or with headers that we refuse.
    Header,
    /// No key of ours has that id.
    UnknownKey,
    /// The signature or a claim does not hold.
    Claims,
    /// It is over, or has not begun.
    Time,
}

/// The check of access tokens.
#[derive(Clone)]
pub struct AccessTokens {
    keys: Arc<BTreeMap<String, DecodingKey>>,
    site: Arc<str>,
}

impl std::fmt::Debug for AccessTokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AccessTokens").field("keys", &self.keys.keys()).finish_non_exhaustive()
    }
}

/// A public key as the configuration carries it (RFC 8037 §2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublicKey {
    /// Its id: the thumbprint of the key.
    pub kid: String,
    /// The key: 32 bytes in base64url.
    pub x: String,
}

/// The public keys of access tokens: one, or two while the key is being exchanged, that which signs
/// first (`scripts/rotate-access-token-key`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublicKeys {
    /// The keys.
    pub keys: Vec<PublicKey>,
}

impl PublicKeys {
    /// The keys, as `ACCESS_TOKEN_KEYS` has them.
    ///
    /// # Errors
    /// [`FaultKind::Configuration`] when they cannot be read.
    pub fn read(text: &str) -> Result<Self, Fault> {
        serde_json::from_str(text).map_err(|error| {
            Fault::new(FaultKind::Configuration, "read ACCESS_TOKEN_KEYS").with_source(error.to_string())
        })
    }
}

impl AccessTokens {
    /// The check by these public keys, for tokens of this site.
    ///
    /// # Errors
    /// [`FaultKind::Configuration`] when the keys cannot be read.
    pub fn new(public_keys: &str, site_origin: &str) -> Result<Self, Fault> {
        signature::install();
        let broken = |what: String| Fault::new(FaultKind::Configuration, "read ACCESS_TOKEN_KEYS").with_source(what);
        let keys = PublicKeys::read(public_keys)?
            .keys
            .into_iter()
            .map(|key| Ok((key.kid, DecodingKey::from_ed_components(&key.x).map_err(|e| broken(e.to_string()))?)))
            .collect::<Result<BTreeMap<_, _>, Fault>>()?;
        Ok(Self { keys: Arc::new(keys), site: site_origin.into() })
    }

    /// The origin of the site that tokens are made by and for.
    #[must_use]
    pub fn site(&self) -> &str {
        &self.site
    }

    /// Checks a token at a moment.
    ///
    /// # Errors
    /// Why it does not hold.
    pub fn check(&self, token: &str, now: Timestamp) -> Result<Claims, Refusal> {
        if token.len() > LENGTH_MAX {
            return Err(Refusal::Malformed);
        }
        let header = header_of(token)?;
        if header.alg != "EdDSA" || header.typ.as_deref() != Some("at+jwt") || header.has_refused_fields() {
            return Err(Refusal::Header);
        }
        let kid = header.kid.filter(|kid| kid.len() <= 64).ok_or(Refusal::UnknownKey)?;
        let key = self.keys.get(&kid).ok_or(Refusal::UnknownKey)?;
        let Content { claims, nbf } =
            jsonwebtoken::decode::<Content>(token, key, &self.validation()).map_err(|_| Refusal::Claims)?.claims;
        let now_s = now.seconds();
        let latest_start_s = now_s.saturating_add(CLOCK_SKEW_S);
        let lifetime = claims.exp.saturating_sub(claims.iat);
        let has_begun = claims.iat <= latest_start_s && nbf.is_none_or(|nbf| nbf <= latest_start_s);
        let is_in_time = claims.exp > now_s && has_begun;
        // A token of ours never lives longer; one that claims to (milliseconds for seconds) is none.
        if is_in_time && lifetime > 0 && lifetime <= i64::from(ACCESS_TOKEN_LIFETIME.0) {
            Ok(claims)
        } else {
            Err(Refusal::Time)
        }
    }

    /// What jsonwebtoken checks for us. Times are compared by us, against the event's time, because
    /// the library would read the machine's clock and allow a minute.
    fn validation(&self) -> Validation {
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        validation.set_issuer(&[&*self.site]);
        validation.set_audience(&[&*self.site]);
        validation.validate_exp = false;
        validation.validate_nbf = false;
        validation
    }
}

#[derive(Debug, Deserialize)]
struct TokenHeader {
    alg: String,
    typ: Option<String>,
    kid: Option<String>,
    jku: Option<serde_json::Value>,
    jwk: Option<serde_json::Value>,
    x5u: Option<serde_json::Value>,
    x5c: Option<serde_json::Value>,
    crit: Option<serde_json::Value>,
    zip: Option<serde_json::Value>,
}

impl TokenHeader {
    const fn has_refused_fields(&self) -> bool {
        self.jku.is_some()
            || self.jwk.is_some()
            || self.x5u.is_some()
            || self.x5c.is_some()
            || self.crit.is_some()
            || self.zip.is_some()
    }
}

fn header_of(token: &str) -> Result<TokenHeader, Refusal> {
    let first = token.split('.').next().ok_or(Refusal::Malformed)?;
    let json = URL_SAFE_NO_PAD.decode(first).map_err(|_| Refusal::Malformed)?;
    serde_json::from_slice(&json).map_err(|_| Refusal::Malformed)
}

/// The making of access tokens. Only the functions that sign people in have the key.
pub struct AccessTokenSigner {
    key: EncodingKey,
    kid: String,
    site: String,
}

impl std::fmt::Debug for AccessTokenSigner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AccessTokenSigner").field("kid", &self.kid).finish_non_exhaustive()
    }
}

impl AccessTokenSigner {
    /// The signer with this private key (Ed25519, PKCS #8 in PEM).
    ///
    /// # Errors
    /// [`FaultKind::Configuration`] when the key cannot be read.
    pub fn new(private_key_pem: &Secret, site_origin: &str) -> Result<Self, Fault> {
        signature::install();
        let broken = |what: String| Fault::new(FaultKind::Configuration, "read the access token key").with_source(what);
        let key = EncodingKey::from_ed_pem(private_key_pem.expose().as_bytes()).map_err(|e| broken(e.to_string()))?;
        let pair = Ed25519KeyPair::from_pkcs8_maybe_unchecked(key.as_bytes()).map_err(|e| broken(e.to_string()))?;
        let kid = key_id(&public_x(&pair));
        Ok(Self { key, kid, site: site_origin.to_owned() })
    }

    /// A token about this person.
    ///
    /// # Errors
    /// When there is no randomness, or signing fails.
    pub fn sign(&self, subject: &Subject, now: Timestamp) -> Result<String, Fault> {
        let claims = Claims {
            iss: self.site.clone(),
            aud: self.site.clone(),
            sub: subject.user,
            roles: subject.roles.clone(),
            sid: subject.session,
            epoch: subject.epoch,
            iat: now.seconds(),
            exp: now.plus(ACCESS_TOKEN_LIFETIME).seconds(),
            jti: URL_SAFE_NO_PAD.encode(random::bytes::<16>()?),
        };
        let mut header = Header::new(Algorithm::EdDSA);
        header.typ = Some("at+jwt".to_owned());
        header.kid = Some(self.kid.clone());
        jsonwebtoken::encode(&header, &claims, &self.key)
            .map_err(|error| Fault::new(FaultKind::Cryptography, "sign an access token").with_source(error))
    }
}

/// A new key pair: the private key in PEM for the parameter store, and the configuration text that
/// lets every function check what it signs.
///
/// # Errors
/// When there is no randomness.
pub fn generate_key() -> Result<(Secret, String), Fault> {
    let broken = || Fault::new(FaultKind::Cryptography, "make an access token key");
    let document = Ed25519KeyPair::generate_pkcs8(&ring::rand::SystemRandom::new()).map_err(|_| broken())?;
    let pair = Ed25519KeyPair::from_pkcs8(document.as_ref()).map_err(|_| broken())?;
    let body = base64::engine::general_purpose::STANDARD.encode(document.as_ref());
    let lines: Vec<&str> = body.as_bytes().chunks(64).filter_map(|line| std::str::from_utf8(line).ok()).collect();
    let pem = format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", lines.join("\n"));
    let x = public_x(&pair);
    let keys = PublicKeys { keys: vec![PublicKey { kid: key_id(&x), x }] };
    Ok((Secret::new(pem), serde_json::to_string(&keys).map_err(|_| broken())?))
}

fn public_x(pair: &Ed25519KeyPair) -> String {
    URL_SAFE_NO_PAD.encode(pair.public_key().as_ref())
}

/// The thumbprint of the key (RFC 7638 with the members of RFC 8037 §2, in their fixed order).
fn key_id(x: &str) -> String {
    let canonical = format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}"#);
    URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, canonical.as_bytes()))
}

#[cfg(test)]
mod tests;
