//! One function: its starts, each beside one of the empty program, then its answers.

use std::time::Duration;

use engines::{Engine, Units};
use serde_json::Value;
use shared::api::route::DEFAULT_ROUTE;

use super::{
    BenchError, Options, body_of, cases,
    runtime::{Program, RuntimeApi},
    size,
    world::World,
};
use crate::hosts::{CalledBy, Function};

/// The least and the middle of some times, and the 99th of a hundred.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Spread {
    pub(super) min: Duration,
    pub(super) p50: Duration,
    pub(super) p99: Duration,
}

/// What was measured of a function.
#[derive(Debug, Clone)]
pub(super) struct Measured {
    pub(super) function: Function,
    /// Spawn to the first `next`.
    pub(super) start: Spread,
    /// The same of the empty program, in the same rounds.
    pub(super) empty: Spread,
    /// Calls to the engines during a start, which are the secrets that it reads.
    pub(super) calls_at_start: u64,
    /// How long the engines took of the start.
    pub(super) engines_at_start: Spread,
    pub(super) memory_kb: u64,
    pub(super) binary_bytes: u64,
    pub(super) zip_bytes: u64,
    /// Nothing when nobody has written a request for it.
    pub(super) answers: Option<Answers>,
}

/// What was measured of the answers of a function.
#[derive(Debug, Clone, Copy)]
pub(super) struct Answers {
    /// The first after a start, from the event to the answer.
    pub(super) first: Spread,
    /// The same without the engines' own time.
    pub(super) first_own: Spread,
    pub(super) warm: Spread,
    pub(super) warm_own: Spread,
    pub(super) warm_count: usize,
    /// Of the call that made the most.
    pub(super) database: Consumed,
}

/// What a call consumed of the database, as the database itself counts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Consumed {
    pub(super) calls: u64,
    pub(super) write_units: Units,
    pub(super) read_units: Units,
}

impl Measured {
    /// Spawn to `next` in percent of the empty program's, least to least: the least of many is what
    /// the machine's other work has disturbed the least.
    pub(super) fn percent_of_empty(&self) -> u128 {
        let empty = self.empty.min.as_micros().max(1);
        self.start.min.as_micros().saturating_mul(100).div_ceil(empty)
    }
}

pub(super) async fn function(
    api: &mut RuntimeApi,
    world: &mut World,
    function: &Function,
    options: &Options,
) -> Result<Measured, BenchError> {
    let name = function.name.as_str();
    let mut events = cases::events(world, function.id, options.starts, options.warm).await?.map(Vec::into_iter);
    let mut job = Job { api, world, function, answers: Times::default() };
    let (mut start, mut empty, mut at_start) = (Vec::new(), Vec::new(), Vec::new());
    let mut calls_at_start = 0;
    let mut program = None;
    for _ in 0..options.starts {
        let nothing = job.api.run(&options.empty, "empty", 128, &[]).await?;
        empty.push(nothing.start);
        nothing.end().await;
        if let Some(earlier) = program.take() {
            Program::end(earlier).await;
        }
        let first = job.world.engines().meter().next();
        let variables = job.world.variables(function);
        let mut fresh = job.api.run(&options.binaries.join(name), name, function.memory_mb, &variables).await?;
        start.push(fresh.start);
        let calls = job.calls_since(first);
        calls_at_start = calls.len();
        at_start.push(calls.iter().map(|call| call.duration).sum());
        if let Some(event) = events.as_mut().and_then(Iterator::next) {
            job.ask(&mut fresh, event).await?;
        }
        program = Some(fresh);
    }
    let firsts = std::mem::take(&mut job.answers);
    if let (Some(events), Some(program)) = (events.as_mut(), program.as_mut()) {
        for event in events {
            job.ask(program, event).await?;
        }
    }
    let warms = job.answers;
    let mut memory_kb = 0;
    if let Some(program) = program {
        memory_kb = program.peak_memory_kb();
        program.end().await;
    }
    let answers = (!firsts.total.is_empty()).then(|| Answers {
        warm_count: warms.total.len(),
        database: firsts.database.max(warms.database),
        first: spread(firsts.total),
        first_own: spread(firsts.own),
        warm: spread(warms.total),
        warm_own: spread(warms.own),
    });
    Ok(Measured {
        function: function.clone(),
        start: spread(start),
        empty: spread(empty),
        calls_at_start: u64::try_from(calls_at_start).unwrap_or(u64::MAX),
        engines_at_start: spread(at_start),
        memory_kb,
        binary_bytes: size(&options.binaries.join(name)),
        zip_bytes: size(&options.zips.join(format!("{name}.zip"))),
        answers,
    })
}

