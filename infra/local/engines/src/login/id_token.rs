//! The ID token: three parts in base64url, signed, or made wrong by order of a test.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::keys::{Key, Keys};

/// In what way an ID token is wrong. A site must refuse each of them, but for
/// [`LegacyIssuer`](Self::LegacyIssuer), which a site may take from Google, and
/// [`EmailVerifiedAsText`](Self::EmailVerifiedAsText), whose address it must not believe. Four are
/// refused by stricter rules than those of OpenID Connect Core §3.1.3.7, so a library may let them
/// pass: [`NoKeyId`](Self::NoKeyId), [`IssuedInFuture`](Self::IssuedInFuture),
/// [`IssuedLongAgo`](Self::IssuedLongAgo) and [`EmptySubject`](Self::EmptySubject).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IdTokenFlaw {
    /// There is none, as when OpenID Connect is switched off at Kakao.
    Missing,
    /// It is no token at all.
    NotAToken,
    /// `iss` is somebody else.
    WrongIssuer,
    /// `iss` without its scheme, as Google's old tokens have it.
    LegacyIssuer,
    /// Key, `kid` and `iss` are the other provider's.
    OtherProvider,
    /// `aud` is another site.
    WrongAudience,
    /// `aud` is a list: another site and this one, with no `azp`.
    SeveralAudiences,
    /// `nonce` is another one.
    WrongNonce,
    /// There is no `nonce`, though one was asked for.
    NoNonce,
    /// `alg` is `none`, and there is no signature (RFC 8725 §2.1).
    AlgorithmNone,
    /// HS256 with the published key, as PEM, for a secret (RFC 8725 §2.1).
    HmacWithPublicKey,
    /// Signed by a stranger under the name of the published key.
    WrongKey,
    /// Signed by a stranger under a name that is not published.
    UnknownKeyId,
    /// The header has no `kid`. Signed by the published key.
    NoKeyId,
    /// One bit of the signature is another one.
    BrokenSignature,
    /// It ended an hour ago.
    Expired,
    /// It has no end.
    NoExpiry,
    /// It is of in an hour.
    IssuedInFuture,
    /// It is of 11 minutes ago, though not over.
    IssuedLongAgo,
    /// There is no `sub`.
    NoSubject,
    /// `sub` is empty.
    EmptySubject,
    /// `email_verified` is the text `"true"` (added where the provider has no such claim).
    EmailVerifiedAsText,
}

impl IdTokenFlaw {
    /// Every flaw.
    pub const ALL: [Self; 22] = [
        Self::Missing,
        Self::NotAToken,
        Self::WrongIssuer,
        Self::LegacyIssuer,
        Self::OtherProvider,
        Self::WrongAudience,
        Self::SeveralAudiences,
        Self::WrongNonce,
        Self::NoNonce,
        Self::AlgorithmNone,
        Self::HmacWithPublicKey,
        Self::WrongKey,
        Self::UnknownKeyId,
        Self::NoKeyId,
        Self::BrokenSignature,
        Self::Expired,
        Self::NoExpiry,
        Self::IssuedInFuture,
        Self::IssuedLongAgo,
        Self::NoSubject,
        Self::EmptySubject,
        Self::EmailVerifiedAsText,
    ];
}

/// A provider's name, and the key that signs for it.
#[derive(Debug, Clone)]
pub(super) struct Signer {
    pub(super) issuer: String,
    pub(super) key: Key,
}

