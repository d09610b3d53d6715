//! The payments of the simulator and what may happen to them. Every function here is a transition:
//! it gets the moment, changes the world or refuses with an error of the API, and does no I/O.

use std::collections::BTreeMap;

use domain::{Money, Timestamp, timestamp::Seconds};
use serde::{Deserialize, Serialize};

use super::codes::{self, TossError};

/// How long a payment window can be used (Toss: 30 minutes).
pub(super) const WINDOW: Seconds = Seconds::minutes(30);
/// How long after the authentication a payment can be confirmed (Toss: 10 minutes).
pub(super) const CONFIRM_WITHIN: Seconds = Seconds::minutes(10);

/// Where a payment stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Status {
    /// The window was opened.
    Ready,
    /// The buyer is authenticated.
    InProgress,
    /// The buyer was given an account to pay into, in days.
    WaitingForDeposit,
    /// Paid.
    Done,
    /// Given back whole, or called off before the deposit.
    Canceled,
    /// Paid and given back in part.
    PartialCanceled,
    /// The approval failed.
    Aborted,
    /// Too late.
    Expired,
}

/// What the buyer picks in the payment window: how the card will behave.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Card {
    /// The payment will be approved.
    Approve,
    /// The confirmation will be refused: `REJECT_CARD_PAYMENT`.
    LimitExceeded,
    /// The confirmation will be refused: `INVALID_CARD_EXPIRATION`.
    Expired,
    /// The confirmation will be refused: `FDS_ERROR`.
    RiskRefused,
    /// The payment will be approved, and the first answer that says so gets lost.
    LostAnswer,
    /// No card at all but a virtual account, which a page of the buyer's own can ask for with the
    /// public client key: the confirmation answers that a deposit is waited for. None comes by itself.
    VirtualAccount,
}

/// What a shop asks a payment for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewPayment {
    /// 6 to 64 of letters, digits, `-` and `_`.
    pub order_id: String,
    /// 1 to 100 characters.
    pub order_name: String,
    /// What is to be paid.
    pub amount: Money,
    /// Where the buyer is sent when authenticated.
    pub success_url: String,
    /// Where the buyer is sent otherwise.
    pub fail_url: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Payment {
    pub(super) payment_key: String,
    pub(super) number: u64,
    pub(super) order_id: String,
    pub(super) order_name: String,
    pub(super) amount: Money,
    pub(super) balance: Money,
    pub(super) status: Status,
    pub(super) card: Option<Card>,
    pub(super) requested_at: Timestamp,
    pub(super) authenticated_at: Option<Timestamp>,
    pub(super) approved_at: Option<Timestamp>,
    pub(super) last_transaction_key: Option<String>,
    pub(super) failure: Option<String>,
    pub(super) cancels: Vec<Cancel>,
    pub(super) success_url: String,
    pub(super) fail_url: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Cancel {
    pub(super) transaction_key: String,
    pub(super) amount: Money,
    pub(super) left: Money,
    pub(super) reason: String,
    pub(super) at: Timestamp,
}

impl Payment {
    /// Whether the buyer's money was taken, however much of it went back since.
    pub(super) const fn is_captured(&self) -> bool {
        self.approved_at.is_some()
    }

    fn is_too_late(&self, now: Timestamp) -> bool {
        let last = match (self.status, self.authenticated_at) {
            (Status::Ready, _) => self.requested_at.plus(WINDOW),
            (Status::InProgress, Some(authenticated_at)) => authenticated_at.plus(CONFIRM_WITHIN),
            _ => return false,
        };
        now > last
    }
}

/// What a cancellation asks for, as the request spelled it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct CancelRequest {
    pub(super) reason: String,
    pub(super) amount: Option<Money>,
    pub(super) refundable: Option<Money>,
}

#[derive(Debug, Default)]
pub(super) struct World {
    pub(super) payments: BTreeMap<String, Payment>,
    pub(super) last_number: u64,
    /// The payments that changed since somebody took this list, in the order of the changes.
    pub(super) changed: Vec<String>,
}

