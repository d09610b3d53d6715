//! Sends a browser to a login provider.
//!
//! The browser gets a secret in a cookie, and the provider what follows from it: `state`, `nonce` and
//! the challenge of PKCE. Where the person goes on afterwards is kept here, not carried along.

use domain::auth::{LoginProvider, ReturnTo, codes};
use schemars::JsonSchema;
use serde::Deserialize;
use shared::{
    Failure,
    api::{Context, Endpoint, Method, Navigation, Route, SeeOther, Touch, WithCookies},
    secrets::SecretName,
    store::{Kind, logins::LoginPurpose},
};

use crate::{
    AuthTools, known_device,
    oauth::{self, Beginning},
};

/// `GET /auth/oauth/{provider}/start`.
#[derive(Debug)]
pub struct StartOauth;

/// At which provider, and where to go on.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StartOauthRequest {
    /// The provider.
    provider: LoginProvider,
    /// The page of this site to open once the person is signed in.
    #[serde(default)]
    return_to: ReturnTo,
    /// Whether they changed their mind about withdrawing.
    #[serde(default)]
    cancel_withdrawal: bool,
}

impl Endpoint for StartOauth {
    const ROUTE: Route = Route::new("auth.start_oauth", Method::Get, "/auth/oauth/{provider}/start")
        .summary("Sends a browser to a login provider.")
        .touches(&[
            Touch::Secret(SecretName::ChallengeKey),
            Touch::Put(Kind::LOGIN_ATTEMPT),
            Touch::Update(Kind::LIMIT_COUNTER),
        ])
        .time_out_s(15);
    const ERRORS: &'static [domain::ErrorCode] = &[codes::LOGIN_PROVIDER_OFF, codes::TOO_MANY_ATTEMPTS];

    type Tools = AuthTools;
    type Caller = Navigation;
    type Request = StartOauthRequest;
    type Reply = WithCookies<SeeOther>;

    async fn handle(
        tools: &AuthTools,
        navigation: Navigation,
        request: StartOauthRequest,
        context: &Context,
    ) -> Result<Self::Reply, Failure> {
        let StartOauthRequest { provider, return_to, cancel_withdrawal } = request;
        // The device cookie is strict: it is here, and will not be there when the provider leads back.
        let device = known_device::open(tools, navigation.device.as_deref(), context.now)?;
        let purpose = LoginPurpose::SignIn { cancel_withdrawal };
        let back = return_to.clone();
        let beginning = Beginning { provider, purpose, return_to, device };
        match oauth::begin(tools, beginning, context, tools.table().transaction()).await {
            Ok(begun) => Ok(WithCookies { reply: SeeOther(begun.address), cookies: vec![begun.cookie] }),
            // A person is looking: they get a page.
            Err(Failure::Refused(error)) if error.code() == codes::LOGIN_UNAVAILABLE => {
                let pairs = [("error", codes::LOGIN_UNAVAILABLE.code), ("return_to", back.as_str())];
                let address = oauth::page(tools, "/sign-in.html", '?', &pairs);
                Ok(WithCookies { reply: SeeOther(address), cookies: Vec::new() })
            }
            Err(failure) => Err(failure),
        }
    }
}
