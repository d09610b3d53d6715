//! What is Kakao's own: the discovery document, the consent items, and how it words a refusal.
//!
//! Documented ("Kakao Login", REST API and troubleshooting) are the discovery document, the claims
//! and what the KOE codes mean; the texts beside them and the statuses are as clients report them.

use std::collections::BTreeSet;

use domain::{Timestamp, timestamp::Seconds};
use serde_json::{Map, Value, json};

use super::{
    Account, Refusal,
    errors::{Problem, TokenError},
};

/// How long the access token and the ID token of a web login live, to the second after which Kakao
/// calls them over.
pub(super) const TOKEN_LIVES: Seconds = Seconds(21_599);
/// How long a refresh token lives, as the same answer tells it.
pub(super) const REFRESH_TOKEN_LIVES: Seconds = Seconds(5_183_999);

/// The consent items that the site has switched on, and whether somebody can leave one out. The
/// address can always be left out unless a site has been examined by Kakao.
pub(super) const ITEMS: [(&str, bool); 3] =
    [("profile_nickname", false), ("profile_image", true), ("account_email", true)];

pub(super) fn discovery(issuer: &str) -> Value {
    json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/oauth/authorize"),
        "token_endpoint": format!("{issuer}/oauth/token"),
        "userinfo_endpoint": format!("{issuer}/v1/oidc/userinfo"),
        "jwks_uri": format!("{issuer}/.well-known/jwks.json"),
        "token_endpoint_auth_methods_supported": ["client_secret_post"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "request_uri_parameter_supported": false,
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code", "refresh_token"],
        "code_challenge_methods_supported": ["S256"],
        "claims_supported":
            ["iss", "aud", "sub", "auth_time", "exp", "iat", "nonce", "nickname", "picture", "email"],
    })
}

/// The scopes of a request; all items, and OpenID Connect, when it names none. Named ones stand
/// between commas or blanks, and without `openid` among them there is no ID token.
pub(super) fn scopes(text: Option<&str>) -> Result<Vec<String>, Problem> {
    let items = ITEMS.iter().map(|(item, _)| *item);
    let all: Vec<&str> = std::iter::once("openid").chain(items).collect();
    let Some(text) = text else { return Ok(all.into_iter().map(str::to_owned).collect()) };
    let named = text.split([',', ' ']).filter(|scope| !scope.is_empty());
    named
        .map(|scope| if all.contains(&scope) { Ok(scope.to_owned()) } else { Err(Problem::Scope(scope.to_owned())) })
        .collect()
}

/// The scopes as answers name them.
pub(super) fn granted(scopes: &BTreeSet<String>) -> String {
    scopes.iter().map(String::as_str).collect::<Vec<_>>().join(" ")
}

/// What the ID token tells of somebody: the address only when it is valid and verified.
pub(super) fn facts(account: &Account, scopes: &BTreeSet<String>, picture: &str) -> Map<String, Value> {
    let mut facts = Map::new();
    if scopes.contains("profile_nickname") {
        facts.insert("nickname".to_owned(), json!(account.name));
    }
    if scopes.contains("profile_image") && account.has_picture {
        facts.insert("picture".to_owned(), json!(picture));
    }
    if scopes.contains("account_email")
        && account.email_valid
        && account.email_verified
        && let Some(email) = &account.email
    {
        facts.insert("email".to_owned(), json!(email));
    }
    facts
}

/// `/v1/oidc/userinfo`, which unlike the ID token says whether the address is verified.
pub(super) fn userinfo(account: &Account, scopes: &BTreeSet<String>, picture: &str) -> Map<String, Value> {
    let mut facts = facts(account, scopes, picture);
    facts.insert("sub".to_owned(), json!(account.subject));
    if facts.contains_key("email") {
        facts.insert("email_verified".to_owned(), json!(true));
    }
    facts
}

