//! The meter: every call to an engine with who made it, what it consumed and how long it took.

use std::{
    collections::{HashMap, VecDeque},
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use domain::Timestamp;
use serde::{Serialize, Serializer};

use crate::{
    faults::{Engine, FaultKind},
    permissions::Demand,
};

/// How many calls the log remembers; the totals remember all of them.
pub const LOG_LENGTH: usize = 20_000;

/// Capacity units of DynamoDB, exact: an eventually consistent read of up to 4 KB is half a unit.
///
/// Written as a number in JSON (`0.5`, `2`), counted in halves.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Units {
    halves: u64,
}

impl Units {
    /// None.
    pub const ZERO: Self = Self { halves: 0 };

    /// So many whole units.
    #[must_use]
    pub const fn whole(units: u64) -> Self {
        Self { halves: units.saturating_mul(2) }
    }

    /// So many half units.
    #[must_use]
    pub const fn halves(halves: u64) -> Self {
        Self { halves }
    }

    /// The number of half units.
    #[must_use]
    pub const fn in_halves(self) -> u64 {
        self.halves
    }

    /// Both together.
    #[must_use]
    pub const fn plus(self, other: Self) -> Self {
        Self { halves: self.halves.saturating_add(other.halves) }
    }

    /// Reads what the engine reports: `1`, `2.0` or `0.5`. Anything finer does not exist.
    pub(crate) fn read(number: &serde_json::Value) -> Self {
        let text = number.as_number().map(ToString::to_string).unwrap_or_default();
        let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
        let half = u64::from(fraction.starts_with('5'));
        Self { halves: whole.parse::<u64>().unwrap_or(0).saturating_mul(2).saturating_add(half) }
    }
}

impl fmt::Display for Units {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, half) = (self.halves.div_euclid(2), self.halves.rem_euclid(2));
        if half == 0 { write!(f, "{whole}") } else { write!(f, "{whole}.5") }
    }
}

impl Serialize for Units {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.halves.rem_euclid(2) == 0 {
            serializer.serialize_u64(self.halves.div_euclid(2))
        } else {
            serializer.serialize_f64(self.to_string().parse().unwrap_or_default())
        }
    }
}

/// One call to an engine.
#[derive(Debug, Clone, Serialize)]
pub struct Call {
    /// Counts from 0 over the life of the process.
    pub number: u64,
    /// When it arrived, on the clock of the local cloud.
    pub at: Timestamp,
    /// The access key, which is the name of the function; `anonymous` when there was none.
    pub caller: String,
    /// Which engine.
    pub engine: Engine,
    /// The operation as the provider spells it.
    pub operation: String,
    /// The HTTP status of the answer; 0 when the connection was closed instead.
    pub status: u16,
    /// The provider's code when it refused, such as `TransactionCanceledException`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// Read units as the engine reports them. A refused conditional write reports none, though AWS
    /// bills it.
    pub read_units: Units,
    /// Write units as the engine reports them.
    pub write_units: Units,
    /// Bytes of the request's body.
    pub bytes_in: u64,
    /// Bytes of the answer's body.
    pub bytes_out: u64,
    /// From arrival to answer, in microseconds of real time.
    pub duration_us: u64,
    /// The request that a person made and that caused this call: header `x-jangteo-request`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request: Option<String>,
    /// What was made to go wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fault: Option<FaultKind>,
    /// The permissions that the call needed, whether it had them or not.
    pub demands: Vec<Demand>,
}

impl Call {
    /// A call that arrives now and of which nothing is known yet.
    pub(crate) fn arriving(at: Timestamp, caller: String, engine: Engine, request: Option<String>) -> Self {
        Self {
            number: 0,
            at,
            caller,
            engine,
            operation: String::new(),
            status: 0,
            error: None,
            read_units: Units::ZERO,
            write_units: Units::ZERO,
            bytes_in: 0,
            bytes_out: 0,
            duration_us: 0,
            request,
            fault: None,
            demands: Vec::new(),
        }
    }
}

