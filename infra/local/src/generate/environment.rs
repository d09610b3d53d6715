//! Which variables a function gets besides those that every function has (`Globals` of
//! infra/base.yaml): only what it needs. The names are those of `shared::config`.

use shared::{api::Touch, secrets::SecretName, store::Kind};

use super::Function;

/// Services whose functions read the settings of a sale. A test compares with the sources.
pub const SALES: [&str; 1] = ["checkout"];

/// The name of a bucket, as infra/base.yaml spells it.
pub const UPLOADS_BUCKET: &str = "${AWS::StackName}-uploads-${AWS::AccountId}";

/// As [`UPLOADS_BUCKET`].
pub const PICTURES_BUCKET: &str = "${AWS::StackName}-pictures-${AWS::AccountId}";

/// Names and YAML values, sorted by name.
#[must_use]
pub fn variables(function: &Function<'_>) -> Vec<(&'static str, String)> {
    let touches = function.touches();
    let does = |wanted: &[Touch]| touches.iter().any(|touch| wanted.contains(touch));
    let mut variables = Vec::new();
    // Whoever sends a browser to a provider, or takes one back, says who the site is there.
    let logs_in = |secret| does(&[Touch::Put(Kind::LOGIN_ATTEMPT), Touch::Secret(secret)]);
    if logs_in(SecretName::GoogleClientSecret) {
        variables.push(("GOOGLE_CLIENT_ID", "!Ref GoogleClientId".to_owned()));
    }
    if logs_in(SecretName::KakaoClientSecret) {
        variables.push(("KAKAO_CLIENT_ID", "!Ref KakaoClientId".to_owned()));
    }
    if does(&[Touch::SendMail]) {
        variables.push(("MAIL_CONFIGURATION", "!Ref MailConfiguration".to_owned()));
        variables.push(("MAIL_FROM", "!Ref MailFrom".to_owned()));
    }
    if matches!(function, Function::Endpoint(_)) {
        variables.push(("ORIGIN_KEY", "!Ref OriginKey".to_owned()));
    }
    if does(&[Touch::WritePicture, Touch::DeletePicture]) {
        variables.push(("PICTURES_BUCKET", format!("!Sub \"{PICTURES_BUCKET}\"")));
    }
    if SALES.contains(&function.service()) {
        variables.push(("PLATFORM_FEE_BASIS_POINTS", "!Ref PlatformFeeBasisPoints".to_owned()));
        variables.push(("TOSS_CLIENT_KEY", "!Ref TossClientKey".to_owned()));
    }
    if does(&[
        Touch::GrantUpload,
        Touch::ReadUpload,
        Touch::DeleteUpload,
        Touch::ReadOriginal,
        Touch::WriteOriginal,
        Touch::DeleteOriginal,
    ]) {
        variables.push(("UPLOADS_BUCKET", format!("!Sub \"{UPLOADS_BUCKET}\"")));
    }
    variables
}

/// The parameter that may reserve instances for the function: those that are dear (hashing takes a
/// gigabyte for a good part of a second) or must not be starved (payments).
#[must_use]
pub fn concurrency(function: &Function<'_>) -> Option<&'static str> {
    let talks_to_provider = function.touches().contains(&Touch::Secret(SecretName::TossSecretKey));
    let hashes = function.service() == "auth" && function.memory_mb() >= 1024;
    match (talks_to_provider, hashes) {
        (true, _) => Some("PaymentConcurrency"),
        (false, true) => Some("PasswordConcurrency"),
        (false, false) => None,
    }
}
