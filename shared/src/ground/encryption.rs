//! Authenticated encryption: AES-256-GCM with a random nonce, which stands before the ciphertext.

use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};

use super::{
    fault::{Fault, FaultKind},
    random,
};

/// How many bytes longer a ciphertext is than its plaintext: the nonce and the tag.
pub const OVERHEAD: usize = NONCE_LEN.saturating_add(16);

fn cipher(key: &[u8; 32]) -> Result<LessSafeKey, Fault> {
    let key = UnboundKey::new(&AES_256_GCM, key)
        .map_err(|_| Fault::new(FaultKind::Cryptography, "make an encryption key"))?;
    Ok(LessSafeKey::new(key))
}

/// The plaintext, encrypted.
///
/// # Errors
/// When there is no randomness.
pub fn encrypt(key: &[u8; 32], plaintext: &[u8]) -> Result<Vec<u8>, Fault> {
    let nonce = random::bytes::<NONCE_LEN>()?;
    let mut ciphertext = plaintext.to_vec();
    cipher(key)?
        .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::empty(), &mut ciphertext)
        .map_err(|_| Fault::new(FaultKind::Cryptography, "encrypt"))?;
    Ok([&nonce[..], &ciphertext].concat())
}

/// The plaintext again; `None` when it was encrypted under another key, or was changed since.
#[must_use]
pub fn decrypt(key: &[u8; 32], ciphertext: &[u8]) -> Option<Vec<u8>> {
    let (nonce, ciphertext) = ciphertext.split_at_checked(NONCE_LEN)?;
    let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
    let mut plaintext = ciphertext.to_vec();
    let plaintext = cipher(key).ok()?.open_in_place(nonce, Aad::empty(), &mut plaintext).ok()?;
    Some(plaintext.to_vec())
}
