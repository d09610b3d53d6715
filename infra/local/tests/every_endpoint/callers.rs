//! Who may call.

use domain::timestamp::Seconds;
use shared::api::caller::Access;
use testkit::{TestApp, TestRequest};

use crate::sweep::{Swept, endpoints_with, refused, start, text};

/// Everything that is no token of this stack, and `None` for no header at all.
async fn no_tokens(app: &TestApp, good: &str) -> Vec<(&'static str, Option<String>)> {
    let foreign = TestApp::start_all(&[]).await;
    let stranger = foreign.user("sweeper").await;
    let mut parts = good.split('.');
    let [head, claims, signature] = [(); 3].map(|()| parts.next().unwrap_or_default());
    // {"alg":"none","typ":"at+jwt"}
    let none = "eyJhbGciOiJub25lIiwidHlwIjoiYXQrand0In0";
    let deleted = app.deleted_user();
    vec![
        ("no header", None),
        ("an empty header", Some(String::new())),
        ("no scheme", Some(good.to_owned())),
        ("another scheme", Some(format!("Basic {good}"))),
        ("no token", Some("Bearer ".to_owned())),
        ("a word", Some("Bearer banana".to_owned())),
        ("two dots", Some("Bearer ..".to_owned())),
        ("10 KB", Some(format!("Bearer {}", "a".repeat(10_000)))),
        ("no signature", Some(format!("Bearer {head}.{claims}."))),
        ("algorithm none", Some(format!("Bearer {none}.{claims}."))),
        ("algorithm none, signed", Some(format!("Bearer {none}.{claims}.{signature}"))),
        (
            "the signature turned",
            Some(format!("Bearer {head}.{claims}.{}", signature.chars().rev().collect::<String>())),
        ),
        ("the claims of another", {
            let other = app.token_of(&deleted);
            Some(format!("Bearer {head}.{}.{signature}", other.split('.').nth(1).unwrap_or_default()))
        }),
        ("a token of another stack", Some(format!("Bearer {}", foreign.token_of(&stranger)))),
    ]
}

/// The body of a refusal without what is each request's own.
fn shape(answer: &testkit::TestAnswer) -> serde_json::Value {
    let mut body = answer.json();
    body.as_object_mut().unwrap().remove("instance");
    body
}

#[tokio::test(flavor = "multi_thread")]
async fn attack_5_40_whoever_is_not_signed_in_gets_the_same_401_everywhere() {
    let (app, user) = start().await;
    let token = app.token_of(&user);
    let cases = no_tokens(&app, &token).await;
    let mut first = None;
    for swept in endpoints_with(|swept| swept.access.reads_token()) {
        let mut requests: Vec<(&str, TestRequest<'_>)> = Vec::new();
        for (what, header) in &cases {
            match header {
                Some(value) => requests.push((*what, swept.by_nobody(&app).header("authorization", value))),
                None if swept.access == Access::PublicOrUser => {}
                None => requests.push((*what, swept.by_nobody(&app))),
            }
        }
        requests.push(("a token that is over", swept.by_nobody(&app).bearer(&token).later(Seconds::minutes(10))));
        requests.push((
            "two tokens",
            swept.by_nobody(&app).bearer(&token).header_again("authorization", format!("Bearer {token}")),
        ));
        let before = crate::sweep::items(&app);
        for (what, request) in requests {
            let id = swept.route.id;
            let answer = request.send().await;
            assert_eq!(answer.status, 401, "{id}, {what}: {}", text(&answer));
            assert_eq!(answer.usage.calls, 0, "{id}, {what}: the database was asked");
            assert_eq!(answer.header("www-authenticate"), Some("Bearer"), "{id}, {what}");
            assert_eq!(&shape(&answer), first.get_or_insert_with(|| shape(&answer)), "{id}, {what}");
        }
        assert!(crate::sweep::items(&app) == before, "{}: something was written", swept.route.id);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn attack_5_a_public_route_minds_no_token() {
    let (app, _) = start().await;
    for swept in endpoints_with(|swept| !swept.access.reads_token()) {
        let plain = swept.by_nobody(&app).send().await;
        assert_ne!(plain.problem_code(), "auth.sign_in_needed", "{}", swept.route.id);
        let answer = swept.by_nobody(&app).bearer("banana").send().await;
        assert_ne!(answer.problem_code(), "auth.sign_in_needed", "{}", swept.route.id);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn attack_2_10_a_guest_without_the_secret_is_told_nothing() {
    let (app, _) = start().await;
    let guest = |swept: &Swept| swept.access == Access::UserOrGuest;
    let secrets: [(&str, Vec<u8>); 6] = [
        ("a guess", b"banana".to_vec()),
        ("spaces", b"   ".to_vec()),
        ("100 letters", vec![b'a'; 100]),
        ("bytes that are no text", vec![0xff, 0xfe]),
        ("a separator of keys", b"ord_1#secret".to_vec()),
        ("nothing", Vec::new()),
    ];
    for swept in endpoints_with(guest) {
        let requests = secrets.iter().map(|(what, secret)| {
            let request = swept.by_nobody(&app).header("order-secret", secret);
            (format!("{}, {what}", swept.route.id), request)
        });
        refused(&app, requests.collect(), &[401, 404]).await;
        let long = swept.by_nobody(&app).header("order-secret", "a".repeat(10_000));
        refused(&app, vec![(format!("{}, 10 KB", swept.route.id), long)], &[401]).await;
    }
}

/// What a fault of ours tells: nothing of the inside.
#[tokio::test(flavor = "multi_thread")]
async fn attack_68_when_we_break_no_endpoint_tells_how() {
    let (app, user) = start().await;
    app.fail(crate::sweep::everything_breaks());
    let mut broken = 0_u32;
    let all = crate::sweep::endpoints();
    // At once, for each waits out the SDK's own tries.
    let requests = all.iter().map(|swept| swept.by(&app, &user).may_break()).collect();
    for (swept, answer) in all.iter().zip(TestRequest::all_at_once(requests).await) {
        if answer.status < 500 {
            continue;
        }
        broken = broken.saturating_add(1);
        let id = swept.route.id;
        let body = text(&answer).to_lowercase();
        for inside in
            ["dynamo", "jangteo-test", "arn:", "panick", ".rs", "table", "aws", "sdk", "backtrace", "127.0.0.1"]
        {
            assert!(!body.contains(inside), "{id} tells {inside}: {body}");
        }
        assert!(body.contains("urn:request:"), "{id}: {body}");
        assert!(answer.fault.is_some(), "{id} keeps the reason from the log");
    }
    assert!(broken >= 5, "only {broken} endpoints broke: this tests nothing");
}
