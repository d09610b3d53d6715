//! Who is asking. A handler receives its caller as a value, and a value that stands for a signed-in
//! person cannot be made without checking a token: a forgotten check does not compile.

use domain::{Timestamp, auth::Role, ids::UserId};

use super::{problem::RequestError, wire::HttpRequest};
use crate::tokens::access::AccessTokens;

/// Who may call an endpoint; stands in the documents and drives the authorization sweep.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Access {
    /// Anyone.
    Public,
    /// Anyone; a signed-in person is recognized.
    PublicOrUser,
    /// A signed-in person.
    User,
    /// A signed-in person, or a guest with the secret of an order.
    UserOrGuest,
}

/// A kind of caller.
pub trait Caller: Sized + Send {
    /// Who that may be.
    const ACCESS: Access;

    /// Finds out who it is.
    ///
    /// # Errors
    /// [`RequestError::SignInNeeded`] when a token is missing that is needed, or one is there that
    /// does not hold: a stale token is never taken for no token.
    fn identify(request: &HttpRequest, tokens: &AccessTokens) -> Result<Self, RequestError>;

    /// Who this is, as records and cursors are bound to it.
    fn principal(&self) -> String;
}

/// Anyone at all.
#[derive(Debug, Clone, Copy)]
pub struct Anyone;

/// A person who is signed in. No other crate can make one.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SignedIn {
    /// Who it is.
    pub user_id: UserId,
    /// What they may be.
    pub roles: Vec<Role>,
    /// When they signed in.
    pub issued_at: Timestamp,
}

/// A person who is signed in, or anyone else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MaybeSignedIn {
    /// The person.
    User(SignedIn),
    /// Anyone else.
    Anyone,
}

impl MaybeSignedIn {
    /// The person's id, if it is known who it is.
    #[must_use]
    pub const fn user_id(&self) -> Option<UserId> {
        match self {
            Self::User(user) => Some(user.user_id),
            Self::Anyone => None,
        }
    }
}

/// A person who is signed in, or a guest who shows the secret of an order. Whether the secret is
/// right, the handler finds out: only it knows the order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UserOrGuest {
    /// The person.
    User(SignedIn),
    /// Whoever showed this in the `Order-Secret` header.
    Guest(String),
}

impl Caller for Anyone {
    const ACCESS: Access = Access::Public;

    fn identify(_: &HttpRequest, _: &AccessTokens) -> Result<Self, RequestError> {
        Ok(Self)
    }

    fn principal(&self) -> String {
        "anyone".to_owned()
    }
}

impl Caller for SignedIn {
    const ACCESS: Access = Access::User;

    fn identify(request: &HttpRequest, tokens: &AccessTokens) -> Result<Self, RequestError> {
        let token = request
            .header("authorization")
            .and_then(|value| value.split_once(' '))
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
            .map(|(_, token)| token.trim())
            .ok_or(RequestError::SignInNeeded)?;
        let claims = tokens.check(token, request.time).map_err(|_| RequestError::SignInNeeded)?;
        Ok(Self { user_id: claims.sub, roles: claims.roles, issued_at: Timestamp::from_seconds(claims.iat) })
    }

    fn principal(&self) -> String {
        self.user_id.to_string()
    }
}

impl Caller for MaybeSignedIn {
    const ACCESS: Access = Access::PublicOrUser;

    fn identify(request: &HttpRequest, tokens: &AccessTokens) -> Result<Self, RequestError> {
        if request.headers.contains_key("authorization") {
            SignedIn::identify(request, tokens).map(Self::User)
        } else {
            Ok(Self::Anyone)
        }
    }

    fn principal(&self) -> String {
        match self {
            Self::User(user) => user.principal(),
            Self::Anyone => Anyone.principal(),
        }
    }
}

impl Caller for UserOrGuest {
    const ACCESS: Access = Access::UserOrGuest;

    fn identify(request: &HttpRequest, tokens: &AccessTokens) -> Result<Self, RequestError> {
        if request.headers.contains_key("authorization") {
            return SignedIn::identify(request, tokens).map(Self::User);
        }
        request
            .header("order-secret")
            .filter(|secret| secret.len() <= 100)
            .map(|secret| Self::Guest(secret.to_owned()))
            .ok_or(RequestError::SignInNeeded)
    }

    fn principal(&self) -> String {
        match self {
            Self::User(user) => user.principal(),
            Self::Guest(_) => Anyone.principal(),
        }
    }
}
