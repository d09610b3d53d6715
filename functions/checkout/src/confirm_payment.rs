//! `POST /payments/confirm`: the buyer comes back from the payment window.
//!
//! What the browser says proves nothing: it is compared with the checkout before the provider is
//! called, and the provider's answer is compared again. The attempt is written down before the
//! call, so whatever happens to this request, the schedule knows that somebody must ask. An answer
//! that does not come is *unknown*, never *failed*: ask once more here, then answer 202 and let the
//! schedule go on asking.

use std::ops::ControlFlow;

use domain::{
    ErrorCode, Money,
    checkout::{self, CheckoutError},
    ids::CheckoutId,
    payments::{self, PaymentError, PaymentKey, Settlement},
    processes::{
        Actor,
        payment::{PaymentEvent, PaymentState},
    },
    timestamp::Seconds,
};
use schemars::JsonSchema;
use serde::Deserialize;
use shared::{
    Failure, Fault, FaultKind,
    api::{Anyone, Context, Endpoint, Method, OkayOrAccepted, Route, Tools as _, Touch},
    payments::{ConfirmAnswer, TimeLimits, Why},
    secrets::SecretName,
    store::{
        Kind, Table,
        expression::Condition,
        limits::Limit,
        orders::{By, is_race, raced},
        payments::{PaymentOwner, PlacedCheckout},
    },
};

use crate::{
    CheckoutTools,
    confirmed::{ConfirmPaymentReply, reply_of},
    settle::{self, Settled},
};

/// After how long the schedule asks, if this request does not live to settle the payment: later
/// than the request can last.
const ASK_AFTER: Seconds = Seconds(60);

/// How often the checkout is read when others move it at the same moment. They can do so three times
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

/// How often the provider is told to take a payment for one checkout. Each time is a call to it and
/// several writes, whatever the key in the request. Nobody tries so many cards in the 15 minutes
/// that a checkout can be paid in.
const PER_CHECKOUT: Limit = Limit { feature: "payments-checkout", most: 10, window: Seconds::hours(1) };

/// The endpoint.
#[derive(Debug)]
pub struct ConfirmPayment;

/// What the payment window gave to the browser.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ConfirmPaymentRequest {
    /// The checkout.
    pub checkout_id: CheckoutId,
    /// The provider's payment.
    pub payment_key: PaymentKey,
    /// What was paid.
    pub amount: Money,
}

