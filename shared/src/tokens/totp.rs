//! Second factors: the secret that an authenticator app shares with us, its codes, and the recovery
//! codes.
//!
//! A secret must be known to check a code, so it cannot be hashed; it is stored encrypted, bound to
//! its owner. Recovery codes are stored nowhere: like the codes of mails they are derived from the
//! key, and whoever reads the table has nothing to guess at without it.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::{
    Timestamp,
    auth::{
        RECOVERY_CODES, RecoveryCode,
        totp::{SECRET_LENGTH, TotpCode, TotpStep},
    },
    ids::{TotpId, UserId},
};
use ring::{
    aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey},
    hmac,
};

use super::seal::{SealKey, equal_in_constant_time};
use crate::{
    fault::{Fault, FaultKind},
    random,
    secrets::Secret,
};

/// What an authenticator app and we know, and nobody else.
#[derive(Clone, PartialEq, Eq)]
pub struct TotpSecret([u8; SECRET_LENGTH]);

impl std::fmt::Debug for TotpSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TotpSecret(…)")
    }
}

impl TotpSecret {
    /// A new one.
    ///
    /// # Errors
    /// When there is no randomness.
    pub fn generate() -> Result<Self, Fault> {
        random::bytes().map(Self)
    }

    /// The code of a step.
    #[must_use]
    pub fn code(&self, step: TotpStep) -> TotpCode {
        let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &self.0);
        let mut mac = [0; 20];
        for (to, from) in mac.iter_mut().zip(hmac::sign(&key, &step.counter()).as_ref()) {
            *to = *from;
        }
        TotpCode::of_mac(&mac)
    }

    /// The step that a code is of, if it is of one that is taken now and comes after `last`. Takes a
    /// time that does not tell how much of the code is right.
    #[must_use]
    pub fn step_of(&self, code: &TotpCode, now: Timestamp, last: TotpStep) -> Option<TotpStep> {
        let is_right = |step| equal_in_constant_time(self.code(step).as_str().as_bytes(), code.as_str().as_bytes());
        let taken = TotpStep::taken_at(now).map(|step| (step, is_right(step)));
        taken.into_iter().find(|(step, is_right)| *is_right && *step > last).map(|(step, _)| step)
    }

    /// The secret as apps take it: base32 (RFC 4648 §6) without padding, which 20 bytes do not need.
    #[must_use]
    pub fn to_base32(&self) -> String {
        const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
        let mut text = String::with_capacity(SECRET_LENGTH.saturating_mul(8).div_ceil(5));
        for five in self.0.chunks(5) {
            let number = five.iter().fold(0_u64, |number, byte| (number << 8) | u64::from(*byte));
            for place in (0..8_u32).rev() {
                let index = (number >> place.saturating_mul(5)) & 31;
                text.push(char::from(ALPHABET.get(index as usize).copied().unwrap_or(b'A')));
            }
        }
        text
    }
}

/// The key under which secrets are stored and of which recovery codes are made.
#[derive(Debug, Clone)]
pub struct TotpKey(SealKey);

impl TotpKey {
    /// From a secret: 32 bytes in base64.
    ///
    /// # Errors
    /// [`FaultKind::Configuration`] when it is not that.
    pub fn new(secret: &Secret) -> Result<Self, Fault> {
        SealKey::new(secret).map(Self)
    }

    /// The secret as it is stored: a random nonce and AES-256-GCM, bound to its owner. A key takes
    /// 2^32 random nonces (NIST SP 800-38D §8.3).
    ///
    /// # Errors
    /// When there is no randomness, or encrypting fails.
    pub fn lock(&self, user: UserId, secret: &TotpSecret) -> Result<String, Fault> {
        let nonce: [u8; NONCE_LEN] = random::bytes()?;
        let mut text = secret.0.to_vec();
        self.cipher()?
            .seal_in_place_append_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(user.to_string().into_bytes()),
                &mut text,
            )
            .map_err(|_| broken("encrypt the secret of a second factor"))?;
        Ok(URL_SAFE_NO_PAD.encode([nonce.as_slice(), &text].concat()))
    }

    /// The secret from what [`Self::lock`] made of it.
    ///
    /// # Errors
    /// When it was locked for another person or under another key, or was changed.
    pub fn unlock(&self, user: UserId, locked: &str) -> Result<TotpSecret, Fault> {
        let broken = || broken("decrypt the secret of a second factor");
        let bytes = URL_SAFE_NO_PAD.decode(locked).map_err(|_| broken())?;
        let (nonce, text) = bytes.split_at_checked(NONCE_LEN).ok_or_else(broken)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| broken())?;
        let mut text = text.to_vec();
        let secret = self
            .cipher()?
            .open_in_place(nonce, Aad::from(user.to_string().into_bytes()), &mut text)
            .map_err(|_| broken())?;
        <[u8; SECRET_LENGTH]>::try_from(&*secret).map(TotpSecret).map_err(|_| broken())
    }

    fn cipher(&self) -> Result<LessSafeKey, Fault> {
        let key = UnboundKey::new(&AES_256_GCM, &self.0.derive("totp-secret", &[]))
            .map_err(|_| broken("make the key of second factors"))?;
        Ok(LessSafeKey::new(key))
    }

    /// All recovery codes of a second factor, in the order of their numbers.
    #[must_use]
    pub fn recovery_codes(&self, user: UserId, totp: TotpId) -> Vec<RecoveryCode> {
        (0..RECOVERY_CODES).map(|number| self.recovery_code(user, totp, number)).collect()
    }

    fn recovery_code(&self, user: UserId, totp: TotpId, number: u8) -> RecoveryCode {
        let parts = [user.to_string(), totp.to_string(), number.to_string()];
        let [a, b, c, d, e, f, g, h, ..] =
            self.0.derive("recovery-code", &parts.each_ref().map(std::string::String::as_str));
        RecoveryCode::of_bits([a, b, c, d, e, f, g, h])
    }

    /// The number of the recovery code that was typed, if it is one. Looks at all of them.
    #[must_use]
    pub fn recovery_number(&self, user: UserId, totp: TotpId, typed: &RecoveryCode) -> Option<u8> {
        let typed = typed.letters().as_bytes();
        let looked_at = self.recovery_codes(user, totp);
        let looked_at = looked_at.iter().map(|code| equal_in_constant_time(code.letters().as_bytes(), typed));
        (0..RECOVERY_CODES).zip(looked_at).fold(None, |found, (number, is_it)| if is_it { Some(number) } else { found })
    }
}

