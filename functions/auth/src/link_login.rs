//! Begins to link a login at a provider to the account of a person who is signed in.
//!
//! The page that asks sends the browser on to the address that it gets. What comes back from the
//! provider is linked to this person only in this browser, and only while what ends their sessions
//! has not ended this one.
//!
//! A login is a way into the account that another password does not shut, so it takes a fresh proof
//! (ASVS 7.5.1): whoever finds a device unlocked must not be able to leave a door of their own.

use domain::auth::{LoginProvider, PasswordAttempt, ReturnTo, TokenText, codes};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use shared::{
    Failure,
    api::{Context, Endpoint, Method, Okay, Route, SignedIn, Touch, WithCookies, problem::RequestError},
    codes,
    proofs::{self, FreshProof},
    store::{Kind, logins::LoginPurpose, users::User},
    touches,
};

use crate::{
    AuthTools,
    oauth::{self, ACCOUNT_PAGE, Beginning},
};

/// `POST /me/logins/{provider}`.
#[derive(Debug)]
pub struct LinkLogin;

/// At which provider, who asks, and where to go on.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("examples" = [{ "current_password": "a password of their own" }]))]
pub struct LinkLoginRequest {
    /// The provider.
    provider: LoginProvider,
    /// The password, for people who have one.
    #[serde(default)]
    current_password: Option<PasswordAttempt>,
    /// The proof of the address for the purpose `confirm`, for people who have no password. Good once.
    #[serde(default)]
    email_proof: Option<TokenText>,
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
        .touches(touches![proofs::FRESH, &[Touch::Check(Kind::USER), Touch::Put(Kind::LOGIN_ATTEMPT),],])
        .memory_mb(1024)
        .time_out_s(15);
    const ERRORS: &'static [domain::ErrorCode] =
        codes![proofs::REFUSALS, &[codes::LOGIN_PROVIDER_OFF, codes::LOGIN_UNAVAILABLE],];

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
        let now = context.now;
        let fresh = FreshProof::one_of(&tools.core, request.current_password, request.email_proof, now)?;
        let (user, password) = tools.table().get_caller_and_password(&caller).await?;
        let proved = fresh.prove(&tools.core, &user, password.as_ref(), now).await?;
        let return_to = match request.return_to {
            Some(path) => path,
            None => ReturnTo::parse(ACCOUNT_PAGE).unwrap_or_default(),
        };
        let purpose = LoginPurpose::Link { user: caller.user_id, epoch: caller.epoch };
        let beginning = Beginning { provider: request.provider, purpose, return_to, device: None };
        let writes = proved
            .spend(tools.table().transaction())
            .check(&User::key(caller.user_id), User::is_still(&caller))
            .or_else(|_| RequestError::SignInNeeded);
        let begun = oauth::begin(tools, beginning, context, writes).await?;
        Ok(WithCookies { reply: Okay(LinkLoginReply { authorize_url: begun.address }), cookies: vec![begun.cookie] })
    }
}
