//! What a function does to the world outside.

use super::{
    kind::{Index, Kind},
    secret::SecretName,
};

/// One thing that a function does to the world outside. The generator turns the list of them into
/// the function's role, and the tests hold the list to what was observed, both ways.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Touch {
    /// Reads single items of the kind (`dynamodb:GetItem`).
    Get(Kind),
    /// Reads several items by key at once (`dynamodb:BatchGetItem`).
    BatchGet(Kind),
    /// Reads a partition (`dynamodb:Query`).
    Query(Kind),
    /// Reads an index (`dynamodb:Query` on the index).
    QueryIndex(Kind, Index),
    /// Writes whole items, always under a condition (`dynamodb:PutItem`).
    Put(Kind),
    /// Changes attributes, always under a condition (`dynamodb:UpdateItem`).
    Update(Kind),
    /// Removes items, always under a condition (`dynamodb:DeleteItem`).
    Delete(Kind),
    /// Checks an item within a transaction (`dynamodb:ConditionCheckItem`).
    Check(Kind),
    /// Reads a secret at the start (`ssm:GetParameters`).
    Secret(SecretName),
    /// Grants an upload (`s3:PutObject` below `raw/`).
    GrantUpload,
    /// Reads an upload (`s3:GetObject` below `raw/`).
    ReadUpload,
    /// Removes an upload (`s3:DeleteObject` below `raw/`).
    DeleteUpload,
    /// Reads originals, or grants a download of one (`s3:GetObject` below `originals/`).
    ReadOriginal,
    /// Keeps originals (`s3:PutObject` below `originals/`).
    WriteOriginal,
    /// Removes originals (`s3:DeleteObject` below `originals/`).
    DeleteOriginal,
    /// Writes pictures that are served (`s3:PutObject` below `pictures/`).
    WritePicture,
    /// Removes pictures that were served (`s3:DeleteObject` below `pictures/`).
    DeletePicture,
    /// Sends mail (`ses:SendEmail`).
    SendMail,
}
