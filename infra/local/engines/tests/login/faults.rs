//! A provider that does not work.

use engines::{Engine, FaultKind, FaultPlan, FaultRule, login::Provider};
use http::header;

use crate::support::Site;

async fn address_of(site: &Site, provider: Provider, operation: &str) -> String {
    let name = match operation {
        "discovery" => return format!("{}/.well-known/openid-configuration", site.at(provider).issuer()),
        "jwks" => "jwks_uri",
        _ => "userinfo_endpoint",
    };
    site.discovery(provider).await[name].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn each_operation_fails_by_itself_and_works_again() {
    let site = Site::open().await;
    for provider in Provider::ALL {
        let access_token = site.tokens(provider, &site.at(provider).accounts()[0]).await["access_token"].clone();
        for operation in ["discovery", "jwks", "userinfo"] {
            let address = address_of(&site, provider, operation).await;
            for (kind, status) in [(FaultKind::ServerError, 500), (FaultKind::Throttle, 429), (FaultKind::Garbage, 200)]
            {
                site.fail_once(provider, operation, kind);
                let answer = site.get_as(&address, access_token.as_str().unwrap()).await;
                assert_eq!(answer.status, status, "{operation}");
                let is_html = answer.header(header::CONTENT_TYPE).starts_with("text/html");
                assert_eq!(is_html, kind == FaultKind::Garbage, "{operation} {kind:?}");
                assert_eq!(site.get_as(&address, access_token.as_str().unwrap()).await.status, 200);
            }
        }
    }
}

#[tokio::test]
async fn a_code_survives_a_call_that_was_never_heard_and_not_one_whose_answer_was_lost() {
    let site = Site::open().await;
    for provider in Provider::ALL {
        let mina = site.at(provider).accounts()[0].clone();
        for (kind, is_good) in [
            (FaultKind::TimeOutBefore, true),
            (FaultKind::ServerError, true),
            (FaultKind::Garbage, true),
            (FaultKind::TimeOutAfterApply, false),
        ] {
            let code = site.code(provider, &mina, &[]).await;
            site.fail_once(provider, "token", kind);
            let failed = site.exchange(provider, &code, &[]).await;
            assert!(!failed.text.contains("access_token"), "{kind:?}: {}", failed.text);
            let again = site.exchange(provider, &code, &[]).await;
            assert_eq!(again.status == 200, is_good, "{kind:?}: {}", again.text);
        }
    }
}

#[tokio::test]
async fn a_provider_refuses_by_order_in_its_own_words() {
    let site = Site::open().await;
    let code = site.code(Provider::Kakao, &site.login.kakao().accounts()[0], &[]).await;
    site.fail_once(Provider::Kakao, "token", FaultKind::Reject);
    assert_eq!(site.exchange(Provider::Kakao, &code, &[]).await.json()["error_code"], "KOE320");
    site.fail_once(Provider::Google, "authorize", FaultKind::Reject);
    let page = site.get(&site.authorization(Provider::Google, &[]).await).await;
    assert!(page.status == 401 && page.text.contains("invalid_client"), "{}", page.text);
}

#[tokio::test]
async fn nobody_answers_a_call_that_times_out() {
    use shared::http_client::{Call, HttpClient};
    let site = Site::open().await;
    let address = address_of(&site, Provider::Google, "jwks").await;
    site.fail_once(Provider::Google, "jwks", FaultKind::TimeOutBefore);
    let call = || Call {
        method: http::Method::GET,
        uri: address.parse().unwrap(),
        headers: http::HeaderMap::new(),
        body: bytes::Bytes::new(),
        time_limit: std::time::Duration::from_secs(20),
    };
    let client = HttpClient::new().unwrap();
    assert!(client.call(call()).await.is_err());
    assert_eq!(client.call(call()).await.unwrap().status, 200);
}

#[tokio::test]
async fn the_trouble_of_one_provider_is_not_the_others() {
    let site = Site::open().await;
    let rule = FaultRule::always(Engine::Google, FaultKind::ServerError);
    site.faults.set(FaultPlan { seed: 1, rules: vec![rule] });
    let kakao = site.login.kakao();
    site.tokens(Provider::Kakao, &kakao.accounts()[0]).await;
    let google = format!("{}/.well-known/openid-configuration", site.login.google().issuer());
    assert_eq!(site.get(&google).await.status, 500);
    assert_eq!(site.login.google().calls("discovery"), 1, "a call that fails is a call");
}
