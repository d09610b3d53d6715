//! The only door to the payment providers. What a provider does is never an error here: an answer
//! settles the payment or leaves it unknown, and unknown means *ask again*, never *failed*.

mod toss;

use std::sync::OnceLock;

use domain::{
    Language, Money,
    ids::CheckoutId,
    payments::{CancelReason, CancelledPart, PaymentKey, PaymentSnapshot, ProviderIdempotencyKey, Settlement, settle},
};

pub use toss::Toss;

pub use crate::ground::config::TimeLimits;
use crate::{
    config::Config,
    fault::Fault,
    http_client::CallError,
    meter,
    secrets::{Secret, SecretName, Secrets},
};

/// The providers, by the one that is configured.
#[derive(Debug, Clone)]
pub enum Payments {
    /// Toss Payments.
    Toss(Toss),
}

/// The providers, made when they are first asked for: their TLS takes a millisecond to set up, and not every
/// request comes so far.
#[derive(Debug, Default)]
pub struct LazyPayments(OnceLock<Payments>);

impl LazyPayments {
    /// The providers.
    ///
    /// # Errors
    /// When the function did not declare their secret, or the configuration is wrong.
    pub fn get(&self, config: &Config, secrets: &Secrets) -> Result<&Payments, Fault> {
        if let Some(payments) = self.0.get() {
            return Ok(payments);
        }
        let key = secrets.get(SecretName::TossSecretKey)?;
        let payments = Payments::toss(&config.toss_base_url, key, config.toss_time_limits)?;
        Ok(self.0.get_or_init(|| payments))
    }
}

/// A confirmation: "we expect this payment for this checkout over this amount, take it".
#[derive(Debug, Clone)]
pub struct ConfirmCall {
    /// What the browser brought back.
    pub payment_key: PaymentKey,
    /// Our checkout, which the provider calls the order.
    pub checkout_id: CheckoutId,
    /// What the checkout costs, by our own books.
    pub amount: Money,
    /// Stored before the call.
    pub idempotency_key: ProviderIdempotencyKey,
    /// In which language the provider words a refusal.
    pub language: Language,
}

/// What came of a confirmation, or of asking after one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ConfirmAnswer {
    /// The provider decided.
    Settled(Settlement),
    /// Nobody knows yet. Keep the order as it is and ask later.
    Unknown {
        /// What is known about why.
        why: Why,
    },
}

/// Why the outcome of a call is not known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Why {
    /// No connection: this call did nothing.
    NotSent,
    /// The connection broke after the call may have arrived.
    NoAnswer,
    /// No answer in time.
    TimedOut,
    /// An answer that is no answer: too large, not JSON, without a status, a redirect.
    Unreadable,
    /// The payment was decided by an earlier call.
    AlreadyProcessed,
    /// The provider asks for patience; repeat under the same idempotency key once the payment was
    /// asked for and is still open.
    RetryLater {
        /// The provider's code.
        code: String,
    },
    /// The provider failed, or gave a code that nobody documented.
    Undecided {
        /// The provider's code, as far as it is one.
        code: String,
    },
    /// The provider refused us, not the buyer: the set-up is wrong. This call did nothing. The
    /// request's line in the log is an error for it, save after a confirmation: that is refused in
    /// the same words when a buyer brings a payment of another order, so whoever called finds out
    /// which it was ([`Why::report`]).
    OurFault {
        /// The provider's code.
        code: String,
    },
}

impl Why {
    /// Whether this very call surely moved no money. An earlier call may have.
    #[must_use]
    pub const fn this_call_did_nothing(&self) -> bool {
        matches!(self, Self::NotSent | Self::OurFault { .. })
    }

    /// Makes the line in the log an error where the provider refused us, and no buyer's trick is
    /// behind it.
    pub fn report(&self, payment_key: &PaymentKey) {
        if let Self::OurFault { code } = self {
            let what = payment_key.shortened();
            meter::our_fault(format!("toss refuses our set-up or our request: confirm of {what}: {code}"));
        }
    }
}

impl From<&CallError> for Why {
    fn from(error: &CallError) -> Self {
        match error {
            CallError::NotSent(_) => Self::NotSent,
            CallError::MaybeSent(_) => Self::NoAnswer,
            CallError::TimedOut => Self::TimedOut,
            CallError::TooLarge => Self::Unreadable,
        }
    }
}

/// What came of a question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FetchAnswer {
    /// The payment as it stands.
    Found(Box<PaymentSnapshot>),
    /// The provider knows no such payment.
    NotFound,
    /// The question was not answered.
    Unknown {
        /// What is known about why.
        why: Why,
    },
}

