//! A site that lets people log in, reduced to what a test needs of it.

use std::{collections::BTreeMap, fmt::Write as _};

use axum::{body::Body, extract::Query, http::Uri};
use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use domain::Timestamp;
use engines::{
    Clock, Engine, FaultKind, FaultPlan, FaultRule, Faults,
    login::{Account, Login, LoginSettings, Provider, Simulator, router},
};
use http::{HeaderMap, Request, header};
use http_body_util::BodyExt as _;
use hyper::service::Service as _;
use hyper_util::service::TowerToHyperService;
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents};
use serde_json::Value;

/// The verifier of RFC 7636 appendix B, and its challenge.
pub(crate) const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
pub(crate) const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// 2026-11-21T09:00:00Z.
pub(crate) const START: i64 = 1_795_251_600;

pub(crate) struct Site {
    pub(crate) login: Login,
    pub(crate) clock: Clock,
    pub(crate) faults: Faults,
}

/// An answer as it came.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("no JSON: {}", self.text))
    }

    pub(crate) fn header(&self, name: header::HeaderName) -> &str {
        self.headers.get(name).map(|value| value.to_str().unwrap()).unwrap_or_default()
    }

    /// The value of the first hidden field of this name.
    pub(crate) fn field(&self, name: &str) -> String {
        let start = format!("name=\"{name}\" value=\"");
        self.text.split(&start).nth(1).and_then(|rest| rest.split('"').next()).unwrap_or_default().to_owned()
    }
}

impl Site {
    pub(crate) async fn open() -> Self {
        let clock = Clock::fixed(Timestamp::from_seconds(START));
        let faults = Faults::none();
        let login = Login::start(LoginSettings::for_tests(clock.clone(), faults.clone())).await.unwrap();
        Self { login, clock, faults }
    }

    pub(crate) fn at(&self, provider: Provider) -> Simulator {
        self.login.state().simulator(provider)
    }

    pub(crate) fn fail_once(&self, provider: Provider, operation: &str, kind: FaultKind) {
        let engine = match provider {
            Provider::Google => Engine::Google,
            Provider::Kakao => Engine::Kakao,
        };
        self.faults.set(FaultPlan { seed: 1, rules: vec![FaultRule::always(engine, kind).on(operation).times(1)] });
    }

    /// A request to the address that it has for everybody.
    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let service = TowerToHyperService::new(router(self.login.state()));
        let (parts, body) = service.call(request).await.unwrap().into_parts();
        let bytes = body.collect().await.map(|body| body.to_bytes()).unwrap_or_default();
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        Answer { status: parts.status.as_u16(), headers: parts.headers, text }
    }

    pub(crate) async fn get(&self, address: &str) -> Answer {
        self.send(Request::get(path_of(address)).header("accept-language", "en").body(Body::empty()).unwrap()).await
    }

    pub(crate) async fn get_as(&self, address: &str, access_token: &str) -> Answer {
        let bearer = format!("Bearer {access_token}");
        self.send(Request::get(path_of(address)).header("authorization", bearer).body(Body::empty()).unwrap()).await
    }

    pub(crate) async fn post(&self, address: &str, form: &[(&str, &str)]) -> Answer {
        self.post_with(address, &[], form).await
    }

    pub(crate) async fn post_with(&self, address: &str, headers: &[(&str, &str)], form: &[(&str, &str)]) -> Answer {
        let mut request = Request::post(path_of(address))
            .header("content-type", "application/x-www-form-urlencoded")
            .header("accept-language", "en");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(request.body(Body::from(encoded(form))).unwrap()).await
    }

    pub(crate) async fn discovery(&self, provider: Provider) -> Value {
        self.get(&format!("{}/.well-known/openid-configuration", self.at(provider).issuer())).await.json()
    }

    async fn endpoint(&self, provider: Provider, name: &str) -> String {
        self.discovery(provider).await[name].as_str().unwrap().to_owned()
    }

    /// Where the site sends a browser to, with some parameters changed: an empty value leaves one
    /// out.
    pub(crate) async fn authorization(&self, provider: Provider, changes: &[(&str, &str)]) -> String {
        let client = self.at(provider).client().clone();
        let mut parameters = vec![
            ("client_id", client.id.as_str()),
            ("redirect_uri", client.redirect_uris[0].as_str()),
            ("response_type", "code"),
            ("scope", scope_of(provider)),
            ("state", "the state/+ of this"),
            ("nonce", "the-nonce"),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
        ];
        change(&mut parameters, changes);
        format!("{}?{}", self.endpoint(provider, "authorization_endpoint").await, encoded(&parameters))
    }

    /// A code for somebody who agreed to everything.
    pub(crate) async fn code(&self, provider: Provider, account: &Account, changes: &[(&str, &str)]) -> String {
        let url = self.authorization(provider, changes).await;
        query(&self.at(provider).sign_in(&url, account).unwrap())["code"].clone()
    }

    /// Exchanges a code, with some parameters changed.
    pub(crate) async fn exchange(&self, provider: Provider, code: &str, changes: &[(&str, &str)]) -> Answer {
        let client = self.at(provider).client().clone();
        let mut form = vec![
            ("grant_type", "authorization_code"),
            ("client_id", client.id.as_str()),
            ("client_secret", client.secret.as_str()),
            ("redirect_uri", client.redirect_uris[0].as_str()),
            ("code", code),
            ("code_verifier", VERIFIER),
        ];
        change(&mut form, changes);
        self.post(&self.endpoint(provider, "token_endpoint").await, &form).await
    }

    /// The tokens of somebody who agreed to everything.
    pub(crate) async fn tokens(&self, provider: Provider, account: &Account) -> Value {
        let code = self.code(provider, account, &[]).await;
        let answer = self.exchange(provider, &code, &[]).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.json()
    }

    /// The header and the claims of a token whose signature is that of a published key.
    pub(crate) async fn verified(&self, provider: Provider, id_token: &str) -> Option<(Value, Value)> {
        let keys = self.get(&self.endpoint(provider, "jwks_uri").await).await.json();
        verify(&keys, id_token)
    }

    /// The claims of the token of somebody who agreed to everything.
    pub(crate) async fn claims(&self, provider: Provider, account: &Account) -> Value {
        let tokens = self.tokens(provider, account).await;
        self.verified(provider, tokens["id_token"].as_str().unwrap()).await.unwrap().1
    }
}

