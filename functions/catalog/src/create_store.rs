//! `POST /stores`: open a store.
//!
//! Nobody needs to, to sell something: the first listing makes a stall. Whoever sells under a name of
//! its own, or more than one kind of thing, opens a store. Its name is written down in the same
//! transaction, so no two stores have the same one.

use domain::{
    ErrorCode,
    ids::StoreId,
    stores::{StoresError, codes},
    text::{StoreName, StoreStory},
};
use schemars::JsonSchema;
use serde::Deserialize;
use shared::{
    Failure,
    api::{Context, Created, Endpoint, Method, Route, SignedIn, Tools as _, Touch},
    random,
    store::{Kind, stores::Store},
};

use crate::{CatalogTools, ShownStore};

/// The endpoint.
#[derive(Debug)]
pub struct CreateStore;

/// The store.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateStoreRequest {
    /// What it is called. No other store may be called the same.
    pub name: StoreName,
    /// What it tells of itself.
    #[serde(default)]
    pub story: Option<StoreStory>,
}

impl Endpoint for CreateStore {
    const ROUTE: Route = Route::new("catalog.create_store", Method::Post, "/stores")
        .summary("Open a store")
        .touches(&[
            Touch::Get(Kind::USER),
            Touch::Update(Kind::USER),
            Touch::Put(Kind::STORE),
            Touch::Put(Kind::MEMBERSHIP),
            Touch::Put(Kind::STORE_NAME_OWNER),
        ])
        .idempotent();
    const ERRORS: &'static [ErrorCode] = &[codes::NAME_TAKEN, codes::TOO_MANY_STORES];

    type Tools = CatalogTools;
    type Caller = SignedIn;
    type Request = CreateStoreRequest;
    type Reply = Created<ShownStore>;

    async fn handle(
        tools: &CatalogTools,
        caller: SignedIn,
        request: CreateStoreRequest,
        context: &Context,
    ) -> Result<Self::Reply, Failure> {
        let table = &tools.core().table;
        let owner = table.get_caller(&caller).await?;
        let store = Store {
            id: StoreId::new(context.now, random::entropy()?),
            name: request.name,
            story: request.story,
            owner_id: owner.id,
            created_at: context.now,
        };
        let reply = Created(ShownStore::new(store.clone(), owner));
        table
            .transaction()
            .count_store(&caller)
            .open_store(&store, || StoresError::NameTaken)
            .remember(context.claim.as_ref(), &reply)
            .commit()
            .await?;
        Ok(reply)
    }
}
