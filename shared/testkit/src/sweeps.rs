//! Checks that every endpoint of a kind must pass, whatever it does. One call in the endpoint's test.

use domain::timestamp::Seconds;
use serde_json::{Value, json};

use crate::TestRequest;

/// For an endpoint that needs a signed-in person: without a token, with one that is none, one that
/// is cut, changed or over, and with two at once, the answer is 401 and nothing is read or written.
///
/// `request` is a good request of a signed-in person save for the token; `token` is a good one.
///
/// # Panics
/// When one of them is let in.
pub async fn assert_needs_sign_in(request: &TestRequest<'_>, token: &str) {
    let (head, rest) = token.split_once('.').unwrap_or_default();
    let (claims, signature) = rest.split_once('.').unwrap_or_default();
    let with = |authorization: String| request.clone().header("authorization", authorization);
    let refused = [
        ("no token", request.clone()),
        ("an empty header", with(String::new())),
        ("no scheme", with(token.to_owned())),
        ("another scheme", with(format!("Basic {token}"))),
        ("no token after the scheme", with("Bearer ".to_owned())),
        ("no token at all", with("Bearer banana".to_owned())),
        ("no signature", with(format!("Bearer {head}.{claims}."))),
        (
            "the signature cut",
            with(format!("Bearer {head}.{claims}.{}", signature.chars().skip(4).collect::<String>())),
        ),
        ("a part more", with(format!("Bearer {token}.{signature}"))),
        ("two tokens", with(format!("Bearer {token}")).header_again("authorization", format!("Bearer {token}"))),
        ("a token that is over", request.clone().bearer(token).later(Seconds::minutes(10))),
    ];
    for (what, request) in refused {
        let answer = request.send().await;
        assert_eq!((answer.status, answer.problem_code().as_str()), (401, "auth.sign_in_needed"), "{what}");
        assert_eq!(answer.usage.calls, 0, "{what}: the database was asked");
    }
}

/// For an endpoint that takes a JSON body: whatever is not that body is refused before anything is
/// read or written (attacks 58, 59, 61 and 63). `request` is a good request without its body.
///
/// # Panics
/// When something else is taken.
pub async fn assert_takes_only_its_json(request: &TestRequest<'_>, good: &Value) {
    let text = good.to_string();
    for (what, body) in bodies_that_are_none(&text) {
        let answer = request.clone().body("application/json", body).send().await;
        assert!((400..=413).contains(&answer.status), "{what}: {} {:?}", answer.status, answer.body);
        assert_eq!(answer.usage.calls, 0, "{what}: the database was asked");
    }
    for content_type in [
        "",
        "text/plain",
        "application/x-www-form-urlencoded",
        "application/xml",
        "application/json; charset=utf-16",
        "application/jsonp",
    ] {
        let answer = request.clone().body(content_type, text.clone()).send().await;
        answer.assert_refused(415, "request.not_json");
    }
    request.clone().bare_body(text.clone()).send().await.assert_refused(415, "request.not_json");
    request.clone().json(good.clone()).query("a=1&a=2").send().await.assert_refused(400, "request.invalid");
    for field in good.as_object().expect("a request is an object").keys() {
        assert_field_is_checked(request, good, field).await;
    }
}

fn bodies_that_are_none(good: &str) -> Vec<(&'static str, Vec<u8>)> {
    let first_field = good.trim_start_matches('{').split(',').next().unwrap_or_default().trim_end_matches('}');
    let open = good.trim_end_matches('}');
    vec![
        ("nothing", Vec::new()),
        ("not JSON", b"banana".to_vec()),
        ("null", b"null".to_vec()),
        ("an array", format!("[{good}]").into_bytes()),
        ("a text", b"\"text\"".to_vec()),
        ("two byte order marks", format!("\u{feff}\u{feff}{good}").into_bytes()),
        ("trailing garbage", format!("{good}{{}}").into_bytes()),
        ("no end", open.as_bytes().to_vec()),
        ("a number that is none", format!("{open},\"x\":NaN}}").into_bytes()),
        ("a field twice", format!("{open},{first_field}}}").into_bytes()),
        ("an unknown field", format!("{open},\"isAdmin\":true}}").into_bytes()),
        ("half a surrogate pair", format!("{open},\"\\ud800\":1}}").into_bytes()),
        ("bytes that are no UTF-8", [open.as_bytes(), b",\"x\":\"\xff\"}"].concat()),
        ("a depth of 128", format!("{open},\"x\":{}{}}}", "[".repeat(128), "]".repeat(128)).into_bytes()),
        ("a depth of 10,000", format!("{open},\"x\":{}{}}}", "[".repeat(5_000), "]".repeat(5_000)).into_bytes()),
        (
            "a thousand fields",
            format!("{open}{}}}", (0..1_000).map(|n| format!(",\"f{n}\":0")).collect::<String>()).into_bytes(),
        ),
        ("a megabyte", format!("{open},\"x\":\"{}\"}}", "x".repeat(1_000_000)).into_bytes()),
    ]
}

/// A field of another type points at itself; a NUL inside a text never gets in.
async fn assert_field_is_checked(request: &TestRequest<'_>, good: &Value, field: &str) {
    let with = |value: Value| {
        let mut body = good.clone();
        if let Some(place) = body.get_mut(field) {
            *place = value;
        }
        request.clone().json(body)
    };
    let own_type = good.get(field).unwrap_or(&Value::Null);
    for wrong in [json!({}), json!([]), json!(true), json!(-1.5), json!("\u{0}")] {
        if std::mem::discriminant(&wrong) == std::mem::discriminant(own_type) && !wrong.is_string() {
            continue;
        }
        let answer = with(wrong.clone()).send().await;
        assert!((400..500).contains(&answer.status), "{field} = {wrong}: {} {:?}", answer.status, answer.body);
        if !wrong.is_string() {
            answer.assert_refused(400, "request.invalid");
            assert!(
                answer.pointers().iter().any(|p| p.starts_with(&format!("/{field}"))),
                "{field}: {:?}",
                answer.body
            );
        }
    }
}
