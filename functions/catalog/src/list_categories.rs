//! `GET /categories`: the categories in which things are offered, in their order.
//!
//! A new marketplace has nine to start with; what is stored in the table changes, adds or hides.

use domain::{ErrorCode, catalog::CategoryId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use shared::{
    Failure,
    api::{Anyone, Context, Empty, Endpoint, Method, Okay, Page, Route, Tools as _, Touch},
    store::Kind,
};

use crate::CatalogTools;

/// The endpoint.
#[derive(Debug)]
pub struct ListCategories;

/// A category.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct ShownCategory {
    /// Its id, a word that is good in an address.
    pub id: CategoryId,
    /// Its name in English.
    pub name: String,
    /// Its name in Korean.
    pub name_ko: String,
}

impl Endpoint for ListCategories {
    const ROUTE: Route = Route::new("catalog.list_categories", Method::Get, "/categories")
        .summary("List the categories")
        .touches(&[Touch::Query(Kind::CATEGORY)])
        .cache_s(60);
    const ERRORS: &'static [ErrorCode] = &[];

    type Tools = CatalogTools;
    type Caller = Anyone;
    type Request = Empty;
    type Reply = Okay<Page<ShownCategory>>;

    async fn handle(tools: &CatalogTools, _: Anyone, _: Empty, _: &Context) -> Result<Self::Reply, Failure> {
        let categories = tools.core().table.list_categories().await?;
        let items = categories
            .into_iter()
            .map(|category| ShownCategory { id: category.id, name: category.name, name_ko: category.name_ko })
            .collect();
        Ok(Okay(Page::all(items)))
    }
}
