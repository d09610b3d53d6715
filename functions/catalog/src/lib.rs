//! The `catalog` service.

use shared::{
    Fault,
    api::{Core, Service, Tools},
};

/// Everything that this service may touch.
#[derive(Debug)]
pub struct CatalogTools {
    core: Core,
}

impl Tools for CatalogTools {
    fn start(core: Core) -> Result<Self, Fault> {
        Ok(Self { core })
    }

    fn core(&self) -> &Core {
        &self.core
    }
}

/// The service's table of contents.
pub const SERVICE: Service<CatalogTools> = Service { name: "catalog", endpoints: &[], jobs: &[] };
