//! One line of JSON per request, to standard output, where CloudWatch reads it.
//!
//! It says who was asked (the operation), how it went and what it cost. It never says what was in
//! the request: no body, no header, no address of a person. What broke is told with its causes.

use serde::Serialize;

use crate::meter::Usage;

/// The line of one request or job.
#[derive(Debug, Clone, Serialize)]
pub struct Line<'a> {
    /// `info` or `error`.
    pub level: &'static str,
    /// The operation, such as `auth.sign_in`.
    pub operation: &'a str,
    /// The id of the request.
    pub request_id: &'a str,
    /// The HTTP status; 0 for jobs.
    pub status: u16,
    /// The error code, when it was refused or broke.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<&'a str>,
    /// Why it was refused, where the client is told less.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// What broke, with its causes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fault: Option<String>,
    /// Whether it was answered from memory of an earlier request.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub replayed: bool,
    /// Calls to the database.
    pub calls: u32,
    /// Read units, in halves, since an eventually consistent read costs half a unit.
    pub read_half_units: u32,
    /// Write units, in halves.
    pub write_half_units: u32,
}

impl Line<'_> {
    /// Fills in what it cost.
    #[must_use]
    pub fn with_usage(mut self, usage: &Usage) -> Self {
        self.reason.clone_from(&usage.reason);
        if self.fault.is_none() && usage.fault.is_some() {
            self.fault.clone_from(&usage.fault);
            self.level = "error";
        }
        self.calls = usage.calls;
        self.read_half_units = usage.read_half_units;
        self.write_half_units = usage.write_half_units;
        self
    }

    /// Writes the line.
    #[expect(clippy::print_stdout, reason = "standard output is where Lambda collects logs")]
    pub fn write(&self) {
        if let Ok(line) = serde_json::to_string(self) {
            println!("{line}");
        }
    }
}
