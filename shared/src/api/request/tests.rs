//! From bytes to a request, or to what is wrong with it.

use bytes::Bytes;
use domain::{Language, Timestamp, text::Nickname};
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
        method: String::new(),
        path: String::new(),
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

fn wrong<T: std::fmt::Debug>(result: Result<T, RequestError>) -> Vec<(String, FieldCode)> {
    match result {
        Err(RequestError::Invalid(wrong)) => wrong.into_iter().map(|bad| (bad.pointer, bad.error.code)).collect(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_is_wrong_with_a_field_is_told_by_a_code_and_in_both_languages_without_a_name_of_ours() {
    let body =
        |nickname: &str, quantity: &str| format!(r#"{{"nickname":{nickname},"lines":[{{"quantity":{quantity}}}]}}"#);
    for (body, code) in [
        (body("7", "1"), FieldCode::Type),
        (body("null", "1"), FieldCode::Type),
        (body("[]", "1"), FieldCode::Type),
        (body("\"x\"", "1"), FieldCode::TooShort),
        (body(&format!("\"{}\"", "x".repeat(200)), "1"), FieldCode::TooLong),
        (body("\"mi\\u0000na\"", "1"), FieldCode::Characters),
        (body("\"mina\"", "true"), FieldCode::Type),
        (body("\"mina\"", "1.5"), FieldCode::Type),
        (body("\"mina\"", "-1"), FieldCode::Range),
        (body("\"mina\"", "4294967296"), FieldCode::Range),
        (r#"{"nickname":"mina","lines":{}}"#.to_owned(), FieldCode::Type),
        (r#"{"nickname":"mina","lines":[7]}"#.to_owned(), FieldCode::Type),
        (r#"{"nickname":"mina"}"#.to_owned(), FieldCode::Required),
        (r#"{"nickname":"mina","lines":[{}]}"#.to_owned(), FieldCode::Required),
        (r#"{"nickname":"mina","lines":[],"paid":true}"#.to_owned(), FieldCode::Unknown),
    ] {
        let Err(RequestError::Invalid(found)) = post(&body) else { panic!("{body}") };
        assert_eq!(found.iter().map(|bad| bad.error.code).collect::<Vec<_>>(), [code], "{body}");
        let [english, korean] = [Language::English, Language::Korean].map(|language| found[0].error.text(language));
        assert!(korean.chars().any(|c| ('가'..='힣').contains(&c)), "{body}: {korean}");
        for ours in ["u32", "struct", "Line", "sequence", "integer `", "expected", "variant"] {
            assert!(!english.contains(ours) && !korean.contains(ours), "{body}: {english} {korean}");
        }
    }
    assert_eq!(wrong(get("order=oldest")), [("/order".to_owned(), FieldCode::Choice)]);
    assert_eq!(wrong(get("limit=x&sold=x")).len(), 2);
}

#[test]
fn the_same_request_has_one_canonical_form_however_it_is_written() {
    let canonical = |body: &str| Sent::read(&POST, &http(body)).unwrap().canonical();
    let one = canonical(r#"{"nickname":"mina","lines":[{"quantity":1,"x":[1,2]}]}"#);
    assert_eq!(one, canonical(" {\n\"lines\": [ {\"x\":[1, 2],\"quantity\":1 } ], \"nick\\u006eame\":\"mina\"}"));
    for other in [
        r#"{"nickname":"mina","lines":[{"quantity":1,"x":[2,1]}]}"#,
        r#"{"nickname":"mina","lines":[{"quantity":"1","x":[1,2]}]}"#,
        r#"{"nickname":"mina","lines":[{"quantity":1.0,"x":[1,2]}]}"#,
        r#"{"nickname":"min","lines":[{"quantity":1,"x":[1,2]}]}"#,
        r#"{"nickname":"mina","lines":[{"quantity":1,"x":[1],"y":2}]}"#,
        r#"{"nickname":"mina","lines":[{"quantity":1,"x":[12]}]}"#,
        r#"{"nickname":null,"lines":[{"quantity":1,"x":[1,2]}]}"#,
    ] {
        assert_ne!(one, canonical(other), "{other}");
    }
    let at = |id: &str| {
        let http = HttpRequest { path_parameters: vec![("id".to_owned(), id.to_owned())], ..http("{}") };
        Sent::read(&POST, &http).unwrap().canonical()
    };
    assert_ne!(at("1"), at("2"));
}

#[test]
fn a_byte_order_mark_before_the_body_is_ignored() {
    assert!(post("\u{feff}{\"nickname\":\"mina\",\"lines\":[]}").is_ok());
    assert!(post("\u{feff}\u{feff}{\"nickname\":\"mina\",\"lines\":[]}").is_err());
}

#[test]
fn a_compressed_body_is_refused_for_that() {
    let mut request = http(r#"{"nickname":"mina","lines":[]}"#);
    request.headers.insert("content-encoding", HeaderValue::from_static("identity"));
    assert!(read::<Order>(&POST, &request).is_ok());
    for encoding in ["gzip", "br", "identity, gzip", ""] {
        request.headers.insert("content-encoding", HeaderValue::from_static(encoding));
        assert_eq!(read::<Order>(&POST, &request), Err(RequestError::Compressed), "{encoding}");
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
    assert_eq!(nested, ["/lines/0/price"]);
    assert_eq!(pointers(post(r#"{"nickname":"mina","lines":[],"a/b~c":1}"#)), ["/a~1b~0c"]);
}

#[test]
fn attack_7_the_body_cannot_say_what_the_path_says() {
    assert_eq!(pointers(post(r#"{"id":"8","nickname":"mina","lines":[]}"#)), ["/id"]);
}

#[test]
fn attack_58_a_field_that_is_there_twice_is_refused_at_any_depth() {
    let nested = r#"{"nickname":"mina","lines":[{"quantity":1,"quantity":2}]}"#;
    let unknown = r#"{"nickname":"mina","lines":[],"x":[[{"a":1,"b":2,"a":1}]]}"#;
    for (body, pointer) in [
        (r#"{"nickname":"mina","nickname":"ben","lines":[]}"#, "/nickname"),
        (r#"{"nickname":"mina","nick\u006eame":"ben","lines":[]}"#, "/nickname"),
        (nested, "/lines/0/quantity"),
        (unknown, "/x/0/0/a"),
    ] {
        assert_eq!(wrong(post(body)), [(pointer.to_owned(), FieldCode::Repeated)], "{body}");
    }
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
        format!("{{'nickname':'{secret}'}}"),
        format!("{{\"nickname\":\"{secret}\u{1}\"}}"),
        format!("{{\"{secret}\\ud800\":1}}"),
        "[".repeat(900),
    ] {
        match post(&wrong) {
            Err(error @ RequestError::Malformed(_)) => {
                for language in [Language::English, Language::Korean] {
                    let detail = domain::ServiceError::detail(&error, language);
                    assert!(!detail.contains(secret), "{detail}");
                }
            }
            other => panic!("{wrong:.40}: {other:?}"),
        }
    }
    let deep = format!(r#"{{"nickname":"mina","lines":{}{}}}"#, "[".repeat(400), "]".repeat(400));
    assert!(matches!(post(&deep), Err(RequestError::Malformed(_))));
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
        "application/json; Charset=utf8",
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
