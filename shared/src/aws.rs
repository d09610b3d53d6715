//! How AWS is called: one configuration for every SDK client, made from the environment alone.
//!
//! No `aws-config`: its credential chain costs milliseconds at each start and finds what Lambda
//! has already put into the environment. TLS is rustls on *ring* (aws-lc gathers entropy for 50 ms
//! at its first handshake), and the trusted roots are Amazon's own, which parse faster than the
//! list of the system and trust fewer.

use std::time::Duration;

use aws_credential_types::Credentials;
use aws_smithy_async::rt::sleep::{SharedAsyncSleep, TokioSleep};
use aws_smithy_http_client::{
    Builder,
    tls::{Provider, TlsContext, TrustStore, rustls_provider::CryptoMode},
};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_smithy_types::{retry::RetryConfig, timeout::TimeoutConfig};
use aws_types::{SdkConfig, region::Region};

use crate::{
    config::AwsConfig,
    fault::{Fault, FaultKind},
};

/// Amazon Root CA 1 to 4 and the Starfield root above them (amazontrust.com/repository).
const AMAZON_ROOTS: &[u8] = include_bytes!("aws/amazon_roots.pem");

/// How often a call is tried.
const ATTEMPTS: u32 = 3;
/// The longest pause before the second try. Before the third one it is twice as long.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
/// The longest that all pauses of a call take.
const PAUSES: Duration = FIRST_PAUSE.saturating_mul(3);
/// The longest that one try takes, however much time the function has.
const ATTEMPT_AT_MOST: Duration = Duration::from_secs(5);

/// How long a call to AWS may take, so that its function can still do something about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CallLimits {
    /// One try, from the request to the answer.
    attempt: Duration,
    /// All tries with the pauses between them.
    call: Duration,
}

impl CallLimits {
    /// For a function that Lambda ends after so many seconds: a call may take two fifths of them, so two
    /// calls in a row may use up their time and an answer still goes out.
    #[must_use]
    pub const fn within(time_out_s: u32) -> Self {
        let call = Duration::from_secs(time_out_s as u64).saturating_mul(2).checked_div(5);
        let Some(call) = call else { return Self { attempt: ATTEMPT_AT_MOST, call: ATTEMPT_AT_MOST } };
        let attempt = match call.saturating_sub(PAUSES).checked_div(ATTEMPTS) {
            Some(attempt) if attempt.as_millis() < ATTEMPT_AT_MOST.as_millis() => attempt,
            _ => ATTEMPT_AT_MOST,
        };
        Self { attempt, call: attempt.saturating_mul(ATTEMPTS).saturating_add(PAUSES) }
    }

    /// The longest that a call takes with all its tries.
    #[must_use]
    pub const fn call(self) -> Duration {
        self.call
    }
}

/// The SDK clients of a process, made when first asked for.
#[derive(Debug, Clone)]
pub struct Aws {
    sdk: SdkConfig,
}

impl Aws {
    /// From the configuration. Opens no connection.
    ///
    /// # Errors
    /// [`FaultKind::Configuration`] when the trusted roots cannot be read.
    pub fn new(config: &AwsConfig, limits: CallLimits) -> Result<Self, Fault> {
        let credentials = Credentials::new(
            &config.access_key_id,
            &config.secret_access_key,
            config.session_token.clone(),
            None,
            "environment",
        );
        let mut sdk = SdkConfig::builder()
            .region(Region::new(config.region.clone()))
            .credentials_provider(aws_credential_types::provider::SharedCredentialsProvider::new(credentials))
            .behavior_version(aws_sdk_dynamodb::config::BehaviorVersion::latest())
            .sleep_impl(SharedAsyncSleep::new(TokioSleep::new()))
            .retry_config(RetryConfig::standard().with_max_attempts(ATTEMPTS).with_initial_backoff(FIRST_PAUSE))
            .timeout_config(
                TimeoutConfig::builder()
                    .connect_timeout(Duration::from_secs(1))
                    .operation_attempt_timeout(limits.attempt)
                    .operation_timeout(limits.call)
                    .build(),
            )
            .http_client(http_client(config)?);
        if let Some(url) = &config.endpoint_url {
            sdk = sdk.endpoint_url(url);
        }
        Ok(Self { sdk: sdk.build() })
    }

    pub(crate) fn database(&self) -> aws_sdk_dynamodb::Client {
        aws_sdk_dynamodb::Client::new(&self.sdk)
    }

    /// Path-style addresses where an endpoint of our own stands in for S3.
    pub(crate) fn objects(&self) -> aws_sdk_s3::Client {
        let local = self.sdk.endpoint_url().is_some();
        aws_sdk_s3::Client::from_conf(
            aws_sdk_s3::config::Builder::from(&self.sdk)
                .force_path_style(local)
                .request_checksum_calculation(aws_sdk_s3::config::RequestChecksumCalculation::WhenRequired)
                .response_checksum_validation(aws_sdk_s3::config::ResponseChecksumValidation::WhenRequired)
                .build(),
        )
    }

    /// Asks once: sending cannot be repeated without sending twice, and who calls knows better when.
    pub(crate) fn mail(&self) -> aws_sdk_sesv2::Client {
        let once = aws_sdk_sesv2::config::Builder::from(&self.sdk).retry_config(RetryConfig::disabled()).build();
        aws_sdk_sesv2::Client::from_conf(once)
    }

    pub(crate) fn parameters(&self) -> aws_sdk_ssm::Client {
        aws_sdk_ssm::Client::new(&self.sdk)
    }
}

fn http_client(config: &AwsConfig) -> Result<SharedHttpClient, Fault> {
    if config.endpoint_url.as_deref().is_some_and(|url| url.starts_with("http://")) {
        return Ok(Builder::new().build_http());
    }
    let context = TlsContext::builder()
        .with_trust_store(TrustStore::empty().with_pem_certificate(AMAZON_ROOTS))
        .build()
        .map_err(|error| Fault::new(FaultKind::Configuration, "read the trusted roots").with_source(error))?;
    Ok(Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring)).tls_context(context).build_https())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_with_all_its_tries_and_pauses_fits_into_its_function_twice() {
        for time_out_s in 3..=900 {
            let limits = CallLimits::within(time_out_s);
            assert!(limits.call() * 2 < Duration::from_secs(time_out_s.into()), "{time_out_s}: {limits:?}");
            assert_eq!(limits.attempt * ATTEMPTS + PAUSES, limits.call, "{time_out_s}: the last try is cut short");
            assert!(limits.attempt <= ATTEMPT_AT_MOST);
        }
        assert!(CallLimits::within(10).attempt >= Duration::from_secs(1), "a slow answer is still an answer");
    }
}
