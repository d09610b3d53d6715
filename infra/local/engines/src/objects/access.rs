//! Who may do what with the objects, and what is made to fail; asked after the signature has been
//! checked, with the operation as S3 names it.

use s3s::{
    S3Error, S3ErrorCode, S3Request, S3Result,
    access::{S3Access, S3AccessContext},
    auth::{S3Auth, SecretKey},
    dto::DeleteObjectsInput,
    path::S3Path,
    s3_error,
};

use super::Trace;
use crate::{
    Engine, FaultKind, Faults, Permissions,
    permissions::{Demand, refusal},
};

/// One secret for every access key that somebody has, new in each run.
pub(super) struct Keys(pub(super) Permissions);

#[async_trait::async_trait]
impl S3Auth for Keys {
    async fn get_secret_key(&self, access_key: &str) -> S3Result<SecretKey> {
        if self.0.knows(access_key) {
            Ok(SecretKey::from(self.0.secret()))
        } else {
            Err(s3_error!(InvalidAccessKeyId, "The AWS Access Key Id you provided does not exist in our records."))
        }
    }
}

pub(super) struct Access {
    permissions: Permissions,
    faults: Faults,
}

impl Access {
    pub(super) fn new(permissions: Permissions, faults: Faults) -> Self {
        Self { permissions, faults }
    }

    fn check_all(&self, caller: &str, demands: &[Demand]) -> S3Result<()> {
        match demands.iter().find(|demand| !self.permissions.allows(caller, demand)) {
            None => Ok(()),
            Some(demand) => Err(access_denied(caller, demand)),
        }
    }
}

#[async_trait::async_trait]
impl S3Access for Access {
    async fn check(&self, cx: &mut S3AccessContext<'_>) -> S3Result<()> {
        let operation = cx.s3_op().name().to_owned();
        let copied = cx.headers().get("x-amz-copy-source").and_then(|source| source.to_str().ok()).map(str::to_owned);
        let demands = demands_of(&operation, cx.s3_path(), copied.as_deref());
        let trace = cx.extensions_mut().get::<Trace>().cloned().unwrap_or_default();
        trace.write(|traced| {
            traced.operation.clone_from(&operation);
            traced.demands.clone_from(&demands);
        });
        let Some(credentials) = cx.credentials() else { return Err(s3_error!(AccessDenied, "Access Denied")) };
        self.check_all(&credentials.access_key, &demands)?;
        let fault = self.faults.decide_where(Engine::Objects, &operation, can_fail);
        trace.write(|traced| traced.fault = fault);
        match fault {
            Some(FaultKind::Throttle) => Err(s3_error!(SlowDown, "Please reduce your request rate.")),
            Some(FaultKind::ServerError) => {
                Err(s3_error!(InternalError, "We encountered an internal error. Please try again."))
            }
            // The front sees the trace and closes the connection in place of this answer.
            Some(FaultKind::TimeOutBefore) => Err(s3_error!(RequestTimeout)),
            _ => Ok(()),
        }
    }

    /// The keys of a batch are in its body, which has been read only here.
    async fn delete_objects(&self, req: &mut S3Request<DeleteObjectsInput>) -> S3Result<()> {
        let bucket = &req.input.bucket;
        let objects = req.input.delete.objects.iter();
        let demands: Vec<Demand> =
            objects.map(|object| Demand::new("s3:DeleteObject", format!("bucket/{bucket}/{}", object.key))).collect();
        if let Some(trace) = req.extensions.get::<Trace>() {
            trace.write(|traced| traced.demands.clone_from(&demands));
        }
        let caller = req.credentials.as_ref().map(|credentials| credentials.access_key.as_str());
        self.check_all(caller.unwrap_or_default(), &demands)
    }
}

fn can_fail(kind: FaultKind) -> bool {
    matches!(
        kind,
        FaultKind::Throttle
            | FaultKind::ServerError
            | FaultKind::TimeOutBefore
            | FaultKind::TimeOutAfterApply
            | FaultKind::SlowMs(_)
    )
}

/// The refusal of S3, in the words that it uses within an account.
pub(super) fn access_denied(caller: &str, demand: &Demand) -> S3Error {
    let arn = format!("arn:aws:s3:::{}", demand.resource.trim_start_matches("bucket/"));
    S3Error::with_message(S3ErrorCode::AccessDenied, refusal(caller, demand, &format!("\"{arn}\"")))
}

/// The actions behind an operation ("Required permissions for Amazon S3 API operations").
fn demands_of(operation: &str, path: &S3Path, copied: Option<&str>) -> Vec<Demand> {
    let resource = match path {
        S3Path::Root => "bucket".to_owned(),
        S3Path::Bucket { bucket } => format!("bucket/{bucket}"),
        S3Path::Object { bucket, key } => format!("bucket/{bucket}/{key}"),
    };
    let source =
        || Demand::new("s3:GetObject", format!("bucket/{}", copied.unwrap_or_default().trim_start_matches('/')));
    let of = |action: &str| vec![Demand::new(action, resource.clone())];
    match operation {
        "GetObject" | "HeadObject" => of("s3:GetObject"),
        "PutObject" | "CreateMultipartUpload" | "UploadPart" | "CompleteMultipartUpload" => of("s3:PutObject"),
        "CopyObject" | "UploadPartCopy" => [of("s3:PutObject"), vec![source()]].concat(),
        "DeleteObject" => of("s3:DeleteObject"),
        // Checked with the keys, when the body has been read.
        "DeleteObjects" => Vec::new(),
        "ListObjects" | "ListObjectsV2" | "HeadBucket" => of("s3:ListBucket"),
        "ListBuckets" => of("s3:ListAllMyBuckets"),
        other => of(&format!("s3:{other}")),
    }
}
