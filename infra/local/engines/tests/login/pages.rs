//! The pages as a browser fills them, without one.

use domain::timestamp::Seconds;
use engines::login::Provider;
use http::header;

use crate::support::{Answer, Site, query};

struct Visit<'a> {
    site: &'a Site,
    provider: Provider,
}

impl Visit<'_> {
    async fn open(&self) -> Answer {
        self.site.get(&self.site.authorization(self.provider, &[]).await).await
    }

    async fn post(&self, page: &str, form: &[(&str, &str)]) -> Answer {
        self.site.post(&format!("{}/{page}", self.site.at(self.provider).issuer()), form).await
    }

    async fn code(&self, back: &Answer) -> String {
        assert_eq!(back.status, 302, "{}", back.text);
        query(back.header(header::LOCATION))["code"].clone()
    }
}

#[tokio::test]
async fn somebody_picks_an_account_agrees_and_comes_back_with_a_code() {
    let site = Site::open().await;
    for provider in Provider::ALL {
        let visit = Visit { site: &site, provider };
        let page = visit.open().await;
        assert_eq!((page.status, page.header(header::CONTENT_TYPE)), (200, "text/html; charset=utf-8"));
        let request = page.field("request");
        for account in site.at(provider).accounts() {
            assert!(page.text.contains(&format!("value=\"{}\"", account.subject)), "{}", page.text);
        }
        let mina = site.at(provider).accounts()[0].clone();
        let consent = visit.post("choose", &[("request", &request), ("account", &mina.subject)]).await;
        assert_eq!(consent.status, 200, "{}", consent.text);
        assert_eq!((consent.field("request"), consent.field("account")), (request.clone(), mina.subject.clone()));
        let form = [
            ("request", request.as_str()),
            ("account", &mina.subject),
            ("agree", "profile_image"),
            ("agree", "account_email"),
            ("decision", "allow"),
        ];
        let back = visit.post("consent", &form).await;
        let code = visit.code(&back).await;
        assert_eq!(site.exchange(provider, &code, &[]).await.status, 200);
        assert_eq!(visit.post("consent", &form).await.status, 400, "a page is good for one decision");
    }
}

#[tokio::test]
async fn whoever_has_agreed_is_not_asked_again_unless_the_site_wants_it() {
    let site = Site::open().await;
    for provider in Provider::ALL {
        let visit = Visit { site: &site, provider };
        let mina = site.at(provider).accounts()[0].clone();
        site.tokens(provider, &mina).await;
        let request = visit.open().await.field("request");
        let back = visit.post("choose", &[("request", &request), ("account", &mina.subject)]).await;
        visit.code(&back).await;
        let page = site.get(&site.authorization(provider, &[("prompt", "consent")]).await).await;
        let again = [("request", page.field("request")), ("account", mina.subject.clone())];
        let again = again.iter().map(|(name, value)| (*name, value.as_str())).collect::<Vec<_>>();
        assert_eq!(visit.post("choose", &again).await.status, 200);
        site.at(provider).forget_consents();
        let request = visit.open().await.field("request");
        assert_eq!(visit.post("choose", &[("request", &request), ("account", &mina.subject)]).await.status, 200);
    }
}

#[tokio::test]
async fn whoever_is_not_on_the_page_types_who_they_are() {
    let site = Site::open().await;
    let visit = Visit { site: &site, provider: Provider::Google };
    let request = visit.open().await.field("request");
    let form = [("request", request.as_str()), ("email", "New@Example.com"), ("name", "뉴 맨")];
    let consent = visit.post("choose", &form).await;
    let subject = consent.field("account");
    let known = site.login.google().accounts().into_iter().find(|account| account.subject == subject).unwrap();
    assert_eq!((known.email.as_deref(), known.email_verified), (Some("New@Example.com"), false), "nothing was ticked");
    let form = [("request", request.as_str()), ("email", "x"), ("name", "X")];
    assert_eq!(visit.post("choose", &form).await.status, 400);
    let visit = Visit { site: &site, provider: Provider::Kakao };
    let request = visit.open().await.field("request");
    let form = [("request", request.as_str()), ("email", ""), ("name", "전화만"), ("email_valid", "true")];
    let consent = visit.post("choose", &form).await;
    assert_eq!(consent.status, 200, "Kakao knows people without an address: {}", consent.text);
}

#[tokio::test]
async fn cancel_is_on_both_pages() {
    let site = Site::open().await;
    for provider in Provider::ALL {
        let visit = Visit { site: &site, provider };
        let page = visit.open().await;
        let request = page.field("request");
        let mina = site.at(provider).accounts()[0].subject.clone();
        let consent = visit.post("choose", &[("request", &request), ("account", &mina)]).await;
        for page in [&page, &consent] {
            assert!(page.text.contains("name=\"decision\" value=\"cancel\""), "{}", page.text);
        }
        let back = visit.post("consent", &[("request", &request), ("decision", "cancel")]).await;
        assert_eq!(query(back.header(header::LOCATION))["error"], "access_denied");
    }
}

#[tokio::test]
async fn a_page_can_be_left_open_for_ten_minutes() {
    let site = Site::open().await;
    let visit = Visit { site: &site, provider: Provider::Kakao };
    let request = visit.open().await.field("request");
    let mina = site.login.kakao().accounts()[0].subject.clone();
    let _ = site.clock.advance(Seconds::minutes(10));
    assert_eq!(visit.post("choose", &[("request", &request), ("account", &mina)]).await.status, 200);
    let _ = site.clock.advance(Seconds(1));
    assert_eq!(visit.post("choose", &[("request", &request), ("account", &mina)]).await.status, 400);
}

#[tokio::test]
async fn attack_65_a_name_is_shown_and_never_run() {
    let site = Site::open().await;
    for provider in Provider::ALL {
        let simulator = site.at(provider);
        simulator.add_account(simulator.account("<i>@example.com", true, "<script>alert(1)</script>\"'"));
        let page = Visit { site: &site, provider }.open().await;
        assert!(page.text.contains("&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39;"), "{}", page.text);
        assert!(!page.text.contains("<script") && !page.text.contains("<i>"), "{}", page.text);
        let policy = page.header(header::CONTENT_SECURITY_POLICY);
        assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"), "{policy}");
        assert!(policy.contains("form-action 'self' http://shop.test"), "{policy}");
    }
}

#[tokio::test]
async fn the_pages_speak_korean_unless_english_is_preferred_and_have_their_style() {
    use axum::body::Body;
    let site = Site::open().await;
    let url = site.authorization(Provider::Kakao, &[]).await;
    let path = url.split_once("/kakao/").unwrap().1;
    let page = site.send(http::Request::get(format!("/kakao/{path}")).body(Body::empty()).unwrap()).await;
    assert!(page.text.contains("<html lang=\"ko\">") && page.text.contains("계정 선택"), "{}", page.text);
    assert!(page.text.contains("href=\"/kakao/style.css\""), "{}", page.text);
    let style = site.get(&format!("{}/style.css", site.login.kakao().issuer())).await;
    assert_eq!((style.status, style.header(header::CONTENT_TYPE)), (200, "text/css; charset=utf-8"));
}