/// Sums over calls.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Totals {
    /// How many calls, refused ones among them.
    pub calls: u64,
    /// Read units.
    pub read_units: Units,
    /// Write units.
    pub write_units: Units,
    /// Bytes received.
    pub bytes_in: u64,
    /// Bytes sent.
    pub bytes_out: u64,
}

impl Totals {
    /// These calls, summed.
    #[must_use]
    pub fn of<'a>(calls: impl IntoIterator<Item = &'a Call>) -> Self {
        let mut totals = Self::default();
        for call in calls {
            totals.add(call);
        }
        totals
    }

    fn add(&mut self, call: &Call) {
        self.calls = self.calls.saturating_add(1);
        self.read_units = self.read_units.plus(call.read_units);
        self.write_units = self.write_units.plus(call.write_units);
        self.bytes_in = self.bytes_in.saturating_add(call.bytes_in);
        self.bytes_out = self.bytes_out.saturating_add(call.bytes_out);
    }
}

/// The log of calls, shared by its clones.
#[derive(Debug, Clone, Default)]
pub struct Meter {
    log: Arc<Mutex<Log>>,
}

#[derive(Debug, Default)]
struct Log {
    next: u64,
    calls: VecDeque<Call>,
    totals: HashMap<String, Totals>,
}

impl Meter {
    /// The number that the next call will have: pass it to [`Meter::since`] later.
    #[must_use]
    pub fn next(&self) -> u64 {
        self.lock().next
    }

    /// The calls from number `number` on, oldest first, as far as the log remembers.
    #[must_use]
    pub fn since(&self, number: u64) -> Vec<Call> {
        self.lock().calls.iter().filter(|call| call.number >= number).cloned().collect()
    }

    /// The calls that one request caused, as far as the log remembers.
    #[must_use]
    pub fn caused_by(&self, request: &str) -> Vec<Call> {
        self.lock().calls.iter().filter(|call| call.request.as_deref() == Some(request)).cloned().collect()
    }

    /// Everything that one access key has consumed since the start.
    #[must_use]
    pub fn total_for(&self, caller: &str) -> Totals {
        self.lock().totals.get(caller).copied().unwrap_or_default()
    }

    pub(crate) fn record(&self, mut call: Call) {
        let mut log = self.lock();
        call.number = log.next;
        log.next = log.next.saturating_add(1);
        log.totals.entry(call.caller.clone()).or_default().add(&call);
        if log.calls.len() >= LOG_LENGTH {
            log.calls.pop_front();
        }
        log.calls.push_back(call);
    }

    fn lock(&self) -> MutexGuard<'_, Log> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn units_are_read_added_and_written_exactly() {
        let units: Vec<Units> = [json!(1), json!(2.0), json!(0.5), json!("x")].iter().map(Units::read).collect();
        assert_eq!(units, [Units::whole(1), Units::whole(2), Units::halves(1), Units::ZERO]);
        assert_eq!(Units::halves(1).plus(Units::whole(3)).to_string(), "3.5");
        assert_eq!(serde_json::to_string(&[Units::halves(7), Units::whole(2)]).unwrap(), "[3.5,2]");
    }

    #[test]
    fn the_log_is_bounded_and_the_totals_are_not() {
        let meter = Meter::default();
        for _ in 0..LOG_LENGTH + 5 {
            let mut call = Call::arriving(Timestamp::MIN, "orders".to_owned(), Engine::Database, None);
            call.write_units = Units::whole(2);
            meter.record(call);
        }
        assert_eq!(meter.since(0).len(), LOG_LENGTH);
        assert_eq!(meter.since(0)[0].number, 5);
        let total = meter.total_for("orders");
        assert_eq!((total.calls, total.write_units), (20_005, Units::whole(40_010)));
        assert_eq!(meter.total_for("nobody"), Totals::default());
    }
}
