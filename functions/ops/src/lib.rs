//! The `ops` service: what machines ask about the API itself.

pub mod get_health;
pub mod get_openapi;
pub mod refuse_unknown;

use shared::{
    Fault,
    api::{Core, Service, Tools},
};

/// Everything that this service may touch.
#[derive(Debug)]
pub struct OpsTools {
    core: Core,
}

impl Tools for OpsTools {
    fn start(core: Core) -> Result<Self, Fault> {
        Ok(Self { core })
    }

    fn core(&self) -> &Core {
        &self.core
    }
}

/// The service's table of contents.
pub const SERVICE: Service<OpsTools> = Service {
    name: "ops",
    endpoints: &[&get_health::GetHealth, &get_openapi::GetOpenapi, &refuse_unknown::RefuseUnknown],
    jobs: &[],
};
