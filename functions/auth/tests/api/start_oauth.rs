//! The way to a provider.

use domain::timestamp::Seconds;
use engines::{Engine, FaultKind, FaultRule};
use shared::{
    api::cookies::CookieName,
    store::logins::LoginAttempt,
    tokens::login_secret::{LoginSecret, state_hash},
};

use crate::{
    login_steps::{Google, Kakao, cookie, location, pairs, set_cookie, simulator, start, told_page, without_kakao},
    steps,
};

#[tokio::test]
async fn a_browser_is_sent_to_the_provider_with_a_secret_that_is_kept_nowhere() {
    let app = steps::start().await;
    for provider in [Google, Kakao] {
        let answer = start(&app, provider, "return_to=%2Forder.html%3Fid%3D1").send().await;
        let address = location(&answer);
        assert!(address.starts_with(&simulator(&app, provider).issuer()), "{address}");
        let set = set_cookie(&answer, CookieName::Login).unwrap();
        assert!(set.ends_with("; Max-Age=600; Path=/; Secure; HttpOnly; SameSite=Lax"), "{set}");
        let secret = LoginSecret::parse(cookie(&answer, CookieName::Login).unwrap()).unwrap();
        let asked = pairs(address.split_once('?').unwrap().1);
        assert_eq!((&asked["state"], &asked["nonce"]), (&secret.state(), &secret.nonce()));
        assert_eq!(asked["code_challenge"], secret.code_challenge());
        assert_eq!((asked["code_challenge_method"].as_str(), asked["response_type"].as_str()), ("S256", "code"));
        let back = format!("http%3A%2F%2Fshop.test%2Fapi%2Fauth%2Foauth%2F{provider}%2Fcallback");
        assert_eq!(asked["redirect_uri"], back);
        let attempts = app.all::<LoginAttempt>();
        let attempt = attempts.iter().find(|attempt| attempt.provider == provider).unwrap();
        assert_eq!(attempt.return_to.as_str(), "/order.html?id=1");
        assert_eq!(attempt.state_hash, state_hash(&secret.state()));
        assert_eq!(attempt.expires_at, app.now().plus(Seconds::minutes(10)));
        let stored = format!("{:?}", app.items());
        for hidden in
            [secret.to_text(), secret.state(), secret.nonce(), secret.code_verifier(), secret.code_challenge()]
        {
            assert!(!stored.contains(&hidden), "the table has {hidden}");
        }
        // The attempt and the counter of the source, in one transaction.
        answer.assert_cost(1, 0, 8);
    }
}

#[tokio::test]
async fn two_logins_share_nothing() {
    let app = steps::start().await;
    let one = start(&app, Google, "").send().await;
    let two = start(&app, Google, "").send().await;
    assert_ne!(cookie(&one, CookieName::Login), cookie(&two, CookieName::Login));
    assert_ne!(location(&one), location(&two));
    assert_eq!(app.all::<LoginAttempt>().len(), 2);
}

#[tokio::test]
async fn attack_54_where_to_go_on_is_a_page_of_our_own() {
    let app = steps::start().await;
    for wrong in [
        "%2F%2Fevil.example",
        "//evil.example",
        "https:evil.example",
        "https%3A%2F%2Fevil.example",
        "%2F%5Cevil.example",
        "%5C%5Cevil.example",
        "javascript%3Aalert(1)",
        "%2F%252F%252Fevil.example",
        "%2F%09%2Fevil.example",
        "%2F%0D%0Aset-cookie%3A%20x",
        "%20%2F",
        "",
        "evil.example",
    ] {
        let answer = start(&app, Google, &format!("return_to={wrong}")).send().await;
        answer.assert_refused(400, "request.invalid");
        assert_eq!((answer.pointers(), answer.usage.calls), (vec!["/return_to".to_owned()], 0), "{wrong}");
    }
    assert!(app.items().is_empty());
}

#[tokio::test]
async fn attack_10_63_only_this_request_is_taken() {
    let app = steps::start().await;
    for provider in ["naver", "GOOGLE", "google ", "", "google/../kakao", "google\0"] {
        let request = app.get("auth.start_oauth").path("provider", provider);
        request.send().await.assert_refused(400, "request.invalid");
    }
    for query in ["unknown=1", "return_to=/&return_to=/", "provider=kakao", "cancel_withdrawal=yes", "return_to=%ff"] {
        start(&app, Google, query).send().await.assert_refused(400, "request.invalid");
    }
    assert!(app.items().is_empty());
}

#[tokio::test]
async fn a_provider_that_is_off_is_not_there() {
    let app = without_kakao().await;
    let answer = start(&app, Kakao, "").send().await;
    answer.assert_refused(404, "auth.login_provider_off");
    assert_eq!(answer.usage.calls, 0);
    assert_eq!(start(&app, Google, "").send().await.status, 303);
}

#[tokio::test]
async fn attack_39_a_provider_in_trouble_brings_the_person_back_to_our_page() {
    let app = steps::start().await;
    for kind in [FaultKind::ServerError, FaultKind::Garbage, FaultKind::TimeOutBefore, FaultKind::Throttle] {
        app.fail(vec![FaultRule::always(Engine::Google, kind).on("discovery")]);
        let answer = start(&app, Google, "return_to=%2Forder.html").send().await;
        let told = told_page(&answer, "/sign-in.html", '?');
        assert_eq!((told["error"].as_str(), told["return_to"].as_str()), ("auth.login_unavailable", "%2Forder.html"));
        assert!(answer.line.contains(r#""reason":"google: discovery: "#), "{}", answer.line);
        assert!(set_cookie(&answer, CookieName::Login).is_none());
        assert_eq!(answer.usage.calls, 0, "{kind:?}");
    }
    app.heal();
    assert_eq!(start(&app, Google, "").send().await.status, 303);
    assert_eq!(start(&app, Google, "").send().await.status, 303);
    assert_eq!(simulator(&app, Google).calls("discovery"), 5, "kept once it was read");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn attack_76_a_source_begins_thirty_logins_in_a_quarter_of_an_hour() {
    let app = steps::start().await;
    let answers = start(&app, Google, "").send_at_once(40).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 303).count(), 30);
    for refused in answers.iter().filter(|answer| answer.status != 303) {
        refused.assert_refused(429, "auth.too_many_attempts");
    }
    assert_eq!(app.all::<LoginAttempt>().len(), 30);
    assert_eq!(start(&app, Google, "").from("198.51.100.1").send().await.status, 303);
    assert_eq!(start(&app, Google, "").later(Seconds::minutes(15)).send().await.status, 303);
}
