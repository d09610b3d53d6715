//! `GET /orders/{order_id}`: an order, for the member who placed it or a guest with its secret.
//!
//! Somebody else's order, an order with a wrong secret and no order at all give the same answer, so
//! nobody learns here that an order exists.

use domain::{
    ErrorCode,
    ids::OrderId,
    orders::{Order, OrderError, codes},
};
use schemars::JsonSchema;
use serde::Deserialize;
use shared::{
    Failure,
    api::{Context, Endpoint, Method, Okay, Route, Tools as _, Touch, UserOrGuest},
    secrets::SecretName,
    store::Kind,
};

use crate::OrdersTools;

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
        .touches(&[Touch::Get(Kind::Order), Touch::Secret(SecretName::OrderKey)]);
    const ERRORS: &'static [ErrorCode] = &[codes::NOT_FOUND];

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
        let secrets = tools.order_secrets()?;
        let order = tools.core().table.get_order(request.order_id).await?.ok_or(OrderError::NotFound)?;
        let is_theirs = match &caller {
            UserOrGuest::User(user) => order.buyer == Some(user.user_id),
            UserOrGuest::Guest(secret) => order.buyer.is_none() && secrets.is_right(order.id, secret),
        };
        if is_theirs { Ok(Okay(order.shown_to_buyer(context.now))) } else { Err(OrderError::NotFound.into()) }
    }
}
