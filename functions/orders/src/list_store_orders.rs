//! `GET /stores/{store_id}/orders`: what a store was paid for, the newest first, with whom and where it goes to
//! and what the store can do next.

use domain::{
    ErrorCode,
    ids::StoreId,
    orders::{Order, OrderStatus},
    processes::State as _,
};
use schemars::JsonSchema;
use serde::Deserialize;
use shared::{
    Failure,
    api::{Context, Cursor, Endpoint, Method, Okay, Page, PageSize, Pages, Route, StoreMember, Touch, problem},
    store::{Index, Kind, cursor::List},
    touches,
};

use crate::OrdersTools;

/// The endpoint.
#[derive(Debug)]
pub struct ListStoreOrders;

/// Which orders.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ListStoreOrdersRequest {
    /// Which store.
    pub store_id: StoreId,
    /// Only those in this state.
    #[serde(default)]
    pub status: Option<OrderStatus>,
    /// How many.
    #[serde(default)]
    pub limit: PageSize,
    /// The `next_cursor` of the page before.
    #[serde(default)]
    pub cursor: Option<Cursor>,
}

impl Endpoint for ListStoreOrders {
    const ROUTE: Route = Route::new("orders.list_store_orders", Method::Get, "/stores/{store_id}/orders")
        .summary("List what a store was paid for, newest first")
        .touches(touches![
            Pages::TOUCHES,
            &[
                Touch::QueryIndex(Kind::ORDER, Index::Gsi2),
                Touch::QueryIndex(Kind::ORDER, Index::Gsi3),
                Touch::BatchGet(Kind::ORDER),
            ],
        ]);
    const ERRORS: &'static [ErrorCode] = &[problem::codes::CURSOR_INVALID];

    type Tools = OrdersTools;
    type Caller = StoreMember;
    type Request = ListStoreOrdersRequest;
    type Reply = Okay<Page<Order>>;

    async fn handle(
        tools: &OrdersTools,
        caller: StoreMember,
        request: ListStoreOrdersRequest,
        context: &Context,
    ) -> Result<Self::Reply, Failure> {
        let (core, now) = (&tools.core, context.now);
        let principal = caller.user.user_id.to_string();
        let status = request.status.map_or("", OrderStatus::name);
        let filters = format!("store_id={}&status={status}", caller.store_id);
        let pages = core.pages(List { operation: Self::ROUTE.id, principal: &principal, filters: &filters }, now)?;
        let start = pages.start(request.cursor.as_ref())?;
        let limit = request.limit.get();
        let found = core.table.list_orders_of_store(caller.store_id, request.status, limit, start.as_ref()).await?;
        let orders = found.items.iter().map(|order| order.shown_to_store(now)).collect();
        Ok(Okay(pages.page(orders, found.end.as_ref())?))
    }
}
