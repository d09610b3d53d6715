//! The file-system store with what S3 does around it: events, refusals that hide what is there, and
//! no object left behind by an upload that was refused.

use std::path::PathBuf;

use domain::Timestamp;
use s3s::{S3, S3ErrorCode, S3Request, S3Response, S3Result, auth::Credentials, dto::*};
use s3s_fs::FileSystem;

use super::{access::access_denied, events::ObjectCreated};
use crate::{Clock, Permissions, permissions::Demand, queue::EventQueue};

pub(super) struct Store {
    files: FileSystem,
    root: PathBuf,
    events: EventQueue<ObjectCreated>,
    clock: Clock,
    permissions: Permissions,
}

impl Store {
    pub(super) fn new(
        files: FileSystem,
        root: PathBuf,
        events: EventQueue<ObjectCreated>,
        clock: Clock,
        permissions: Permissions,
    ) -> Self {
        Self { files, root, events, clock, permissions }
    }

    fn path_of(&self, bucket: &str, key: &str) -> PathBuf {
        self.root.join(bucket).join(key)
    }

    fn created(&self, how: &str, bucket: String, key: String, etag: Option<&ETag>) -> S3Result<()> {
        let size = std::fs::metadata(self.path_of(&bucket, &key)).map_or(0, |metadata| metadata.len());
        let event = ObjectCreated {
            name: format!("ObjectCreated:{how}"),
            bucket,
            key,
            size,
            etag: etag.map(|etag| etag.value().to_owned()).unwrap_or_default(),
            sequencer: String::new(),
            time: self.now(),
        };
        self.events.push(event).map_err(s3s::S3Error::internal_error)
    }

    fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// A caller that may not list the bucket is not told whether an object is there: S3 answers 403
    /// (`GetObject`, API Reference, "Permissions").
    fn hide<T>(&self, answer: S3Result<T>, credentials: Option<&Credentials>, bucket: &str) -> S3Result<T> {
        let caller = credentials.map(|credentials| credentials.access_key.as_str()).unwrap_or_default();
        let demand = Demand::new("s3:ListBucket", format!("bucket/{bucket}"));
        match answer {
            Err(error)
                if matches!(error.code(), S3ErrorCode::NoSuchKey) && !self.permissions.allows(caller, &demand) =>
            {
                Err(access_denied(caller, &demand))
            }
            other => other,
        }
    }
}

#[async_trait::async_trait]
impl S3 for Store {
    async fn put_object(&self, req: S3Request<PutObjectInput>) -> S3Result<S3Response<PutObjectOutput>> {
        let (bucket, key) = (req.input.bucket.clone(), req.input.key.clone());
        let path = self.path_of(&bucket, &key);
        let was_there = path.exists();
        let answer = self.files.put_object(req).await;
        match &answer {
            Ok(put) => self.created("Put", bucket, key, put.output.e_tag.as_ref())?,
            // The store writes the bytes before it compares the checksums.
            Err(error) if !was_there && matches!(error.code(), S3ErrorCode::BadDigest) => {
                let _ = std::fs::remove_file(path);
            }
            Err(_) => {}
        }
        answer
    }

    async fn copy_object(&self, req: S3Request<CopyObjectInput>) -> S3Result<S3Response<CopyObjectOutput>> {
        let (bucket, key) = (req.input.bucket.clone(), req.input.key.clone());
        let answer = self.files.copy_object(req).await?;
        let etag = answer.output.copy_object_result.as_ref().and_then(|copied| copied.e_tag.clone());
        self.created("Copy", bucket, key, etag.as_ref())?;
        Ok(answer)
    }

    async fn complete_multipart_upload(
        &self,
        req: S3Request<CompleteMultipartUploadInput>,
    ) -> S3Result<S3Response<CompleteMultipartUploadOutput>> {
        let (bucket, key) = (req.input.bucket.clone(), req.input.key.clone());
        let answer = self.files.complete_multipart_upload(req).await?;
        self.created("CompleteMultipartUpload", bucket, key, answer.output.e_tag.as_ref())?;
        Ok(answer)
    }

