//! Who is asking. A handler receives its caller as a value, and a value that stands for a signed-in
//! person cannot be made without checking a token: a forgotten check does not compile.

use std::future::Future;

use domain::{
    ErrorCode, Timestamp,
    auth::Role,
    ids::{StoreId, UserId},
    stores::{StoreRole, StoresError, codes},
};

use super::{
    Core, Touch,
    cookies::{CookieName, cookie},
    problem::RequestError,
    wire::HttpRequest,
};
pub use crate::ground::{idempotency::Identity, signed_in::SignedIn};
use crate::{fault::Failure, store::Kind, tokens::access::AccessTokens};

/// Who may call an endpoint; stands in the documents and drives the authorization sweep.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Access {
    /// Anyone.
    Public,
    /// Anyone; a signed-in person is recognized.
    PublicOrUser,
    /// A signed-in person.
    User,
    /// A member of the store in the path.
    StoreMember,
    /// An owner of the store in the path.
    StoreOwner,
    /// A signed-in person who looks after the market.
    Admin,
    /// Anyone, unless another site made their browser ask.
    SameSite,
    /// A signed-in person, or a guest with the secret of an order.
    UserOrGuest,
    /// Anybody who tells of something that has happened: see [`super::webhook::Hint`].
    Hint,
    /// A provider that signs what it tells: see [`super::webhook::SignedBy`].
    Signed,
}

impl Access {
    /// Whether an access token is looked at.
    #[must_use]
    pub const fn reads_token(self) -> bool {
        match self {
            Self::Public | Self::SameSite | Self::Hint | Self::Signed => false,
            Self::PublicOrUser
            | Self::User
            | Self::StoreMember
            | Self::StoreOwner
            | Self::Admin
            | Self::UserOrGuest => true,
        }
    }
}

impl Access {
    /// Whether the caller is a provider's program, made from the raw body of any type.
    #[must_use]
    pub const fn is_webhook(self) -> bool {
        matches!(self, Self::Hint | Self::Signed)
    }

    /// Whether the caller may be anybody, so that two of them cannot be told apart.
    #[must_use]
    pub const fn is_anybody(self) -> bool {
        matches!(self, Self::Public | Self::SameSite | Self::Hint | Self::Signed)
    }
}

/// A kind of caller.
pub trait Caller: Sized + Send {
    /// Who that may be.
    const ACCESS: Access;

    /// What finding out touches, so that no endpoint has to declare it.
    const TOUCHES: &'static [Touch] = &[];
    /// The error codes that finding out can give, besides those of [`Caller::ACCESS`].
    const ERRORS: &'static [ErrorCode] = &[];

    /// Finds out who it is.
    ///
    /// # Errors
    /// [`RequestError::SignInNeeded`] when a token is missing that is needed, or one is there that
    /// does not hold: a stale token is never taken for no token.
    fn identify(request: &HttpRequest, core: &Core) -> impl Future<Output = Result<Self, Failure>> + Send;

    /// The owner of the record of a request with an `Idempotency-Key`.
    fn identity(&self) -> Identity;
}

/// Anyone at all.
#[derive(Debug, Clone, Copy)]
pub struct Anyone;

/// A member of the store that the path names as `{store_id}`. A write that matters checks that they still
/// are one: `Transaction::check_membership`.
///
/// To whoever is no member the store is not there (404 `stores.not_found`), whether it is or not: that it
/// exists may be known to all, but not who works there.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct StoreMember {
    /// The store.
    pub store_id: StoreId,
    /// What they may do there.
    pub role: StoreRole,
    /// Who it is.
    pub user: SignedIn,
}

/// A member of the store in the path who may do everything there. Other members are told that they may not.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct StoreOwner(pub StoreMember);

/// A person who looks after the market.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Admin(pub SignedIn);

/// Anyone who asks with a method that changes something, with the cookies of ours that their browser
/// sent along. Where it did, the request comes from our own pages: it cannot have been made by
/// another site's (attack 57).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Browser {
    /// The refresh token.
    pub refresh: Option<String>,
    /// That this browser has signed in before.
    pub device: Option<String>,
    /// A login at a provider that is under way.
    pub login: Option<String>,
    /// What the program says that it is (`User-Agent`); empty when it does not.
    pub user_agent: String,
}

