//! The way of the payment over the orders of one checkout.
//!
//! Until the money is there, the payment leads and its orders follow: each of its steps is a step of
//! every order, in the same transaction. So the orders of a checkout are paid together, and expire or
//! are called off together. While the provider is being asked nobody can leave but by its answer.
//!
//! Afterwards each order goes its own way, and the payment follows: every refund that was carried out
//! is a step of it, so it tells how much of the money is still here.

use serde::{Deserialize, Serialize};

use super::{
    Actor, Balance, Effect, Event, Guard, Process, Since, State, Transition,
    sell::{HOLD, SellEvent, SellState},
};
use crate::checkout::holding::HoldEnd;

/// The state of a payment, and of the checkout that it pays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "PaymentStatus")]
pub enum PaymentState {
    /// The orders are placed and their stock is held; nobody has paid yet.
    Pending,
    /// The provider is being asked; its answer is not known yet.
    Confirming,
    /// Paid, and nothing was given back.
    Captured,
    /// Paid, and some of it was given back.
    PartlyRefunded,
    /// Paid, and all of it was given back.
    Refunded,
    /// Not paid in time.
    Expired,
    /// Called off before it was paid.
    Cancelled,
}

impl State for PaymentState {
    const ALL: &'static [Self] = &[
        Self::Pending,
        Self::Confirming,
        Self::Captured,
        Self::PartlyRefunded,
        Self::Refunded,
        Self::Expired,
        Self::Cancelled,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Confirming => "confirming",
            Self::Captured => "captured",
            Self::PartlyRefunded => "partly_refunded",
            Self::Refunded => "refunded",
            Self::Expired => "expired",
            Self::Cancelled => "cancelled",
        }
    }

    fn waits(self) -> bool {
        self.waits_for().is_some()
    }
}

/// What a payment waits for that does not come by itself. It says where the payment stands in the due
/// index.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum WaitsFor {
    /// The end of the hold.
    HoldEnd,
    /// The next question to the provider.
    Question,
}

impl PaymentState {
    /// What a payment in this state waits for.
    #[must_use]
    pub const fn waits_for(self) -> Option<WaitsFor> {
        match self {
            Self::Pending => Some(WaitsFor::HoldEnd),
            Self::Confirming => Some(WaitsFor::Question),
            Self::Captured | Self::PartlyRefunded | Self::Refunded | Self::Expired | Self::Cancelled => None,
        }
    }

    /// The state that every order of the checkout is in as long as the payment leads them; nothing once
    /// each goes its own way.
    #[must_use]
    pub const fn of_orders(self) -> Option<SellState> {
        match self {
            Self::Pending => Some(SellState::Pending),
            Self::Confirming => Some(SellState::Confirming),
            Self::Expired => Some(SellState::Expired),
            Self::Cancelled => Some(SellState::Cancelled),
            Self::Captured | Self::PartlyRefunded | Self::Refunded => None,
        }
    }
}

/// What happens to a payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PaymentEvent {
    /// The buyer comes back from the payment window; the provider is about to be asked.
    BeginConfirmation,
    /// The provider took the money.
    Approve,
    /// The provider refused, or knows of no such payment.
    Decline,
    /// The hold ended.
    Expire,
    /// Somebody calls the checkout off.
    Cancel,
    /// Some of the money was given back, and some is still here.
    RefundPart,
    /// The last of the money was given back.
    RefundRest,
}

impl Event for PaymentEvent {
    const ALL: &'static [Self] = &[
        Self::BeginConfirmation,
        Self::Approve,
        Self::Decline,
        Self::Expire,
        Self::Cancel,
        Self::RefundPart,
        Self::RefundRest,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::BeginConfirmation => "begin_confirmation",
            Self::Approve => "approve",
            Self::Decline => "decline",
            Self::Expire => "expire",
            Self::Cancel => "cancel",
            Self::RefundPart => "refund_part",
            Self::RefundRest => "refund_rest",
        }
    }
}

