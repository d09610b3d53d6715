//! The way of one request, from what is on the wire to what is on the wire.
//!
//! The generic part is thin; everything that does not depend on the endpoint's types is in plain
//! functions, so that 80 endpoints do not compile it 80 times.

use domain::Language;

use super::{
    Caller as _, Context, Endpoint, Idempotency, Method, Reply as _, Route, Tools as _,
    caller::Identity,
    idempotency::{self, Claim, StoredReply},
    log::Line,
    problem, rate_limits,
    request::Sent,
    wire::{HttpRequest, HttpResponse},
};
use crate::{
    fault::{Failure, Fault, FaultKind},
    meter::{self, Usage},
};

/// Answers one request, and writes its line to the log.
pub async fn handle<E: Endpoint>(tools: &E::Tools, http: HttpRequest) -> HttpResponse {
    let (answer, usage) = answer::<E>(tools, http).await;
    answer.line(E::ROUTE.id, &usage).write();
    answer.response
}

/// An answer with what the log and the tests want to know about it.
#[derive(Debug)]
pub struct Answer {
    /// What goes back.
    pub response: HttpResponse,
    /// The id of the request.
    pub request_id: String,
    /// The error code, when it was refused or broke.
    pub code: Option<&'static str>,
    /// What broke.
    pub fault: Option<String>,
    /// Whether it came from memory of an earlier request.
    pub replayed: bool,
}

impl Answer {
    /// The line that the log gets of it.
    #[must_use]
    pub fn line<'a>(&'a self, operation: &'a str, usage: &Usage) -> Line<'a> {
        let line = Line {
            level: if self.fault.is_some() { "error" } else { "info" },
            operation,
            request_id: &self.request_id,
            status: self.response.status,
            code: self.code,
            reason: None,
            fault: self.fault.clone(),
            replayed: self.replayed,
            calls: 0,
            read_half_units: 0,
            write_half_units: 0,
        };
        line.with_usage(usage)
    }
}

/// Answers one request and tells what it cost.
pub async fn answer<E: Endpoint>(tools: &E::Tools, http: HttpRequest) -> (Answer, Usage) {
    let (mut answer, usage) = meter::measured(async move {
        let core = tools.core();
        let mut context = context_of(&http, &core.config.origin_key);
        // In a box, or the compiler's types of a whole function nest too deep for its limit.
        let work = Box::pin(async {
            match run::<E>(tools, &http, &mut context).await {
                Err(Failure::Refused(refusal)) => Err(replayed_or(refusal, &context, tools).await),
                other => other,
            }
        });
        let outcome = match tokio::time::timeout(core.work_time, work).await {
            Ok(outcome) => outcome,
            Err(_) => Err(Failure::Broken(Fault::new(FaultKind::TimeOut, "do it in the time of the function"))),
        };
        finish::<E>(tools, outcome, &context)
    })
    .await;
    answer.response.headers.extend(rate_limits::headers(&usage.limits));
    (answer, usage)
}

async fn run<E: Endpoint>(tools: &E::Tools, http: &HttpRequest, context: &mut Context) -> Result<E::Reply, Failure> {
    const {
        let is_route_of_webhook = matches!(E::ROUTE.method, Method::Post) && !E::ROUTE.takes_body;
        assert!(!E::Caller::ACCESS.is_webhook() || is_route_of_webhook, "a webhook's route is `Route::webhook`");
    }
    let caller = E::Caller::identify(http, tools.core()).await?;
    let sent = if E::Caller::ACCESS.is_webhook() || E::ROUTE.is_default() {
        Sent::nothing()
    } else {
        Sent::read(&E::ROUTE, http)?
    };
    let asked = sent.into_request()?;
    context.claim = claim_of(&E::ROUTE, http, &caller.identity(), &sent)?;
    tools.core().secrets.ready().await?;
    E::handle(tools, caller, asked, context).await
}

/// A refusal may only mean that the work was done by the first of two equal requests: then the
/// record of the first is the answer. Looked up only here, so that a usual request pays nothing.
async fn replayed_or<T: super::Tools>(refusal: Box<dyn domain::ServiceError>, context: &Context, tools: &T) -> Failure {
    let Some(claim) = &context.claim else { return Failure::Refused(refusal) };
    match tools.core().table.remembered(claim).await {
        Ok(Some(stored)) => stored.into_failure(claim),
        Ok(None) => Failure::Refused(refusal),
        Err(fault) => Failure::Broken(fault),
    }
}

fn finish<E: Endpoint>(tools: &E::Tools, outcome: Result<E::Reply, Failure>, context: &Context) -> Answer {
    let (reply, replayed) = match outcome {
        Ok(reply) => (Ok(reply), false),
        Err(Failure::Replayed(stored)) => (reply_of::<E>(&stored), true),
        Err(failure) => (Err(failure), false),
    };
    let completed = reply.and_then(|reply| {
        let reply = E::complete(tools, reply)?;
        Ok((reply.status(), reply.headers(), reply.to_json()?))
    });
    match completed {
        Ok((status, headers, body)) => success(&E::ROUTE, status, headers, body, replayed, context),
        Err(failure) => failed(&failure, context),
    }
}

