//! The `users` service: people and what is theirs.

pub mod get_me;

use shared::{
    Fault,
    api::{Core, Service, Tools},
};

/// Everything that this service may touch.
#[derive(Debug)]
pub struct UsersTools {
    core: Core,
}

impl Tools for UsersTools {
    fn start(core: Core) -> Result<Self, Fault> {
        Ok(Self { core })
    }

    fn core(&self) -> &Core {
        &self.core
    }
}

/// The service's table of contents.
pub const SERVICE: Service<UsersTools> = Service { name: "users", endpoints: &[&get_me::GetMe], jobs: &[] };
