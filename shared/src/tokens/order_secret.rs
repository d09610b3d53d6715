//! The secret by which a guest sees a checkout and each of its orders: a keyed hash of the checkout's id,
//! so nothing is stored, and the secret of one checkout says nothing about another's.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::ids::{CheckoutId, OrderId};

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

    /// The secret of a checkout: 43 characters that are good in an address.
    #[must_use]
    pub fn of(&self, checkout: CheckoutId) -> String {
        URL_SAFE_NO_PAD.encode(self.0.derive("checkout-secret", &[&checkout.to_string()]))
    }

    /// The secret of an order from before there were checkouts, as mails of that time have it.
    #[must_use]
    pub fn of_old_order(&self, order: OrderId) -> String {
        URL_SAFE_NO_PAD.encode(self.0.derive("order-secret", &[&order.to_string()]))
    }

    /// Whether this is the secret of the checkout.
    #[must_use]
    pub fn opens_checkout(&self, checkout: CheckoutId, secret: &str) -> bool {
        equal_in_constant_time(self.of(checkout).as_bytes(), secret.as_bytes())
    }

    /// Whether this is the secret of the order, which is of this checkout.
    #[must_use]
    pub fn opens_order(&self, order: OrderId, checkout: CheckoutId, secret: &str) -> bool {
        let is_old = equal_in_constant_time(self.of_old_order(order).as_bytes(), secret.as_bytes());
        self.opens_checkout(checkout, secret) || is_old
    }
}
