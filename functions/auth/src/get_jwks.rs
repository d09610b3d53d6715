//! The public keys of access tokens (JWK Set, RFC 7517 §5): for whoever wants to check a token without
//! asking us. Our own functions have them in their configuration and never ask.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use shared::{
    Failure,
    api::{Anyone, Context, Empty, Endpoint, Method, Okay, Route},
    tokens::access::{PublicKey, PublicKeys},
};

use crate::AuthTools;

/// `GET /.well-known/jwks.json`.
#[derive(Debug)]
pub struct GetJwks;

/// The public keys. While the key is being exchanged there are two, and tokens of both hold.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct JwkSet {
    /// The keys.
    keys: Vec<Jwk>,
}

/// A public key (RFC 8037 §2).
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct Jwk {
    /// The key's id, which stands in the head of the tokens that it checks: a thumbprint (RFC 7638).
    kid: String,
    /// The kind of key: `OKP`.
    kty: String,
    /// The curve: `Ed25519`.
    crv: String,
    /// The algorithm that it is good for: `EdDSA`.
    alg: String,
    /// What it is for: `sig`.
    r#use: String,
    /// The key: 32 bytes in base64url.
    x: String,
}

impl From<PublicKey> for Jwk {
    fn from(key: PublicKey) -> Self {
        let [kty, crv, alg, r#use] = ["OKP", "Ed25519", "EdDSA", "sig"].map(str::to_owned);
        Self { kid: key.kid, kty, crv, alg, r#use, x: key.x }
    }
}

impl Endpoint for GetJwks {
    // scripts/rotate-access-token-key waits for longer than this is kept.
    const ROUTE: Route = Route::new("auth.get_jwks", Method::Get, "/.well-known/jwks.json")
        .summary("The public keys of access tokens.")
        .cache_s(300);
    const ERRORS: &'static [domain::ErrorCode] = &[];

    type Tools = AuthTools;
    type Caller = Anyone;
    type Request = Empty;
    type Reply = Okay<JwkSet>;

    async fn handle(tools: &AuthTools, _: Anyone, _: Empty, _: &Context) -> Result<Self::Reply, Failure> {
        let keys = PublicKeys::read(&tools.core.config.access_token_keys)?.keys;
        Ok(Okay(JwkSet { keys: keys.into_iter().map(Jwk::from).collect() }))
    }
}
