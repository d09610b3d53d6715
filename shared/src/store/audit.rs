//! What happened to an order, by whom and by which request. Written with the change itself, never
//! changed afterwards.
//!
//! | key | value |
//! |---|---|
//! | pk | `ORDER#{order}` |
//! | sk | `AUDIT#{version}` |

use domain::{
    Timestamp,
    ids::{OrderId, UserId},
    orders::OrderStatus,
};
use serde::{Deserialize, Serialize};

use super::{Entity, Key, Kind};

/// One change of an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditRow {
    /// Which order.
    pub order_id: OrderId,
    /// The version that the change made. One request may change an order more than once.
    pub version: u32,
    /// When.
    pub at: Timestamp,
    /// What happened, as the process names it.
    pub event: String,
    /// Who made it happen, as the process names actors.
    pub actor: String,
    /// The person, where the actor is one who is signed in.
    pub user_id: Option<UserId>,
    /// The state before; `None` for the first row.
    pub from: Option<OrderStatus>,
    /// The state after.
    pub to: OrderStatus,
    /// The request or invocation.
    pub request_id: String,
}

impl Kind {
    /// See [`AuditRow`].
    pub const AUDIT_ROW: Self = Self::new("audit_row", "ORDER#*", "AUDIT#{version}");
}

impl AuditRow {
    /// Its key.
    #[must_use]
    pub fn key(order: OrderId, version: u32) -> Key<Self> {
        Key::new(Kind::AUDIT_ROW, order, format_args!("{version:010}"))
    }
}

impl Entity for AuditRow {
    const KIND: Kind = Kind::AUDIT_ROW;

    fn to_key(&self) -> Key<Self> {
        AuditRow::key(self.order_id, self.version)
    }
}
