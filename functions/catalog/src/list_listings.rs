//! `GET /listings`: what is offered, newest first, a page at a time.
//!
//! Read from an index that carries only the cards, so a page costs a fraction of a read unit per
//! listing. The cursor is sealed and good only for the same filters.

use domain::{ErrorCode, FieldError, catalog::CategoryId};
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};
use shared::{
    Failure,
    api::{Anyone, Context, Endpoint, Method, Okay, Route, Tools as _, Touch, problem},
    secrets::SecretName,
    store::{Index, Kind, cursor::List},
};

use crate::{CatalogTools, ListingCard};

/// How many listings a page has unless asked otherwise.
const LIMIT_DEFAULT: u32 = 12;
/// How many listings a page has at most.
const LIMIT_MAX: u32 = 100;

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
    /// How many, 1 to 100.
    #[serde(default = "default_limit", deserialize_with = "limit")]
    #[schemars(range(min = 1, max = 100), extend("default" = 12))]
    pub limit: u32,
    /// The `next_cursor` of the page before.
    #[serde(default)]
    #[schemars(length(max = 2048))]
    pub cursor: Option<String>,
}

const fn default_limit() -> u32 {
    LIMIT_DEFAULT
}

fn limit<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
    let limit = u32::deserialize(deserializer)?;
    if (1..=LIMIT_MAX).contains(&limit) { Ok(limit) } else { Err(FieldError::range(1, LIMIT_MAX).into_serde()) }
}

/// A page of listings.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct ListListingsReply {
    /// The listings, newest first.
    pub items: Vec<ListingCard>,
    /// Asks for the next page; null on the last.
    pub next_cursor: Option<String>,
}

impl Endpoint for ListListings {
    const ROUTE: Route = Route::new("catalog.list_listings", Method::Get, "/listings")
        .summary("List what is offered, newest first")
        .touches(&[
            Touch::QueryIndex(Kind::LISTING, Index::Gsi1),
            Touch::QueryIndex(Kind::LISTING, Index::Gsi2),
            Touch::Secret(SecretName::CursorKey),
        ])
        .cache_s(5);
    const ERRORS: &'static [ErrorCode] = &[problem::codes::CURSOR_INVALID];

    type Tools = CatalogTools;
    type Caller = Anyone;
    type Request = ListListingsRequest;
    type Reply = Okay<ListListingsReply>;

    async fn handle(
        tools: &CatalogTools,
        _: Anyone,
        request: ListListingsRequest,
        context: &Context,
    ) -> Result<Self::Reply, Failure> {
        let key = tools.cursor_key()?;
        let filters = request.category_id.as_ref().map_or_else(String::new, |id| format!("category_id={id}"));
        let list = List { operation: Self::ROUTE.id, principal: "anyone", filters: &filters };
        let after = request.cursor.as_deref().map(|cursor| list.last_key(&key, cursor, context.now)).transpose()?;
        let page = tools.core().table.list_cards(request.category_id.as_ref(), request.limit, after).await?;
        let next_cursor = page.last_key.map(|last| list.cursor(&key, last, context.now)).transpose()?;
        Ok(Okay(ListListingsReply { items: page.cards.into_iter().map(ListingCard::from).collect(), next_cursor }))
    }
}
