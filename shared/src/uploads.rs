//! The only door to S3: grants for uploads, uploads as they arrived, originals, pictures as they are
//! served.
//!
//! What a client uploads lies below `raw/` in a bucket that nobody can read but the function that
//! looks at it, and for a day at most. What was found to be a picture is kept below `originals/` in the
//! same bucket, for its owner alone. What is served was written by us, below `pictures/` in another.

use std::time::Duration;

use aws_sdk_s3::{Client, error::ProvideErrorMetadata as _, presigning::PresigningConfig, primitives::ByteStream};
use bytes::Bytes;
use domain::{
    Timestamp,
    ids::MediaId,
    media::{MediaPurpose, PictureType, UPLOAD_GRANT_LIFETIME, picture_path},
    timestamp::Seconds,
};

use crate::{
    aws::Aws,
    config::Config,
    fault::{Fault, FaultKind},
    ground::touch::Touch,
    meter,
    store::{
        Table,
        media_removals::{InUse, Removing},
    },
};

/// For how long the address of an original is good.
pub const DOWNLOAD_LIFETIME: Seconds = Seconds::minutes(5);

/// How a picture that is served may be kept: by browsers for ever, since its address never changes
/// its content; by CloudFront for a day, so that a picture which was removed is gone from it by then.
const PICTURE_CACHE: &str = "public, max-age=31536000, s-maxage=86400, immutable";

/// The door to S3.
#[derive(Debug, Clone)]
pub struct Uploads {
    client: Client,
    uploads_bucket: String,
    pictures_bucket: String,
}

/// Leave to upload one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// Where to.
    pub url: String,
    /// With exactly these headers: they are signed.
    pub headers: Vec<(String, String)>,
}

/// What lies where an upload should.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Upload {
    /// These bytes.
    Bytes(Bytes),
    /// Nothing that we may see. S3 answers 403, not 404, for an absent object to a caller that may not
    /// list the bucket (`GetObject`, API Reference, "Permissions"), and our functions may not: so this
    /// may also mean that we are forbidden to look.
    Absent,
    /// More than was to be read.
    TooLarge,
}

impl Uploads {
    /// The door with the buckets of this configuration.
    #[must_use]
    pub fn new(aws: &Aws, config: &Config) -> Self {
        Self {
            client: aws.objects(),
            uploads_bucket: config.uploads_bucket.clone(),
            pictures_bucket: config.pictures_bucket.clone(),
        }
    }

    /// Where an upload lies. The key is ours alone: nothing of the client is in it.
    #[must_use]
    pub fn raw_key(id: MediaId) -> String {
        format!("raw/{id}")
    }

    /// Which upload lies at this key.
    #[must_use]
    pub fn id_of_raw_key(key: &str) -> Option<MediaId> {
        key.strip_prefix("raw/").and_then(|id| id.parse().ok())
    }

    /// Where an original lies.
    #[must_use]
    pub fn original_key(id: MediaId) -> String {
        format!("originals/{id}")
    }

    /// Where a picture lies in the bucket, and thus on the site.
    #[must_use]
    pub fn picture_key(id: MediaId, size: u32) -> String {
        picture_path(id, size)
    }

    /// Leave to put exactly so many bytes of exactly this type at exactly this key, for five
    /// minutes. Type and length are signed headers: S3 refuses everything else. The time is the
    /// machine's, because S3 compares it with its own.
    ///
    /// # Errors
    /// When signing fails.
    pub async fn grant(&self, id: MediaId, kind: PictureType, size_bytes: u64) -> Result<Grant, Fault> {
        meter::touch(Touch::GrantUpload);
        let broken = |error: &dyn std::fmt::Display| {
            Fault::new(FaultKind::Objects, "sign an upload").with_source(error.to_string())
        };
        let lifetime = Duration::from_secs(u64::from(UPLOAD_GRANT_LIFETIME.0));
        let length = i64::try_from(size_bytes).map_err(|e| broken(&e))?;
        let signed = self
            .client
            .put_object()
            .bucket(&self.uploads_bucket)
            .key(Self::raw_key(id))
            .content_type(kind.content_type())
            .content_length(length)
            .presigned(PresigningConfig::expires_in(lifetime).map_err(|e| broken(&e))?)
            .await
            .map_err(|e| broken(&e))?;
        let headers = signed
            .headers()
            // A browser sets these by itself and refuses to be told.
            .filter(|(name, _)| !name.eq_ignore_ascii_case("content-length") && !name.eq_ignore_ascii_case("host"))
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        Ok(Grant { url: signed.uri().to_owned(), headers })
    }

    /// An upload, if it has at most `most_bytes`: more are not even read.
    ///
    /// # Errors
    /// When S3 does not answer.
    pub async fn read(&self, id: MediaId, most_bytes: u64) -> Result<Upload, Fault> {
        meter::touch(Touch::ReadUpload);
        let outcome = self.client.get_object().bucket(&self.uploads_bucket).key(Self::raw_key(id)).send().await;
        let object = match outcome {
            Ok(object) => object,
            Err(error) if matches!(error.code(), Some("NoSuchKey" | "AccessDenied")) => return Ok(Upload::Absent),
            Err(error) => return Err(Fault::new(FaultKind::Objects, "read an upload").with_source(error)),
        };
        let length = object.content_length().and_then(|length| u64::try_from(length).ok());
        if length.is_none_or(|length| length > most_bytes) {
            return Ok(Upload::TooLarge);
        }
        let bytes = object
            .body
            .collect()
            .await
            .map_err(|error| Fault::new(FaultKind::Objects, "read an upload").with_source(error))?;
        Ok(Upload::Bytes(bytes.into_bytes()))
    }

