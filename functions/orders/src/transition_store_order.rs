//! `POST /stores/{store_id}/orders/{order_id}/transitions`: the store's steps of an order: to prepare the parcel,
//! to hand it to a carrier, to note that it arrived, to call the order off.

use domain::{
    ErrorCode, FieldCode,
    ids::{OrderId, StoreId},
    orders::{Cancellation, CancelledBy, Carrier, Order, OrderError, Shipment, TrackingNumber, codes},
    processes::{
        Actor,
        sell::{StoreAction, WaitsFor},
    },
    text::{CancelNote, CarrierName},
};
use schemars::JsonSchema;
use serde::Deserialize;
use shared::{
    Failure,
    api::{Context, Endpoint, Method, Okay, Route, StoreMember, Touch, problem::RequestError},
    store::{
        Kind,
        orders::{By, StoredOrder, is_race, raced},
    },
};

use crate::OrdersTools;

/// How often an order is read anew when somebody else moved it meanwhile.
const TRIES: usize = 3;

/// The endpoint.
#[derive(Debug)]
pub struct TransitionStoreOrder;

/// What to do with which order.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TransitionStoreOrderRequest {
    /// Which store.
    pub store_id: StoreId,
    /// Which of its orders.
    pub order_id: OrderId,
    /// What to do: one of the order's `actions`.
    pub action: StoreAction,
    /// To `ship`: who carries the parcel.
    #[serde(default)]
    pub carrier: Option<Carrier>,
    /// To `ship` with carrier `other`: what it is called.
    #[serde(default)]
    pub carrier_name: Option<CarrierName>,
    /// To `ship`: the carrier's number of the parcel.
    #[serde(default)]
    pub tracking_number: Option<TrackingNumber>,
    /// To `cancel`: why. The buyer reads it.
    #[serde(default)]
    pub reason: Option<CancelNote>,
}

/// A step with all that it takes.
#[derive(Debug)]
enum Step {
    Prepare,
    Ship { carrier: Carrier, carrier_name: Option<CarrierName>, tracking_number: TrackingNumber },
    Deliver,
    Cancel { reason: CancelNote },
}

impl Endpoint for TransitionStoreOrder {
    const ROUTE: Route =
        Route::new("orders.transition_store_order", Method::Post, "/stores/{store_id}/orders/{order_id}/transitions")
            .summary("Prepare, ship, deliver or call off an order of a store")
            .touches(&[
                Touch::Get(Kind::ORDER),
                Touch::Put(Kind::ORDER),
                Touch::Put(Kind::REFUND),
                Touch::Put(Kind::AUDIT_ROW),
                Touch::Put(Kind::OUTBOX_EVENT),
                Touch::Update(Kind::STOCK),
            ])
            .idempotent();
    const ERRORS: &'static [ErrorCode] = &[codes::NOT_FOUND, codes::ACTION_NOT_OPEN];

    type Tools = OrdersTools;
    type Caller = StoreMember;
    type Request = TransitionStoreOrderRequest;
    type Reply = Okay<Order>;

    async fn handle(
        tools: &OrdersTools,
        caller: StoreMember,
        request: TransitionStoreOrderRequest,
        context: &Context,
    ) -> Result<Self::Reply, Failure> {
        let (order_id, action) = (request.order_id, request.action);
        let step = step_of(request)?;
        for _ in 0..TRIES {
            let found = tools.core.table.get_order(order_id).await?;
            let order = found.filter(|order| order.store_id == caller.store_id).ok_or(OrderError::NotFound)?;
            match take(tools, &caller, order, action, &step, context).await {
                Err(failure) if is_race(&failure) => {}
                done => return done,
            }
        }
        Err(raced().into())
    }
}

/// The step that a request asks for. What belongs to another step is refused, so that nothing gets lost.
fn step_of(request: TransitionStoreOrderRequest) -> Result<Step, RequestError> {
    let TransitionStoreOrderRequest { action, carrier, carrier_name, tracking_number, reason, .. } = request;
    let is_other = carrier == Some(Carrier::Other);
    let sent = [
        ("/carrier", carrier.is_some(), action == StoreAction::Ship),
        ("/carrier_name", carrier_name.is_some(), action == StoreAction::Ship && is_other),
        ("/tracking_number", tracking_number.is_some(), action == StoreAction::Ship),
        ("/reason", reason.is_some(), action == StoreAction::Cancel),
    ];
    for (pointer, is_there, is_wanted) in sent {
        if is_there && !is_wanted {
            return Err(RequestError::of_field(
                pointer,
                FieldCode::Unknown,
                "does not belong to this action",
                "이 작업에는 쓰지 않는 항목입니다",
            ));
        }
    }
    let missing = |pointer, english, korean| RequestError::of_field(pointer, FieldCode::Required, english, korean);
    Ok(match action {
        StoreAction::Prepare => Step::Prepare,
        StoreAction::Deliver => Step::Deliver,
        StoreAction::Ship => {
            let carrier = carrier.ok_or_else(|| missing("/carrier", "choose a carrier", "택배사를 선택해 주세요"))?;
            if is_other && carrier_name.is_none() {
                return Err(missing("/carrier_name", "say which carrier it is", "택배사 이름을 입력해 주세요"));
            }
            let tracking_number = tracking_number.ok_or_else(|| {
                missing("/tracking_number", "enter the tracking number", "운송장 번호를 입력해 주세요")
            })?;
            Step::Ship { carrier, carrier_name, tracking_number }
        }
        StoreAction::Cancel => Step::Cancel {
            reason: reason.ok_or_else(|| missing("/reason", "tell the buyer why", "취소 사유를 입력해 주세요"))?,
        },
    })
}

async fn take(
    tools: &OrdersTools,
    caller: &StoreMember,
    mut order: StoredOrder,
    action: StoreAction,
    step: &Step,
    context: &Context,
) -> Result<Okay<Order>, Failure> {
    let now = context.now;
    let not_open = OrderError::ActionNotOpen { status: order.status };
    // Until it is paid, an order is its buyer's alone to call off: it has its payment in common with others.
    let row = match order.status.waits_for() {
        Some(WaitsFor::Payment) => return Err(not_open.into()),
        _ => order.step(action.event(), Actor::Seller, now).map_err(|_| not_open)?,
    };
    match step {
        Step::Prepare | Step::Deliver => {}
        Step::Ship { carrier, carrier_name, tracking_number } => {
            let (carrier_name, tracking_number) = (carrier_name.clone(), tracking_number.clone());
            order.shipment = Some(Shipment { carrier: *carrier, carrier_name, tracking_number, shipped_at: now });
        }
        Step::Cancel { reason } => {
            order.cancellation = Some(Cancellation { by: CancelledBy::Seller, reason: Some(reason.clone()), at: now });
        }
    }
    let by = By { now, request_id: &context.request_id, user_id: Some(caller.user.user_id) };
    let (writes, next) = tools.core.table.transaction().move_order(&order, row, &by)?;
    let reply = Okay(next.shown_to_store(now));
    writes.remember(context.claim.as_ref(), &reply).commit().await?;
    Ok(reply)
}
