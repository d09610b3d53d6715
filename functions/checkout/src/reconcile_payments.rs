//! Every minute: payments whose outcome is not known are asked about, until it is.
//!
//! This is what makes "paid but no order" impossible: whatever died between the provider's yes and
//! our writing it down, the checkout stands there as confirming and its turn comes here. A payment
//! that the provider has not been told to take is confirmed again, as a new attempt whose
//! idempotency key is stored before the call. One that waits for a deposit is called off: the window
//! offers cards only, and whoever opened an account to pay into, from a page of their own, would hold
//! the stock for as long as that is open.

use domain::{
    ids::CheckoutId,
    payments::{CancelReason, PaymentKey, ProviderIdempotencyKey, Settlement},
    processes::payment::PaymentState,
};
use shared::{
    Failure, Fault,
    api::{
        Job, JobContext, JobRoute, Touch, Trigger,
        job::{JobReport, Sweep, Tick},
    },
    payments::{CancelCall, ConfirmAnswer, Payments},
    secrets::SecretName,
    store::{Index, Kind, orders::By, payments::Payment},
};

use crate::{CheckoutTools, settle};

/// The job.
#[derive(Debug)]
pub struct ReconcilePayments;

impl Job for ReconcilePayments {
    const ROUTE: JobRoute = JobRoute {
        id: "checkout.reconcile_payments",
        summary: "Ask the provider about payments whose outcome is not known",
        trigger: Trigger::EveryMinutes(1),
        touches: &[
            Touch::QueryIndex(Kind::PAYMENT, Index::Due),
            Touch::Get(Kind::PAYMENT),
            Touch::BatchGet(Kind::ORDER),
            Touch::Put(Kind::PAYMENT),
            Touch::Update(Kind::PAYMENT),
            Touch::Delete(Kind::PAYMENT_OWNER),
            Touch::Put(Kind::ORDER),
            Touch::Put(Kind::AUDIT_ROW),
            Touch::Put(Kind::POSTING),
            Touch::Put(Kind::OUTBOX_EVENT),
            Touch::Update(Kind::STOCK),
            Touch::Update(Kind::HOLDINGS),
            Touch::Update(Kind::HOLDINGS_OF_VARIANT),
            Touch::Secret(SecretName::TossSecretKey),
        ],
        memory_mb: 128,
        time_out_s: 300,
    };

    type Tools = CheckoutTools;
    type Event = Tick;

    async fn run(tools: &CheckoutTools, _: Tick, context: &JobContext) -> Result<JobReport, Fault> {
        let mut due = tools.core.table.unknown_payments(context.now);
        let mut sweep = Sweep::default();
        while let Some(id) = due.next(&context.work_time).await? {
            sweep.note(due.settle(reconcile(tools, id, context).await).await);
        }
        sweep.end()
    }
}

async fn reconcile(tools: &CheckoutTools, id: CheckoutId, context: &JobContext) -> Result<(), Failure> {
    let Some(payment) = tools.core.table.get_payment(id).await? else { return Ok(()) };
    let is_due = payment.ask_at.is_some_and(|at| at <= context.now);
    let by = By { now: context.now, request_id: &context.request_id, user_id: None };
    if is_due { ask_and_settle(tools, payment, &by).await } else { Ok(()) }
}

/// Asks the provider about a payment that is confirming, and carries out what it says. Nothing for a
/// payment in another state.
pub(crate) async fn ask_and_settle(tools: &CheckoutTools, mut payment: Payment, by: &By<'_>) -> Result<(), Failure> {
    let table = &tools.core.table;
    let is_open = payment.status == PaymentState::Confirming;
    let Some(payment_key) = payment.key.clone().filter(|_| is_open) else { return Ok(()) };
    let payments = tools.payments()?;
    let mut answer = ask(payments, &payment, &payment_key).await?;
    if answer == ConfirmAnswer::Settled(Settlement::WaitingForDeposit) {
        call_off(payments, &payment, &payment_key).await?;
        // What came of it is asked and not believed: the deposit may have come at the same moment.
        answer = ask(payments, &payment, &payment_key).await?;
    }
    if answer == ConfirmAnswer::Settled(Settlement::StillOpen) {
        // Nobody took the money yet. The attempt before may have left an error that the provider
        // repeats under its key for 15 days, so this is a new attempt; one payment is taken once,
        // whatever the number of attempts (Toss, `ALREADY_PROCESSED_PAYMENT`).
        let attempt = payment.attempt.saturating_add(1);
        let Some(next) = table.note_asking(&payment, settle::ask_later(&payment, attempt, by.now)).await? else {
            return Ok(());
        };
        payment = next;
        answer = payments.confirm(&settle::confirm_call(&payment, &payment_key, payment.language)).await?;
        // It has just been seen that the payment is of this checkout.
        if let ConfirmAnswer::Unknown { why } = &answer {
            why.report(&payment_key);
        }
    }
    let checkout = table.with_orders(payment).await?;
    settle::settle(table, &checkout, &answer, by, None).await.map(|_| ())
}

async fn ask(payments: &Payments, payment: &Payment, key: &PaymentKey) -> Result<ConfirmAnswer, Fault> {
    Ok(payments.fetch_by_payment_key(key).await?.settle(payment.checkout_id, payment.total))
}

async fn call_off(payments: &Payments, payment: &Payment, payment_key: &PaymentKey) -> Result<(), Fault> {
    let idempotency_key = ProviderIdempotencyKey::of_calling_off(payment.checkout_id, payment.attempt, payment.asked);
    let call = CancelCall {
        payment_key: payment_key.clone(),
        reason: CancelReason::not_offered(payment.language),
        amount: None,
        refundable: None,
        idempotency_key,
    };
    payments.cancel(&call).await.map(|_| ())
}
