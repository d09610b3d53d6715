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
    store::{
        Kind,
        orders::{StoredOrder, WRONG_SECRETS},
    },
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
        .touches(&[Touch::Get(Kind::ORDER), Touch::Update(Kind::LIMIT_COUNTER), Touch::Secret(SecretName::OrderKey)]);
    const ERRORS: &'static [ErrorCode] = &[codes::NOT_FOUND, codes::TOO_MANY_WRONG_SECRETS];

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
        let table = &tools.core().table;
        let found = table.get_order(request.order_id).await?;
        let secrets = tools.order_secrets()?;
        let is_opened = |order: &StoredOrder| {
            caller.secret.as_ref().is_some_and(|secret| secrets.opens_order(order.id, order.checkout_id, secret))
        };
        let theirs = found.filter(|order| match order.buyer {
            Some(buyer) => caller.user.as_ref().is_some_and(|user| user.user_id == buyer),
            None => is_opened(order),
        });
        let Some(order) = theirs else {
            // A secret that opens nothing is counted, whether or not there is such an order.
            if caller.secret.is_some() {
                let counted = table.count(&WRONG_SECRETS, &context.source, context.now).await?;
                counted.or_else(|retry_after_s| OrderError::TooManyWrongSecrets { retry_after_s })?;
            }
            return Err(OrderError::NotFound.into());
        };
        Ok(Okay(order.shown_to_buyer(context.now)))
    }
}
