//! The order process: the laws of every process, and what is promised about orders.

use proptest::prelude::*;

use super::*;
use crate::{
    Timestamp,
    processes::{
        Moments, Refusal,
        proofs::{prove, with_rows},
    },
};

const ACTORS: [Actor; 6] = [Actor::Buyer, Actor::Seller, Actor::Admin, Actor::Provider, Actor::Time, Actor::System];

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_seconds(1_800_000_000 + seconds)
}

fn moments(started: i64, entered: i64) -> Moments {
    Moments { started_at: at(started), entered_at: at(entered) }
}

fn rows() -> Vec<SellRow> {
    SELL.transitions.to_vec()
}

fn broken(rows: Vec<SellRow>) -> String {
    prove(&with_rows(&SELL, rows)).expect_err("a broken table was accepted")
}

#[test]
fn every_state_is_reached_and_left_and_stock_and_money_balance_on_every_path() {
    assert_eq!(prove(&SELL), Ok(()));
}

#[test]
fn names_are_those_of_the_api() {
    for state in SellState::ALL {
        assert_eq!(serde_json::to_value(state).unwrap(), state.name());
    }
    let names: std::collections::BTreeSet<_> = SellEvent::ALL.iter().map(|event| event.name()).collect();
    assert_eq!(names.len(), SellEvent::ALL.len());
}

#[test]
fn the_proof_refuses_a_table_without_any_one_of_its_effects() {
    for (place, row) in SELL.transitions.iter().enumerate() {
        for (index, effect) in row.effects.iter().enumerate() {
            if matches!(effect, SellEffect::Notify(_)) {
                continue;
            }
            let mut effects = row.effects.to_vec();
            effects.remove(index);
            let mut rows = rows();
            rows[place].effects = effects.leak();
            assert!(prove(&with_rows(&SELL, rows)).is_err(), "{:?} {:?} without {effect:?}", row.from, row.event);
        }
    }
}

#[test]
fn the_proof_refuses_dead_ends_and_holds_without_end() {
    let without = |from: SellState, event: SellEvent| {
        broken(rows().into_iter().filter(|row| row.from != from || row.event != event).collect())
    };
    assert_eq!(without(SellState::Pending, SellEvent::Expire), "Expired is never reached");
    assert_eq!(without(SellState::Preparing, SellEvent::Ship), "Shipping is never reached");
    assert_eq!(without(SellState::Paid, SellEvent::Prepare), "Preparing is never reached");
    let dead_end = without(SellState::CancelRefunding, SellEvent::RefundDone);
    assert!(dead_end.starts_with("CancelRefunding is final and has an exit"), "{dead_end}");

    let expiring_by = |actor| {
        let mut rows = rows();
        for row in rows.iter_mut().filter(|row| row.event == SellEvent::Expire) {
            row.actor = actor;
            row.guard = Guard::Always;
        }
        broken(rows)
    };
    assert_eq!(expiring_by(Actor::Provider), "Pending may hold stock for ever");
    // Whoever is not awaited has no place in the due index, and whoever is has one.
    let misplaced = "Pending waits for time or a provider and has no place, or has one for nothing";
    assert_eq!(expiring_by(Actor::System), misplaced);
}

#[test]
fn the_proof_refuses_doubled_rows_and_impatient_time() {
    let mut doubled = rows();
    doubled.push(doubled[0]);
    assert!(broken(doubled).starts_with("two rows for Pending"));

    let mut impatient = rows();
    for row in impatient.iter_mut().filter(|row| row.actor == Actor::Time) {
        row.guard = Guard::Always;
    }
    assert!(broken(impatient).ends_with("has the wrong guard"));
}