impl Endpoint for ConfirmPayment {
    const ROUTE: Route = Route::new("checkout.confirm_payment", Method::Post, "/payments/confirm")
        .summary("Confirm the payment that the payment window began")
        .touches(&[
            Touch::BatchGet(Kind::PAYMENT),
            Touch::BatchGet(Kind::IDEMPOTENCY_RECORD),
            Touch::BatchGet(Kind::ORDER),
            Touch::Put(Kind::PAYMENT),
            Touch::Update(Kind::PAYMENT),
            Touch::Put(Kind::PAYMENT_OWNER),
            Touch::Delete(Kind::PAYMENT_OWNER),
            Touch::Put(Kind::ORDER),
            Touch::Put(Kind::AUDIT_ROW),
            Touch::Put(Kind::POSTING),
            Touch::Put(Kind::OUTBOX_EVENT),
            Touch::Update(Kind::STOCK),
            Touch::Update(Kind::HOLDINGS),
            Touch::Update(Kind::HOLDINGS_OF_VARIANT),
            Touch::Update(Kind::LIMIT_COUNTER),
            Touch::Secret(SecretName::TossSecretKey),
        ])
        .time_out_s(TIME_OUT_S)
        .idempotent();
    const ERRORS: &'static [ErrorCode] = &[
        checkout::codes::NOT_FOUND,
        checkout::codes::NOT_PAYABLE,
        payments::codes::DECLINED,
        payments::codes::AMOUNT_MISMATCH,
        payments::codes::TOO_MANY_ATTEMPTS,
        payments::codes::ALREADY_PAID,
        payments::codes::SESSION_EXPIRED,
        payments::codes::NOT_AUTHENTICATED,
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
        // The provider is asked once, however often the checkout must be read again: what it said of the
        // payment stays true, and there is no time to hear it twice.
        let mut heard: Option<ConfirmAnswer> = None;
        let (table, key) = (&tools.core().table, &request.payment_key);
        for _ in 0..ROUNDS {
            let mut checkout = checkout_unless_answered(table, request.checkout_id, context).await?;
            let payment = &checkout.payment;
            if request.amount != payment.total {
                return Err(PaymentError::AmountMismatch { money_may_be_held: false }.into());
            }
            let ours = payment.key.as_ref() == Some(key);
            let answer = match (payment.status, ours, heard.take()) {
                (PaymentState::Pending, _, None) => {
                    let begun = begin(table, &checkout, key, context).await?;
                    let Some(begun) = begun else { continue };
                    checkout = begun;
                    match confirm(tools, &checkout, key, context).await? {
                        ControlFlow::Continue(answer) => answer,
                        ControlFlow::Break(error) => return make_payable(tools, checkout, error, context).await,
                    }
                }
                (PaymentState::Confirming, true, None) => ask(tools, &checkout, key).await?,
                (PaymentState::Confirming, true, Some(answer)) => answer,
                // Somebody else heard that it is not paid, and made the checkout payable first.
                (PaymentState::Pending, _, Some(answer)) => {
                    let error = settle::refusal(payment, &answer);
                    return Err(error.map_or_else(|| raced().into(), Failure::from));
                }
                // Settled by the schedule, by a webhook, or by a request under another key.
                (PaymentState::Captured | PaymentState::PartlyRefunded | PaymentState::Refunded, true, _) => {
                    return settled_by_another(table, &checkout, context).await;
                }
                (PaymentState::Captured | PaymentState::PartlyRefunded | PaymentState::Refunded, false, _) => {
                    return Err(PaymentError::AlreadyPaid.into());
                }
                (PaymentState::Confirming, false, _) | (PaymentState::Expired | PaymentState::Cancelled, _, _) => {
                    return Err(CheckoutError::NotPayable { status: payment.status }.into());
                }
            };
            match settle::settle(table, &checkout, &answer, &by(context), context.claim.as_ref()).await? {
                Settled::Paid(checkout) => return Ok(OkayOrAccepted::Okay(reply_of(&checkout))),
                Settled::Payable(error) => return Err(error.into()),
                Settled::StillConfirming => return Ok(still_confirming(checkout)),
                Settled::Raced => heard = Some(answer),
            }
        }
        Err(raced().into())
    }
}

/// The checkout. Fails with the answer of the first request under this key, or because the key is of
/// another request: the record is written when the money is there, so it has to be looked for
/// before the money is taken.
async fn checkout_unless_answered(table: &Table, id: CheckoutId, context: &Context) -> Result<PlacedCheckout, Failure> {
    let no_claim = || Fault::new(FaultKind::Configuration, "the route takes an idempotency key and there is no claim");
    let claim = context.claim.as_ref().ok_or_else(no_claim)?;
    match table.get_payment_and_answer(id, claim).await? {
        (_, Some(answer)) => Err(answer.into_failure(claim)),
        (Some(payment), None) => Ok(table.with_orders(payment).await?),
        (None, None) => Err(CheckoutError::NotFound.into()),
    }
}

/// Answers that the checkout is paid, and remembers the answer. The orders move on from here, and a repeat of this
/// request must get the same bytes.
async fn settled_by_another(
    table: &Table,
    checkout: &PlacedCheckout,
    context: &Context,
) -> Result<OkayOrAccepted<ConfirmPaymentReply>, Failure> {
    let reply = OkayOrAccepted::Okay(reply_of(checkout));
    table.transaction().remember(context.claim.as_ref(), &reply).commit().await?;
    Ok(reply)
}

/// What is said while nobody knows: the checkout is confirming, whatever was read of it.
fn still_confirming(mut checkout: PlacedCheckout) -> OkayOrAccepted<ConfirmPaymentReply> {
    checkout.payment.status = PaymentState::Confirming;
    if let Some(status) = PaymentState::Confirming.of_orders() {
        checkout.orders.iter_mut().for_each(|order| order.status = status);
    }
    OkayOrAccepted::Accepted(reply_of(&checkout))
}

