//! `GET /media/{media_id}`: how far one's own upload has come, and why it was refused if it was.

use domain::{
    ErrorCode, Timestamp,
    ids::MediaId,
    media::{MediaError, MediaPurpose, MediaState, PICTURE_SIZES, codes},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use shared::{
    Failure,
    api::{Context, Endpoint, Method, Okay, Route, SignedIn, Tools as _, Touch},
    store::{Kind, media::Media},
    uploads::Uploads,
};

use crate::MediaTools;

/// The endpoint.
#[derive(Debug)]
pub struct GetMedia;

/// Which upload.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GetMediaRequest {
    /// Its id.
    pub media_id: MediaId,
}

/// An upload and what became of it.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct GetMediaReply {
    /// Its id.
    pub id: MediaId,
    /// What for.
    pub purpose: MediaPurpose,
    /// How far it has come.
    pub state: MediaState,
    /// Why it was refused; null unless it was.
    pub refusal: Option<ShownRefusal>,
    /// The pictures that were made of it, the smallest first.
    pub pictures: Vec<ShownPicture>,
    /// When the upload was granted.
    pub created_at: Timestamp,
}

/// Why an upload was refused.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct ShownRefusal {
    /// For programs.
    pub code: String,
    /// For the owner, in their language.
    pub detail: String,
}

/// One picture.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct ShownPicture {
    /// In pixels.
    pub width: u32,
    /// In pixels.
    pub height: u32,
    /// Where it is on the site.
    pub url: String,
}

impl Endpoint for GetMedia {
    const ROUTE: Route = Route::new("media.get_media", Method::Get, "/media/{media_id}")
        .summary("Get the state of one's own upload")
        .touches(&[Touch::Get(Kind::Media)]);
    const ERRORS: &'static [ErrorCode] = &[codes::NOT_FOUND];

    type Tools = MediaTools;
    type Caller = SignedIn;
    type Request = GetMediaRequest;
    type Reply = Okay<GetMediaReply>;

    async fn handle(
        tools: &MediaTools,
        caller: SignedIn,
        request: GetMediaRequest,
        context: &Context,
    ) -> Result<Self::Reply, Failure> {
        let media = tools.core().table.get_media(request.media_id).await?;
        // Somebody else's picture and none at all give the same answer.
        let media = media.filter(|media| media.owner == caller.user_id).ok_or(MediaError::NotFound)?;
        Ok(Okay(shown(&media, context)))
    }
}

fn shown(media: &Media, context: &Context) -> GetMediaReply {
    GetMediaReply {
        id: media.id,
        purpose: media.purpose,
        state: media.state,
        refusal: media.refusal.map(|refusal| ShownRefusal {
            code: refusal.code().to_owned(),
            detail: refusal.detail(context.language).to_owned(),
        }),
        pictures: media
            .pictures
            .iter()
            .zip(PICTURE_SIZES)
            .map(|(picture, size)| ShownPicture {
                width: picture.width,
                height: picture.height,
                url: format!("/{}", Uploads::picture_key(media.id, size)),
            })
            .collect(),
        created_at: media.created_at,
    }
}