/// `/v2/user/me`, with `…_needs_agreement` for what nobody has agreed to.
pub(super) fn user_me(
    account: &Account,
    scopes: &BTreeSet<String>,
    picture: &str,
    connected_at: Timestamp,
) -> Map<String, Value> {
    let may = |item: &str| scopes.contains(item);
    let (mut profile, mut properties, mut known) = (Map::new(), Map::new(), Map::new());
    known.insert("profile_nickname_needs_agreement".to_owned(), json!(!may("profile_nickname")));
    known.insert("profile_image_needs_agreement".to_owned(), json!(!may("profile_image")));
    if may("profile_nickname") {
        profile.insert("nickname".to_owned(), json!(account.name));
        profile.insert("is_default_nickname".to_owned(), json!(false));
        properties.insert("nickname".to_owned(), json!(account.name));
    }
    if may("profile_image") && account.has_picture {
        profile.insert("thumbnail_image_url".to_owned(), json!(picture));
        profile.insert("profile_image_url".to_owned(), json!(picture));
        profile.insert("is_default_image".to_owned(), json!(false));
        properties.insert("profile_image".to_owned(), json!(picture));
        properties.insert("thumbnail_image".to_owned(), json!(picture));
    }
    known.insert("profile".to_owned(), Value::Object(profile));
    known.insert("has_email".to_owned(), json!(account.email.is_some()));
    known.insert("email_needs_agreement".to_owned(), json!(account.email.is_some() && !may("account_email")));
    if may("account_email") && account.email.is_some() {
        known.insert("is_email_valid".to_owned(), json!(account.email_valid));
        known.insert("is_email_verified".to_owned(), json!(account.email_verified));
        known.insert("email".to_owned(), json!(account.email));
    }
    let mut answer = Map::new();
    answer.insert("id".to_owned(), json!(account.subject.parse::<u64>().unwrap_or_default()));
    answer.insert("connected_at".to_owned(), json!(whole_seconds(connected_at)));
    answer.insert("properties".to_owned(), Value::Object(properties));
    answer.insert("kakao_account".to_owned(), Value::Object(known));
    answer
}

/// `2026-11-21T09:00:00Z`.
fn whole_seconds(at: Timestamp) -> String {
    let text = at.to_string();
    format!("{}Z", text.get(..19).unwrap_or(&text))
}

pub(super) fn refusal(problem: &Problem) -> Refusal {
    let page = |status, code, message: String| Refusal { status, code, message };
    match problem {
        Problem::Missing(name) => page(400, "KOE207", format!("A required parameter is missing: {name}")),
        Problem::UnknownClient(id) => page(401, "KOE101", format!("Not exist client_id {id}")),
        Problem::RedirectUri(address) => page(400, "KOE006", format!("The redirect URI {address} is not registered.")),
        Problem::ResponseType(text) => page(400, "KOE202", format!("response_type must be code: {text}")),
        Problem::Scope(scope) => page(403, "KOE205", format!("The consent item {scope} is not set up.")),
        Problem::Twice(name) => page(400, "KOE204", format!("A parameter is not valid: {name}")),
        Problem::Challenge => page(400, "KOE204", "A parameter is not valid: code_challenge".to_owned()),
        Problem::PageExpired => page(400, "KOE001", "The page was open for too long.".to_owned()),
        _ => page(500, "KOE003", "A passing error of the server.".to_owned()),
    }
}

/// `{error, error_description, error_code}`. How Kakao answers to a verifier that does not fit is
/// written nowhere; here it is as if the code were unknown.
pub(super) fn token_error(problem: &Problem) -> TokenError {
    let answer = |status, error: &str, code: &str, description: String| TokenError {
        status,
        body: json!({"error": error, "error_description": description, "error_code": code}),
    };
    match problem {
        Problem::Missing(name) => answer(400, "invalid_request", "KOE207", format!("{name} must be provided")),
        Problem::Twice(name) => answer(400, "invalid_request", "KOE204", format!("{name} is not valid")),
        Problem::NotAForm => answer(400, "invalid_request", "KOE001", "The request is no form.".to_owned()),
        Problem::GrantType(text) => {
            answer(400, "unsupported_grant_type", "KOE310", format!("{text} is not a supported grant_type"))
        }
        Problem::UnknownClient(id) => answer(401, "invalid_client", "KOE101", format!("Not exist client_id {id}")),
        Problem::NoSecret | Problem::WrongSecret => {
            answer(401, "invalid_client", "KOE010", "Bad client credentials".to_owned())
        }
        Problem::RedirectUri(_) => answer(400, "invalid_grant", "KOE303", "Redirect URI mismatch.".to_owned()),
        Problem::UnknownCode(code) => {
            answer(400, "invalid_grant", "KOE320", format!("authorization code not found for code={code}"))
        }
        Problem::NoVerifier | Problem::WrongVerifier | Problem::NeedlessVerifier => {
            answer(400, "invalid_grant", "KOE320", "code verifier mismatch".to_owned())
        }
        _ => answer(500, "server_error", "KOE003", "A passing error of the server.".to_owned()),
    }
}

/// What kapi says to a token that it does not know.
pub(super) fn bad_token() -> TokenError {
    TokenError { status: 401, body: json!({"msg": "this access token does not exist", "code": -401}) }
}

/// What kapi says when nobody has agreed to what is asked.
pub(super) fn missing_scope(required: &str, scopes: &BTreeSet<String>) -> TokenError {
    let body = json!({
        "msg": "insufficient scopes.",
        "code": -402,
        "api_type": "USER_INFO",
        "required_scopes": [required],
        "allowed_scopes": scopes,
    });
    TokenError { status: 403, body }
}