impl World {
    /// Opens a payment: the window is on the buyer's screen.
    pub(super) fn open(&mut self, new: NewPayment, payment_key: String, now: Timestamp) -> Result<String, TossError> {
        if self.paid_payment_of(&new.order_id).is_some() {
            return Err(codes::DUPLICATED_ORDER_ID);
        }
        self.last_number = self.last_number.saturating_add(1);
        let payment = Payment {
            payment_key: payment_key.clone(),
            number: self.last_number,
            order_id: new.order_id,
            order_name: new.order_name,
            amount: new.amount,
            balance: new.amount,
            status: Status::Ready,
            card: None,
            requested_at: now,
            authenticated_at: None,
            approved_at: None,
            last_transaction_key: None,
            failure: None,
            cancels: Vec::new(),
            success_url: new.success_url,
            fail_url: new.fail_url,
        };
        self.payments.insert(payment_key.clone(), payment);
        self.changed.push(payment_key.clone());
        Ok(payment_key)
    }

    /// The buyer shows who they are, with a card that will behave as it says. A second time changes
    /// nothing, so that a double click is harmless.
    pub(super) fn authenticate(&mut self, payment_key: &str, card: Card, now: Timestamp) -> Result<(), TossError> {
        let payment = self.payments.get_mut(payment_key).ok_or(codes::NOT_FOUND_PAYMENT)?;
        match payment.status {
            Status::Ready => {
                payment.status = Status::InProgress;
                payment.card = Some(card);
                payment.authenticated_at = Some(now);
                self.changed.push(payment_key.to_owned());
                Ok(())
            }
            Status::InProgress => Ok(()),
            Status::Expired | Status::Aborted => Err(codes::NOT_FOUND_PAYMENT_SESSION),
            Status::WaitingForDeposit | Status::Done | Status::Canceled | Status::PartialCanceled => {
                Err(codes::ALREADY_PROCESSED_PAYMENT)
            }
        }
    }

    /// The shop confirms. Which code answers a wrong order or amount is not documented; reports
    /// name the two that are used here. A second payment of a paid order is refused like a second
    /// confirmation, since an order id is good for one approval.
    pub(super) fn confirm(
        &mut self,
        payment_key: &str,
        order_id: &str,
        amount: Option<Money>,
        transaction_key: String,
        now: Timestamp,
    ) -> Result<(), TossError> {
        let order_is_paid = self.paid_payment_of(order_id).is_some();
        let payment = self.payments.get_mut(payment_key).ok_or(codes::NOT_FOUND_PAYMENT)?;
        match payment.status {
            Status::InProgress => {}
            Status::Ready => return Err(codes::UNAPPROVED_ORDER_ID),
            Status::Expired => return Err(codes::NOT_FOUND_PAYMENT_SESSION),
            Status::WaitingForDeposit | Status::Done | Status::Canceled | Status::PartialCanceled | Status::Aborted => {
                return Err(codes::ALREADY_PROCESSED_PAYMENT);
            }
        }
        if payment.order_id != order_id {
            return Err(codes::FORBIDDEN_REQUEST);
        }
        if amount != Some(payment.amount) {
            return Err(codes::INVALID_REQUEST);
        }
        if order_is_paid {
            return Err(codes::ALREADY_PROCESSED_PAYMENT);
        }
        let refusal = match payment.card {
            _ if payment.amount.amount < 100 => Some(codes::BELOW_MINIMUM_AMOUNT),
            Some(Card::LimitExceeded) => Some(codes::REJECT_CARD_PAYMENT),
            Some(Card::Expired) => Some(codes::INVALID_CARD_EXPIRATION),
            Some(Card::RiskRefused) => Some(codes::FDS_ERROR),
            Some(Card::Approve | Card::LostAnswer | Card::VirtualAccount) | None => None,
        };
        if let Some(refusal) = refusal {
            payment.status = Status::Aborted;
            payment.failure = Some(refusal.code.to_owned());
            self.changed.push(payment_key.to_owned());
            return Err(refusal);
        }
        if payment.card == Some(Card::VirtualAccount) {
            payment.status = Status::WaitingForDeposit;
        } else {
            payment.status = Status::Done;
            payment.approved_at = Some(now);
        }
        payment.last_transaction_key = Some(transaction_key);
        self.changed.push(payment_key.to_owned());
        Ok(())
    }

