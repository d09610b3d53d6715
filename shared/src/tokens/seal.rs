//! Sealed texts: what we give to a client to bring back, such as a cursor or the proof of an
//! address, with an HMAC over it. And keys, and what is derived from them.

use base64::{Engine as _, engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD}};
use ring::hmac;
use serde::{Serialize, de::DeserializeOwned};

use crate::{
    fault::{Fault, FaultKind},
    random,
    secrets::Secret,
};

/// The longest sealed text that is looked at, in bytes.
const LENGTH_MAX: usize = 2048;

/// A key for seals and derived values.
#[derive(Debug, Clone)]
pub struct SealKey(hmac::Key);

impl SealKey {
    /// From a secret: 32 bytes in base64.
    ///
    /// # Errors
    /// [`FaultKind::Configuration`] when it is not that.
    pub fn new(secret: &Secret) -> Result<Self, Fault> {
        let bytes = STANDARD
            .decode(secret.expose())
            .ok()
            .filter(|bytes| bytes.len() == 32)
            .ok_or_else(|| Fault::new(FaultKind::Configuration, "a seal key must be 32 bytes in base64"))?;
        Ok(Self(hmac::Key::new(hmac::HMAC_SHA256, &bytes)))
    }

    /// A new secret for such a key.
    ///
    /// # Errors
    /// When there is no randomness.
    pub fn generate() -> Result<Secret, Fault> {
        Ok(Secret::new(STANDARD.encode(random::bytes::<32>()?)))
    }

    /// 32 bytes that only the key can make from these parts. Each part is preceded by its length,
    /// so that no two lists of parts look alike.
    #[must_use]
    pub fn derive(&self, purpose: &str, parts: &[&str]) -> [u8; 32] {
        let mut context = hmac::Context::with_key(&self.0);
        for part in std::iter::once(&purpose).chain(parts) {
            context.update(&(part.len() as u64).to_be_bytes());
            context.update(part.as_bytes());
        }
        let mut bytes = [0; 32];
        for (to, from) in bytes.iter_mut().zip(context.sign().as_ref()) {
            *to = *from;
        }
        bytes
    }

    /// The value as text, readable by anyone who has it and changeable by nobody. `binding` is what
    /// it is bound to (purpose, caller, filters); the same must be named to open it.
    ///
    /// # Errors
    /// When the value cannot be written as JSON.
    pub fn seal<T: Serialize>(&self, binding: &[&str], value: &T) -> Result<String, Fault> {
        let json = serde_json::to_string(value)
            .map_err(|error| Fault::new(FaultKind::Corrupt, "seal a value").with_source(error))?;
        let tag = self.tag(binding, &json);
        Ok(format!("{}.{}", URL_SAFE_NO_PAD.encode(json), URL_SAFE_NO_PAD.encode(tag)))
    }

    /// The value of a sealed text, if the seal is whole and bound to the same.
    #[must_use]
    pub fn open<T: DeserializeOwned>(&self, binding: &[&str], text: &str) -> Option<T> {
        if text.len() > LENGTH_MAX {
            return None;
        }
        let (json, tag) = text.split_once('.')?;
        let json = String::from_utf8(URL_SAFE_NO_PAD.decode(json).ok()?).ok()?;
        let tag = URL_SAFE_NO_PAD.decode(tag).ok()?;
        equal_in_constant_time(&tag, &self.tag(binding, &json)).then(|| serde_json::from_str(&json).ok()).flatten()
    }

    fn tag(&self, binding: &[&str], json: &str) -> [u8; 32] {
        let parts: Vec<&str> = binding.iter().copied().chain([json]).collect();
        self.derive("seal", &parts)
    }
}

/// Whether two byte strings are equal, in a time that does not tell where they differ.
#[must_use]
pub fn equal_in_constant_time(a: &[u8], b: &[u8]) -> bool {
    use subtle::ConstantTimeEq as _;
    a.ct_eq(b).into()
}
