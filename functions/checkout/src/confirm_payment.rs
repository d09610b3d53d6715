//! `POST /payments/confirm`: the buyer comes back from the payment window.
//!
//! What the browser says proves nothing: it is compared with the order before the provider is
//! called, and the provider's answer is compared again. The attempt is written down before the
//! call, so whatever happens to this request, the schedule knows that somebody must ask. An answer
//! that does not come is *unknown*, never *failed*: ask once more here, then answer 202 and let the
//! schedule go on asking.

use std::ops::ControlFlow;

use domain::{
    ErrorCode, Language, Money,
    ids::OrderId,
    orders::{self, OrderError, OrderStatus},
    payments::{self, PaymentError, PaymentKey, ProviderIdempotencyKey, Settlement},
    processes::{Actor, sell::SellEvent},
    timestamp::Seconds,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use shared::{
    Failure, Fault, FaultKind,
    api::{Anyone, Context, Endpoint, Method, OkayOrAccepted, Route, Tools as _, Touch},
    payments::{ConfirmAnswer, ConfirmCall, TimeLimits, Why},
    secrets::SecretName,
    store::{
        Kind, Table,
        expression::Condition,
        limits::Limit,
        orders::{PaymentOwner, StoredOrder},
    },
};

use crate::{
    CheckoutTools,
    settle::{self, By, Settled},
};

/// After how long the schedule asks, if this request does not live to settle the payment: later
/// than the request can last.
const ASK_AFTER: Seconds = Seconds(60);

/// How often the order is read when others move it at the same moment. They can do so three times
/// before it is paid (the attempt is written down, when to ask again is noted, the payment is
/// approved), and whoever loses to each of them must still read it once more. One is to spare.
const ROUNDS: u32 = 5;

/// How long the function may run, in seconds.
const TIME_OUT_S: u32 = 28;
/// What is kept of it to write down what the provider said, in seconds.
const TO_WRITE_S: u64 = 5;
const _: () = assert!(
    TimeLimits::STANDARD.change_and_ask().as_secs() + TO_WRITE_S <= TIME_OUT_S as u64,
    "a provider that hangs must not keep us from answering that it does"
);

/// How often the provider is told to take a payment for one order. Each time is a call to it and
/// several writes, whatever the key in the request. Nobody tries so many cards in the 15 minutes
/// that an order can be paid in.
const PER_ORDER: Limit = Limit { feature: "payments-order", most: 10, window: Seconds::hours(1) };

/// The endpoint.
#[derive(Debug)]
pub struct ConfirmPayment;

/// What the payment window gave to the browser.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ConfirmPaymentRequest {
    /// The order.
    pub order_id: OrderId,
    /// The provider's payment.
    pub payment_key: PaymentKey,
    /// What was paid.
    pub amount: Money,
}

/// Where the order is now.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct ConfirmPaymentReply {
    /// The order, in short: whoever calls this need not be its buyer.
    pub order: ConfirmedOrder,
    /// Whether the money is there.
    pub payment_state: PaymentState,
}

/// An order, in short.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct ConfirmedOrder {
    /// Its id.
    pub id: OrderId,
    /// Its state.
    pub status: OrderStatus,
    /// What it costs.
    pub total: Money,
}

/// Whether the money is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PaymentState {
    /// It is.
    Paid,
    /// Nobody knows yet; look at the order again in a moment.
    Confirming,
}

