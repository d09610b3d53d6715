//! Every minute: checkouts that were not paid in time expire with all their orders, and their stock can be
//! bought again.
//!
//! A checkout that is confirming does not expire: its buyer may have paid. Who settles it is the
//! schedule that asks the provider.

use domain::{
    ids::CheckoutId,
    processes::{Actor, payment::PaymentEvent},
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

use crate::CheckoutTools;

/// The job.
#[derive(Debug)]
pub struct ExpireHolds;

impl Job for ExpireHolds {
    const ROUTE: JobRoute = JobRoute {
        id: "checkout.expire_holds",
        summary: "Expire orders that were not paid in time and release their stock",
        trigger: Trigger::EveryMinutes(1),
        touches: &[
            Touch::QueryIndex(Kind::PAYMENT, Index::Due),
            Touch::Get(Kind::PAYMENT),
            Touch::BatchGet(Kind::ORDER),
            Touch::Put(Kind::PAYMENT),
            Touch::Update(Kind::PAYMENT),
            Touch::Put(Kind::ORDER),
            Touch::Put(Kind::AUDIT_ROW),
            Touch::Update(Kind::STOCK),
            Touch::Update(Kind::HOLDINGS),
            Touch::Update(Kind::HOLDINGS_OF_VARIANT),
        ],
        memory_mb: 128,
        time_out_s: 50,
    };

    type Tools = CheckoutTools;
    type Event = Tick;

    async fn run(tools: &CheckoutTools, _: Tick, context: &JobContext) -> Result<JobReport, Fault> {
        let mut due = tools.core.table.ended_holds(context.now);
        let mut sweep = Sweep::default();
        while let Some(id) = due.next(&context.work_time).await? {
            sweep.note(due.settle(expire(tools, id, context).await).await);
        }
        sweep.end()
    }
}

async fn expire(tools: &CheckoutTools, id: CheckoutId, context: &JobContext) -> Result<(), Failure> {
    let table = &tools.core.table;
    // The index is only a hint: it may lag behind the payment.
    let Some(payment) = table.get_payment(id).await? else { return Ok(()) };
    let Ok(row) = payment.step(PaymentEvent::Expire, Actor::Time, context.now) else { return Ok(()) };
    let checkout = table.with_orders(payment).await?;
    let by = By { now: context.now, request_id: &context.request_id, user_id: None };
    let outcome = match table.transaction().move_payment(&checkout, row, &by) {
        Ok((transaction, _)) => transaction.commit().await,
        Err(fault) => Err(fault.into()),
    };
    match outcome {
        Err(failure) if !is_race(&failure) => Err(failure),
        _ => Ok(()),
    }
}
