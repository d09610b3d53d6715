//! Takes a login at a provider off one's account, unless it is the last way in.
//!
//! That another way in is still there is a condition of the same transaction: of two who take away
//! the last two at once, one fails.

use domain::auth::{AuthError, LoginProvider, Notice, codes};
use schemars::JsonSchema;
use serde::Deserialize;
use shared::{
    Failure,
    api::{Context, Endpoint, Method, NoContent, Route, SignedIn, Touch, problem::RequestError},
    store::{Kind, expression::Condition, outbox::OutboxEvent, users::User},
};

use crate::AuthTools;

/// `DELETE /me/logins/{provider}`.
#[derive(Debug)]
pub struct UnlinkLogin;

/// Which one.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct UnlinkLoginRequest {
    /// The provider.
    provider: LoginProvider,
}

impl Endpoint for UnlinkLogin {
    const ROUTE: Route = Route::new("auth.unlink_login", Method::Delete, "/me/logins/{provider}")
        .summary("Takes a login at a provider off one's account.")
        .touches(&[
            Touch::BatchGet(Kind::USER),
            Touch::BatchGet(Kind::PASSWORD),
            Touch::BatchGet(Kind::LOGIN),
            Touch::Check(Kind::USER),
            Touch::Check(Kind::PASSWORD),
            Touch::Check(Kind::LOGIN),
            Touch::Delete(Kind::LOGIN),
            Touch::Delete(Kind::LOGIN_OWNER),
            Touch::Put(Kind::OUTBOX_EVENT),
        ]);
    const ERRORS: &'static [domain::ErrorCode] = &[codes::LOGIN_NOT_LINKED, codes::LAST_WAY_IN];

    type Tools = AuthTools;
    type Caller = SignedIn;
    type Request = UnlinkLoginRequest;
    type Reply = NoContent;

    async fn handle(
        tools: &AuthTools,
        caller: SignedIn,
        request: UnlinkLoginRequest,
        context: &Context,
    ) -> Result<Self::Reply, Failure> {
        let (now, provider) = (context.now, request.provider);
        let ways = tools.table().ways_in(caller.user_id).await?.filter(|ways| ways.user.knows(&caller));
        let ways = ways.ok_or(RequestError::SignInNeeded)?;
        let login = ways.logins.iter().find(|login| login.provider == provider).ok_or(AuthError::LoginNotLinked)?;
        let other = ways.besides(provider).ok_or(AuthError::LastWayIn)?;
        let what = Notice::LoginUnlinked { provider: provider.name().to_owned() };
        tools
            .table()
            .transaction()
            .check(&User::key(caller.user_id), User::is_still(&caller))
            .or_else(|_| RequestError::SignInNeeded)
            .check(&other, Condition::Present)
            .or_else(|_| AuthError::LastWayIn)
            .unlink_login(login, || AuthError::LoginNotLinked)
            .create(&OutboxEvent::notice(&ways.user, what, now)?)
            .commit()
            .await?;
        Ok(NoContent)
    }
}
