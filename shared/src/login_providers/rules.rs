//! What differs between the providers, as data.

use domain::{auth::LoginProvider, text::Email};

use super::{Identity, id_token::Claims};

/// One provider.
#[derive(Debug)]
pub(super) struct Rules {
    pub(super) provider: LoginProvider,
    /// Hosts that its documents may name besides the issuer's own.
    pub(super) hosts: &'static [&'static str],
    /// What is asked for; `None` for what the site has set up at the provider.
    pub(super) scope: Option<&'static str>,
    /// Whether `iss` may be the issuer without its scheme.
    pub(super) takes_bare_issuer: bool,
    vouches: Vouches,
}

/// When an address is one that the provider vouches for.
#[derive(Debug, Clone, Copy)]
enum Vouches {
    /// When `email_verified` is true: the truth value, no text.
    BySaying,
    /// Whenever it stands in the ID token.
    ByNaming,
}

/// Sources: "OpenID Connect" and its API reference (developers.google.com), which names both forms of
/// `iss`; "Kakao Login", REST API (developers.kakao.com), by which an ID token carries an address
/// only when it is valid and verified, and which asks for its own consent items when no scope is
/// named.
static RULES: [Rules; 2] = [
    Rules {
        provider: LoginProvider::Google,
        hosts: &["oauth2.googleapis.com", "www.googleapis.com"],
        scope: Some("openid email profile"),
        takes_bare_issuer: true,
        vouches: Vouches::BySaying,
    },
    Rules {
        provider: LoginProvider::Kakao,
        hosts: &[],
        scope: None,
        takes_bare_issuer: false,
        vouches: Vouches::ByNaming,
    },
];

pub(super) const fn of(provider: LoginProvider) -> &'static Rules {
    let [google, kakao] = &RULES;
    match provider {
        LoginProvider::Google => google,
        LoginProvider::Kakao => kakao,
    }
}

impl Rules {
    pub(super) fn identity(&self, claims: Claims) -> Identity {
        let is_vouched_for = match self.vouches {
            Vouches::BySaying => claims.email_verified == Some(serde_json::Value::Bool(true)),
            Vouches::ByNaming => true,
        };
        let email = claims.email.filter(|_| is_vouched_for);
        Identity {
            provider: self.provider,
            subject: claims.sub,
            // An address of a form that we do not send to is as good as none.
            verified_email: email.and_then(|text| Email::parse(&text).ok()),
            name: claims.name.or(claims.nickname),
        }
    }
}
