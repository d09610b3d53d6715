//! Checks that every endpoint of a kind must pass, whatever it does. One call in the endpoint's test.

use domain::timestamp::Seconds;

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
        ("the signature cut", with(format!("Bearer {head}.{claims}.{}", &signature[..signature.len() - 4]))),
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