    /// The buyer pays into the virtual account.
    pub(super) fn deposit(
        &mut self,
        payment_key: &str,
        transaction_key: String,
        now: Timestamp,
    ) -> Result<(), TossError> {
        let payment = self.payments.get_mut(payment_key).ok_or(codes::NOT_FOUND_PAYMENT)?;
        if payment.status != Status::WaitingForDeposit {
            return Err(codes::ALREADY_PROCESSED_PAYMENT);
        }
        payment.status = Status::Done;
        payment.approved_at = Some(now);
        payment.last_transaction_key = Some(transaction_key);
        self.changed.push(payment_key.to_owned());
        Ok(())
    }

    /// An approval is refused by force of a fault: the payment is over.
    pub(super) fn abort(&mut self, payment_key: &str, code: &str) {
        if let Some(payment) = self.payments.get_mut(payment_key)
            && payment.status == Status::InProgress
        {
            payment.status = Status::Aborted;
            payment.failure = Some(code.to_owned());
            self.changed.push(payment_key.to_owned());
        }
    }

    /// The shop gives money back, all that is left or a part, or calls off what was not paid yet.
    pub(super) fn cancel(
        &mut self,
        payment_key: &str,
        request: CancelRequest,
        transaction_key: String,
        now: Timestamp,
    ) -> Result<(), TossError> {
        let payment = self.payments.get_mut(payment_key).ok_or(codes::NOT_FOUND_PAYMENT)?;
        match payment.status {
            Status::WaitingForDeposit | Status::Done | Status::PartialCanceled => {}
            Status::Canceled => return Err(codes::ALREADY_CANCELED_PAYMENT),
            Status::Ready | Status::InProgress | Status::Aborted | Status::Expired => {
                return Err(codes::NOT_CANCELABLE_PAYMENT);
            }
        }
        if request.refundable.is_some_and(|refundable| refundable != payment.balance) {
            return Err(codes::NOT_MATCHES_REFUNDABLE_AMOUNT);
        }
        let amount = request.amount.unwrap_or(payment.balance);
        if amount.is_zero() {
            return Err(codes::INVALID_REQUEST);
        }
        let left = payment.balance.minus(amount).map_err(|_| codes::NOT_CANCELABLE_AMOUNT)?;
        payment.balance = left;
        payment.status = if left.is_zero() { Status::Canceled } else { Status::PartialCanceled };
        payment.last_transaction_key = Some(transaction_key.clone());
        payment.cancels.push(Cancel { transaction_key, amount, left, reason: request.reason, at: now });
        self.changed.push(payment_key.to_owned());
        Ok(())
    }

    /// Ends what ran out of time.
    pub(super) fn expire(&mut self, now: Timestamp) {
        for payment in self.payments.values_mut().filter(|payment| payment.is_too_late(now)) {
            payment.status = Status::Expired;
            self.changed.push(payment.payment_key.clone());
        }
    }

    /// The payment that speaks for an order: the paid one, else the latest.
    pub(super) fn payment_of_order(&self, order_id: &str) -> Option<&Payment> {
        let latest = || self.payments.values().filter(|payment| payment.order_id == order_id).max_by_key(|p| p.number);
        self.paid_payment_of(order_id).or_else(latest)
    }

    fn paid_payment_of(&self, order_id: &str) -> Option<&Payment> {
        self.payments.values().find(|payment| payment.order_id == order_id && payment.is_captured())
    }
}
