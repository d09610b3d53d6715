//! An answer, and what holds for every answer.

use bytes::Bytes;
use domain::Member;
use serde_json::Value;
use shared::{
    api::{
        cookies::CookieName,
        handle::Answer,
        problem::{Problem, codes_of_route},
    },
    meter::Usage,
};

use crate::app::Operation;

/// An answer that keeps to everything that its operation declares.
#[derive(Debug, Clone)]
pub struct TestAnswer {
    /// The status.
    pub status: u16,
    /// The headers, names in lower case.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: Bytes,
    /// What it cost.
    pub usage: Usage,
    /// What broke, for tests of breaking.
    pub fault: Option<String>,
    /// The line that the log gets.
    pub line: String,
}

impl TestAnswer {
    pub(crate) fn checked(operation: &Operation, answer: Answer, usage: Usage, may_break: bool) -> Self {
        let id = operation.route.id;
        let declared = operation.route.all_touches();
        for touch in &usage.touched {
            assert!(declared.contains(touch), "{id} touches {touch:?} and does not declare it");
        }
        let line = serde_json::to_string(&answer.line(id, &usage)).expect("the line can be written");
        let Answer { response, code, fault, .. } = answer;
        let checked =
            Self { status: response.status, headers: response.headers, body: response.body, usage, fault, line };
        for header in ["x-request-id", "cache-control", "x-content-type-options"] {
            assert!(checked.header(header).is_some(), "{id} answers without {header}");
        }
        let is_counted = !checked.usage.limits.is_empty();
        assert_eq!(checked.header("ratelimit-policy").is_some(), is_counted, "{id}: who counts says so");
        if checked.status >= 500 {
            assert!(may_break, "{id} broke: {}", checked.fault.as_deref().unwrap_or("no reason given"));
        }
        match code {
            Some(code) => checked.assert_is_whole_problem(operation, code),
            None => {
                let wanted = if matches!(checked.status, 204 | 303) { None } else { Some("application/json") };
                let content_type = checked.header("content-type");
                assert!(checked.status < 400 && content_type == wanted, "{id}: {} as {content_type:?}", checked.status);
                assert_eq!(checked.body.is_empty(), wanted.is_none(), "{id}: {:?}", checked.body);
            }
        }
        checked
    }

    fn assert_is_whole_problem(&self, operation: &Operation, code: &str) {
        let id = operation.route.id;
        let known = codes_of_route(&operation.route, operation.access);
        let entry = operation.errors.iter().chain(&known).find(|declared| declared.code == code);
        let entry = entry.unwrap_or_else(|| panic!("{id} gives {code} and does not declare it"));
        assert_eq!(self.header("content-type"), Some("application/problem+json"), "{id}: {code}");
        assert_eq!(self.header("cache-control"), Some("no-store"), "{id}: {code}");
        let problem = self.problem();
        assert_eq!((problem.code.as_str(), problem.status), (code, self.status), "{id}");
        let has = |member: &Member| {
            problem.members.get(member.name).is_some_and(|value| member.values.contains(&value.as_str()))
        };
        assert!(
            entry.members.iter().all(has) && problem.members.len() == entry.members.len(),
            "{id}: {code} declares {:?} and tells {:?}",
            entry.members,
            problem.members
        );
        assert_eq!(
            problem.instance,
            format!("urn:request:{}", self.header("x-request-id").unwrap_or_default()),
            "{id}"
        );
        assert!(
            !problem.title.is_empty() && !problem.detail.is_empty() && !problem.r#type.is_empty(),
            "{id}: {problem:?}"
        );
        assert_eq!(self.status == 401, self.header("www-authenticate").is_some(), "{id}: {code}");
        if matches!(self.status, 429 | 503) {
            let seconds: u32 = self.header("retry-after").and_then(|s| s.parse().ok()).unwrap_or(0);
            assert!(seconds > 0, "{id}: {code} does not say when to try again");
        }
    }

    /// A header's value.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str())
    }

    /// What the answer sets a cookie to, with all that is said of it (`Set-Cookie`).
    #[must_use]
    pub fn set_cookie(&self, name: CookieName) -> Option<&str> {
        let start = format!("{}=", name.as_str());
        let mut set = self.headers.iter().filter(|(known, _)| *known == "set-cookie").map(|(_, value)| value.as_str());
        set.find(|value| value.starts_with(&start))
    }

    /// The value of a cookie that it sets; the empty text when it takes the cookie away.
    #[must_use]
    pub fn cookie(&self, name: &str) -> Option<&str> {
        let set = self.headers.iter().filter(|(known, _)| *known == "set-cookie").map(|(_, value)| value.as_str());
        set.filter_map(|cookie| cookie.split(';').next()?.split_once('='))
            .find(|(known, _)| *known == name)
            .map(|(_, value)| value)
    }

    /// The body as JSON.
    ///
    /// # Panics
    /// When it is none.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("the body is JSON")
    }

    /// The body as the problem that it is.
    ///
    /// # Panics
    /// When it is none.
    #[must_use]
    pub fn problem(&self) -> Problem {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("no problem but {:?}", self.body))
    }

    /// The error code; the empty text when it went well.
    #[must_use]
    pub fn problem_code(&self) -> String {
        if self.status < 400 { String::new() } else { self.problem().code }
    }

    /// The pointers to the fields at fault.
    #[must_use]
    pub fn pointers(&self) -> Vec<String> {
        self.problem().errors.into_iter().map(|error| error.pointer).collect()
    }

    /// The seconds of `Retry-After`.
    #[must_use]
    pub fn retry_after_s(&self) -> Option<u32> {
        self.header("retry-after").and_then(|seconds| seconds.parse().ok())
    }

    /// Whether it came from the memory of an earlier request.
    #[must_use]
    pub fn is_replayed(&self) -> bool {
        self.header("idempotency-replayed") == Some("true")
    }

    /// Asserts status and code at once, and tells the body when they are others.
    ///
    /// # Panics
    /// When they are others.
    #[track_caller]
    pub fn assert_refused(&self, status: u16, code: &str) {
        assert_eq!((self.status, self.problem_code().as_str()), (status, code), "{:?}", self.body);
    }

    /// Asserts the exact cost: calls, half units read, half units written.
    ///
    /// # Panics
    /// When it is another.
    #[track_caller]
    pub fn assert_cost(&self, calls: u32, read_half_units: u32, write_half_units: u32) {
        let Usage { calls: c, read_half_units: r, write_half_units: w, .. } = self.usage;
        assert_eq!((c, r, w), (calls, read_half_units, write_half_units), "calls, half units read, half units written");
    }
}
