//! Any history of confirmations, cancellations, faults and time: the books of the provider balance,
//! and what the client was told agrees with them.

use domain::{payments::PaymentKey, timestamp::Seconds};
use engines::{
    Engine, FaultKind, FaultPlan, FaultRule,
    toss::{Card, PaymentView},
};
use proptest::prelude::*;
use shared::payments::{CancelAnswer, ConfirmAnswer};

use crate::support::{Shop, attempt, confirmation, order, refund};

const PRICE: i64 = 12_000;

#[derive(Debug, Clone)]
enum Step {
    Confirm { attempt: u32, amount: i64 },
    Cancel { number: u32, amount: Option<i64>, guarded: bool },
    Wait { seconds: u32 },
    NewWindow,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let amount = prop_oneof![4 => Just(PRICE), 1 => 0..20_000_i64];
    let part = proptest::option::of(prop_oneof![1..6_000_i64, 0..20_000_i64]);
    let step = prop_oneof![
        3 => (1..4_u32, amount).prop_map(|(attempt, amount)| Step::Confirm { attempt, amount }),
        4 => (1..8_u32, part, any::<bool>()).prop_map(|(number, amount, guarded)| Step::Cancel { number, amount, guarded }),
        1 => (0..700_u32).prop_map(|seconds| Step::Wait { seconds }),
        1 => Just(Step::NewWindow),
    ];
    proptest::collection::vec(step, 1..25)
}

fn card() -> impl Strategy<Value = Card> {
    prop_oneof![
        5 => Just(Card::Approve),
        1 => Just(Card::LimitExceeded),
        1 => Just(Card::LostAnswer),
    ]
}

/// A third of the calls goes wrong in one way or another.
fn plan(seed: u64) -> FaultPlan {
    let rule = |kind| FaultRule::always(Engine::Toss, kind).per_mille(80);
    let kinds = [
        FaultKind::TimeOutAfterApply,
        FaultKind::TimeOutBefore,
        FaultKind::ServerError,
        FaultKind::Duplicate,
        FaultKind::Throttle,
    ];
    FaultPlan { seed, rules: kinds.into_iter().map(rule).collect() }
}

fn balances(payment: &PaymentView, before: Option<&PaymentView>) -> Result<(), TestCaseError> {
    prop_assert_eq!(Ok(payment.captured), payment.refunded.plus(payment.balance), "{:?}", payment);
    prop_assert!([0, PRICE].contains(&payment.captured.amount), "{:?}", payment);
    if let Some(before) = before {
        prop_assert!(payment.captured.amount >= before.captured.amount, "{:?} {:?}", before, payment);
        prop_assert!(payment.refunded.amount >= before.refunded.amount, "{:?} {:?}", before, payment);
    }
    Ok(())
}

async fn run(steps: Vec<Step>, card: Card, seed: u64) -> Result<(), TestCaseError> {
    let shop = Shop::open().await;
    shop.faults.set(plan(seed));
    let mut key = shop.buyer(order(1), PRICE, card);
    let mut believed = PRICE;
    let mut before: Vec<PaymentView> = Vec::new();
    for step in steps {
        match step {
            Step::Confirm { attempt: n, amount } => {
                let answer = shop.confirm(&attempt(&confirmation(&key, order(1), amount), n)).await;
                if let ConfirmAnswer::Settled(domain::payments::Settlement::Approved(approval)) = answer {
                    let view = shop.view(&approval.payment_key);
                    prop_assert_eq!(view.captured.amount, amount, "approved means taken, over that amount");
                }
            }
            Step::Cancel { number, amount, guarded } => {
                let answer = shop.cancel(&refund(&key, number, amount, guarded.then_some(believed))).await;
                if let CancelAnswer::Done { part, payment } = answer {
                    prop_assert!(shop.view(&payment.payment_key).refunded.amount >= part.amount.amount);
                    believed = payment.balance.map_or(0, |balance| balance.amount);
                }
            }
            Step::Wait { seconds } => drop(shop.clock.advance(Seconds(seconds))),
            Step::NewWindow => {
                let opened = shop.toss.state().authenticated(&order(1).to_string(), crate::support::krw(PRICE), card);
                let is_paid = shop.captured() > 0;
                prop_assert_eq!(opened.is_err(), is_paid, "a paid order opens no window");
                key = opened.map_or(key, |opened| PaymentKey::parse(&opened).unwrap());
            }
        }
        let now = shop.toss.state().payments();
        for payment in &now {
            balances(payment, before.iter().find(|b| b.payment_key == payment.payment_key))?;
        }
        prop_assert!(now.iter().filter(|payment| payment.captured.amount > 0).count() <= 1, "an order is paid once");
        before = now;
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn what_was_taken_is_what_went_back_and_what_is_left(steps in steps(), card in card(), seed in any::<u64>()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(run(steps, card, seed))?;
    }
}
