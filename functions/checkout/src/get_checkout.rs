//! `GET /checkouts/{checkout_id}`: a checkout with its orders, for the member who made it or a guest with its
//! secret.
//!
//! Somebody else's checkout, one with a wrong secret and no checkout at all give the same answer, so nobody
//! learns here that one exists.

use domain::{
    ErrorCode,
    checkout::{Checkout, CheckoutError, codes},
    ids::CheckoutId,
    orders::{self, OrderError},
};
use schemars::JsonSchema;
use serde::Deserialize;
use shared::{
    Failure,
    api::{Context, Endpoint, Method, Okay, Route, Tools as _, Touch, UserOrGuest},
    secrets::SecretName,
    store::{Kind, orders::WRONG_SECRETS},
};

use crate::CheckoutTools;

/// The endpoint.
#[derive(Debug)]
pub struct GetCheckout;

/// Which checkout.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GetCheckoutRequest {
    /// Its id.
    pub checkout_id: CheckoutId,
}

impl Endpoint for GetCheckout {
    const ROUTE: Route = Route::new("checkout.get_checkout", Method::Get, "/checkouts/{checkout_id}")
        .summary("Get a checkout: its member by token, a guest by the Order-Secret header")
        .touches(&[
            Touch::Get(Kind::PAYMENT),
            Touch::BatchGet(Kind::ORDER),
            Touch::Update(Kind::LIMIT_COUNTER),
            Touch::Secret(SecretName::OrderKey),
        ]);
    const ERRORS: &'static [ErrorCode] = &[codes::NOT_FOUND, orders::codes::TOO_MANY_WRONG_SECRETS];

    type Tools = CheckoutTools;
    type Caller = UserOrGuest;
    type Request = GetCheckoutRequest;
    type Reply = Okay<Checkout>;

    async fn handle(
        tools: &CheckoutTools,
        caller: UserOrGuest,
        request: GetCheckoutRequest,
        context: &Context,
    ) -> Result<Self::Reply, Failure> {
        let table = &tools.core().table;
        let is_right = match &caller.secret {
            Some(secret) => Some(tools.order_secrets()?.opens_checkout(request.checkout_id, secret)),
            None => None,
        };
        // Whether a secret is right is known without the checkout, so a wrong one alone has nothing looked up.
        let found = match (&caller.user, is_right) {
            (None, Some(false)) => None,
            _ => table.get_payment(request.checkout_id).await?,
        };
        let theirs = found.filter(|payment| match payment.buyer {
            Some(buyer) => caller.user.as_ref().is_some_and(|user| user.user_id == buyer),
            None => is_right == Some(true),
        });
        let Some(payment) = theirs else {
            if is_right == Some(false) {
                let counted = table.count(&WRONG_SECRETS, &context.source, context.now).await?;
                counted.or_else(|retry_after_s| OrderError::TooManyWrongSecrets { retry_after_s })?;
            }
            return Err(CheckoutError::NotFound.into());
        };
        Ok(Okay(table.with_orders(payment).await?.shown_to_buyer(context.now)))
    }
}
