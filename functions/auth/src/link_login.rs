//! Begins to link a login at a provider to the account of a person who is signed in.
//!
//! The page that asks sends the browser on to the address that it gets. What comes back from the
//! provider is linked to this person only in this browser, and only while what ends their sessions
//! has not ended this one.

use domain::auth::{LoginProvider, ReturnTo, codes};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use shared::{
    Failure,
    api::{Context, Endpoint, Method, Okay, Route, SignedIn, Touch, WithCookies, problem::RequestError},
    store::{Kind, keys, logins::LoginPurpose, users::User},
};

use crate::{
    AuthTools,
    oauth::{self, ACCOUNT_PAGE, Beginning},
};

/// See the head of this file.
#[derive(Debug)]
pub struct LinkLogin;

/// At which provider, and where to go on.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LinkLoginRequest {
    /// The provider.
    provider: LoginProvider,
    /// The page of this site to open once it is linked; that of the account when it is not there.
    #[serde(default)]
    return_to: Option<ReturnTo>,
}

/// Where the person says at the provider who they are.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct LinkLoginReply {
    /// The address to open in this browser.
    authorize_url: String,
}

impl Endpoint for LinkLogin {
    const ROUTE: Route = Route::new("auth.link_login", Method::Post, "/me/logins/{provider}")
        .summary("Begins to link a login at a provider to one's account.")
        .touches(&[Touch::Check(Kind::User), Touch::Put(Kind::LoginAttempt), Touch::Update(Kind::LimitCounter)])
        .time_out_s(15);
    const ERRORS: &'static [domain::ErrorCode] =
        &[codes::LOGIN_PROVIDER_OFF, codes::LOGIN_UNAVAILABLE, codes::TOO_MANY_ATTEMPTS];

    type Tools = AuthTools;
    type Caller = SignedIn;
    type Request = LinkLoginRequest;
    type Reply = WithCookies<Okay<LinkLoginReply>>;

    async fn handle(
        tools: &AuthTools,
        caller: SignedIn,
        request: LinkLoginRequest,
        context: &Context,
    ) -> Result<Self::Reply, Failure> {
        let return_to = match request.return_to {
            Some(path) => path,
            None => ReturnTo::parse(ACCOUNT_PAGE).unwrap_or_default(),
        };
        let purpose = LoginPurpose::Link { user: caller.user_id, epoch: caller.epoch };
        let beginning = Beginning { provider: request.provider, purpose, return_to, device: None };
        let writes = tools
            .table()
            .transaction()
            .check(&keys::user(caller.user_id), User::is_still(&caller))
            .or_else(|_| RequestError::SignInNeeded);
        let begun = oauth::begin(tools, beginning, context, writes).await?;
        Ok(WithCookies { reply: Okay(LinkLoginReply { authorize_url: begun.address }), cookies: vec![begun.cookie] })
    }
}
