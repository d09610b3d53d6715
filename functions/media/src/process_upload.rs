//! When a picture was uploaded: look at it, and make of it what is served.
//!
//! The event of an upload comes at least once. Doing this twice writes the same objects twice and the
//! outcome once. The upload itself is removed at the end, whatever became of it: what is kept was
//! written by us, the original too, from the bytes that were looked at. Of an upload that is refused
//! nothing is kept, by whomever it was refused, and what was written before goes too.

use bytes::Bytes;
use domain::{
    ids::MediaId,
    media::{MediaPurpose, MediaState, Refusal},
};
use shared::{
    Fault, FaultKind,
    api::{
        Job, JobContext, JobRoute, Touch, Trigger,
        job::{JobReport, UploadedObjects},
    },
    store::{
        Kind,
        media::{Arrival, Media, MediaOutcome, PictureSize, Settling},
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
            Touch::Get(Kind::MEDIA),
            Touch::Update(Kind::MEDIA),
            Touch::Update(Kind::MEDIA_QUOTA),
            Touch::ReadUpload,
            Touch::DeleteUpload,
            Touch::WriteOriginal,
            Touch::DeleteOriginal,
            Touch::WritePicture,
            Touch::DeletePicture,
        ],
        memory_mb: 1024,
        time_out_s: 60,
    };

    type Tools = MediaTools;
    type Event = UploadedObjects;

    async fn run(tools: &MediaTools, event: UploadedObjects, _: &JobContext) -> Result<JobReport, Fault> {
        for record in event.records {
            // A key that is none of ours was written by nobody whom we gave leave: not our business.
            let Some(id) = Uploads::id_of_raw_key(&record.s3.object.key) else { continue };
            match tools.core.table.note_arrival(id, record.time).await? {
                Arrival::Awaited(media) => process(tools, &media).await?,
                Arrival::Settled(media) => clear(tools, &media).await?,
                Arrival::Unknown => erase(tools, id).await?,
            }
        }
        Ok(JobReport::default())
    }
}

async fn process(tools: &MediaTools, media: &Media) -> Result<(), Fault> {
    let outcome = match tools.uploads.read(media.id, media.purpose.rules().upload_bytes_max).await? {
        Upload::Bytes(bytes) => make(tools, media, bytes).await?,
        Upload::TooLarge => MediaOutcome::Refused(Refusal::TooLargeFile),
        Upload::Absent => return settled_meanwhile(tools, media.id).await,
    };
    match tools.core.table.settle_media(media, &outcome).await? {
        // An earlier delivery may have written pictures of another file, and not come to the outcome.
        Settling::Done if matches!(outcome, MediaOutcome::Refused(_)) => {
            tools.uploads.erase(media.id, media.purpose).await
        }
        Settling::Done => tools.uploads.delete(media.id).await,
        // Another delivery was faster, or the sweep, which refuses.
        Settling::Before => match tools.core.table.get_media(media.id).await? {
            Some(settled) => clear(tools, &settled).await,
            None => erase(tools, media.id).await,
        },
        Settling::Gone => erase(tools, media.id).await,
    }
}

/// Removes what is not kept of an upload whose outcome is known.
async fn clear(tools: &MediaTools, media: &Media) -> Result<(), Fault> {
    if media.state == MediaState::Refused {
        tools.uploads.erase(media.id, media.purpose).await
    } else {
        tools.uploads.delete(media.id).await
    }
}

/// The upload was removed while its file was on the way or looked at: what was written since has no
/// owner. What it was for is not known any more, so every object that could be there is removed.
async fn erase(tools: &MediaTools, id: MediaId) -> Result<(), Fault> {
    for purpose in MediaPurpose::ALL {
        tools.uploads.erase(id, purpose).await?;
    }
    Ok(())
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

async fn make(tools: &MediaTools, media: &Media, bytes: Bytes) -> Result<MediaOutcome, Fault> {
    let processed = match picture::process(&bytes, media.declared_type, media.purpose.rules()) {
        Ok(processed) => processed,
        Err(refusal) => return Ok(MediaOutcome::Refused(refusal)),
    };
    let original_bytes = length(&bytes);
    tools.uploads.write_original(media.id, media.declared_type, bytes).await?;
    let mut pictures = Vec::with_capacity(processed.pictures.len());
    let mut pictures_bytes = 0_u64;
    for rendition in processed.pictures {
        pictures.push(PictureSize { width: rendition.width, height: rendition.height });
        pictures_bytes = pictures_bytes.saturating_add(length(&rendition.jpeg));
        tools.uploads.write_picture(media.id, rendition.size, Bytes::from(rendition.jpeg)).await?;
    }
    Ok(MediaOutcome::Ready { pictures, pictures_bytes, original_bytes })
}

fn length(bytes: &[u8]) -> u64 {
    u64::try_from(bytes.len()).unwrap_or(u64::MAX)
}
