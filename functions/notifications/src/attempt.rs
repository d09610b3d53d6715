//! One attempt at one effect.
//!
//! An attempt first takes the effect for itself (a lease, by one conditional write), so of many
//! deliveries of the same event one acts. It then acts and notes how it went. If it dies in between,
//! the lease runs out and the sweep takes over: an effect happens at least once, and more than once
//! only if we died in the moment between SES's yes and our note of it.

use domain::{Timestamp, ids::EventId, orders::order_number};
use shared::{
    Fault,
    api::Touch,
    mail::{MailText, Sent, messages},
    secrets::SecretName,
    store::{
        Kind,
        outbox::{ATTEMPTS_MAX, Effect, EffectState, OutboxEvent},
    },
    tokens::{email_code, order_secret::OrderSecrets, seal::SealKey},
};

use crate::NotificationsTools;

/// What an attempt touches.
pub(crate) const TOUCHES: [Touch; 5] = [
    Touch::Update(Kind::OutboxEvent),
    Touch::Get(Kind::Order),
    Touch::SendMail,
    Touch::Secret(SecretName::EmailCodeKey),
    Touch::Secret(SecretName::OrderKey),
];

/// Makes the effect happen, unless it has, or somebody is at it.
///
/// # Errors
/// When it did not happen and should be tried again.
pub(crate) async fn attempt(tools: &NotificationsTools, id: EventId, now: Timestamp) -> Result<(), Fault> {
    let table = &tools.core.table;
    let Some(event) = table.lease_event(id, now).await? else { return Ok(()) };
    let outcome = carry_out(tools, &event).await;
    let state = match &outcome {
        Ok(Sent::Accepted) => EffectState::Done,
        Ok(Sent::Rejected) => EffectState::Failed,
        Err(_) if event.attempts >= ATTEMPTS_MAX => EffectState::Failed,
        Err(_) => EffectState::Pending,
    };
    table.settle_event(&event, state, now).await?;
    outcome.map(|_| ())
}

async fn carry_out(tools: &NotificationsTools, event: &OutboxEvent) -> Result<Sent, Fault> {
    let (to, mail) = match &event.effect {
        Effect::MailCode { to, purpose, code_id, language } => {
            let key = SealKey::new(tools.core.secrets.get(SecretName::EmailCodeKey)?)?;
            let digits = email_code::digits(&key, *code_id, to, *purpose);
            (to, messages::code(*language, *purpose, &digits))
        }
        Effect::MailNotice { to, what, language } => {
            (to, messages::notice(*language, what, event.created_at, &tools.core.config.site_origin))
        }
        Effect::MailOrderPaid { to, order_id, language } => {
            let Some(order) = tools.core.table.get_order(*order_id).await? else { return Ok(Sent::Rejected) };
            let link = link_to(tools, &order)?;
            let lines: Vec<(String, u32)> =
                order.lines.iter().map(|line| (line.title.as_str().to_owned(), line.quantity.get())).collect();
            let number = order_number(order.id, order.placed_at);
            (to, messages::order_paid(*language, &number, order.total, &lines, &link))
        }
    };
    let mail: MailText = mail;
    tools.mail.send(to, &mail).await
}

/// The page of an order. A guest's link carries the secret behind the `#`, which no browser sends
/// to a server.
fn link_to(tools: &NotificationsTools, order: &shared::store::orders::StoredOrder) -> Result<String, Fault> {
    let page = format!("{}/order.html?id={}", tools.core.config.site_origin, order.id);
    if order.buyer.is_some() {
        return Ok(page);
    }
    let secrets = OrderSecrets::new(tools.core.secrets.get(SecretName::OrderKey)?)?;
    Ok(format!("{page}#secret={}", secrets.of(order.id)))
}
