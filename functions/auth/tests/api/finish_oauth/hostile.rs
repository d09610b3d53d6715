//! Answers that nobody asked for, or that were asked for by another browser.

use domain::timestamp::Seconds;
use shared::{api::cookies::CookieName, store::logins::LoginAttempt};
use testkit::{TestAnswer, TestRequest};

use crate::{
    login_steps::{
        Back, Google, Kakao, at_provider, cookie, location, member, sessions, set_cookie, simulator, told_page,
        verified,
    },
    steps::start,
};

#[track_caller]
fn assert_failed(answer: &TestAnswer, what: &str) {
    let told = told_page(answer, "/sign-in.html", '?');
    assert_eq!(told.get("error").map(String::as_str), Some("auth.login_failed"), "{what}");
    assert!(cookie(answer, CookieName::Refresh).is_none(), "{what}");
    assert!(answer.line.contains(r#""reason":""#), "{what}: the log has no reason: {}", answer.line);
}

#[tokio::test]
async fn attack_54_an_answer_is_taken_from_the_browser_that_asked_and_from_no_other() {
    let app = start().await;
    let _ = member(&app, Google, "mina@example.net", "mina").await;
    let before = sessions(&app).len();
    let account = verified(&app, Google, "mina@example.net");
    let good = at_provider(&app, Google, &account, "").await;
    let other = at_provider(&app, Google, &account, "").await;
    let cookie = |value: &str| good.request(&app).header("cookie", value);
    let name = CookieName::Login.as_str();
    let cases: Vec<(&str, TestRequest<'_>)> = vec![
        ("no state", good.with("state", None).request(&app)),
        ("an empty state", good.with("state", Some("")).request(&app)),
        ("another state", good.with("state", Some("x")).request(&app)),
        ("the state of another login", good.with("state", Some(&other.parameter("state"))).request(&app)),
        ("a letter more", good.with("state", Some(&format!("{}x", good.parameter("state")))).request(&app)),
        ("no cookie", cookie("")),
        ("an empty cookie", cookie(&format!("{name}="))),
        ("the cookie of another login", cookie(&format!("{name}={}", other.cookie))),
        ("the state for a cookie", cookie(&format!("{name}={}", good.parameter("state")))),
        ("two cookies", cookie(&format!("{name}={}; {name}={}", good.cookie, good.cookie))),
        ("a cookie without its prefix", cookie(&format!("login={}", good.cookie))),
    ];
    for (what, request) in cases {
        let answer = request.send().await;
        assert_failed(&answer, what);
        assert_eq!(answer.usage.calls, 0, "{what}: the database was asked");
        assert!(set_cookie(&answer, CookieName::Login).is_none(), "{what}: the right login is still under way");
    }
    assert_eq!((simulator(&app, Google).calls("token"), sessions(&app).len()), (1, before));
    assert_eq!(good.finish(&app).await.header("location"), Some("http://shop.test/"), "nothing was used up");
}

#[tokio::test]
async fn attack_54_an_answer_is_taken_once() {
    let app = start().await;
    let _ = member(&app, Google, "mina@example.net", "mina").await;
    let back = at_provider(&app, Google, &verified(&app, Google, "mina@example.net"), "").await;
    assert_eq!(location(&back.finish(&app).await), "http://shop.test/");
    let (before, asked) = (sessions(&app).len(), simulator(&app, Google).calls("token"));
    assert_failed(&back.finish(&app).await, "again");
    // A code of one login is no good in another.
    let next = at_provider(&app, Google, &verified(&app, Google, "mina@example.net"), "").await;
    let old_code = next.with("code", Some(&back.parameter("code")));
    assert_failed(&old_code.finish(&app).await, "an old code in a new login");
    assert_eq!((sessions(&app).len(), simulator(&app, Google).calls("token")), (before, asked + 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn attack_54_of_twenty_at_once_one_is_taken() {
    let app = start().await;
    let _ = member(&app, Google, "mina@example.net", "mina").await;
    let (before, asked) = (sessions(&app).len(), simulator(&app, Google).calls("token"));
    let back = at_provider(&app, Google, &verified(&app, Google, "mina@example.net"), "").await;
    let answers = back.request(&app).send_at_once(20).await;
    let entered = answers.iter().filter(|answer| cookie(answer, CookieName::Refresh).is_some()).count();
    assert_eq!((entered, sessions(&app).len(), simulator(&app, Google).calls("token")), (1, before + 1, asked + 1));
    for refused in answers.iter().filter(|answer| cookie(answer, CookieName::Refresh).is_none()) {
        assert_failed(refused, "too late");
    }
}

#[tokio::test]
async fn attack_54_a_login_ends_after_ten_minutes_though_it_is_still_stored() {
    let app = start().await;
    let account = verified(&app, Google, "mina@example.net");
    let back = at_provider(&app, Google, &account, "").await;
    let late = back.request(&app).later(Seconds::minutes(10)).send().await;
    assert_failed(&late, "at ten minutes");
    assert_eq!(app.all::<LoginAttempt>().len(), 1, "the table has it still");
    let in_time = back.request(&app).later(Seconds(599)).send().await;
    assert!(told_page(&in_time, "/sign-up.html", '#').contains_key("completion"));
}

#[tokio::test]
async fn attack_54_a_code_of_another_login_fails_by_its_challenge() {
    let app = start().await;
    let mina = verified(&app, Google, "mina@example.net");
    let ours = at_provider(&app, Google, &mina, "").await;
    // A code that somebody stole on its way, brought into a login of their own.
    let theirs = at_provider(&app, Google, &mina, "").await;
    let mixed = theirs.with("code", Some(&ours.parameter("code")));
    let answer = mixed.finish(&app).await;
    assert_failed(&answer, "PKCE");
    assert!(answer.line.contains("the code is refused: invalid_grant"), "{}", answer.line);
}

#[tokio::test]
async fn attack_55_the_answer_of_another_provider_than_was_asked_is_none() {
    let app = start().await;
    let account = verified(&app, Google, "mina@example.net");
    let back = at_provider(&app, Google, &account, "").await;
    let mixed = Back { provider: Kakao, ..back.clone() };
    assert_failed(&mixed.finish(&app).await, "another callback");
    assert_eq!((simulator(&app, Kakao).calls("token"), simulator(&app, Google).calls("token")), (0, 0));
    assert_failed(&back.finish(&app).await, "used up by it");
    // RFC 9207: an answer that says whose it is.
    let back = at_provider(&app, Google, &account, "").await;
    let answer = back.with("iss", Some("https%3A%2F%2Fkauth.kakao.com")).finish(&app).await;
    assert_failed(&answer, "another issuer");
    assert!(answer.line.contains("the answer is of another issuer"), "{}", answer.line);
}

#[tokio::test]
async fn attack_64_69_nothing_that_a_provider_or_a_browser_sends_reaches_a_page_or_the_log() {
    let app = start().await;
    let account = verified(&app, Google, "mina@example.net");
    for error in ["%3Cscript%3E", "evil_word", "access_denied%20", "https%3A%2F%2Fevil.example"] {
        let back = at_provider(&app, Google, &account, "").await;
        let told = back.with("code", None).with("error", Some(error)).finish(&app).await;
        assert_failed(&told, error);
        let all = format!("{:?} {}", told.headers, told.line);
        assert!(!all.contains("evil") && !all.contains("script"), "{all}");
    }
    let back = at_provider(&app, Google, &account, "").await;
    let answer = back.finish(&app).await;
    for hidden in [back.parameter("code"), back.parameter("state"), back.cookie, "mina".to_owned(), account.subject] {
        assert!(!answer.line.contains(&hidden), "{hidden} in {}", answer.line);
    }
}

#[tokio::test]
async fn attack_59_63_parameters_are_read_once_each_and_what_a_provider_adds_is_passed_over() {
    let app = start().await;
    let account = verified(&app, Google, "mina@example.net");
    let back = at_provider(&app, Google, &account, "").await;
    let with = |more: &str| Back { query: format!("{}&{more}", back.query), ..back.clone() };
    for wrong in [
        "state=x".to_owned(),
        "code=x".to_owned(),
        "error=%00".to_owned(),
        "iss=%0D%0Aset-cookie%3A%20x".to_owned(),
        "error=%ff".to_owned(),
        "iss=%ED%95%9C".to_owned(),
        format!("error={}", "a".repeat(2_001)),
        "provider=kakao".to_owned(),
        (0..80).map(|n| format!("k{n}=1")).collect::<Vec<_>>().join("&"),
    ] {
        let answer = with(&wrong).finish(&app).await;
        answer.assert_refused(400, "request.invalid");
        assert_eq!(answer.usage.calls, 0, "{wrong:.60}");
    }
    let answer = with("session_state=a&something_new=%E3%85%8B").finish(&app).await;
    assert!(told_page(&answer, "/sign-up.html", '#').contains_key("completion"));
}

#[tokio::test]
async fn attack_56_nothing_of_before_is_worth_anything_after() {
    let app = start().await;
    let _ = member(&app, Google, "mina@example.net", "mina").await;
    let account = verified(&app, Google, "mina@example.net");
    let first = at_provider(&app, Google, &account, "").await.finish(&app).await;
    let planted = cookie(&first, CookieName::Refresh).unwrap().to_owned();
    let back = at_provider(&app, Google, &account, "").await;
    let second = back.request(&app).header_again("cookie", format!("__Host-refresh={planted}")).send().await;
    assert_ne!(cookie(&second, CookieName::Refresh).unwrap(), planted);
}
