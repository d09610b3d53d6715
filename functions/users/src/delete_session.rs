//! Signs a device of the caller out: another one, or the one that asks.
//!
//! Its refresh token is dead at once. Its access token holds until it ends, ten minutes at most, but
//! signs no other device out: whoever removed a thief's device is not removed by the thief next.
//!
//! Another device that is signed out here is not known any more, whatever its cookie says: when somebody
//! signs in there again, the person is told as of a new one.

use domain::{
    auth::{AuthError, codes},
    ids::SessionId,
};
use schemars::JsonSchema;
use serde::Deserialize;
use shared::{
    Failure,
    api::{Context, Endpoint, Method, NoContent, Route, SignedIn, Touch, problem::RequestError},
    store::{Kind, sessions::Session, users::User},
};

use crate::UsersTools;

/// See the head of this file.
#[derive(Debug)]
pub struct DeleteSession;

/// Which device.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DeleteSessionRequest {
    /// The id from the list of sessions.
    session_id: SessionId,
}

impl Endpoint for DeleteSession {
    const ROUTE: Route = Route::new("users.delete_session", Method::Delete, "/me/sessions/{session_id}")
        .summary("Signs a device of the person out.")
        .touches(&[
            Touch::Check(Kind::USER),
            Touch::Check(Kind::SESSION),
            Touch::Update(Kind::SESSION),
            Touch::Delete(Kind::SESSION),
        ]);
    const ERRORS: &'static [domain::ErrorCode] = &[codes::SESSION_NOT_FOUND];

    type Tools = UsersTools;
    type Caller = SignedIn;
    type Request = DeleteSessionRequest;
    type Reply = NoContent;

    async fn handle(
        tools: &UsersTools,
        caller: SignedIn,
        request: DeleteSessionRequest,
        context: &Context,
    ) -> Result<Self::Reply, Failure> {
        let own = Session::key(caller.user_id, caller.session_id);
        let writes = tools
            .core
            .table
            .transaction()
            .check(&User::key(caller.user_id), User::is_still(&caller))
            .or_else(|_| RequestError::SignInNeeded);
        let writes = if request.session_id == caller.session_id {
            writes.delete(&own, Session::is_there()).or_else(|_| AuthError::SessionNotFound)
        } else {
            writes.check(&own, Session::is_there()).or_else(|_| RequestError::SignInNeeded).remove_device(
                caller.user_id,
                request.session_id,
                context.now,
            )?
        };
        writes.commit().await?;
        Ok(NoContent)
    }
}
