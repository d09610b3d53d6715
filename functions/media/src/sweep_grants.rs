//! Every five minutes: uploads that were granted and have not come are refused, and the objects of removed
//! pictures are removed for good.
//!
//! An upload that has not come may have left objects all the same: its processor wrote them and could not
//! note the outcome, or is writing them at this moment. So whatever could lie of it is removed when it is
//! refused, and once more later, as with a removed picture.
//!
//! Found by the due index, never by TTL. What the index says is only a hint: each upload is read
//! again, and the write itself has the condition that it is still waited for.

use domain::{Timestamp, ids::MediaId, media::MediaState};
use shared::{
    Fault,
    api::{
        Job, JobContext, JobRoute, Touch, Trigger,
        job::{JobReport, Sweep, Tick},
    },
    store::{Index, Kind, media::Settling},
};

use crate::MediaTools;

/// The job.
#[derive(Debug)]
pub struct SweepGrants;

impl Job for SweepGrants {
    const ROUTE: JobRoute = JobRoute {
        id: "media.sweep_grants",
        summary: "Refuse uploads that did not come, and remove what is left of them and of removed pictures",
        trigger: Trigger::EveryMinutes(5),
        touches: &[
            Touch::QueryIndex(Kind::MEDIA, Index::Due),
            Touch::QueryIndex(Kind::MEDIA_REMOVAL, Index::Due),
            Touch::Get(Kind::MEDIA),
            Touch::Update(Kind::MEDIA),
            Touch::Update(Kind::MEDIA_QUOTA),
            Touch::Put(Kind::MEDIA_REMOVAL),
            Touch::Get(Kind::MEDIA_REMOVAL),
            Touch::Update(Kind::MEDIA_REMOVAL),
            Touch::Delete(Kind::MEDIA_REMOVAL),
            Touch::DeleteUpload,
            Touch::DeleteOriginal,
            Touch::DeletePicture,
        ],
        memory_mb: 128,
        time_out_s: 120,
    };

    type Tools = MediaTools;
    type Event = Tick;

    async fn run(tools: &MediaTools, _: Tick, context: &JobContext) -> Result<JobReport, Fault> {
        let table = &tools.core.table;
        let mut sweep = Sweep::default();
        let (mut grants, mut removals) = (table.lapsed_grants(context.now), table.due_removals(context.now));
        // In turn: however much there is of the one, the time of a run is for both.
        loop {
            let grant = grants.next(&context.work_time).await?;
            let removal = removals.next(&context.work_time).await?;
            if grant.is_none() && removal.is_none() {
                return sweep.end();
            }
            if let Some(id) = grant {
                sweep.note(grants.settle(refuse(tools, id, context.now).await).await);
            }
            if let Some(id) = removal {
                sweep.note(removals.settle(remove(tools, id).await).await);
            }
        }
    }
}

async fn refuse(tools: &MediaTools, id: MediaId, now: Timestamp) -> Result<(), Fault> {
    let table = &tools.core.table;
    let Some(media) = table.get_media(id).await? else { return Ok(()) };
    if media.state != MediaState::Waiting || media.lapses_at() > now {
        return Ok(());
    }
    // First the outcome: objects of an upload that is still waited for may become those of a picture. What a
    // run that dies after it leaves behind is noted in the same write. A file that comes later finds its
    // upload refused, and is removed by the job for uploads.
    match table.refuse_lapsed(&media, now).await? {
        Settling::Done => tools.uploads.erase(id, media.purpose).await,
        Settling::Before | Settling::Gone => Ok(()),
    }
}

async fn remove(tools: &MediaTools, id: MediaId) -> Result<(), Fault> {
    let table = &tools.core.table;
    let Some(removal) = table.get_media_removal(id).await? else { return Ok(()) };
    tools.uploads.erase(id, removal.purpose).await?;
    table.finish_removal(&removal).await
}