impl Endpoint for ConfirmPayment {
    const ROUTE: Route = Route::new("checkout.confirm_payment", Method::Post, "/payments/confirm")
        .summary("Confirm the payment that the payment window began")
        .touches(&[
            Touch::BatchGet(Kind::ORDER),
            Touch::BatchGet(Kind::IDEMPOTENCY_RECORD),
            Touch::Put(Kind::ORDER),
            Touch::Update(Kind::ORDER),
            Touch::Put(Kind::AUDIT_ROW),
            Touch::Put(Kind::PAYMENT_OWNER),
            Touch::Put(Kind::POSTING),
            Touch::Put(Kind::OUTBOX_EVENT),
            Touch::Update(Kind::STOCK),
            Touch::Update(Kind::LIMIT_COUNTER),
            Touch::Secret(SecretName::TossSecretKey),
        ])
        .time_out_s(TIME_OUT_S)
        .idempotent();
    const ERRORS: &'static [ErrorCode] = &[
        orders::codes::NOT_FOUND,
        orders::codes::NOT_PAYABLE,
        payments::codes::DECLINED,
        payments::codes::AMOUNT_MISMATCH,
        payments::codes::TOO_MANY_ATTEMPTS,
        payments::codes::ALREADY_PAID,
        payments::codes::SESSION_EXPIRED,
        payments::codes::UNAVAILABLE,
    ];

    type Tools = CheckoutTools;
    type Caller = Anyone;
    type Request = ConfirmPaymentRequest;
    type Reply = OkayOrAccepted<ConfirmPaymentReply>;

    async fn handle(
        tools: &CheckoutTools,
        _: Anyone,
        request: ConfirmPaymentRequest,
        context: &Context,
    ) -> Result<Self::Reply, Failure> {
        // The provider is asked once, however often the order must be read again: what it said of the
        // payment stays true, and there is no time to hear it twice.
        let mut heard: Option<ConfirmAnswer> = None;
        for _ in 0..ROUNDS {
            let mut order = order_unless_answered(&tools.core().table, request.order_id, context).await?;
            if request.amount != order.total {
                return Err(PaymentError::AmountMismatch { money_may_be_held: false }.into());
            }
            let ours = order.payment.key.as_ref() == Some(&request.payment_key);
            let answer = match (order.status, ours, heard.take()) {
                (OrderStatus::Pending, _, None) => {
                    let begun = begin(&tools.core().table, &order, &request.payment_key, context).await?;
                    let Some(begun) = begun else { continue };
                    order = begun;
                    match confirm(tools, &order, &request.payment_key, context).await? {
                        ControlFlow::Continue(answer) => answer,
                        ControlFlow::Break(error) => return make_payable(tools, order, error, context).await,
                    }
                }
                (OrderStatus::Confirming, true, None) => ask(tools, &order, &request.payment_key).await?,
                (OrderStatus::Confirming, true, Some(answer)) => answer,
                // Somebody else heard that it is not paid, and made the order payable first.
                (OrderStatus::Pending, _, Some(answer)) => {
                    let error = settle::refusal(&order, &answer);
                    return Err(error.map_or_else(|| settle::raced().into(), Failure::from));
                }
                (OrderStatus::Confirming, false, _) => {
                    return Err(OrderError::NotPayable { status: order.status }.into());
                }
                // Settled by the schedule, or by a request under another key.
                (_, true, _) if order.paid_at.is_some() => return Ok(OkayOrAccepted::Okay(reply_of(&order))),
                _ if order.paid_at.is_some() => return Err(PaymentError::AlreadyPaid.into()),
                _ => return Err(OrderError::NotPayable { status: order.status }.into()),
            };
            match settle::settle(tools, &order, &answer, &by(context), context.claim.as_ref()).await? {
                Settled::Paid(order) => return Ok(OkayOrAccepted::Okay(reply_of(&order))),
                Settled::Payable(error) => return Err(error.into()),
                Settled::StillConfirming => return Ok(still_confirming(order)),
                Settled::Raced => heard = Some(answer),
            }
        }
        Err(settle::raced().into())
    }
}

/// The order. Fails with the answer of the first request under this key, or because the key is of
/// another request: the record is written when the money is there, so it has to be looked for
/// before the money is taken.
async fn order_unless_answered(table: &Table, id: OrderId, context: &Context) -> Result<StoredOrder, Failure> {
    let no_claim = || Fault::new(FaultKind::Configuration, "the route takes an idempotency key and there is no claim");
    let claim = context.claim.as_ref().ok_or_else(no_claim)?;
    match table.get_order_and_answer(id, claim).await? {
        (_, Some(answer)) => Err(answer.into_failure(claim)),
        (Some(order), None) => Ok(order),
        (None, None) => Err(OrderError::NotFound.into()),
    }
}

fn still_confirming(mut order: StoredOrder) -> OkayOrAccepted<ConfirmPaymentReply> {
    order.status = OrderStatus::Confirming;
    OkayOrAccepted::Accepted(reply_of(&order))
}

pub(crate) fn reply_of(order: &StoredOrder) -> ConfirmPaymentReply {
    let payment_state =
        if order.status == OrderStatus::Confirming { PaymentState::Confirming } else { PaymentState::Paid };
    ConfirmPaymentReply {
        order: ConfirmedOrder { id: order.id, status: order.status, total: order.total },
        payment_state,
    }
}

