//! The public keys, as whoever checks tokens elsewhere reads them.

use serde_json::{Value, json};
use shared::tokens::access::AccessTokens;
use testkit::PASSWORD;

use crate::{
    device::access,
    steps::{MINA, sign_in, start},
};

#[tokio::test]
async fn the_set_has_the_key_that_signs_and_may_be_kept_for_five_minutes() {
    let app = start().await;
    let _ = app.user("mina").await;
    let answer = app.get("auth.get_jwks").send().await;
    assert_eq!((answer.status, answer.header("cache-control")), (200, Some("public, max-age=300")));
    answer.assert_cost(0, 0, 0);
    let keys: Value = serde_json::from_str(&app.config().access_token_keys).unwrap();
    let (kid, x) = (&keys["keys"][0]["kid"], &keys["keys"][0]["x"]);
    assert_eq!(
        answer.json(),
        json!({ "keys": [{ "kid": kid, "kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig", "x": x }] })
    );
    let set = String::from_utf8(answer.body.to_vec()).unwrap();
    let elsewhere = AccessTokens::new(&set, &app.config().site_origin).unwrap();
    let token = access(&sign_in(&app, MINA, PASSWORD).send().await);
    assert!(elsewhere.check(&token, app.now()).is_ok(), "whoever has only the set can check a token");
}
