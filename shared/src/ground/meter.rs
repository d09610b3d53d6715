//! What a request cost: calls and units, as DynamoDB itself counts them.
//!
//! Every call asks for its consumed capacity and adds it to the meter of the request at hand. The
//! figures go into the log line, so the price of each request can be read in production too.

use std::{cell::RefCell, collections::BTreeSet, future::Future};

use super::touch::Touch;

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
    /// What is wrong on our side although an answer could be given, one after the other: for the log, and
    /// its alarm.
    pub fault: Option<String>,
    /// What was touched. Tests hold it to what the endpoint declares.
    pub touched: BTreeSet<Touch>,
    /// The limits that were counted against, each once.
    pub limits: Vec<RateLimit>,
}

/// A limit that a request was counted against.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateLimit {
    /// Its name.
    pub feature: &'static str,
    /// How often in a window.
    pub most: u32,
    /// How long a window is, in seconds.
    pub window_s: u32,
    /// What is left, where that is known.
    pub left: Option<Left>,
}

/// What is left of a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Left {
    /// How often more.
    pub times: u32,
    /// For how many seconds that is so.
    pub seconds: u32,
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
/// that others sent may stand in it but what was checked to be a code. Outside of a request nobody
/// listens.
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

/// Notes a call and how many half units it took.
pub(crate) fn call(direction: Direction, half_units: u32) {
    let _ = METER.try_with(|meter| {
        let mut usage = meter.borrow_mut();
        usage.calls = usage.calls.saturating_add(1);
        match direction {
            Direction::Read => usage.read_half_units = usage.read_half_units.saturating_add(half_units),
            Direction::Write => usage.write_half_units = usage.write_half_units.saturating_add(half_units),
        }
    });
}
