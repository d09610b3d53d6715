//! Every minute: money that is due goes back to its buyer, by the provider that took it.
//!
//! A refund is carried out once, however often it is tried: before each call its attempt is stored, and the
//! provider knows the call by a key made of the refund and the attempt. When the answer is lost, the provider
//! is asked whether a cancellation that names this refund is there: it is never believed to have failed. The
//! provider is also told how much we believe is left of the payment, so that two refunds at once cannot both
//! go through on one belief.

use domain::{
    Language,
    payments::{CancelReason, CancelledPart, PaymentKey, PaymentSnapshot, ProviderIdempotencyKey},
    processes::{
        Actor,
        sell::{SellEvent, SellRow},
    },
    timestamp::Seconds,
};
use shared::{
    Failure, Fault, FaultKind,
    api::{
        Job, JobContext, JobRoute, Touch, Trigger,
        job::{JobReport, Sweep, Tick},
    },
    meter,
    payments::{CancelAnswer, CancelCall, FetchAnswer, Payments},
    secrets::SecretName,
    store::{
        Index, Kind,
        orders::{By, StoredOrder, is_race},
        payments::Payment,
        refunds::{Refund, RefundPlace, RefundState},
    },
};

use crate::OrdersTools;

/// The pause after the first call whose outcome is not known; each is twice as long as the one before.
const FIRST_PAUSE: Seconds = Seconds::minutes(1);
/// The longest pause.
const LONGEST_PAUSE: Seconds = Seconds::hours(6);
/// How often a refund is noted as done when others move the same payment at the same moment.
const TRIES: usize = 5;

/// The job.
#[derive(Debug)]
pub struct CarryOutRefunds;

impl Job for CarryOutRefunds {
    const ROUTE: JobRoute = JobRoute {
        id: "orders.carry_out_refunds",
        summary: "Give money back that is due",
        trigger: Trigger::EveryMinutes(1),
        touches: &[
            Touch::QueryIndex(Kind::REFUND, Index::Due),
            Touch::Get(Kind::REFUND),
            Touch::Update(Kind::REFUND),
            Touch::Get(Kind::ORDER),
            Touch::Put(Kind::ORDER),
            Touch::Get(Kind::PAYMENT),
            Touch::Put(Kind::PAYMENT),
            Touch::Put(Kind::AUDIT_ROW),
            Touch::Put(Kind::POSTING),
            Touch::Put(Kind::OUTBOX_EVENT),
            Touch::Secret(SecretName::TossSecretKey),
        ],
        memory_mb: 128,
        time_out_s: 300,
    };

    type Tools = OrdersTools;
    type Event = Tick;

    async fn run(tools: &OrdersTools, _: Tick, context: &JobContext) -> Result<JobReport, Fault> {
        let mut due = tools.core.table.due_refunds(context.now);
        let mut sweep = Sweep::default();
        while let Some(place) = due.next(&context.work_time).await? {
            sweep.note(due.settle(carry_out(tools, place, context).await).await);
        }
        sweep.end()
    }
}

/// A refund with what it belongs to.
struct Case {
    refund: Refund,
    order: StoredOrder,
    payment: Payment,
    row: &'static SellRow,
}

/// The refund, unless it is done.
async fn read(tools: &OrdersTools, place: RefundPlace, context: &JobContext) -> Result<Option<Case>, Failure> {
    let table = &tools.core.table;
    let Some(refund) = table.get_refund(place).await? else { return Ok(None) };
    if refund.state == RefundState::Done {
        return Ok(None);
    }
    let gone = |what| Fault::new(FaultKind::Corrupt, what);
    let order = table.get_order(refund.order_id).await?.ok_or_else(|| gone("a refund is of no order"))?;
    let payment = table.payment_of(&order).await?.ok_or_else(|| gone("a refund is of no payment"))?;
    let row = order
        .step(SellEvent::RefundDone, Actor::Provider, context.now)
        .map_err(|refusal| gone("an order with a refund that is due waits for none").with_source(refusal))?;
    Ok(Some(Case { refund, order, payment, row }))
}

