//! From *confirming* to what the provider's answer says: the one way, whoever asked.

use domain::{
    Language, Timestamp,
    payments::{Approval, PaymentError, PaymentKey, ProviderIdempotencyKey, Settlement},
    processes::{
        Actor,
        payment::{PaymentEvent, PaymentRow},
    },
    timestamp::Seconds,
};
use shared::{
    Failure, Fault, FaultKind,
    api::{OkayOrAccepted, idempotency::Claim},
    meter,
    payments::{ConfirmAnswer, ConfirmCall},
    store::{
        Table,
        expression::Condition,
        orders::{By, is_race, raced},
        payments::{Asking, Payment, PaymentOwner, PlacedCheckout},
    },
};

use crate::confirmed;

/// After how long the provider is asked again, by how often it was: soon at first, since most
/// answers are only late, and at last twice an hour, past the time in which a payment can change.
const ASK_AGAIN: [Seconds; 5] =
    [Seconds(30), Seconds::minutes(1), Seconds::minutes(3), Seconds::minutes(10), Seconds::minutes(30)];

/// What a checkout is after an answer.
#[derive(Debug)]
pub(crate) enum Settled {
    /// It is paid, by this change.
    Paid(Box<PlacedCheckout>),
    /// It is payable again; this is what to tell the buyer.
    Payable(PaymentError),
    /// Nobody knows yet; the provider will be asked again.
    StillConfirming,
    /// Somebody else settled it at the same moment: read it again.
    Raced,
}

/// Carries out what an answer means for a checkout that is confirming. When that makes it paid, the
/// reply is remembered in the same transaction under the request's key, where there is one.
pub(crate) async fn settle(
    table: &Table,
    checkout: &PlacedCheckout,
    answer: &ConfirmAnswer,
    by: &By<'_>,
    claim: Option<&Claim>,
) -> Result<Settled, Failure> {
    if let ConfirmAnswer::Settled(Settlement::Approved(approval)) = answer {
        return approve(table, checkout, approval, by, claim).await;
    }
    let payment = &checkout.payment;
    if let Some(error) = refusal(payment, answer) {
        return make_payable(table, checkout, error, by).await;
    }
    // A buyer who tries again and again puts nothing off, and a question that led to another attempt
    // has noted already when the next one is due.
    if payment.asked == 0 || payment.ask_at.is_none_or(|at| at <= by.now) {
        table.note_asking(payment, ask_later(payment, payment.attempt, by.now)).await?;
    }
    Ok(Settled::StillConfirming)
}

/// What to tell the buyer when the answer means that this payment does not pay the checkout; nothing
/// when it does, or nobody knows. Where the provider may hold money for nothing, a person must send
/// it back, so the request's line in the log becomes an error.
///
/// A buyer who plays tricks does not get so far: a payment that we had taken for another checkout has an
/// owner, whom nobody gets past ([`PaymentOwner`]), and one that was not taken holds nothing.
pub(crate) fn refusal(payment: &Payment, answer: &ConfirmAnswer) -> Option<PaymentError> {
    let settlement = match answer {
        ConfirmAnswer::Settled(settlement) => settlement,
        ConfirmAnswer::Unknown { .. } => return None,
    };
    Some(match settlement {
        Settlement::Declined { reason, message, .. } => {
            PaymentError::Declined { reason: *reason, message: message.clone() }
        }
        Settlement::Mismatch { money_may_be_held: true } => held_for_nothing(payment, "is of another order or amount"),
        Settlement::PartlyReturned => held_for_nothing(payment, "was given back in part"),
        Settlement::Mismatch { money_may_be_held: false } => PaymentError::AmountMismatch { money_may_be_held: false },
        Settlement::NotAuthenticated => PaymentError::NotAuthenticated,
        Settlement::Gone | Settlement::Returned => PaymentError::SessionExpired,
        Settlement::Approved(_) | Settlement::WaitingForDeposit | Settlement::StillOpen | Settlement::Unclear => {
            return None;
        }
    })
}

