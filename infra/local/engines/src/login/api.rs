//! The HTTP side: which address is what, what is in a request, and what goes wrong on purpose.

use std::time::Duration;

use axum::{
    Form, Router,
    extract::{DefaultBodyLimit, Path, Query, State, rejection::FormRejection},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse as _, Response},
    routing::{get, post},
};
use serde_json::{Map, Value, json};

use super::{
    IdTokenFlaw, LoginState, Provider, Simulator,
    errors::{Problem, TokenError},
    google, kakao, pages,
};
use crate::{
    FaultKind,
    web::{json_response, no_answer, style_sheet},
};

pub(super) type Pairs = Vec<(String, String)>;

const JSON: &str = "application/json;charset=UTF-8";

/// Both simulators, below `/google` and `/kakao`. The issuers' public addresses must lead here.
pub fn router(state: &LoginState) -> Router {
    let google = Router::new()
        .route("/o/oauth2/v2/auth", get(pages::authorize))
        .route("/oauth2/v3/certs", get(jwks))
        .route("/token", post(token))
        .route("/v1/userinfo", get(userinfo).post(userinfo));
    let kakao = Router::new()
        .route("/oauth/authorize", get(pages::authorize))
        .route("/.well-known/jwks.json", get(jwks))
        .route("/oauth/token", post(token))
        .route("/v1/oidc/userinfo", get(userinfo).post(userinfo))
        .route("/v2/user/me", get(user_me).post(user_me));
    let whole = |routes: Router<Simulator>, simulator| {
        routes
            .route("/.well-known/openid-configuration", get(discovery))
            .route("/choose", post(pages::choose))
            .route("/consent", post(pages::consent))
            .route("/picture/{subject}", get(picture))
            .route("/style.css", get(async || style_sheet(include_str!("pages/style.css"))))
            .layer(DefaultBodyLimit::max(64 * 1024))
            .with_state(simulator)
    };
    Router::new().nest("/google", whole(google, state.google())).nest("/kakao", whole(kakao, state.kakao()))
}

async fn discovery(State(simulator): State<Simulator>) -> Response {
    simulator
        .answer("discovery", |simulator| {
            let document = match simulator.provider {
                Provider::Google => google::discovery(&simulator.issuer()),
                Provider::Kakao => kakao::discovery(&simulator.issuer()),
            };
            simulator.cacheable(json_response(200, JSON, document.to_string()))
        })
        .await
}

async fn jwks(State(simulator): State<Simulator>) -> Response {
    simulator
        .answer("jwks", |simulator| {
            let document = simulator.side().keys.document();
            simulator.cacheable(json_response(200, JSON, document.to_string()))
        })
        .await
}

async fn token(
    State(simulator): State<Simulator>,
    headers: HeaderMap,
    form: Result<Form<Pairs>, FormRejection>,
) -> Response {
    simulator
        .answer("token", |simulator| {
            let basic = authorization(&headers, "Basic ");
            let flaw = simulator.flaw();
            let answer = match form {
                Ok(Form(pairs)) => simulator.exchange(basic, &pairs, flaw),
                Err(_) => Err(Problem::NotAForm),
            };
            facts(answer.map_err(|problem| simulator.token_error(&problem)))
        })
        .await
}

async fn userinfo(State(simulator): State<Simulator>, headers: HeaderMap) -> Response {
    simulator.answer("userinfo", |simulator| facts(simulator.userinfo(authorization(&headers, "Bearer ")))).await
}

async fn user_me(State(simulator): State<Simulator>, headers: HeaderMap) -> Response {
    simulator.answer("user_me", |simulator| facts(simulator.user_me(authorization(&headers, "Bearer ")))).await
}

