//! The `auth` service: from a stranger's address to a signed-in person.

mod challenge;
pub mod check_nickname;
pub mod complete_oauth;
pub mod disable_totp;
pub mod enable_totp;
pub mod finish_oauth;
pub mod get_jwks;
mod known_device;
pub mod link_login;
pub mod list_logins;
mod oauth;
mod proof_tries;
mod qr;
pub mod refresh_session;
pub mod reset_password;
pub mod send_email_code;
mod session;
pub mod sign_in;
pub mod sign_in_totp;
pub mod sign_out;
pub mod sign_up;
pub mod start_oauth;
pub mod start_totp;
pub mod unlink_login;
pub mod verify_email_code;

use std::sync::OnceLock;

use domain::auth::LoginProvider;
use shared::{
    Fault,
    api::{Core, Service, Tools},
    login_providers::LoginProviders,
    secrets::{Secret, SecretName},
    store::Table,
    tokens::{access::AccessTokenSigner, seal::SealKey, totp::TotpKey},
};

/// Everything that this service may touch.
#[derive(Debug)]
pub struct AuthTools {
    core: Core,
    /// Kept for the life of the process, with what it has learned of the providers.
    login_providers: OnceLock<LoginProviders>,
}

impl Tools for AuthTools {
    fn start(core: Core) -> Result<Self, Fault> {
        Ok(Self { core, login_providers: OnceLock::new() })
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

    /// Made when it is first needed: the functions that speak to no provider need none.
    fn login_providers(&self) -> Result<&LoginProviders, Fault> {
        if let Some(made) = self.login_providers.get() {
            return Ok(made);
        }
        let made = LoginProviders::new(&self.core.config)?;
        Ok(self.login_providers.get_or_init(|| made))
    }

    fn client_secret(&self, provider: LoginProvider) -> Result<&Secret, Fault> {
        self.core.secrets.get(match provider {
            LoginProvider::Google => SecretName::GoogleClientSecret,
            LoginProvider::Kakao => SecretName::KakaoClientSecret,
        })
    }

    fn totp_key(&self) -> Result<TotpKey, Fault> {
        TotpKey::new(self.core.secrets.get(SecretName::TotpKey)?)
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
        &sign_in_totp::SignInTotp,
        &refresh_session::RefreshSession,
        &sign_out::SignOut,
        &reset_password::ResetPassword,
        &check_nickname::CheckNickname,
        &get_jwks::GetJwks,
        &start_oauth::StartOauth,
        &finish_oauth::FinishOauth,
        &complete_oauth::CompleteOauth,
        &list_logins::ListLogins,
        &link_login::LinkLogin,
        &unlink_login::UnlinkLogin,
        &start_totp::StartTotp,
        &enable_totp::EnableTotp,
        &disable_totp::DisableTotp,
    ],
    jobs: &[],
};