/// What a step of a payment moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PaymentEffect {
    /// The pieces count as held by whoever ordered them (see `checkout::holding`).
    CountHeld,
    /// They do not count any more.
    ReleaseHeld(HoldEnd),
    /// Every order of the checkout takes this step.
    MoveOrders(SellEvent),
    /// The buyer's money was taken.
    Capture,
    /// A part of the money was given back.
    GiveBackPart,
    /// All that was left of the money was given back.
    GiveBackRest,
}

impl Effect for PaymentEffect {
    fn apply(self, balance: &mut Balance) {
        match self {
            Self::CountHeld => balance.held = balance.held.saturating_add(1),
            Self::ReleaseHeld(_) => balance.held = balance.held.saturating_sub(1),
            // What the orders move is proved with their own table.
            Self::MoveOrders(_) => {}
            // What is posted, the orders post.
            Self::Capture => {
                balance.money = balance.money.saturating_add(1);
                balance.posted = balance.posted.saturating_add(1);
            }
            // Less than all of it: some of the money is still here.
            Self::GiveBackPart => {}
            Self::GiveBackRest => {
                balance.money = balance.money.saturating_sub(1);
                balance.posted = balance.posted.saturating_sub(1);
            }
        }
    }

    fn text(self) -> String {
        match self {
            Self::CountHeld => "count what is held".to_owned(),
            Self::ReleaseHeld(HoldEnd::Paid) => "count it no more: it is paid".to_owned(),
            Self::ReleaseHeld(HoldEnd::Unpaid) => "count it no more: it was not paid".to_owned(),
            Self::ReleaseHeld(HoldEnd::TakenAway) => "count it no more".to_owned(),
            Self::MoveOrders(event) => format!("every order: {}", event.name()),
            Self::Capture => "take the money".to_owned(),
            Self::GiveBackPart => "note what was given back".to_owned(),
            Self::GiveBackRest => "note that all was given back".to_owned(),
        }
    }
}

/// One row of the table.
pub type PaymentRow = Transition<PaymentState, PaymentEvent, PaymentEffect>;

const fn row(
    from: PaymentState,
    event: PaymentEvent,
    actor: Actor,
    to: PaymentState,
    effects: &'static [PaymentEffect],
) -> PaymentRow {
    row_when(from, event, actor, Guard::Always, to, effects)
}

const fn row_when(
    from: PaymentState,
    event: PaymentEvent,
    actor: Actor,
    guard: Guard,
    to: PaymentState,
    effects: &'static [PaymentEffect],
) -> PaymentRow {
    Transition { from, event, actor, guard, to, effects }
}

const BEGUN: &[PaymentEffect] = &[PaymentEffect::MoveOrders(SellEvent::BeginConfirmation)];
const APPROVED: &[PaymentEffect] =
    &[PaymentEffect::ReleaseHeld(HoldEnd::Paid), PaymentEffect::Capture, PaymentEffect::MoveOrders(SellEvent::Approve)];
const DECLINED: &[PaymentEffect] = &[PaymentEffect::MoveOrders(SellEvent::Decline)];
const EXPIRED: &[PaymentEffect] =
    &[PaymentEffect::ReleaseHeld(HoldEnd::Unpaid), PaymentEffect::MoveOrders(SellEvent::Expire)];
const CALLED_OFF_BY_BUYER: &[PaymentEffect] =
    &[PaymentEffect::ReleaseHeld(HoldEnd::Unpaid), PaymentEffect::MoveOrders(SellEvent::Cancel)];
const CALLED_OFF: &[PaymentEffect] =
    &[PaymentEffect::ReleaseHeld(HoldEnd::TakenAway), PaymentEffect::MoveOrders(SellEvent::Cancel)];

