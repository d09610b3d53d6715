//! When the table's stream brings new outbox events: make their effects happen.
//!
//! The stream attempts an effect once. One that fails is told in the log and left to the sweep, and so
//! is a record that cannot be read: neither must stop those behind it, and the stream's few tries, of
//! seconds to minutes, are no answer to an outage. Only where the table does not answer, so that nothing
//! could be attempted or noted, is the record named in the answer; the stream brings it and what follows
//! again.

use domain::ids::EventId;
use shared::{
    Fault,
    api::{
        Job, JobContext, JobRoute, Touch, Trigger,
        job::{BatchItemFailure, JobReport, StreamRecords},
    },
    meter,
    store::{Item, Kind},
};

use crate::{NotificationsTools, attempt};

const TOUCHES: [Touch; 8] = attempt::TOUCHES;

/// The job.
#[derive(Debug)]
pub struct DeliverOutbox;

impl Job for DeliverOutbox {
    const ROUTE: JobRoute = JobRoute {
        id: "notifications.deliver_outbox",
        summary: "Carry out the effects that transactions wrote into the outbox",
        trigger: Trigger::NewItems(Kind::OUTBOX_EVENT),
        touches: &TOUCHES,
        memory_mb: 128,
        time_out_s: 60,
    };

    type Tools = NotificationsTools;
    type Event = StreamRecords;

    async fn run(tools: &NotificationsTools, event: StreamRecords, context: &JobContext) -> Result<JobReport, Fault> {
        for record in event.records {
            let id: Option<EventId> = Item::from_stream(&record.dynamodb.new_image)
                .ok()
                .and_then(|item| item.text("id").and_then(|id| id.parse().ok()));
            let Some(id) = id else { continue };
            if let Err(fault) = attempt::attempt(tools, id, context.now).await {
                meter::our_fault(fault.chain());
                let failure = BatchItemFailure { item_identifier: record.dynamodb.sequence_number };
                return Ok(JobReport { batch_item_failures: vec![failure] });
            }
        }
        Ok(JobReport::default())
    }
}