/// Has the provider take the money, and asks it once when the answer is none. Breaks with what to tell
/// the buyer when this attempt, the first with its key, moved no money.
async fn confirm(
    tools: &CheckoutTools,
    order: &StoredOrder,
    payment_key: &PaymentKey,
    context: &Context,
) -> Result<ControlFlow<PaymentError, ConfirmAnswer>, Failure> {
    let answer = tools.payments()?.confirm(&call(order, payment_key, context.language)).await?;
    Ok(match answer {
        ConfirmAnswer::Unknown { why } if why.this_call_did_nothing() => {
            ControlFlow::Break(whose_fault(tools, order, payment_key, &why).await?)
        }
        ConfirmAnswer::Unknown { .. } | ConfirmAnswer::Settled(Settlement::StillOpen) => {
            ControlFlow::Continue(ask(tools, order, payment_key).await?)
        }
        ConfirmAnswer::Settled(_) => ControlFlow::Continue(answer),
    })
}

/// The provider refuses our set-up and a payment that was made for another order or amount with the
/// same codes. Whose payment it is, it tells; a buyer's trick is no fault of ours.
async fn whose_fault(
    tools: &CheckoutTools,
    order: &StoredOrder,
    payment_key: &PaymentKey,
    why: &Why,
) -> Result<PaymentError, Failure> {
    let answer = ask(tools, order, payment_key).await?;
    Ok(match &answer {
        ConfirmAnswer::Settled(Settlement::Mismatch { .. }) => settle::refusal(order, &answer),
        _ => None,
    }
    .unwrap_or_else(|| {
        why.report(payment_key);
        PaymentError::Unavailable { retry_after_s: 10 }
    }))
}

/// Asks the provider how the payment stands.
async fn ask(tools: &CheckoutTools, order: &StoredOrder, payment_key: &PaymentKey) -> Result<ConfirmAnswer, Failure> {
    Ok(tools.payments()?.fetch_by_payment_key(payment_key).await?.settle(order.id, order.total))
}

/// The order is payable again, after an attempt that did nothing. Whoever moved it first asks on.
async fn make_payable(
    tools: &CheckoutTools,
    order: StoredOrder,
    error: PaymentError,
    context: &Context,
) -> Result<OkayOrAccepted<ConfirmPaymentReply>, Failure> {
    match settle::make_payable(&tools.core().table, &order, error, &by(context)).await? {
        Settled::Payable(error) => Err(error.into()),
        _ => Ok(still_confirming(order)),
    }
}

/// The confirmation of this attempt. The schedule repeats exactly this call.
pub(crate) fn call(order: &StoredOrder, payment_key: &PaymentKey, language: Language) -> ConfirmCall {
    ConfirmCall {
        payment_key: payment_key.clone(),
        order_id: order.id,
        amount: order.total,
        idempotency_key: ProviderIdempotencyKey::of_confirm(order.id, order.payment.attempt),
        language,
    }
}

/// From pending to confirming, with the payment's key taken for this order. `None` when somebody
/// else moved the order first.
async fn begin(
    table: &Table,
    order: &StoredOrder,
    payment_key: &PaymentKey,
    context: &Context,
) -> Result<Option<StoredOrder>, Failure> {
    let row = order
        .step(SellEvent::BeginConfirmation, Actor::Buyer, context.now)
        .map_err(|_| OrderError::NotPayable { status: order.status })?;
    let mut next = order.moved(row, context.now);
    next.payment.attempt = order.payment.attempt.saturating_add(1);
    next.payment.key = Some(payment_key.clone());
    next.payment.ask_at = Some(context.now.plus(ASK_AFTER));
    next.payment.asked = 0;
    let owner = PaymentOwner { provider: order.payment.provider, payment_key: payment_key.clone(), order_id: order.id };
    let free_or_ours = Condition::Any(vec![Condition::Absent, Condition::Is("order_id", order.id.to_string().into())]);
    let outcome = table
        .transaction()
        .move_order(order, row, &next, &settle::move_by(&by(context))?, settle::raced)
        .put(&owner, free_or_ours)
        .or_else(|_| PaymentError::AmountMismatch { money_may_be_held: false })
        .count(PER_ORDER, &order.id.to_string(), context.now, |retry_after_s| PaymentError::TooManyAttempts {
            retry_after_s,
        })
        .commit()
        .await;
    match outcome {
        Ok(()) => Ok(Some(next)),
        Err(failure) if settle::is_race(&failure) => Ok(None),
        Err(failure) => Err(failure),
    }
}

fn by(context: &Context) -> By<'_> {
    By { now: context.now, request_id: &context.request_id }
}
