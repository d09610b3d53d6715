//! The `orders` service.

use shared::{
    Fault,
    api::{Core, Service, Tools},
};

/// Everything that this service may touch.
#[derive(Debug)]
pub struct OrdersTools {
    core: Core,
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
pub const SERVICE: Service<OrdersTools> = Service { name: "orders", endpoints: &[], jobs: &[] };
