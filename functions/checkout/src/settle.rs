//! From *confirming* to what the provider's answer says: the one way, whoever asked.

use domain::{
    Timestamp,
    ids::EventId,
    ledger::{Posting, Sale, sale_posting},
    payments::{Approval, PaymentError, PaymentKey, Settlement},
    processes::{Actor, sell::SellEvent},
    timestamp::Seconds,
};
use shared::{
    Failure, Fault, FaultKind,
    api::{OkayOrAccepted, idempotency::Claim},
    payments::ConfirmAnswer,
    random,
    store::{
        Table, meter,
        orders::{Asking, Move, StoredOrder},
    },
};

use crate::{CheckoutTools, confirm_payment};

/// After how long the provider is asked again, by how often it was: soon at first, since most
/// answers are only late, and at last twice an hour, past the time in which a payment can change.
const ASK_AGAIN: [Seconds; 5] =
    [Seconds(30), Seconds::minutes(1), Seconds::minutes(3), Seconds::minutes(10), Seconds::minutes(30)];

/// What the order is after an answer.
#[derive(Debug)]
pub(crate) enum Settled {
    /// It is paid, by this change.
    Paid(Box<StoredOrder>),
    /// It is payable again; this is what to tell the buyer.
    Payable(PaymentError),
    /// Nobody knows yet; the provider will be asked again.
    StillConfirming,
    /// Somebody else settled it at the same moment: read it again.
    Raced,
}

/// Who settles, and for which request.
pub(crate) struct By<'a> {
    pub(crate) now: Timestamp,
    pub(crate) request_id: &'a str,
}

/// Carries out what an answer means for an order that is confirming. When that makes it paid, the
/// reply is remembered in the same transaction under the request's key, where there is one.
pub(crate) async fn settle(
    tools: &CheckoutTools,
    order: &StoredOrder,
    answer: &ConfirmAnswer,
    by: &By<'_>,
    claim: Option<&Claim>,
) -> Result<Settled, Failure> {
    let table = &tools.core.table;
    if let ConfirmAnswer::Settled(Settlement::Approved(approval)) = answer {
        return approve(table, order, approval, by, claim).await;
    }
    if let Some(error) = refusal(order, answer) {
        return make_payable(table, order, error, by).await;
    }
    // A buyer who tries again and again puts nothing off, and a question that led to another attempt
    // has noted already when the next one is due.
    if order.payment.asked == 0 || order.payment.ask_at.is_none_or(|at| at <= by.now) {
        table.note_asking(order, ask_later(order, order.payment.attempt, by.now)).await?;
    }
    Ok(Settled::StillConfirming)
}

/// What to tell the buyer when the answer means that this payment does not pay the order; nothing
/// when it does, or nobody knows. Where the provider may hold money for no order, a person must send
/// it back, so the request's line in the log becomes an error.
///
/// A buyer who plays tricks does not get so far: a payment that we had taken for another order has an
/// owner, whom nobody gets past ([`PaymentOwner`](shared::store::orders::PaymentOwner)), and one that
/// was not taken holds nothing.
pub(crate) fn refusal(order: &StoredOrder, answer: &ConfirmAnswer) -> Option<PaymentError> {
    let settlement = match answer {
        ConfirmAnswer::Settled(settlement) => settlement,
        ConfirmAnswer::Unknown { .. } => return None,
    };
    Some(match settlement {
        Settlement::Declined { reason, message, .. } => {
            PaymentError::Declined { reason: *reason, message: message.clone() }
        }
        Settlement::Mismatch { money_may_be_held: true } => held_for_nothing(order, "is of another order or amount"),
        Settlement::PartlyReturned => held_for_nothing(order, "was given back in part"),
        Settlement::Mismatch { money_may_be_held: false } => PaymentError::AmountMismatch { money_may_be_held: false },
        Settlement::Gone | Settlement::Returned => PaymentError::SessionExpired,
        Settlement::Approved(_) | Settlement::WaitingForDeposit | Settlement::StillOpen | Settlement::Unclear => {
            return None;
        }
    })
}

