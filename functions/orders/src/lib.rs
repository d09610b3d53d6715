//! The `orders` service: orders as their buyers and sellers see them.

pub mod carry_out_refunds;
pub mod confirm_receipts;
pub mod get_order;
pub mod list_orders;
pub mod list_store_orders;
mod theirs;
pub mod transition_order;
pub mod transition_store_order;

use shared::{
    Fault,
    api::{Core, Service, Tools},
    payments::{LazyPayments, Payments},
    secrets::SecretName,
    tokens::order_secret::OrderSecrets,
};

/// Everything that this service may touch.
#[derive(Debug)]
pub struct OrdersTools {
    core: Core,
    payments: LazyPayments,
}

impl OrdersTools {
    fn payments(&self) -> Result<&Payments, Fault> {
        self.payments.get(&self.core.config, &self.core.secrets)
    }

    fn order_secrets(&self) -> Result<OrderSecrets, Fault> {
        OrderSecrets::new(self.core.secrets.get(SecretName::OrderKey)?)
    }
}

impl Tools for OrdersTools {
    fn start(core: Core) -> Result<Self, Fault> {
        Ok(Self { core, payments: LazyPayments::default() })
    }

    fn core(&self) -> &Core {
        &self.core
    }
}

/// The service's table of contents.
pub const SERVICE: Service<OrdersTools> = Service {
    name: "orders",
    endpoints: &[
        &list_orders::ListOrders,
        &get_order::GetOrder,
        &transition_order::TransitionOrder,
        &list_store_orders::ListStoreOrders,
        &transition_store_order::TransitionStoreOrder,
    ],
    jobs: &[&carry_out_refunds::CarryOutRefunds, &confirm_receipts::ConfirmReceipts],
};
