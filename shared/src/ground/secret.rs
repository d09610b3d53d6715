//! Secrets as values, and which there are. They are read by [`crate::secrets`].

use std::{fmt, sync::Arc};

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
