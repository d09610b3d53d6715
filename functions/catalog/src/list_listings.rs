//! `GET /listings`: what is offered, newest first, a page at a time.
//!
//! Read from an index that carries only the cards, so a page costs a fraction of a read unit per
//! listing. The cursor is sealed and good only for the same filters.

use domain::{ErrorCode, catalog::CategoryId};
use schemars::JsonSchema;
use serde::Deserialize;
use shared::{
    Failure,
    api::{Anyone, Context, Cursor, Endpoint, Method, Okay, Page, PageSize, Pages, Route, Tools as _, Touch, problem},
    store::{Index, Kind, cursor::List},
    touches,
};

use crate::{CatalogTools, ListingCard};

/// The endpoint.
#[derive(Debug)]
pub struct ListListings;

/// Which listings.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ListListingsRequest {
    /// Only those of this category.
    #[serde(default)]
    pub category_id: Option<CategoryId>,
    /// How many.
    #[serde(default)]
    pub limit: PageSize,
    /// The `next_cursor` of the page before.
    #[serde(default)]
    pub cursor: Option<Cursor>,
}

impl Endpoint for ListListings {
    const ROUTE: Route = Route::new("catalog.list_listings", Method::Get, "/listings")
        .summary("List what is offered, newest first")
        .touches(touches![
            Pages::TOUCHES,
            &[Touch::QueryIndex(Kind::LISTING, Index::Gsi1), Touch::QueryIndex(Kind::LISTING, Index::Gsi2)],
        ])
        .cache_s(5);
    const ERRORS: &'static [ErrorCode] = &[problem::codes::CURSOR_INVALID];

    type Tools = CatalogTools;
    type Caller = Anyone;
    type Request = ListListingsRequest;
    type Reply = Okay<Page<ListingCard>>;

    async fn handle(
        tools: &CatalogTools,
        _: Anyone,
        request: ListListingsRequest,
        context: &Context,
    ) -> Result<Self::Reply, Failure> {
        let filters = request.category_id.as_ref().map_or_else(String::new, |id| format!("category_id={id}"));
        let list = List { operation: Self::ROUTE.id, principal: "anyone", filters: &filters };
        let core = tools.core();
        let pages = core.pages(list, context.now)?;
        let start = pages.start(request.cursor.as_ref())?;
        let found = core.table.list_cards(request.category_id.as_ref(), request.limit.get(), start.as_ref()).await?;
        let cards = found.items.into_iter().map(ListingCard::from).collect();
        Ok(Okay(pages.page(cards, found.end.as_ref())?))
    }
}
