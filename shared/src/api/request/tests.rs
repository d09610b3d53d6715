//! From bytes to a request, or to what is wrong with it.

use bytes::Bytes;
use domain::{Timestamp, text::Nickname};
use http::{HeaderMap, HeaderValue};

use super::{super::route::Method, *};

#[derive(Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Order {
    id: String,
    nickname: Nickname,
    lines: Vec<Line>,
    #[serde(default)]
    memo: Option<String>,
}

#[derive(Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    quantity: u32,
}

#[derive(Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Page {
    #[serde(default)]
    limit: Option<u32>,
    #[serde(default)]
    offset: Option<i64>,
    #[serde(default)]
    sold: Option<bool>,
    #[serde(default)]
    name: Option<Nickname>,
    #[serde(default)]
    order: Option<Sorting>,
}

#[derive(Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Sorting {
    Newest,
}

const POST: Route = Route::new("test.post", Method::Post, "/orders/{id}").body_bytes_max(1_000);
const GET: Route = Route::new("test.get", Method::Get, "/orders");

fn http(body: &str) -> HttpRequest {
    let mut headers = HeaderMap::new();
    headers.insert("content-type", HeaderValue::from_static("application/json"));
    HttpRequest {
        path_parameters: vec![("id".to_owned(), "7".to_owned())],
        query: String::new(),
        headers,
        body: Bytes::copy_from_slice(body.as_bytes()),
        time: Timestamp::MIN,
        peer: String::new(),
        request_id: String::new(),
    }
}

fn post(body: &str) -> Result<Order, RequestError> {
    read(&POST, &http(body))
}

fn get(query: &str) -> Result<Page, RequestError> {
    read(&GET, &HttpRequest { path_parameters: Vec::new(), query: query.to_owned(), ..http("") })
}

