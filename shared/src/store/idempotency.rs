//! The record of a request that was answered.
//!
//! | key | value | why |
//! |---|---|---|
//! | pk | `ONCE#{hash}` | the hash names caller, operation and key: no caller meets another's record |
//! | sk | `REPLY` | |
//! | ttl | a day after the request | |

use domain::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Entity, Key, Kind, Table, keys};
use crate::{
    api::idempotency::{Claim, StoredReply},
    fault::Fault,
};

/// The record of a request that was answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IdempotencyRecord {
    record: String,
    /// The answer.
    #[serde(flatten)]
    pub reply: StoredReply,
}

impl IdempotencyRecord {
    pub(crate) fn new(claim: &Claim, reply: StoredReply) -> Self {
        Self { record: claim.record.clone(), reply }
    }
}

impl Entity for IdempotencyRecord {
    const KIND: Kind = Kind::IdempotencyRecord;

    fn key(&self) -> Key {
        keys::idempotency_record(&self.record)
    }

    fn sweep_at(&self) -> Option<Timestamp> {
        Some(self.reply.expires_at)
    }
}

impl Table {
    /// The answer that this request got before, if it did and is still remembered.
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn remembered(&self, claim: &Claim) -> Result<Option<StoredReply>, Fault> {
        let record: Option<IdempotencyRecord> = self.get(keys::idempotency_record(&claim.record)).await?;
        Ok(record.map(|record| record.reply).filter(|reply| reply.expires_at > claim.at))
    }
}
