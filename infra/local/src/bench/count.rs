//! What each function takes of the database, counted exactly by the functions that are linked into this
//! program: no clock is in it, so it is the same on every machine, and a test compares it with
//! infra/budgets.toml.

use std::{collections::BTreeMap, path::Path};

use super::{
    BenchError,
    budgets::{self, Budgets},
    cases,
    measure::{Consumed, consumed_since, must_be_good},
    purchase::{self, Purchase},
    world::World,
};
use crate::hosts::{CalledBy, Function};

/// A function and what it took; nothing when nobody has written an event for it.
pub(super) type Counted = BTreeMap<String, (Function, Option<Consumed>)>;

/// Counts all functions and a purchase.
pub(super) async fn all() -> Result<(Counted, Purchase), BenchError> {
    let mut world = World::start().await?;
    let purchase = purchase::purchase(&mut world, &[]).await?;
    let mut functions = world.functions().to_vec();
    // Jobs first: the schedules among them are to find a shop in which nothing is due.
    functions.sort_by_key(|function| matches!(function.called_by, CalledBy::Route { .. }));
    let mut counted = Counted::new();
    for function in functions {
        let consumed = one(&mut world, &function).await?;
        counted.insert(function.name.clone(), (function, consumed));
    }
    world.stop().await;
    Ok((counted, purchase))
}

/// The most that one of two events takes: the second finds what the first has left behind.
async fn one(world: &mut World, function: &Function) -> Result<Option<Consumed>, BenchError> {
    let Some(events) = cases::events(world, function.id, 1, 1).await? else { return Ok(None) };
    let mut most = Consumed::default();
    for event in events {
        let first = world.engines().meter().next();
        let answer = world.run(function.id, event).await?;
        must_be_good(function, &answer)?;
        most = most.max(consumed_since(world, function, first));
    }
    Ok(Some(most))
}

/// Counts, rewrites the figures in the file with the budgets, and gives a line for each budget that was
/// missed.
///
/// # Errors
/// When the local cloud breaks, a function answers what it should not, or the file cannot be written.
pub async fn count(path: &Path) -> Result<Vec<String>, BenchError> {
    let (counted, purchase) = all().await?;
    budgets::write_consumption(path, &counted)?;
    Ok(Budgets::read(path)?.missed_by_counts(&counted, &purchase))
}
