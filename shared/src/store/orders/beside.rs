//! What a step of an order writes besides the order.

use domain::{
    ids::RefundId,
    orders::OrderStatus,
    processes::{
        Actor,
        sell::{SellRow, SellState},
    },
};

use super::{
    super::{
        audit::AuditRow,
        refunds::{Refund, RefundCause, RefundState},
    },
    By, StoredOrder,
};
use crate::{
    fault::{Fault, FaultKind},
    random,
};

pub(super) fn too_much() -> Fault {
    Fault::new(FaultKind::Corrupt, "more is given back than an order has left")
}

/// The refund of all that is left of an order. It is due at once.
pub(super) fn refund_of(order: &StoredOrder, row: &SellRow, by: &By<'_>) -> Result<Refund, Fault> {
    let cause = match row.to {
        SellState::ReturnRefunding => RefundCause::Return,
        _ => RefundCause::Cancel,
    };
    Ok(Refund {
        id: RefundId::new(by.now, random::entropy()?),
        order_id: order.id,
        checkout_id: order.checkout_id,
        amount: order.left(),
        cause,
        state: RefundState::Due,
        attempt: 1,
        asked: 0,
        ask_at: by.now,
        created_at: by.now,
        version: 1,
    })
}

pub(super) fn audit(
    order: &StoredOrder,
    from: Option<OrderStatus>,
    event: &str,
    actor: Actor,
    by: &By<'_>,
) -> AuditRow {
    AuditRow {
        order_id: order.id,
        version: order.version,
        at: by.now,
        event: event.to_owned(),
        actor: actor.name().to_owned(),
        user_id: by.user_id,
        from,
        to: order.status,
        request_id: by.request_id.to_owned(),
    }
}
