//! What an endpoint is: one unit type with one `impl`, in one file.

use std::{future::Future, time::Duration};

use domain::ErrorCode;
use schemars::JsonSchema;
use serde::de::DeserializeOwned;

use super::{Caller, Context, Reply, Route, Touch};
use crate::{
    aws::{Aws, CallLimits},
    config::Config,
    fault::{Failure, Fault},
    secrets::Secrets,
    store::Table,
    tokens::access::AccessTokens,
};

/// One thing that the world can ask of us.
pub trait Endpoint: Send + Sync + 'static {
    /// The address, the name and the needs of the endpoint.
    const ROUTE: Route;
    /// The error codes that its handler can give, besides those that every endpoint can.
    const ERRORS: &'static [ErrorCode];

    /// Everything outside that its service may touch.
    type Tools: Tools;
    /// Who may call it.
    type Caller: Caller;
    /// What is asked. Its fields are domain types, so what reaches the handler is valid.
    type Request: DeserializeOwned + JsonSchema + Send;
    /// The answer.
    type Reply: Reply;

    /// Does it: read, decide, write, answer.
    ///
    /// # Errors
    /// [`Failure::Refused`] when a rule says no, [`Failure::Broken`] when we broke,
    /// [`Failure::Replayed`] when the request was answered before.
    fn handle(
        tools: &Self::Tools,
        caller: Self::Caller,
        request: Self::Request,
        context: &Context,
    ) -> impl Future<Output = Result<Self::Reply, Failure>> + Send;

    /// Adds to a reply, new or remembered, what is never stored, such as the secret of an order.
    ///
    /// # Errors
    /// When what is needed for it is not there.
    fn complete(_tools: &Self::Tools, reply: Self::Reply) -> Result<Self::Reply, Fault> {
        Ok(reply)
    }
}

/// The route of an endpoint, with what finding out its caller touches.
#[must_use]
pub const fn route_of<E: Endpoint>() -> Route {
    E::ROUTE.called_by(E::Caller::TOUCHES)
}

/// What every function has, whatever its service.
#[derive(Debug, Clone)]
pub struct Core {
    /// The configuration.
    pub config: Config,
    /// The SDK clients.
    pub aws: Aws,
    /// The one table.
    pub table: Table,
    /// The check of access tokens.
    pub access_tokens: AccessTokens,
    /// The secrets that the function declared.
    pub secrets: Secrets,
    /// How long a request is worked on.
    pub work_time: Duration,
}

impl Core {
    /// Starts a function that touches these things and that Lambda ends after so many seconds: opens no
    /// connection, reads nothing.
    ///
    /// # Errors
    /// When the configuration is wrong.
    pub fn start(config: Config, touches: &[Touch], time_out_s: u32) -> Result<Self, Fault> {
        let aws = Aws::new(&config.aws, CallLimits::within(time_out_s))?;
        let secrets = Secrets::new(&aws, &config.secrets_prefix, Route::secrets(touches));
        let table = Table::new(&aws, &config.table);
        let access_tokens = AccessTokens::new(&config.access_token_keys, &config.site_origin)?;
        Ok(Self { config, aws, table, access_tokens, secrets, work_time: Route::work_time(time_out_s) })
    }
}

/// Everything outside that the endpoints of one service may touch. Made once per process.
pub trait Tools: Sized + Send + Sync + 'static {
    /// Makes it. The secrets are not there yet: what needs one is made when a handler asks for it.
    ///
    /// # Errors
    /// When the configuration is wrong.
    fn start(core: Core) -> Result<Self, Fault>;

    /// What every function has.
    fn core(&self) -> &Core;
}
