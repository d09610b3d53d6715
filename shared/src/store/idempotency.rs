//! The record of a request that was answered.
//!
//! | key | value | why |
//! |---|---|---|
//! | pk | `ONCE#{hash}` | the hash names caller, operation and key: no caller meets another's record |
//! | sk | `REPLY` | |
//! | ttl | a day after the request | |
//!
//! The answer in it is sealed: see [`crate::api::idempotency`].

use std::fmt;

use domain::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::{Entity, Key, Kind, Table};
use crate::{
    fault::Fault,
    ground::idempotency::{Claim, StoredReply},
};

/// The record of a request that was answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IdempotencyRecord {
    record: String,
    fingerprint: String,
    status: u16,
    body: Sealed,
    expires_at: Timestamp,
}

/// Bytes that only the claim opens. Kept as bytes: as text they would be a third longer.
#[derive(Clone, PartialEq, Eq)]
struct Sealed(Vec<u8>);

impl fmt::Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sealed({} bytes)", self.0.len())
    }
}

impl Serialize for Sealed {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(&self.0)
    }
}

impl<'de> Deserialize<'de> for Sealed {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Bytes;

        impl de::Visitor<'_> for Bytes {
            type Value = Sealed;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("bytes")
            }

            fn visit_bytes<E: de::Error>(self, bytes: &[u8]) -> Result<Sealed, E> {
                Ok(Sealed(bytes.to_vec()))
            }

            fn visit_byte_buf<E: de::Error>(self, bytes: Vec<u8>) -> Result<Sealed, E> {
                Ok(Sealed(bytes))
            }
        }

        deserializer.deserialize_byte_buf(Bytes)
    }
}

impl IdempotencyRecord {
    pub(crate) fn new(claim: &Claim, reply: &StoredReply) -> Result<Self, Fault> {
        Ok(Self {
            record: claim.record.clone(),
            fingerprint: reply.fingerprint.clone(),
            status: reply.status,
            body: Sealed(claim.seal(&reply.body)?),
            expires_at: reply.expires_at,
        })
    }

    /// The answer, for who makes the same claim.
    pub(crate) fn open(self, claim: &Claim) -> Result<StoredReply, Fault> {
        Ok(StoredReply {
            body: claim.open(&self.body.0)?,
            fingerprint: self.fingerprint,
            status: self.status,
            expires_at: self.expires_at,
        })
    }
}

impl Kind {
    /// See [`IdempotencyRecord`].
    pub const IDEMPOTENCY_RECORD: Self = Self::new("idempotency_record", "ONCE#*", "REPLY");
}

impl IdempotencyRecord {
    /// Its key.
    #[must_use]
    pub fn key(hash: &str) -> Key<Self> {
        Key::new(Kind::IDEMPOTENCY_RECORD, hash, "")
    }
}

impl Entity for IdempotencyRecord {
    const KIND: Kind = Kind::IDEMPOTENCY_RECORD;

    fn to_key(&self) -> Key<Self> {
        IdempotencyRecord::key(&self.record)
    }

    fn sweep_at(&self) -> Option<Timestamp> {
        Some(self.expires_at)
    }
}

impl Table {
    /// The answer that this request got before, if it did and is still remembered.
    ///
    /// # Errors
    /// When the table does not answer, or the answer cannot be opened.
    pub async fn remembered(&self, claim: &Claim) -> Result<Option<StoredReply>, Fault> {
        let record: Option<IdempotencyRecord> = self.get(IdempotencyRecord::key(&claim.record)).await?;
        record.filter(|record| record.expires_at > claim.at).map(|record| record.open(claim)).transpose()
    }
}
