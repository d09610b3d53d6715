//! Everything that outsiders know about an endpoint, written once. The template, the OpenAPI
//! document, the permissions, the pages in `docs/` and the local cloud all read it from here.

use std::{collections::BTreeSet, time::Duration};

pub use crate::ground::touch::Touch;
use crate::{secrets::SecretName, store::Kind};

/// An HTTP method that we use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Method {
    /// Reads.
    Get,
    /// Creates or moves something.
    Post,
    /// Sets something to a value.
    Put,
    /// Changes a part.
    Patch,
    /// Removes.
    Delete,
}

impl Method {
    /// The word on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }

    /// Whether a request with this method usually carries a JSON body: see [`Route::takes_body`].
    #[must_use]
    pub const fn has_body(self) -> bool {
        matches!(self, Self::Post | Self::Put | Self::Patch)
    }
}

/// Whether an endpoint takes an `Idempotency-Key`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Idempotency {
    /// The request changes nothing, or repeating it changes nothing more.
    NotNeeded,
    /// The header must be there: without it a lost answer would mean doing the work twice.
    Required,
}

/// What API Gateway calls the route of every request that no other route takes.
pub const DEFAULT_ROUTE: &str = "$default";

/// What is kept of a function's time to answer that the work took too long.
const TO_ANSWER: Duration = Duration::from_millis(500);

/// An endpoint's address, name and needs.
#[derive(Debug, Clone, Copy)]
pub struct Route {
    /// `service.verb_noun`; the file, the binary, the function and the test are named after it.
    pub id: &'static str,
    /// The method.
    pub method: Method,
    /// The path, with `{name}` for parameters.
    pub path: &'static str,
    /// One line for the documents.
    pub summary: &'static str,
    /// What it does to the world outside.
    pub touches: &'static [Touch],
    /// What finding out its caller does to the world outside.
    pub caller_touches: &'static [Touch],
    /// Whether it takes an `Idempotency-Key`.
    pub idempotency: Idempotency,
    /// Whether a request carries a JSON body.
    pub takes_body: bool,
    /// The largest body that is read, in bytes.
    pub body_bytes_max: usize,
    /// Memory of the function in MB. CPU comes in proportion: 1,769 MB is one core.
    pub memory_mb: u32,
    /// After how many seconds Lambda ends the function. API Gateway waits for 30 at most.
    pub time_out_s: u32,
    /// For how long a shared cache may keep a successful answer, in seconds; 0 is not at all.
    pub cache_s: u32,
}

impl Route {
    /// A route with the usual needs.
    #[must_use]
    pub const fn new(id: &'static str, method: Method, path: &'static str) -> Self {
        Self {
            id,
            method,
            path,
            summary: "",
            touches: &[],
            caller_touches: &[],
            idempotency: Idempotency::NotNeeded,
            takes_body: method.has_body(),
            body_bytes_max: 16 * 1024,
            memory_mb: 128,
            time_out_s: 10,
            cache_s: 0,
        }
    }

    /// A route that a provider's program calls: see [`super::webhook`].
    #[must_use]
    pub const fn webhook(id: &'static str, path: &'static str) -> Self {
        Self { takes_body: false, body_bytes_max: super::webhook::BODY_BYTES_MAX, ..Self::new(id, Method::Post, path) }
    }

    /// The route of every request that no other route takes: `$default` of API Gateway. One service has it, and
    /// it is in no description of the API.
    #[must_use]
    pub const fn default_route(id: &'static str) -> Self {
        Self::new(id, Method::Get, DEFAULT_ROUTE)
    }

    /// Whether it is the route of what no other route takes.
    #[must_use]
    pub fn is_default(&self) -> bool {
        self.path == DEFAULT_ROUTE
    }

    /// One line for the documents.
    #[must_use]
    pub const fn summary(mut self, summary: &'static str) -> Self {
        self.summary = summary;
        self
    }

    /// What it does to the world outside.
    #[must_use]
    pub const fn touches(mut self, touches: &'static [Touch]) -> Self {
        self.touches = touches;
        self
    }

