//! The `auth` service: from a stranger's address to a signed-in person.

mod challenge;
pub mod check_nickname;
pub mod get_jwks;
pub mod refresh_session;
pub mod reset_password;
pub mod send_email_code;
mod session;
pub mod sign_in;
pub mod sign_out;
pub mod sign_up;
pub mod verify_email_code;

use shared::{
    Fault,
    api::{Core, Service, Tools},
    secrets::SecretName,
    store::Table,
    tokens::{access::AccessTokenSigner, seal::SealKey},
};

/// Everything that this service may touch.
#[derive(Debug)]
pub struct AuthTools {
    core: Core,
}

impl Tools for AuthTools {
    fn start(core: Core) -> Result<Self, Fault> {
        Ok(Self { core })
    }

    fn core(&self) -> &Core {
        &self.core
    }
}

// Keys are made when they are needed: each function has only the secrets that it declares, and
// making one costs microseconds.
impl AuthTools {
    fn table(&self) -> &Table {
        &self.core.table
    }

    fn email_code_key(&self) -> Result<SealKey, Fault> {
        SealKey::new(self.core.secrets.get(SecretName::EmailCodeKey)?)
    }

    fn challenge_key(&self) -> Result<SealKey, Fault> {
        SealKey::new(self.core.secrets.get(SecretName::ChallengeKey)?)
    }

    fn signer(&self) -> Result<AccessTokenSigner, Fault> {
        let key = self.core.secrets.get(SecretName::AccessTokenKey)?;
        AccessTokenSigner::new(key, &self.core.config.site_origin)
    }
}

/// The service's table of contents.
pub const SERVICE: Service<AuthTools> = Service {
    name: "auth",
    endpoints: &[
        &send_email_code::SendEmailCode,
        &verify_email_code::VerifyEmailCode,
        &sign_up::SignUp,
        &sign_in::SignIn,
        &refresh_session::RefreshSession,
        &sign_out::SignOut,
        &reset_password::ResetPassword,
        &check_nickname::CheckNickname,
        &get_jwks::GetJwks,
    ],
    jobs: &[],
};
