//! What must hold for every process. Each law is a function that names what breaks it, so that a
//! test can see it refuse a broken table as well as accept ours.

use std::collections::{BTreeMap, BTreeSet};

use super::{Actor, Balance, Effect, Event, Guard, Process, State, Transition};

/// Every law; the first that is broken, in words.
pub(super) fn prove<S: State, E: Event, F: Effect>(process: &Process<S, E, F>) -> Result<(), String> {
    rows_are_unique(process)?;
    every_state_is_reached(process)?;
    every_event_happens(process)?;
    every_way_ends(process)?;
    time_waits(process)?;
    who_waits_has_a_place(process)?;
    let balances = balances(process)?;
    ends_are_as_declared(process, &balances)?;
    no_hold_is_forever(process, &balances)
}

fn rows_are_unique<S: State, E: Event, F: Effect>(process: &Process<S, E, F>) -> Result<(), String> {
    let mut seen = BTreeSet::new();
    for row in process.transitions {
        if !seen.insert((row.from, row.event, row.actor)) {
            return Err(format!("two rows for {:?} {:?} {:?}", row.from, row.event, row.actor));
        }
    }
    Ok(())
}

fn reached_from<S: State, E: Event, F: Effect>(process: &Process<S, E, F>, start: S) -> BTreeSet<S> {
    let mut reached = BTreeSet::from([start]);
    loop {
        let next = process.transitions.iter().filter(|row| reached.contains(&row.from)).map(|row| row.to);
        let grown: BTreeSet<S> = reached.iter().copied().chain(next).collect();
        if grown.len() == reached.len() {
            return reached;
        }
        reached = grown;
    }
}

fn every_state_is_reached<S: State, E: Event, F: Effect>(process: &Process<S, E, F>) -> Result<(), String> {
    let reached = reached_from(process, process.start);
    match S::ALL.iter().find(|state| !reached.contains(state)) {
        Some(state) => Err(format!("{state:?} is never reached")),
        None => Ok(()),
    }
}

fn every_event_happens<S: State, E: Event, F: Effect>(process: &Process<S, E, F>) -> Result<(), String> {
    match E::ALL.iter().find(|event| process.transitions.iter().all(|row| row.event != **event)) {
        Some(event) => Err(format!("{event:?} never happens")),
        None => Ok(()),
    }
}

/// Every state that is not final has an exit, and from it a way to a final one; no final state has
/// an exit.
fn every_way_ends<S: State, E: Event, F: Effect>(process: &Process<S, E, F>) -> Result<(), String> {
    for state in S::ALL {
        let has_exit = process.transitions.iter().any(|row| row.from == *state);
        if has_exit == process.is_final(*state) {
            return Err(format!("{state:?} is final and has an exit, or is not and has none"));
        }
        if !reached_from(process, *state).iter().any(|reached| process.is_final(*reached)) {
            return Err(format!("{state:?} never ends"));
        }
    }
    Ok(())
}

/// Time acts only once a span has passed; nobody else waits for one.
fn time_waits<S: State, E: Event, F: Effect>(process: &Process<S, E, F>) -> Result<(), String> {
    for row in process.transitions {
        if matches!(row.guard, Guard::After(..)) != (row.actor == Actor::Time) {
            return Err(format!("{:?} {:?} by {:?} has the wrong guard", row.from, row.event, row.actor));
        }
    }
    Ok(())
}

/// Time and providers do not come by themselves: a state that one of them is to leave has a place where
/// a schedule finds it. No other state has one.
fn who_waits_has_a_place<S: State, E: Event, F: Effect>(process: &Process<S, E, F>) -> Result<(), String> {
    for state in S::ALL {
        let mut exits = process.transitions.iter().filter(|row| row.from == *state);
        let is_awaited = exits.any(|row| matches!(row.actor, Actor::Time | Actor::Provider));
        if is_awaited != state.waits() {
            return Err(format!("{state:?} waits for time or a provider and has no place, or has one for nothing"));
        }
    }
    Ok(())
}

fn moved<F: Effect>(mut balance: Balance, effects: &[F]) -> Result<Balance, String> {
    for effect in effects {
        effect.apply(&mut balance);
        let all = [balance.held, balance.sold, balance.money, balance.posted, balance.refunding];
        if all.iter().any(|count| !(0..=1).contains(count)) {
            return Err(format!("{effect:?} in {effects:?} makes {balance:?}"));
        }
    }
    Ok(balance)
}

/// What has been moved when a state is entered. That it is one value for each state, whichever way
/// led there, is the proof for all paths at once, endless ones with loops among them.
fn balances<S: State, E: Event, F: Effect>(process: &Process<S, E, F>) -> Result<BTreeMap<S, Balance>, String> {
    let mut balances = BTreeMap::from([(process.start, moved(Balance::NOTHING, process.opening)?)]);
    let mut to_visit = vec![process.start];
    while let Some(state) = to_visit.pop() {
        for row in process.transitions.iter().filter(|row| row.from == state) {
            let balance = moved(balances[&state], row.effects).map_err(|error| format!("{state:?}: {error}"))?;
            match balances.insert(row.to, balance) {
                None => to_visit.push(row.to),
                Some(other) if other != balance => {
                    return Err(format!("{:?} is entered with {other:?} and with {balance:?}", row.to));
                }
                Some(_) => {}
            }
        }
    }
    Ok(balances)
}

fn ends_are_as_declared<S: State, E: Event, F: Effect>(
    process: &Process<S, E, F>,
    balances: &BTreeMap<S, Balance>,
) -> Result<(), String> {
    for (state, declared) in process.finals {
        if balances.get(state) != Some(declared) {
            return Err(format!("{state:?} ends with {:?}, not {declared:?}", balances.get(state)));
        }
        if declared.held != 0 || declared.refunding != 0 || declared.money != declared.posted {
            return Err(format!("{state:?} ends with a hold or a refund, or with money that is not in the books"));
        }
    }
    Ok(())
}

/// A state that holds stock is left by time. The one exception: while the provider is being asked,
/// only its answer counts, and it is asked again until it gives one; the states that the answers
/// lead to are under this law again.
fn no_hold_is_forever<S: State, E: Event, F: Effect>(
    process: &Process<S, E, F>,
    balances: &BTreeMap<S, Balance>,
) -> Result<(), String> {
    for (state, _) in balances.iter().filter(|(_, balance)| balance.held > 0) {
        let exits: Vec<_> = process.transitions.iter().filter(|row| row.from == *state).collect();
        let by_time = exits.iter().any(|row| row.actor == Actor::Time);
        let by_the_provider_alone = exits.iter().all(|row| row.actor == Actor::Provider);
        if !by_time && !by_the_provider_alone {
            return Err(format!("{state:?} may hold stock for ever"));
        }
    }
    Ok(())
}

/// The same process with other rows, for tests that break it.
pub(super) fn with_rows<S: State, E: Event, F: Effect>(
    process: &Process<S, E, F>,
    rows: Vec<Transition<S, E, F>>,
) -> Process<S, E, F> {
    Process { transitions: rows.leak(), ..*process }
}