    /// Removes an upload that has been looked at.
    ///
    /// # Errors
    /// When S3 does not answer.
    pub async fn delete(&self, id: MediaId) -> Result<(), Fault> {
        meter::touch(Touch::DeleteUpload);
        self.delete_object(&self.uploads_bucket, Self::raw_key(id)).await
    }

    async fn delete_object(&self, bucket: &str, key: String) -> Result<(), Fault> {
        self.client
            .delete_object()
            .bucket(bucket)
            .key(key)
            .send()
            .await
            .map_err(|error| Fault::new(FaultKind::Objects, "remove an object").with_source(error))?;
        Ok(())
    }

    /// Keeps an original: the very bytes that were found to be a picture, not a copy of the upload,
    /// which whoever has the grant could have changed since.
    ///
    /// # Errors
    /// When S3 does not answer.
    pub async fn write_original(&self, id: MediaId, kind: PictureType, bytes: Bytes) -> Result<(), Fault> {
        meter::touch(Touch::WriteOriginal);
        self.client
            .put_object()
            .bucket(&self.uploads_bucket)
            .key(Self::original_key(id))
            .content_type(kind.content_type())
            .cache_control("private, no-store")
            .body(ByteStream::from(bytes))
            .send()
            .await
            .map_err(|error| Fault::new(FaultKind::Objects, "write an original").with_source(error))?;
        Ok(())
    }

    /// The address of an original, good for [`DOWNLOAD_LIFETIME`] and for this one object. S3 answers
    /// it as a file to be saved, under a name of ours and with the type that it was found to have:
    /// both are part of the signature. The time is the machine's, because S3 compares it with its own.
    ///
    /// # Errors
    /// When signing fails.
    pub async fn original_url(&self, id: MediaId, kind: PictureType) -> Result<String, Fault> {
        meter::touch(Touch::ReadOriginal);
        let broken = |error: &dyn std::fmt::Display| {
            Fault::new(FaultKind::Objects, "sign a download").with_source(error.to_string())
        };
        let lifetime = Duration::from_secs(u64::from(DOWNLOAD_LIFETIME.0));
        let signed = self
            .client
            .get_object()
            .bucket(&self.uploads_bucket)
            .key(Self::original_key(id))
            .response_content_type(kind.content_type())
            .response_content_disposition(format!("attachment; filename=\"{id}.{}\"", kind.extension()))
            .presigned(PresigningConfig::expires_in(lifetime).map_err(|e| broken(&e))?)
            .await
            .map_err(|e| broken(&e))?;
        Ok(signed.uri().to_owned())
    }

    /// Removes everything that lies of an upload: the pictures of its purpose, the original, the
    /// upload itself. What is not there is no error, so it may be done again.
    ///
    /// # Errors
    /// When S3 does not answer.
    pub async fn erase(&self, id: MediaId, purpose: MediaPurpose) -> Result<(), Fault> {
        for size in purpose.rules().sizes {
            meter::touch(Touch::DeletePicture);
            self.delete_object(&self.pictures_bucket, Self::picture_key(id, *size)).await?;
        }
        meter::touch(Touch::DeleteOriginal);
        self.delete_object(&self.uploads_bucket, Self::original_key(id)).await?;
        self.delete(id).await
    }

    /// Writes a picture to be served.
    ///
    /// # Errors
    /// When S3 does not answer.
    pub async fn write_picture(&self, id: MediaId, size: u32, jpeg: Bytes) -> Result<(), Fault> {
        meter::touch(Touch::WritePicture);
        self.client
            .put_object()
            .bucket(&self.pictures_bucket)
            .key(Self::picture_key(id, size))
            .content_type("image/jpeg")
            .cache_control(PICTURE_CACHE)
            .body(ByteStream::from(jpeg))
            .send()
            .await
            .map_err(|error| Fault::new(FaultKind::Objects, "write a picture").with_source(error))?;
        Ok(())
    }
}

/// Erases one upload completely, whatever its state and whoever shows it: its rows, its part of its
/// owner's quota, and every object. For the erasure of a person, once for each of
/// [`Table::media_of`]; may be done again. When it ends in a fault between rows and objects,
/// `media.sweep_grants` removes the objects.
///
/// Touches `Get`, `Delete` of `Media`, `Update` of `MediaQuota`, `Put` of `MediaRemoval`,
/// `DeletePicture`, `DeleteOriginal`, `DeleteUpload`. Two or three calls to the table.
///
/// # Errors
/// When the table or S3 does not answer.
pub async fn erase_media(table: &Table, uploads: &Uploads, id: MediaId, now: Timestamp) -> Result<(), Fault> {
    // It comes further at most twice in its life: granted, looked at, removed.
    for _ in 0..3 {
        let Some(media) = table.get_media(id).await? else { return Ok(()) };
        match table.remove_media(&media, InUse::Remove, now).await? {
            Removing::Done => return uploads.erase(id, media.purpose).await,
            Removing::Gone => return Ok(()),
            Removing::Changed | Removing::InUse => {}
        }
    }
    Err(Fault::new(FaultKind::Contention, "erase an upload"))
}
