//! `POST /orders/{order_id}/transitions`: the buyer's steps of an order: to call it off, to say that the goods
//! are there.
//!
//! An order that is not paid is called off together with the whole checkout: they have one payment. After that
//! each order goes its own way, and the money goes back by a refund, which the transaction makes due.

use domain::{
    ErrorCode,
    ids::OrderId,
    orders::{Cancellation, CancelledBy, Order, OrderError, codes},
    processes::{
        Actor,
        payment::PaymentEvent,
        sell::{BuyerAction, SellRow, WaitsFor},
    },
    text::CancelNote,
};
use schemars::JsonSchema;
use serde::Deserialize;
use shared::{
    Failure, Fault, FaultKind,
    api::{Context, Endpoint, Method, Okay, Route, Touch, UserOrGuest, problem::RequestError},
    codes,
    store::{
        Kind, Transaction,
        orders::{By, StoredOrder, is_race, raced},
        payments::PlacedCheckout,
        users::User,
    },
    touches,
};

use crate::{OrdersTools, theirs};

/// How often an order is read anew when somebody else moved it meanwhile.
const TRIES: usize = 3;

/// The endpoint.
#[derive(Debug)]
pub struct TransitionOrder;

/// What to do with which order.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TransitionOrderRequest {
    /// Which order.
    pub order_id: OrderId,
    /// What to do: one of the order's `actions`, but for `pay`.
    pub action: BuyerAction,
    /// Why, for an order that is called off. The store reads it.
    #[serde(default)]
    pub reason: Option<CancelNote>,
}

impl Endpoint for TransitionOrder {
    const ROUTE: Route = Route::new("orders.transition_order", Method::Post, "/orders/{order_id}/transitions")
        .summary("Call an order off, or say that the goods are there")
        .touches(touches![
            theirs::TOUCHES,
            &[
                Touch::Get(Kind::PAYMENT),
                Touch::BatchGet(Kind::ORDER),
                Touch::Check(Kind::USER),
                Touch::Put(Kind::ORDER),
                Touch::Put(Kind::PAYMENT),
                Touch::Put(Kind::REFUND),
                Touch::Put(Kind::AUDIT_ROW),
                Touch::Put(Kind::OUTBOX_EVENT),
                Touch::Update(Kind::STOCK),
                Touch::Update(Kind::HOLDINGS),
                Touch::Update(Kind::HOLDINGS_OF_VARIANT),
            ],
        ])
        .idempotent();
    const ERRORS: &'static [ErrorCode] = codes![theirs::ERRORS, &[codes::ACTION_NOT_OPEN]];

    type Tools = OrdersTools;
    type Caller = UserOrGuest;
    type Request = TransitionOrderRequest;
    type Reply = Okay<Order>;

    async fn handle(
        tools: &OrdersTools,
        caller: UserOrGuest,
        request: TransitionOrderRequest,
        context: &Context,
    ) -> Result<Self::Reply, Failure> {
        for _ in 0..TRIES {
            let order = theirs::find(tools, &caller, request.order_id, context).await?;
            match take(tools, &caller, order, &request, context).await {
                Err(failure) if is_race(&failure) => {}
                done => return done,
            }
        }
        Err(raced().into())
    }
}

async fn take(
    tools: &OrdersTools,
    caller: &UserOrGuest,
    mut order: StoredOrder,
    request: &TransitionOrderRequest,
    context: &Context,
) -> Result<Okay<Order>, Failure> {
    let table = &tools.core.table;
    let not_open = OrderError::ActionNotOpen { status: order.status };
    let row = order.step(request.action.event(), Actor::Buyer, context.now).map_err(|_| not_open)?;
    if request.action == BuyerAction::Cancel {
        let reason = request.reason.clone();
        order.cancellation = Some(Cancellation { by: CancelledBy::Buyer, reason, at: context.now });
    }
    let user_id = caller.user.as_ref().map(|user| user.user_id);
    let by = By { now: context.now, request_id: &context.request_id, user_id };
    let (mut writes, next) = match order.status.waits_for() {
        Some(WaitsFor::Payment) => call_off(tools, order, &by).await?,
        Some(WaitsFor::Receipt | WaitsFor::Refund) | None => moved(table.transaction(), &order, row, &by)?,
    };
    if let Some(user) = caller.user.as_ref().filter(|user| next.buyer == Some(user.user_id)) {
        writes = writes.check(&User::key(user.user_id), User::is_still(user)).or_else(|_| RequestError::SignInNeeded);
    }
    let reply = Okay(next.shown_to_buyer(context.now));
    writes.remember(context.claim.as_ref(), &reply).commit().await?;
    Ok(reply)
}

fn moved<'t>(
    writes: Transaction<'t>,
    order: &StoredOrder,
    row: &'static SellRow,
    by: &By<'_>,
) -> Result<(Transaction<'t>, StoredOrder), Failure> {
    Ok(writes.move_order(order, row, by)?)
}

/// Calls off the whole checkout of an order that is not paid.
async fn call_off<'t>(
    tools: &'t OrdersTools,
    order: StoredOrder,
    by: &By<'_>,
) -> Result<(Transaction<'t>, StoredOrder), Failure> {
    let table = &tools.core.table;
    let gone = || Fault::new(FaultKind::Corrupt, "an order that is not paid has no payment");
    let payment = table.get_payment(order.checkout_id).await?.ok_or_else(gone)?;
    // Read after the order, so it may have gone on.
    let row = payment.step(PaymentEvent::Cancel, Actor::Buyer, by.now).map_err(|_| raced())?;
    let mut checkout = table.with_orders(payment).await?;
    for each in &mut checkout.orders {
        each.cancellation.clone_from(&order.cancellation);
    }
    let (writes, PlacedCheckout { orders, .. }) = table.transaction().move_payment(&checkout, row, by)?;
    let next = orders.into_iter().find(|each| each.id == order.id).ok_or_else(gone)?;
    Ok((writes, next))
}