fn broken(context: &'static str) -> Fault {
    Fault::new(FaultKind::Cryptography, context)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use domain::ids::Entropy;

    use super::*;

    const NOW: Timestamp = Timestamp::from_seconds(1_795_251_600);
    /// The secret of the RFC's vectors.
    const OF_THE_RFC: TotpSecret = TotpSecret(*b"12345678901234567890");

    fn key() -> TotpKey {
        TotpKey::new(&SealKey::generate().unwrap()).unwrap()
    }

    fn user(number: u8) -> UserId {
        UserId::new(NOW, Entropy([number; 10]))
    }

    fn totp(number: u8) -> TotpId {
        TotpId::new(NOW, Entropy([number; 10]))
    }

    #[test]
    fn the_vectors_of_rfc_6238_appendix_b_hold() {
        // The RFC shows eight digits; six are their last six.
        let vectors = [
            (59, "94287082"),
            (1_111_111_109, "07081804"),
            (1_111_111_111, "14050471"),
            (1_234_567_890, "89005924"),
            (2_000_000_000, "69279037"),
            (20_000_000_000, "65353130"),
        ];
        for (seconds, eight) in vectors {
            let code = OF_THE_RFC.code(TotpStep::at(Timestamp::from_seconds(seconds)));
            assert_eq!(code.as_str(), &eight[2..], "{seconds}");
        }
    }

    #[test]
    fn the_secret_is_base32_as_the_rfc_spells_it() {
        assert_eq!(OF_THE_RFC.to_base32(), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
        assert_eq!(TotpSecret([0; 20]).to_base32(), "A".repeat(32));
        assert_eq!(TotpSecret([255; 20]).to_base32(), "7".repeat(32));
    }

    #[test]
    fn attack_50_a_code_is_taken_within_one_step_and_after_the_last_one_only() {
        let at = |offset: i64| OF_THE_RFC.code(TotpStep::at(Timestamp::from_seconds(NOW.seconds() + 30 * offset)));
        let step = |code: &TotpCode, last| OF_THE_RFC.step_of(code, NOW, last);
        let present = TotpStep::at(NOW);
        for offset in -4..=4 {
            assert_eq!(step(&at(offset), TotpStep::NEVER).is_some(), (-1..=1).contains(&offset), "{offset}");
        }
        assert_eq!(step(&at(0), TotpStep::NEVER), Some(present));
        assert_eq!(step(&at(0), present), None);
        assert_eq!(step(&at(-1), present), None);
        assert!(step(&at(1), present).is_some_and(|next| next > present));
    }

    #[test]
    fn a_secret_opens_for_its_owner_under_its_key_and_is_another_text_each_time() {
        let (key, secret) = (key(), TotpSecret::generate().unwrap());
        let locked = key.lock(user(1), &secret).unwrap();
        assert_eq!(key.unlock(user(1), &locked).unwrap(), secret);
        assert_ne!(key.lock(user(1), &secret).unwrap(), locked);
        assert!(key.unlock(user(2), &locked).is_err(), "moved to somebody else");
        assert!(super::tests::key().unlock(user(1), &locked).is_err(), "under another key");
        let mut bytes = URL_SAFE_NO_PAD.decode(&locked).unwrap();
        for place in 0..bytes.len() {
            bytes[place] ^= 1;
            assert!(key.unlock(user(1), &URL_SAFE_NO_PAD.encode(&bytes)).is_err(), "byte {place} was changed");
            bytes[place] ^= 1;
        }
        for wrong in ["", "A", "banana", &locked[..20]] {
            assert!(key.unlock(user(1), wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn recovery_codes_are_of_one_person_one_factor_and_one_key() {
        let key = key();
        let codes = key.recovery_codes(user(1), totp(1));
        assert_eq!(codes, key.recovery_codes(user(1), totp(1)));
        for (number, code) in (0..).zip(&codes) {
            assert_eq!(key.recovery_number(user(1), totp(1), code), Some(number));
            assert_eq!(key.recovery_number(user(2), totp(1), code), None);
            assert_eq!(key.recovery_number(user(1), totp(2), code), None);
            assert_eq!(super::tests::key().recovery_number(user(1), totp(1), code), None);
        }
        let all: BTreeSet<String> =
            (0..100).flat_map(|n| key.recovery_codes(user(n), totp(1))).map(|code| code.to_text()).collect();
        assert_eq!(all.len(), 1_000);
    }

    #[test]
    fn attack_69_a_secret_is_not_seen_in_a_log() {
        assert_eq!(format!("{OF_THE_RFC:?}"), "TotpSecret(…)");
    }
}
