//! The only door to SES.

pub mod messages;

use aws_sdk_sesv2::{
    Client,
    error::{ProvideErrorMetadata as _, SdkError},
    operation::send_email::SendEmailError,
    types::{Body, Content, Destination, EmailContent, Message},
};
use domain::text::Email;

use crate::{
    aws::Aws,
    config::Config,
    fault::{Fault, FaultKind},
    ground::touch::Touch,
    meter,
};

/// The door to SES.
#[derive(Debug, Clone)]
pub struct Mail {
    client: Client,
    from: String,
    configuration: String,
}

/// A mail that is ready to go: subject without line breaks, both forms of the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailText {
    /// The subject.
    pub subject: String,
    /// The text for programs that show no HTML.
    pub text: String,
    /// The same as HTML.
    pub html: String,
}

/// What became of an attempt to send.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sent {
    /// SES took it.
    Accepted,
    /// SES will never take this mail to this address, whenever it is asked.
    Rejected,
}

impl Mail {
    /// The door with the sender of this configuration.
    #[must_use]
    pub fn new(aws: &Aws, config: &Config) -> Self {
        Self { client: aws.mail(), from: config.mail_from.clone(), configuration: config.mail_configuration.clone() }
    }

    /// Sends a mail. SES has no idempotency key: whoever calls this takes care not to call it twice,
    /// and the SDK asks once only.
    ///
    /// # Errors
    /// [`FaultKind::Throttled`] or [`FaultKind::Mail`] when trying again later may help.
    pub async fn send(&self, to: &Email, mail: &MailText) -> Result<Sent, Fault> {
        meter::touch(Touch::SendMail);
        let broken =
            |error: aws_sdk_sesv2::error::BuildError| Fault::new(FaultKind::Mail, "write a mail").with_source(error);
        let part = |text: &str| Content::builder().data(text).charset("UTF-8").build();
        let body =
            Body::builder().text(part(&mail.text).map_err(broken)?).html(part(&mail.html).map_err(broken)?).build();
        let message = Message::builder().subject(part(&mail.subject).map_err(broken)?).body(body).build();
        let outcome = self
            .client
            .send_email()
            .from_email_address(&self.from)
            .configuration_set_name(&self.configuration)
            .destination(Destination::builder().to_addresses(to.as_str()).build())
            .content(EmailContent::builder().simple(message).build())
            .send()
            .await;
        outcome.map_or_else(|error| judge(&error), |_| Ok(Sent::Accepted))
    }
}

/// What an error of SES says of the mail. `BadRequestException` alone is about the mail: SES could not
/// read it. Every other one passes, or ends when somebody puts our set-up right; until then the mail
/// waits.
fn judge<R>(error: &SdkError<SendEmailError, R>) -> Result<Sent, Fault> {
    let (kind, context) = match error.as_service_error() {
        Some(SendEmailError::BadRequestException(_)) => return Ok(Sent::Rejected),
        // `MessageRejected` is what an identity that is not verified and an account in the sandbox get.
        Some(
            SendEmailError::MessageRejected(_)
            | SendEmailError::MailFromDomainNotVerifiedException(_)
            | SendEmailError::SendingPausedException(_)
            | SendEmailError::AccountSuspendedException(_)
            | SendEmailError::NotFoundException(_),
        ) => (FaultKind::Mail, "send a mail: SES refuses our set-up"),
        Some(SendEmailError::TooManyRequestsException(_) | SendEmailError::LimitExceededException(_)) => {
            (FaultKind::Throttled, "send a mail")
        }
        _ => (FaultKind::Mail, "send a mail"),
    };
    Err(Fault::new(kind, context).with_source(cause(error)))
}

/// What went wrong, in SES's code alone: its words name addresses, and a fault ends in the log.
fn cause<R>(error: &SdkError<SendEmailError, R>) -> String {
    match error {
        SdkError::TimeoutError(_) => "no answer in time".to_owned(),
        SdkError::DispatchFailure(_) => "no connection".to_owned(),
        SdkError::ResponseError(_) => "an answer that is none".to_owned(),
        other => other.as_service_error().and_then(|error| error.code()).unwrap_or("no code").to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_sesv2::{
        error::ErrorMetadata,
        types::error::{
            AccountSuspendedException, BadRequestException, LimitExceededException, MailFromDomainNotVerifiedException,
            MessageRejected, NotFoundException, SendingPausedException, TooManyRequestsException,
        },
    };

    use super::*;

    fn meta(code: &str) -> ErrorMetadata {
        ErrorMetadata::builder().code(code).message("mina@example.com is at fault").build()
    }

    /// How an error of SES is read.
    fn read(error: SendEmailError) -> Result<Sent, (FaultKind, String)> {
        judge(&SdkError::service_error(error, ())).map_err(|fault| (fault.kind, fault.chain()))
    }

    macro_rules! error {
        ($kind:ident) => {
            SendEmailError::$kind($kind::builder().meta(meta(stringify!($kind))).build())
        };
    }

    #[test]
    fn only_a_mail_that_ses_cannot_read_is_not_tried_again() {
        assert_eq!(read(error!(BadRequestException)), Ok(Sent::Rejected));
        for ours in [
            error!(MessageRejected),
            error!(MailFromDomainNotVerifiedException),
            error!(SendingPausedException),
            error!(AccountSuspendedException),
            error!(NotFoundException),
        ] {
            let code = ours.code().unwrap_or_default().to_owned();
            let told = format!("send a mail: SES refuses our set-up: {code}");
            assert_eq!(read(ours), Err((FaultKind::Mail, told)));
        }
        for busy in [error!(TooManyRequestsException), error!(LimitExceededException)] {
            let told = format!("send a mail: {}", busy.code().unwrap_or_default());
            assert_eq!(read(busy), Err((FaultKind::Throttled, told)));
        }
        // What the SDK does not know by name: a role that may not send.
        let unknown = SendEmailError::generic(meta("AccessDeniedException"));
        assert_eq!(read(unknown), Err((FaultKind::Mail, "send a mail: AccessDeniedException".to_owned())));
    }
}
