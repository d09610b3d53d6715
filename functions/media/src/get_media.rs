//! `GET /media/{media_id}`: how far one's own upload has come, and why it was refused if it was.

use domain::{
    ErrorCode, Timestamp,
    ids::MediaId,
    media::{MediaError, MediaPurpose, MediaState, codes, picture_path, poll_after_s},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use shared::{
    Failure,
    api::{Context, Endpoint, Method, Okay, Route, SignedIn, Tools as _, Touch},
    store::{Kind, media::Media},
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
    /// What it is waiting for, while it is.
    pub progress: UploadProgress,
    /// After how many seconds it makes sense to ask again; null when nothing will change any more.
    pub poll_after_s: Option<u32>,
    /// Why it was refused; null unless it was.
    pub refusal: Option<ShownRefusal>,
    /// The pictures that were made of it, the smallest first.
    pub pictures: Vec<ShownPicture>,
    /// What to show for it now, an address on the site: its largest picture, or the default picture
    /// of its purpose while there is none.
    pub picture_url: String,
    /// When the upload was granted.
    pub created_at: Timestamp,
    /// Until when the upload may begin.
    pub expires_at: Timestamp,
}

/// What an upload is waiting for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum UploadProgress {
    /// The file has not arrived.
    AwaitingFile,
    /// The file is being looked at.
    Processing,
    /// Nothing: it is ready, or it was refused.
    Done,
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
        .touches(&[Touch::BatchGet(Kind::USER), Touch::BatchGet(Kind::MEDIA)]);
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
        let media = tools.core().table.get_own_media(&caller, request.media_id).await?;
        let media = media.ok_or(MediaError::NotFound)?;
        Ok(Okay(shown(&media, context)))
    }
}

fn shown(media: &Media, context: &Context) -> GetMediaReply {
    let (state, refusal) = media.standing(context.now);
    let rules = media.purpose.rules();
    GetMediaReply {
        id: media.id,
        purpose: media.purpose,
        state,
        progress: match (state, media.arrived_at) {
            (MediaState::Waiting, None) => UploadProgress::AwaitingFile,
            (MediaState::Waiting, Some(_)) => UploadProgress::Processing,
            (MediaState::Ready | MediaState::Refused, _) => UploadProgress::Done,
        },
        poll_after_s: (state == MediaState::Waiting).then(|| poll_after_s(media.created_at, context.now)),
        refusal: refusal.map(|refusal| ShownRefusal {
            code: refusal.code().to_owned(),
            detail: refusal.detail(context.language).to_owned(),
        }),
        pictures: media
            .pictures
            .iter()
            .zip(rules.sizes)
            .map(|(picture, size)| ShownPicture {
                width: picture.width,
                height: picture.height,
                url: format!("/{}", picture_path(media.id, *size)),
            })
            .collect(),
        picture_url: media.purpose.picture_url((state == MediaState::Ready).then_some(media.id), u32::MAX),
        created_at: media.created_at,
        expires_at: media.expires_at,
    }
}