/// Anyone who follows a link or a redirect here, perhaps from another site, with the cookies of ours
/// that their browser sends along then.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Navigation {
    /// A login at a provider that is under way.
    pub login: Option<String>,
    /// That this browser has signed in before. Strict, so it is there only when we ourselves led here.
    pub device: Option<String>,
    /// What the program says that it is (`User-Agent`); empty when it does not.
    pub user_agent: String,
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

/// A person who is signed in, or a guest who shows the secret of an order, or somebody who is both: a guest
/// who signed in afterwards still has the link of the mail. Whether the secret is right, the handler finds
/// out: only it knows the order.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct UserOrGuest {
    /// The person, if they are signed in.
    pub user: Option<SignedIn>,
    /// What was shown in the `Order-Secret` header.
    pub secret: Option<String>,
}

/// Whoever asks where no route is: what they asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Unrouted {
    /// The path, still encoded.
    pub path: String,
}

impl Caller for Unrouted {
    const ACCESS: Access = Access::Public;

    async fn identify(request: &HttpRequest, _: &Core) -> Result<Self, Failure> {
        Ok(Self { path: request.path.clone() })
    }

    fn identity(&self) -> Identity {
        Identity::Unknown
    }
}

impl Caller for Anyone {
    const ACCESS: Access = Access::Public;

    async fn identify(_: &HttpRequest, _: &Core) -> Result<Self, Failure> {
        Ok(Self)
    }

    fn identity(&self) -> Identity {
        Identity::Unknown
    }
}

impl Caller for SignedIn {
    const ACCESS: Access = Access::User;

    async fn identify(request: &HttpRequest, core: &Core) -> Result<Self, Failure> {
        Ok(Self::from_token(request, &core.access_tokens)?)
    }

    fn identity(&self) -> Identity {
        Identity::Known(self.user_id.to_string())
    }
}

impl SignedIn {
    fn from_token(request: &HttpRequest, tokens: &AccessTokens) -> Result<Self, RequestError> {
        let token = request
            .header("authorization")
            .and_then(|value| value.split_once(' '))
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
            .map(|(_, token)| token.trim())
            .ok_or(RequestError::SignInNeeded)?;
        let claims = tokens.check(token, request.time).map_err(|_| RequestError::SignInNeeded)?;
        Ok(Self {
            user_id: claims.sub,
            roles: claims.roles,
            session_id: claims.sid,
            epoch: claims.epoch,
            issued_at: Timestamp::from_seconds(claims.iat),
        })
    }

    fn with_role(self, role: Role) -> Result<Self, RequestError> {
        if self.roles.contains(&role) { Ok(self) } else { Err(RequestError::NotAllowed) }
    }
}

impl Caller for StoreMember {
    const ACCESS: Access = Access::StoreMember;
    const TOUCHES: &'static [Touch] = &[Touch::BatchGet(Kind::USER), Touch::BatchGet(Kind::MEMBERSHIP)];
    const ERRORS: &'static [ErrorCode] = &[codes::NOT_FOUND];

    async fn identify(request: &HttpRequest, core: &Core) -> Result<Self, Failure> {
        let user = SignedIn::from_token(request, &core.access_tokens)?;
        let named = request.path_parameters.iter().find(|(name, _)| name == "store_id");
        let store_id = named.and_then(|(_, id)| id.parse().ok()).ok_or(StoresError::NotFound)?;
        let membership = core.table.membership(&user, store_id).await?.ok_or(StoresError::NotFound)?;
        Ok(Self { store_id, role: membership.role, user })
    }

    fn identity(&self) -> Identity {
        self.user.identity()
    }
}

impl Caller for StoreOwner {
    const ACCESS: Access = Access::StoreOwner;
    const TOUCHES: &'static [Touch] = StoreMember::TOUCHES;
    const ERRORS: &'static [ErrorCode] = StoreMember::ERRORS;

    async fn identify(request: &HttpRequest, core: &Core) -> Result<Self, Failure> {
        let member = StoreMember::identify(request, core).await?;
        match member.role {
            StoreRole::Owner => Ok(Self(member)),
            StoreRole::Staff => Err(RequestError::NotAllowed.into()),
        }
    }

