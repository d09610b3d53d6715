//! When a mail server or a recipient reports trouble with a mail of ours: remember the address, so
//! that nothing is sent there any more.
//!
//! The events are those of SES on the event bus (SES Developer Guide, "Monitoring sending with
//! EventBridge" and "Contents of event data"). They come at least once and in any order; a report is
//! known by its `feedbackId`. Their own time counts, not that of their arrival.

use domain::{Timestamp, text::Email};
use serde::Deserialize;
use shared::{
    Fault,
    api::{
        Job, JobContext, JobRoute, Touch, Trigger,
        job::{BusEvent, JobReport},
    },
    store::{Kind, suppressions::Trouble},
};

use crate::NotificationsTools;

/// The job.
#[derive(Debug)]
pub struct NoteMailEvent;

/// What happened to a mail: one of the two is there.
#[derive(Debug, Deserialize)]
pub struct MailEvent {
    #[serde(default)]
    bounce: Option<Bounce>,
    #[serde(default)]
    complaint: Option<Complaint>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Bounce {
    bounce_type: String,
    bounced_recipients: Vec<Recipient>,
    timestamp: Timestamp,
    feedback_id: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Complaint {
    #[serde(default)]
    complaint_feedback_type: Option<String>,
    complained_recipients: Vec<Recipient>,
    timestamp: Timestamp,
    feedback_id: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Recipient {
    email_address: String,
}

impl Bounce {
    /// `Undetermined` may pass, as `Transient` does.
    fn trouble(&self) -> Trouble {
        if self.bounce_type == "Permanent" { Trouble::Bounced } else { Trouble::Passing }
    }
}

impl Complaint {
    /// Some reports say that a mail is *not* spam, or that a signature was wrong (RFC 5965 §7.3): no
    /// recipient complained then.
    fn is_one(&self) -> bool {
        !matches!(self.complaint_feedback_type.as_deref(), Some("not-spam" | "auth-failure"))
    }
}

/// What was reported of one address.
struct Report {
    email: Email,
    trouble: Trouble,
    id: String,
    at: Timestamp,
}

impl MailEvent {
    fn reports(self) -> Vec<Report> {
        let bounce = self
            .bounce
            .map(|bounce| (bounce.trouble(), bounce.feedback_id, bounce.timestamp, bounce.bounced_recipients));
        let complaint = self.complaint.filter(Complaint::is_one).map(|complaint| {
            (Trouble::Complained, complaint.feedback_id, complaint.timestamp, complaint.complained_recipients)
        });
        let mut reports = Vec::new();
        for (trouble, id, at, recipients) in bounce.into_iter().chain(complaint) {
            // We send to none that cannot be read.
            let emails = recipients.iter().filter_map(|recipient| Email::parse(&recipient.email_address).ok());
            reports.extend(emails.map(|email| Report { email, trouble, id: id.clone(), at }));
        }
        reports
    }
}

impl Job for NoteMailEvent {
    const ROUTE: JobRoute = JobRoute {
        id: "notifications.note_mail_event",
        summary: "Remember addresses that bounced or complained",
        trigger: Trigger::Events { source: "aws.ses", detail_types: &["Email Bounced", "Email Complaint Received"] },
        touches: &[
            Touch::Get(Kind::SUPPRESSION),
            Touch::Put(Kind::SUPPRESSION),
            Touch::Get(Kind::EMAIL_OWNER),
            Touch::Update(Kind::USER),
        ],
        memory_mb: 128,
        time_out_s: 30,
    };

    type Tools = NotificationsTools;
    type Event = BusEvent<MailEvent>;

    async fn run(tools: &NotificationsTools, event: BusEvent<MailEvent>, _: &JobContext) -> Result<JobReport, Fault> {
        for Report { email, trouble, id, at } in event.detail.reports() {
            tools.core.table.note_trouble(&email, trouble, &id, at).await?;
        }
        Ok(JobReport::default())
    }
}