/// The table of payments.
pub const PAYMENT: Process<PaymentState, PaymentEvent, PaymentEffect> = {
    use Actor::{Admin, Buyer, Provider, Seller, System, Time};
    use PaymentEvent as On;
    use PaymentState as In;
    const PART: &[PaymentEffect] = &[PaymentEffect::GiveBackPart];
    const REST: &[PaymentEffect] = &[PaymentEffect::GiveBackRest];
    Process {
        name: "payment",
        start: In::Pending,
        opening: &[PaymentEffect::CountHeld],
        transitions: &[
            row_when(
                In::Pending,
                On::BeginConfirmation,
                Buyer,
                Guard::Before(Since::Start, HOLD),
                In::Confirming,
                BEGUN,
            ),
            row(In::Confirming, On::Approve, Provider, In::Captured, APPROVED),
            row(In::Confirming, On::Decline, Provider, In::Pending, DECLINED),
            row_when(In::Pending, On::Expire, Time, Guard::After(Since::Start, HOLD), In::Expired, EXPIRED),
            row(In::Pending, On::Cancel, Buyer, In::Cancelled, CALLED_OFF_BY_BUYER),
            row(In::Pending, On::Cancel, Seller, In::Cancelled, CALLED_OFF),
            row(In::Pending, On::Cancel, Admin, In::Cancelled, CALLED_OFF),
            row(In::Captured, On::RefundPart, System, In::PartlyRefunded, PART),
            row(In::Captured, On::RefundRest, System, In::Refunded, REST),
            row(In::PartlyRefunded, On::RefundPart, System, In::PartlyRefunded, PART),
            row(In::PartlyRefunded, On::RefundRest, System, In::Refunded, REST),
        ],
        finals: &[(In::Refunded, Balance::NOTHING), (In::Expired, Balance::NOTHING), (In::Cancelled, Balance::NOTHING)],
    }
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::processes::{
        proofs::{prove, with_rows},
        sell::SELL,
    };

    #[test]
    fn every_state_is_reached_and_left_and_the_money_is_here_or_back_on_every_path() {
        assert_eq!(prove(&PAYMENT), Ok(()));
    }

    #[test]
    fn names_are_those_of_the_api() {
        for state in PaymentState::ALL {
            assert_eq!(serde_json::to_value(state).unwrap(), state.name());
        }
        let names: std::collections::BTreeSet<_> = PaymentEvent::ALL.iter().map(|event| event.name()).collect();
        assert_eq!(names.len(), PaymentEvent::ALL.len());
    }

    #[test]
    fn the_proof_refuses_a_table_without_any_one_of_its_effects() {
        for (place, row) in PAYMENT.transitions.iter().enumerate() {
            for (index, effect) in row.effects.iter().enumerate() {
                if matches!(effect, PaymentEffect::MoveOrders(_) | PaymentEffect::GiveBackPart) {
                    continue;
                }
                let mut effects = row.effects.to_vec();
                effects.remove(index);
                let mut rows = PAYMENT.transitions.to_vec();
                rows[place].effects = effects.leak();
                let proof = prove(&with_rows(&PAYMENT, rows));
                assert!(proof.is_err(), "{:?} {:?} without {effect:?}", row.from, row.event);
            }
        }
    }

    #[test]
    fn until_the_money_is_there_a_payment_and_its_orders_take_each_step_together() {
        let of_orders = |state: PaymentState| state.of_orders().unwrap_or(SellState::Paid);
        let mut led = Vec::new();
        for row in PAYMENT.transitions {
            for effect in row.effects {
                let PaymentEffect::MoveOrders(event) = effect else { continue };
                let of_order = SELL.find(of_orders(row.from), *event, row.actor).expect("the orders have the step");
                assert_eq!((of_order.to, of_order.guard), (of_orders(row.to), row.guard), "{row:?}");
                led.push((of_order.from, of_order.event, of_order.actor));
            }
        }
        // And no order leaves these states without its payment.
        for row in SELL.transitions.iter().filter(|row| matches!(row.from, SellState::Pending | SellState::Confirming))
        {
            assert!(led.contains(&(row.from, row.event, row.actor)), "{row:?}");
        }
        for (_, event, _) in &led {
            let also_alone = SELL.transitions.iter().any(|row| row.event == *event && row.from == SellState::Paid);
            assert!(!also_alone || *event == SellEvent::Cancel, "{event:?}");
        }
    }

    #[test]
    fn a_payment_that_waits_stands_for_its_orders_in_the_due_index() {
        for state in PaymentState::ALL {
            let of_orders = state.of_orders().and_then(SellState::waits_for);
            let led = of_orders == Some(crate::processes::sell::WaitsFor::Payment);
            assert_eq!(state.waits(), led, "{state:?}");
        }
    }
}
