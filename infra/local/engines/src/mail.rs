//! Mail: SESv2's `SendEmail`, caught in a mailbox that a person can open and a test can read.
//!
//! With a data folder each message is appended to a file of JSON lines before it is acknowledged,
//! so a killed process forgets none.

mod events;
mod request;

use std::{
    fs,
    io::{self, Write as _},
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use domain::Timestamp;
pub use events::{MailEvent, MailEventKind};
use http::StatusCode;
pub(crate) use request::demands_of;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::sync::watch;

use crate::{EngineError, FaultKind, queue::EventQueue};

/// A caught message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// The id that the sender was told.
    pub id: String,
    /// Every address that it goes to, as the sender wrote it; copies and blind copies too.
    pub to: Vec<String>,
    /// The sender.
    pub from: String,
    /// Where answers go.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reply_to: Vec<String>,
    /// The subject.
    pub subject: String,
    /// The plain text; of a raw message, everything after its headers.
    pub text: String,
    /// The HTML; empty when there is none.
    pub html: String,
    /// The message tags, as name and value.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<(String, String)>,
    /// The configuration set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub configuration_set: Option<String>,
    /// When it was sent, on the clock of the local cloud.
    pub at: Timestamp,
}

/// Why a message was not taken, in SES's words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct MailError {
    pub(crate) status: StatusCode,
    pub(crate) kind: &'static str,
    pub(crate) message: String,
}

impl MailError {
    fn bad_request(message: impl Into<String>) -> Self {
        Self { status: StatusCode::BAD_REQUEST, kind: "BadRequestException", message: message.into() }
    }

    /// The error that a fault asks for.
    pub(crate) fn of_fault(kind: FaultKind) -> Option<Self> {
        let (status, kind, message) = match kind {
            FaultKind::Throttle => {
                (StatusCode::TOO_MANY_REQUESTS, "TooManyRequestsException", "Maximum sending rate exceeded.")
            }
            FaultKind::Reject => (StatusCode::BAD_REQUEST, "MessageRejected", "Email address is not verified."),
            FaultKind::BadRequest => (StatusCode::BAD_REQUEST, "BadRequestException", "Illegal address"),
            FaultKind::ServerError => {
                (StatusCode::INTERNAL_SERVER_ERROR, "InternalServiceErrorException", "Internal service error.")
            }
            _ => return None,
        };
        Some(Self { status, kind, message: message.to_owned() })
    }
}

/// Every message sent, shared by the clones.
#[derive(Debug, Clone)]
pub struct Mailbox {
    state: Arc<Mutex<State>>,
    count: watch::Sender<usize>,
    events: EventQueue<MailEvent>,
}

#[derive(Debug)]
struct State {
    messages: Vec<Message>,
    file: Option<fs::File>,
}

impl Mailbox {
    /// An empty mailbox in memory, or the messages of the file and the events of the folder.
    pub(crate) fn open(file: Option<PathBuf>, events: Option<PathBuf>) -> Result<Self, EngineError> {
        let mut state = State { messages: Vec::new(), file: None };
        if let Some(path) = file {
            let kept = match fs::read_to_string(&path) {
                Ok(kept) => kept,
                Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
                Err(error) => return Err(error.into()),
            };
            let (whole, torn) = kept.rsplit_once('\n').unwrap_or(("", &kept));
            for line in whole.lines() {
                state.messages.push(serde_json::from_str(line).map_err(|error| EngineError::File {
                    file: path.display().to_string(),
                    reason: error.to_string(),
                })?);
            }
            let file = fs::OpenOptions::new().create(true).append(true).open(&path)?;
            // A line without its end was being written when the process was killed: nobody was told
            // that the message had been taken.
            let whole_length = kept.len().saturating_sub(torn.len());
            file.set_len(u64::try_from(whole_length).unwrap_or(u64::MAX))?;
            state.file = Some(file);
        }
        let count = watch::Sender::new(state.messages.len());
        Ok(Self { state: Arc::new(Mutex::new(state)), count, events: EventQueue::open(events)? })
    }

    /// The messages, newest first: all of them, or those to one address (compared without case, and
    /// without the name before it).
    #[must_use]
    pub fn list(&self, to: Option<&str>) -> Vec<Message> {
        let wanted = to.map(|to| request::bare_address(to).to_lowercase());
        let is_wanted = |message: &&Message| {
            wanted.as_ref().is_none_or(|wanted| {
                message.to.iter().any(|address| request::bare_address(address).to_lowercase() == *wanted)
            })
        };
        self.lock().messages.iter().rev().filter(is_wanted).cloned().collect()
    }

    /// How many messages there are; changes wake whoever waits for one.
    #[must_use]
    pub fn count(&self) -> watch::Receiver<usize> {
        self.count.subscribe()
    }

    /// The bounces and complaints that have not been acknowledged, oldest first. With a data folder
    /// they survive a restart.
    #[must_use]
    pub fn pending_events(&self) -> Vec<MailEvent> {
        self.events.pending()
    }

    /// Forgets an event that was delivered.
    pub fn acknowledge(&self, event: &MailEvent) {
        self.events.acknowledge(event);
    }

    /// Counts events; changes wake whoever delivers them.
    #[must_use]
    pub fn events(&self) -> watch::Receiver<u64> {
        self.events.arrivals()
    }

    /// Takes the message of a `SendEmail` request and tells its id.
    pub(crate) fn send(&self, body: &[u8], now: Timestamp) -> Result<Value, MailError> {
        let request = serde_json::from_slice(body)
            .map_err(|error| MailError::bad_request(format!("could not parse the request: {error}")))?;
        let message = request::message_of(request, now)?;
        let (id, events) = (message.id.clone(), events::of(&message));
        let kept = self.keep(message).and_then(|()| events.into_iter().try_for_each(|event| self.events.push(event)));
        kept.map_err(|error| MailError {
            status: StatusCode::INTERNAL_SERVER_ERROR,
            kind: "InternalServiceErrorException",
            message: format!("the mailbox could not be written: {error}"),
        })?;
        Ok(json!({"MessageId": id}))
    }

    fn keep(&self, message: Message) -> io::Result<()> {
        let mut state = self.lock();
        if let Some(file) = &mut state.file {
            let mut line = serde_json::to_vec(&message)?;
            line.push(b'\n');
            file.write_all(&line)?;
        }
        state.messages.push(message);
        self.count.send_replace(state.messages.len());
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
