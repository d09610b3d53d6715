//! `GET /health`: the API answers. Looks at nothing else: a monitor that asks every minute should
//! cost nothing but the request.

use domain::ErrorCode;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use shared::{
    Failure,
    api::{Anyone, Context, Empty, Endpoint, Method, Okay, Route},
};

use crate::OpsTools;

/// The endpoint.
#[derive(Debug)]
pub struct GetHealth;

/// How we are.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct GetHealthReply {
    /// Always `ok`: an API that is not does not answer.
    pub status: String,
}

impl Endpoint for GetHealth {
    const ROUTE: Route = Route::new("ops.get_health", Method::Get, "/health").summary("Ask whether the API answers");
    const ERRORS: &'static [ErrorCode] = &[];

    type Tools = OpsTools;
    type Caller = Anyone;
    type Request = Empty;
    type Reply = Okay<GetHealthReply>;

    async fn handle(_: &OpsTools, _: Anyone, _: Empty, _: &Context) -> Result<Self::Reply, Failure> {
        Ok(Okay(GetHealthReply { status: "ok".to_owned() }))
    }
}
