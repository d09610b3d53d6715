//! The `orders` service: orders as their buyers and sellers see them.

pub mod get_order;
pub mod list_orders;
pub mod list_store_orders;
mod theirs;
pub mod transition_order;
pub mod transition_store_order;

use shared::{
    Fault,
    api::{Core, Service, Tools},
    secrets::SecretName,
    tokens::order_secret::OrderSecrets,
};

/// Everything that this service may touch.
#[derive(Debug)]
pub struct OrdersTools {
    core: Core,
}

impl OrdersTools {
    fn order_secrets(&self) -> Result<OrderSecrets, Fault> {
        OrderSecrets::new(self.core.secrets.get(SecretName::OrderKey)?)
    }
}

impl Tools for OrdersTools {
    fn start(core: Core) -> Result<Self, Fault> {
        Ok(Self { core })
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
    jobs: &[],
};
