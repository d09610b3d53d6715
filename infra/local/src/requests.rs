//! Every request and every run of a job, with what it took and what it would cost.

pub mod price;

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use domain::Timestamp;
use engines::{Engine, Meter, Units};
use serde::Serialize;
use shared::{api::Touch, meter::Usage};

pub use self::price::{PicoDollars, price};
use crate::hosts::Function;

/// How many the list remembers; the totals remember all of them.
const REMEMBERED: usize = 2_000;

/// A request, or a run of a job, that has ended.
#[derive(Debug, Clone)]
pub struct Entry {
    /// When it began, on the clock of the local cloud.
    pub time: Timestamp,
    /// Its id.
    pub request_id: String,
    /// `auth.sign_in`.
    pub operation: &'static str,
    /// The HTTP method; of a job, what made it run.
    pub method: String,
    /// The path as it was asked for; empty for a job.
    pub path: String,
    /// The HTTP status; of a job 200, or 500 when it failed.
    pub status: u16,
    /// The error code that was answered.
    pub code: Option<String>,
    /// What broke inside.
    pub fault: Option<String>,
    /// How long the function ran.
    pub duration: Duration,
    /// The memory of the function in MB.
    pub memory_mb: u32,
    /// Whether it came through the gateway, which costs too.
    pub through_gateway: bool,
    /// What it did to the database.
    pub usage: Usage,
    /// Mails sent.
    pub mails: u64,
    /// Objects put.
    pub objects_put: u64,
}

/// An entry as people and tests read it.
#[derive(Debug, Clone, Serialize)]
pub struct Shown {
    /// Counts from 1.
    pub number: u64,
    /// When it began.
    pub time: Timestamp,
    /// Its id.
    pub request_id: String,
    /// `auth.sign_in`.
    pub operation: &'static str,
    /// The HTTP method; of a job, what made it run.
    pub method: String,
    /// The path.
    pub path: String,
    /// The HTTP status.
    pub status: u16,
    /// The error code that was answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// What broke inside.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fault: Option<String>,
    /// Milliseconds, rounded up, as Lambda bills.
    pub ms: u64,
    /// The same in microseconds.
    pub us: u64,
    /// Calls to the database.
    pub calls: u32,
    /// Read units.
    pub read_units: Units,
    /// Write units.
    pub write_units: Units,
    /// Mails sent.
    pub mails: u64,
    /// Its price at list price, in dollars.
    pub price: PicoDollars,
}

/// Sums over everything since the start.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub struct Total {
    /// Requests and runs of jobs.
    pub count: u64,
    /// Calls to the database.
    pub calls: u64,
    /// Read units.
    pub read_units: Units,
    /// Write units.
    pub write_units: Units,
    /// At list price, in dollars.
    pub price: PicoDollars,
}

/// The list, shared by its clones.
#[derive(Debug, Clone)]
pub struct Requests {
    log: bool,
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    entries: VecDeque<Shown>,
    total: Total,
}

impl Requests {
    /// An empty list; with `log`, every entry is also written to standard error.
    #[must_use]
    pub fn new(log: bool) -> Self {
        Self { log, state: Arc::default() }
    }

    /// Adds an entry.
    pub fn add(&self, entry: Entry) {
        let price = price(&entry);
        let read_units = Units::halves(u64::from(entry.usage.read_half_units));
        let write_units = Units::halves(u64::from(entry.usage.write_half_units));
        let us = u64::try_from(entry.duration.as_micros()).unwrap_or(u64::MAX);
        let mut state = self.lock();
        let total = &mut state.total;
        total.count = total.count.saturating_add(1);
        total.calls = total.calls.saturating_add(u64::from(entry.usage.calls));
        total.read_units = total.read_units.plus(read_units);
        total.write_units = total.write_units.plus(write_units);
        total.price = total.price.plus(price);
        let shown = Shown {
            number: total.count,
            time: entry.time,
            request_id: entry.request_id,
            operation: entry.operation,
            method: entry.method,
            path: entry.path,
            status: entry.status,
            code: entry.code,
            fault: entry.fault,
            ms: us.div_ceil(1_000),
            us,
            calls: entry.usage.calls,
            read_units,
            write_units,
            mails: entry.mails,
            price,
        };
        if self.log && !is_routine(&shown) {
            crate::ground::say(&line(&shown));
        }
        state.entries.push_front(shown);
        state.entries.truncate(REMEMBERED);
    }

    /// The newest entries first, at most so many, and the totals.
    #[must_use]
    pub fn list(&self, limit: usize) -> (Vec<Shown>, Total) {
        let state = self.lock();
        (state.entries.iter().take(limit).cloned().collect(), state.total)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The mails sent and the objects put by a function since a call of the meter. Two calls of one
/// function at the same moment see each other's.
pub(crate) fn sent_since(meter: &Meter, first_call: u64, function: &Function) -> (u64, u64) {
    if !function.touches.iter().any(|touch| matches!(touch, Touch::SendMail | Touch::WritePicture)) {
        return (0, 0);
    }
    let (mut mails, mut objects) = (0_u64, 0_u64);
    for call in meter.since(first_call) {
        if call.caller != function.name || call.status >= 300 {
            continue;
        }
        match (call.engine, call.operation.as_str()) {
            (Engine::Mail, "SendEmail") => mails = mails.saturating_add(1),
            (Engine::Objects, "PutObject") => objects = objects.saturating_add(1),
            _ => {}
        }
    }
    (mails, objects)
}

/// A schedule that found nothing to do, which is most of them.
fn is_routine(shown: &Shown) -> bool {
    shown.method == "SCHEDULE" && shown.status == 200 && shown.write_units == Units::ZERO && shown.fault.is_none()
}

/// `200 POST /api/auth/sign-in  12 ms  3 calls`, and what broke on a line of its own.
fn line(shown: &Shown) -> String {
    let what = if shown.path.is_empty() { shown.operation } else { &shown.path };
    let code = shown.code.as_deref().map(|code| format!("  {code}")).unwrap_or_default();
    let fault = shown.fault.as_deref().map(|fault| format!("\n    {fault}")).unwrap_or_default();
    format!("{} {} {what}  {} ms  {} calls{code}{fault}", shown.status, shown.method, shown.ms, shown.calls)
}
