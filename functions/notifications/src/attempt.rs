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
//! Each kind of effect has its handler: [`carry_out`] is the one place that tells them apart, and a kind
//! without a handler does not compile. Pauses and patience of a kind stand beside the kind, in the store.
//!
//! A mail is sent more than once in two cases, which nobody can close who sends by a service without an
//! idempotency key: we die in the moment between SES's yes and our note of it, or its yes never
//! reaches us. Everything that can be done before is done before: the mail is written when SES is
//! asked, the note is the next thing after it, and nothing below asks SES again by itself.

use domain::{
    Timestamp,
    ids::EventId,
    processes::{Notice, Party},
};
use shared::{
    Fault, FaultKind,
    api::Touch,
    meter,
    secrets::SecretName,
    store::{
        Kind,
        outbox::{Effect, EffectState, OutboxEvent},
    },
};

use crate::{
    NotificationsTools,
    mail::{self, About},
    store_notice,
};

/// What an attempt touches.
pub(crate) const TOUCHES: [Touch; 8] = [
    Touch::Update(Kind::OUTBOX_EVENT),
    Touch::Put(Kind::OUTBOX_EVENT),
    Touch::Get(Kind::SUPPRESSION),
    Touch::Get(Kind::ORDER),
    Touch::Get(Kind::USER),
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
    let event = match table.lease_event(id, now).await {
        Ok(Some(event)) => event,
        Ok(None) => return Ok(()),
        // Of another version, say. It waits for that, and nobody behind it waits for it.
        Err(fault) if fault.kind == FaultKind::Corrupt => {
            meter::our_fault(format!("{id} cannot be read: {}", fault.chain()));
            return Ok(());
        }
        Err(fault) => return Err(fault),
    };
    let state = match carry_out(tools, &event, now).await {
        Ok(Outcome::Done) => EffectState::Done,
        Ok(Outcome::Suppressed) => EffectState::Suppressed,
        Ok(Outcome::Pointless(why)) => given_up(id, why),
        Ok(Outcome::Noted) => return Ok(()),
        Err(fault) if event.created_at.plus(event.effect.kind().retries().given_up_after) <= now => {
            given_up(id, &fault.chain())
        }
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
pub(crate) enum Outcome {
    /// It has happened.
    Done,
    /// It has happened, and that is noted already: in the transaction in which it happened.
    Noted,
    /// It will never happen, or is of no use any more.
    Pointless(&'static str),
    /// The address bounced, or its owner complained: nothing is to be sent there.
    Suppressed,
}

/// Hands the effect to the handler of its kind.
async fn carry_out(tools: &NotificationsTools, event: &OutboxEvent, now: Timestamp) -> Result<Outcome, Fault> {
    let (to, language, about) = match &event.effect {
        Effect::MailCode { to, purpose, code_id, language } => {
            (to, language, About::Code { purpose: *purpose, code_id: *code_id, made_at: event.created_at })
        }
        Effect::MailNotice { to, what, language } => (to, language, About::Account { what, at: event.created_at }),
        Effect::MailOrder { to, party, notice, order_id, language, amount } => {
            (to, language, About::Order { party: *party, notice: *notice, order_id: *order_id, amount: *amount })
        }
        Effect::MailOrderPaid { to, order_id, language } => {
            let (party, notice) = (Party::Buyer, Notice::OrderPaid);
            (to, language, About::Order { party, notice, order_id: *order_id, amount: None })
        }
        Effect::TellStore { notice, order_id, amount } => {
            return store_notice::carry_out(tools, event, *notice, *order_id, *amount, now).await;
        }
    };
    mail::carry_out(tools, to, *language, about, now).await
}