fn pointers<T: std::fmt::Debug>(result: Result<T, RequestError>) -> Vec<String> {
    match result {
        Err(RequestError::Invalid(problems)) => problems.into_iter().map(|problem| problem.pointer).collect(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn path_and_body_make_one_request() {
    let order = post(r#"{"nickname":" mina ","lines":[{"quantity":2}]}"#).unwrap();
    assert_eq!((order.id.as_str(), order.nickname.as_str(), order.memo), ("7", "mina", None));
    assert_eq!(order.lines, [Line { quantity: 2 }]);
}

#[test]
fn every_malformed_field_is_named_at_once_and_pointed_at_inside_of_lists() {
    let body = r#"{"nickname":"x","lines":[{"quantity":1},{"quantity":-1}],"memo":7}"#;
    assert_eq!(pointers(post(body)), ["/nickname", "/lines/1/quantity", "/memo"]);
    assert_eq!(pointers(post(r#"{"nickname":"x"}"#)), ["/nickname"]);
    assert_eq!(pointers(post(r#"{"nickname":"mina"}"#)), ["/lines"]);
}

#[test]
fn attack_17_only_whole_numbers_in_range_are_quantities() {
    for wrong in
        ["-1", "1.5", "1.0", "1e3", "\"1\"", "4294967296", "18446744073709551616", "null", "true", "[1]", "{}", "-0"]
    {
        let result = post(&format!(r#"{{"nickname":"mina","lines":[{{"quantity":{wrong}}}]}}"#));
        assert_eq!(pointers(result), ["/lines/0/quantity"], "{wrong}");
    }
    for wrong in ["NaN", "Infinity", "0x10", "01", "+1", ".5", "1."] {
        let result = post(&format!(r#"{{"nickname":"mina","lines":[{{"quantity":{wrong}}}]}}"#));
        assert!(matches!(result, Err(RequestError::Malformed(_))), "{wrong}: {result:?}");
    }
}

#[test]
fn attack_11_fields_that_nobody_asked_for_are_refused_wherever_they_are() {
    assert_eq!(
        pointers(post(r#"{"nickname":"mina","lines":[],"status":"paid","isAdmin":true}"#)),
        ["/status", "/isAdmin"]
    );
    let nested = pointers(post(r#"{"nickname":"mina","lines":[{"quantity":1,"price":0}]}"#));
    assert!(nested.len() == 1 && nested[0].starts_with("/lines/0"), "{nested:?}");
    assert_eq!(pointers(post(r#"{"nickname":"mina","lines":[],"a/b~c":1}"#)), ["/a~1b~0c"]);
}

#[test]
fn attack_7_the_body_cannot_say_what_the_path_says() {
    assert_eq!(pointers(post(r#"{"id":"8","nickname":"mina","lines":[]}"#)), ["/id"]);
}

#[test]
fn attack_58_a_field_that_is_there_twice_is_refused_at_any_depth() {
    assert!(matches!(post(r#"{"nickname":"mina","nickname":"ben","lines":[]}"#), Err(RequestError::Malformed(_))));
    assert!(matches!(post(r#"{"nickname":"mina","nick\u006eame":"ben","lines":[]}"#), Err(RequestError::Malformed(_))));
    let nested = pointers(post(r#"{"nickname":"mina","lines":[{"quantity":1,"quantity":2}]}"#));
    assert!(nested.len() == 1 && nested[0].starts_with("/lines/0"), "{nested:?}");
}

#[test]
fn attack_58_what_is_not_one_json_object_is_refused_without_being_quoted() {
    let secret = "hunter2";
    for wrong in [
        String::new(),
        secret.to_owned(),
        format!("\"{secret}\""),
        format!("[\"{secret}\"]"),
        format!("{{\"nickname\":\"{secret}\""),
        format!("{{\"nickname\":\"{secret}\",}}"),
        format!("{{}}{secret}"),
        "\u{feff}{}".to_owned(),
        format!("{{'nickname':'{secret}'}}"),
        format!("{{\"nickname\":\"{secret}\u{1}\"}}"),
        format!("{{\"{secret}\\ud800\":1}}"),
        "[".repeat(900),
    ] {
        match post(&wrong) {
            Err(RequestError::Malformed(why)) => assert!(!why.contains(secret), "{why}"),
            other => panic!("{wrong:.40}: {other:?}"),
        }
    }
    let deep = format!(r#"{{"nickname":"mina","lines":{}{}}}"#, "[".repeat(400), "]".repeat(400));
    assert_eq!(pointers(post(&deep)).len(), 1);
}

#[test]
fn attack_61_a_body_must_be_declared_as_json_once_and_fit() {
    let with = |content_types: &[&'static str]| {
        let mut request = http(r#"{"nickname":"mina","lines":[]}"#);
        request.headers.clear();
        for content_type in content_types {
            request.headers.append("content-type", HeaderValue::from_static(content_type));
        }
        read::<Order>(&POST, &request)
    };
    for good in [
        "application/json",
        "Application/JSON",
        "application/json; charset=utf-8",
        "application/json;charset=\"UTF-8\"",
        "application/json;",
    ] {
        assert!(with(&[good]).is_ok(), "{good}");
    }
    let wrong: [&[&str]; 7] = [
        &[],
        &["text/plain"],
        &["application/x-www-form-urlencoded"],
        &["application/json; charset=utf-16"],
        &["application/jsonp"],
        &["application/json, text/plain"],
        &["application/json", "application/json"],
    ];
    for content_types in wrong {
        assert_eq!(with(content_types), Err(RequestError::NotJson), "{content_types:?}");
    }
    assert_eq!(post(&" ".repeat(1_001)), Err(RequestError::TooLarge(1_000)));
}

#[test]
fn numbers_and_truths_of_a_query_are_read_as_they_are_written_and_no_other_way() {
    let page = get("limit=12&offset=-5&sold=true&name=mi+na%21&order=newest").unwrap();
    assert_eq!(
        (page.limit, page.offset, page.sold, page.order),
        (Some(12), Some(-5), Some(true), Some(Sorting::Newest))
    );
    assert_eq!(page.name.unwrap().as_str(), "mi na!");
    assert_eq!(get("").unwrap(), Page { limit: None, offset: None, sold: None, name: None, order: None });
    assert_eq!(get("&&limit=1&").unwrap().limit, Some(1));
    assert_eq!(get("%6cimit=%31").unwrap().limit, Some(1));
    for wrong in ["+5", "05", "5.0", "1e3", "", "-1", "4294967296", "%205", "five", "0x5", "５"] {
        assert_eq!(pointers(get(&format!("limit={wrong}"))), ["/limit"], "{wrong}");
    }
    for wrong in ["", "TRUE", "1", "yes"] {
        assert_eq!(pointers(get(&format!("sold={wrong}"))), ["/sold"], "{wrong}");
    }
    assert_eq!(pointers(get("order=oldest&limit=x")), ["/order", "/limit"]);
}

#[test]
fn attack_63_a_query_is_refused_when_it_says_things_twice_or_unreadably() {
    assert_eq!(pointers(get("limit=1&limit=2")), ["/limit"]);
    assert_eq!(pointers(get("limit=1&%6cimit=2")), ["/limit"]);
    for unknown in ["limit[]=1", "a=1", "__proto__=1"] {
        assert_eq!(pointers(get(unknown)).len(), 1, "{unknown}");
    }
    for unreadable in ["name=%", "name=%f", "name=%zz", "name=%ff", "%c3%28=1", "name=%+1"] {
        assert_eq!(pointers(get(unreadable)), [""], "{unreadable}");
    }
    let many: String = (0..100).map(|n| format!("f{n}=1&")).collect();
    assert_eq!(pointers(get(&many)), [""]);
    assert_eq!(pointers(get(&format!("name={}", "x".repeat(10_000)))), ["/name"]);
    let mut request = http(r#"{"nickname":"mina","lines":[]}"#);
    request.query = "memo=x".to_owned();
    assert_eq!(pointers(read::<Order>(&POST, &request)), [""], "a POST takes no query");
}

#[test]
fn attack_59_a_nul_does_not_get_into_a_text() {
    assert_eq!(pointers(post(r#"{"nickname":"mi\u0000na","lines":[]}"#)), ["/nickname"]);
    assert_eq!(pointers(get("name=mi%00na")), ["/name"]);
}
