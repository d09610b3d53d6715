//! What an ID token and the endpoints for facts about somebody say.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::Timestamp;
use ring::digest;
use serde_json::{Map, Value, json};

use super::{
    Account, Provider, Simulator,
    errors::TokenError,
    google, kakao,
    side::{AccessToken, Grant},
};

/// The claims of an ID token. Google adds who asked (`azp`) and a hash of the access token
/// (`at_hash`, OpenID Connect Core §3.1.3.6), Kakao the moment of the login (`auth_time`).
pub(super) fn id_token(
    simulator: &Simulator,
    grant: &Grant,
    account: &Account,
    access_token: &str,
    now: Timestamp,
) -> Map<String, Value> {
    let client = &simulator.client().id;
    let picture = simulator.picture(account);
    let mut claims = match simulator.provider {
        Provider::Google => google::facts(account, &grant.scopes, &picture),
        Provider::Kakao => kakao::facts(account, &grant.scopes, &picture),
    };
    let mut set = |name: &str, value: Value| claims.insert(name.to_owned(), value);
    set("iss", json!(simulator.issuer()));
    set("aud", json!(client));
    set("sub", json!(account.subject));
    set("iat", json!(now.seconds()));
    if let Some(nonce) = &grant.asked.nonce {
        set("nonce", json!(nonce));
    }
    let lives = match simulator.provider {
        Provider::Google => {
            let hash = digest::digest(&digest::SHA256, access_token.as_bytes());
            let half = hash.as_ref().get(..16).unwrap_or_default();
            set("azp", json!(client));
            set("at_hash", json!(URL_SAFE_NO_PAD.encode(half)));
            google::ID_TOKEN_LIVES
        }
        Provider::Kakao => {
            set("auth_time", json!(grant.at.seconds()));
            kakao::TOKEN_LIVES
        }
    };
    set("exp", json!(now.plus(lives).seconds()));
    claims
}

impl Simulator {
    /// What userinfo answers to a token.
    pub(super) fn userinfo(&self, token: Option<&str>) -> Result<Map<String, Value>, TokenError> {
        let (token, account) = self.bearer(token)?;
        let picture = self.picture(&account);
        match self.provider {
            Provider::Google => {
                let mut facts = google::facts(&account, &token.scopes, &picture);
                facts.insert("sub".to_owned(), json!(account.subject));
                Ok(facts)
            }
            Provider::Kakao if !token.scopes.contains("openid") => Err(kakao::missing_scope("openid", &token.scopes)),
            Provider::Kakao => Ok(kakao::userinfo(&account, &token.scopes, &picture)),
        }
    }

    /// What Kakao's own endpoint for facts about somebody answers to a token.
    pub(super) fn user_me(&self, token: Option<&str>) -> Result<Map<String, Value>, TokenError> {
        let (token, account) = self.bearer(token)?;
        Ok(kakao::user_me(&account, &token.scopes, &self.picture(&account), token.connected_at))
    }

    fn bearer(&self, token: Option<&str>) -> Result<(AccessToken, Account), TokenError> {
        let now = self.now();
        let side = self.side();
        let token = token.and_then(|token| side.tokens.get(token)).filter(|token| now < token.until);
        let found = token.and_then(|token| Some((token.clone(), side.account(&token.subject)?.clone())));
        found.ok_or_else(|| self.bad_token())
    }

    /// What an endpoint for facts says to a token that it does not know.
    pub(super) fn bad_token(&self) -> TokenError {
        match self.provider {
            Provider::Google => google::bad_token(),
            Provider::Kakao => kakao::bad_token(),
        }
    }

    /// Where somebody's picture is.
    fn picture(&self, account: &Account) -> String {
        format!("{}/picture/{}", self.issuer(), account.subject)
    }
}
