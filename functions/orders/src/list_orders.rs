//! `GET /orders`: what a member ordered, the newest first, from whatever device.
//!
//! A guest's orders are in no list: each has its secret, which is in the mail.

use domain::{
    ErrorCode,
    orders::{Order, OrderStatus},
    processes::State as _,
};
use schemars::JsonSchema;
use serde::Deserialize;
use shared::{
    Failure,
    api::{Context, Cursor, Endpoint, Method, Okay, Page, PageSize, Pages, Route, SignedIn, Touch, problem},
    store::{Index, Kind, cursor::List},
    touches,
};

use crate::OrdersTools;

/// The endpoint.
#[derive(Debug)]
pub struct ListOrders;

/// Which orders.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ListOrdersRequest {
    /// Only those in this state. Such a page may be short, or empty, while more follow: `next_cursor` decides.
    #[serde(default)]
    pub status: Option<OrderStatus>,
    /// How many.
    #[serde(default)]
    pub limit: PageSize,
    /// The `next_cursor` of the page before.
    #[serde(default)]
    pub cursor: Option<Cursor>,
}

impl Endpoint for ListOrders {
    const ROUTE: Route = Route::new("orders.list_orders", Method::Get, "/orders")
        .summary("List what a member ordered, newest first")
        .touches(touches![
            Pages::TOUCHES,
            &[Touch::Get(Kind::USER), Touch::QueryIndex(Kind::ORDER, Index::Gsi1), Touch::BatchGet(Kind::ORDER),],
        ]);
    const ERRORS: &'static [ErrorCode] = &[problem::codes::CURSOR_INVALID];

    type Tools = OrdersTools;
    type Caller = SignedIn;
    type Request = ListOrdersRequest;
    type Reply = Okay<Page<Order>>;

    async fn handle(
        tools: &OrdersTools,
        caller: SignedIn,
        request: ListOrdersRequest,
        context: &Context,
    ) -> Result<Self::Reply, Failure> {
        let (core, now) = (&tools.core, context.now);
        let principal = caller.user_id.to_string();
        let filters = request.status.map_or_else(String::new, |status| format!("status={}", status.name()));
        let pages = core.pages(List { operation: Self::ROUTE.id, principal: &principal, filters: &filters }, now)?;
        let start = pages.start(request.cursor.as_ref())?;
        let limit = request.limit.get();
        let (user, found) = tokio::join!(
            core.table.get_caller(&caller),
            core.table.list_orders_of_buyer(caller.user_id, request.status, limit, start.as_ref()),
        );
        user?;
        let found = found?;
        let orders = found.items.iter().map(|order| order.shown_to_buyer(now)).collect();
        Ok(Okay(pages.page(orders, found.end.as_ref())?))
    }
}
