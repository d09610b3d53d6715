//! What binds a login at a provider to the browser that began it: one random secret in a cookie, and
//! all that the way to the provider and back needs, derived from it.
//!
//! So an answer of a provider can only be used in the browser that asked (`state`, RFC 9700 §4.7),
//! only for the very login that was asked for (`nonce`, OpenID Connect Core §15.5.2), and a stolen
//! code is worth nothing without the cookie (`code_verifier`, RFC 7636). Nothing of it is stored:
//! whoever reads the table finds the hash of the `state` and nothing to finish a login with.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use ring::{digest, hmac};

use super::seal::equal_in_constant_time;
use crate::{fault::Fault, random};

/// The secret of one login at a provider.
#[derive(Clone, PartialEq, Eq)]
pub struct LoginSecret([u8; 32]);

impl std::fmt::Debug for LoginSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("LoginSecret(…)")
    }
}

impl LoginSecret {
    /// A new one.
    ///
    /// # Errors
    /// When there is no randomness.
    pub fn generate() -> Result<Self, Fault> {
        random::bytes().map(Self)
    }

    /// The text for the cookie.
    #[must_use]
    pub fn to_text(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.0)
    }

    /// The secret that a text is; `None` when it is none.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        // Looked at first, so that nothing long is decoded.
        let bytes = if text.len() == 43 { URL_SAFE_NO_PAD.decode(text).ok()? } else { return None };
        bytes.try_into().ok().map(Self)
    }

    /// What the provider brings back unchanged.
    #[must_use]
    pub fn state(&self) -> String {
        self.derive("state")
    }

    /// Whether this browser began what a `state` is of.
    #[must_use]
    pub fn is_of(&self, state: &str) -> bool {
        equal_in_constant_time(self.state().as_bytes(), state.as_bytes())
    }

    /// What the provider writes into its ID token.
    #[must_use]
    pub fn nonce(&self) -> String {
        self.derive("nonce")
    }

    /// What exchanging the code takes: 43 characters, as RFC 7636 §4.1 has it.
    #[must_use]
    pub fn code_verifier(&self) -> String {
        self.derive("code_verifier")
    }

    /// What the provider is told of the verifier (method `S256`, RFC 7636 §4.2).
    #[must_use]
    pub fn code_challenge(&self) -> String {
        URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, self.code_verifier().as_bytes()))
    }

    /// What else is bound to this browser, such as a completion.
    #[must_use]
    pub fn binding(&self) -> String {
        self.derive("binding")
    }

    fn derive(&self, purpose: &str) -> String {
        let key = hmac::Key::new(hmac::HMAC_SHA256, &self.0);
        URL_SAFE_NO_PAD.encode(hmac::sign(&key, purpose.as_bytes()))
    }
}

/// What the table keeps of a `state`.
#[must_use]
pub fn state_hash(state: &str) -> String {
    URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, state.as_bytes()))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn everything_that_is_derived_differs_and_comes_again() {
        let secret = LoginSecret::generate().unwrap();
        let other = LoginSecret::generate().unwrap();
        let all = |of: &LoginSecret| {
            [of.to_text(), of.state(), of.nonce(), of.code_verifier(), of.code_challenge(), of.binding()]
        };
        let texts: BTreeSet<String> = all(&secret).into_iter().chain(all(&other)).collect();
        assert_eq!(texts.len(), 12);
        assert!(texts.iter().all(|text| text.len() == 43), "{texts:?}");
        assert_eq!(all(&LoginSecret::parse(&secret.to_text()).unwrap()), all(&secret));
    }

    #[test]
    fn attack_54_a_state_is_of_one_browser_alone() {
        let secret = LoginSecret::generate().unwrap();
        assert!(secret.is_of(&secret.state()));
        for wrong in ["", "x", &secret.to_text(), &secret.nonce(), &LoginSecret::generate().unwrap().state()] {
            assert!(!secret.is_of(wrong));
        }
    }

    #[test]
    fn what_is_no_secret_is_none() {
        for wrong in ["", "x", &"A".repeat(42), &"A".repeat(44), &"=".repeat(43), &"x".repeat(1_000_000)] {
            assert_eq!(LoginSecret::parse(wrong), None, "{wrong:.60}");
        }
        assert!(LoginSecret::parse(&"A".repeat(43)).is_some());
    }

    #[test]
    fn the_challenge_is_the_hash_of_the_verifier() {
        // RFC 7636 appendix B has the pair; here the way of computing is checked on it.
        let hash = digest::digest(&digest::SHA256, b"dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
        assert_eq!(URL_SAFE_NO_PAD.encode(hash), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    }
}
