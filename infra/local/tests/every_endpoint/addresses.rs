//! Paths, queries and methods.

use axum::http::Request;
use http_body_util::{BodyExt as _, Full};
use hyper_util::{client::legacy::Client, rt::TokioExecutor};
use local::{cloud::Cloud, settings::Settings};
use shared::api::Route;

use crate::sweep::{Swept, endpoints, endpoints_with, refused, start, text};

/// What is no id of anything here, as a handler gets it: decoded.
fn no_ids() -> Vec<(&'static str, String)> {
    vec![
        ("nothing", String::new()),
        ("a space", " ".to_owned()),
        ("10 KB", "a".repeat(10_000)),
        ("a NUL", "\0".to_owned()),
        ("a way up", "../me".to_owned()),
        ("an encoded way up", "..%2fme".to_owned()),
        ("a fragment", "#".to_owned()),
        ("a separator of keys", "USER#1".to_owned()),
        ("Korean letters", "가나다".to_owned()),
        ("letters that look like others", "оrd_01m7ywj1f92nz8cxd2r39265fq".to_owned()),
        ("full-width digits", "ord_０１２３".to_owned()),
        ("an id of another kind", "usr_01m7ywj1f92nz8cxd2r39265fq".to_owned()),
        ("an id of no kind", "zzz_01m7ywj1f92nz8cxd2r39265fq".to_owned()),
        ("a prefix alone", "ord_".to_owned()),
        ("capitals", "ORD_01M7YWJ1F92NZ8CXD2R39265FQ".to_owned()),
        ("a quote", "' OR '1'='1".to_owned()),
        ("an array", "[\"a\"]".to_owned()),
        ("an object", "{\"$ne\":null}".to_owned()),
        ("a new line", "a\r\nx-injected: 1".to_owned()),
        ("a number", "1".to_owned()),
        ("-1", "-1".to_owned()),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn attack_10_an_id_that_is_none_is_refused_and_nothing_is_written() {
    let (app, user) = start().await;
    for swept in endpoints_with(Swept::has_ids) {
        let mut requests = Vec::new();
        for place in 0..swept.path.len() {
            let known = swept.path[place].1.clone();
            let mut wrong = no_ids();
            wrong.push(("a letter more", format!("{known}a")));
            wrong.push(("a letter less in front", known.chars().skip(1).collect()));
            wrong.push(("a space behind", format!("{known} ")));
            wrong.push(("a NUL behind", format!("{known}\0")));
            wrong.push(("capitals", known.to_uppercase()));
            for (what, value) in wrong {
                let mut path = swept.path.clone();
                path[place].1 = value;
                let request = swept.signed(swept.bare(&app, &path), &user);
                requests.push((format!("{} {}, {what}", swept.route.id, swept.path[place].0), request));
            }
        }
        refused(&app, requests, &[400, 404]).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn attack_8_63_a_query_that_no_route_has_is_refused() {
    let (app, user) = start().await;
    // Login providers add parameters without notice, and RFC 6749 §4.1.2 has us pass over them: the
    // endpoint's own test says what it refuses.
    let is_ours =
        |swept: &Swept| !swept.route.takes_body && !swept.access.is_webhook() && swept.route.id != "auth.finish_oauth";
    for swept in endpoints_with(is_ours) {
        let mut queries: Vec<String> = [
            "unknown=1",
            "user_id=usr_01m7ywj1f92nz8cxd2r39265fq",
            "unknown",
            "=",
            "=1",
            "a[]=1",
            "a=1&a=2",
            "%00=1",
            "%ff=1",
            "%=1",
            "%zz=1",
            "__proto__=1",
        ]
        .map(str::to_owned)
        .to_vec();
        queries.push(format!("unknown={}", "a".repeat(10_000)));
        queries.push((0..1_000).map(|n| format!("k{n}=1")).collect::<Vec<_>>().join("&"));
        for name in &swept.query {
            queries.push(format!("{name}=1&{name}=1"));
            queries.push(format!("{name}=1&{name}=2"));
            queries.push(format!("{name}[]=1"));
            queries.push(format!("{}=1", name.to_uppercase()));
            queries.push(format!("{name}=%00"));
            queries.push(format!("{name}=%ff"));
            queries.push(format!("{name}={}", "9".repeat(10_000)));
        }
        // A parameter of the path comes from the path alone.
        queries.extend(swept.path.iter().map(|(name, value)| format!("{name}={value}")));
        let requests = queries.iter().map(|query| {
            let shown: String = query.chars().take(40).collect();
            (format!("{}?{shown}", swept.route.id), swept.by(&app, &user).query(query))
        });
        refused(&app, requests.collect(), &[400]).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn attack_63_what_takes_a_body_takes_no_query() {
    let (app, user) = start().await;
    for swept in endpoints_with(|swept| swept.body.is_some()) {
        let fields = swept.body.as_ref().unwrap().as_object().unwrap();
        let known = fields.keys().next().map(|name| format!("{name}=1"));
        let requests = ["a=1".to_owned(), "a=1&a=2".to_owned()]
            .into_iter()
            .chain(known)
            .map(|query| (format!("{}?{query}", swept.route.id), swept.by(&app, &user).query(&query)));
        refused(&app, requests.collect(), &[400]).await;
    }
}

/// Whether a path is one of a template's.
fn matches(template: &str, path: &str) -> bool {
    let (template, path) = (template.split('/').collect::<Vec<_>>(), path.split('/').collect::<Vec<_>>());
    template.len() == path.len() && template.iter().zip(path).all(|(part, of)| part.starts_with('{') || *part == of)
}

/// Sends a request to the gateway over HTTP; gives the status and the body.
async fn send(cloud: &Cloud, method: &str, path: &str, headers: &[(&str, &str)]) -> (u16, String) {
    let http = Client::builder(TokioExecutor::new()).build_http();
    let mut request = Request::builder().method(method).uri(format!("http://127.0.0.1:{}{path}", cloud.world().port));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let answer = http.request(request.body(Full::<bytes::Bytes>::default()).unwrap()).await.unwrap();
    let (parts, body) = answer.into_parts();
    (parts.status.as_u16(), String::from_utf8_lossy(&body.collect().await.unwrap().to_bytes()).into_owned())
}

/// Every service behind the gateway of the local cloud.
async fn cloud() -> Cloud {
    Cloud::start_with(Settings::for_tests(), local::services::all()).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn attack_5_62_a_method_that_no_route_has_is_refused_and_reaches_no_other_function() {
    let cloud = cloud().await;
    let all = endpoints();
    for swept in &all {
        let path = swept
            .path
            .iter()
            .fold(swept.route.path.to_owned(), |path, (name, value)| path.replace(&format!("{{{name}}}"), value));
        for method in ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "PROPFIND", "get", "BANANA"]
        {
            let takes = |other: &Swept| {
                let route = &other.route;
                let head = Route::answers_head(route.method.as_str(), &route.all_touches());
                matches(route.path, &path) && (route.method.as_str() == method || (method == "HEAD" && head))
            };
            if all.iter().any(takes) {
                continue;
            }
            let (status, body) = send(&cloud, method, &format!("/api{path}"), &[]).await;
            assert_eq!(status, 405, "{method} {path}: {body}");
            let is_problem = body.contains(r#""code":"request.no_such_method""#);
            assert!(is_problem || (method == "HEAD" && body.is_empty()), "{method} {path}: {body}");
        }
    }
    let (entries, _) = cloud.world().requests.list(usize::MAX);
    assert!(!entries.is_empty() && entries.iter().all(|entry| entry.operation == "ops.refuse_unknown"), "{entries:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn attack_62_a_header_that_names_another_method_has_no_effect() {
    let cloud = cloud().await;
    for name in ["x-http-method-override", "x-http-method", "x-method-override"] {
        let (status, body) = send(&cloud, "GET", "/api/listings", &[(name, "POST")]).await;
        assert_eq!(status, 200, "{name}: {body}");
        let (status, _) = send(&cloud, "PUT", "/api/listings", &[(name, "GET")]).await;
        assert_eq!(status, 405, "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn attack_10_61_an_address_as_attackers_write_it_never_breaks_the_gateway() {
    let cloud = cloud().await;
    let ids = [
        "",
        "%00",
        "..%2f",
        "..%2f..%2fetc%2fpasswd",
        "%2e%2e/",
        "..;/",
        "%23",
        "%ff",
        "%",
        "%zz",
        "%ea%b0%80",
        "a%2fb",
        "%0d%0ax-injected:1",
        "a;b=c",
        "*",
        "%252e%252e%252f",
        "//",
        "usr_01m7ywj1f92nz8cxd2r39265fq",
    ];
    let long = "a".repeat(10_000);
    for swept in endpoints_with(Swept::has_ids) {
        for id in ids.into_iter().chain([long.as_str()]) {
            let path = swept
                .path
                .iter()
                .fold(swept.route.path.to_owned(), |path, (name, _)| path.replace(&format!("{{{name}}}"), id));
            for secret in [&[("order-secret", "banana")][..], &[]] {
                let (status, body) = send(&cloud, swept.route.method.as_str(), &format!("/api{path}"), secret).await;
                assert!([200, 400, 401, 404, 414, 415, 431].contains(&status), "{path}: {status} {body}");
                let is_list = endpoints().iter().any(|one| one.route.path == path.trim_end_matches('/'));
                assert!(status != 200 || is_list, "{path} found something: {body}");
            }
        }
    }
}

/// An answer that the route declares as good, to a request that is, so that the refusals above
/// are refusals of what is wrong with them.
#[tokio::test(flavor = "multi_thread")]
async fn a_read_without_a_query_is_answered() {
    let (app, user) = start().await;
    for swept in endpoints_with(|swept| !swept.route.takes_body && !swept.access.is_webhook() && swept.path.is_empty())
    {
        let answer = swept.by(&app, &user).send().await;
        assert_eq!(answer.status, 200, "{}: {}", swept.route.id, text(&answer));
    }
}
