//! The request of `SendEmail` (SESv2 API Reference) and what it may not hold.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use domain::Timestamp;
use serde::Deserialize;
use serde_json::Value;

use super::{MailError, Message};
use crate::permissions::Demand;

/// SES takes 50 recipients per message ("Service quotas in Amazon SES").
const RECIPIENTS_AT_MOST: usize = 50;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct SendEmail {
    #[serde(default)]
    from_email_address: Option<String>,
    #[serde(default)]
    destination: Destination,
    #[serde(default)]
    reply_to_addresses: Vec<String>,
    content: Content,
    #[serde(default)]
    email_tags: Vec<Tag>,
    #[serde(default)]
    configuration_set_name: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct Destination {
    to_addresses: Vec<String>,
    cc_addresses: Vec<String>,
    bcc_addresses: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Content {
    #[serde(default)]
    simple: Option<Simple>,
    #[serde(default)]
    raw: Option<Data>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Simple {
    subject: Data,
    body: Body,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Body {
    #[serde(default)]
    text: Option<Data>,
    #[serde(default)]
    html: Option<Data>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Data {
    data: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Tag {
    name: String,
    value: String,
}

/// What the call needs: the identity of its sender, and the configuration set that it names.
pub(crate) fn demands_of(body: &[u8]) -> Vec<Demand> {
    let request: Value = serde_json::from_slice(body).unwrap_or_default();
    let from = request.get("FromEmailAddress").and_then(Value::as_str).unwrap_or_default();
    let identity = format!("identity/{}", bare_address(from));
    let set = request.get("ConfigurationSetName").and_then(Value::as_str);
    let set = set.map(|set| format!("configuration-set/{set}"));
    std::iter::once(identity).chain(set).map(|resource| Demand::new("ses:SendEmail", resource)).collect()
}

/// Checks the request as SES does and makes the message of it.
pub(super) fn message_of(request: SendEmail, now: Timestamp) -> Result<Message, MailError> {
    let id = format!("{}-000000", crate::random_id());
    let Destination { to_addresses, cc_addresses, bcc_addresses } = request.destination;
    let mut message = Message {
        id,
        to: [to_addresses, cc_addresses, bcc_addresses].concat(),
        from: request.from_email_address.unwrap_or_default(),
        reply_to: request.reply_to_addresses,
        subject: String::new(),
        text: String::new(),
        html: String::new(),
        tags: request.email_tags.into_iter().map(|tag| (tag.name, tag.value)).collect(),
        configuration_set: request.configuration_set_name,
        at: now,
    };
    match request.content {
        Content { simple: Some(simple), raw: None } => {
            let data = |part: Option<Data>| part.map(|part| part.data).unwrap_or_default();
            message.subject = simple.subject.data;
            message.text = data(simple.body.text);
            message.html = data(simple.body.html);
            if message.text.is_empty() && message.html.is_empty() {
                return Err(MailError::bad_request("the body of the message is empty"));
            }
        }
        Content { simple: None, raw: Some(raw) } => read_raw(&raw.data, &mut message)?,
        _ => return Err(MailError::bad_request("exactly one of Simple and Raw must be given")),
    }
    check(&message)?;
    Ok(message)
}

fn check(message: &Message) -> Result<(), MailError> {
    if message.to.is_empty() {
        return Err(MailError::bad_request("at least one recipient must be given"));
    }
    if message.to.len() > RECIPIENTS_AT_MOST {
        return Err(MailError::bad_request("Recipient count exceeds 50."));
    }
    for address in message.to.iter().chain([&message.from]).chain(&message.reply_to) {
        check_address(address)?;
    }
    if message.subject.contains(['\r', '\n']) {
        return Err(MailError::bad_request("the subject may not contain line breaks"));
    }
    Ok(())
}

fn check_address(address: &str) -> Result<(), MailError> {
    let bare = bare_address(address);
    let Some((local, domain)) = bare.rsplit_once('@') else {
        return Err(MailError::bad_request("Missing final '@domain'"));
    };
    let controlled = |text: &str| text.chars().any(|character| character.is_control() || character.is_whitespace());
    if local.is_empty() || local.contains('@') || controlled(local) || address.contains(['\r', '\n']) {
        return Err(MailError::bad_request("Local address contains control or whitespace"));
    }
    if domain.is_empty() || controlled(domain) || domain.starts_with('.') || domain.ends_with('.') {
        return Err(MailError::bad_request("Domain contains illegal character"));
    }
    Ok(())
}

/// The address without the name before it: `Mina <mina@example.com>` is `mina@example.com`.
pub(super) fn bare_address(address: &str) -> &str {
    match (address.rfind('<'), address.strip_suffix('>')) {
        (Some(open), Some(until_close)) => until_close.get(open.saturating_add(1)..).unwrap_or_default(),
        _ => address.trim(),
    }
}

/// Reads the headers that matter from a raw message; its body is kept as it is.
fn read_raw(data: &str, message: &mut Message) -> Result<(), MailError> {
    let bytes = STANDARD.decode(data).map_err(|_| MailError::bad_request("the raw message is not base64"))?;
    let text = String::from_utf8_lossy(&bytes).replace("\r\n", "\n");
    let (headers, body) = text.split_once("\n\n").unwrap_or((&text, ""));
    // A header goes on in the next line when that begins with a space or a tab (RFC 5322, 2.2.3).
    let unfolded = headers.replace("\n ", " ").replace("\n\t", " ");
    let mut recipients = Vec::new();
    for line in unfolded.lines() {
        let Some((name, value)) = line.split_once(':') else { continue };
        let value = value.trim();
        match name.to_ascii_lowercase().as_str() {
            "subject" => message.subject = value.to_owned(),
            "from" if message.from.is_empty() => message.from = value.to_owned(),
            "to" | "cc" | "bcc" => recipients.extend(value.split(',').map(|address| address.trim().to_owned())),
            _ => {}
        }
    }
    if message.to.is_empty() {
        message.to = recipients;
    }
    message.text = body.to_owned();
    Ok(())
}
