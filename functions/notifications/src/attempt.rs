//! One attempt at one effect.
//!
//! An attempt first takes the effect for itself (a lease, by one conditional write), so of many
//! deliveries of the same event one acts. It then acts and notes how it went. If it dies in between,
//! the lease runs out and the sweep takes over: an effect happens at least once.
//!
//! An attempt that failed is told in the log, with its cause, and the effect is left to the sweep, which
//! comes back to it after pauses that grow. So it costs nothing how often the stream brings a record.
//! What is too old is given up, and that is told too: no mail ends in silence.
//!
//! It happens more than once in two cases, which nobody can close who sends by a service without an
//! idempotency key: we die in the moment between SES's yes and our note of it, or its yes never
//! reaches us. Everything that can be done before is done before: the mail is written when SES is
//! asked, the note is the next thing after it, and nothing below asks SES again by itself.

use domain::{Timestamp, auth::CODE_LIFETIME, ids::EventId, orders::order_number};
use shared::{
    Fault,
    api::Touch,
    mail::{MailText, Sent, messages},
    secrets::SecretName,
    store::{
        Kind, meter,
        outbox::{Effect, EffectState, GIVEN_UP_AFTER, OutboxEvent},
    },
    tokens::{email_code, order_secret::OrderSecrets, seal::SealKey},
};

use crate::NotificationsTools;

/// What an attempt touches.
pub(crate) const TOUCHES: [Touch; 6] = [
    Touch::Update(Kind::OUTBOX_EVENT),
    Touch::Get(Kind::SUPPRESSION),
    Touch::Get(Kind::ORDER),
    Touch::SendMail,
    Touch::Secret(SecretName::EmailCodeKey),
    Touch::Secret(SecretName::OrderKey),
];

/// Makes the effect happen, unless it has, or rests, or somebody is at it. What goes wrong in an attempt
/// is noted for the log.
///
/// # Errors
/// When no attempt could be made, since the table does not answer.
pub(crate) async fn attempt(tools: &NotificationsTools, id: EventId, now: Timestamp) -> Result<(), Fault> {
    let table = &tools.core.table;
    let Some(event) = table.lease_event(id, now).await? else { return Ok(()) };
    let state = match carry_out(tools, &event, now).await {
        Ok(Outcome::Sent) => EffectState::Done,
        Ok(Outcome::Suppressed) => EffectState::Suppressed,
        Ok(Outcome::Pointless(why)) => given_up(id, why),
        Err(fault) if event.created_at.plus(GIVEN_UP_AFTER) <= now => given_up(id, &fault.chain()),
        Err(fault) => {
            meter::our_fault(format!("{id} did not happen: {}", fault.chain()));
            EffectState::Pending
        }
    };
    // Without the note it comes to the sweep when the lease is over, a mail that was sent too.
    if let Err(fault) = table.settle_event(&event, state, now).await {
        meter::our_fault(format!("how the attempt at {id} ended is not noted: {}", fault.chain()));
    }
    Ok(())
}

/// Tells that an effect will not happen any more.
fn given_up(id: EventId, why: &str) -> EffectState {
    meter::our_fault(format!("{id} is given up: {why}"));
    EffectState::Failed
}

/// How an attempt ended that did not break.
enum Outcome {
    Sent,
    /// It will never happen, or is of no use any more.
    Pointless(&'static str),
    /// The address bounced, or its owner complained: nothing is to be sent there.
    Suppressed,
}

async fn carry_out(tools: &NotificationsTools, event: &OutboxEvent, now: Timestamp) -> Result<Outcome, Fault> {
    let suppression = tools.core.table.get_suppression(event.effect.to()).await?;
    if suppression.is_some_and(|suppression| suppression.stops(now)) {
        return Ok(Outcome::Suppressed);
    }
    let (to, mail) = match &event.effect {
        Effect::MailCode { .. } if event.created_at.plus(CODE_LIFETIME) <= now => {
            return Ok(Outcome::Pointless("the code is not good any more"));
        }
        Effect::MailCode { to, purpose, code_id, language } => {
            let key = SealKey::new(tools.core.secrets.get(SecretName::EmailCodeKey)?)?;
            let digits = email_code::digits(&key, *code_id, to, *purpose);
            (to, messages::code(*language, *purpose, &digits))
        }
        Effect::MailNotice { to, what, language } => {
            (to, messages::notice(*language, what, event.created_at, &tools.core.config.site_origin))
        }
        Effect::MailOrderPaid { to, order_id, language } => {
            let Some(order) = tools.core.table.get_order(*order_id).await? else {
                return Ok(Outcome::Pointless("the order is gone"));
            };
            let link = link_to(tools, &order)?;
            let lines: Vec<(String, u32)> =
                order.lines.iter().map(|line| (line.title.as_str().to_owned(), line.quantity.get())).collect();
            let number = order_number(order.id, order.placed_at);
            (to, messages::order_paid(*language, &number, order.total, &lines, &link))
        }
    };
    let mail: MailText = mail;
    Ok(match tools.mail.send(to, &mail).await? {
        Sent::Accepted => Outcome::Sent,
        Sent::Rejected => Outcome::Pointless("SES cannot read the mail: BadRequestException"),
    })
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
