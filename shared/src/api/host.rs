//! Services without their types: what holds endpoints of every service side by side, that is the
//! generator, the local cloud and the sweeps.

use std::{future::Future, pin::Pin, sync::Arc};

use domain::ErrorCode;
use schemars::{Schema, SchemaGenerator};

use super::{
    AnyEndpoint, AnyJob, Core, JobRoute, Route, Service, Tools,
    caller::Access,
    handle::Answer,
    job::{Invocation, JobReport},
    wire::HttpRequest,
};
use crate::{fault::Fault, meter::Usage};

type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;
type SchemaOf = Box<dyn Fn(&mut SchemaGenerator) -> Schema + Send + Sync>;

/// All that outsiders know about an endpoint.
pub struct EndpointFace {
    /// The service, as in `functions/<service>`.
    pub service: &'static str,
    /// The address, the name and the needs of the endpoint.
    pub route: Route,
    /// The error codes that its handler can give.
    pub errors: Vec<ErrorCode>,
    /// Who may call it.
    pub access: Access,
    /// The statuses of its successful answers.
    pub statuses: &'static [u16],
    /// The schema of its request: path, query and body in one object.
    pub request_schema: SchemaOf,
    /// The schema of its reply.
    pub reply_schema: SchemaOf,
}

/// An endpoint with its tools: ready to answer.
pub trait HostedEndpoint: Send + Sync {
    /// Answers a request, without writing to the log.
    fn answer(&self, http: HttpRequest) -> BoxFuture<'_, (Answer, Usage)>;
}

/// A job with its tools: ready to run.
pub trait HostedJob: Send + Sync {
    /// Runs it on the payload that its trigger delivers.
    fn run(
        &self,
        payload: serde_json::Value,
        invocation: Invocation,
    ) -> BoxFuture<'_, (Result<JobReport, Fault>, Usage)>;
}

/// A service without the type of its tools.
pub trait AnyService: Sync {
    /// The name, as in `functions/<name>`.
    fn name(&self) -> &'static str;
    /// What the world can ask.
    fn endpoints(&self) -> Vec<EndpointFace>;
    /// What answers where there is no route; at most one service has it.
    fn default_route(&self) -> Option<EndpointFace>;
    /// What happens by itself.
    fn jobs(&self) -> Vec<JobRoute>;
    /// The endpoint with this id, with tools made from this core; `None` when it has none.
    ///
    /// # Errors
    /// When the tools cannot be made.
    fn host_endpoint(&self, id: &str, core: Core) -> Result<Option<Arc<dyn HostedEndpoint>>, Fault>;
    /// The job with this id, with tools made from this core; `None` when it has none.
    ///
    /// # Errors
    /// When the tools cannot be made.
    fn host_job(&self, id: &str, core: Core) -> Result<Option<Arc<dyn HostedJob>>, Fault>;
}

struct WithTools<T: 'static, A: 'static + ?Sized> {
    tools: T,
    what: &'static A,
}

impl<T: Tools> HostedEndpoint for WithTools<T, dyn AnyEndpoint<T>> {
    fn answer(&self, http: HttpRequest) -> BoxFuture<'_, (Answer, Usage)> {
        self.what.answer(&self.tools, http)
    }
}

impl<T: Tools> HostedJob for WithTools<T, dyn AnyJob<T>> {
    fn run(
        &self,
        payload: serde_json::Value,
        invocation: Invocation,
    ) -> BoxFuture<'_, (Result<JobReport, Fault>, Usage)> {
        self.what.run(&self.tools, payload, invocation)
    }
}

impl<T: Tools> Service<T> {
    fn face(&self, endpoint: &'static dyn AnyEndpoint<T>) -> EndpointFace {
        EndpointFace {
            service: self.name,
            route: endpoint.route(),
            errors: endpoint.errors(),
            access: endpoint.access(),
            statuses: endpoint.statuses(),
            request_schema: Box::new(|generator| endpoint.request_schema(generator)),
            reply_schema: Box::new(|generator| endpoint.reply_schema(generator)),
        }
    }
}

impl<T: Tools> AnyService for Service<T> {
    fn name(&self) -> &'static str {
        self.name
    }

    fn endpoints(&self) -> Vec<EndpointFace> {
        let routed = self.endpoints.iter().filter(|endpoint| !endpoint.route().is_default());
        routed.map(|endpoint| self.face(*endpoint)).collect()
    }

    fn default_route(&self) -> Option<EndpointFace> {
        self.endpoints.iter().find(|endpoint| endpoint.route().is_default()).map(|endpoint| self.face(*endpoint))
    }

    fn jobs(&self) -> Vec<JobRoute> {
        self.jobs.iter().map(|job| job.route()).collect()
    }

    fn host_endpoint(&self, id: &str, core: Core) -> Result<Option<Arc<dyn HostedEndpoint>>, Fault> {
        let Some(what) = self.endpoints.iter().find(|endpoint| endpoint.route().id == id) else { return Ok(None) };
        let what: &'static dyn AnyEndpoint<T> = *what;
        Ok(Some(Arc::new(WithTools { tools: T::start(core)?, what })))
    }

    fn host_job(&self, id: &str, core: Core) -> Result<Option<Arc<dyn HostedJob>>, Fault> {
        let Some(what) = self.jobs.iter().find(|job| job.route().id == id) else { return Ok(None) };
        let what: &'static dyn AnyJob<T> = *what;
        Ok(Some(Arc::new(WithTools { tools: T::start(core)?, what })))
    }
}
