//! `POST /media/uploads`: leave to upload one picture, straight to S3.
//!
//! The client declares type and size; both are bounded here and then signed, so S3 takes exactly
//! what was declared and nothing else. The key is ours and says nothing about the client. What was
//! uploaded is looked at by [`crate::process_upload`] before anybody can see it.

use std::collections::BTreeMap;

use domain::{
    ErrorCode, Timestamp,
    ids::MediaId,
    media::{MediaPurpose, PictureType, codes},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use shared::{
    Failure,
    api::{Context, Created, Endpoint, Method, Route, SignedIn, Tools as _, Touch},
    random,
    store::{Kind, media::Media},
    uploads::Grant,
};

use crate::MediaTools;

/// The endpoint.
#[derive(Debug)]
pub struct CreateUpload;

/// What shall be uploaded.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateUploadRequest {
    /// What for.
    pub purpose: MediaPurpose,
    /// `image/jpeg`, `image/png` or `image/webp`.
    #[schemars(extend("examples" = ["image/jpeg"]), length(max = 100))]
    pub content_type: String,
    /// The exact number of bytes.
    #[schemars(range(min = 1, max = 10_485_760), extend("examples" = [2_400_000]))]
    pub size_bytes: u64,
}

/// Leave to upload.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct CreateUploadReply {
    /// The picture.
    pub media_id: MediaId,
    /// How to upload it.
    pub upload: UploadCall,
    /// Until when the upload may begin.
    pub expires_at: Timestamp,
}

/// The request that uploads the bytes.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct UploadCall {
    /// The method, always PUT.
    pub method: String,
    /// Where to.
    pub url: String,
    /// Send exactly these headers; the length of the body must be the declared one.
    pub headers: BTreeMap<String, String>,
}

impl Endpoint for CreateUpload {
    const ROUTE: Route = Route::new("media.create_upload", Method::Post, "/media/uploads")
        .summary("Get leave to upload a picture straight to the object store")
        .touches(&[
            Touch::Check(Kind::USER),
            Touch::Put(Kind::MEDIA),
            Touch::Update(Kind::MEDIA_QUOTA),
            Touch::Update(Kind::LIMIT_COUNTER),
            Touch::GrantUpload,
        ])
        .idempotent();
    const ERRORS: &'static [ErrorCode] = &[
        codes::TYPE_UNSUPPORTED,
        codes::EMPTY,
        codes::TOO_LARGE,
        codes::TOO_MANY_OPEN_UPLOADS,
        codes::TOO_MANY_UPLOADS_TODAY,
        codes::STORAGE_FULL,
    ];

    type Tools = MediaTools;
    type Caller = SignedIn;
    type Request = CreateUploadRequest;
    type Reply = Created<CreateUploadReply>;

    async fn handle(
        tools: &MediaTools,
        caller: SignedIn,
        request: CreateUploadRequest,
        context: &Context,
    ) -> Result<Self::Reply, Failure> {
        let kind = PictureType::from_content_type(&request.content_type)?;
        request.purpose.check_size(request.size_bytes)?;
        let id = MediaId::new(context.now, random::entropy()?);
        let media = Media::granted(id, caller.user_id, request.purpose, kind, request.size_bytes, context.now);
        let grant = tools.uploads.grant(media.id, kind, request.size_bytes).await?;
        let reply = Created(reply_of(&media, grant));
        tools.core().table.grant_upload(&media, caller.epoch, context.claim.as_ref(), &reply).await?;
        Ok(reply)
    }
}

fn reply_of(media: &Media, grant: Grant) -> CreateUploadReply {
    CreateUploadReply {
        media_id: media.id,
        upload: UploadCall { method: "PUT".to_owned(), url: grant.url, headers: grant.headers.into_iter().collect() },
        expires_at: media.expires_at,
    }
}
