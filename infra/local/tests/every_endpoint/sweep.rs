//! Every endpoint with a request that it understands.

use domain::ids::StoreId;
use local::generate::{Inventory, example, openapi};
use serde_json::{Map, Value, json};
use shared::{
    api::{Idempotency, Route, caller::Access},
    store::{Item, Kind},
};
use testkit::{TestAnswer, TestApp, TestRequest, TestUser};

/// An `Idempotency-Key` that is one.
pub(crate) const KEY: &str = "8e03978e-40d5-43dd-bc93-6894a57f9324";

/// An endpoint, and a request to it that is well-formed: what it names need not exist.
pub(crate) struct Swept {
    pub(crate) route: Route,
    pub(crate) access: Access,
    /// The body, for methods that have one: with all that it may have where it need not have anything.
    pub(crate) body: Option<Value>,
    /// Whether an empty object is a body too.
    pub(crate) takes_nothing: bool,
    /// The path's parameters by name.
    pub(crate) path: Vec<(String, String)>,
    /// The names of the query's parameters.
    pub(crate) query: Vec<String>,
}

/// Every endpoint of every service.
pub(crate) fn endpoints() -> Vec<Swept> {
    let document = openapi::document(&Inventory::of_all_services()).unwrap();
    let mut all = Vec::new();
    for service in local::services::all() {
        for face in service.endpoints() {
            let (body, values) = openapi::sample(&document, face.route.path, face.route.method);
            let takes_nothing = body == Some(json!({}));
            let body = if takes_nothing { Some(whole_body(&document, &face.route)) } else { body };
            let in_path = values.into_iter().filter(|(place, ..)| place == "path");
            let declared = document["paths"][face.route.path][face.route.method.as_str().to_lowercase()]["parameters"]
                .as_array()
                .cloned()
                .unwrap_or_default();
            let query = declared.iter().filter(|one| one["in"] == "query");
            all.push(Swept {
                path: in_path.map(|(_, name, value)| (name, value)).collect(),
                query: query.map(|one| one["name"].as_str().unwrap().to_owned()).collect(),
                route: face.route,
                access: face.access,
                body,
                takes_nothing,
            });
        }
    }
    assert!(!all.is_empty(), "there is no endpoint");
    all
}

/// A body with every field that the document has.
fn whole_body(document: &Value, route: &Route) -> Value {
    let operation = &document["paths"][route.path][route.method.as_str().to_lowercase()];
    let components = document["components"]["schemas"].as_object().unwrap();
    let properties = &operation["requestBody"]["content"]["application/json"]["schema"]["properties"];
    let fields = properties
        .as_object()
        .into_iter()
        .flatten()
        .map(|(name, schema)| (name.clone(), example::of(schema, components)));
    Value::Object(fields.collect::<Map<_, _>>())
}

/// The endpoints that pass a test; a sweep over none would promise nothing.
pub(crate) fn endpoints_with(test: impl Fn(&Swept) -> bool) -> Vec<Swept> {
    let chosen: Vec<Swept> = endpoints().into_iter().filter(test).collect();
    assert!(!chosen.is_empty(), "no endpoint is of this kind");
    chosen
}

/// All services on engines of their own, with a person who is signed in.
pub(crate) async fn start() -> (TestApp, TestUser) {
    let app = TestApp::start_all(&local::services::all()).await;
    let user = app.user("sweeper").await;
    let _ = app.session_of(&user).await;
    (app, user)
}

impl Swept {
    /// Whether its path names things by their ids. A nickname is what somebody types.
    pub(crate) fn has_ids(&self) -> bool {
        self.path.iter().any(|(name, _)| name != "nickname")
    }

    /// Whether a key must come with it.
    pub(crate) fn is_idempotent(&self) -> bool {
        self.route.idempotency == Idempotency::Required
    }

    /// The request to these values of the path, with a body and a key, by nobody.
    pub(crate) fn bare<'a>(&self, app: &'a TestApp, path: &[(String, String)]) -> TestRequest<'a> {
        let mut request = app.call(self.route.id);
        for (name, value) in path {
            request = request.path(name, value);
        }
        if let Some(body) = &self.body {
            request = request.json(body.clone());
        }
        if self.is_idempotent() { request.idempotency_key(KEY) } else { request }
    }

    /// The request by nobody.
    pub(crate) fn by_nobody<'a>(&self, app: &'a TestApp) -> TestRequest<'a> {
        self.bare(app, &self.path)
    }

    /// The request by a person, where a person is asked for.
    pub(crate) fn by<'a>(&self, app: &'a TestApp, user: &TestUser) -> TestRequest<'a> {
        self.signed(self.bare(app, &self.path_of(user)), user)
    }

    /// The values of the path for a person. A store in it is the person's own, since nobody else gets as far as
    /// what is asked.
    pub(crate) fn path_of(&self, user: &TestUser) -> Vec<(String, String)> {
        let stall = StoreId::stall_of(user.id).to_string();
        let is_of_members = matches!(self.access, Access::StoreMember | Access::StoreOwner);
        let own = self.path.iter().map(|(name, value)| {
            let value = if is_of_members && name == "store_id" { &stall } else { value };
            (name.clone(), value.clone())
        });
        own.collect()
    }

    /// Adds the person, where one is asked for.
    pub(crate) fn signed<'a>(&self, request: TestRequest<'a>, user: &TestUser) -> TestRequest<'a> {
        if self.access.reads_token() { request.as_user(user) } else { request }
    }
}

