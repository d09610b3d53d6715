//! `GET /media/{media_id}/original`: an address from which the owner of a picture can download the
//! very file that they uploaded, for five minutes.
//!
//! Nobody else ever gets an original: it may tell where it was taken, and what was hidden in it is
//! still there. So it is answered as a file to be saved, never as something to be shown.

use domain::{
    ErrorCode, Timestamp,
    ids::MediaId,
    media::{MediaError, codes},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use shared::{
    Failure,
    api::{Context, Endpoint, Method, Okay, Route, SignedIn, Tools as _, Touch},
    store::Kind,
    uploads::DOWNLOAD_LIFETIME,
};

use crate::MediaTools;

/// The endpoint.
#[derive(Debug)]
pub struct GetOriginal;

/// Which picture.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GetOriginalRequest {
    /// Its id.
    pub media_id: MediaId,
}

/// Where the original is.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct GetOriginalReply {
    /// Its address: a GET without any header. Whoever has it can download the file.
    pub url: String,
    /// Until when the download may begin.
    pub expires_at: Timestamp,
}

impl Endpoint for GetOriginal {
    const ROUTE: Route = Route::new("media.get_original", Method::Get, "/media/{media_id}/original")
        .summary("Get an address to download the original of one's own picture")
        .touches(&[Touch::BatchGet(Kind::USER), Touch::BatchGet(Kind::MEDIA), Touch::ReadOriginal]);
    const ERRORS: &'static [ErrorCode] = &[codes::NOT_FOUND, codes::NOT_READY];

    type Tools = MediaTools;
    type Caller = SignedIn;
    type Request = GetOriginalRequest;
    type Reply = Okay<GetOriginalReply>;

    async fn handle(
        tools: &MediaTools,
        caller: SignedIn,
        request: GetOriginalRequest,
        context: &Context,
    ) -> Result<Self::Reply, Failure> {
        let media = tools.core().table.get_own_media(&caller, request.media_id).await?;
        let media = media.ok_or(MediaError::NotFound)?;
        if media.original_bytes.is_none() {
            return Err(MediaError::NotReady.into());
        }
        let url = tools.uploads.original_url(media.id, media.declared_type).await?;
        Ok(Okay(GetOriginalReply { url, expires_at: context.now.plus(DOWNLOAD_LIFETIME) }))
    }
}