    async fn get_object(&self, req: S3Request<GetObjectInput>) -> S3Result<S3Response<GetObjectOutput>> {
        let (bucket, credentials) = (req.input.bucket.clone(), req.credentials.clone());
        let (content_type, disposition) =
            (req.input.response_content_type.clone(), req.input.response_content_disposition.clone());
        let mut answer = self.hide(self.files.get_object(req).await, credentials.as_ref(), &bucket)?;
        // What the caller asks for in place of what is stored ("GetObject", API Reference): the store
        // does not know of it. Only signed requests get here, which S3 asks for as well.
        answer.output.content_type = content_type.or(answer.output.content_type);
        answer.output.content_disposition = disposition.or(answer.output.content_disposition);
        Ok(answer)
    }

    async fn head_object(&self, req: S3Request<HeadObjectInput>) -> S3Result<S3Response<HeadObjectOutput>> {
        let (bucket, credentials) = (req.input.bucket.clone(), req.credentials.clone());
        self.hide(self.files.head_object(req).await, credentials.as_ref(), &bucket)
    }

    async fn create_bucket(&self, req: S3Request<CreateBucketInput>) -> S3Result<S3Response<CreateBucketOutput>> {
        self.files.create_bucket(req).await
    }

    async fn delete_bucket(&self, req: S3Request<DeleteBucketInput>) -> S3Result<S3Response<DeleteBucketOutput>> {
        self.files.delete_bucket(req).await
    }

    async fn head_bucket(&self, req: S3Request<HeadBucketInput>) -> S3Result<S3Response<HeadBucketOutput>> {
        self.files.head_bucket(req).await
    }

    async fn get_bucket_location(
        &self,
        req: S3Request<GetBucketLocationInput>,
    ) -> S3Result<S3Response<GetBucketLocationOutput>> {
        self.files.get_bucket_location(req).await
    }

    async fn list_buckets(&self, req: S3Request<ListBucketsInput>) -> S3Result<S3Response<ListBucketsOutput>> {
        self.files.list_buckets(req).await
    }

    async fn list_objects(&self, req: S3Request<ListObjectsInput>) -> S3Result<S3Response<ListObjectsOutput>> {
        self.files.list_objects(req).await
    }

    async fn list_objects_v2(&self, req: S3Request<ListObjectsV2Input>) -> S3Result<S3Response<ListObjectsV2Output>> {
        self.files.list_objects_v2(req).await
    }

    async fn delete_object(&self, req: S3Request<DeleteObjectInput>) -> S3Result<S3Response<DeleteObjectOutput>> {
        self.files.delete_object(req).await
    }

    async fn delete_objects(&self, req: S3Request<DeleteObjectsInput>) -> S3Result<S3Response<DeleteObjectsOutput>> {
        self.files.delete_objects(req).await
    }

    async fn create_multipart_upload(
        &self,
        req: S3Request<CreateMultipartUploadInput>,
    ) -> S3Result<S3Response<CreateMultipartUploadOutput>> {
        self.files.create_multipart_upload(req).await
    }

    async fn upload_part(&self, req: S3Request<UploadPartInput>) -> S3Result<S3Response<UploadPartOutput>> {
        self.files.upload_part(req).await
    }

    async fn upload_part_copy(
        &self,
        req: S3Request<UploadPartCopyInput>,
    ) -> S3Result<S3Response<UploadPartCopyOutput>> {
        self.files.upload_part_copy(req).await
    }

    async fn list_parts(&self, req: S3Request<ListPartsInput>) -> S3Result<S3Response<ListPartsOutput>> {
        self.files.list_parts(req).await
    }

    async fn abort_multipart_upload(
        &self,
        req: S3Request<AbortMultipartUploadInput>,
    ) -> S3Result<S3Response<AbortMultipartUploadOutput>> {
        self.files.abort_multipart_upload(req).await
    }
}
