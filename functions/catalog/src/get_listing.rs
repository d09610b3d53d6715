//! `GET /listings/{listing_id}`: a listing with what can be bought of it.

use domain::{
    ErrorCode,
    catalog::{CatalogError, codes},
    ids::ListingId,
};
use schemars::JsonSchema;
use serde::Deserialize;
use shared::{
    Failure,
    api::{Anyone, Context, Endpoint, Method, Okay, Route, Tools as _, Touch},
    store::Kind,
};

use crate::{CatalogTools, Listing};

/// The endpoint.
#[derive(Debug)]
pub struct GetListing;

/// Which listing.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GetListingRequest {
    /// Its id.
    pub listing_id: ListingId,
}

impl Endpoint for GetListing {
    const ROUTE: Route = Route::new("catalog.get_listing", Method::Get, "/listings/{listing_id}")
        .summary("Get a listing with its variants and what is available")
        .touches(&[Touch::Query(Kind::LISTING)]);
    const ERRORS: &'static [ErrorCode] = &[codes::LISTING_NOT_FOUND];

    type Tools = CatalogTools;
    type Caller = Anyone;
    type Request = GetListingRequest;
    type Reply = Okay<Listing>;

    async fn handle(
        tools: &CatalogTools,
        _: Anyone,
        request: GetListingRequest,
        _: &Context,
    ) -> Result<Self::Reply, Failure> {
        let found = tools.core().table.get_listing_with_stock(request.listing_id).await?;
        let (listing, stock) = found.ok_or(CatalogError::ListingNotFound)?;
        Ok(Okay(Listing::new(listing, &stock)))
    }
}
