//! `GET /orders/{order_id}`: an order, for the member who placed it or a guest with its secret.
//!
//! Somebody else's order, an order with a wrong secret and no order at all give the same answer, so
//! nobody learns here that an order exists.

use domain::{
    ErrorCode,
    ids::OrderId,
    orders::{Order, OrderError, codes},
    timestamp::Seconds,
};
use schemars::JsonSchema;
use serde::Deserialize;
use shared::{
    Failure,
    api::{Context, Endpoint, Method, Okay, Route, Tools as _, Touch, UserOrGuest},
    secrets::SecretName,
    store::{Kind, limits::Limit},
};

use crate::OrdersTools;

/// How often a wrong order secret is looked at from one network address. The right one is never
/// refused: its 256 bits are not found by trying, and others may share the address.
const WRONG_SECRETS: Limit = Limit { feature: "order-secrets-source", most: 20, window: Seconds::hours(1) };

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
        // Whether a secret is right is known without the order, so a wrong one has nothing looked up.
        if let UserOrGuest::Guest(secret) = &caller
            && !tools.order_secrets()?.is_right(request.order_id, secret)
        {
            let counted = table.count(&WRONG_SECRETS, &context.source, context.now).await?;
            counted.or_else(|retry_after_s| OrderError::TooManyWrongSecrets { retry_after_s })?;
            return Err(OrderError::NotFound.into());
        }
        let order = table.get_order(request.order_id).await?.ok_or(OrderError::NotFound)?;
        let is_theirs = match &caller {
            UserOrGuest::User(user) => order.buyer == Some(user.user_id),
            UserOrGuest::Guest(_) => order.buyer.is_none(),
        };
        if is_theirs { Ok(Okay(order.shown_to_buyer(context.now))) } else { Err(OrderError::NotFound.into()) }
    }
}
