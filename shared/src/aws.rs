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
    pub fn new(config: &AwsConfig) -> Result<Self, Fault> {
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
            .retry_config(RetryConfig::standard().with_max_attempts(3))
            .timeout_config(
                TimeoutConfig::builder()
                    .connect_timeout(Duration::from_secs(1))
                    .operation_attempt_timeout(Duration::from_secs(5))
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
