//! Google and Kakao login, simulated: OpenID Connect over real HTTP with each provider's documents,
//! claims, lifetimes and errors, and the pages on which a person picks an account and agrees.
//!
//! What they keep to (Google: "OpenID Connect" and its API reference; Kakao: "Kakao Login", REST
//! API and troubleshooting): the members of the discovery documents; RS256 with a `kid`; the
//! authorization code flow with redirect addresses compared letter by letter; PKCE; the ways in
//! which a client shows its secret; a code that works once and for 10 minutes; the claims that the
//! agreed scopes allow; Google's refusals on a page and Kakao's by their KOE codes. Where the
//! documents are silent, what clients have written down about the answers is followed, and the
//! place says so.
//!
//! What they leave out: every flow but that of the code, refreshing tokens, sessions at the provider
//! (somebody chooses an account each time), Kakao's unlinking and Google's revoking, accounts under
//! 14, limits of calls.
//!
//! Faults come from the shared [`Faults`] under [`Engine::Google`] and [`Engine::Kakao`], by the
//! operations `discovery`, `jwks`, `authorize`, `token`, `userinfo` and, at Kakao, `user_me`. The
//! kind [`FaultKind::IdToken`](crate::FaultKind::IdToken) makes `token` hand out a token that must
//! be refused.

mod accounts;
mod api;
mod authorize;
mod claims;
mod errors;
mod google;
mod id_token;
mod kakao;
mod keys;
mod pages;
mod server;
mod side;
mod token;

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt, io,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use axum::http::Uri;
use domain::Timestamp;
use ring::rand::{SecureRandom as _, SystemRandom};
use serde::{Deserialize, Serialize};

pub use accounts::Account;
pub use api::router;
pub use errors::Refusal;
pub use id_token::IdTokenFlaw;
pub use keys::OldKeys;
pub use server::Login;

use crate::{Clock, Engine, FaultKind, Faults};
use side::Side;

/// Whose login is simulated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Provider {
    /// accounts.google.com.
    Google,
    /// kauth.kakao.com.
    Kakao,
}

impl Provider {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Google, Self::Kakao];

    /// As addresses spell it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Google => "google",
            Self::Kakao => "kakao",
        }
    }

    const fn engine(self) -> Engine {
        match self {
            Self::Google => Engine::Google,
            Self::Kakao => Engine::Kakao,
        }
    }

    const fn other(self) -> Self {
        match self {
            Self::Google => Self::Kakao,
            Self::Kakao => Self::Google,
        }
    }
}

/// What a site has registered at a provider.
#[derive(Clone, PartialEq, Eq)]
pub struct Client {
    /// `client_id`; the REST API key at Kakao.
    pub id: String,
    /// `client_secret`; switched on at Kakao too.
    pub secret: String,
    /// Where a browser may be sent back to, letter by letter.
    pub redirect_uris: Vec<String>,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("id", &self.id)
            .field("redirect_uris", &self.redirect_uris)
            .finish_non_exhaustive()
    }
}

/// How the simulators are set up.
#[derive(Debug, Clone)]
pub struct LoginSettings {
    /// What both issuers start with, without a slash at the end: `{public_url}/google`. Without it
    /// [`Login::start`] takes its own port.
    pub public_url: Option<String>,
    /// The site at Google.
    pub google: Client,
    /// The site at Kakao.
    pub kakao: Client,
    /// What time it is.
    pub clock: Clock,
    /// What goes wrong.
    pub faults: Faults,
}

impl LoginSettings {
    /// For tests: well-known clients of `http://shop.test`, with the one address for coming back
    /// that the marketplace has for each provider.
    #[must_use]
    pub fn for_tests(clock: Clock, faults: Faults) -> Self {
        let client = |provider: Provider, id: &str| Client {
            id: id.to_owned(),
            secret: format!("{}-client-secret-of-the-tests", provider.name()),
            redirect_uris: vec![format!("http://shop.test/api/auth/oauth/{}/callback", provider.name())],
        };
        Self {
            public_url: None,
            google: client(Provider::Google, "1234567890-jangteo.apps.googleusercontent.com"),
            kakao: client(Provider::Kakao, "0123456789abcdef0123456789abcdef"),
            clock,
            faults,
        }
    }

    const fn client(&self, provider: Provider) -> &Client {
        match provider {
            Provider::Google => &self.google,
            Provider::Kakao => &self.kakao,
        }
    }
}

/// The memory of both simulators. Clones share it.
#[derive(Debug, Clone)]
pub struct LoginState {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    settings: LoginSettings,
    public_url: String,
    google: Mutex<Side>,
    kakao: Mutex<Side>,
}

impl LoginState {
    /// Both simulators, reached at `settings.public_url`.
    ///
    /// # Errors
    /// When there is no public address.
    pub fn open(settings: LoginSettings) -> io::Result<Self> {
        let public_url =
            settings.public_url.clone().ok_or_else(|| io::Error::other("the simulators have no address"))?;
        let side = |provider| Mutex::new(Side::new(provider));
        let (google, kakao) = (side(Provider::Google), side(Provider::Kakao));
        Ok(Self { shared: Arc::new(Shared { settings, public_url, google, kakao }) })
    }

    /// Google.
    #[must_use]
    pub fn google(&self) -> Simulator {
        self.simulator(Provider::Google)
    }

    /// Kakao.
    #[must_use]
    pub fn kakao(&self) -> Simulator {
        self.simulator(Provider::Kakao)
    }