    /// What finding out its caller does to the world outside.
    pub(super) const fn called_by(mut self, touches: &'static [Touch]) -> Self {
        self.caller_touches = touches;
        self
    }

    /// Makes the `Idempotency-Key` header required. Adds the record to what the function touches:
    /// see [`Route::all_touches`].
    #[must_use]
    pub const fn idempotent(mut self) -> Self {
        self.idempotency = Idempotency::Required;
        self
    }

    /// Makes a request carry a JSON body whose method usually has none: what removes something only
    /// for a proof, which has no place in an address that ends in logs.
    #[must_use]
    pub const fn with_body(mut self) -> Self {
        self.takes_body = true;
        self
    }

    /// The largest body, in bytes.
    #[must_use]
    pub const fn body_bytes_max(mut self, bytes: usize) -> Self {
        self.body_bytes_max = bytes;
        self
    }

    /// Memory in MB.
    #[must_use]
    pub const fn memory_mb(mut self, megabytes: u32) -> Self {
        self.memory_mb = megabytes;
        self
    }

    /// Time-out in seconds.
    #[must_use]
    pub const fn time_out_s(mut self, seconds: u32) -> Self {
        self.time_out_s = seconds;
        self
    }

    /// How long a request is worked on in a function that Lambda ends after so many seconds. What is left is
    /// for an answer that says so: a function that is ended says nothing, and the gateway only that
    /// something went wrong.
    #[must_use]
    pub const fn work_time(time_out_s: u32) -> Duration {
        Duration::from_secs(time_out_s as u64).saturating_sub(TO_ANSWER)
    }

    /// How long shared caches may keep a successful answer.
    #[must_use]
    pub const fn cache_s(mut self, seconds: u32) -> Self {
        self.cache_s = seconds;
        self
    }

    /// The declared touches, and those that its caller and the idempotency record add.
    #[must_use]
    pub fn all_touches(&self) -> Vec<Touch> {
        let mut touches = [self.touches, self.caller_touches].concat();
        if self.idempotency == Idempotency::Required {
            touches.push(Touch::Get(Kind::IDEMPOTENCY_RECORD));
            touches.push(Touch::Put(Kind::IDEMPOTENCY_RECORD));
        }
        touches.sort_unstable();
        touches.dedup();
        touches
    }

    /// Whether `HEAD` may be asked where the route answers `GET` (RFC 9110 §9.3.2): where that only reads, and
    /// counts. A program that looks at a link before its person does must not use up a login.
    #[must_use]
    pub fn answers_head(method: &str, touches: &[Touch]) -> bool {
        let changes = |touch: &Touch| match touch {
            Touch::Update(kind) => *kind != Kind::LIMIT_COUNTER,
            Touch::Get(_)
            | Touch::BatchGet(_)
            | Touch::Query(_)
            | Touch::QueryIndex(..)
            | Touch::Check(_)
            | Touch::Secret(_)
            | Touch::ReadUpload
            | Touch::ReadOriginal => false,
            Touch::Put(_)
            | Touch::Delete(_)
            | Touch::GrantUpload
            | Touch::DeleteUpload
            | Touch::WriteOriginal
            | Touch::DeleteOriginal
            | Touch::WritePicture
            | Touch::DeletePicture
            | Touch::SendMail => true,
        };
        method == Method::Get.as_str() && !touches.iter().any(changes)
    }

    /// The secrets among the touches, each once.
    #[must_use]
    pub fn secrets(touches: &[Touch]) -> Vec<SecretName> {
        let secret = |touch: &Touch| if let Touch::Secret(name) = touch { Some(*name) } else { None };
        let names: BTreeSet<SecretName> = touches.iter().filter_map(secret).collect();
        names.into_iter().collect()
    }

    /// The names of the path's parameters, in order.
    #[must_use]
    pub fn path_parameters(&self) -> Vec<&'static str> {
        self.path.split('/').filter_map(|part| part.strip_prefix('{').and_then(|part| part.strip_suffix('}'))).collect()
    }
}
