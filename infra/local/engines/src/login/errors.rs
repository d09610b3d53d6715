//! What can be wrong with a request. Each provider has its own words for it: see [`super::google`]
//! and [`super::kakao`].

use serde_json::Value;

use super::{Provider, Simulator, google, kakao};

/// What a page says in place of going on: the browser is not sent back to the site, since it may
/// not be the site that asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The status of the page.
    pub status: u16,
    /// The provider's code, such as `redirect_uri_mismatch` or `KOE006`.
    pub code: &'static str,
    /// What is wrong, in the provider's language for developers.
    pub message: String,
}

/// What the token endpoint says in place of tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct TokenError {
    pub(super) status: u16,
    pub(super) body: Value,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Problem {
    /// A parameter stands there twice.
    Twice(String),
    Missing(&'static str),
    UnknownClient(String),
    /// The address is not registered, or not the one that the code was asked for with.
    RedirectUri(String),
    ResponseType(String),
    Scope(String),
    Challenge,
    /// Nobody can go on with a page that was open for too long.
    PageExpired,
    GrantType(String),
    NoSecret,
    WrongSecret,
    /// The code was never given, was exchanged, or is too old.
    UnknownCode(String),
    NoVerifier,
    WrongVerifier,
    NeedlessVerifier,
    /// The body is no form.
    NotAForm,
    /// The provider's own trouble.
    Internal,
}

impl Simulator {
    pub(super) fn refusal(&self, problem: &Problem) -> Refusal {
        match self.provider {
            Provider::Google => google::refusal(problem),
            Provider::Kakao => kakao::refusal(problem),
        }
    }

    pub(super) fn token_error(&self, problem: &Problem) -> TokenError {
        match self.provider {
            Provider::Google => google::token_error(problem),
            Provider::Kakao => kakao::token_error(problem),
        }
    }
}

/// The parameters of a query or a form, each to be read by its name.
#[derive(Debug)]
pub(super) struct Parameters<'a>(&'a [(String, String)]);

impl<'a> Parameters<'a> {
    /// OAuth lets no parameter stand there twice (RFC 6749 §3.1, §3.2).
    pub(super) fn new(pairs: &'a [(String, String)]) -> Result<Self, Problem> {
        for (index, (name, _)) in pairs.iter().enumerate() {
            if pairs.iter().take(index).any(|(earlier, _)| earlier == name) {
                return Err(Problem::Twice(name.clone()));
            }
        }
        Ok(Self(pairs))
    }

    /// A parameter; one without a value is as good as none (RFC 6749 §3.1).
    pub(super) fn get(&self, name: &str) -> Option<&'a str> {
        self.0.iter().find(|(known, value)| known == name && !value.is_empty()).map(|(_, value)| value.as_str())
    }

    pub(super) fn required(&self, name: &'static str) -> Result<&'a str, Problem> {
        self.get(name).ok_or(Problem::Missing(name))
    }
}
