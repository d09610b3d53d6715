//! Every five minutes: effects that should have happened and have not. The stream keeps 24 hours and
//! attempts an effect once; the table keeps it in the due index until it has happened, or is given up.

use shared::{
    Fault,
    api::{
        Job, JobContext, JobRoute, Touch, Trigger,
        job::{JobReport, Tick},
    },
    secrets::SecretName,
    store::{Index, Kind, meter},
};

use crate::{NotificationsTools, attempt};

/// How many effects one run takes from each shard.
const EVENTS_MAX: u32 = 25;

/// The job.
#[derive(Debug)]
pub struct SweepOutbox;

impl Job for SweepOutbox {
    const ROUTE: JobRoute = JobRoute {
        id: "notifications.sweep_outbox",
        summary: "Carry out effects that the stream did not",
        trigger: Trigger::EveryMinutes(5),
        touches: &[
            Touch::QueryIndex(Kind::OutboxEvent, Index::Due),
            Touch::Update(Kind::OutboxEvent),
            Touch::Get(Kind::Suppression),
            Touch::Get(Kind::Order),
            Touch::SendMail,
            Touch::Secret(SecretName::EmailCodeKey),
            Touch::Secret(SecretName::OrderKey),
        ],
        memory_mb: 128,
        time_out_s: 120,
    };

    type Tools = NotificationsTools;
    type Event = Tick;

    async fn run(tools: &NotificationsTools, _: Tick, context: &JobContext) -> Result<JobReport, Fault> {
        let overdue = tools.core.table.overdue_events(context.now, EVENTS_MAX).await?;
        for id in overdue {
            // Told like what went wrong in an attempt, since a run that fails tells of one fault alone.
            if let Err(fault) = attempt::attempt(tools, id, context.now).await {
                meter::our_fault(fault.chain());
            }
        }
        Ok(JobReport::default())
    }
}