fn held_for_nothing(order: &StoredOrder, how: &'static str) -> PaymentError {
    let key = order.payment.key.as_ref().map(PaymentKey::shortened).unwrap_or_default();
    meter::our_fault(format!("toss may hold money that must go back: {key}, brought for {}, {how}", order.id));
    PaymentError::AmountMismatch { money_may_be_held: true }
}

/// Asks again after a while, under this attempt.
pub(crate) fn ask_later(order: &StoredOrder, attempt: u32, now: Timestamp) -> Asking {
    let wait = ASK_AGAIN.get(usize::try_from(order.payment.asked).unwrap_or(usize::MAX));
    let wait = wait.copied().unwrap_or(Seconds::minutes(30));
    Asking { ask_at: now.plus(wait), asked: order.payment.asked.saturating_add(1), attempt }
}

async fn approve(
    table: &Table,
    order: &StoredOrder,
    approval: &Approval,
    by: &By<'_>,
    claim: Option<&Claim>,
) -> Result<Settled, Failure> {
    let row = order.step(SellEvent::Approve, Actor::Provider, by.now).map_err(impossible)?;
    let mut paid = order.moved(row, by.now);
    paid.paid_at = Some(by.now);
    paid.payment.ask_at = None;
    paid.payment.receipt_url.clone_from(&approval.receipt_url);
    let how = Move { posting: Some(posting_of(&paid, by.now)?), ..move_by(by)? };
    let reply = OkayOrAccepted::Okay(confirm_payment::reply_of(&paid));
    let transaction = table.transaction().move_order(order, row, &paid, &how, raced).remember(claim, &reply);
    match transaction.commit().await {
        Ok(()) => Ok(Settled::Paid(Box::new(paid))),
        Err(failure) => raced_or(failure),
    }
}

/// Back to pending: the buyer may try again while the hold lasts.
pub(crate) async fn make_payable(
    table: &Table,
    order: &StoredOrder,
    error: PaymentError,
    by: &By<'_>,
) -> Result<Settled, Failure> {
    let row = order.step(SellEvent::Decline, Actor::Provider, by.now).map_err(impossible)?;
    let mut pending = order.moved(row, by.now);
    pending.payment.key = None;
    pending.payment.ask_at = None;
    match table.transaction().move_order(order, row, &pending, &move_by(by)?, raced).commit().await {
        Ok(()) => Ok(Settled::Payable(error)),
        Err(failure) => raced_or(failure),
    }
}

fn posting_of(order: &StoredOrder, now: Timestamp) -> Result<Posting, Fault> {
    let sale = Sale {
        order_id: order.id,
        provider: order.payment.provider,
        at: now,
        total: order.total,
        sellers: &order.sellers,
    };
    sale_posting(CheckoutTools::new_posting_id(now)?, &sale, order.fee)
        .map_err(|error| Fault::new(FaultKind::Corrupt, "post a sale").with_source(error))
}

pub(crate) fn move_by<'a>(by: &By<'a>) -> Result<Move<'a>, Fault> {
    Ok(Move {
        now: by.now,
        request_id: by.request_id,
        user_id: None,
        posting: None,
        event_id: EventId::new(by.now, random::entropy()?),
    })
}

/// The order is no longer what was read: somebody else moved it.
pub(crate) fn raced() -> Fault {
    Fault::new(FaultKind::Contention, "somebody else moved the order")
}

fn raced_or(failure: Failure) -> Result<Settled, Failure> {
    if is_race(&failure) { Ok(Settled::Raced) } else { Err(failure) }
}

/// Whether a failure only means that somebody else was faster.
pub(crate) fn is_race(failure: &Failure) -> bool {
    matches!(failure, Failure::Broken(fault) if fault.kind == FaultKind::Contention)
}

/// An answer of the provider always has a row while the order is confirming.
fn impossible(refusal: domain::processes::Refusal) -> Fault {
    Fault::new(FaultKind::Corrupt, "the process has no row for the provider's answer").with_source(refusal)
}
