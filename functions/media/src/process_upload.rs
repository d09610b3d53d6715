//! When a picture was uploaded: look at it, and make of it what is served.
//!
//! The event of an upload comes at least once. Doing this twice writes the same pictures twice and
//! the outcome once. The upload itself is removed at the end, whatever became of it: what is kept
//! was written by us.

use bytes::Bytes;
use domain::{
    ids::MediaId,
    media::{MediaState, Refusal},
};
use shared::{
    Fault, FaultKind,
    api::{
        Job, JobContext, JobRoute, Touch, Trigger,
        job::{JobReport, UploadedObjects},
    },
    store::{
        Kind,
        media::{Media, MediaOutcome, PictureSize},
    },
    uploads::{Upload, Uploads},
};

use crate::{MediaTools, picture};

/// The job.
#[derive(Debug)]
pub struct ProcessUpload;

impl Job for ProcessUpload {
    const ROUTE: JobRoute = JobRoute {
        id: "media.process_upload",
        summary: "Check an uploaded picture and make the sizes that are served",
        trigger: Trigger::Upload,
        touches: &[
            Touch::Get(Kind::Media),
            Touch::Update(Kind::Media),
            Touch::ReadUpload,
            Touch::DeleteUpload,
            Touch::WritePicture,
        ],
        memory_mb: 1024,
        time_out_s: 60,
    };

    type Tools = MediaTools;
    type Event = UploadedObjects;

    async fn run(tools: &MediaTools, event: UploadedObjects, _: &JobContext) -> Result<JobReport, Fault> {
        for record in event.records {
            // A key that is none of ours was written by nobody whom we gave leave: not our business.
            if let Some(id) = Uploads::id_of_raw_key(&record.s3.object.key)
                && let Some(media) = tools.core.table.get_media(id).await?
            {
                process(tools, &media).await?;
            }
        }
        Ok(JobReport::default())
    }
}

async fn process(tools: &MediaTools, media: &Media) -> Result<(), Fault> {
    if media.state == MediaState::Waiting {
        let outcome = match tools.uploads.read(media.id, media.purpose.max_bytes()).await? {
            Upload::Bytes(bytes) => make(tools, media, &bytes).await?,
            Upload::TooLarge => MediaOutcome::Refused(Refusal::TooLargeFile),
            Upload::Absent => return settled_meanwhile(tools, media.id).await,
        };
        tools.core.table.settle_media(media.id, &outcome).await?;
    }
    tools.uploads.delete(media.id).await
}

/// The upload was waiting a moment ago, and its object cannot be seen. That is well when another
/// delivery of the same event has settled it and removed the object since. Otherwise the event lies,
/// or we are forbidden to look: that is told, and Lambda tries twice more.
async fn settled_meanwhile(tools: &MediaTools, id: MediaId) -> Result<(), Fault> {
    match tools.core.table.get_media(id).await? {
        Some(media) if media.state == MediaState::Waiting => {
            Err(Fault::new(FaultKind::Objects, "find an object that was said to be there"))
        }
        _ => Ok(()),
    }
}

async fn make(tools: &MediaTools, media: &Media, bytes: &[u8]) -> Result<MediaOutcome, Fault> {
    let processed = match picture::process(bytes, media.declared_type) {
        Ok(processed) => processed,
        Err(refusal) => return Ok(MediaOutcome::Refused(refusal)),
    };
    let mut pictures = Vec::with_capacity(processed.pictures.len());
    for rendition in processed.pictures {
        pictures.push(PictureSize { width: rendition.width, height: rendition.height });
        tools.uploads.write_picture(media.id, rendition.size, Bytes::from(rendition.jpeg)).await?;
    }
    Ok(MediaOutcome::Ready(pictures))
}
