//! A service's table of contents, with the types of its endpoints wiped off: what the generator,
//! the local cloud and the sweeps walk through. No deployed binary uses it, so the schemas that it
//! drags in are dropped by the linker.

use std::{future::Future, pin::Pin};

use domain::ErrorCode;
use schemars::{Schema, SchemaGenerator};

use super::{
    Caller as _, Endpoint, Job, JobRoute, Reply as _, Route,
    caller::Access,
    endpoint::route_of,
    handle::{self, Answer},
    job::{self, Invocation, JobReport},
    wire::HttpRequest,
};
use crate::{fault::Fault, meter::Usage};

type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// A service: its name and all that it offers.
#[derive(Clone, Copy)]
pub struct Service<T: 'static> {
    /// The name, as in `functions/<name>`.
    pub name: &'static str,
    /// What the world can ask.
    pub endpoints: &'static [&'static dyn AnyEndpoint<T>],
    /// What happens by itself.
    pub jobs: &'static [&'static dyn AnyJob<T>],
}

/// Any endpoint of a service.
pub trait AnyEndpoint<T>: Sync {
    /// The address, the name and the needs of the endpoint.
    fn route(&self) -> Route;
    /// The error codes that its handler, and finding out its caller, can give.
    fn errors(&self) -> Vec<ErrorCode>;
    /// Who may call it.
    fn access(&self) -> Access;
    /// The statuses of its successful answers.
    fn statuses(&self) -> &'static [u16];
    /// The schema of its request.
    fn request_schema(&self, generator: &mut SchemaGenerator) -> Schema;
    /// The schema of its reply.
    fn reply_schema(&self, generator: &mut SchemaGenerator) -> Schema;
    /// Answers a request, without writing to the log.
    fn answer<'a>(&'a self, tools: &'a T, http: HttpRequest) -> BoxFuture<'a, (Answer, Usage)>;
}

impl<E: Endpoint> AnyEndpoint<E::Tools> for E {
    fn route(&self) -> Route {
        route_of::<E>()
    }

    fn errors(&self) -> Vec<ErrorCode> {
        [E::ERRORS, E::Caller::ERRORS].concat()
    }

    fn access(&self) -> Access {
        E::Caller::ACCESS
    }

    fn statuses(&self) -> &'static [u16] {
        E::Reply::STATUSES
    }

    fn request_schema(&self, generator: &mut SchemaGenerator) -> Schema {
        generator.root_schema_for_inline::<E::Request>()
    }

    fn reply_schema(&self, generator: &mut SchemaGenerator) -> Schema {
        generator.subschema_for::<<E::Reply as super::Reply>::Body>()
    }

    fn answer<'a>(&'a self, tools: &'a E::Tools, http: HttpRequest) -> BoxFuture<'a, (Answer, Usage)> {
        Box::pin(handle::answer::<E>(tools, http))
    }
}

/// The request's own schema is taken apart (path, query, body), so it must not be a reference.
trait InlineRoot {
    fn root_schema_for_inline<T: schemars::JsonSchema>(&mut self) -> Schema;
}

impl InlineRoot for SchemaGenerator {
    fn root_schema_for_inline<T: schemars::JsonSchema>(&mut self) -> Schema {
        T::json_schema(self)
    }
}

/// Any job of a service.
pub trait AnyJob<T>: Sync {
    /// The name and the needs of the job.
    fn route(&self) -> JobRoute;
    /// Runs it on the payload that its trigger delivers.
    fn run<'a>(
        &'a self,
        tools: &'a T,
        payload: serde_json::Value,
        invocation: Invocation,
    ) -> BoxFuture<'a, (Result<JobReport, Fault>, Usage)>;
}

impl<J: Job> AnyJob<J::Tools> for J {
    fn route(&self) -> JobRoute {
        J::ROUTE
    }

    fn run<'a>(
        &'a self,
        tools: &'a J::Tools,
        payload: serde_json::Value,
        invocation: Invocation,
    ) -> BoxFuture<'a, (Result<JobReport, Fault>, Usage)> {
        Box::pin(job::measured::<J>(tools, payload, invocation))
    }
}
