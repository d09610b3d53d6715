//! The `notifications` service.

use shared::{
    Fault,
    api::{Core, Service, Tools},
};

/// Everything that this service may touch.
#[derive(Debug)]
pub struct NotificationsTools {
    core: Core,
}

impl Tools for NotificationsTools {
    fn start(core: Core) -> Result<Self, Fault> {
        Ok(Self { core })
    }

    fn core(&self) -> &Core {
        &self.core
    }
}

/// The service's table of contents.
pub const SERVICE: Service<NotificationsTools> = Service { name: "notifications", endpoints: &[], jobs: &[] };
