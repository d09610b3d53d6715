//! Sealed texts: what we give to a client to bring back, such as a cursor or the proof of an
//! address. Nobody can read or change them (AES-256-GCM, NIST SP 800-38D). And keys, and what is derived
//! from them.

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use ring::hmac;
use serde::{Serialize, de::DeserializeOwned};

use crate::{
    fault::{Fault, FaultKind},
    ground::encryption,
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

    /// The value as text that only the key opens. `binding` is what it is bound to (purpose, caller,
    /// filters); the same must be named to open it.
    ///
    /// # Errors
    /// When the value cannot be written as JSON, or there is no randomness.
    pub fn seal<T: Serialize>(&self, binding: &[&str], value: &T) -> Result<String, Fault> {
        let json = serde_json::to_vec(value)
            .map_err(|error| Fault::new(FaultKind::Corrupt, "seal a value").with_source(error))?;
        self.seal_bytes(binding, &json)
    }

    /// The value of a sealed text, if it is whole and bound to the same.
    #[must_use]
    pub fn open<T: DeserializeOwned>(&self, binding: &[&str], text: &str) -> Option<T> {
        serde_json::from_slice(&self.open_bytes(binding, text)?).ok()
    }

    /// As [`SealKey::seal`], for what is written more shortly than JSON.
    ///
    /// # Errors
    /// When there is no randomness.
    pub fn seal_bytes(&self, binding: &[&str], bytes: &[u8]) -> Result<String, Fault> {
        // Each binding has a key of its own.
        Ok(URL_SAFE_NO_PAD.encode(encryption::encrypt(&self.derive("seal", binding), bytes)?))
    }

    /// As [`SealKey::open`], for [`SealKey::seal_bytes`].
    #[must_use]
    pub fn open_bytes(&self, binding: &[&str], text: &str) -> Option<Vec<u8>> {
        if text.len() > LENGTH_MAX {
            return None;
        }
        encryption::decrypt(&self.derive("seal", binding), &URL_SAFE_NO_PAD.decode(text).ok()?)
    }
}

/// Whether two byte strings are equal, in a time that does not tell where they differ.
#[must_use]
pub fn equal_in_constant_time(a: &[u8], b: &[u8]) -> bool {
    use subtle::ConstantTimeEq as _;
    a.ct_eq(b).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> SealKey {
        SealKey::new(&SealKey::generate().unwrap()).unwrap()
    }

    #[test]
    fn a_sealed_value_opens_under_its_key_and_binding() {
        let key = key();
        let value = vec![("a".to_owned(), 7_i64), ("한글".to_owned(), -1)];
        let text = key.seal(&["cursor", "list"], &value).unwrap();
        assert_eq!(key.open::<Vec<(String, i64)>>(&["cursor", "list"], &text), Some(value));
    }

    #[test]
    fn attack_9_a_sealed_text_cannot_be_read_and_no_two_are_alike() {
        let key = key();
        let [one, other] = [(); 2].map(|()| key.seal(&["cursor"], &"mina@example.com").unwrap());
        assert_ne!(one, other);
        let bytes = URL_SAFE_NO_PAD.decode(one).unwrap();
        assert_eq!(bytes.len(), "\"mina@example.com\"".len() + encryption::OVERHEAD);
        assert!(!bytes.windows(4).any(|window| b"mina@example.com".windows(4).any(|part| part == window)));
    }

    #[test]
    fn attack_9_another_key_or_binding_does_not_open_it() {
        let key = key();
        let text = key.seal(&["cursor", "ab", "c"], &1).unwrap();
        assert_eq!(super::tests::key().open::<i32>(&["cursor", "ab", "c"], &text), None);
        let bindings: [&[&str]; 7] = [
            &[],
            &["cursor"],
            &["cursor", "a", "bc"],
            &["cursor", "abc"],
            &["cursor", "c", "ab"],
            &["cursor", "ab", "c", ""],
            &["", "cursor", "ab", "c"],
        ];
        for binding in bindings {
            assert_eq!(key.open::<i32>(binding, &text), None, "{binding:?}");
        }
    }

    #[test]
    fn attack_9_no_changed_or_missing_character_is_overlooked() {
        let key = key();
        let text = key.seal(&["cursor"], &"some text of a page").unwrap();
        for (position, character) in text.char_indices() {
            for other in
                ['A', 'B', 'z', '-', '_', '.', '=', '+', ' ', '9'].into_iter().filter(|other| *other != character)
            {
                let mut changed = text.clone();
                changed.replace_range(position..=position, &other.to_string());
                assert_eq!(key.open::<String>(&["cursor"], &changed), None, "{position}: {changed}");
            }
            assert_eq!(key.open::<String>(&["cursor"], text.get(..position).unwrap()), None, "cut at {position}");
        }
        for wrong in [
            String::new(),
            ".".to_owned(),
            format!("{text}."),
            format!("{text}A"),
            format!("{text}{text}"),
            "x".repeat(1_000_000),
        ] {
            assert_eq!(key.open::<String>(&["cursor"], &wrong), None, "{wrong:.60}");
        }
    }

    #[test]
    fn a_value_of_another_shape_does_not_open() {
        let key = key();
        let text = key.seal(&["cursor"], &"text").unwrap();
        assert_eq!(key.open::<i64>(&["cursor"], &text), None);
    }

    #[test]
    fn derived_values_depend_on_every_part_and_on_where_it_ends() {
        let key = key();
        let of = |purpose: &str, parts: &[&str]| key.derive(purpose, parts);
        let all = [
            of("p", &["ab", "c"]),
            of("p", &["a", "bc"]),
            of("pa", &["b", "c"]),
            of("p", &["abc"]),
            of("p", &[]),
            of("", &["p"]),
            of("p", &[""]),
        ];
        for (index, one) in all.iter().enumerate() {
            assert!(all.iter().skip(index + 1).all(|other| other != one), "{index}");
        }
        assert_eq!(of("p", &["ab", "c"]), all[0]);
    }

    #[test]
    fn a_secret_that_is_no_key_is_a_fault_of_the_configuration() {
        for secret in ["", "short", &STANDARD.encode([0; 31]), &STANDARD.encode([0; 33])] {
            assert_eq!(SealKey::new(&Secret::new(secret)).unwrap_err().kind, FaultKind::Configuration);
        }
    }
}
