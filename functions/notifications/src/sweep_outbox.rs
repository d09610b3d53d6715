//! Every five minutes: effects that should have happened and have not. The stream keeps 24 hours and
//! attempts an effect once; the table keeps it in the due index until it has happened, or is given up.
//!
//! A run takes up all of them, as far as its time goes: what an overload has piled up is worked off as fast
//! as mails can be sent, and not a handful every five minutes.

use shared::{
    Fault,
    api::{
        Job, JobContext, JobRoute, Touch, Trigger,
        job::{JobReport, Tick},
    },
    meter,
    secrets::SecretName,
    store::{Index, Kind},
};

use crate::{NotificationsTools, attempt};

/// The job.
#[derive(Debug)]
pub struct SweepOutbox;

impl Job for SweepOutbox {
    const ROUTE: JobRoute = JobRoute {
        id: "notifications.sweep_outbox",
        summary: "Carry out effects that the stream did not",
        trigger: Trigger::EveryMinutes(5),
        touches: &[
            Touch::QueryIndex(Kind::OUTBOX_EVENT, Index::Due),
            Touch::Update(Kind::OUTBOX_EVENT),
            Touch::Put(Kind::OUTBOX_EVENT),
            Touch::Get(Kind::SUPPRESSION),
            Touch::Get(Kind::ORDER),
            Touch::Get(Kind::USER),
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
        let mut overdue = tools.core.table.overdue_events(context.now);
        while let Some(id) = overdue.next(&context.work_time).await? {
            // Told like what went wrong in an attempt, since a run that fails tells of one fault alone.
            if let Err(fault) = attempt::attempt(tools, id, context.now).await {
                meter::our_fault(fault.chain());
            }
        }
        Ok(JobReport::default())
    }
}
