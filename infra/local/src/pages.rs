//! The port for people: the storefront, the pictures, the API, its documents, and the pages and the
//! JSON of the local cloud itself.

mod books;
mod compressed;
mod files;
mod json;
mod logins;
mod mail;

use std::{net::SocketAddr, sync::Arc};

use axum::{
    Router,
    body::Body,
    extract::{ConnectInfo, DefaultBodyLimit, Request, State},
    http::{HeaderValue, Method, Response, StatusCode, header},
    middleware::{self, Next},
    response::IntoResponse as _,
    routing::get,
};

use engines::loopback;

use self::files::Folder;
use crate::world::World;

/// Everything that the port answers.
pub(crate) fn router(world: Arc<World>) -> Router {
    let local = json::routes().layer(middleware::from_fn(only_from_here)).with_state(Arc::clone(&world));
    let toss = engines::toss::router(world.toss.clone()).layer(middleware::from_fn(only_from_here));
    let login = engines::login::router(&world.login).layer(middleware::from_fn(only_from_here));
    Router::new()
        .route("/api", axum::routing::any(api))
        .route("/api/{*path}", axum::routing::any(api))
        .route("/pictures/{*path}", get(pictures))
        .route("/docs", get(async |state, request| file(state, request, Folder::Documents).await))
        .route("/docs/{*path}", get(async |state, request| file(state, request, Folder::Documents).await))
        .fallback(storefront)
        .with_state(Arc::clone(&world))
        .merge(local)
        .nest("/_local/toss", toss)
        .nest("/_local/login", login)
        .layer(DefaultBodyLimit::disable())
        .layer(middleware::from_fn(compressed::compressed))
        .layer(middleware::from_fn_with_state(Arc::clone(&world), site_headers))
        .layer(middleware::from_fn_with_state(world, only_by_our_names))
}

async fn api(
    State(world): State<Arc<World>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: Request,
) -> Response<Body> {
    world.gateway.answer(request, peer).await
}

async fn storefront(state: State<Arc<World>>, request: Request) -> Response<Body> {
    file(state, request, Folder::Storefront).await
}

async fn pictures(state: State<Arc<World>>, request: Request) -> Response<Body> {
    file(state, request, Folder::Pictures).await
}

async fn file(State(world): State<Arc<World>>, request: Request, folder: Folder) -> Response<Body> {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return (StatusCode::METHOD_NOT_ALLOWED, [(header::ALLOW, "GET, HEAD")]).into_response();
    }
    let path = request.uri().path().to_owned();
    files::serve(&world, folder, &path).await
}

/// The headers that CloudFront adds to everything that is not the API, in production as here.
async fn site_headers(State(world): State<Arc<World>>, request: Request, next: Next) -> Response<Body> {
    let is_api = request.uri().path() == "/api" || request.uri().path().starts_with("/api/");
    let mut response = next.run(request).await;
    if is_api {
        return response;
    }
    let uploads = format!("http://127.0.0.1:{0} http://localhost:{0}", world.aws_port);
    let policy = format!(
        "default-src 'self'; img-src 'self' blob: data:; connect-src 'self' {uploads}; object-src 'none'; \
         base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    );
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, policy.as_str()),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "same-origin"),
        (header::CACHE_CONTROL, "no-cache"),
    ] {
        if let (false, Ok(value)) = (headers.contains_key(&name), HeaderValue::from_str(value)) {
            headers.insert(name, value);
        }
    }
    response
}

/// Nothing on this port answers to a name that is not this machine's.
async fn only_by_our_names(State(world): State<Arc<World>>, request: Request, next: Next) -> Response<Body> {
    if loopback::is_for(request.headers(), world.port) { next.run(request).await } else { loopback::refused() }
}

/// The cloud's own pages obey whoever sits at this machine, and no page of another site that the
/// person happens to have open: what such a page sends changes nothing.
async fn only_from_here(request: Request, next: Next) -> Response<Body> {
    if is_from_here(&request) {
        next.run(request).await
    } else {
        (StatusCode::FORBIDDEN, "These pages are for the person at this machine.").into_response()
    }
}

fn is_from_here(request: &Request) -> bool {
    let text = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok());
    let is_foreign = matches!(text("sec-fetch-site"), Some("cross-site" | "same-site"));
    !is_foreign || request.method() == Method::GET
}
