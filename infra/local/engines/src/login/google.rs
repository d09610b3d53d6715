//! What is Google's own: the discovery document, the scopes, and how it words a refusal.
//!
//! The discovery document and the claims are documented ("Google OpenID Connect API Reference");
//! the codes of the token endpoint in part. The rest is as clients report it.

use std::collections::BTreeSet;

use domain::timestamp::Seconds;
use serde_json::{Map, Value, json};

use super::{
    Account, Refusal,
    errors::{Problem, TokenError},
    side::Grant,
};

/// How long an access token lives, to the second after which Google calls it over.
pub(super) const ACCESS_TOKEN_LIVES: Seconds = Seconds(3_599);
/// How long an ID token lives.
pub(super) const ID_TOKEN_LIVES: Seconds = Seconds::hours(1);

/// The scopes that a login can ask for, by their short and their long names.
const SCOPES: [(&str, &str); 3] = [
    ("openid", "openid"),
    ("email", "https://www.googleapis.com/auth/userinfo.email"),
    ("profile", "https://www.googleapis.com/auth/userinfo.profile"),
];

pub(super) fn discovery(issuer: &str) -> Value {
    json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/o/oauth2/v2/auth"),
        "device_authorization_endpoint": format!("{issuer}/device/code"),
        "token_endpoint": format!("{issuer}/token"),
        "userinfo_endpoint": format!("{issuer}/v1/userinfo"),
        "revocation_endpoint": format!("{issuer}/revoke"),
        "jwks_uri": format!("{issuer}/oauth2/v3/certs"),
        "response_types_supported":
            ["code", "token", "id_token", "code token", "code id_token", "token id_token", "code token id_token", "none"],
        "response_modes_supported": ["query", "fragment", "form_post"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "scopes_supported": ["openid", "email", "profile"],
        "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
        "claims_supported": [
            "aud", "email", "email_verified", "exp", "family_name", "given_name", "iat", "iss", "name", "picture", "sub"
        ],
        "code_challenge_methods_supported": ["plain", "S256"],
        "grant_types_supported": [
            "authorization_code", "refresh_token", "urn:ietf:params:oauth:grant-type:device_code",
            "urn:ietf:params:oauth:grant-type:jwt-bearer"
        ],
    })
}

/// The scopes of a request by their short names.
pub(super) fn scopes(text: Option<&str>) -> Result<Vec<String>, Problem> {
    let known = |scope: &str| SCOPES.iter().find(|(short, long)| [*short, *long].contains(&scope));
    text.ok_or(Problem::Missing("scope"))?
        .split_ascii_whitespace()
        .map(|scope| known(scope).map(|(short, _)| (*short).to_owned()).ok_or_else(|| Problem::Scope(scope.to_owned())))
        .collect()
}

/// The scopes as answers name them.
pub(super) fn granted(scopes: &BTreeSet<String>) -> String {
    let long = SCOPES.iter().filter(|(short, _)| scopes.contains(*short)).map(|(_, long)| *long);
    long.collect::<Vec<_>>().join(" ")
}

/// What the scopes tell of somebody, in the ID token and at userinfo alike.
pub(super) fn facts(account: &Account, scopes: &BTreeSet<String>, picture: &str) -> Map<String, Value> {
    let mut facts = Map::new();
    if let Some(domain) = &account.hosted_domain {
        facts.insert("hd".to_owned(), json!(domain));
    }
    if scopes.contains("email") {
        facts.insert("email".to_owned(), json!(account.email));
        facts.insert("email_verified".to_owned(), json!(account.email_verified));
    }
    if scopes.contains("profile") {
        let (given, family) = account.name.split_once(' ').unwrap_or((account.name.as_str(), ""));
        facts.insert("name".to_owned(), json!(account.name));
        facts.insert("given_name".to_owned(), json!(given));
        if !family.is_empty() {
            facts.insert("family_name".to_owned(), json!(family));
        }
        if account.has_picture {
            facts.insert("picture".to_owned(), json!(picture));
        }
    }
    facts
}

/// What stands beside the code in the address that the browser is sent back to.
pub(super) fn extras(grant: &Grant, account: &Account) -> Vec<(&'static str, String)> {
    let mut extras = vec![("scope", granted(&grant.scopes)), ("authuser", "0".to_owned())];
    extras.extend(account.hosted_domain.clone().map(|domain| ("hd", domain)));
    extras.push(("prompt", if grant.asked.must_ask { "consent" } else { "none" }.to_owned()));
    extras
}

pub(super) fn refusal(problem: &Problem) -> Refusal {
    let page = |status, code, message: String| Refusal { status, code, message };
    match problem {
        Problem::Twice(name) => {
            page(400, "invalid_request", format!("OAuth 2 parameters can only have a single value: {name}"))
        }
        Problem::Missing(name) => page(400, "invalid_request", format!("Required parameter is missing: {name}")),
        Problem::UnknownClient(_) => page(401, "invalid_client", "The OAuth client was not found.".to_owned()),
        Problem::RedirectUri(address) => {
            page(400, "redirect_uri_mismatch", format!("The redirect URI {address} is not one of this client's."))
        }
        Problem::ResponseType(text) => page(400, "invalid_request", format!("Invalid response_type: {text}")),
        Problem::Scope(scope) => page(400, "invalid_scope", format!("Some requested scopes were invalid: {scope}")),
        Problem::Challenge => {
            page(400, "invalid_request", "Invalid code_challenge or code_challenge_method".to_owned())
        }
        Problem::PageExpired => page(400, "invalid_request", "The page was open for too long.".to_owned()),
        _ => page(500, "server_error", "Something went wrong.".to_owned()),
    }
}

/// `{error, error_description}` (RFC 6749 §5.2).
pub(super) fn token_error(problem: &Problem) -> TokenError {
    let answer = |status, error: &str, description: String| TokenError {
        status,
        body: json!({"error": error, "error_description": description}),
    };
    match problem {
        Problem::Missing(name) => answer(400, "invalid_request", format!("Missing required parameter: {name}")),
        Problem::Twice(name) => {
            answer(400, "invalid_request", format!("OAuth 2 parameters can only have a single value: {name}"))
        }
        Problem::NotAForm => answer(400, "invalid_request", "The request is no form.".to_owned()),
        Problem::GrantType(text) => answer(400, "unsupported_grant_type", format!("Invalid grant_type: {text}")),
        Problem::UnknownClient(_) => answer(401, "invalid_client", "The OAuth client was not found.".to_owned()),
        Problem::NoSecret => answer(400, "invalid_request", "client_secret is missing.".to_owned()),
        Problem::WrongSecret => answer(401, "invalid_client", "Unauthorized".to_owned()),
        Problem::RedirectUri(_) => answer(400, "redirect_uri_mismatch", "Bad Request".to_owned()),
        Problem::NoVerifier => answer(400, "invalid_grant", "Missing code verifier.".to_owned()),
        Problem::WrongVerifier => answer(400, "invalid_grant", "Invalid code verifier.".to_owned()),
        Problem::NeedlessVerifier => {
            answer(400, "invalid_grant", "code_verifier or verifier is not needed.".to_owned())
        }
        Problem::UnknownCode(_) => answer(400, "invalid_grant", "Bad Request".to_owned()),
        _ => answer(500, "internal_failure", "Backend Error".to_owned()),
    }
}

/// What userinfo says to a token that it does not know.
pub(super) fn bad_token() -> TokenError {
    TokenError { status: 401, body: json!({"error": "invalid_request", "error_description": "Invalid Credentials"}) }
}
