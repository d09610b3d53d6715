//! What SES tells of a mail afterwards, on the event bus: bounces and complaints, for the addresses of
//! its mailbox simulator alone. A mail of no configuration set has no events.
//!
//! Sources: "Using the mailbox simulator manually", "Examples of event data" and "Monitoring sending
//! with EventBridge", SES Developer Guide.

use domain::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Message, request};
use crate::{permissions::LOCAL_ACCOUNT, queue::Queued};

const SIMULATOR: &str = "simulator.amazonses.com";
const REGION: &str = "ap-northeast-2";

/// What became of a mail to one address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailEvent {
    /// The mail.
    pub message_id: String,
    /// The address.
    pub to: String,
    /// What became of it.
    pub kind: MailEventKind,
    /// The configuration set that it was sent with.
    pub configuration_set: String,
    /// When, on the clock of the local cloud.
    pub time: Timestamp,
    /// 16 hexadecimal digits; of two events the later has the greater.
    pub sequencer: String,
}

/// What became of a mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum MailEventKind {
    /// There is no such mailbox.
    Bounce,
    /// SES knows of many that the address bounces, and did not try.
    Suppressed,
    /// The recipient called it spam.
    Complaint,
}

impl Queued for MailEvent {
    fn sequencer(&self) -> &str {
        &self.sequencer
    }

    fn set_sequencer(&mut self, sequencer: String) {
        self.sequencer = sequencer;
    }
}

/// The events of a message.
pub(super) fn of(message: &Message) -> Vec<MailEvent> {
    let Some(configuration_set) = &message.configuration_set else { return Vec::new() };
    let event = |address: &String| {
        let to = request::bare_address(address).to_lowercase();
        let (local, domain) = to.rsplit_once('@')?;
        // `bounce+anything@` is as good as `bounce@`.
        let kind = match local.split('+').next()? {
            "bounce" => MailEventKind::Bounce,
            "suppressionlist" => MailEventKind::Suppressed,
            "complaint" => MailEventKind::Complaint,
            _ => return None,
        };
        (domain == SIMULATOR).then(|| MailEvent {
            message_id: message.id.clone(),
            kind,
            configuration_set: configuration_set.clone(),
            time: message.at,
            sequencer: String::new(),
            to: to.clone(),
        })
    };
    message.to.iter().filter_map(event).collect()
}

impl MailEvent {
    /// The `detail-type`.
    #[must_use]
    pub const fn detail_type(&self) -> &'static str {
        match self.kind {
            MailEventKind::Bounce | MailEventKind::Suppressed => "Email Bounced",
            MailEventKind::Complaint => "Email Complaint Received",
        }
    }

    /// The event as EventBridge gives it to a function.
    #[must_use]
    pub fn payload(&self) -> Value {
        let Self { message_id, configuration_set, time, to, sequencer, .. } = self;
        let set = format!("arn:aws:ses:{REGION}:{LOCAL_ACCOUNT}:configuration-set/{configuration_set}");
        let mail = json!({
            "timestamp": time,
            "messageId": message_id,
            "destination": [to],
            "tags": {"ses:configuration-set": [configuration_set]},
        });
        let bounce = |sub_type: &str| {
            json!({"eventType": "Bounce", "mail": mail, "bounce": {
                "bounceType": "Permanent",
                "bounceSubType": sub_type,
                "bouncedRecipients": [{"emailAddress": to, "action": "failed", "status": "5.1.1"}],
                "timestamp": time,
                "feedbackId": format!("{message_id}-feedback-{to}"),
            }})
        };
        let detail = match self.kind {
            MailEventKind::Bounce => bounce("General"),
            MailEventKind::Suppressed => bounce("Suppressed"),
            MailEventKind::Complaint => json!({"eventType": "Complaint", "mail": mail, "complaint": {
                "complaintFeedbackType": "abuse",
                "complainedRecipients": [{"emailAddress": to}],
                "timestamp": time,
                "feedbackId": format!("{message_id}-feedback-{to}"),
            }}),
        };
        json!({
            "version": "0",
            "id": format!("{sequencer}-{message_id}"),
            "detail-type": self.detail_type(),
            "source": "aws.ses",
            "account": LOCAL_ACCOUNT,
            "time": time,
            "region": REGION,
            "resources": [set],
            "detail": detail,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(to: &[&str], configuration_set: Option<&str>) -> Message {
        Message {
            id: "m".to_owned(),
            to: to.iter().map(|to| (*to).to_owned()).collect(),
            from: "a@b.test".to_owned(),
            reply_to: Vec::new(),
            subject: String::new(),
            text: "t".to_owned(),
            html: String::new(),
            tags: Vec::new(),
            configuration_set: configuration_set.map(str::to_owned),
            at: Timestamp::MIN,
        }
    }

    #[test]
    fn only_the_simulator_has_events_and_only_with_a_configuration_set() {
        let kinds = |to: &[&str], set| of(&message(to, set)).iter().map(|event| event.kind).collect::<Vec<_>>();
        let all = [
            "bounce@simulator.amazonses.com",
            "Mina <Complaint+1@simulator.amazonses.com>",
            "suppressionlist@simulator.amazonses.com",
            "success@simulator.amazonses.com",
            "ooto@simulator.amazonses.com",
            "bounce@example.com",
        ];
        let expected = [MailEventKind::Bounce, MailEventKind::Complaint, MailEventKind::Suppressed];
        assert_eq!(kinds(&all, Some("set")), expected);
        assert!(kinds(&all, None).is_empty());
    }
}
