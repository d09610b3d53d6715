//! The histories that are lived through.

use engines::database::IgnoredCondition;

use crate::{
    check,
    world::{Plan, World, code_of},
};

#[expect(clippy::disallowed_methods, reason = "whoever runs the tests asks for more histories by the environment")]
fn from_environment(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}

/// One history: so many operations by 32 buyers at once, then peace, then the check.
async fn history(seed: u64, operations: usize, ignored: &[IgnoredCondition]) -> Vec<String> {
    let world = World::start(seed).await;
    world.app.engines().database().ignore_conditions(ignored.to_vec());
    world.run(Plan { operations, buyers: 32 }).await;
    let mut violations = world.come_to_rest().await;
    violations.extend(check::violations(&world).await);
    if ignored.is_empty() {
        eprintln!("seed {seed}: {}", world.summary());
    }
    violations
}

#[tokio::test]
async fn every_history_keeps_every_invariant() {
    let operations = usize::try_from(from_environment("JANGTEO_OPERATIONS", 1_000)).unwrap();
    for seed in 1..=from_environment("JANGTEO_SEEDS", 5) {
        let violations = history(seed, operations, &[]).await;
        assert!(violations.is_empty(), "seed {seed}:\n{}", violations.join("\n"));
    }
}

#[tokio::test]
async fn attack_25_of_200_buyers_of_the_last_unit_one_gets_it_and_199_hear_so() {
    let world = World::start(7).await;
    let answers = world.all_want_the_last_unit(200).await;
    let placed = answers.iter().filter(|answer| answer.status == 201).count();
    let sold_out = answers.iter().filter(|answer| code_of(answer) == "stock.insufficient").count();
    assert_eq!((placed, sold_out), (1, 199));
}

/// Without any one of these conditions an invariant must break; otherwise nothing proves that it is
/// needed, or the check is blind.
#[tokio::test]
async fn no_condition_can_be_left_out() {
    const ALL: &[(&str, &[(&str, &str)])] = &[
        ("stock is held only where there is some", &[("LISTING#", "STOCK#")]),
        // Each guards the other: the payment's version, its orders', and the audit row that each version of
        // an order has but one of.
        ("a checkout moves only from what was read", &[("CHECKOUT#", ""), ("ORDER#", "")]),
        ("a payment pays one checkout", &[("PAYMENT#", "OWNER")]),
        ("a request is answered once", &[("ONCE#", "REPLY")]),
        ("an effect is taken by one attempt", &[("OUTBOX#", "EVENT")]),
        // That of a refund is proved by attack_37 in functions/orders: the order, the payment and the provider's
        // own key guard the money besides, so that too few histories break without it.
    ];
    for (name, conditions) in ALL {
        let ignored: Vec<IgnoredCondition> =
            conditions.iter().map(|(pk, sk)| IgnoredCondition { pk: (*pk).to_owned(), sk: (*sk).to_owned() }).collect();
        let mut caught = None;
        for seed in 1..=64 {
            let violations = history(seed, 400, &ignored).await;
            if let Some(first) = violations.into_iter().next() {
                caught = Some(format!("{seed}: {first}"));
                break;
            }
        }
        let first = caught.unwrap_or_else(|| panic!("without “{name}” no invariant broke"));
        eprintln!("without “{name}”: {first}");
    }
}
