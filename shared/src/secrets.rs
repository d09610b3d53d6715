//! Secrets: kept in the parameter store (SecureString, free tier), read once per process, and only
//! by the functions that declare them.
//!
//! They are read when the first request has reached its handler, not when the function starts: a
//! start then makes no call and no client for it, and a request that is refused before it reaches
//! a handler costs none either.

use std::{collections::BTreeMap, fmt, sync::Arc};

use tokio::sync::OnceCell;

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

/// The secrets that this function declared. Clones share what was read.
#[derive(Debug, Clone)]
pub struct Secrets(Arc<Declared>);

#[derive(Debug)]
struct Declared {
    aws: Aws,
    prefix: String,
    names: Vec<SecretName>,
    read: OnceCell<BTreeMap<SecretName, Secret>>,
}

impl Secrets {
    /// The named secrets, of which nothing is read yet.
    #[must_use]
    pub fn new(aws: &Aws, prefix: &str, names: Vec<SecretName>) -> Self {
        Self(Arc::new(Declared { aws: aws.clone(), prefix: prefix.to_owned(), names, read: OnceCell::new() }))
    }

    /// Reads them, in one call, unless they were read before. Whoever comes meanwhile waits for that
    /// call. A call that failed is forgotten, so that the next request tries again.
    ///
    /// # Errors
    /// [`FaultKind::Secrets`] when the store does not answer, [`FaultKind::Configuration`] when it
    /// lacks one of them.
    pub async fn ready(&self) -> Result<(), Fault> {
        let declared = &*self.0;
        if declared.names.is_empty() {
            return Ok(());
        }
        declared.read.get_or_try_init(|| declared.ask()).await.map(|_| ())
    }

    /// One of the declared secrets. Handlers can ask for it; what runs before them cannot.
    ///
    /// # Errors
    /// [`FaultKind::Configuration`] when this function did not declare it, or nothing was read yet.
    pub fn get(&self, name: SecretName) -> Result<&Secret, Fault> {
        let wrong = |what| Fault::new(FaultKind::Configuration, what).with_source(name.parameter());
        if !self.0.names.contains(&name) {
            return Err(wrong("the function did not declare this secret"));
        }
        let secret = self.0.read.get().and_then(|read| read.get(&name));
        let secret = secret.ok_or_else(|| wrong("the secrets are not read before the first request"))?;
        meter::touch(Touch::Secret(name));
        Ok(secret)
    }
}

impl Declared {
    async fn ask(&self) -> Result<BTreeMap<SecretName, Secret>, Fault> {
        let answer = self
            .aws
            .parameters()
            .get_parameters()
            .set_names(Some(self.names.iter().map(|name| format!("{}{}", self.prefix, name.parameter())).collect()))
            .with_decryption(true)
            .send()
            .await
            .map_err(|error| Fault::new(FaultKind::Secrets, "read the secrets").with_source(error))?;
        let mut secrets = BTreeMap::new();
        for parameter in answer.parameters() {
            let name = parameter.name().and_then(|name| name.strip_prefix(&*self.prefix)).unwrap_or_default();
            if let (Some(known), Some(value)) = (self.names.iter().find(|n| n.parameter() == name), parameter.value()) {
                secrets.insert(*known, Secret::new(value));
            }
        }
        match self.names.iter().find(|name| !secrets.contains_key(name)) {
            Some(missing) => Err(Fault::new(FaultKind::Configuration, "a secret is not in the parameter store")
                .with_source(missing.parameter())),
            None => Ok(secrets),
        }
    }
}
