//! Every minute: orders that were not paid in time expire, and their stock can be bought again.
//!
//! An order that is confirming does not expire: its buyer may have paid. Who settles it is the
//! schedule that asks the provider.

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
    store::{Index, Kind},
};

use crate::{
    CheckoutTools,
    settle::{self, By},
};

/// How many orders one run takes from each shard. What is left is due at the next run.
const ORDERS_MAX: u32 = 50;

/// The job.
#[derive(Debug)]
pub struct ExpireHolds;

impl Job for ExpireHolds {
    const ROUTE: JobRoute = JobRoute {
        id: "checkout.expire_holds",
        summary: "Expire orders that were not paid in time and release their stock",
        trigger: Trigger::EveryMinutes(1),
        touches: &[
            Touch::QueryIndex(Kind::ORDER, Index::Due),
            Touch::Get(Kind::ORDER),
            Touch::Put(Kind::ORDER),
            Touch::Put(Kind::AUDIT_ROW),
            Touch::Update(Kind::STOCK),
        ],
        memory_mb: 128,
        time_out_s: 50,
    };

    type Tools = CheckoutTools;
    type Event = Tick;

    async fn run(tools: &CheckoutTools, _: Tick, context: &JobContext) -> Result<JobReport, Fault> {
        let due = tools.core.table.orders_with_ended_holds(context.now, ORDERS_MAX).await?;
        let mut sweep = Sweep::default();
        for id in due {
            sweep.note(expire(tools, id, context).await);
        }
        sweep.end()
    }
}

async fn expire(tools: &CheckoutTools, id: OrderId, context: &JobContext) -> Result<(), Failure> {
    let table = &tools.core.table;
    // The index is only a hint: it may lag behind the order.
    let Some(order) = table.get_order(id).await? else { return Ok(()) };
    let Ok(row) = order.step(SellEvent::Expire, Actor::Time, context.now) else { return Ok(()) };
    let expired = order.moved(row, context.now);
    let how = settle::move_by(&By { now: context.now, request_id: &context.request_id })?;
    match table.transaction().move_order(&order, row, &expired, &how, settle::raced).commit().await {
        Err(failure) if !settle::is_race(&failure) => Err(failure),
        _ => Ok(()),
    }
}
