//! The mailbox: what was sent, for people and for tests.

use std::sync::Arc;

use axum::{
    Json,
    body::Body,
    extract::{Path, Query, State},
    http::{Response, StatusCode, header},
    response::IntoResponse as _,
};
use domain::Timestamp;
use serde::{Deserialize, Serialize};

use crate::world::World;

/// Which messages are wanted.
#[derive(Debug, Deserialize)]
pub(super) struct Wanted {
    /// To this address; without it, all.
    to: Option<String>,
}

/// A message as people and tests read it.
#[derive(Debug, Serialize)]
pub(super) struct Shown {
    id: String,
    to: String,
    from: String,
    subject: String,
    text: String,
    html: String,
    at: Timestamp,
}

#[derive(Debug, Serialize)]
pub(super) struct Messages {
    items: Vec<Shown>,
}

/// The newest first.
pub(super) async fn list(State(world): State<Arc<World>>, Query(wanted): Query<Wanted>) -> Json<Messages> {
    let messages = world.engines.mailbox().list(wanted.to.as_deref());
    let shown = messages.into_iter().map(|message| Shown {
        id: message.id,
        to: message.to.join(", "),
        from: message.from,
        subject: message.subject,
        text: message.text,
        html: message.html,
        at: message.at,
    });
    Json(Messages { items: shown.collect() })
}

/// The HTML of a message, in a cage: no script, no form, nothing from elsewhere.
pub(super) async fn html(State(world): State<Arc<World>>, Path(id): Path<String>) -> Response<Body> {
    let Some(message) = world.engines.mailbox().list(None).into_iter().find(|message| message.id == id) else {
        return (StatusCode::NOT_FOUND, "There is no such message.").into_response();
    };
    let policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'; \
                  sandbox allow-popups allow-popups-to-escape-sandbox";
    let headers = [(header::CONTENT_TYPE, "text/html; charset=utf-8"), (header::CONTENT_SECURITY_POLICY, policy)];
    (headers, message.html).into_response()
}
