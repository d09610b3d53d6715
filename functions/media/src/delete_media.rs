//! `DELETE /media/{media_id}`: remove an upload of one's own, in whatever state.
//!
//! A picture that a listing, a profile or a message shows is not removed: whoever looks at that would
//! see a hole, and its owner would not know why. It is taken out there first.
//!
//! The rows go first, with the quota, in one transaction that also notes which objects there are. Then
//! the objects. When that breaks, [`crate::sweep_grants`] does it; it does it once more in any case,
//! for what was being written at that moment.

use domain::{
    ErrorCode,
    ids::MediaId,
    media::{MediaError, codes},
};
use schemars::JsonSchema;
use serde::Deserialize;
use shared::{
    Failure, Fault, FaultKind,
    api::{Context, Endpoint, Method, NoContent, Route, SignedIn, Tools as _, Touch},
    store::{
        Kind,
        media_removals::{InUse, Removing},
    },
};

use crate::MediaTools;

/// How often it is read again when it has come further meanwhile: an upload does so at most twice.
const TRIES: u32 = 3;

/// The endpoint.
#[derive(Debug)]
pub struct DeleteMedia;

/// Which upload.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DeleteMediaRequest {
    /// Its id.
    pub media_id: MediaId,
}

impl Endpoint for DeleteMedia {
    const ROUTE: Route = Route::new("media.delete_media", Method::Delete, "/media/{media_id}")
        .summary("Remove an upload of one's own that nothing shows")
        .touches(&[
            Touch::BatchGet(Kind::USER),
            Touch::BatchGet(Kind::MEDIA),
            Touch::Delete(Kind::MEDIA),
            Touch::Put(Kind::MEDIA_REMOVAL),
            Touch::Update(Kind::MEDIA_QUOTA),
            Touch::DeleteUpload,
            Touch::DeleteOriginal,
            Touch::DeletePicture,
        ]);
    const ERRORS: &'static [ErrorCode] = &[codes::NOT_FOUND, codes::IN_USE];

    type Tools = MediaTools;
    type Caller = SignedIn;
    type Request = DeleteMediaRequest;
    type Reply = NoContent;

    async fn handle(
        tools: &MediaTools,
        caller: SignedIn,
        request: DeleteMediaRequest,
        context: &Context,
    ) -> Result<Self::Reply, Failure> {
        let id = request.media_id;
        let table = &tools.core().table;
        for _ in 0..TRIES {
            let media = table.get_own_media(&caller, id).await?.ok_or(MediaError::NotFound)?;
            match table.remove_media(&media, InUse::Keep, context.now).await? {
                Removing::Done => {
                    // It is noted, so it will happen: that S3 does not answer is not the caller's concern.
                    let _ = tools.uploads.erase(id, media.purpose).await;
                    return Ok(NoContent);
                }
                Removing::InUse => return Err(MediaError::InUse.into()),
                Removing::Gone => return Err(MediaError::NotFound.into()),
                Removing::Changed => {}
            }
        }
        Err(Fault::new(FaultKind::Contention, "remove an upload").into())
    }
}
