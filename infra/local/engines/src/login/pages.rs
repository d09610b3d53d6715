//! The pages: who is it, what may the site know, and what is wrong. Plain HTML and forms, no script.
//!
//! A test fills the forms as a browser does. `choose` takes `request` and `account` (a subject), or
//! `request`, `email`, `name` and, when they are ticked, `email_verified` and at Kakao
//! `email_valid`, for an account of its own. `consent` takes `request`, `account`, `agree` for each
//! scope that was ticked, and `decision`: `allow` or `cancel`.

mod html;

use std::collections::BTreeSet;

use axum::{
    Form,
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse as _, Response},
};

use super::{
    Account, Provider, Refusal, Simulator,
    api::{Asked, Pairs},
    authorize::{Chosen, Next},
    errors::Problem,
};
use crate::web::{self, language_of, origin_of};

pub(super) use html::picture;

pub(super) async fn authorize(State(simulator): State<Simulator>, headers: HeaderMap, query: Asked) -> Response {
    let language = language_of(&headers);
    simulator
        .answer("authorize", |simulator| match simulator.begin(&query.0) {
            Ok(Next::Back(address)) => found(&address),
            Ok(Next::Ask(request)) => {
                simulator.page(&request, html::choose(simulator, &request, &simulator.accounts(), language))
            }
            Err(refusal) => web::html(status(&refusal), &[], html::problem(simulator, &refusal, language)),
        })
        .await
}

pub(super) async fn choose(
    State(simulator): State<Simulator>,
    headers: HeaderMap,
    Form(form): Form<Pairs>,
) -> Response {
    let language = language_of(&headers);
    let request = value(&form, "request");
    let subject = match value(&form, "account") {
        "" => match typed_account(simulator.provider, &form) {
            Some(account) => {
                let subject = account.subject.clone();
                simulator.add_account(account);
                subject
            }
            None => return problem(&simulator, &simulator.refusal(&Problem::Missing("email"))),
        },
        subject => subject.to_owned(),
    };
    match simulator.choose(request, &subject) {
        Ok(Chosen::Back(address)) => found(&address),
        Ok(Chosen::Consent { account, scopes }) => {
            simulator.page(request, html::consent(&simulator, request, &account, &scopes, language))
        }
        Err(refusal) => problem(&simulator, &refusal),
    }
}

pub(super) async fn consent(State(simulator): State<Simulator>, Form(form): Form<Pairs>) -> Response {
    let request = value(&form, "request");
    let agreed: BTreeSet<String> =
        form.iter().filter(|(name, _)| name == "agree").map(|(_, scope)| scope.clone()).collect();
    let went = match value(&form, "decision") {
        "allow" => simulator.agree(request, value(&form, "account"), &agreed),
        _ => simulator.refuse(request),
    };
    match went {
        Ok(address) => found(&address),
        Err(refusal) => problem(&simulator, &refusal),
    }
}

impl Simulator {
    /// A page whose form may lead on to the site.
    fn page(&self, request: &str, page: String) -> Response {
        let site = self.asked(request).ok().and_then(|asked| origin_of(&asked.redirect_uri));
        web::html(StatusCode::OK, &[site], page)
    }
}

/// A page that says what is wrong.
pub(super) fn problem(simulator: &Simulator, refusal: &Refusal) -> Response {
    web::html(status(refusal), &[], html::problem(simulator, refusal, domain::Language::English))
}

fn status(refusal: &Refusal) -> StatusCode {
    StatusCode::from_u16(refusal.status).unwrap_or(StatusCode::BAD_REQUEST)
}

/// The account that somebody typed into the page.
fn typed_account(provider: Provider, form: &Pairs) -> Option<Account> {
    let is_text = |text: &str, most: usize| text.chars().count() <= most && !text.chars().any(char::is_control);
    let (email, name) = (value(form, "email").trim(), value(form, "name").trim());
    let has_email = email.contains('@') && is_text(email, 254);
    let may_lack_email = provider == Provider::Kakao && email.is_empty();
    if !(has_email || may_lack_email) || name.is_empty() || !is_text(name, 100) {
        return None;
    }
    let is_ticked = |field| !value(form, field).is_empty();
    let account = Account::new(provider, has_email.then_some(email), is_ticked("email_verified"), name);
    let email_valid = provider == Provider::Google || is_ticked("email_valid");
    Some(Account { email_valid, ..account })
}

fn value<'a>(form: &'a Pairs, name: &str) -> &'a str {
    form.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value.as_str())
}

fn found(address: &str) -> Response {
    let Ok(location) = HeaderValue::from_str(address) else { return StatusCode::BAD_REQUEST.into_response() };
    let headers = [(header::LOCATION, location), (header::CACHE_CONTROL, HeaderValue::from_static("no-store"))];
    (StatusCode::FOUND, headers).into_response()
}
