//! `GET /openapi.json`: the whole API as OpenAPI 3.1, as it was generated from the endpoints.

use domain::ErrorCode;
use shared::{
    Failure,
    api::{Anyone, Context, Document, Empty, Endpoint, Method, Route},
};

use crate::OpsTools;

const OPENAPI: &str = include_str!("../../../infra/api/openapi.json");

/// The endpoint.
#[derive(Debug)]
pub struct GetOpenapi;

impl Endpoint for GetOpenapi {
    const ROUTE: Route =
        Route::new("ops.get_openapi", Method::Get, "/openapi.json").summary("Get this description").cache_s(300);
    const ERRORS: &'static [ErrorCode] = &[];

    type Tools = OpsTools;
    type Caller = Anyone;
    type Request = Empty;
    type Reply = Document;

    async fn handle(_: &OpsTools, _: Anyone, _: Empty, _: &Context) -> Result<Self::Reply, Failure> {
        Ok(Document(OPENAPI))
    }
}
