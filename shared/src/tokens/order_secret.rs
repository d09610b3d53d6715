//! The secret by which a guest sees an order: a keyed hash of its id, so nothing is stored, and the
//! secret of one order says nothing about another's.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::ids::OrderId;

use super::seal::{SealKey, equal_in_constant_time};
use crate::{fault::Fault, secrets::Secret};

/// The making and the check of guests' secrets.
#[derive(Debug, Clone)]
pub struct OrderSecrets(SealKey);

impl OrderSecrets {
    /// With this key.
    ///
    /// # Errors
    /// When the key is none.
    pub fn new(key: &Secret) -> Result<Self, Fault> {
        SealKey::new(key).map(Self)
    }

    /// The secret of an order: 43 characters that are good in an address.
    #[must_use]
    pub fn of(&self, order: OrderId) -> String {
        URL_SAFE_NO_PAD.encode(self.0.derive("order-secret", &[&order.to_string()]))
    }

    /// Whether this is the secret of the order.
    #[must_use]
    pub fn is_right(&self, order: OrderId, secret: &str) -> bool {
        equal_in_constant_time(self.of(order).as_bytes(), secret.as_bytes())
    }
}
