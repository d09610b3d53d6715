//! The steps of a login by a provider, as a browser takes them.

use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicU16, Ordering},
};

use domain::auth::LoginProvider;
use engines::{
    Clock,
    login::{Account, Simulator},
};
use serde_json::json;
use shared::{
    api::cookies::CookieName,
    config::Config,
    store::{logins::Login, sessions::Session, users::User},
};
use testkit::{START, TestAnswer, TestApp, TestRequest};

pub(crate) use domain::auth::LoginProvider::{Google, Kakao};

/// An app at which nobody logs in by Kakao.
pub(crate) async fn without_kakao() -> TestApp {
    let off = |config: &mut Config| config.kakao_client_id.clear();
    TestApp::start_with(&[&auth::SERVICE], Clock::fixed(START), off).await
}

pub(crate) fn simulator(app: &TestApp, provider: LoginProvider) -> Simulator {
    match provider {
        Google => app.login().google(),
        Kakao => app.login().kakao(),
    }
}

/// Somebody with a verified address there.
pub(crate) fn verified(app: &TestApp, provider: LoginProvider, email: &str) -> Account {
    simulator(app, provider).account(email, true, "Mina Kim")
}

pub(crate) fn start<'a>(app: &'a TestApp, provider: LoginProvider, query: &str) -> TestRequest<'a> {
    app.get("auth.start_oauth").path("provider", provider).query(query)
}

/// What an answer sets a cookie to, with all that is said of it.
pub(crate) fn set_cookie(answer: &TestAnswer, name: CookieName) -> Option<&str> {
    let start = format!("{}=", name.as_str());
    let mut set = answer.headers.iter().filter(|(header, _)| *header == "set-cookie").map(|(_, value)| value.as_str());
    set.find(|value| value.starts_with(&start))
}

/// The value that an answer sets a cookie to.
pub(crate) fn cookie(answer: &TestAnswer, name: CookieName) -> Option<&str> {
    set_cookie(answer, name)?.split(';').next()?.split_once('=').map(|(_, value)| value)
}

/// A request along with a cookie, as a page of the site itself sends it.
pub(crate) fn with_cookie<'a>(request: TestRequest<'a>, name: CookieName, value: &str) -> TestRequest<'a> {
    request.header("sec-fetch-site", "same-origin").header_again("cookie", format!("{}={value}", name.as_str()))
}

pub(crate) fn location(answer: &TestAnswer) -> &str {
    assert_eq!(answer.status, 303, "{:?}", answer.body);
    answer.header("location").unwrap()
}

/// What a browser has after it was at the provider.
#[derive(Debug, Clone)]
pub(crate) struct Back {
    pub(crate) provider: LoginProvider,
    /// The secret in the cookie.
    pub(crate) cookie: String,
    /// The query that the provider sends it back with.
    pub(crate) query: String,
}

impl Back {
    pub(crate) fn request<'a>(&self, app: &'a TestApp) -> TestRequest<'a> {
        let request = app.get("auth.finish_oauth").path("provider", self.provider).query(&self.query);
        request.header("cookie", format!("{}={}", CookieName::Login.as_str(), self.cookie))
    }

    pub(crate) async fn finish(&self, app: &TestApp) -> TestAnswer {
        self.request(app).send().await
    }

    /// One parameter of the query.
    pub(crate) fn parameter(&self, name: &str) -> String {
        pairs(&self.query)[name].clone()
    }

    /// The same with another value of a parameter, or without it.
    pub(crate) fn with(&self, name: &str, value: Option<&str>) -> Self {
        let others = self.query.split('&').filter(|pair| !pair.starts_with(&format!("{name}="))).map(str::to_owned);
        let query: Vec<String> = others.chain(value.map(|value| format!("{name}={value}"))).collect();
        Self { query: query.join("&"), ..self.clone() }
    }
}

/// Names and values of a query or a fragment; the values as they are written.
pub(crate) fn pairs(text: &str) -> BTreeMap<String, String> {
    text.split('&').filter_map(|pair| pair.split_once('=')).map(|(n, v)| (n.to_owned(), v.to_owned())).collect()
}

/// The names and values behind a page's mark, `?` or `#`.
pub(crate) fn told_page(answer: &TestAnswer, page: &str, mark: char) -> BTreeMap<String, String> {
    let start = format!("http://shop.test{page}{mark}");
    let rest = location(answer).strip_prefix(&start).unwrap_or_else(|| panic!("{:?}", answer.headers));
    pairs(rest)
}

/// Goes to the provider and agrees to everything. From another address each time, since each may
/// begin so many logins only.
pub(crate) async fn at_provider(app: &TestApp, provider: LoginProvider, account: &Account, query: &str) -> Back {
    static NUMBERS: AtomicU16 = AtomicU16::new(0);
    let [high, low] = NUMBERS.fetch_add(1, Ordering::Relaxed).to_be_bytes();
    let answer = start(app, provider, query).from(&format!("10.1.{high}.{low}")).send().await;
    went(app, provider, account, location(&answer), cookie(&answer, CookieName::Login).unwrap())
}

/// Opens the address of the provider that a page was given.
pub(crate) fn went(app: &TestApp, provider: LoginProvider, account: &Account, url: &str, cookie: &str) -> Back {
    let address = simulator(app, provider).sign_in(url, account).unwrap();
    let start = format!("http://shop.test/api/auth/oauth/{provider}/callback?");
    let query = address.strip_prefix(&start).unwrap().to_owned();
    Back { provider, cookie: cookie.to_owned(), query }
}

/// The whole way: what our callback answers to somebody who went to the provider.
pub(crate) async fn come(app: &TestApp, provider: LoginProvider, account: &Account) -> TestAnswer {
    at_provider(app, provider, account, "").await.finish(app).await
}

/// A completion and the cookie that it is bound to.
pub(crate) struct Incomplete {
    pub(crate) completion: String,
    pub(crate) cookie: String,
}

impl Incomplete {
    pub(crate) fn of(answer: &TestAnswer) -> Self {
        let completion = told_page(answer, "/sign-up.html", '#')["completion"].clone();
        Self { completion, cookie: cookie(answer, CookieName::Login).unwrap().to_owned() }
    }

    /// A request with what else is said.
    pub(crate) fn request<'a>(&self, app: &'a TestApp, more: &serde_json::Value) -> TestRequest<'a> {
        let mut body = json!({ "completion": self.completion });
        for (name, value) in more.as_object().unwrap() {
            body[name] = value.clone();
        }
        with_cookie(app.post("auth.complete_oauth"), CookieName::Login, &self.cookie).json(body)
    }
}

/// Makes an account of somebody at a provider, whose address it vouches for.
pub(crate) async fn member(app: &TestApp, provider: LoginProvider, email: &str, nickname: &str) -> User {
    let account = verified(app, provider, email);
    let incomplete = Incomplete::of(&come(app, provider, &account).await);
    let answer = incomplete.request(app, &json!({ "nickname": nickname })).send().await;
    assert_eq!(answer.status, 200, "{:?}", answer.body);
    app.all::<User>().into_iter().find(|user| user.nickname.as_str() == nickname).unwrap()
}

pub(crate) fn logins(app: &TestApp) -> Vec<Login> {
    app.all()
}

pub(crate) fn sessions(app: &TestApp) -> Vec<Session> {
    app.all()
}
