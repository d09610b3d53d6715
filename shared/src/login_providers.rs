//! The only door to Google and Kakao: login by OpenID Connect, authorization code with PKCE.
//!
//! Whom we speak to is fixed: the issuer of the configuration, and the few hosts that its provider
//! is known to use ([`rules`]). A provider's documents can name no other, so no answer of anybody
//! makes a function call an address of its choice (attack 67). Nothing redirects us, everything is
//! bounded in size and time, and what is kept of the documents lasts an hour.
//!
//! RSA is verified here and nowhere else: our own access tokens know Ed25519 alone
//! (`tokens::signature`).

mod documents;
mod exchange;
mod id_token;
mod rules;

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use bytes::Bytes;
use domain::{
    Timestamp,
    auth::{LoginProvider, LoginSubject},
    text::Email,
    timestamp::Seconds,
};
use http::{HeaderMap, HeaderValue, Method, header};

pub use exchange::Answer;
pub use id_token::Flaw;

use crate::{
    address,
    config::Config,
    fault::Fault,
    http_client::{Call, CallError, HttpClient},
    secrets::Secret,
    tokens::login_secret::LoginSecret,
};
use documents::{Discovery, KeySet, RsaKey};
use id_token::{Expected, IdToken};
use rules::Rules;

/// How long one call to a provider may take. A login makes up to three in a row, and the gateway
/// waits for 30 seconds.
const CALL_WITHIN: Duration = Duration::from_secs(5);

/// For how long a process keeps a provider's documents.
const KEPT_FOR: Seconds = Seconds::hours(1);

/// How often a process looks whether an unknown key is a new one.
const LOOKS_AGAIN_AFTER: Seconds = Seconds::minutes(5);

/// The providers that are switched on, with what this process knows of them.
#[derive(Debug)]
pub struct LoginProviders {
    http: HttpClient,
    clients: Vec<Client>,
}

/// Who somebody is, by the word of a provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// Whose word.
    pub provider: LoginProvider,
    /// The provider's own name for them.
    pub subject: LoginSubject,
    /// Their address, where the provider vouches that it is theirs. Anything less is no address.
    pub verified_email: Option<Email>,
    /// What they are called there.
    pub name: Option<String>,
}

/// Why nobody was identified. For the log: a client learns only whether it makes sense to try again.
#[derive(Debug, thiserror::Error)]
pub enum LoginError {
    /// The provider is not switched on.
    #[error("the provider is not switched on")]
    Off,
    /// The provider does not answer.
    #[error("{what}: no answer")]
    NoAnswer {
        /// What was asked for.
        what: &'static str,
        /// What is known about why.
        source: CallError,
    },
    /// The provider answers with a failure, or leads elsewhere.
    #[error("{what}: status {status}")]
    Failing {
        /// What was asked for.
        what: &'static str,
        /// With which status.
        status: u16,
    },
    /// What the provider answers is not what it is to be.
    #[error("{what}: {why}")]
    Unreadable {
        /// What was asked for.
        what: &'static str,
        /// What is wrong with it.
        why: &'static str,
    },
    /// The provider takes the code for none.
    #[error("the code is refused: {code}")]
    Refused {
        /// The provider's code, as far as it is one.
        code: String,
    },
    /// Another provider answered than was asked (RFC 9207).
    #[error("the answer is of another issuer")]
    MixedUp,
    /// The ID token does not hold.
    #[error("the ID token does not hold: {0:?}")]
    BadIdToken(Flaw),
}

impl LoginError {
    /// Whether the provider is in trouble, and the person has done nothing wrong.
    #[must_use]
    pub const fn is_of_the_provider(&self) -> bool {
        matches!(self, Self::NoAnswer { .. } | Self::Failing { .. } | Self::Unreadable { .. })
    }
}

impl LoginProviders {
    /// Those that have a client id.
    ///
    /// # Errors
    /// [`FaultKind::Configuration`](crate::FaultKind::Configuration) when an issuer is neither an HTTPS
    /// address nor on this machine.
    pub fn new(config: &Config) -> Result<Self, Fault> {
        let clients = LoginProvider::ALL
            .into_iter()
            .filter_map(|provider| Client::of(provider, config).transpose())
            .collect::<Result<Vec<_>, Fault>>()?;
        Ok(Self { http: HttpClient::new()?, clients })
    }

