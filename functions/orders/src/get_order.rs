//! `GET /orders/{order_id}`: an order, for the member who placed it or a guest with its secret.
//!
//! Somebody else's order, an order with a wrong secret and no order at all give the same answer, so
//! nobody learns here that an order exists.

use domain::{ErrorCode, ids::OrderId, orders::Order};
use schemars::JsonSchema;
use serde::Deserialize;
use shared::{
    Failure,
    api::{Context, Endpoint, Method, Okay, Route, UserOrGuest},
};

use crate::{OrdersTools, theirs};

/// The endpoint.
#[derive(Debug)]
pub struct GetOrder;

/// Which order.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GetOrderRequest {
    /// Its id.
    pub order_id: OrderId,
}

impl Endpoint for GetOrder {
    const ROUTE: Route = Route::new("orders.get_order", Method::Get, "/orders/{order_id}")
        .summary("Get an order: its member by token, a guest by the Order-Secret header")
        .touches(theirs::TOUCHES);
    const ERRORS: &'static [ErrorCode] = theirs::ERRORS;

    type Tools = OrdersTools;
    type Caller = UserOrGuest;
    type Request = GetOrderRequest;
    type Reply = Okay<Order>;

    async fn handle(
        tools: &OrdersTools,
        caller: UserOrGuest,
        request: GetOrderRequest,
        context: &Context,
    ) -> Result<Self::Reply, Failure> {
        let order = theirs::find(tools, &caller, request.order_id, context).await?;
        Ok(Okay(order.shown_to_buyer(context.now)))
    }
}