impl FetchAnswer {
    /// What the answer means for a checkout over an amount; the same as the confirmation itself would
    /// have told. "Not found" is believed, so ask by checkout only when the time to confirm (10
    /// minutes after the buyer's authentication) has passed, or by payment key.
    #[must_use]
    pub fn settle(&self, checkout: CheckoutId, amount: Money) -> ConfirmAnswer {
        match self {
            Self::Found(payment) => settled(payment, checkout, amount),
            Self::NotFound => ConfirmAnswer::Settled(Settlement::Gone),
            Self::Unknown { why } => ConfirmAnswer::Unknown { why: why.clone() },
        }
    }
}

fn settled(payment: &PaymentSnapshot, checkout: CheckoutId, amount: Money) -> ConfirmAnswer {
    match settle(payment, checkout, amount) {
        Settlement::Unclear => {
            // No buyer brings this about: the provider speaks in another way than it says it does.
            let what = payment.payment_key.shortened();
            meter::our_fault(format!("toss: the status or the amount of {what} is none that we can read"));
            ConfirmAnswer::Unknown { why: Why::Unreadable }
        }
        settlement => ConfirmAnswer::Settled(settlement),
    }
}

/// A cancellation, whole or in part.
#[derive(Debug, Clone)]
pub struct CancelCall {
    /// The payment.
    pub payment_key: PaymentKey,
    /// Why, as the provider and the buyer's receipt show it.
    pub reason: CancelReason,
    /// How much goes back; all that is left when absent.
    pub amount: Option<Money>,
    /// How much we believe is left. The provider cancels nothing when it holds another sum, so that
    /// two refunds at once cannot both go through on one belief. Give it with every part.
    pub refundable: Option<Money>,
    /// Stored before the call.
    pub idempotency_key: ProviderIdempotencyKey,
}

/// What came of a cancellation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CancelAnswer {
    /// Money went back.
    Done {
        /// This cancellation.
        part: CancelledPart,
        /// The payment after it; its balance is what can still go back.
        payment: Box<PaymentSnapshot>,
    },
    /// Cancelled whole before, perhaps by a call of ours whose answer was lost. Fetch the payment
    /// and look for our part among its cancellations.
    AlreadyCancelled,
    /// The provider holds another sum than `refundable`; nothing was cancelled. Fetch, and compute
    /// anew.
    BalanceChanged,
    /// Refused for good; a person must act.
    Refused {
        /// The provider's code.
        code: String,
        /// The provider's words, for our staff.
        message: Option<String>,
    },
    /// Not now. Repeat later under the same idempotency key.
    RetryLater {
        /// The provider's code.
        code: String,
    },
    /// Nobody knows whether money went back. Fetch the payment.
    Unknown {
        /// What is known about why.
        why: Why,
    },
}

impl Payments {
    /// Toss at `base_url` (`https://api.tosspayments.com`), with the account's secret key.
    ///
    /// # Errors
    /// [`FaultKind::Configuration`](crate::FaultKind::Configuration) when the address is neither
    /// HTTPS nor on this machine, or the key cannot stand in a header.
    pub fn toss(base_url: &str, secret_key: &Secret, limits: TimeLimits) -> Result<Self, Fault> {
        Toss::new(base_url, secret_key, limits).map(Self::Toss)
    }

    /// Takes the payment. Compare the order and the amount with what the browser says before.
    ///
    /// # Errors
    /// Only when the request cannot be formed, which no input of a client can bring about.
    pub async fn confirm(&self, call: &ConfirmCall) -> Result<ConfirmAnswer, Fault> {
        match self {
            Self::Toss(toss) => toss.confirm(call).await,
        }
    }

    /// Asks for a payment by the provider's key.
    ///
    /// # Errors
    /// As [`Payments::confirm`].
    pub async fn fetch_by_payment_key(&self, payment_key: &PaymentKey) -> Result<FetchAnswer, Fault> {
        match self {
            Self::Toss(toss) => toss.fetch_by_payment_key(payment_key).await,
        }
    }

    /// Asks for the payment of a checkout: the paid one if there is one.
    ///
    /// # Errors
    /// As [`Payments::confirm`].
    pub async fn fetch_by_checkout(&self, checkout: CheckoutId) -> Result<FetchAnswer, Fault> {
        match self {
            Self::Toss(toss) => toss.fetch_by_checkout(checkout).await,
        }
    }

    /// Gives money back.
    ///
    /// # Errors
    /// As [`Payments::confirm`].
    pub async fn cancel(&self, call: &CancelCall) -> Result<CancelAnswer, Fault> {
        match self {
            Self::Toss(toss) => toss.cancel(call).await,
        }
    }
}
