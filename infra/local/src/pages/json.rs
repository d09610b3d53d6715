//! The JSON of the local cloud below `/_local/`, and its pages for everything else there.

use std::sync::Arc;

use axum::{
    Json, Router,
    body::Body,
    extract::{Query, Request, State},
    http::{Response, StatusCode},
    routing::{get, post},
};
use domain::timestamp::Seconds;
use engines::FaultPlan;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    books,
    files::{self, Folder},
    logins, mail,
};
use crate::{hosts::CalledBy, world::World};

/// The longest that the clock moves at once: a year.
const ADVANCE_AT_MOST_S: u32 = 366 * 86_400;
/// How many requests are shown when nobody says how many.
const REQUESTS_SHOWN: usize = 200;

type Refusal = (StatusCode, Json<Value>);

pub(super) fn routes() -> Router<Arc<World>> {
    Router::new()
        .route("/_local/info", get(info))
        .route("/_local/mail", get(mail::list))
        .route("/_local/mail/{id}/html", get(mail::html))
        .route("/_local/clock", get(clock).post(advance))
        .route("/_local/requests", get(requests))
        .route("/_local/faults", get(faults).post(set_faults))
        .route("/_local/table", get(books::table))
        .route("/_local/ledger", get(books::ledger))
        .route("/_local/stock", get(books::stock))
        .route("/_local/payments", get(payments))
        .route("/_local/logins", get(logins::list))
        .route("/_local/logins/{provider}/keys", post(logins::rotate))
        .route("/_local/quiet", get(quiet))
        .route("/_local/tick", post(tick))
        .route("/_local", get(page))
        .route("/_local/", get(page))
        .route("/_local/{*path}", get(page))
}

async fn page(State(world): State<Arc<World>>, request: Request) -> Response<Body> {
    let path = request.uri().path().to_owned();
    files::serve(&world, Folder::LocalPages, &path).await
}

/// What runs here.
async fn info(State(world): State<Arc<World>>) -> Json<Value> {
    let functions: Vec<Value> = world
        .functions
        .iter()
        .map(|function| {
            let called_by = match function.called_by {
                CalledBy::Route { method, path } => format!("{method} {path}"),
                CalledBy::Trigger(trigger) => format!("{trigger:?}"),
            };
            json!({"id": function.id, "called_by": called_by, "memory_mb": function.memory_mb,
                   "time_out_s": function.time_out_s})
        })
        .collect();
    let schedules: Vec<Value> =
        world.delivery.schedules().iter().map(|(name, due)| json!({"name": name, "due": due})).collect();
    Json(json!({
        "name": "Jangteo local cloud",
        "origin": world.origin,
        "api": format!("{}/api", world.origin),
        "docs": format!("{}/docs", world.origin),
        "aws": world.engines.aws_url(),
        "data": world.data,
        "binaries": world.binaries,
        "now": world.engines.clock().now(),
        "functions": functions,
        "schedules": schedules,
    }))
}

async fn clock(State(world): State<Arc<World>>) -> Json<Value> {
    let clock = world.engines.clock();
    Json(json!({"now": clock.now(), "offset_s": clock.offset_s()}))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Advance {
    advance_s: u32,
}

/// Moves the clock and delivers what became due by it before answering.
async fn advance(State(world): State<Arc<World>>, Json(asked): Json<Advance>) -> Result<Json<Value>, Refusal> {
    if asked.advance_s > ADVANCE_AT_MOST_S {
        return Err(bad_request(&format!("advance_s is at most {ADVANCE_AT_MOST_S}")));
    }
    let _ = world.engines.clock().advance(Seconds(asked.advance_s));
    world.delivery.settle().await;
    Ok(clock(State(world)).await)
}

#[derive(Debug, Deserialize)]
struct Wanted {
    limit: Option<usize>,
}

/// The newest requests first, and the totals.
async fn requests(State(world): State<Arc<World>>, Query(wanted): Query<Wanted>) -> Json<Value> {
    let (items, total) = world.requests.list(wanted.limit.unwrap_or(REQUESTS_SHOWN));
    Json(json!({"items": items, "total": total}))
}

/// The plan in force.
async fn faults(State(world): State<Arc<World>>) -> Json<Value> {
    Json(json!({"plan": world.engines.faults().plan()}))
}

/// Puts a plan in force; one without rules ends all faults.
async fn set_faults(State(world): State<Arc<World>>, Json(plan): Json<FaultPlan>) -> Json<Value> {
    if plan.rules.is_empty() {
        world.engines.faults().clear();
    } else {
        world.engines.faults().set(plan);
    }
    faults(State(world)).await
}

/// What the payment provider knows.
async fn payments(State(world): State<Arc<World>>) -> Json<Value> {
    Json(json!({"items": world.toss.payments()}))
}

/// Answers when nothing is being delivered.
async fn quiet(State(world): State<Arc<World>>) -> Json<Value> {
    world.delivery.settle().await;
    Json(json!({"quiet": true}))
}

/// Runs every schedule now.
async fn tick(State(world): State<Arc<World>>) -> Json<Value> {
    world.delivery.tick().await;
    Json(json!({"quiet": true}))
}

fn bad_request(message: &str) -> Refusal {
    (StatusCode::BAD_REQUEST, Json(json!({"message": message})))
}