/// The token of these claims, or none when a flaw has it so.
pub(super) fn mint(
    mut claims: Map<String, Value>,
    ours: &Signer,
    other: &Signer,
    flaw: Option<IdTokenFlaw>,
) -> Option<String> {
    let mut key = ours.key.clone();
    if let Some(flaw) = flaw {
        spoil(&mut claims, flaw, ours, other);
    }
    let mut header = json!({"alg": "RS256", "kid": key.id, "typ": "JWT"});
    match flaw {
        Some(IdTokenFlaw::Missing) => return None,
        Some(IdTokenFlaw::NotAToken) => return Some("not.a-token".to_owned()),
        Some(IdTokenFlaw::OtherProvider) => {
            key = other.key.clone();
            header = json!({"alg": "RS256", "kid": key.id, "typ": "JWT"});
        }
        Some(IdTokenFlaw::AlgorithmNone) => {
            header = json!({"alg": "none", "kid": key.id, "typ": "JWT"});
            return Some(format!("{}.", unsigned(&header, &claims)));
        }
        Some(IdTokenFlaw::HmacWithPublicKey) => {
            header = json!({"alg": "HS256", "kid": key.id, "typ": "JWT"});
            let message = unsigned(&header, &claims);
            return Some(signed(&message, &key.sign_with_public_key(message.as_bytes())));
        }
        Some(IdTokenFlaw::WrongKey) => key = Keys::stranger(key.id),
        Some(IdTokenFlaw::UnknownKeyId) => {
            key = Keys::stranger("0".repeat(key.id.len()));
            header = json!({"alg": "RS256", "kid": key.id, "typ": "JWT"});
        }
        Some(IdTokenFlaw::NoKeyId) => header = json!({"alg": "RS256", "typ": "JWT"}),
        _ => {}
    }
    let message = unsigned(&header, &claims);
    let mut signature = key.sign(message.as_bytes());
    if flaw == Some(IdTokenFlaw::BrokenSignature)
        && let Some(byte) = signature.last_mut()
    {
        *byte ^= 1;
    }
    Some(signed(&message, &signature))
}

/// Changes the claims as a flaw has it.
fn spoil(claims: &mut Map<String, Value>, flaw: IdTokenFlaw, ours: &Signer, other: &Signer) {
    let issued_at = claims.get("iat").and_then(Value::as_i64).unwrap_or_default();
    let mut set = |name: &str, value: Value| claims.insert(name.to_owned(), value);
    match flaw {
        IdTokenFlaw::WrongIssuer => set("iss", json!("https://accounts.evil.example")),
        IdTokenFlaw::LegacyIssuer => {
            let bare = ours.issuer.split_once("://").map_or(ours.issuer.as_str(), |(_, bare)| bare);
            set("iss", json!(bare))
        }
        IdTokenFlaw::OtherProvider => set("iss", json!(other.issuer)),
        IdTokenFlaw::WrongAudience => set("aud", json!("another-site")),
        IdTokenFlaw::WrongNonce => set("nonce", json!("another-nonce")),
        IdTokenFlaw::Expired => {
            set("iat", json!(issued_at.saturating_sub(7_200)));
            set("exp", json!(issued_at.saturating_sub(3_600)))
        }
        IdTokenFlaw::IssuedInFuture => {
            set("exp", json!(issued_at.saturating_add(7_200)));
            set("iat", json!(issued_at.saturating_add(3_600)))
        }
        IdTokenFlaw::IssuedLongAgo => set("iat", json!(issued_at.saturating_sub(660))),
        IdTokenFlaw::EmptySubject => set("sub", json!("")),
        IdTokenFlaw::EmailVerifiedAsText => set("email_verified", json!("true")),
        IdTokenFlaw::SeveralAudiences => {
            claims.remove("azp");
            let audience = claims.get("aud").cloned().unwrap_or_default();
            claims.insert("aud".to_owned(), json!(["another-site", audience]))
        }
        IdTokenFlaw::NoNonce => claims.remove("nonce"),
        IdTokenFlaw::NoExpiry => claims.remove("exp"),
        IdTokenFlaw::NoSubject => claims.remove("sub"),
        IdTokenFlaw::Missing
        | IdTokenFlaw::NotAToken
        | IdTokenFlaw::AlgorithmNone
        | IdTokenFlaw::HmacWithPublicKey
        | IdTokenFlaw::WrongKey
        | IdTokenFlaw::UnknownKeyId
        | IdTokenFlaw::NoKeyId
        | IdTokenFlaw::BrokenSignature => None,
    };
}

fn unsigned(header: &Value, claims: &Map<String, Value>) -> String {
    let claims = Value::Object(claims.clone());
    format!("{}.{}", URL_SAFE_NO_PAD.encode(header.to_string()), URL_SAFE_NO_PAD.encode(claims.to_string()))
}

fn signed(message: &str, signature: &[u8]) -> String {
    format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
}
