//! The two ways in which work can fail, never mixed: a rule said no, or we broke.

use std::{error::Error, fmt};

use domain::ServiceError;

use super::idempotency::StoredReply;

/// What broke.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FaultKind {
    /// The time of the function was nearly over. What was asked may have been done.
    TimeOut,
    /// DynamoDB gave an error that is no answer to the question.
    Database,
    /// DynamoDB, or the account, is over its rate; trying again later helps.
    Throttled,
    /// Others wrote the same items at the same moment, through every retry.
    Contention,
    /// S3 gave an error.
    Objects,
    /// SES gave an error.
    Mail,
    /// The parameter store gave an error.
    Secrets,
    /// A payment provider gave an answer that says our set-up is wrong.
    Provider,
    /// The operating system gave no randomness.
    Randomness,
    /// The environment of the function is incomplete or wrong.
    Configuration,
    /// A stored thing cannot be read, or contradicts itself.
    Corrupt,
    /// A cryptographic operation failed on our own material.
    Cryptography,
}

impl FaultKind {
    /// Whether the same request may well succeed a moment later.
    #[must_use]
    pub const fn is_transient(self) -> bool {
        match self {
            Self::TimeOut
            | Self::Database
            | Self::Throttled
            | Self::Contention
            | Self::Objects
            | Self::Mail
            | Self::Secrets => true,
            Self::Provider | Self::Randomness | Self::Configuration | Self::Corrupt | Self::Cryptography => false,
        }
    }
}

/// Something broke on our side. It is logged with its cause and never shown to a client: there is
/// no way to serialize it.
#[derive(Debug)]
pub struct Fault {
    /// What broke.
    pub kind: FaultKind,
    /// What we were doing.
    pub context: &'static str,
    source: Option<Box<dyn Error + Send + Sync>>,
}

impl Fault {
    /// A fault without a cause of its own.
    #[must_use]
    pub const fn new(kind: FaultKind, context: &'static str) -> Self {
        Self { kind, context, source: None }
    }

    /// The same with what caused it.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// The whole chain in one line, for the log.
    #[must_use]
    pub fn chain(&self) -> String {
        let mut text = self.context.to_owned();
        let mut next: Option<&(dyn Error + 'static)> = self.source.as_deref().map(|e| e as _);
        while let Some(error) = next {
            text.push_str(": ");
            text.push_str(&error.to_string());
            next = error.source();
        }
        text
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.context)
    }
}

impl Error for Fault {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_deref().map(|e| e as _)
    }
}

/// Why an endpoint does not answer with its reply.
#[derive(Debug)]
pub enum Failure {
    /// A rule said no. The client is told why.
    Refused(Box<dyn ServiceError>),
    /// We broke. The client is told only that, and the log everything.
    Broken(Fault),
    /// The same request was answered before: this is that answer.
    Replayed(Box<StoredReply>),
}

impl<E: ServiceError> From<E> for Failure {
    fn from(error: E) -> Self {
        Self::Refused(Box::new(error))
    }
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        Self::Broken(fault)
    }
}
