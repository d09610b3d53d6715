//! The `checkout` service: from the choice of goods to the money.
//!
//! The orders are there, with their stock held, before a payment provider is called. What the browser
//! brings back, what a schedule finds, and later what a webhook says, all go through [`settle`]:
//! there is one way from *confirming* to *paid*.

pub mod confirm_payment;
mod confirmed;
pub mod create_checkout;
pub mod expire_holds;
pub mod get_checkout;
pub mod reconcile_payments;
mod settle;
pub mod toss_webhook;

use domain::ledger::FeePolicy;
use shared::{
    Fault, FaultKind,
    api::{Core, Service, Tools},
    payments::{LazyPayments, Payments},
    secrets::SecretName,
    tokens::order_secret::OrderSecrets,
};

/// Everything that this service may touch.
#[derive(Debug)]
pub struct CheckoutTools {
    core: Core,
    payments: LazyPayments,
}

impl CheckoutTools {
    fn order_secrets(&self) -> Result<OrderSecrets, Fault> {
        OrderSecrets::new(self.core.secrets.get(SecretName::OrderKey)?)
    }

    fn payments(&self) -> Result<&Payments, Fault> {
        self.payments.get(&self.core.config, &self.core.secrets)
    }

    fn fee(&self) -> Result<FeePolicy, Fault> {
        u16::try_from(self.core.config.platform_fee_basis_points)
            .ok()
            .and_then(|points| FeePolicy::new(points).ok())
            .ok_or_else(|| Fault::new(FaultKind::Configuration, "the platform fee is out of range"))
    }
}

impl Tools for CheckoutTools {
    fn start(core: Core) -> Result<Self, Fault> {
        Ok(Self { core, payments: LazyPayments::default() })
    }

    fn core(&self) -> &Core {
        &self.core
    }
}

/// The service's table of contents.
pub const SERVICE: Service<CheckoutTools> = Service {
    name: "checkout",
    endpoints: &[
        &create_checkout::CreateCheckout,
        &get_checkout::GetCheckout,
        &confirm_payment::ConfirmPayment,
        &toss_webhook::TossWebhook,
    ],
    jobs: &[&expire_holds::ExpireHolds, &reconcile_payments::ReconcilePayments],
};
