//! `GET /users/{user_id}`: what anyone sees of a person.
//!
//! Somebody who has withdrawn, or was shut out, is not there any more, and looks the same as somebody
//! who never was.

use domain::{
    ErrorCode,
    auth::AccountState,
    ids::UserId,
    users::{PublicProfile, UsersError, codes},
};
use schemars::JsonSchema;
use serde::Deserialize;
use shared::{
    Failure,
    api::{Anyone, Context, Endpoint, Method, Okay, Route, Touch},
    store::Kind,
};

use crate::UsersTools;

/// See the head of this file.
#[derive(Debug)]
pub struct GetUser;

/// Which person.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GetUserRequest {
    /// Their id.
    user_id: UserId,
}

impl Endpoint for GetUser {
    const ROUTE: Route = Route::new("users.get_user", Method::Get, "/users/{user_id}")
        .summary("Tells what anyone sees of a person.")
        .touches(&[Touch::Get(Kind::USER)])
        .cache_s(60);
    const ERRORS: &'static [ErrorCode] = &[codes::NOT_FOUND];

    type Tools = UsersTools;
    type Caller = Anyone;
    type Request = GetUserRequest;
    type Reply = Okay<PublicProfile>;

    async fn handle(
        tools: &UsersTools,
        _: Anyone,
        request: GetUserRequest,
        _: &Context,
    ) -> Result<Self::Reply, Failure> {
        let user = tools.core.table.get_user(request.user_id).await?;
        let user = user.filter(|user| user.state == AccountState::Active).ok_or(UsersError::NotFound)?;
        Ok(Okay(user.into()))
    }
}
