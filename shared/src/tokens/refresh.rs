//! Refresh tokens: what keeps a device signed in, in the hands of the client alone.
//!
//! A token has two random parts. The first is the same for the whole life of the session and proves
//! that whoever shows it had a token of it once; the second is another one after each use. Only
//! hashes of both are stored (SHA-256 is enough for what has 128 bits and more: ASVS 6.5.2). So a
//! spent token is told from a guess, and only the former ends the session.
//!
//! The successor of a token is kept for a moment, sealed under the very token that it succeeds: a
//! client whose answer was lost gets it again, and whoever reads the table learns nothing.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::ids::{SessionId, UserId};
use ring::{
    aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey},
    digest, hkdf,
};

use super::seal::equal_in_constant_time;
use crate::{
    fault::{Fault, FaultKind},
    random,
};

/// The longest token that is looked at, in bytes. Ours have 130.
const LENGTH_MAX: usize = 200;

/// A refresh token, taken apart.
#[derive(Clone, PartialEq, Eq)]
pub struct RefreshToken {
    /// Whose session it is.
    pub user: UserId,
    /// Which session.
    pub session: SessionId,
    family: [u8; 16],
    secret: [u8; 32],
}

impl std::fmt::Debug for RefreshToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RefreshToken").field("session", &self.session).finish_non_exhaustive()
    }
}

impl RefreshToken {
    /// The first token of a session.
    ///
    /// # Errors
    /// When there is no randomness.
    pub fn first(user: UserId, session: SessionId) -> Result<Self, Fault> {
        Ok(Self { user, session, family: random::bytes()?, secret: random::bytes()? })
    }

    /// The token that comes after this one.
    ///
    /// # Errors
    /// When there is no randomness.
    pub fn next(&self) -> Result<Self, Fault> {
        Ok(Self { secret: random::bytes()?, ..self.clone() })
    }

    /// The token as the client has it: visible ASCII without anything that a cookie minds.
    #[must_use]
    pub fn to_text(&self) -> String {
        let (family, secret) = (URL_SAFE_NO_PAD.encode(self.family), URL_SAFE_NO_PAD.encode(self.secret));
        format!("{}.{}.{family}.{secret}", self.user, self.session)
    }

    /// The token that a text is; `None` when it cannot be one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() > LENGTH_MAX {
            return None;
        }
        let mut parts = text.split('.');
        let user = parts.next()?.parse().ok()?;
        let session = parts.next()?.parse().ok()?;
        let family = bytes(parts.next()?)?;
        let secret = bytes(parts.next()?)?;
        parts.next().is_none().then_some(Self { user, session, family, secret })
    }

    /// What is stored of the part that stays.
    #[must_use]
    pub fn family_hash(&self) -> String {
        hash(&self.family)
    }

    /// What is stored of the part that changes.
    #[must_use]
    pub fn secret_hash(&self) -> String {
        hash(&self.secret)
    }

    /// Whether it is of the session with this hash.
    #[must_use]
    pub fn is_of_family(&self, family_hash: &str) -> bool {
        equal_in_constant_time(self.family_hash().as_bytes(), family_hash.as_bytes())
    }

    /// Whether it is the token with this hash.
    #[must_use]
    pub fn is_secret(&self, secret_hash: &str) -> bool {
        equal_in_constant_time(self.secret_hash().as_bytes(), secret_hash.as_bytes())
    }

    /// The token that comes after this one, so that only who has this one can read it.
    ///
    /// # Errors
    /// When encrypting fails.
    pub fn seal_successor(&self, successor: &Self) -> Result<String, Fault> {
        let mut text = successor.secret.to_vec();
        // Each key is used for one text only, so the nonce may be the same (RFC 5116 §3.1).
        self.successor_key()?
            .seal_in_place_append_tag(Nonce::assume_unique_for_key([0; 12]), Aad::empty(), &mut text)
            .map_err(|_| broken("seal a refresh token"))?;
        Ok(URL_SAFE_NO_PAD.encode(text))
    }

    /// The token that comes after this one, from what [`Self::seal_successor`] made with this one.
    #[must_use]
    pub fn open_successor(&self, sealed: &str) -> Option<Self> {
        let mut text = URL_SAFE_NO_PAD.decode(sealed).ok()?;
        let key = self.successor_key().ok()?;
        let secret = key.open_in_place(Nonce::assume_unique_for_key([0; 12]), Aad::empty(), &mut text).ok()?;
        Some(Self { secret: secret.try_into().ok()?, ..self.clone() })
    }

    fn successor_key(&self) -> Result<LessSafeKey, Fault> {
        let salt = hkdf::Salt::new(hkdf::HKDF_SHA256, self.session.to_string().as_bytes());
        let key: UnboundKey = salt
            .extract(&self.secret)
            .expand(&[b"refresh-token-successor"], &AES_256_GCM)
            .map_err(|_| broken("derive the key of a refresh token"))?
            .into();
        Ok(LessSafeKey::new(key))
    }
}

fn broken(context: &'static str) -> Fault {
    Fault::new(FaultKind::Cryptography, context)
}

fn bytes<const N: usize>(text: &str) -> Option<[u8; N]> {
    URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok()
}

fn hash(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, bytes))
}

#[cfg(test)]
mod tests {
    use domain::{Timestamp, ids::Entropy};

    use super::*;

    const NOW: Timestamp = Timestamp::from_seconds(1_795_251_600);

    fn token() -> RefreshToken {
        RefreshToken::first(UserId::new(NOW, Entropy([1; 10])), SessionId::new(NOW, Entropy([2; 10]))).unwrap()
    }

    #[test]
    fn a_token_comes_back_from_its_text_and_from_no_other() {
        let token = token();
        let text = token.to_text();
        assert_eq!(RefreshToken::parse(&text), Some(token));
        assert!(text.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b)), "{text}");
        for wrong in [
            String::new(),
            "banana".to_owned(),
            format!("{text}."),
            format!("{text}.x"),
            format!(" {text}"),
            text.replacen("usr_", "ses_", 1),
            text.chars().take(text.len() - 1).collect(),
            "a".repeat(10_000),
        ] {
            assert_eq!(RefreshToken::parse(&wrong), None, "{wrong}");
        }
    }

    #[test]
    fn attack_44_the_next_token_is_of_the_same_family_and_another_secret() {
        let first = token();
        let second = first.next().unwrap();
        assert!(second.is_of_family(&first.family_hash()));
        assert!(!second.is_secret(&first.secret_hash()) && second.is_secret(&second.secret_hash()));
        assert!(!token().is_of_family(&first.family_hash()), "every session has its own");
    }

    #[test]
    fn attack_45_only_the_token_itself_opens_its_successor() {
        let first = token();
        let second = first.next().unwrap();
        let sealed = first.seal_successor(&second).unwrap();
        assert_eq!(first.open_successor(&sealed), Some(second.clone()));
        assert_eq!(second.open_successor(&sealed), None);
        assert_eq!(first.open_successor(&sealed.replacen(&sealed[..1], "_", 1).to_uppercase()), None);
        assert!(!sealed.contains(&URL_SAFE_NO_PAD.encode(second.secret)));
    }

    #[test]
    fn attack_69_a_token_is_not_seen_in_a_log() {
        let token = token();
        assert!(!format!("{token:?}").contains(&URL_SAFE_NO_PAD.encode(token.secret)));
    }
}
