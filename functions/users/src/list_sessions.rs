//! The devices on which a person is signed in.
//!
//! Those that are over are not shown, whether or not the table still has them.

use domain::{Timestamp, ids::SessionId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use shared::{
    Failure,
    api::{Context, Empty, Endpoint, Method, Okay, Page, Route, SignedIn, Touch},
    store::Kind,
};

use crate::UsersTools;

/// See the head of this file.
#[derive(Debug)]
pub struct ListSessions;

/// A device on which a person is signed in.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct ShownSession {
    /// The id, to sign it out by.
    id: SessionId,
    /// What the device says that it is, such as "Chrome on Android".
    device: String,
    /// When it signed in.
    created_at: Timestamp,
    /// When it last asked for an access token, to ten minutes.
    last_used_at: Timestamp,
    /// Whether it is the one that asks.
    is_present: bool,
}

impl Endpoint for ListSessions {
    const ROUTE: Route = Route::new("users.list_sessions", Method::Get, "/me/sessions")
        .summary("Lists the devices on which a person is signed in.")
        .touches(&[Touch::Get(Kind::USER), Touch::Query(Kind::SESSION)]);
    const ERRORS: &'static [domain::ErrorCode] = &[];

    type Tools = UsersTools;
    type Caller = SignedIn;
    type Request = Empty;
    type Reply = Okay<Page<ShownSession>>;

    async fn handle(tools: &UsersTools, caller: SignedIn, _: Empty, context: &Context) -> Result<Self::Reply, Failure> {
        let table = &tools.core.table;
        let (user, sessions) = tokio::join!(table.get_caller(&caller), table.sessions_of(caller.user_id));
        let user = user?;
        let items = sessions?.that_hold(&user, context.now).into_iter().map(|session| ShownSession {
            is_present: session.id == caller.session_id,
            id: session.id,
            device: session.device,
            created_at: session.created_at,
            last_used_at: session.rotated_at,
        });
        Ok(Okay(Page::all(items.collect())))
    }
}
