//! Providers whose word does not hold, and providers in trouble.

use domain::auth::LoginProvider;
use engines::{
    Engine, FaultKind, FaultRule,
    login::{IdTokenFlaw, OldKeys},
};
use shared::{api::cookies::CookieName, store::logins::LoginAttempt};
use testkit::{TestAnswer, TestApp};

use crate::{
    login_steps::{Google, Kakao, at_provider, come, cookie, member, sessions, simulator, told_page, verified},
    steps::{MINA, start},
};

const fn engine(provider: LoginProvider) -> Engine {
    match provider {
        Google => Engine::Google,
        Kakao => Engine::Kakao,
    }
}

async fn come_while(
    app: &TestApp,
    provider: LoginProvider,
    operation: &str,
    kind: FaultKind,
    email: &str,
) -> TestAnswer {
    let back = at_provider(app, provider, &verified(app, provider, email), "").await;
    app.fail(vec![FaultRule::always(engine(provider), kind).on(operation)]);
    let answer = back.finish(app).await;
    app.heal();
    answer
}

/// What is told of each flaw: the whole list of §3, with the one reason that it must fail for.
#[tokio::test]
async fn attack_40_41_42_55_every_flaw_of_an_id_token_is_refused_for_its_own_reason() {
    let app = start().await;
    for provider in [Google, Kakao] {
        let email = format!("{provider}@example.net");
        let _ = member(&app, provider, &email, provider.as_str()).await;
        for flaw in IdTokenFlaw::ALL {
            let before = sessions(&app).len();
            let answer = come_while(&app, provider, "token", FaultKind::IdToken(flaw), &email).await;
            let reason = match flaw {
                IdTokenFlaw::LegacyIssuer if provider == Google => None,
                IdTokenFlaw::EmailVerifiedAsText => None,
                IdTokenFlaw::Missing => Some("token: there is no ID token in it"),
                IdTokenFlaw::NotAToken => Some("does not hold: Form"),
                IdTokenFlaw::WrongIssuer | IdTokenFlaw::LegacyIssuer => Some("does not hold: Issuer"),
                IdTokenFlaw::OtherProvider | IdTokenFlaw::UnknownKeyId => Some("does not hold: UnknownKey"),
                IdTokenFlaw::WrongAudience | IdTokenFlaw::SeveralAudiences => Some("does not hold: Audience"),
                IdTokenFlaw::WrongNonce | IdTokenFlaw::NoNonce => Some("does not hold: Nonce"),
                IdTokenFlaw::AlgorithmNone | IdTokenFlaw::HmacWithPublicKey => Some("does not hold: Algorithm"),
                IdTokenFlaw::WrongKey | IdTokenFlaw::BrokenSignature => Some("does not hold: Signature"),
                IdTokenFlaw::NoKeyId => Some("does not hold: NoKeyId"),
                IdTokenFlaw::Expired => Some("does not hold: Time"),
                IdTokenFlaw::NoExpiry | IdTokenFlaw::NoSubject | IdTokenFlaw::EmptySubject => {
                    Some("does not hold: Form")
                }
                IdTokenFlaw::IssuedInFuture | IdTokenFlaw::IssuedLongAgo => Some("does not hold: Issued"),
            };
            let Some(reason) = reason else {
                assert!(cookie(&answer, CookieName::Refresh).is_some(), "{provider} {flaw:?}: {}", answer.line);
                continue;
            };
            let told = told_page(&answer, "/sign-in.html", '?');
            let code = if flaw == IdTokenFlaw::Missing { "auth.login_unavailable" } else { "auth.login_failed" };
            assert_eq!(told["error"], code, "{provider} {flaw:?}");
            assert!(answer.line.contains(reason), "{provider} {flaw:?}: {}", answer.line);
            assert!(cookie(&answer, CookieName::Refresh).is_none(), "{provider} {flaw:?}");
            assert_eq!(sessions(&app).len(), before, "{provider} {flaw:?}");
        }
    }
}

