//! The check of an ID token (OpenID Connect Core §3.1.3.7, RFC 8725 §3).
//!
//! One algorithm, RS256, whatever the token says of itself; the key by its name from the keys of the
//! one provider, never from the token; every claim that we rely on required. The three steps are
//! three types, so that no claim can be read before the signature is checked.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::{Timestamp, auth::LoginSubject, timestamp::Seconds};
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents};
use serde::Deserialize;

use super::documents::{KEY_ID_MAX, RsaKey};
use crate::tokens::seal::equal_in_constant_time;

/// The longest ID token that is looked at, in bytes. Google's have about 1,100.
const LENGTH_MAX: usize = 8 * 1024;

/// How far the provider's clock may be off ours.
const CLOCK_SKEW: Seconds = Seconds(30);

/// How old a token may be: it was made for the code that was exchanged just now.
const OLDEST: Seconds = Seconds::minutes(10);

/// Why an ID token does not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flaw {
    /// It is no signed token, or a claim is missing or of another type.
    Form,
    /// It is of another algorithm than RS256.
    Algorithm,
    /// It says that it is another kind of token.
    Type,
    /// It has a header that we do not understand and must (`crit`).
    Critical,
    /// It does not say by which key it is signed.
    NoKeyId,
    /// The provider has no key of that name.
    UnknownKey,
    /// The signature is not the key's.
    Signature,
    /// It is of another issuer.
    Issuer,
    /// It is not for us, or not for us alone.
    Audience,
    /// Its time is over, or has not come.
    Time,
    /// It was made in the future, or long ago.
    Issued,
    /// It is not of this login.
    Nonce,
}

/// A token whose header was read and whose claims were not.
#[derive(Debug)]
pub(super) struct IdToken<'a> {
    pub(super) key_id: String,
    signed: &'a str,
    claims: &'a str,
    signature: Vec<u8>,
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    typ: Option<String>,
    kid: Option<String>,
    crit: Option<serde_json::Value>,
}

/// The claims of a token that the provider has signed.
#[derive(Debug, Deserialize)]
pub(super) struct Claims {
    iss: String,
    pub(super) sub: LoginSubject,
    aud: Audience,
    azp: Option<String>,
    exp: i64,
    iat: i64,
    nbf: Option<i64>,
    nonce: Option<String>,
    pub(super) email: Option<String>,
    pub(super) email_verified: Option<serde_json::Value>,
    pub(super) name: Option<String>,
    pub(super) nickname: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Several(Vec<String>),
}

/// What a token must say.
#[derive(Debug)]
pub(super) struct Expected<'a> {
    pub(super) issuer: &'a str,
    pub(super) takes_bare_issuer: bool,
    pub(super) client_id: &'a str,
    pub(super) nonce: &'a str,
    pub(super) now: Timestamp,
}

impl<'a> IdToken<'a> {
    pub(super) fn parse(token: &'a str) -> Result<Self, Flaw> {
        if token.len() > LENGTH_MAX {
            return Err(Flaw::Form);
        }
        let (signed, signature) = token.rsplit_once('.').ok_or(Flaw::Form)?;
        let (header, claims) = signed.split_once('.').ok_or(Flaw::Form)?;
        let header: Header = json(header)?;
        if header.alg != "RS256" {
            return Err(Flaw::Algorithm);
        }
        if header.typ.is_some_and(|kind| !kind.eq_ignore_ascii_case("JWT")) {
            return Err(Flaw::Type);
        }
        if header.crit.is_some() {
            return Err(Flaw::Critical);
        }
        let key_id = header.kid.filter(|id| (1..=KEY_ID_MAX).contains(&id.len())).ok_or(Flaw::NoKeyId)?;
        let signature = URL_SAFE_NO_PAD.decode(signature).map_err(|_| Flaw::Form)?;
        Ok(Self { key_id, signed, claims, signature })
    }

    /// The claims, if the key has signed them. Keys of less than 2048 bits sign nothing.
    pub(super) fn verify(&self, key: &RsaKey) -> Result<Claims, Flaw> {
        let key = RsaPublicKeyComponents { n: key.modulus.as_slice(), e: key.exponent.as_slice() };
        key.verify(&RSA_PKCS1_2048_8192_SHA256, self.signed.as_bytes(), &self.signature)
            .map_err(|_| Flaw::Signature)?;
        json(self.claims)
    }
}

impl Claims {
    pub(super) fn check(self, expected: &Expected<'_>) -> Result<Self, Flaw> {
        let bare = expected.issuer.split_once("://").filter(|_| expected.takes_bare_issuer).map(|(_, bare)| bare);
        if self.iss != expected.issuer && Some(self.iss.as_str()) != bare {
            return Err(Flaw::Issuer);
        }
        self.check_audience(expected.client_id)?;
        let (earliest, latest) = (expected.now.minus(CLOCK_SKEW).seconds(), expected.now.plus(CLOCK_SKEW).seconds());
        if self.exp <= earliest || self.nbf.is_some_and(|start| start > latest) {
            return Err(Flaw::Time);
        }
        if self.iat > latest || self.iat < expected.now.minus(OLDEST).seconds() {
            return Err(Flaw::Issued);
        }
        let is_of_this_login = |nonce: &String| equal_in_constant_time(nonce.as_bytes(), expected.nonce.as_bytes());
        if self.nonce.as_ref().is_some_and(is_of_this_login) { Ok(self) } else { Err(Flaw::Nonce) }
    }

    /// For us; and where it is for others too, made at our asking.
    fn check_audience(&self, client_id: &str) -> Result<(), Flaw> {
        let (is_for_us, is_for_others) = match &self.aud {
            Audience::One(audience) => (audience == client_id, false),
            Audience::Several(all) => (all.iter().any(|one| one == client_id), all.len() > 1),
        };
        let is_at_our_asking = match &self.azp {
            Some(party) => party == client_id,
            None => !is_for_others,
        };
        if is_for_us && is_at_our_asking { Ok(()) } else { Err(Flaw::Audience) }
    }
}

fn json<T: serde::de::DeserializeOwned>(part: &str) -> Result<T, Flaw> {
    let bytes = URL_SAFE_NO_PAD.decode(part).map_err(|_| Flaw::Form)?;
    serde_json::from_slice(&bytes).map_err(|_| Flaw::Form)
}

#[cfg(test)]
pub(super) mod tests;
