//! Every minute: payments whose outcome is not known are asked about, until it is.
//!
//! This is what makes "paid but no order" impossible: whatever died between the provider's yes and
//! our writing it down, the order stands there as confirming and its turn comes here. A payment
//! that the provider has not been told to take is confirmed again, as a new attempt whose
//! idempotency key is stored before the call. One that waits for a deposit is called off: the window
//! offers cards only, and whoever opened an account to pay into, from a page of their own, would hold
//! the stock for as long as that is open.

use domain::{
    ids::OrderId,
    orders::OrderStatus,
    payments::{CancelReason, PaymentKey, ProviderIdempotencyKey, Settlement},
};
use shared::{
    Failure, Fault,
    api::{
        Job, JobContext, JobRoute, Touch, Trigger,
        job::{JobReport, Sweep, Tick},
    },
    payments::{CancelCall, ConfirmAnswer, Payments},
    secrets::SecretName,
    store::{Index, Kind, orders::StoredOrder},
};

use crate::{
    CheckoutTools, confirm_payment,
    settle::{self, By},
};

/// How many payments one run takes from each shard: each may take seconds at the provider.
const PAYMENTS_MAX: u32 = 10;

/// The job.
#[derive(Debug)]
pub struct ReconcilePayments;

impl Job for ReconcilePayments {
    const ROUTE: JobRoute = JobRoute {
        id: "checkout.reconcile_payments",
        summary: "Ask the provider about payments whose outcome is not known",
        trigger: Trigger::EveryMinutes(1),
        touches: &[
            Touch::QueryIndex(Kind::ORDER, Index::Due),
            Touch::Get(Kind::ORDER),
            Touch::Put(Kind::ORDER),
            Touch::Update(Kind::ORDER),
            Touch::Put(Kind::AUDIT_ROW),
            Touch::Put(Kind::POSTING),
            Touch::Put(Kind::OUTBOX_EVENT),
            Touch::Update(Kind::STOCK),
            Touch::Secret(SecretName::TossSecretKey),
        ],
        memory_mb: 128,
        time_out_s: 300,
    };

    type Tools = CheckoutTools;
    type Event = Tick;

    async fn run(tools: &CheckoutTools, _: Tick, context: &JobContext) -> Result<JobReport, Fault> {
        let due = tools.core.table.orders_with_unknown_payments(context.now, PAYMENTS_MAX).await?;
        let mut sweep = Sweep::default();
        for id in due {
            sweep.note(reconcile(tools, id, context).await);
        }
        sweep.end()
    }
}

async fn reconcile(tools: &CheckoutTools, id: OrderId, context: &JobContext) -> Result<(), Failure> {
    let table = &tools.core.table;
    let Some(mut order) = table.get_order(id).await? else { return Ok(()) };
    let is_due = order.status == OrderStatus::Confirming && order.payment.ask_at.is_some_and(|at| at <= context.now);
    let Some(payment_key) = order.payment.key.clone().filter(|_| is_due) else { return Ok(()) };
    let payments = tools.payments()?;
    let mut answer = payments.fetch_by_payment_key(&payment_key).await?.settle(order.id, order.total);
    if answer == ConfirmAnswer::Settled(Settlement::WaitingForDeposit) {
        call_off(payments, &order, &payment_key).await?;
        // What came of it is asked and not believed: the deposit may have come at the same moment.
        answer = payments.fetch_by_payment_key(&payment_key).await?.settle(order.id, order.total);
    }
    if answer == ConfirmAnswer::Settled(Settlement::StillOpen) {
        // Nobody took the money yet. The attempt before may have left an error that the provider
        // repeats under its key for 15 days, so this is a new attempt; one payment is taken once,
        // whatever the number of attempts (Toss, `ALREADY_PROCESSED_PAYMENT`).
        let attempt = order.payment.attempt.saturating_add(1);
        let Some(next) = table.note_asking(&order, settle::ask_later(&order, attempt, context.now)).await? else {
            return Ok(());
        };
        order = next;
        answer = payments.confirm(&confirm_payment::call(&order, &payment_key, order.language)).await?;
        // It has just been seen that the payment is of this order.
        if let ConfirmAnswer::Unknown { why } = &answer {
            why.report(&payment_key);
        }
    }
    let by = By { now: context.now, request_id: &context.request_id };
    settle::settle(tools, &order, &answer, &by, None).await?;
    Ok(())
}

async fn call_off(payments: &Payments, order: &StoredOrder, payment_key: &PaymentKey) -> Result<(), Fault> {
    let call = CancelCall {
        payment_key: payment_key.clone(),
        reason: CancelReason::not_offered(order.language),
        amount: None,
        refundable: None,
        idempotency_key: ProviderIdempotencyKey::of_calling_off(order.id, order.payment.attempt, order.payment.asked),
    };
    payments.cancel(&call).await.map(|_| ())
}
