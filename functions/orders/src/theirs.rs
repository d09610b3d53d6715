//! The order of a caller: of the member who placed it, or of a guest who shows its secret.

use domain::{
    ErrorCode,
    ids::OrderId,
    orders::{OrderError, codes},
};
use shared::{
    Failure,
    api::{Context, Touch, UserOrGuest},
    secrets::SecretName,
    store::{
        Kind,
        orders::{StoredOrder, WRONG_SECRETS},
    },
};

use crate::OrdersTools;

/// What finding it touches.
pub(crate) const TOUCHES: &[Touch] =
    &[Touch::Get(Kind::ORDER), Touch::Update(Kind::LIMIT_COUNTER), Touch::Secret(SecretName::OrderKey)];

/// How finding it is refused.
pub(crate) const ERRORS: &[ErrorCode] = &[codes::NOT_FOUND, codes::TOO_MANY_WRONG_SECRETS];

/// The caller's order. Somebody else's order, an order with a wrong secret and no order at all give the same
/// answer.
///
/// # Errors
/// [`OrderError::NotFound`], [`OrderError::TooManyWrongSecrets`], or when the table does not answer.
pub(crate) async fn find(
    tools: &OrdersTools,
    caller: &UserOrGuest,
    order_id: OrderId,
    context: &Context,
) -> Result<StoredOrder, Failure> {
    let table = &tools.core.table;
    let found = table.get_order(order_id).await?;
    let secrets = tools.order_secrets()?;
    let is_opened = |order: &StoredOrder| {
        caller.secret.as_ref().is_some_and(|secret| secrets.opens_order(order.id, order.checkout_id, secret))
    };
    let theirs = found.filter(|order| match order.buyer {
        Some(buyer) => caller.user.as_ref().is_some_and(|user| user.user_id == buyer),
        None => is_opened(order),
    });
    if let Some(order) = theirs {
        return Ok(order);
    }
    // A secret that opens nothing is counted, whether or not there is such an order.
    if caller.secret.is_some() {
        let counted = table.count(&WRONG_SECRETS, &context.source, context.now).await?;
        counted.or_else(|retry_after_s| OrderError::TooManyWrongSecrets { retry_after_s })?;
    }
    Err(OrderError::NotFound.into())
}