/// Sends the requests, and holds each answer to these statuses and the table to what it was.
pub(crate) async fn refused(app: &TestApp, requests: Vec<(String, TestRequest<'_>)>, statuses: &[u16]) {
    for (what, request) in requests {
        let before = items(app);
        let answer = request.send().await;
        assert_status(&what, &answer, statuses);
        assert!(items(app) == before, "{what}: something was written");
    }
}

/// As [`refused`], for passwords that are claimed: such a one is wrong whatever it is made of, and
/// that is counted (`domain::auth::PasswordAttempt`).
pub(crate) async fn refused_or_wrong(app: &TestApp, requests: Vec<(String, TestRequest<'_>)>, statuses: &[u16]) {
    for (what, request) in requests {
        let before = items(app);
        let answer = request.send().await;
        // Without a second factor its password is not even looked at.
        let looked_at =
            ["auth.bad_credentials", "auth.password_wrong", "auth.too_many_attempts", "auth.totp_not_enabled"];
        if !looked_at.contains(&answer.problem_code().as_str()) {
            assert_status(&what, &answer, statuses);
            assert!(items(app) == before, "{what}: something was written");
        }
    }
}

fn assert_status(what: &str, answer: &TestAnswer, statuses: &[u16]) {
    // A rule of the endpoint that says 400 has let the request in already, unless it is the rule of
    // the very field that the request is named after.
    let is_of_the_rules = answer.status == 400 && is_understood(answer);
    let points_there = || answer.pointers().iter().any(|pointer| !pointer.is_empty() && what.contains(pointer));
    assert!(!is_of_the_rules || points_there(), "{what}: only a rule refused it: {}", text(answer));
    assert!(statuses.contains(&answer.status), "{what}: {} {}, not one of {statuses:?}", answer.status, text(answer));
}

/// The table, in an order of its own that only writing changes; without the counters of limits, which a
/// refused request may raise.
pub(crate) fn items(app: &TestApp) -> Vec<Item> {
    app.items().into_iter().filter(|item| !item.is(Kind::LIMIT_COUNTER)).collect()
}

/// Whether a request got as far as the rules of its endpoint, who may refuse it for what it says.
pub(crate) fn is_understood(answer: &TestAnswer) -> bool {
    let code = answer.problem_code();
    !code.starts_with("request.") && code != "auth.sign_in_needed"
}

/// The beginning of an answer's body.
pub(crate) fn text(answer: &TestAnswer) -> String {
    String::from_utf8_lossy(&answer.body).chars().take(600).collect()
}

/// A request's samples are worth nothing when they are refused for what they are.
#[tokio::test(flavor = "multi_thread")]
async fn the_sample_of_every_endpoint_is_understood() {
    let (app, user) = start().await;
    for swept in endpoints() {
        let answer = swept.by(&app, &user).send().await;
        assert!(is_understood(&answer), "{}: the document's example is refused: {}", swept.route.id, text(&answer));
    }
}

/// Whoever copies an example out of the document must not be told that it is wrong: what it names
/// need not be there, but its form and what it says of itself hold.
#[tokio::test(flavor = "multi_thread")]
async fn the_sample_of_every_endpoint_keeps_to_its_rules() {
    let (app, user) = start().await;
    for swept in endpoints() {
        let answer = swept.by(&app, &user).send().await;
        // 422 contradicts what is stored, and here that can only be a password or a code that nobody has.
        let is_a_secret = ["auth.code_wrong", "auth.password_wrong", "auth.second_factor_wrong"]
            .contains(&answer.problem_code().as_str());
        let may_be = answer.status != 400 && (answer.status != 422 || is_a_secret);
        assert!(may_be, "{}: the document's example is refused: {}", swept.route.id, text(&answer));
    }
}

/// Whatever is asked of any engine fails.
pub(crate) fn everything_breaks() -> Vec<engines::FaultRule> {
    [engines::Engine::Database, engines::Engine::Objects, engines::Engine::Mail, engines::Engine::Toss]
        .map(|engine| engines::FaultRule::always(engine, engines::FaultKind::ServerError))
        .to_vec()
}