    /// One of the two.
    #[must_use]
    pub fn simulator(&self, provider: Provider) -> Simulator {
        Simulator { provider, shared: Arc::clone(&self.shared) }
    }
}

/// One provider. Clones share one memory.
#[derive(Debug, Clone)]
pub struct Simulator {
    provider: Provider,
    shared: Arc<Shared>,
}

impl Simulator {
    /// The issuer: what `iss` says, and where `/.well-known/openid-configuration` is found.
    #[must_use]
    pub fn issuer(&self) -> String {
        format!("{}/{}", self.shared.public_url, self.provider.name())
    }

    /// What the site has registered here.
    #[must_use]
    pub fn client(&self) -> &Client {
        self.shared.settings.client(self.provider)
    }

    /// Everybody who can log in by one click, in the order of the page.
    #[must_use]
    pub fn accounts(&self) -> Vec<Account> {
        self.side().accounts.clone()
    }

    /// Somebody else, or the same subject with other facts about them.
    pub fn add_account(&self, account: Account) {
        self.side().add_account(account);
    }

    /// An account of this e-mail address, as the form of the page makes one: always the same
    /// subject for the same address.
    #[must_use]
    pub fn account(&self, email: &str, verified: bool, name: &str) -> Account {
        Account::new(self.provider, Some(email), verified, name)
    }

    /// From here on somebody is asked again what the site may know of them.
    pub fn forget_consents(&self) {
        self.side().consents.clear();
    }

    /// Goes the way of a browser without one: opens the address that the site sends a browser to,
    /// picks an account and agrees to everything. Returns the address that the browser is sent to.
    ///
    /// # Errors
    /// What the page says in place of the accounts, when the address is not as it must be.
    pub fn sign_in(&self, authorization_url: &str, account: &Account) -> Result<String, Refusal> {
        let scopes = |asked: &[String]| asked.iter().cloned().collect();
        self.drive(authorization_url, account, scopes)
    }

    /// As [`Simulator::sign_in`], agreeing to these scopes only.
    ///
    /// # Errors
    /// As [`Simulator::sign_in`].
    pub fn sign_in_agreeing(&self, url: &str, account: &Account, agreed: &[&str]) -> Result<String, Refusal> {
        self.drive(url, account, |_| agreed.iter().map(|scope| (*scope).to_owned()).collect())
    }

    /// As [`Simulator::sign_in`], but the person does not want to.
    ///
    /// # Errors
    /// As [`Simulator::sign_in`].
    pub fn cancel(&self, authorization_url: &str) -> Result<String, Refusal> {
        match self.begin(&parameters_of(authorization_url))? {
            authorize::Next::Back(address) => Ok(address),
            authorize::Next::Ask(request) => self.refuse(&request),
        }
    }

    fn drive(
        &self,
        url: &str,
        account: &Account,
        agreed: impl FnOnce(&[String]) -> BTreeSet<String>,
    ) -> Result<String, Refusal> {
        let request = match self.begin(&parameters_of(url))? {
            authorize::Next::Back(address) => return Ok(address),
            authorize::Next::Ask(request) => request,
        };
        self.add_account(account.clone());
        match self.choose(&request, &account.subject)? {
            authorize::Chosen::Back(address) => Ok(address),
            authorize::Chosen::Consent { scopes, .. } => self.agree(&request, &account.subject, &agreed(&scopes)),
        }
    }

    /// Publishes a new key that signs from here on; the old ones stay published for the tokens that
    /// they have signed, or are gone. Returns the new `kid`.
    ///
    /// # Errors
    /// When the operating system has no randomness.
    pub fn rotate_keys(&self, old: OldKeys) -> io::Result<String> {
        self.side().keys.rotate(old)
    }

    /// Every published `kid`, the one that signs first.
    #[must_use]
    pub fn key_ids(&self) -> Vec<String> {
        self.side().keys.ids()
    }

    /// How often an operation was called over HTTP, such as `jwks`.
    #[must_use]
    pub fn calls(&self, operation: &str) -> u64 {
        self.side().calls.get(operation).copied().unwrap_or_default()
    }

    /// How often each operation was called.
    #[must_use]
    pub fn all_calls(&self) -> BTreeMap<&'static str, u64> {
        self.side().calls.clone()
    }

    fn now(&self) -> Timestamp {
        self.shared.settings.clock.now()
    }

    fn side(&self) -> MutexGuard<'_, Side> {
        self.shared.side(self.provider)
    }

    fn fault(&self, operation: &'static str, possible: impl Fn(FaultKind) -> bool) -> Option<FaultKind> {
        self.shared.settings.faults.decide_where(self.provider.engine(), operation, possible)
    }
}

impl Shared {
    fn side(&self, provider: Provider) -> MutexGuard<'_, Side> {
        let side = match provider {
            Provider::Google => &self.google,
            Provider::Kakao => &self.kakao,
        };
        side.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The parameters of an address; none when it is no address.
fn parameters_of(url: &str) -> Vec<(String, String)> {
    let uri: Uri = url.parse().unwrap_or_default();
    axum::extract::Query::try_from_uri(&uri).map(|axum::extract::Query(pairs)| pairs).unwrap_or_default()
}

/// Letters and digits that nobody can guess.
fn random_text(length: usize) -> io::Result<String> {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut bytes = vec![0_u8; length];
    SystemRandom::new().fill(&mut bytes).map_err(|_| io::Error::other("no randomness"))?;
    let letter = |byte: u8| ALPHABET.get(usize::from(byte & 63)).copied().map(char::from);
    Ok(bytes.into_iter().filter_map(letter).collect())
}