pub(crate) fn scope_of(provider: Provider) -> &'static str {
    match provider {
        Provider::Google => "openid email profile",
        Provider::Kakao => "openid,profile_nickname,profile_image,account_email",
    }
}

pub(crate) fn basic(id: &str, secret: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{id}:{secret}")))
}

/// The parameters of an address.
pub(crate) fn query(address: &str) -> BTreeMap<String, String> {
    let uri: Uri = address.parse().unwrap();
    Query::try_from_uri(&uri).unwrap().0
}

/// RFC 7515 §5.2 for RS256 and a key found by its `kid`, and nothing else.
pub(crate) fn verify(keys: &Value, id_token: &str) -> Option<(Value, Value)> {
    let (message, signature) = id_token.rsplit_once('.')?;
    let (header, claims) = message.split_once('.')?;
    let read = |part| serde_json::from_slice::<Value>(&URL_SAFE_NO_PAD.decode(part).ok()?).ok();
    let (header, claims) = (read(header)?, read(claims)?);
    if header["alg"] != "RS256" {
        return None;
    }
    let key = keys["keys"].as_array()?.iter().find(|key| key["kid"] == header["kid"])?;
    let number = |name: &str| URL_SAFE_NO_PAD.decode(key[name].as_str()?).ok();
    let key = RsaPublicKeyComponents { n: number("n")?, e: number("e")? };
    let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
    key.verify(&RSA_PKCS1_2048_8192_SHA256, message.as_bytes(), &signature).ok()?;
    Some((header, claims))
}

fn change<'a>(parameters: &mut Vec<(&'a str, &'a str)>, changes: &[(&'a str, &'a str)]) {
    for (name, value) in changes {
        parameters.retain(|(known, _)| known != name);
        if !value.is_empty() {
            parameters.push((name, value));
        }
    }
}

pub(crate) fn encoded(form: &[(&str, &str)]) -> String {
    let mut text = String::new();
    for (name, value) in form {
        if !text.is_empty() {
            text.push('&');
        }
        text.push_str(name);
        text.push('=');
        for byte in value.bytes() {
            if byte.is_ascii_alphanumeric() {
                text.push(char::from(byte));
            } else {
                write!(text, "%{byte:02X}").unwrap();
            }
        }
    }
    text
}

fn path_of(address: &str) -> String {
    let uri: Uri = address.parse().unwrap();
    uri.path_and_query().unwrap().as_str().to_owned()
}
