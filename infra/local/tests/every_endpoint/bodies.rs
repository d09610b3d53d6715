//! Bodies that are none, and keys that are none.

use serde_json::Value;
use shared::api::caller::Access;

use crate::sweep::{KEY, endpoints, endpoints_with, is_understood, refused, start};

/// Bodies that no endpoint takes, made from one that it does.
fn bodies(good: &Value) -> Vec<(&'static str, Vec<u8>)> {
    let good = good.to_string();
    let first = serde_json::from_str::<serde_json::Map<String, Value>>(&good).unwrap().into_iter().next();
    let comma = if first.is_some() { "," } else { "" };
    // The sample's own closing braces, as many as it ends with, less the outermost.
    let reopened = |more: &str| format!("{}{comma}{more}}}", good.strip_suffix('}').unwrap());
    let mut bodies = vec![
        ("nothing", Vec::new()),
        ("not JSON", b"banana".to_vec()),
        ("null", b"null".to_vec()),
        ("a number", b"1".to_vec()),
        ("a text", b"\"text\"".to_vec()),
        ("an array", format!("[{good}]").into_bytes()),
        ("a depth of 128", reopened(&format!("\"x\":{}{}", "[".repeat(128), "]".repeat(128))).into_bytes()),
        ("a depth of 10,000", "[".repeat(10_000).into_bytes()),
        ("objects to a depth of 2,000", "{\"a\":".repeat(2_000).into_bytes()),
        ("an unknown key", reopened("\"is_admin\":true").into_bytes()),
        ("a prototype", reopened("\"__proto__\":{}").into_bytes()),
        ("two byte order marks", format!("\u{feff}\u{feff}{good}").into_bytes()),
        ("trailing garbage", format!("{good}x").into_bytes()),
        ("two bodies", format!("{good}{good}").into_bytes()),
        ("a trailing comma", format!("{},}}", good.strip_suffix('}').unwrap()).into_bytes()),
        ("NaN", reopened("\"x\":NaN").into_bytes()),
        ("half a surrogate pair", reopened("\"x\":\"\\ud800\"").into_bytes()),
        ("half a surrogate pair in a key", reopened("\"\\udfff\":1").into_bytes()),
        ("a NUL byte", [good.as_bytes(), b"\0"].concat()),
        ("bytes that are no UTF-8", [good.strip_suffix('}').unwrap().as_bytes(), b",\"x\":\"\xc3\x28\"}"].concat()),
        ("UTF-16", good.encode_utf16().flat_map(u16::to_le_bytes).collect()),
        ("1,000 keys", reopened(&(0..1_000).map(|n| format!("\"k{n}\":0")).collect::<Vec<_>>().join(",")).into_bytes()),
        ("gzip", b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03".to_vec()),
    ];
    // Some requests have nothing to say: `{}` is good then.
    if let Some((name, value)) = first {
        bodies.extend([
            ("an empty object", b"{}".to_vec()),
            ("a depth of 128 in a known key", {
                let deep = format!("\"{name}\":{}{}", "[".repeat(128), "]".repeat(128));
                good.replacen(&format!("\"{name}\":{value}"), &deep, 1).into_bytes()
            }),
            ("a key twice, the same", reopened(&format!("\"{name}\":{value}")).into_bytes()),
            ("a key twice, another value", reopened(&format!("\"{name}\":null")).into_bytes()),
            ("a key twice, spelled with an escape", {
                let mut letters = name.chars();
                let first = letters.next().map_or(0, u32::from);
                reopened(&format!("\"\\u{first:04x}{}\":{value}", letters.as_str())).into_bytes()
            }),
        ]);
    }
    bodies
}

#[tokio::test(flavor = "multi_thread")]
async fn attack_58_what_is_not_the_body_is_refused_and_nothing_is_written() {
    let (app, user) = start().await;
    for swept in endpoints_with(|swept| swept.body.is_some()) {
        let good = swept.body.as_ref().unwrap();
        let none = bodies(good).into_iter().filter(|(_, body)| !(swept.takes_nothing && body == b"{}"));
        let requests = none.map(|(what, body)| {
            (format!("{}, {what}", swept.route.id), swept.by(&app, &user).body("application/json", body))
        });
        refused(&app, requests.collect(), &[400, 413]).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn attack_58_61_one_byte_too_large_is_refused_and_the_last_byte_is_not() {
    let (app, user) = start().await;
    for swept in endpoints_with(|swept| swept.body.is_some()) {
        let good = swept.body.as_ref().unwrap().to_string();
        let padded = |size: usize| format!("{good}{}", " ".repeat(size.saturating_sub(good.len())));
        let most = swept.route.body_bytes_max;
        let large = swept.by(&app, &user).body("application/json", padded(most.saturating_add(1)));
        refused(&app, vec![(format!("{}, a byte too large", swept.route.id), large)], &[413]).await;
        let largest = swept.by(&app, &user).body("application/json", padded(most)).send().await;
        assert!(is_understood(&largest), "{}: {}", swept.route.id, crate::sweep::text(&largest));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn attack_61_only_json_that_says_so_is_read() {
    let (app, user) = start().await;
    for swept in endpoints_with(|swept| swept.body.is_some()) {
        let good = swept.body.as_ref().unwrap().to_string();
        let types = [
            "",
            "text/plain",
            "application/x-www-form-urlencoded",
            "multipart/form-data; boundary=x",
            "application/xml",
            "application/jsonp",
            "application/json; charset=utf-16",
            "application/json, text/plain",
            "text/plain; application/json",
        ];
        let mut requests: Vec<_> = types
            .iter()
            .map(|kind| (format!("{}, {kind:?}", swept.route.id), swept.by(&app, &user).body(kind, good.clone())))
            .collect();
        let twice = swept.by(&app, &user).header_again("content-type", "text/plain");
        requests.push((format!("{}, two types", swept.route.id), twice));
        let compressed = swept.by(&app, &user).header("content-encoding", "gzip");
        requests.push((format!("{}, compressed", swept.route.id), compressed));
        refused(&app, requests, &[415]).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn attack_35_a_key_that_is_none_is_refused_and_nothing_is_written() {
    let (app, user) = start().await;
    for swept in endpoints_with(super::sweep::Swept::is_idempotent) {
        let with = |key: &[u8]| swept.by(&app, &user).header("idempotency-key", key);
        let name = |what: &str| format!("{}, {what}", swept.route.id);
        // The request as anyone would send it who does not know of keys.
        let mut unaware = app.call(swept.route.id).json(swept.body.clone().unwrap());
        for (parameter, value) in swept.path_of(&user) {
            unaware = unaware.path(&parameter, value);
        }
        let requests = vec![
            (name("no key"), swept.signed(unaware, &user)),
            (name("an empty key"), with(b"")),
            (name("256 letters"), with(&[b'a'; 256])),
            (name("300 letters"), with(&[b'a'; 300])),
            (name("Korean letters"), with("열쇠".as_bytes())),
            (name("bytes that are no text"), with(&[0xff])),
            (name("a space"), with(b"a b")),
            (name("a tab"), with(b"a\tb")),
            (name("two keys"), with(KEY.as_bytes()).header_again("idempotency-key", "another")),
        ];
        refused(&app, requests, &[400]).await;
        let longest = with(&[b'a'; 255]).send().await;
        assert!(is_understood(&longest), "{}: {}", swept.route.id, crate::sweep::text(&longest));
    }
}

/// A key is one caller's own: who else uses it, or uses it elsewhere, is not told what it was for.
#[tokio::test(flavor = "multi_thread")]
async fn attack_35_a_key_means_nothing_to_another_caller() {
    let (app, user) = start().await;
    let stranger = app.stranger().await;
    for swept in endpoints_with(|swept| swept.is_idempotent() && swept.access == Access::User) {
        let _ = swept.by(&app, &user).send().await;
        let other = swept.by(&app, &stranger).send().await;
        assert!(!other.is_replayed(), "{}: {}", swept.route.id, crate::sweep::text(&other));
        assert_ne!(other.problem_code(), "request.idempotency_key_reused", "{}", swept.route.id);
    }
}

/// A provider repeats for days what we refuse, so nonsense is answered like everything else; where a
/// signature is asked for, nothing is believed without it.
#[tokio::test(flavor = "multi_thread")]
async fn attack_28_a_webhook_takes_any_nonsense_and_does_nothing() {
    let (app, _) = start().await;
    for swept in endpoints().into_iter().filter(|swept| swept.access.is_webhook()) {
        let is_good =
            |status: u16| if swept.access == Access::Signed { status == 400 } else { status == 200 || status == 204 };
        let bodies: [(&str, &'static [u8]); 7] = [
            ("", b""),
            ("application/json", b"{}"),
            ("application/json", b"banana"),
            ("application/json", b"{\"data\":{\"orderId\":\"x\"},\"eventType\":7}"),
            ("text/plain", b"\xff\xfe"),
            ("application/x-www-form-urlencoded", b"a=1&a=2"),
            ("multipart/form-data; boundary=x", b"--x--"),
        ];
        for (content_type, body) in bodies {
            let before = crate::sweep::items(&app);
            let answer = swept.by_nobody(&app).body(content_type, body).send().await;
            assert!(is_good(answer.status), "{} {content_type}: {}", swept.route.id, crate::sweep::text(&answer));
            assert!(crate::sweep::items(&app) == before, "{} {content_type}: something was written", swept.route.id);
        }
        let large = vec![b'x'; swept.route.body_bytes_max.saturating_add(1)];
        assert_eq!(swept.by_nobody(&app).body("text/plain", large).send().await.status, 413, "{}", swept.route.id);
    }
}
