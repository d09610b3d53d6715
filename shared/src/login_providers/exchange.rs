//! A code for an ID token (RFC 6749 §4.1.3, with the verifier of RFC 7636).

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, header};
use serde::Deserialize;

use super::{CALL_WITHIN, Client, LoginError, documents::Discovery};
use crate::{
    address,
    http_client::{Call, HttpClient},
    secrets::Secret,
    tokens::login_secret::LoginSecret,
};

const WHAT: &str = "token";

/// What a browser brought back from a provider.
#[derive(Debug, Clone, Copy)]
pub struct Answer<'a> {
    /// The code.
    pub code: &'a str,
    /// Whose answer it is, where it says so (`iss`, RFC 9207).
    pub issuer: Option<&'a str>,
}

/// The answer of the token endpoint. The other tokens are not even read: we ask for nothing but who
/// it is.
#[derive(Deserialize)]
struct Tokens {
    id_token: Option<String>,
}

#[derive(Deserialize)]
struct Refusal {
    error: String,
}

impl Client {
    pub(super) async fn exchange(
        &self,
        http: &HttpClient,
        discovery: &Discovery,
        code: &str,
        client_secret: &Secret,
        secret: &LoginSecret,
    ) -> Result<String, LoginError> {
        let unreadable = |why| LoginError::Unreadable { what: WHAT, why };
        // The secret goes in the body: Kakao takes it nowhere else.
        let form = address::form(&[
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", &self.redirect_uri),
            ("client_id", &self.id),
            ("client_secret", client_secret.expose()),
            ("code_verifier", &secret.code_verifier()),
        ]);
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
        let form_type = HeaderValue::from_static("application/x-www-form-urlencoded;charset=utf-8");
        headers.insert(header::CONTENT_TYPE, form_type);
        let uri = discovery.token_endpoint.parse().map_err(|_| unreadable("its address is none"))?;
        let call = Call { method: Method::POST, uri, headers, body: Bytes::from(form), time_limit: CALL_WITHIN };
        let answer = http.call(call).await.map_err(|source| LoginError::NoAnswer { what: WHAT, source })?;
        match answer.status.as_u16() {
            200 => {
                let tokens: Tokens = serde_json::from_slice(&answer.body).map_err(|_| unreadable("it is no answer"))?;
                // At Kakao, when OpenID Connect is not switched on for the site.
                tokens.id_token.ok_or_else(|| unreadable("there is no ID token in it"))
            }
            400 | 401 => Err(LoginError::Refused { code: code_of(&answer.body) }),
            status => Err(LoginError::Failing { what: WHAT, status }),
        }
    }
}

/// `invalid_grant` and the like (RFC 6749 §5.2), as far as it is one: it ends in the log.
fn code_of(body: &[u8]) -> String {
    let is_code = |code: &String| code.len() <= 60 && code.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    let refusal: Option<Refusal> = serde_json::from_slice(body).ok();
    refusal.map(|refusal| refusal.error).filter(is_code).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attack_69_what_a_provider_says_reaches_the_log_only_as_a_code() {
        assert_eq!(code_of(br#"{"error":"invalid_grant","error_description":"code=4/0Asecret"}"#), "invalid_grant");
        for wrong in ["", "<html>", "{}", r#"{"error":5}"#, r#"{"error":"a b"}"#, "{\"error\":\"a\\nlevel=error\"}"] {
            assert_eq!(code_of(wrong.as_bytes()), "", "{wrong}");
        }
        assert_eq!(code_of(format!("{{\"error\":\"{}\"}}", "a".repeat(61)).as_bytes()), "");
    }
}