#[test]
fn attack_27_no_step_can_be_skipped() {
    use SellEvent as On;
    use SellState as In;
    let payment = [On::Prepare, On::Ship, On::Deliver, On::ConfirmReceipt, On::RequestReturn, On::RefundDone];
    for unpaid in [In::Pending, In::Confirming, In::Expired, In::Cancelled] {
        for (event, actor) in payment.iter().flat_map(|event| ACTORS.map(|actor| (*event, actor))) {
            assert_eq!(SELL.find(unpaid, event, actor), None, "{unpaid:?} {event:?} {actor:?}");
        }
    }
    for shipped in [In::Shipping, In::Delivered, In::Confirmed, In::ReturnRequested, In::Returned] {
        for actor in ACTORS {
            assert_eq!(SELL.find(shipped, On::Cancel, actor), None, "{shipped:?} {actor:?}");
        }
    }
    // The money goes back once: what was refunded cannot be refunded again.
    for refunded in [In::Cancelled, In::Returned] {
        for (event, actor) in On::ALL.iter().flat_map(|event| ACTORS.map(|actor| (*event, actor))) {
            assert_eq!(SELL.find(refunded, event, actor), None, "{refunded:?} {event:?} {actor:?}");
        }
    }
}

#[test]
fn attack_27_nobody_takes_the_part_of_another() {
    use SellEvent as On;
    for row in SELL.transitions {
        let may = match row.event {
            On::Approve | On::Decline => row.actor == Actor::Provider,
            On::RefundDone => matches!(row.actor, Actor::Provider | Actor::Admin),
            On::Prepare | On::Ship => row.actor == Actor::Seller,
            On::BeginConfirmation | On::RequestReturn => row.actor == Actor::Buyer,
            On::AcceptReturn | On::RefuseReturn => matches!(row.actor, Actor::Seller | Actor::Admin),
            On::Expire => row.actor == Actor::Time,
            On::ConfirmReceipt => matches!(row.actor, Actor::Buyer | Actor::Time),
            On::Deliver => matches!(row.actor, Actor::Seller | Actor::System),
            On::Cancel => row.actor.is_person(),
        };
        assert!(may, "{:?} by {:?}", row.event, row.actor);
    }
    assert_eq!(SELL.find(SellState::Preparing, On::Cancel, Actor::Buyer), None);
}

#[test]
fn time_cannot_expire_an_order_while_the_provider_is_asked() {
    for actor in ACTORS {
        let exits = SELL.transitions.iter().filter(|row| row.from == SellState::Confirming && row.actor == actor);
        assert_eq!(exits.count(), if actor == Actor::Provider { 2 } else { 0 }, "{actor:?}");
    }
}

#[test]
fn paying_ends_at_the_moment_at_which_expiry_begins() {
    let step = |event, actor, now: i64, entered: i64| {
        SELL.step(SellState::Pending, event, actor, moments(0, entered), at(now)).map(|row| row.to)
    };
    let (pay, expire) = (SellEvent::BeginConfirmation, SellEvent::Expire);
    assert_eq!(step(pay, Actor::Buyer, 899, 0), Ok(SellState::Confirming));
    assert_eq!(step(expire, Actor::Time, 899, 0), Err(Refusal::NotNow));
    assert_eq!(step(pay, Actor::Buyer, 900, 0), Err(Refusal::NotNow));
    assert_eq!(step(expire, Actor::Time, 900, 0), Ok(SellState::Expired));
    // A declined card brings the order back to pending and does not lengthen the hold.
    assert_eq!(step(pay, Actor::Buyer, 901, 600), Err(Refusal::NotNow));
    assert_eq!(step(SellEvent::Ship, Actor::Seller, 1, 0), Err(Refusal::NoSuchStep));
}

#[test]
fn a_delivered_order_counts_as_received_after_seven_days() {
    let week = 7 * 86_400;
    let step = |event, actor, now: i64| {
        SELL.step(SellState::Delivered, event, actor, moments(0, 1_000), at(1_000 + now)).map(|row| row.to)
    };
    assert_eq!(step(SellEvent::ConfirmReceipt, Actor::Time, week - 1), Err(Refusal::NotNow));
    assert_eq!(step(SellEvent::ConfirmReceipt, Actor::Time, week), Ok(SellState::Confirmed));
    assert_eq!(step(SellEvent::RequestReturn, Actor::Buyer, week - 1), Ok(SellState::ReturnRequested));
    assert_eq!(step(SellEvent::RequestReturn, Actor::Buyer, week), Err(Refusal::NotNow));
}

