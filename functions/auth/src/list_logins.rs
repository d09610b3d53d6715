//! The logins at providers that are linked to one's account.

use domain::{Timestamp, auth::LoginProvider, text::Email};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use shared::{
    Failure,
    api::{Context, Empty, Endpoint, Method, Okay, Page, Route, SignedIn, Touch, problem::RequestError},
    store::Kind,
};

use crate::AuthTools;

/// `GET /me/logins`.
#[derive(Debug)]
pub struct ListLogins;

/// The ways into one's account.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct Logins {
    /// The logins at providers, at most one of each.
    #[serde(flatten)]
    page: Page<LinkedLogin>,
    /// Whether there is a password too.
    has_password: bool,
}

/// A login at a provider.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct LinkedLogin {
    /// The provider.
    provider: LoginProvider,
    /// The address that the provider vouched for when it was linked, so that a person knows which
    /// account of theirs it is.
    email: Option<Email>,
    /// When it was linked.
    linked_at: Timestamp,
    /// Whether it can be taken away: there is another way in.
    can_unlink: bool,
}

impl Endpoint for ListLogins {
    const ROUTE: Route = Route::new("auth.list_logins", Method::Get, "/me/logins")
        .summary("The logins at providers that are linked to one's account.")
        .touches(&[Touch::BatchGet(Kind::USER), Touch::BatchGet(Kind::PASSWORD), Touch::BatchGet(Kind::LOGIN)]);
    const ERRORS: &'static [domain::ErrorCode] = &[];

    type Tools = AuthTools;
    type Caller = SignedIn;
    type Request = Empty;
    type Reply = Okay<Logins>;

    async fn handle(tools: &AuthTools, caller: SignedIn, _: Empty, _: &Context) -> Result<Self::Reply, Failure> {
        let ways = tools.table().ways_in(caller.user_id).await?.filter(|ways| ways.user.knows(&caller));
        let ways = ways.ok_or(RequestError::SignInNeeded)?;
        let shown = |login: &shared::store::logins::Login| LinkedLogin {
            provider: login.provider,
            email: login.email.clone(),
            linked_at: login.linked_at,
            can_unlink: ways.besides(login.provider).is_some(),
        };
        let items = ways.logins.iter().map(shown).collect();
        Ok(Okay(Logins { page: Page::all(items), has_password: ways.has_password }))
    }
}
