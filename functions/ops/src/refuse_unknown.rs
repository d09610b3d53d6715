//! What API Gateway has no route for: a path that there is not, or a method that a path does not take. By itself
//! it would answer both in English and in another form than everything else here.

use domain::ErrorCode;
use shared::{
    Failure,
    api::{
        Context, Empty, Endpoint, Never, Route, Unrouted,
        problem::{RequestError, codes},
    },
};

use crate::OpsTools;

/// Every method and path of the API, a line each: `GET /listings/{listing_id}`.
const ROUTES: &str = include_str!("../../../infra/api/routes.txt");

/// The endpoint.
#[derive(Debug)]
pub struct RefuseUnknown;

impl Endpoint for RefuseUnknown {
    const ROUTE: Route = Route::default_route("ops.refuse_unknown").summary("Say that there is no such route");
    const ERRORS: &'static [ErrorCode] = &[codes::NO_SUCH_ROUTE, codes::NO_SUCH_METHOD];

    type Tools = OpsTools;
    type Caller = Unrouted;
    type Request = Empty;
    type Reply = Never;

    async fn handle(_: &OpsTools, asked: Unrouted, _: Empty, _: &Context) -> Result<Never, Failure> {
        let allowed = methods_of(&asked.path);
        Err(if allowed.is_empty() { RequestError::NoSuchRoute } else { RequestError::NoSuchMethod(allowed) }.into())
    }
}

/// The methods that a path takes; none when there is no such path.
fn methods_of(path: &str) -> Vec<&'static str> {
    let routes = ROUTES.lines().filter_map(|line| line.split_once(' '));
    let mut methods: Vec<&str> = routes.filter(|(_, route)| is_at(route, path)).map(|(method, _)| method).collect();
    methods.sort_unstable();
    methods.dedup();
    methods
}

fn is_at(route: &str, path: &str) -> bool {
    let (mut parts, mut asked) = (route.split('/'), path.split('/'));
    loop {
        match (parts.next(), asked.next()) {
            (None, None) => return true,
            (Some(part), Some(text)) if part == text || (part.starts_with('{') && !text.is_empty()) => {}
            _ => return false,
        }
    }
}
