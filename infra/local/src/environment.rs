//! The environment of the functions: names, keys and secrets, made at the first start.

use std::collections::BTreeMap;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use engines::{Engines, Secrets};
use shared::{
    config::{AwsConfig, Config},
    fault::Fault,
    payments::TimeLimits,
    random,
    secrets::SecretName,
    tokens::access::generate_key,
};

use crate::permissions::Places;

/// The one table. The engine's shard ids hold its name, and clients refuse ids that are too short.
pub const TABLE: &str = "jangteo-local";
const UPLOADS_BUCKET: &str = "jangteo-local-uploads";
const PICTURES_BUCKET: &str = "jangteo-local-pictures";
const SECRETS_PREFIX: &str = "/jangteo/local/";
const MAIL_FROM: &str = "no-reply@jangteo.test";
const MAIL_CONFIGURATION: &str = "jangteo-local-mail";
const REGION: &str = "ap-northeast-2";
/// What the payment window of the simulator asks for. Public by nature.
pub(crate) const TOSS_CLIENT_KEY: &str = "test_ck_local_jangteo";
/// What the login simulators call this site. Public by nature.
pub(crate) const GOOGLE_CLIENT_ID: &str = "local-jangteo.apps.googleusercontent.com";
/// As [`GOOGLE_CLIENT_ID`].
pub(crate) const KAKAO_CLIENT_ID: &str = "10ca1000000000000000000000007a67";
/// 5 %: enough to see it in the ledger.
const PLATFORM_FEE_BASIS_POINTS: u32 = 500;
/// The public half of the key that signs access tokens; kept beside the private half, so that the
/// two are written at once or not at all.
const ACCESS_TOKEN_PUBLIC_KEYS: &str = "access-token-public-keys";

/// What every function is given, whatever its name.
#[derive(Debug, Clone)]
pub struct Environment {
    config: Config,
}

/// The secrets of a new cloud. A data folder that has some keeps its own.
pub(crate) fn new_secrets() -> Result<BTreeMap<String, String>, Fault> {
    let (private, public) = generate_key()?;
    let mut secrets = BTreeMap::from([(format!("{SECRETS_PREFIX}{ACCESS_TOKEN_PUBLIC_KEYS}"), public)]);
    for name in SecretName::ALL {
        let value = match name {
            SecretName::AccessTokenKey => private.expose().to_owned(),
            SecretName::ChallengeKey
            | SecretName::CursorKey
            | SecretName::EmailCodeKey
            | SecretName::OrderKey
            | SecretName::TotpKey => STANDARD.encode(random::bytes::<32>()?),
            SecretName::GoogleClientSecret | SecretName::KakaoClientSecret => {
                STANDARD.encode(random::bytes::<24>()?).replace(['+', '/'], "0")
            }
            SecretName::TossSecretKey => {
                format!("test_sk_{}", STANDARD.encode(random::bytes::<18>()?).replace(['+', '/'], "0"))
            }
        };
        secrets.insert(format!("{SECRETS_PREFIX}{}", name.parameter()), value);
    }
    Ok(secrets)
}

/// A secret of this cloud.
pub(crate) fn secret(secrets: &Secrets, name: SecretName) -> String {
    secrets.get(&format!("{SECRETS_PREFIX}{}", name.parameter())).unwrap_or_default()
}

/// The buckets to make.
pub(crate) fn buckets() -> Vec<String> {
    vec![UPLOADS_BUCKET.to_owned(), PICTURES_BUCKET.to_owned()]
}

