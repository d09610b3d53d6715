//! The keys that sign ID tokens, and who knows of which.

use std::{io, sync::LazyLock};

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use ring::{
    digest, hmac,
    rand::{SecureRandom as _, SystemRandom},
    rsa::{KeyPair, PublicKeyComponents},
    signature::RSA_PKCS1_SHA256,
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::Provider;

/// The ready-made pairs; see the head of the file.
static PAIRS: LazyLock<Vec<KeyPair>> = LazyLock::new(|| {
    let lines = include_str!("keys.txt").lines().filter(|line| !line.starts_with('#'));
    lines.filter_map(|line| KeyPair::from_der(&STANDARD.decode(line).ok()?).ok()).collect()
});

/// How many pairs a provider takes in turn.
const PAIRS_OF_A_PROVIDER: usize = 3;

/// What happens to the keys before a new one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OldKeys {
    /// They stay published, so that what they have signed stays good.
    Keep,
    /// They are published no more.
    Drop,
}

/// A key with its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Key {
    pub(super) id: String,
    pair: usize,
}

/// The published keys of a provider. The first signs.
#[derive(Debug)]
pub(super) struct Keys {
    provider: Provider,
    published: Vec<Key>,
    rotations: usize,
}

impl Keys {
    /// The first key is the same at each start, so that a site that knows it may go on knowing it.
    pub(super) fn new(provider: Provider) -> Self {
        let pair = first_pair(provider);
        let hash = digest::digest(&digest::SHA256, format!("{} key {pair}", provider.name()).as_bytes());
        let first = Key { id: id_of(provider, hash.as_ref()), pair };
        Self { provider, published: vec![first], rotations: 0 }
    }

    pub(super) fn rotate(&mut self, old: OldKeys) -> io::Result<String> {
        let mut bytes = [0_u8; 20];
        SystemRandom::new().fill(&mut bytes).map_err(|_| io::Error::other("no randomness"))?;
        self.rotations = self.rotations.wrapping_add(1);
        let turn = self.rotations.checked_rem(PAIRS_OF_A_PROVIDER).unwrap_or_default();
        let new = Key { id: id_of(self.provider, &bytes), pair: first_pair(self.provider).saturating_add(turn) };
        let id = new.id.clone();
        match old {
            OldKeys::Keep => self.published.insert(0, new),
            OldKeys::Drop => self.published = vec![new],
        }
        Ok(id)
    }

    pub(super) fn ids(&self) -> Vec<String> {
        self.published.iter().map(|key| key.id.clone()).collect()
    }

    /// The key that signs.
    pub(super) fn current(&self) -> Option<&Key> {
        self.published.first()
    }

    /// A key that was never published, under any name.
    pub(super) fn stranger(id: String) -> Key {
        Key { id, pair: PAIRS_OF_A_PROVIDER.saturating_mul(Provider::ALL.len()) }
    }

    /// The JSON Web Key Set, with the members in the providers' own order.
    pub(super) fn document(&self) -> Value {
        let key = |key: &Key| {
            let PublicKeyComponents { n, e } = PublicKeyComponents::<Vec<u8>>::from(PAIRS.get(key.pair)?.public());
            let (n, e) = (URL_SAFE_NO_PAD.encode(n), URL_SAFE_NO_PAD.encode(e));
            Some(json!({"kid": key.id, "kty": "RSA", "alg": "RS256", "use": "sig", "n": n, "e": e}))
        };
        json!({"keys": self.published.iter().filter_map(key).collect::<Vec<_>>()})
    }
}

impl Key {
    /// RS256; empty when the pair is not there, which a test excludes.
    pub(super) fn sign(&self, message: &[u8]) -> Vec<u8> {
        let Some(pair) = PAIRS.get(self.pair) else { return Vec::new() };
        let mut signature = vec![0_u8; pair.public().modulus_len()];
        match pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut signature) {
            Ok(()) => signature,
            Err(_) => Vec::new(),
        }
    }

    /// HS256 with the public key as the secret: what a verifier computes that lets the token say
    /// which algorithm it is of (RFC 8725 §2.1). The key is taken as PEM, the form in which most
    /// libraries hold it.
    pub(super) fn sign_with_public_key(&self, message: &[u8]) -> Vec<u8> {
        let key = hmac::Key::new(hmac::HMAC_SHA256, self.public_pem().as_bytes());
        hmac::sign(&key, message).as_ref().to_vec()
    }

    /// SubjectPublicKeyInfo (RFC 5280 §4.1), in lines of 64.
    fn public_pem(&self) -> String {
        const RSA_ENCRYPTION: &[u8] = &[6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1, 5, 0];
        let key = PAIRS.get(self.pair).map(|pair| pair.public().as_ref().to_vec()).unwrap_or_default();
        let bits = [&[0][..], &key].concat();
        let info = der(0x30, &[der(0x30, RSA_ENCRYPTION), der(0x03, &bits)].concat());
        let mut pem = "-----BEGIN PUBLIC KEY-----\n".to_owned();
        for line in STANDARD.encode(info).as_bytes().chunks(64) {
            pem.push_str(&String::from_utf8_lossy(line));
            pem.push('\n');
        }
        pem + "-----END PUBLIC KEY-----\n"
    }
}

const fn first_pair(provider: Provider) -> usize {
    match provider {
        Provider::Google => 0,
        Provider::Kakao => PAIRS_OF_A_PROVIDER,
    }
}

/// Google's names of keys have 40 hexadecimal digits, Kakao's 30.
fn id_of(provider: Provider, bytes: &[u8]) -> String {
    let length = match provider {
        Provider::Google => 40,
        Provider::Kakao => 30,
    };
    let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    digits.chars().take(length).collect()
}

/// A value with its tag and its length.
fn der(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len().to_be_bytes();
    let length: Vec<u8> = length.into_iter().skip_while(|byte| *byte == 0).collect();
    let mut value = vec![tag];
    match (content.len(), u8::try_from(length.len())) {
        (0..=127, _) | (_, Err(_)) => value.push(length.first().copied().unwrap_or_default()),
        (_, Ok(bytes)) => {
            value.push(0x80 | bytes);
            value.extend(length);
        }
    }
    value.extend_from_slice(content);
    value
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_pair_is_there_and_they_differ() {
        let moduli: BTreeSet<Vec<u8>> = PAIRS.iter().map(|pair| pair.public().as_ref().to_vec()).collect();
        assert_eq!(moduli.len(), 7);
    }

    #[test]
    fn the_providers_and_the_stranger_share_no_pair() {
        let pairs = |provider| {
            let mut keys = Keys::new(provider);
            let mut pairs = BTreeSet::new();
            for _ in 0..PAIRS_OF_A_PROVIDER {
                pairs.insert(keys.current().unwrap().pair);
                keys.rotate(OldKeys::Drop).unwrap();
            }
            pairs
        };
        let all: BTreeSet<usize> = Provider::ALL.into_iter().flat_map(pairs).collect();
        assert_eq!(all.len(), 6);
        assert!(!all.contains(&Keys::stranger(String::new()).pair));
    }
}
