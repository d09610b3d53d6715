//! Tells a person what we know of them.
//!
//! A token outlives its account by up to ten minutes; then the answer is to sign in, as for any
//! token that does not hold.

use domain::auth::Profile;
use shared::{
    Failure,
    api::{Context, Empty, Endpoint, Method, Okay, Route, SignedIn, Touch},
    store::Kind,
};

use crate::UsersTools;

/// See the head of this file.
#[derive(Debug)]
pub struct GetMe;

impl Endpoint for GetMe {
    const ROUTE: Route = Route::new("users.get_me", Method::Get, "/me")
        .summary("Tells a person what we know of them.")
        .touches(&[Touch::Get(Kind::USER)]);
    const ERRORS: &'static [domain::ErrorCode] = &[];

    type Tools = UsersTools;
    type Caller = SignedIn;
    type Request = Empty;
    type Reply = Okay<Profile>;

    async fn handle(tools: &UsersTools, caller: SignedIn, _: Empty, _: &Context) -> Result<Self::Reply, Failure> {
        Ok(Okay(tools.core.table.get_caller(&caller).await?.into()))
    }
}
