//! What one provider remembers.

use std::collections::{BTreeMap, BTreeSet};

use domain::{Timestamp, timestamp::Seconds};

use super::{Account, Provider, accounts::first_accounts, keys::Keys};

/// How long a code can be exchanged, and how long a page can be left open.
pub(super) const CODE_LIVES: Seconds = Seconds::minutes(10);

#[derive(Debug)]
pub(super) struct Side {
    pub(super) keys: Keys,
    pub(super) accounts: Vec<Account>,
    /// The requests that are on somebody's screen.
    pub(super) asked: BTreeMap<String, Asked>,
    pub(super) codes: BTreeMap<String, Grant>,
    pub(super) tokens: BTreeMap<String, AccessToken>,
    /// What each subject has agreed to.
    pub(super) consents: BTreeMap<String, BTreeSet<String>>,
    pub(super) calls: BTreeMap<&'static str, u64>,
}

/// An authorization request that was found good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Asked {
    pub(super) at: Timestamp,
    pub(super) redirect_uri: String,
    pub(super) state: Option<String>,
    pub(super) nonce: Option<String>,
    pub(super) scopes: Vec<String>,
    /// Whether the site named the scopes.
    pub(super) scopes_are_named: bool,
    pub(super) challenge: Option<Challenge>,
    /// Whether somebody is asked even when they have agreed before.
    pub(super) must_ask: bool,
    /// Whether a refresh token is wanted.
    pub(super) offline: bool,
}

/// Proof Key for Code Exchange (RFC 7636).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Challenge {
    pub(super) text: String,
    /// Whether the text is the verifier's SHA-256 (`S256`), not the verifier itself (`plain`).
    pub(super) is_hash: bool,
}

/// What a code stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Grant {
    pub(super) asked: Asked,
    pub(super) subject: String,
    pub(super) scopes: BTreeSet<String>,
    pub(super) at: Timestamp,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct AccessToken {
    pub(super) subject: String,
    pub(super) scopes: BTreeSet<String>,
    pub(super) connected_at: Timestamp,
    pub(super) until: Timestamp,
}

impl Side {
    pub(super) fn new(provider: Provider) -> Self {
        Self {
            keys: Keys::new(provider),
            accounts: first_accounts(provider),
            asked: BTreeMap::new(),
            codes: BTreeMap::new(),
            tokens: BTreeMap::new(),
            consents: BTreeMap::new(),
            calls: BTreeMap::new(),
        }
    }

    pub(super) fn account(&self, subject: &str) -> Option<&Account> {
        self.accounts.iter().find(|account| account.subject == subject)
    }

    /// Adds somebody, or changes what is known of them.
    pub(super) fn add_account(&mut self, account: Account) {
        match self.accounts.iter_mut().find(|known| known.subject == account.subject) {
            Some(known) => *known = account,
            None => self.accounts.push(account),
        }
    }

    pub(super) fn count(&mut self, operation: &'static str) {
        let calls = self.calls.entry(operation).or_default();
        *calls = calls.saturating_add(1);
    }

    /// Forgets what is over, so that a cloud that runs for weeks does not grow.
    pub(super) fn forget(&mut self, now: Timestamp) {
        self.asked.retain(|_, asked| now <= asked.at.plus(CODE_LIVES));
        self.codes.retain(|_, grant| now <= grant.at.plus(CODE_LIVES));
        self.tokens.retain(|_, token| now < token.until);
    }
}