impl Environment {
    pub(crate) fn new(site_origin: &str, engines: &Engines, toss_url: &str, google_issuer: Option<String>) -> Self {
        let secrets = engines.secrets();
        let config = Config {
            table: TABLE.to_owned(),
            uploads_bucket: UPLOADS_BUCKET.to_owned(),
            pictures_bucket: PICTURES_BUCKET.to_owned(),
            site_origin: site_origin.to_owned(),
            secrets_prefix: SECRETS_PREFIX.to_owned(),
            access_token_keys: secrets.get(&format!("{SECRETS_PREFIX}{ACCESS_TOKEN_PUBLIC_KEYS}")).unwrap_or_default(),
            mail_from: MAIL_FROM.to_owned(),
            mail_configuration: MAIL_CONFIGURATION.to_owned(),
            toss_base_url: toss_url.to_owned(),
            toss_time_limits: TimeLimits::STANDARD,
            toss_client_key: TOSS_CLIENT_KEY.to_owned(),
            toss_window_url: Some(format!("{site_origin}/_local/toss/window")),
            google_client_id: GOOGLE_CLIENT_ID.to_owned(),
            google_issuer: google_issuer.unwrap_or_else(|| format!("{site_origin}/_local/login/google")),
            kakao_client_id: KAKAO_CLIENT_ID.to_owned(),
            kakao_issuer: format!("{site_origin}/_local/login/kakao"),
            origin_key: String::new(),
            platform_fee_basis_points: PLATFORM_FEE_BASIS_POINTS,
            aws: AwsConfig {
                region: REGION.to_owned(),
                endpoint_url: Some(engines.aws_url()),
                access_key_id: String::new(),
                secret_access_key: engines.permissions().secret().to_owned(),
                session_token: None,
            },
        };
        Self { config }
    }

    /// The configuration of the function with this name. The name is its access key too, which
    /// stands in for the role that it has in AWS.
    #[must_use]
    pub fn config(&self, function: &str) -> Config {
        let mut config = self.config.clone();
        function.clone_into(&mut config.aws.access_key_id);
        config
    }

    /// The same as variables for a process: of ours those with these names, as the template gives
    /// them, and besides those of Lambda and those that lead to this cloud in place of the world.
    #[must_use]
    pub fn variables(&self, function: &str, names: &[&str]) -> Vec<(&'static str, String)> {
        let config = self.config(function);
        let ours = [
            ("TABLE_NAME", config.table),
            ("UPLOADS_BUCKET", config.uploads_bucket),
            ("PICTURES_BUCKET", config.pictures_bucket),
            ("SITE_ORIGIN", config.site_origin),
            ("SECRETS_PREFIX", config.secrets_prefix),
            ("ACCESS_TOKEN_KEYS", config.access_token_keys),
            ("MAIL_CONFIGURATION", config.mail_configuration),
            ("MAIL_FROM", config.mail_from),
            ("TOSS_CLIENT_KEY", config.toss_client_key),
            ("GOOGLE_CLIENT_ID", config.google_client_id),
            ("KAKAO_CLIENT_ID", config.kakao_client_id),
            ("ORIGIN_KEY", config.origin_key),
            ("PLATFORM_FEE_BASIS_POINTS", config.platform_fee_basis_points.to_string()),
        ];
        let mut variables: Vec<_> = ours.into_iter().filter(|(name, _)| names.contains(name)).collect();
        variables.extend([
            ("TOSS_BASE_URL", config.toss_base_url),
            ("TOSS_WINDOW_URL", config.toss_window_url.unwrap_or_default()),
            ("GOOGLE_ISSUER", config.google_issuer),
            ("KAKAO_ISSUER", config.kakao_issuer),
            ("AWS_REGION", config.aws.region),
            ("AWS_ENDPOINT_URL", config.aws.endpoint_url.unwrap_or_default()),
            ("AWS_ACCESS_KEY_ID", config.aws.access_key_id),
            ("AWS_SECRET_ACCESS_KEY", config.aws.secret_access_key),
        ]);
        variables
    }

    /// The names that roles speak of.
    #[must_use]
    pub fn places(&self) -> Places {
        Places {
            table: self.config.table.clone(),
            uploads_bucket: self.config.uploads_bucket.clone(),
            pictures_bucket: self.config.pictures_bucket.clone(),
            secrets_prefix: self.config.secrets_prefix.clone(),
            mail_from: self.config.mail_from.clone(),
            mail_configuration: self.config.mail_configuration.clone(),
        }
    }
}
