//! Whole logins against a provider that others have certified, in place of our simulators: the npm
//! package `oidc-provider`, started by `scripts/lib/login-provider` and set up as if it were Google.

use std::{
    io::{BufRead as _, BufReader},
    path::Path,
    process::{Child, ChildStdin, Command, Stdio},
    thread,
};

use engines::Clock;
use serde_json::json;
use shared::{
    api::cookies::CookieName,
    config::Config,
    store::{logins::LoginOwner, users::User},
};
use testkit::TestApp;

use crate::login_steps::{Back, Google, Incomplete, cookie, location, start, told_page};

/// A running provider; ends when dropped.
struct Provider {
    child: Child,
    issuer: String,
    /// It ends when this does.
    _input: ChildStdin,
}

impl Drop for Provider {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn launcher() -> Command {
    Command::new(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scripts/lib/login-provider"))
}

impl Provider {
    /// One that knows the site as the simulator of the test kit does.
    async fn start() -> Self {
        let kit = TestApp::start_all(&[]).await;
        let client = kit.login().google().client().clone();
        let mut command = launcher();
        command.args(["--client-id", &client.id, "--client-secret", &client.secret]);
        command.args(["--redirect-uri", &client.redirect_uris[0]]);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let issuer = lines.next().map(Result::unwrap).unwrap_or_default();
        // What it goes on to say must find a reader.
        thread::spawn(move || lines.for_each(drop));
        assert!(issuer.starts_with("http://127.0.0.1:"), "the provider did not start: {issuer:?}");
        let input = child.stdin.take().unwrap();
        Self { child, issuer, _input: input }
    }

    /// An app that takes it for Google, at the provider's time, which is the machine's.
    async fn app(&self) -> TestApp {
        let as_google = |config: &mut Config| config.google_issuer.clone_from(&self.issuer);
        TestApp::start_with(&[&auth::SERVICE], Clock::machine(), as_google).await
    }
}

/// Somebody begins, goes through the provider's forms, and is sent back.
async fn went(app: &TestApp, name: &str) -> Back {
    let answer = start(app, Google, "return_to=%2Forder.html").send().await;
    let output = launcher().args(["--drive", location(&answer), name]).output().unwrap();
    let address = String::from_utf8(output.stdout).unwrap();
    let query = address.trim().strip_prefix("http://shop.test/api/auth/oauth/google/callback?").unwrap_or_else(|| {
        panic!("{address:?} {}", String::from_utf8_lossy(&output.stderr));
    });
    let cookie = cookie(&answer, CookieName::Login).unwrap().to_owned();
    Back { provider: Google, cookie, query: query.to_owned() }
}

#[tokio::test]
#[ignore = "needs Node.js and a package: scripts/lib/test-login-provider runs it"]
async fn people_sign_up_and_sign_in_by_a_certified_provider() {
    let provider = Provider::start().await;
    let app = provider.app().await;
    let back = went(&app, "mina@example.net").await;
    assert!(back.query.contains("iss="), "it says whose answer it is: {}", back.query);
    let answer = back.finish(&app).await;
    let told = told_page(&answer, "/sign-up.html", '#');
    assert_eq!((told["email"].as_str(), told["nickname"].as_str()), ("mina%40example.net", "mina"));
    let made = Incomplete::of(&answer).request(&app, &json!({ "nickname": "mina" })).send().await;
    assert_eq!(made.status, 200, "{:?}", made.body);
    let again = went(&app, "mina@example.net").await.finish(&app).await;
    assert_eq!(location(&again), "http://shop.test/order.html");
    assert!(cookie(&again, CookieName::Refresh).is_some());
    assert_eq!((app.all::<User>().len(), app.all::<LoginOwner>().len()), (1, 1));
}

#[tokio::test]
#[ignore = "needs Node.js and a package: scripts/lib/test-login-provider runs it"]
async fn attack_54_55_a_certified_provider_holds_us_to_the_protocol() {
    let provider = Provider::start().await;
    let app = provider.app().await;
    let unsure = told_page(&went(&app, "unverified@example.net").await.finish(&app).await, "/sign-up.html", '#');
    assert!(!unsure.contains_key("email"), "an address that is not verified is none");
    let cancelled = went(&app, "cancel").await.finish(&app).await;
    assert_eq!(told_page(&cancelled, "/sign-in.html", '?')["error"], "auth.login_cancelled");
    // Our secret makes the verifier: a code of another login is refused by the provider itself.
    let (ours, theirs) = (went(&app, "mina@example.net").await, went(&app, "eve@example.net").await);
    let mixed = theirs.with("code", Some(&ours.parameter("code"))).finish(&app).await;
    assert_eq!(told_page(&mixed, "/sign-in.html", '?')["error"], "auth.login_failed");
    assert!(mixed.line.contains("the code is refused: invalid_grant"), "{}", mixed.line);
    // An answer that does not say whose it is, of a provider that says so always.
    let silent = went(&app, "mina@example.net").await.with("iss", None).finish(&app).await;
    assert!(silent.line.contains("the answer is of another issuer"), "{}", silent.line);
    // And a code works once.
    let back = went(&app, "mina@example.net").await;
    assert!(told_page(&back.finish(&app).await, "/sign-up.html", '#').contains_key("completion"));
    let next = went(&app, "mina@example.net").await.with("code", Some(&back.parameter("code"))).finish(&app).await;
    assert_eq!(told_page(&next, "/sign-in.html", '?')["error"], "auth.login_failed");
}
