//! From a declared touch to the permission that it is: the one place where the two meet. The
//! template's roles and docs/KEYS.md are written from it.

use shared::{
    api::Touch,
    store::{Index, Kind},
};

/// What a touch needs, before it is written for IAM.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Permission {
    /// An action on items of the table, by the pattern of their partition keys.
    Item {
        /// `dynamodb:GetItem` and the like.
        action: &'static str,
        /// What the partition keys look like.
        keys: &'static str,
    },
    /// A query of an index, by the pattern of its partition keys.
    Index {
        /// Which.
        index: Index,
        /// What the partition keys look like.
        keys: &'static str,
    },
    /// `ssm:GetParameters` on one parameter, by the last part of its name.
    Parameter(&'static str),
    /// An action on the uploads, all of which lie below `raw/`.
    Upload(&'static str),
    /// An action on the originals, all of which lie below `originals/`, beside the uploads.
    Original(&'static str),
    /// An action on the pictures, all of which lie below `pictures/`.
    Picture(&'static str),
    /// `ses:SendEmail`, from our own address.
    Mail,
}

/// What a touch needs; `None` when it asks for an index in which the kind is not.
#[must_use]
pub fn permission(touch: Touch) -> Option<Permission> {
    Some(match touch {
        Touch::Get(kind) => item("dynamodb:GetItem", kind),
        Touch::BatchGet(kind) => item("dynamodb:BatchGetItem", kind),
        Touch::Query(kind) => item("dynamodb:Query", kind),
        Touch::Put(kind) => item("dynamodb:PutItem", kind),
        Touch::Update(kind) => item("dynamodb:UpdateItem", kind),
        Touch::Delete(kind) => item("dynamodb:DeleteItem", kind),
        Touch::Check(kind) => item("dynamodb:ConditionCheckItem", kind),
        Touch::QueryIndex(kind, index) => match kind.index_pattern(index) {
            Some((keys, _)) => Permission::Index { index, keys },
            None => return None,
        },
        Touch::Secret(name) => Permission::Parameter(name.parameter()),
        Touch::GrantUpload => Permission::Upload("s3:PutObject"),
        Touch::ReadUpload => Permission::Upload("s3:GetObject"),
        Touch::DeleteUpload => Permission::Upload("s3:DeleteObject"),
        Touch::ReadOriginal => Permission::Original("s3:GetObject"),
        Touch::WriteOriginal => Permission::Original("s3:PutObject"),
        Touch::DeleteOriginal => Permission::Original("s3:DeleteObject"),
        Touch::WritePicture => Permission::Picture("s3:PutObject"),
        Touch::DeletePicture => Permission::Picture("s3:DeleteObject"),
        Touch::SendMail => Permission::Mail,
    })
}

const fn item(action: &'static str, kind: Kind) -> Permission {
    Permission::Item { action, keys: kind.partition_pattern() }
}

/// The kind of item that a touch is about, with how, in a word.
#[must_use]
pub const fn on_kind(touch: Touch) -> Option<(Kind, &'static str)> {
    match touch {
        Touch::Get(kind) => Some((kind, "get")),
        Touch::BatchGet(kind) => Some((kind, "batch get")),
        Touch::Query(kind) => Some((kind, "query")),
        Touch::QueryIndex(kind, Index::Gsi1) => Some((kind, "query gsi1")),
        Touch::QueryIndex(kind, Index::Gsi2) => Some((kind, "query gsi2")),
        Touch::QueryIndex(kind, Index::Gsi3) => Some((kind, "query gsi3")),
        Touch::QueryIndex(kind, Index::Due) => Some((kind, "query due")),
        Touch::Put(kind) => Some((kind, "put")),
        Touch::Update(kind) => Some((kind, "update")),
        Touch::Delete(kind) => Some((kind, "delete")),
        Touch::Check(kind) => Some((kind, "check")),
        Touch::Secret(_)
        | Touch::GrantUpload
        | Touch::ReadUpload
        | Touch::DeleteUpload
        | Touch::ReadOriginal
        | Touch::WriteOriginal
        | Touch::DeleteOriginal
        | Touch::WritePicture
        | Touch::DeletePicture
        | Touch::SendMail => None,
    }
}
