//! What a request cost: calls and units, as DynamoDB itself counts them.
//!
//! Every call asks for its consumed capacity and adds it to the meter of the request at hand. The
//! figures go into the log line, so the price of each request can be read in production too.

use std::{cell::RefCell, collections::BTreeSet, future::Future};

use aws_sdk_dynamodb::types::ConsumedCapacity;

use crate::api::{Touch, rate_limits::RateLimit};

/// What one request cost so far.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Usage {
    /// Calls to DynamoDB, retries by the SDK not counted.
    pub calls: u32,
    /// Read units, in halves.
    pub read_half_units: u32,
    /// Write units, in halves.
    pub write_half_units: u32,
    /// Passwords hashed or checked, each some fifty milliseconds of a core.
    pub password_hashes: u32,
    /// Why it was refused, where the client is told less: for the log.
    pub reason: Option<String>,
    /// What is wrong with our set-up although an answer could be given: for the log, and its alarm.
    pub fault: Option<String>,
    /// What was touched. Tests hold it to what the endpoint declares.
    pub touched: BTreeSet<Touch>,
    /// The limits that were counted against, each once.
    pub limits: Vec<RateLimit>,
}

tokio::task_local! {
    static METER: RefCell<Usage>;
}

/// Runs work and tells what it cost.
pub async fn measured<F: Future>(work: F) -> (F::Output, Usage) {
    METER
        .scope(RefCell::new(Usage::default()), async {
            let output = work.await;
            let usage = METER.with(RefCell::take);
            (output, usage)
        })
        .await
}

/// Notes that something was touched. Outside of a request nobody counts.
pub(crate) fn touch(touch: Touch) {
    let _ = METER.try_with(|meter| meter.borrow_mut().touched.insert(touch));
}

/// Notes a limit that is counted against, or what is left of one that was noted before.
pub(crate) fn limit(limit: RateLimit) {
    let _ = METER.try_with(|meter| {
        let limits = &mut meter.borrow_mut().limits;
        match limits.iter_mut().find(|known| known.feature == limit.feature) {
            Some(known) => *known = limit,
            None => limits.push(limit),
        }
    });
}

/// Notes for the log, and its alarm, what somebody must look into although the request can be
/// answered. One run of a job may find several; all are told. As with [`refused_because`], nothing
/// that others sent may stand in it but what was checked to be a code.
pub fn our_fault(fault: impl Into<String>) {
    let fault = fault.into();
    let _ = METER.try_with(|meter| {
        let known = &mut meter.borrow_mut().fault;
        *known = Some(match known.take() {
            Some(before) if before.contains(&fault) => before,
            Some(before) => format!("{before}; {fault}"),
            None => fault,
        });
    });
}

/// Notes for the log why something is refused of which the client is told less. Nothing that a client
/// or a provider sent may stand in it but what was checked to be a code. Outside of a request nobody
/// listens.
pub fn refused_because(reason: impl Into<String>) {
    let _ = METER.try_with(|meter| meter.borrow_mut().reason = Some(reason.into()));
}

/// Notes that a password was hashed.
pub(crate) fn hashed_password() {
    let _ = METER.try_with(|meter| {
        let mut usage = meter.borrow_mut();
        usage.password_hashes = usage.password_hashes.saturating_add(1);
    });
}

/// Whether a call read or wrote.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Direction {
    Read,
    Write,
}

/// Notes a call and what DynamoDB says that it consumed.
pub(crate) fn call<'a>(direction: Direction, consumed: impl IntoIterator<Item = &'a ConsumedCapacity>) {
    let half_units = consumed.into_iter().filter_map(ConsumedCapacity::capacity_units).map(halves).sum::<u32>();
    let _ = METER.try_with(|meter| {
        let mut usage = meter.borrow_mut();
        usage.calls = usage.calls.saturating_add(1);
        match direction {
            Direction::Read => usage.read_half_units = usage.read_half_units.saturating_add(half_units),
            Direction::Write => usage.write_half_units = usage.write_half_units.saturating_add(half_units),
        }
    });
}

/// Units come as a float that is a whole number of halves.
#[expect(
    clippy::float_arithmetic,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "capacity units are no money; a float-to-int cast saturates"
)]
fn halves(units: f64) -> u32 {
    (units * 2.0).round() as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn every_fault_of_a_run_is_told_and_each_once() {
        let ((), usage) = measured(async {
            for fault in ["one", "another", "one"] {
                our_fault(fault);
            }
        })
        .await;
        assert_eq!(usage.fault.as_deref(), Some("one; another"));
    }
}