fn held_for_nothing(payment: &Payment, how: &'static str) -> PaymentError {
    let key = payment.key.as_ref().map(PaymentKey::shortened).unwrap_or_default();
    let checkout = payment.checkout_id;
    meter::our_fault(format!("toss may hold money that must go back: {key}, brought for {checkout}, {how}"));
    PaymentError::AmountMismatch { money_may_be_held: true }
}

/// The confirmation of this attempt. Whoever repeats it makes exactly this call.
pub(crate) fn confirm_call(payment: &Payment, payment_key: &PaymentKey, language: Language) -> ConfirmCall {
    ConfirmCall {
        payment_key: payment_key.clone(),
        checkout_id: payment.checkout_id,
        amount: payment.total,
        idempotency_key: ProviderIdempotencyKey::of_confirm(payment.checkout_id, payment.attempt),
        language,
    }
}

/// Asks again after a while, under this attempt.
pub(crate) fn ask_later(payment: &Payment, attempt: u32, now: Timestamp) -> Asking {
    let wait = ASK_AGAIN.get(usize::try_from(payment.asked).unwrap_or(usize::MAX));
    let wait = wait.copied().unwrap_or(Seconds::minutes(30));
    Asking { ask_at: now.plus(wait), asked: payment.asked.saturating_add(1), attempt }
}

async fn approve(
    table: &Table,
    checkout: &PlacedCheckout,
    approval: &Approval,
    by: &By<'_>,
    claim: Option<&Claim>,
) -> Result<Settled, Failure> {
    let row = answered(&checkout.payment, PaymentEvent::Approve, by.now)?;
    let mut confirming = checkout.clone();
    confirming.payment.receipt_url.clone_from(&approval.receipt_url);
    let moved = table.transaction().move_payment(&confirming, row, by);
    let (transaction, paid) = match moved {
        Ok(moved) => moved,
        Err(fault) => return raced_or(fault.into()),
    };
    let reply = OkayOrAccepted::Okay(confirmed::reply_of(&paid));
    match transaction.remember(claim, &reply).commit().await {
        Ok(()) => Ok(Settled::Paid(Box::new(paid))),
        Err(failure) => raced_or(failure),
    }
}

/// Back to pending: the buyer may try again while the hold lasts. A provider's payment that is of another
/// checkout is free for that one again.
pub(crate) async fn make_payable(
    table: &Table,
    checkout: &PlacedCheckout,
    error: PaymentError,
    by: &By<'_>,
) -> Result<Settled, Failure> {
    let row = answered(&checkout.payment, PaymentEvent::Decline, by.now)?;
    let mut pending = checkout.clone();
    let key = pending.payment.key.take();
    let (mut transaction, _) = match table.transaction().move_payment(&pending, row, by) {
        Ok(moved) => moved,
        Err(fault) => return raced_or(fault.into()),
    };
    if let (PaymentError::AmountMismatch { .. }, Some(key)) = (&error, key) {
        let ours = Condition::Is("checkout_id", checkout.payment.checkout_id.to_string().into());
        let ours = Condition::Any(vec![Condition::Absent, ours]);
        transaction =
            transaction.delete(&PaymentOwner::key(checkout.payment.provider, &key), ours).or_else(|_| raced());
    }
    match transaction.commit().await {
        Ok(()) => Ok(Settled::Payable(error)),
        Err(failure) => raced_or(failure),
    }
}

/// The row for an answer of the provider: there always is one while a payment is confirming.
fn answered(payment: &Payment, event: PaymentEvent, now: Timestamp) -> Result<&'static PaymentRow, Fault> {
    payment.step(event, Actor::Provider, now).map_err(|refusal| {
        Fault::new(FaultKind::Corrupt, "the process has no row for the provider's answer").with_source(refusal)
    })
}

fn raced_or(failure: Failure) -> Result<Settled, Failure> {
    if is_race(&failure) { Ok(Settled::Raced) } else { Err(failure) }
}