/// Has the provider take the money, and asks it once when the answer is none. Breaks with what to tell
/// the buyer when this attempt, the first with its key, moved no money.
async fn confirm(
    tools: &CheckoutTools,
    checkout: &PlacedCheckout,
    payment_key: &PaymentKey,
    context: &Context,
) -> Result<ControlFlow<PaymentError, ConfirmAnswer>, Failure> {
    let call = settle::confirm_call(&checkout.payment, payment_key, context.language);
    let answer = tools.payments()?.confirm(&call).await?;
    Ok(match answer {
        ConfirmAnswer::Unknown { why } if why.this_call_did_nothing() => {
            ControlFlow::Break(whose_fault(tools, checkout, payment_key, &why).await?)
        }
        ConfirmAnswer::Unknown { .. } | ConfirmAnswer::Settled(Settlement::StillOpen) => {
            ControlFlow::Continue(ask(tools, checkout, payment_key).await?)
        }
        ConfirmAnswer::Settled(_) => ControlFlow::Continue(answer),
    })
}

/// The provider refuses our set-up, a payment that was made for another order or amount, and one for which
/// nothing was chosen in the window yet, with the same codes. Which it is, the payment itself tells; what a
/// buyer does is no fault of ours.
async fn whose_fault(
    tools: &CheckoutTools,
    checkout: &PlacedCheckout,
    payment_key: &PaymentKey,
    why: &Why,
) -> Result<PaymentError, Failure> {
    let answer = ask(tools, checkout, payment_key).await?;
    Ok(match &answer {
        ConfirmAnswer::Settled(Settlement::Mismatch { .. } | Settlement::NotAuthenticated) => {
            settle::refusal(&checkout.payment, &answer)
        }
        _ => None,
    }
    .unwrap_or_else(|| {
        why.report(payment_key);
        PaymentError::Unavailable { retry_after_s: 10 }
    }))
}

/// Asks the provider how the payment stands.
async fn ask(
    tools: &CheckoutTools,
    checkout: &PlacedCheckout,
    payment_key: &PaymentKey,
) -> Result<ConfirmAnswer, Failure> {
    let payment = &checkout.payment;
    Ok(tools.payments()?.fetch_by_payment_key(payment_key).await?.settle(payment.checkout_id, payment.total))
}

/// The checkout is payable again, after an attempt that did nothing. Whoever moved it first asks on.
async fn make_payable(
    tools: &CheckoutTools,
    checkout: PlacedCheckout,
    error: PaymentError,
    context: &Context,
) -> Result<OkayOrAccepted<ConfirmPaymentReply>, Failure> {
    match settle::make_payable(&tools.core().table, &checkout, error, &by(context)).await? {
        Settled::Payable(error) => Err(error.into()),
        _ => Ok(still_confirming(checkout)),
    }
}

/// From pending to confirming, with the provider's payment taken for this checkout. `None` when somebody
/// else moved the checkout first.
async fn begin(
    table: &Table,
    checkout: &PlacedCheckout,
    payment_key: &PaymentKey,
    context: &Context,
) -> Result<Option<PlacedCheckout>, Failure> {
    let mut next = checkout.clone();
    let payment = &mut next.payment;
    let row = payment
        .step(PaymentEvent::BeginConfirmation, Actor::Buyer, context.now)
        .map_err(|_| CheckoutError::NotPayable { status: payment.status })?;
    payment.attempt = payment.attempt.saturating_add(1);
    payment.key = Some(payment_key.clone());
    payment.ask_at = Some(context.now.plus(ASK_AFTER));
    payment.asked = 0;
    let checkout_id = payment.checkout_id;
    let owner = PaymentOwner { provider: payment.provider, payment_key: payment_key.clone(), checkout_id };
    let ours = Condition::Is("checkout_id", checkout_id.to_string().into());
    let (transaction, begun) = match table.transaction().move_payment(&next, row, &by(context)) {
        Ok(moved) => moved,
        Err(fault) => return none_if_raced(fault.into()),
    };
    let outcome = transaction
        .put(&owner, Condition::Any(vec![Condition::Absent, ours]))
        .or_else(|_| PaymentError::AmountMismatch { money_may_be_held: false })
        .count(PER_CHECKOUT, &checkout_id.to_string(), context.now, |retry_after_s| PaymentError::TooManyAttempts {
            retry_after_s,
        })
        .commit()
        .await;
    match outcome {
        Ok(()) => Ok(Some(begun)),
        Err(failure) => none_if_raced(failure),
    }
}

fn none_if_raced<T>(failure: Failure) -> Result<Option<T>, Failure> {
    if is_race(&failure) { Ok(None) } else { Err(failure) }
}

fn by(context: &Context) -> By<'_> {
    By { now: context.now, request_id: &context.request_id, user_id: None }
}
