//! Secrets: kept in the parameter store (SecureString, free tier), read once when a function
//! starts, and only by the functions that declare them.

use std::{collections::BTreeMap, fmt, sync::Arc};

use crate::{
    api::Touch,
    aws::Aws,
    fault::{Fault, FaultKind},
    store::meter,
};

/// A text that must not be seen. Has no `Display` and a blank `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Arc<str>);

impl Secret {
    /// Wraps a text.
    #[must_use]
    pub fn new(text: impl Into<Arc<str>>) -> Self {
        Self(text.into())
    }

    /// The text itself. Whoever calls this takes care that it goes nowhere else.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// The secrets that exist. `scripts/deploy` makes the ones that we can make ourselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SecretName {
    /// The Ed25519 private key that signs access tokens, PKCS #8 in PEM.
    AccessTokenKey,
    /// 32 random bytes in base64: seals what signing in hands out on its way, such as the challenge
    /// between the first and the second step.
    ChallengeKey,
    /// 32 random bytes in base64: seals cursors.
    CursorKey,
    /// 32 random bytes in base64: derives e-mail codes and seals the proofs of an address.
    EmailCodeKey,
    /// The client secret of the site at Google.
    GoogleClientSecret,
    /// The client secret of the site at Kakao.
    KakaoClientSecret,
    /// 32 random bytes in base64: derives the secrets by which guests see their orders.
    OrderKey,
    /// The secret key of the Toss account.
    TossSecretKey,
    /// 32 random bytes in base64: encrypts the secrets of second factors and derives recovery codes.
    TotpKey,
}

impl SecretName {
    /// Every secret.
    pub const ALL: [Self; 9] = [
        Self::AccessTokenKey,
        Self::ChallengeKey,
        Self::CursorKey,
        Self::EmailCodeKey,
        Self::GoogleClientSecret,
        Self::KakaoClientSecret,
        Self::OrderKey,
        Self::TossSecretKey,
        Self::TotpKey,
    ];

    /// The last part of the parameter's name.
    #[must_use]
    pub const fn parameter(self) -> &'static str {
        match self {
            Self::AccessTokenKey => "access-token-key",
            Self::ChallengeKey => "challenge-key",
            Self::CursorKey => "cursor-key",
            Self::EmailCodeKey => "email-code-key",
            Self::GoogleClientSecret => "google-client-secret",
            Self::KakaoClientSecret => "kakao-client-secret",
            Self::OrderKey => "order-key",
            Self::TossSecretKey => "toss-secret-key",
            Self::TotpKey => "totp-key",
        }
    }
}

/// The secrets that this function declared.
#[derive(Debug, Clone, Default)]
pub struct Secrets(BTreeMap<SecretName, Secret>);

impl Secrets {
    /// Reads the named secrets, in one call; none when there are none to read.
    ///
    /// # Errors
    /// [`FaultKind::Secrets`] when the store cannot be reached or lacks one of them.
    pub async fn read(aws: &Aws, prefix: &str, names: &[SecretName]) -> Result<Self, Fault> {
        if names.is_empty() {
            return Ok(Self::default());
        }
        let full_names = names.iter().map(|name| format!("{prefix}{}", name.parameter())).collect();
        let answer = aws
            .parameters()
            .get_parameters()
            .set_names(Some(full_names))
            .with_decryption(true)
            .send()
            .await
            .map_err(|error| Fault::new(FaultKind::Secrets, "read the secrets").with_source(error))?;
        let mut secrets = BTreeMap::new();
        for parameter in answer.parameters() {
            let name = parameter.name().and_then(|name| name.strip_prefix(prefix)).unwrap_or_default();
            if let (Some(known), Some(value)) = (names.iter().find(|n| n.parameter() == name), parameter.value()) {
                secrets.insert(*known, Secret::new(value));
            }
        }
        match names.iter().find(|name| !secrets.contains_key(name)) {
            Some(missing) => Err(Fault::new(FaultKind::Secrets, "a secret is not in the parameter store")
                .with_source(missing.parameter())),
            None => Ok(Self(secrets)),
        }
    }

    /// One of the declared secrets.
    ///
    /// # Errors
    /// [`FaultKind::Configuration`] when this function did not declare it.
    pub fn get(&self, name: SecretName) -> Result<&Secret, Fault> {
        let secret = self.0.get(&name).ok_or_else(|| {
            Fault::new(FaultKind::Configuration, "the function did not declare this secret")
                .with_source(name.parameter())
        })?;
        meter::touch(Touch::Secret(name));
        Ok(secret)
    }
}