    /// The address that a browser is sent to.
    ///
    /// # Errors
    /// [`LoginError::Off`], or what is wrong with the provider.
    pub async fn authorization_url(
        &self,
        provider: LoginProvider,
        secret: &LoginSecret,
        now: Timestamp,
    ) -> Result<String, LoginError> {
        let client = self.client(provider)?;
        let discovery = client.discovery(&self.http, now).await?;
        let (state, nonce, challenge) = (secret.state(), secret.nonce(), secret.code_challenge());
        let mut pairs = vec![
            ("response_type", "code"),
            ("client_id", client.id.as_str()),
            ("redirect_uri", client.redirect_uri.as_str()),
            ("state", state.as_str()),
            ("nonce", nonce.as_str()),
            ("code_challenge", challenge.as_str()),
            ("code_challenge_method", "S256"),
        ];
        if let Some(scope) = client.rules.scope {
            pairs.push(("scope", scope));
        }
        // Somebody with several accounts, or at somebody else's machine, says which one it is.
        if discovery.takes_prompt("select_account") {
            pairs.push(("prompt", "select_account"));
        }
        let address = &discovery.authorization_endpoint;
        let joint = if address.contains('?') { '&' } else { '?' };
        Ok(format!("{address}{joint}{}", address::form(&pairs)))
    }

    /// Exchanges the code that a browser brought back, and says who it is.
    ///
    /// # Errors
    /// Every reason not to believe it.
    pub async fn identify(
        &self,
        provider: LoginProvider,
        answer: &Answer<'_>,
        client_secret: &Secret,
        secret: &LoginSecret,
        now: Timestamp,
    ) -> Result<Identity, LoginError> {
        let client = self.client(provider)?;
        let discovery = client.discovery(&self.http, now).await?;
        client.check_issuer(answer, &discovery)?;
        // The keys are fetched, where they must be, while the code is exchanged.
        let (token, keys) = tokio::join!(
            client.exchange(&self.http, &discovery, answer.code, client_secret, secret),
            client.keys(&self.http, &discovery, now)
        );
        let (token, keys) = (token?, keys?);
        let token = IdToken::parse(&token).map_err(LoginError::BadIdToken)?;
        let key = client.key(&self.http, &discovery, keys, &token.key_id, now).await?;
        let expected = Expected {
            issuer: &client.issuer,
            takes_bare_issuer: client.rules.takes_bare_issuer,
            client_id: &client.id,
            nonce: &secret.nonce(),
            now,
        };
        let claims = token.verify(&key).and_then(|claims| claims.check(&expected)).map_err(LoginError::BadIdToken)?;
        Ok(client.rules.identity(claims))
    }

    fn client(&self, provider: LoginProvider) -> Result<&Client, LoginError> {
        self.clients.iter().find(|client| client.rules.provider == provider).ok_or(LoginError::Off)
    }
}

/// This site, as one provider knows it.
#[derive(Debug)]
struct Client {
    rules: &'static Rules,
    /// As `iss` says it, and where the documents are.
    issuer: String,
    id: String,
    redirect_uri: String,
    discovery: Mutex<Option<Kept<Discovery>>>,
    keys: Mutex<Keys>,
}

/// A document, and when it was fetched.
#[derive(Debug)]
struct Kept<T> {
    document: Arc<T>,
    fetched_at: Timestamp,
}

impl<T> Kept<T> {
    fn at(&self, now: Timestamp) -> Option<Arc<T>> {
        (now < self.fetched_at.plus(KEPT_FOR)).then(|| Arc::clone(&self.document))
    }
}

#[derive(Debug, Default)]
struct Keys {
    kept: Option<Kept<KeySet>>,
    looked_again_at: Option<Timestamp>,
}

/// Keys, and whether they were fetched just now.
struct Found {
    keys: Arc<KeySet>,
    are_new: bool,
}