#[test]
fn people_are_offered_what_they_may_do_now_and_nothing_else() {
    let offered = |state, actor, now: i64| SELL.actions(state, actor, moments(0, 0), at(now));
    assert_eq!(offered(SellState::Pending, Actor::Buyer, 10), ["pay", "cancel"]);
    assert_eq!(offered(SellState::Pending, Actor::Buyer, 900), ["cancel"]);
    assert_eq!(offered(SellState::Confirming, Actor::Buyer, 10), [""; 0]);
    assert_eq!(offered(SellState::Paid, Actor::Seller, 10), ["cancel", "prepare"]);
    assert_eq!(offered(SellState::Delivered, Actor::Buyer, 10), ["confirm_receipt", "request_return"]);
    for actor in [Actor::Provider, Actor::Time, Actor::System] {
        for state in SellState::ALL {
            assert_eq!(offered(*state, actor, 100_000_000), [""; 0], "{state:?} {actor:?}");
        }
    }
    for (state, _) in SELL.finals {
        assert!(SELL.is_final(*state));
        assert_eq!(offered(*state, Actor::Buyer, 10), [""; 0]);
    }
}

#[test]
fn the_page_shows_every_state_and_every_row() {
    let (diagram, table) = (SELL.diagram(), SELL.table());
    assert!(diagram.starts_with("stateDiagram-v2\n    [*] --> pending\n"));
    assert!(diagram.contains("    paid --> cancel_refunding: cancel (buyer, seller, admin)\n"));
    assert!(diagram.contains("    expired --> [*]\n"));
    for state in SellState::ALL {
        assert!(diagram.contains(state.name()) && table.contains(state.name()), "{state:?}");
    }
    assert_eq!(table.lines().count(), 3 + SELL.transitions.len());
    let expire = "| pending | expire | time | 15 minutes after the beginning | expired | release stock |\n";
    assert!(table.contains(expire), "{table}");
    assert!(table.contains("| delivered | request_return | buyer | within 7 days after entering the state |"));
}

/// The rows that leave a state, which half of the attempts are taken from, so that the walk gets
/// everywhere; the other half is anything by anybody.
fn attempt(state: SellState, pick: usize, anything: bool) -> (SellEvent, Actor) {
    let exits: Vec<_> = SELL.transitions.iter().filter(|row| row.from == state).collect();
    if anything || exits.is_empty() {
        let actors = ACTORS.len();
        (SellEvent::ALL[pick / actors % SellEvent::ALL.len()], ACTORS[pick % actors])
    } else {
        let row = exits[pick % exits.len()];
        (row.event, row.actor)
    }
}

proptest! {
    /// Whatever is tried, by whomever, whenever: stock is never held twice or sold twice, money is
    /// never taken or given back twice, and an ended order stays as it ended.
    #[test]
    fn any_history_keeps_stock_and_money_whole(
        attempts in proptest::collection::vec(
            (any::<u16>(), any::<bool>(), prop_oneof![0_i64..60, 0_i64..1_000_000]), 0..60),
    ) {
        let (mut state, mut now, mut entered) = (SELL.start, 0, 0);
        let (mut held, mut sold, mut captured, mut refunded) = (1, 0, 0, 0);
        for (pick, anything, wait) in attempts {
            now += wait;
            let (event, actor) = attempt(state, usize::from(pick), anything);
            let Ok(row) = SELL.step(state, event, actor, moments(0, entered), at(now)) else { continue };
            prop_assert!(!SELL.is_final(state), "left {:?}", state);
            (state, entered) = (row.to, now);
            for effect in row.effects {
                match effect {
                    SellEffect::ReleaseStock => held -= 1,
                    SellEffect::SellStock => (held, sold) = (held - 1, sold + 1),
                    SellEffect::ReturnStock => sold -= 1,
                    SellEffect::Capture => captured += 1,
                    SellEffect::Refund => refunded += 1,
                    _ => {}
                }
            }
            prop_assert!((0..=1).contains(&held) && (0..=1).contains(&sold));
            prop_assert!(captured <= 1 && refunded <= captured);
        }
        if let Some((_, end)) = SELL.finals.iter().find(|(last, _)| *last == state) {
            prop_assert_eq!((i64::from(end.held), i64::from(end.sold)), (held, sold));
            prop_assert_eq!(i64::from(end.money), captured - refunded);
        }
    }
}