    fn identity(&self) -> Identity {
        self.0.identity()
    }
}

impl Caller for Admin {
    const ACCESS: Access = Access::Admin;

    async fn identify(request: &HttpRequest, core: &Core) -> Result<Self, Failure> {
        Ok(Self(SignedIn::from_token(request, &core.access_tokens)?.with_role(Role::Admin)?))
    }

    fn identity(&self) -> Identity {
        self.0.identity()
    }
}

/// Whether our own pages made the request. Browsers say so themselves in `Sec-Fetch-Site` (Fetch
/// Metadata, which pages cannot forge); the older ones at least say from where in `Origin`. A request that says
/// neither and yet sends cookies is not believed (OWASP, Cross-Site Request Forgery Prevention).
fn is_from_our_pages(request: &HttpRequest, site: &str) -> bool {
    match request.header("sec-fetch-site") {
        Some(relation) => relation == "same-origin",
        None => request.header("origin").is_some_and(|origin| origin == site),
    }
}

fn user_agent(request: &HttpRequest) -> String {
    request.header("user-agent").unwrap_or_default().chars().take(400).collect()
}

impl Caller for Browser {
    const ACCESS: Access = Access::SameSite;

    async fn identify(request: &HttpRequest, core: &Core) -> Result<Self, Failure> {
        let read = |name| cookie(&request.headers, name);
        let browser = Self {
            refresh: read(CookieName::Refresh),
            device: read(CookieName::Device),
            login: read(CookieName::Login),
            user_agent: user_agent(request),
        };
        let has_cookies = request.headers.contains_key(http::header::COOKIE);
        let says_from_where = ["sec-fetch-site", "origin"].iter().any(|name| request.headers.contains_key(*name));
        if (has_cookies || says_from_where) && !is_from_our_pages(request, core.access_tokens.site()) {
            return Err(RequestError::CrossSite.into());
        }
        Ok(browser)
    }

    fn identity(&self) -> Identity {
        Identity::Unknown
    }
}

impl Caller for Navigation {
    const ACCESS: Access = Access::Public;

    async fn identify(request: &HttpRequest, _: &Core) -> Result<Self, Failure> {
        let read = |name| cookie(&request.headers, name);
        Ok(Self { login: read(CookieName::Login), device: read(CookieName::Device), user_agent: user_agent(request) })
    }

    fn identity(&self) -> Identity {
        Identity::Unknown
    }
}

impl Caller for MaybeSignedIn {
    const ACCESS: Access = Access::PublicOrUser;

    async fn identify(request: &HttpRequest, core: &Core) -> Result<Self, Failure> {
        if request.headers.contains_key("authorization") {
            Ok(Self::User(SignedIn::from_token(request, &core.access_tokens)?))
        } else {
            Ok(Self::Anyone)
        }
    }

    fn identity(&self) -> Identity {
        match self {
            Self::User(user) => user.identity(),
            Self::Anyone => Identity::Unknown,
        }
    }
}

impl Caller for UserOrGuest {
    const ACCESS: Access = Access::UserOrGuest;

    /// Beside a secret a token that does not hold is as good as none: it is the secret that counts.
    async fn identify(request: &HttpRequest, core: &Core) -> Result<Self, Failure> {
        let secret = request.header("order-secret").filter(|secret| secret.len() <= 100).map(str::to_owned);
        let user = if request.headers.contains_key("authorization") {
            match SignedIn::from_token(request, &core.access_tokens) {
                Ok(user) => Some(user),
                Err(_) if secret.is_some() => None,
                Err(error) => return Err(error.into()),
            }
        } else {
            None
        };
        if user.is_none() && secret.is_none() {
            return Err(RequestError::SignInNeeded.into());
        }
        Ok(Self { user, secret })
    }

    fn identity(&self) -> Identity {
        match (&self.user, &self.secret) {
            (Some(user), _) => user.identity(),
            (None, Some(secret)) => Identity::Known(format!("guest {secret}")),
            (None, None) => Identity::Unknown,
        }
    }
}