fn locked<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Client {
    fn of(provider: LoginProvider, config: &Config) -> Result<Option<Self>, Fault> {
        let (id, issuer) = match provider {
            LoginProvider::Google => (&config.google_client_id, &config.google_issuer),
            LoginProvider::Kakao => (&config.kakao_client_id, &config.kakao_issuer),
        };
        if id.is_empty() {
            return Ok(None);
        }
        documents::check_issuer(issuer)?;
        let redirect_uri = format!("{}/api/auth/oauth/{provider}/callback", config.site_origin);
        Ok(Some(Self {
            rules: rules::of(provider),
            issuer: issuer.clone(),
            id: id.clone(),
            redirect_uri,
            discovery: Mutex::default(),
            keys: Mutex::default(),
        }))
    }

    /// An answer that says whose it is must be of this provider; one that has to say so must not keep
    /// silent (RFC 9207 §2.4).
    fn check_issuer(&self, answer: &Answer<'_>, discovery: &Discovery) -> Result<(), LoginError> {
        match answer.issuer {
            Some(issuer) if issuer == self.issuer => Ok(()),
            None if !discovery.authorization_response_iss_parameter_supported => Ok(()),
            _ => Err(LoginError::MixedUp),
        }
    }

    async fn discovery(&self, http: &HttpClient, now: Timestamp) -> Result<Arc<Discovery>, LoginError> {
        if let Some(kept) = locked(&self.discovery).as_ref().and_then(|kept| kept.at(now)) {
            return Ok(kept);
        }
        let address = format!("{}/.well-known/openid-configuration", self.issuer);
        let body = fetch(http, "discovery", &address).await?;
        let document = Arc::new(Discovery::read(&body, &self.issuer, self.rules)?);
        *locked(&self.discovery) = Some(Kept { document: Arc::clone(&document), fetched_at: now });
        Ok(document)
    }

    async fn keys(&self, http: &HttpClient, discovery: &Discovery, now: Timestamp) -> Result<Found, LoginError> {
        if let Some(keys) = locked(&self.keys).kept.as_ref().and_then(|kept| kept.at(now)) {
            return Ok(Found { keys, are_new: false });
        }
        self.fetch_keys(http, discovery, now).await
    }

    async fn fetch_keys(&self, http: &HttpClient, discovery: &Discovery, now: Timestamp) -> Result<Found, LoginError> {
        let body = fetch(http, "keys", &discovery.jwks_uri).await?;
        let keys = Arc::new(KeySet::read(&body)?);
        locked(&self.keys).kept = Some(Kept { document: Arc::clone(&keys), fetched_at: now });
        Ok(Found { keys, are_new: true })
    }

    /// The key of this name. One that is not there may be new, so it is looked for once more; whoever
    /// sends names that nobody ever had makes us ask once in five minutes.
    async fn key(
        &self,
        http: &HttpClient,
        discovery: &Discovery,
        found: Found,
        key_id: &str,
        now: Timestamp,
    ) -> Result<RsaKey, LoginError> {
        let unknown = || LoginError::BadIdToken(Flaw::UnknownKey);
        if let Some(key) = found.keys.find(key_id) {
            return Ok(key);
        }
        if found.are_new || !self.may_look_again(now) {
            return Err(unknown());
        }
        self.fetch_keys(http, discovery, now).await?.keys.find(key_id).ok_or_else(unknown)
    }

    fn may_look_again(&self, now: Timestamp) -> bool {
        let mut keys = locked(&self.keys);
        let may = keys.looked_again_at.is_none_or(|at| at.plus(LOOKS_AGAIN_AFTER) <= now);
        if may {
            keys.looked_again_at = Some(now);
        }
        may
    }
}

/// A document of a provider.
async fn fetch(http: &HttpClient, what: &'static str, address: &str) -> Result<Bytes, LoginError> {
    let mut headers = HeaderMap::new();
    headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
    let uri = address.parse().map_err(|_| LoginError::Unreadable { what, why: "its address is none" })?;
    let call = Call { method: Method::GET, uri, headers, body: Bytes::new(), time_limit: CALL_WITHIN };
    let answer = http.call(call).await.map_err(|source| LoginError::NoAnswer { what, source })?;
    match answer.status.as_u16() {
        200 => Ok(answer.body),
        status => Err(LoginError::Failing { what, status }),
    }
}

#[cfg(test)]
mod tests;
