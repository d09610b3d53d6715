//! One attempt at one effect.
//!
//! An attempt first takes the effect for itself (a lease, by one conditional write), so of many
//! deliveries of the same event one acts. It then acts and notes how it went. If it dies in between,
//! the lease runs out and the sweep takes over: an effect happens at least once.
//!
//! It happens more than once in two cases, which nobody can close who sends by a service without an
//! idempotency key: we die in the moment between SES's yes and our note of it, or its yes never
//! reaches us. Everything that can be done before is done before: the mail is written when SES is
//! asked, the note is the next thing after it, and nothing below asks SES again by itself.

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
pub(crate) const TOUCHES: [Touch; 6] = [
    Touch::Update(Kind::OutboxEvent),
    Touch::Get(Kind::Suppression),
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
    let outcome = carry_out(tools, &event, now).await;
    let state = match &outcome {
        Ok(Outcome::Sent(Sent::Accepted)) => EffectState::Done,
        Ok(Outcome::Sent(Sent::Rejected) | Outcome::NothingToSend) => EffectState::Failed,
        Ok(Outcome::Suppressed) => EffectState::Suppressed,
        Err(_) if event.attempts >= ATTEMPTS_MAX => EffectState::Failed,
        Err(_) => EffectState::Pending,
    };
    table.settle_event(&event, state, now).await?;
    outcome.map(|_| ())
}

/// How an attempt ended that did not break.
enum Outcome {
    Sent(Sent),
    /// What the mail is about is gone.
    NothingToSend,
    /// The address bounced, or its owner complained: nothing is to be sent there.
    Suppressed,
}

async fn carry_out(tools: &NotificationsTools, event: &OutboxEvent, now: Timestamp) -> Result<Outcome, Fault> {
    let suppression = tools.core.table.get_suppression(event.effect.to()).await?;
    if suppression.is_some_and(|suppression| suppression.stops(now)) {
        return Ok(Outcome::Suppressed);
    }
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
            let Some(order) = tools.core.table.get_order(*order_id).await? else { return Ok(Outcome::NothingToSend) };
            let link = link_to(tools, &order)?;
            let lines: Vec<(String, u32)> =
                order.lines.iter().map(|line| (line.title.as_str().to_owned(), line.quantity.get())).collect();
            let number = order_number(order.id, order.placed_at);
            (to, messages::order_paid(*language, &number, order.total, &lines, &link))
        }
    };
    let mail: MailText = mail;
    tools.mail.send(to, &mail).await.map(Outcome::Sent)
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