struct Job<'a> {
    api: &'a mut RuntimeApi,
    world: &'a World,
    function: &'a Function,
    answers: Times,
}

#[derive(Default)]
struct Times {
    total: Vec<Duration>,
    own: Vec<Duration>,
    database: Consumed,
}

/// A call to an engine.
struct EngineCall {
    engine: Engine,
    duration: Duration,
    read_units: Units,
    write_units: Units,
}

impl Job<'_> {
    async fn ask(&mut self, program: &mut Program, event: Value) -> Result<(), BenchError> {
        let name = &self.function.name;
        let first = self.world.engines().meter().next();
        let answer = self.api.ask(program, name, event.to_string()).await?;
        let calls = self.calls_since(first);
        let value: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
        must_be_good(self.function, &value)?;
        let engines: Duration = calls.iter().map(|call| call.duration).sum();
        self.answers.total.push(answer.took);
        self.answers.own.push(answer.took.saturating_sub(engines));
        self.answers.database = self.answers.database.max(consumed(&calls));
        Ok(())
    }

    fn calls_since(&self, first: u64) -> Vec<EngineCall> {
        calls_since(self.world, self.function, first)
    }
}

/// Fails when a function did not do what it was asked for.
pub(super) fn must_be_good(function: &Function, answer: &Value) -> Result<(), BenchError> {
    if let CalledBy::Route { path, .. } = function.called_by {
        // It refuses whatever it is asked.
        if path == DEFAULT_ROUTE {
            return Ok(());
        }
        return body_of(&function.name, answer).map(drop);
    }
    match answer.get("batchItemFailures").and_then(Value::as_array) {
        Some(failed) if !failed.is_empty() => Err(BenchError::failed(&function.name, answer.to_string().as_bytes())),
        _ => Ok(()),
    }
}

/// What a function has taken of the database since a call of this number.
pub(super) fn consumed_since(world: &World, function: &Function, first: u64) -> Consumed {
    consumed(&calls_since(world, function, first))
}

fn calls_since(world: &World, function: &Function, first: u64) -> Vec<EngineCall> {
    let calls = world.engines().meter().since(first).into_iter();
    calls
        .filter(|call| call.caller == function.name)
        .map(|call| EngineCall {
            engine: call.engine,
            duration: Duration::from_micros(call.duration_us),
            read_units: call.read_units,
            write_units: call.write_units,
        })
        .collect()
}

fn consumed(calls: &[EngineCall]) -> Consumed {
    calls.iter().filter(|call| call.engine == Engine::Database).fold(Consumed::default(), |sum, call| Consumed {
        calls: sum.calls.saturating_add(1),
        write_units: sum.write_units.plus(call.write_units),
        read_units: sum.read_units.plus(call.read_units),
    })
}

fn spread(mut times: Vec<Duration>) -> Spread {
    times.sort_unstable();
    let at = |percent: usize| {
        let place = times.len().saturating_mul(percent).div_ceil(100).saturating_sub(1);
        times.get(place).copied().unwrap_or_default()
    };
    Spread { min: at(0), p50: at(50), p99: at(99) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spread_names_the_least_the_middle_and_the_99th_of_a_hundred() {
        let times = (1..=200).rev().map(Duration::from_millis).collect();
        let Spread { min, p50, p99 } = spread(times);
        assert_eq!([min, p50, p99].map(|time| time.as_millis()), [1, 100, 198]);
        assert_eq!(spread(Vec::new()).p99, Duration::ZERO);
    }
}