/// Somebody's picture: the first letter of the name in a circle.
async fn picture(State(simulator): State<Simulator>, Path(subject): Path<String>) -> Response {
    let account = simulator.side().account(&subject).cloned();
    match account.filter(|account| account.has_picture) {
        Some(account) => (
            [(header::CONTENT_TYPE, "image/svg+xml"), (header::CONTENT_SECURITY_POLICY, "default-src 'none'")],
            pages::picture(&account),
        )
            .into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

impl Simulator {
    /// Answers a call, unless it goes wrong on purpose.
    pub(super) async fn answer(
        &self,
        operation: &'static str,
        work: impl FnOnce(&Self) -> Response + Send,
    ) -> Response {
        self.side().count(operation);
        let has_refusal = !matches!(operation, "discovery" | "jwks");
        let possible = |kind| match kind {
            FaultKind::ServerError
            | FaultKind::TimeOutBefore
            | FaultKind::TimeOutAfterApply
            | FaultKind::Throttle
            | FaultKind::Garbage
            | FaultKind::SlowMs(_) => true,
            FaultKind::Reject => has_refusal,
            _ => false,
        };
        match self.fault(operation, possible) {
            Some(FaultKind::TimeOutBefore) => no_answer(),
            Some(FaultKind::TimeOutAfterApply) => {
                // Done, and nobody hears of it.
                let _ = work(self);
                no_answer()
            }
            Some(FaultKind::ServerError) => error(&self.token_error(&Problem::Internal)),
            Some(FaultKind::Throttle) => error(&self.throttled()),
            Some(FaultKind::Garbage) => garbage(),
            Some(FaultKind::Reject) => self.rejected(operation),
            Some(FaultKind::SlowMs(millis)) => {
                tokio::time::sleep(Duration::from_millis(millis.into())).await;
                work(self)
            }
            _ => work(self),
        }
    }

    /// In what way the ID token of this call is to be wrong.
    fn flaw(&self) -> Option<IdTokenFlaw> {
        match self.fault("token", |kind| matches!(kind, FaultKind::IdToken(_))) {
            Some(FaultKind::IdToken(flaw)) => Some(flaw),
            _ => None,
        }
    }

    fn rejected(&self, operation: &str) -> Response {
        match operation {
            "token" => error(&self.token_error(&Problem::UnknownCode(String::new()))),
            "authorize" => pages::problem(self, &self.refusal(&Problem::UnknownClient(String::new()))),
            _ => error(&self.bad_token()),
        }
    }

    fn throttled(&self) -> TokenError {
        let body = match self.provider {
            Provider::Google => json!({"error": "rate_limit_exceeded", "error_description": "Rate Limit Exceeded"}),
            Provider::Kakao => {
                json!({"error": "too_many_requests", "error_description": "token request rate limit exceeded",
                       "error_code": "KOE237"})
            }
        };
        TokenError { status: 429, body }
    }

    /// Google lets its documents be kept for an hour; Kakao says nothing about it.
    fn cacheable(&self, mut response: Response) -> Response {
        if self.provider == Provider::Google {
            let hour = HeaderValue::from_static("public, max-age=3600");
            response.headers_mut().insert(header::CACHE_CONTROL, hour);
        }
        response
    }
}

/// The credentials after a scheme, whose letters may be large or small (RFC 9110 §11.1).
fn authorization<'a>(headers: &'a HeaderMap, scheme: &str) -> Option<&'a str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (shown, rest) = value.split_at_checked(scheme.len())?;
    shown.eq_ignore_ascii_case(scheme).then_some(rest)
}

/// Tokens and facts about people, which nobody may keep (RFC 6749 §5.1).
fn facts(answer: Result<Map<String, Value>, TokenError>) -> Response {
    let mut response = match answer {
        Ok(facts) => json_response(200, JSON, Value::Object(facts).to_string()),
        Err(problem) => error(&problem),
    };
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

fn error(problem: &TokenError) -> Response {
    json_response(problem.status, JSON, problem.body.to_string())
}

/// What a broken proxy in between says: a page, and that all is well.
fn garbage() -> Response {
    ([(header::CONTENT_TYPE, "text/html")], "<html><body>It works!</body></html>").into_response()
}

/// The parameters of an address, in their order.
pub(super) type Asked = Query<Pairs>;
