//! The configuration of a function: its environment, read once at the start.
//!
//! The template sets these variables from its parameters; `scripts/dev` and the test kit build the
//! same value in code. Nothing secret is among them: secrets come through [`crate::secrets`].

use std::time::Duration;

use super::fault::{Fault, FaultKind};

/// Everything that differs between one stack and another.
#[derive(Debug, Clone)]
pub struct Config {
    /// The name of the one table (`TABLE_NAME`).
    pub table: String,
    /// The bucket that clients upload into (`UPLOADS_BUCKET`).
    pub uploads_bucket: String,
    /// The bucket that pictures are served from (`PICTURES_BUCKET`).
    pub pictures_bucket: String,
    /// Scheme and host of the site, without a slash at the end (`SITE_ORIGIN`).
    pub site_origin: String,
    /// What the names of our parameters in the parameter store start with (`SECRETS_PREFIX`).
    pub secrets_prefix: String,
    /// The public keys of access tokens (`ACCESS_TOKEN_KEYS`): JSON, `{"keys":[{"kid":…,"x":…}]}`.
    pub access_token_keys: String,
    /// Who mails are from (`MAIL_FROM`), an address that SES has verified.
    pub mail_from: String,
    /// The configuration set of SES by which we are told of bounces and complaints
    /// (`MAIL_CONFIGURATION`).
    pub mail_configuration: String,
    /// Scheme and host of the Toss API (`TOSS_BASE_URL`).
    pub toss_base_url: String,
    /// How long we wait for Toss; the same in every stack. Tests of a provider that hangs wait less.
    pub toss_time_limits: TimeLimits,
    /// The public key for the Toss payment window (`TOSS_CLIENT_KEY`).
    pub toss_client_key: String,
    /// Where the payment window of the simulator is (`TOSS_WINDOW_URL`); empty in production.
    pub toss_window_url: Option<String>,
    /// What Google calls this site (`GOOGLE_CLIENT_ID`); empty when nobody logs in by Google.
    pub google_client_id: String,
    /// Who answers for Google (`GOOGLE_ISSUER`), without a slash at the end.
    pub google_issuer: String,
    /// What Kakao calls this site, its REST API key (`KAKAO_CLIENT_ID`); empty when nobody logs in
    /// by Kakao.
    pub kakao_client_id: String,
    /// Who answers for Kakao (`KAKAO_ISSUER`), without a slash at the end.
    pub kakao_issuer: String,
    /// What CloudFront adds to each request, so that we believe its word on the viewer's address
    /// (`ORIGIN_KEY`). Empty: nobody is believed, and the peer's own address counts.
    pub origin_key: String,
    /// The platform's part of a sale in hundredths of a per cent (`PLATFORM_FEE_BASIS_POINTS`).
    pub platform_fee_basis_points: u32,
    /// How AWS is reached.
    pub aws: AwsConfig,
}

/// How long a call to a payment provider may take, from the connection to the last byte of the answer.
#[derive(Debug, Clone, Copy)]
pub struct TimeLimits {
    /// A confirmation or a cancellation.
    pub change: Duration,
    /// A question.
    pub ask: Duration,
}

impl TimeLimits {
    /// 15 s and 6 s. API Gateway gives a request 30 s. One that changes something asks once more when
    /// nobody answers, and what is known by then must still be written down.
    pub const STANDARD: Self = Self { change: Duration::from_secs(15), ask: Duration::from_secs(6) };

    /// The longest that one change and one question take together.
    #[must_use]
    pub const fn change_and_ask(&self) -> Duration {
        self.change.saturating_add(self.ask)
    }
}

/// Where AWS is and who we are there.
#[derive(Debug, Clone)]
pub struct AwsConfig {
    /// The region (`AWS_REGION`, set by Lambda).
    pub region: String,
    /// One endpoint in place of all of AWS (`AWS_ENDPOINT_URL`): the local cloud. `None` in AWS.
    pub endpoint_url: Option<String>,
    /// The access key id (`AWS_ACCESS_KEY_ID`, set by Lambda from the function's role).
    pub access_key_id: String,
    /// The secret access key (`AWS_SECRET_ACCESS_KEY`).
    pub secret_access_key: String,
    /// The session token (`AWS_SESSION_TOKEN`).
    pub session_token: Option<String>,
}

impl Config {
    /// Reads the environment of the process.
    ///
    /// # Errors
    /// [`FaultKind::Configuration`] when a variable that every function has is missing or wrong.
    /// Variables that only some functions have are empty in the others.
    pub fn from_environment() -> Result<Self, Fault> {
        let fee = variable("PLATFORM_FEE_BASIS_POINTS").unwrap_or_else(|| "0".to_owned());
        Ok(Self {
            table: required("TABLE_NAME")?,
            uploads_bucket: variable("UPLOADS_BUCKET").unwrap_or_default(),
            pictures_bucket: variable("PICTURES_BUCKET").unwrap_or_default(),
            site_origin: required("SITE_ORIGIN")?,
            secrets_prefix: required("SECRETS_PREFIX")?,
            access_token_keys: required("ACCESS_TOKEN_KEYS")?,
            mail_from: variable("MAIL_FROM").unwrap_or_default(),
            mail_configuration: variable("MAIL_CONFIGURATION").unwrap_or_default(),
            toss_base_url: variable("TOSS_BASE_URL").unwrap_or_else(|| "https://api.tosspayments.com".to_owned()),
            toss_time_limits: TimeLimits::STANDARD,
            toss_client_key: variable("TOSS_CLIENT_KEY").unwrap_or_default(),
            toss_window_url: variable("TOSS_WINDOW_URL").filter(|url| !url.is_empty()),
            google_client_id: variable("GOOGLE_CLIENT_ID").unwrap_or_default(),
            google_issuer: variable("GOOGLE_ISSUER").unwrap_or_else(|| "https://accounts.google.com".to_owned()),
            kakao_client_id: variable("KAKAO_CLIENT_ID").unwrap_or_default(),
            kakao_issuer: variable("KAKAO_ISSUER").unwrap_or_else(|| "https://kauth.kakao.com".to_owned()),
            origin_key: variable("ORIGIN_KEY").unwrap_or_default(),
            platform_fee_basis_points: fee
                .parse()
                .ok()
                .filter(|points| *points <= 10_000)
                .ok_or_else(|| Fault::new(FaultKind::Configuration, "PLATFORM_FEE_BASIS_POINTS must be 0 to 10000"))?,
            aws: AwsConfig {
                region: required("AWS_REGION")?,
                endpoint_url: variable("AWS_ENDPOINT_URL"),
                access_key_id: required("AWS_ACCESS_KEY_ID")?,
                secret_access_key: required("AWS_SECRET_ACCESS_KEY")?,
                session_token: variable("AWS_SESSION_TOKEN"),
            },
        })
    }
}

#[expect(clippy::disallowed_methods, reason = "this is the one place that reads the environment")]
fn variable(name: &'static str) -> Option<String> {
    std::env::var(name).ok()
}

fn required(name: &'static str) -> Result<String, Fault> {
    variable(name).ok_or_else(|| Fault::new(FaultKind::Configuration, "a variable is missing").with_source(name))
}
