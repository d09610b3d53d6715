//! `PATCH /stores/{store_id}`: what a store is called and tells of itself, as its owner wants it.
//!
//! What is left out stays as it is. The new name is taken and the one before given back in the
//! transaction that changes the store, so each name is one store's. What is listed shows the name that
//! the store had when it was listed.

use domain::{
    ErrorCode, FieldCode,
    ids::StoreId,
    stores::{StoresError, codes},
    text::{StoreName, StoreStory},
    timestamp::Seconds,
};
use schemars::JsonSchema;
use serde::Deserialize;
use shared::{
    Failure,
    api::{
        Context, Endpoint, Method, Okay, Route, StoreOwner, Tools as _, Touch, problem::RequestError, request::present,
    },
    store::{Kind, limits::Limit, stores::OwnedStore, users::User},
};

use crate::{CatalogTools, ShownStore};

/// Who has seen a store once shall find it again a day later.
const NAMES: Limit = Limit { feature: "store-names", most: 3, window: Seconds::days(1) };

/// The endpoint.
#[derive(Debug)]
pub struct UpdateStore;

/// What shall be otherwise; at least one field.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("minProperties" = 1, "examples" = [{ "name": "Oak & Linen", "story": null }]))]
pub struct UpdateStoreRequest {
    /// Which store.
    pub store_id: StoreId,
    /// What it is called. May be changed three times a day.
    #[serde(default, deserialize_with = "present")]
    #[schemars(with = "StoreName")]
    pub name: Option<StoreName>,
    /// What it tells of itself; null for nothing.
    #[serde(default, deserialize_with = "present")]
    #[schemars(with = "Option<StoreStory>")]
    pub story: Option<Option<StoreStory>>,
}

impl Endpoint for UpdateStore {
    const ROUTE: Route = Route::new("catalog.update_store", Method::Patch, "/stores/{store_id}")
        .summary("Change what a store is called and tells of itself")
        .touches(&[
            Touch::BatchGet(Kind::STORE),
            Touch::BatchGet(Kind::USER),
            Touch::Get(Kind::USER),
            Touch::Check(Kind::USER),
            Touch::Check(Kind::MEMBERSHIP),
            Touch::Put(Kind::STORE),
            Touch::Update(Kind::STORE),
            Touch::Put(Kind::MEMBERSHIP),
            Touch::Put(Kind::STORE_NAME_OWNER),
            Touch::Delete(Kind::STORE_NAME_OWNER),
            Touch::Update(Kind::LIMIT_COUNTER),
        ]);
    const ERRORS: &'static [ErrorCode] = &[codes::NAME_TAKEN, codes::TOO_MANY_NAMES];

    type Tools = CatalogTools;
    type Caller = StoreOwner;
    type Request = UpdateStoreRequest;
    type Reply = Okay<ShownStore>;

    async fn handle(
        tools: &CatalogTools,
        caller: StoreOwner,
        request: UpdateStoreRequest,
        context: &Context,
    ) -> Result<Self::Reply, Failure> {
        if request.name.is_none() && request.story.is_none() {
            return Err(RequestError::of_field(
                "",
                FieldCode::Required,
                "must have at least one field to change",
                "바꿀 항목을 하나 이상 보내야 합니다",
            )
            .into());
        }
        let member = caller.0;
        let table = &tools.core().table;
        let found = table.get_store_and_owner(member.store_id).await?;
        let OwnedStore { store: before, owner, is_written } = found.ok_or(StoresError::NotFound)?;
        let mut after = before.clone();
        after.name = request.name.unwrap_or(after.name);
        after.story = request.story.unwrap_or(after.story);
        if after == before {
            return Ok(Okay(ShownStore::new(after, owner)));
        }
        let mut writes = table
            .transaction()
            .check(&User::key(member.user.user_id), User::is_still(&member.user))
            .or_else(|_| RequestError::SignInNeeded);
        writes = if is_written {
            writes
                .check_membership(member.store_id, member.user.user_id, member.role, || StoresError::NotFound)
                .change_store(&before, &after, || StoresError::NameTaken)
        } else {
            writes.open_store(&after, || StoresError::NameTaken)
        };
        if after.name != before.name {
            let too_many = |retry_after_s| StoresError::TooManyNames { retry_after_s };
            writes = writes.count(NAMES, &after.id.to_string(), context.now, too_many);
        }
        writes.commit().await?;
        Ok(Okay(ShownStore::new(after, owner)))
    }
}
