//! Every ten minutes: a delivered order counts as received when the buyer has said nothing for seven days.

use domain::{
    ids::OrderId,
    processes::{Actor, sell::SellEvent},
};
use shared::{
    Failure, Fault,
    api::{
        Job, JobContext, JobRoute, Touch, Trigger,
        job::{JobReport, Sweep, Tick},
    },
    store::{
        Index, Kind,
        orders::{By, is_race},
    },
};

use crate::OrdersTools;

/// The job.
#[derive(Debug)]
pub struct ConfirmReceipts;

impl Job for ConfirmReceipts {
    const ROUTE: JobRoute = JobRoute {
        id: "orders.confirm_receipts",
        summary: "Count delivered orders as received when their buyers say nothing",
        trigger: Trigger::EveryMinutes(10),
        touches: &[
            Touch::QueryIndex(Kind::ORDER, Index::Due),
            Touch::Get(Kind::ORDER),
            Touch::Put(Kind::ORDER),
            Touch::Update(Kind::ORDER),
            Touch::Put(Kind::AUDIT_ROW),
            Touch::Put(Kind::OUTBOX_EVENT),
        ],
        memory_mb: 128,
        time_out_s: 120,
    };

    type Tools = OrdersTools;
    type Event = Tick;

    async fn run(tools: &OrdersTools, _: Tick, context: &JobContext) -> Result<JobReport, Fault> {
        let mut due = tools.core.table.orders_to_confirm(context.now);
        let mut sweep = Sweep::default();
        while let Some(id) = due.next(&context.work_time).await? {
            sweep.note(due.settle(confirm(tools, id, context).await).await);
        }
        sweep.end()
    }
}

async fn confirm(tools: &OrdersTools, id: OrderId, context: &JobContext) -> Result<(), Failure> {
    let table = &tools.core.table;
    // The index is only a hint: it may lag behind the order.
    let Some(order) = table.get_order(id).await? else { return Ok(()) };
    let Ok(row) = order.step(SellEvent::ConfirmReceipt, Actor::Time, context.now) else { return Ok(()) };
    let by = By { now: context.now, request_id: &context.request_id, user_id: None };
    let (transaction, _) = table.transaction().move_order(&order, row, &by)?;
    match transaction.commit().await {
        Err(failure) if is_race(&failure) => Ok(()),
        outcome => outcome,
    }
}