#[tokio::test]
async fn attack_55_an_address_that_is_verified_by_a_text_is_not_verified() {
    let app = start().await;
    let _ = app.user("mina").await;
    let flaw = FaultKind::IdToken(IdTokenFlaw::EmailVerifiedAsText);
    let answer = come_while(&app, Google, "token", flaw, MINA).await;
    assert!(!told_page(&answer, "/sign-up.html", '#').contains_key("email"));
    assert!(sessions(&app).is_empty());
}

#[tokio::test]
async fn a_new_key_of_a_provider_costs_one_look_and_is_known_then() {
    let app = start().await;
    for provider in [Google, Kakao] {
        let account = verified(&app, provider, "mina@example.net");
        let looks = |app: &TestApp| simulator(app, provider).calls("jwks");
        let _ = come(&app, provider, &account).await;
        assert_eq!(looks(&app), 1);
        for (old, most) in [(OldKeys::Keep, 2), (OldKeys::Drop, 3)] {
            simulator(&app, provider).rotate_keys(old).unwrap();
            for _ in 0..3 {
                let answer = come(&app, provider, &account).await;
                assert!(told_page(&answer, "/sign-up.html", '#').contains_key("completion"));
            }
            assert_eq!(looks(&app), most, "{old:?}");
            app.advance(domain::timestamp::Seconds::minutes(5));
        }
    }
}

#[tokio::test]
async fn attack_41_a_flood_of_unknown_keys_makes_us_ask_once_in_five_minutes() {
    let app = start().await;
    let account = verified(&app, Google, "mina@example.net");
    let _ = come(&app, Google, &account).await;
    let mut looks = vec![simulator(&app, Google).calls("jwks")];
    for _ in 0..3 {
        for _ in 0..4 {
            let flaw = FaultKind::IdToken(IdTokenFlaw::UnknownKeyId);
            let _ = come_while(&app, Google, "token", flaw, "mina@example.net").await;
        }
        looks.push(simulator(&app, Google).calls("jwks"));
        app.advance(domain::timestamp::Seconds::minutes(5));
    }
    assert_eq!(looks, [1, 2, 3, 4]);
}

#[tokio::test]
async fn attack_39_a_provider_in_trouble_is_told_from_a_login_that_fails() {
    for provider in [Google, Kakao] {
        for operation in ["discovery", "jwks", "token"] {
            let kinds = [
                FaultKind::ServerError,
                FaultKind::Garbage,
                FaultKind::TimeOutBefore,
                FaultKind::TimeOutAfterApply,
                FaultKind::Throttle,
            ];
            // One app for all: a function that could not read a document tries again.
            let app = start().await;
            for kind in kinds {
                let answer = come_while(&app, provider, operation, kind, "mina@example.net").await;
                let told = told_page(&answer, "/sign-in.html", '?');
                assert_eq!(told["error"], "auth.login_unavailable", "{provider} {operation} {kind:?}: {}", answer.line);
                let reason = if operation == "jwks" { "keys" } else { operation };
                assert!(answer.line.contains(&format!("{provider}: {reason}: ")), "{}", answer.line);
                assert!(app.all::<LoginAttempt>().is_empty(), "used up all the same");
            }
            let healed = come(&app, provider, &verified(&app, provider, "mina@example.net")).await;
            assert!(told_page(&healed, "/sign-up.html", '#').contains_key("completion"));
        }
    }
}

#[tokio::test]
async fn a_code_that_the_provider_refuses_fails_the_login() {
    let app = start().await;
    for provider in [Google, Kakao] {
        let answer = come_while(&app, provider, "token", FaultKind::Reject, "mina@example.net").await;
        assert_eq!(told_page(&answer, "/sign-in.html", '?')["error"], "auth.login_failed");
        assert!(answer.line.contains("the code is refused: invalid_grant"), "{}", answer.line);
    }
}

#[tokio::test]
async fn when_we_break_it_is_a_fault_and_no_page() {
    let app = start().await;
    let back = at_provider(&app, Google, &verified(&app, Google, "mina@example.net"), "").await;
    app.fail(vec![FaultRule::always(Engine::Database, FaultKind::ServerError)]);
    back.request(&app).may_break().send().await.assert_refused(503, "unavailable");
}
