//! The handler of notices for a store: each of its owners gets a mail, as an effect of its own, so that
//! an address to which nothing can be sent keeps no other owner from hearing of it.

use domain::{
    Money, Timestamp,
    ids::OrderId,
    processes::{Notice, Party},
};
use shared::{
    Fault,
    store::outbox::{Effect, OutboxEvent},
};

use crate::{NotificationsTools, attempt::Outcome};

/// Writes the mails of the owners in the place of the event.
pub(crate) async fn carry_out(
    tools: &NotificationsTools,
    event: &OutboxEvent,
    notice: Notice,
    order_id: OrderId,
    amount: Option<Money>,
    now: Timestamp,
) -> Result<Outcome, Fault> {
    let table = &tools.core.table;
    let Some(order) = table.get_order(order_id).await? else {
        return Ok(Outcome::Pointless("the order is gone"));
    };
    let mut mails = Vec::new();
    // Who is erased meanwhile is told nothing.
    if let Some(owner) = table.get_user(order.store_id.keeper_of_stall()).await? {
        mails.push(Effect::MailOrder {
            to: owner.email,
            party: Party::Store,
            notice,
            order_id,
            language: owner.language,
            amount,
        });
    }
    table.replace_event(event, mails, now).await?;
    Ok(Outcome::Noted)
}
