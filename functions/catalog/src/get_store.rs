//! `GET /stores/{store_id}`: a store as anybody sees it.
//!
//! A store whose owner has withdrawn, or was shut out, is not there. Whoever listed something before
//! there were stores has a stall that is written down nowhere yet; it is shown as it would be made.

use domain::{
    ErrorCode,
    ids::StoreId,
    stores::{StoresError, codes},
};
use schemars::JsonSchema;
use serde::Deserialize;
use shared::{
    Failure,
    api::{Anyone, Context, Endpoint, Method, Okay, Route, Tools as _, Touch},
    store::Kind,
};

use crate::{CatalogTools, ShownStore};

/// The endpoint.
#[derive(Debug)]
pub struct GetStore;

/// Which store.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GetStoreRequest {
    /// Its id.
    pub store_id: StoreId,
}

impl Endpoint for GetStore {
    const ROUTE: Route = Route::new("catalog.get_store", Method::Get, "/stores/{store_id}")
        .summary("Get a store as anybody sees it")
        .touches(&[Touch::BatchGet(Kind::STORE), Touch::BatchGet(Kind::USER), Touch::Get(Kind::USER)])
        .cache_s(60);
    const ERRORS: &'static [ErrorCode] = &[codes::NOT_FOUND];

    type Tools = CatalogTools;
    type Caller = Anyone;
    type Request = GetStoreRequest;
    type Reply = Okay<ShownStore>;

    async fn handle(
        tools: &CatalogTools,
        _: Anyone,
        request: GetStoreRequest,
        _: &Context,
    ) -> Result<Self::Reply, Failure> {
        let found = tools.core().table.get_store_and_owner(request.store_id).await?;
        let found = found.ok_or(StoresError::NotFound)?;
        Ok(Okay(ShownStore::new(found.store, found.owner)))
    }
}