async fn carry_out(tools: &OrdersTools, place: RefundPlace, context: &JobContext) -> Result<(), Failure> {
    let Some(Case { refund, order, payment, .. }) = read(tools, place, context).await? else { return Ok(()) };
    // The index is only a hint: somebody else may be at it.
    if refund.ask_at > context.now {
        return Ok(());
    }
    let key = payment.key.clone().ok_or_else(|| Fault::new(FaultKind::Corrupt, "a payment was taken by no key"))?;
    let payments = tools.payments()?;
    let (mut left, mut attempt) = (payment.left(), refund.attempt);
    if refund.asked > 0 {
        // An earlier call may have been carried out.
        match look_for(payments, &key, &refund).await? {
            Looked::Done => return close(tools, place, context).await,
            // Under the key of the earlier call the provider may repeat an error of its own for 15 days, so this
            // is a new attempt. Should the earlier call still be carried out, then another sum is left than the
            // one that was just seen, and the provider refuses this one.
            Looked::NotThere { balance } => {
                left = balance.unwrap_or(left);
                attempt = attempt.saturating_add(1);
            }
            Looked::Unknown => {
                note_call(tools, &refund, refund.attempt, context).await?;
                return Ok(());
            }
        }
    }
    // Noted before the call: whoever else finds the refund now comes too late, and a run that dies has put it
    // off.
    let Some(refund) = note_call(tools, &refund, attempt, context).await? else { return Ok(()) };
    let call = CancelCall {
        payment_key: key.clone(),
        reason: reason_of(&refund, order.language)?,
        amount: Some(refund.amount),
        refundable: Some(left),
        idempotency_key: ProviderIdempotencyKey::of_refund(refund.id, refund.attempt),
    };
    match payments.cancel(&call).await? {
        CancelAnswer::Done { part, .. } if is_ours(&part, &refund) => close(tools, place, context).await,
        CancelAnswer::Done { .. } | CancelAnswer::Unknown { .. } | CancelAnswer::RetryLater { .. } => Ok(()),
        // This call did nothing; an earlier one of ours may have.
        CancelAnswer::AlreadyCancelled | CancelAnswer::BalanceChanged => {
            match look_for(payments, &key, &refund).await? {
                Looked::Done => close(tools, place, context).await,
                Looked::NotThere { .. } | Looked::Unknown => Ok(()),
            }
        }
        CancelAnswer::Refused { code, .. } => {
            let (id, order) = (refund.id, refund.order_id);
            meter::our_fault(format!("toss refuses the refund {id} of {order}: {code}; a person must look at it"));
            Ok(())
        }
    }
}

/// Notes the next call, and when to look again. `None` when somebody else is at the refund.
async fn note_call(
    tools: &OrdersTools,
    refund: &Refund,
    attempt: u32,
    context: &JobContext,
) -> Result<Option<Refund>, Failure> {
    let doublings = refund.asked.min(16);
    let pause = Seconds(FIRST_PAUSE.0.saturating_mul(1 << doublings)).min(LONGEST_PAUSE);
    Ok(tools.core.table.note_refund(refund, attempt, context.now.plus(pause)).await?)
}

/// What the provider says of a refund.
enum Looked {
    /// It was carried out.
    Done,
    /// It was not, and so much of the payment is left.
    NotThere { balance: Option<domain::Money> },
    /// Nobody knows.
    Unknown,
}

async fn look_for(payments: &Payments, key: &PaymentKey, refund: &Refund) -> Result<Looked, Fault> {
    Ok(match payments.fetch_by_payment_key(key).await? {
        FetchAnswer::Found(payment) => match found_in(&payment, refund) {
            true => Looked::Done,
            false => Looked::NotThere { balance: payment.balance },
        },
        FetchAnswer::NotFound | FetchAnswer::Unknown { .. } => Looked::Unknown,
    })
}

fn found_in(payment: &PaymentSnapshot, refund: &Refund) -> bool {
    payment.cancels.iter().any(|part| is_ours(part, refund))
}

/// Whether a cancellation is this refund: it says so in its reason, which nobody else writes.
fn is_ours(part: &CancelledPart, refund: &Refund) -> bool {
    part.amount == refund.amount && part.reason.contains(&refund.id.to_string())
}

/// Why, as the provider shows it to the buyer. It ends in the refund's id, by which it is found again.
fn reason_of(refund: &Refund, language: Language) -> Result<CancelReason, Fault> {
    let why = match language {
        Language::English => "Refund",
        Language::Korean => "환불",
    };
    CancelReason::parse(&format!("{why} {}", refund.id))
        .map_err(|error| Fault::new(FaultKind::Corrupt, "say why money goes back").with_source(error))
}

/// The money went back: the order, the refund, the payment and the books say so in one transaction.
async fn close(tools: &OrdersTools, place: RefundPlace, context: &JobContext) -> Result<(), Failure> {
    let by = By { now: context.now, request_id: &context.request_id, user_id: None };
    for _ in 0..TRIES {
        let Some(Case { refund, order, payment, row }) = read(tools, place, context).await? else { return Ok(()) };
        let (writes, _) = tools.core.table.transaction().close_refund(&order, row, &refund, &payment, &by)?;
        match writes.commit().await {
            // Another refund of the same payment ended at this moment.
            Err(failure) if is_race(&failure) => {}
            outcome => return outcome,
        }
    }
    // The next run finds the cancellation at the provider.
    Ok(())
}
