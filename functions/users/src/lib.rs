//! The `users` service: people and what is theirs.

pub mod add_address;
mod addresses;
pub mod change_password;
pub mod delete_me;
pub mod delete_session;
pub mod erase_withdrawn;
pub mod export_me;
mod exported;
mod gathering;
pub mod get_me;
pub mod get_user;
mod hindrance;
pub mod list_addresses;
pub mod list_sessions;
pub mod remove_address;
pub mod set_location;
pub mod update_address;
pub mod update_me;

pub use addresses::ShownAddress;
use export_me::ExportMe;
use shared::{
    Fault,
    api::{Core, Service, Tools},
    secrets::SecretName,
    tokens::seal::SealKey,
    uploads::Uploads,
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

impl UsersTools {
    fn cursor_key(&self) -> Result<SealKey, Fault> {
        SealKey::new(self.core.secrets.get(SecretName::CursorKey)?)
    }

    fn uploads(&self) -> Uploads {
        Uploads::new(&self.core.aws, &self.core.config)
    }
}

/// The service's table of contents.
pub const SERVICE: Service<UsersTools> = Service {
    name: "users",
    endpoints: &[
        &get_me::GetMe,
        &update_me::UpdateMe,
        &set_location::SetLocation,
        &list_addresses::ListAddresses,
        &add_address::AddAddress,
        &update_address::UpdateAddress,
        &remove_address::RemoveAddress,
        &get_user::GetUser,
        &delete_me::DeleteMe,
        &export_me::ExportMe,
        &change_password::ChangePassword,
        &list_sessions::ListSessions,
        &delete_session::DeleteSession,
    ],
    jobs: &[&erase_withdrawn::EraseWithdrawn],
};
