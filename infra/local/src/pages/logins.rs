//! Who can log in by whom, and the keys that say so.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use engines::login::{IdTokenFlaw, OldKeys, Provider};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::world::World;

/// The providers, who has an account there, and in which ways a token can be wrong.
pub(super) async fn list(State(world): State<Arc<World>>) -> Json<Value> {
    let items: Vec<Value> = Provider::ALL
        .into_iter()
        .map(|provider| {
            let simulator = world.login.simulator(provider);
            let client = simulator.client();
            json!({
                "provider": provider,
                "issuer": simulator.issuer(),
                "client_id": client.id,
                "redirect_uris": client.redirect_uris,
                "key_ids": simulator.key_ids(),
                "calls": simulator.all_calls(),
                "accounts": simulator.accounts(),
            })
        })
        .collect();
    Json(json!({"items": items, "flaws": IdTokenFlaw::ALL}))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Rotation {
    old: OldKeys,
}

/// Publishes a new key, and the old ones on or no more.
pub(super) async fn rotate(
    State(world): State<Arc<World>>,
    Path(provider): Path<Provider>,
    Json(rotation): Json<Rotation>,
) -> Result<Json<Value>, StatusCode> {
    let rotated = world.login.simulator(provider).rotate_keys(rotation.old);
    rotated.map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
    Ok(list(State(world)).await)
}
