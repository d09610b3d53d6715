//! People for the requests that change one: each is good for one such request.

use domain::{auth::totp::TotpStep, ids::UserId};
use engines::login::Account;
use serde_json::{Value, json};
use shared::{
    api::Core,
    secrets::{Secret, SecretName},
    tokens::totp::TotpKey,
};

use super::{
    BenchError,
    world::{Ask, PASSWORD, World, text},
};
use crate::environment;

/// Somebody who has signed up and is signed in.
pub(super) struct Person {
    pub(super) email: String,
    pub(super) id: String,
    token: String,
    pub(super) refresh_token: String,
}

impl Person {
    /// A request of theirs.
    pub(super) fn asks(&self, ask: Ask) -> Ask {
        ask.header("authorization", format!("Bearer {}", self.token))
    }
}

/// A browser that has been at the provider and comes back.
pub(super) struct Returned {
    query: String,
    cookie: String,
}

impl Returned {
    pub(super) fn ask(self) -> Ask {
        Ask { query: self.query, ..Ask::of("google") }.header("cookie", self.cookie)
    }
}

/// What a browser keeps of an answer that sets a cookie.
fn cookie_of(answer: &Value) -> Result<String, BenchError> {
    let set = text(answer, "/cookies/0")?;
    Ok(set.split(';').next().unwrap_or_default().to_owned())
}

impl World {
    /// Somebody new.
    pub(super) async fn person(&mut self) -> Result<Person, BenchError> {
        let email = self.email();
        let proof = self.proof(&email, "sign_up").await?;
        let ask = self.sign_up_ask(&proof);
        self.call("auth.sign_up", ask).await?;
        let session = self.call("auth.sign_in", Self::by_password(&email)).await?;
        Ok(Person {
            id: text(&session, "/user/id")?,
            token: text(&session, "/access_token")?,
            refresh_token: text(&session, "/refresh_token")?,
            email,
        })
    }

    fn by_password(email: &str) -> Ask {
        Ask::body(json!({"email": email, "password": PASSWORD, "session_in": "body"}))
    }

    /// Somebody whose second factor was begun, and the code that their app shows.
    pub(super) async fn person_with_totp_begun(&mut self) -> Result<(Person, String), BenchError> {
        let broken = |what: &dyn std::fmt::Display| BenchError::World(what.to_string());
        let person = self.person().await?;
        let start = person.asks(Ask::body(json!({ "current_password": PASSWORD })));
        self.call("auth.start_totp", start).await?;
        let id: UserId = person.id.parse().map_err(|error| broken(&error))?;
        let core =
            Core::start(self.environment().config(engines::OPERATOR), &[], 10).map_err(|error| broken(&error))?;
        let found = core.table.get_user_and_totp(id).await.map_err(|error| broken(&error))?;
        let totp = found.and_then(|found| found.totp).ok_or_else(|| broken(&"no second factor was begun"))?;
        let key = Secret::new(environment::secret(self.engines().secrets(), SecretName::TotpKey));
        let secret = TotpKey::new(&key).and_then(|key| key.unlock(id, &totp.secret)).map_err(|error| broken(&error))?;
        let code = secret.code(TotpStep::at(self.engines().clock().now())).as_str().to_owned();
        Ok((person, code))
    }

    /// Somebody whose second factor is on, signed in by it, and a recovery code.
    pub(super) async fn person_with_totp(&mut self) -> Result<(Person, String), BenchError> {
        let (person, code) = self.person_with_totp_begun().await?;
        let enabled = self.call("auth.enable_totp", person.asks(Ask::body(json!({ "code": code })))).await?;
        let (one, other) = (text(&enabled, "/recovery_codes/0")?, text(&enabled, "/recovery_codes/1")?);
        let challenge = self.challenge(&person.email).await?;
        let ask = Ask::body(json!({ "challenge": challenge, "recovery_code": one }));
        let session = self.call("auth.sign_in_totp", ask).await?;
        let token = text(&session, "/access_token")?;
        Ok((Person { token, ..person }, other))
    }

    /// The word of the first step for somebody with a second factor.
    pub(super) async fn challenge(&mut self, email: &str) -> Result<String, BenchError> {
        text(&self.call("auth.sign_in", Self::by_password(email)).await?, "/challenge")
    }

    /// An answer that sends a browser on, whole.
    async fn sent_on(&mut self, id: &str, ask: Ask) -> Result<Value, BenchError> {
        let event = self.event(id, &ask)?;
        let answer = self.run(id, event).await?;
        super::body_of(id, &answer)?;
        Ok(answer)
    }

    /// A browser of somebody who has an account at the provider and none here.
    pub(super) async fn stranger_from_provider(&mut self) -> Result<Returned, BenchError> {
        let begun = self.sent_on("auth.start_oauth", Ask::of("google")).await?;
        let (address, cookie) = (text(&begun, "/headers/location")?, cookie_of(&begun)?);
        self.go_through(&address, cookie)
    }

    /// A browser of somebody who links a login to their account.
    pub(super) async fn member_from_provider(&mut self, person: &Person) -> Result<Returned, BenchError> {
        let ask = person.asks(Ask { body: Some(json!({ "current_password": PASSWORD })), ..Ask::of("google") });
        let begun = self.sent_on("auth.link_login", ask).await?;
        let body: Value = serde_json::from_str(&super::body_of("auth.link_login", &begun)?).unwrap_or_default();
        self.go_through(&text(&body, "/authorize_url")?, cookie_of(&begun)?)
    }

    fn go_through(&mut self, address: &str, cookie: String) -> Result<Returned, BenchError> {
        let email = self.email();
        let provider = self.login().google();
        let account: Account = provider.account(&email, true, "Somebody");
        let back = provider.sign_in(address, &account);
        let back = back.map_err(|error| BenchError::World(format!("the provider: {error:?}")))?;
        let query = back.split_once('?').map(|(_, query)| query.to_owned()).unwrap_or_default();
        Ok(Returned { query, cookie })
    }

    /// What is missing of an account after a login at the provider.
    pub(super) async fn completion(&mut self) -> Result<Ask, BenchError> {
        let returned = self.stranger_from_provider().await?;
        let cookie = returned.cookie.clone();
        let ended = self.sent_on("auth.finish_oauth", returned.ask()).await?;
        let page = text(&ended, "/headers/location")?;
        let completion = page.split(['#', '&']).find_map(|pair| pair.strip_prefix("completion="));
        let completion = completion.ok_or_else(|| BenchError::World(format!("nothing to complete: {page}")))?;
        let nickname = format!("stranger{}", self.number());
        let body = json!({"completion": completion, "nickname": nickname, "session_in": "body"});
        let cookie = cookie_of(&ended).unwrap_or(cookie);
        Ok(Ask::body(body).header("cookie", cookie).header("sec-fetch-site", "same-origin".to_owned()))
    }
}