fn reply_of<E: Endpoint>(stored: &StoredReply) -> Result<E::Reply, Failure> {
    Ok(E::Reply::from_json(stored.status, stored.body.as_bytes())?)
}

fn context_of(http: &HttpRequest, origin_key: &str) -> Context {
    Context {
        now: http.time,
        request_id: http.request_id.clone(),
        source: source_of(http, origin_key),
        language: http.header("accept-language").map_or(Language::English, Language::from_accept_language),
        claim: None,
    }
}

/// The viewer's address: CloudFront's word where the request proves that it came through our
/// distribution, otherwise the address from which the gateway was called. `X-Forwarded-For` is never believed,
/// since anyone can write it. IPv6 is cut to its /56, which is what a home is given (RIPE-690 §4.2): whoever
/// has one has 256 networks, and as many addresses as they like in each.
fn source_of(http: &HttpRequest, origin_key: &str) -> String {
    let through_cloudfront = !origin_key.is_empty()
        && http
            .header("x-origin-key")
            .is_some_and(|key| crate::tokens::seal::equal_in_constant_time(key.as_bytes(), origin_key.as_bytes()));
    let viewer = http.header("cloudfront-viewer-address").filter(|_| through_cloudfront);
    // The header ends in the port: `203.0.113.7:443`, `2001:db8::1:443`.
    let address = viewer.and_then(|viewer| viewer.rsplit_once(':')).map_or(http.peer.as_str(), |(address, _)| address);
    match address.trim_matches(['[', ']']).parse().map(|address: std::net::IpAddr| address.to_canonical()) {
        Ok(std::net::IpAddr::V4(v4)) => v4.to_string(),
        Ok(std::net::IpAddr::V6(v6)) => {
            let [a, b, c, d, ..] = v6.segments();
            format!("{a:x}:{b:x}:{c:x}:{:x}::/56", d & 0xff00)
        }
        Err(_) => "unknown".to_owned(),
    }
}

fn claim_of(route: &Route, http: &HttpRequest, caller: &Identity, sent: &Sent<'_>) -> Result<Option<Claim>, Failure> {
    match route.idempotency {
        Idempotency::NotNeeded => Ok(None),
        Idempotency::Required => {
            let header =
                http.headers.get("idempotency-key").map(|_| http.header("idempotency-key").unwrap_or_default());
            let key = idempotency::read_key(header)?;
            Ok(Some(Claim::new(caller, route.id, key, &sent.canonical(), http.time)))
        }
    }
}

/// Headers that every answer carries.
fn usual_headers(cache_control: String, context: &Context) -> Vec<(&'static str, String)> {
    vec![
        ("cache-control", cache_control),
        ("x-content-type-options", "nosniff".to_owned()),
        ("strict-transport-security", "max-age=63072000; includeSubDomains".to_owned()),
        ("content-security-policy", "default-src 'none'; frame-ancestors 'none'".to_owned()),
        ("referrer-policy", "no-referrer".to_owned()),
        ("x-request-id", context.request_id.clone()),
    ]
}

fn success(
    route: &Route,
    status: u16,
    own_headers: Vec<(&'static str, String)>,
    body: bytes::Bytes,
    replayed: bool,
    context: &Context,
) -> Answer {
    let cache = if route.cache_s > 0 { format!("public, max-age={}", route.cache_s) } else { "no-store".to_owned() };
    let mut headers = own_headers;
    if !body.is_empty() {
        headers.push(("content-type", "application/json".to_owned()));
    }
    headers.extend(usual_headers(cache, context));
    if replayed {
        headers.push(("idempotency-replayed", "true".to_owned()));
    }
    let response = HttpResponse { status, headers, body };
    Answer { response, request_id: context.request_id.clone(), code: None, fault: None, replayed }
}

fn failed(failure: &Failure, context: &Context) -> Answer {
    let (mut response, code, fault) = match failure {
        Failure::Refused(refusal) => {
            (problem::refusal(refusal.as_ref(), context.language, &context.request_id), refusal.code().code, None)
        }
        Failure::Broken(fault) => {
            let code = if fault.kind.is_transient() { problem::codes::UNAVAILABLE } else { problem::codes::INTERNAL };
            (problem::fault(fault, context.language, &context.request_id), code.code, Some(fault.chain()))
        }
        Failure::Replayed(_) => {
            let fault = Fault::new(FaultKind::Corrupt, "a replay that is none");
            let chain = fault.chain();
            (problem::fault(&fault, context.language, &context.request_id), problem::codes::INTERNAL.code, Some(chain))
        }
    };
    response.headers.extend(usual_headers("no-store".to_owned(), context));
    Answer { response, request_id: context.request_id.clone(), code: Some(code), fault, replayed: false }
}
