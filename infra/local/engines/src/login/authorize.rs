//! The authorization endpoint behind its pages: what is asked, who it is, what they agree to, and
//! where the browser goes then.

use std::collections::BTreeSet;

use super::{
    Account, Client, Provider, Refusal, Simulator,
    errors::{Parameters, Problem},
    google, kakao, random_text,
    side::{Asked, CODE_LIVES, Challenge, Grant},
};
use crate::web::with_query;

/// What comes after the request.
pub(super) enum Next {
    /// Somebody picks an account; the request has this name until then.
    Ask(String),
    /// The browser goes back at once.
    Back(String),
}

/// What comes after the account.
pub(super) enum Chosen {
    /// Somebody says what the site may know.
    Consent { account: Account, scopes: Vec<String> },
    /// They have said it before: the browser goes back.
    Back(String),
}

impl Simulator {
    /// Takes a request, when it is one of the site's.
    pub(super) fn begin(&self, pairs: &[(String, String)]) -> Result<Next, Refusal> {
        let parameters = Parameters::new(pairs).map_err(|problem| self.refusal(&problem))?;
        let asked = self.check(&parameters).map_err(|problem| self.refusal(&problem))?;
        let prompts: Vec<&str> = parameters.get("prompt").unwrap_or_default().split([' ', ',']).collect();
        if prompts.contains(&"none") {
            // Nobody is ever logged in at the simulator, so that nothing can be answered unseen.
            let error = match self.provider {
                Provider::Google => "interaction_required",
                Provider::Kakao => "login_required",
            };
            return Ok(Next::Back(back(&asked, &[("error", error)])));
        }
        let name = random_text(24).map_err(|_| self.refusal(&Problem::Internal))?;
        let mut side = self.side();
        side.forget(self.now());
        side.asked.insert(name.clone(), asked);
        Ok(Next::Ask(name))
    }

    fn check(&self, parameters: &Parameters<'_>) -> Result<Asked, Problem> {
        let Client { id, redirect_uris, .. } = self.client();
        let client_id = parameters.required("client_id")?;
        if client_id != id {
            return Err(Problem::UnknownClient(client_id.to_owned()));
        }
        let redirect_uri = parameters.required("redirect_uri")?.to_owned();
        if !redirect_uris.contains(&redirect_uri) {
            return Err(Problem::RedirectUri(redirect_uri));
        }
        let response_type = parameters.required("response_type")?;
        if response_type != "code" {
            return Err(Problem::ResponseType(response_type.to_owned()));
        }
        let named = parameters.get("scope");
        let scopes = match self.provider {
            Provider::Google => google::scopes(named),
            Provider::Kakao => kakao::scopes(named),
        }?;
        let owned = |name| parameters.get(name).map(str::to_owned);
        Ok(Asked {
            at: self.now(),
            redirect_uri,
            state: owned("state"),
            nonce: owned("nonce"),
            scopes,
            scopes_are_named: named.is_some(),
            challenge: self.challenge(parameters)?,
            must_ask: parameters.get("prompt").is_some_and(|prompt| prompt.contains("consent")),
            offline: parameters.get("access_type") == Some("offline"),
        })
    }

    /// Google takes `plain` too, and as what is meant when nothing is said; Kakao takes `S256` only.
    fn challenge(&self, parameters: &Parameters<'_>) -> Result<Option<Challenge>, Problem> {
        let method = parameters.get("code_challenge_method");
        let Some(text) = parameters.get("code_challenge") else {
            return if method.is_none() { Ok(None) } else { Err(Problem::Challenge) };
        };
        let is_hash = match (self.provider, method) {
            (_, Some("S256")) => true,
            (Provider::Google, Some("plain") | None) => false,
            _ => return Err(Problem::Challenge),
        };
        let is_right = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte))
            && if is_hash { text.len() == 43 } else { (43..=128).contains(&text.len()) };
        if is_right { Ok(Some(Challenge { text: text.to_owned(), is_hash })) } else { Err(Problem::Challenge) }
    }

    /// A request that is still on somebody's screen.
    pub(super) fn asked(&self, request: &str) -> Result<Asked, Refusal> {
        let asked = self.side().asked.get(request).cloned();
        asked.filter(|asked| self.now() <= asked.at.plus(CODE_LIVES)).ok_or_else(|| self.refusal(&Problem::PageExpired))
    }

    /// Somebody says who they are.
    pub(super) fn choose(&self, request: &str, subject: &str) -> Result<Chosen, Refusal> {
        let asked = self.asked(request)?;
        let (account, agreed) = {
            let side = self.side();
            (side.account(subject).cloned(), side.consents.get(subject).cloned())
        };
        let account = account.ok_or_else(|| self.refusal(&Problem::PageExpired))?;
        let covers = |agreed: &BTreeSet<String>| {
            !asked.scopes_are_named || asked.scopes.iter().all(|scope| agreed.contains(scope))
        };
        match agreed {
            Some(agreed) if !asked.must_ask && covers(&agreed) => {
                self.agree(request, subject, &agreed).map(Chosen::Back)
            }
            _ => Ok(Chosen::Consent { account, scopes: asked.scopes }),
        }
    }

    /// Somebody agrees. What cannot be left out is agreed to with the rest: everything at Google,
    /// the nickname at Kakao. What they had agreed to before stays.
    pub(super) fn agree(&self, request: &str, subject: &str, agreed: &BTreeSet<String>) -> Result<String, Refusal> {
        let asked = self.asked(request)?;
        let internal = |_| self.refusal(&Problem::Internal);
        let code = match self.provider {
            Provider::Google => random_text(70).map(|tail| format!("4/0A{tail}")),
            Provider::Kakao => random_text(86),
        }
        .map_err(internal)?;
        let mut side = self.side();
        let account = side.account(subject).cloned();
        let Some(account) = account else {
            drop(side);
            return Err(self.refusal(&Problem::PageExpired));
        };
        let is_agreed = |scope: &&String| !can_be_left_out(self.provider, scope) || agreed.contains(*scope);
        let known = side.consents.entry(subject.to_owned()).or_default();
        known.extend(asked.scopes.iter().filter(is_agreed).cloned());
        let mut scopes = known.clone();
        if !asked.scopes.iter().any(|scope| scope == "openid") {
            scopes.remove("openid");
        }
        if self.provider == Provider::Google {
            scopes.retain(|scope| asked.scopes.contains(scope));
        }
        side.asked.remove(request);
        let grant = Grant { asked, subject: account.subject.clone(), scopes, at: self.now() };
        let extras = match self.provider {
            Provider::Google => google::extras(&grant, &account),
            Provider::Kakao => Vec::new(),
        };
        let extras = extras.iter().map(|(name, value)| (*name, value.as_str()));
        let address = back(&grant.asked, &[("code", code.as_str())].into_iter().chain(extras).collect::<Vec<_>>());
        side.codes.insert(code, grant);
        Ok(address)
    }

    /// Somebody does not want to.
    pub(super) fn refuse(&self, request: &str) -> Result<String, Refusal> {
        let asked = self.asked(request)?;
        self.side().asked.remove(request);
        Ok(match self.provider {
            Provider::Google => back(&asked, &[("error", "access_denied")]),
            Provider::Kakao => back(&asked, &[("error", "access_denied"), ("error_description", "User denied access")]),
        })
    }
}

/// Whether somebody can go on without agreeing to a scope.
pub(super) fn can_be_left_out(provider: Provider, scope: &str) -> bool {
    provider == Provider::Kakao && kakao::ITEMS.contains(&(scope, true))
}

/// The site's address, with its `state` as it came.
fn back(asked: &Asked, parameters: &[(&str, &str)]) -> String {
    let state = asked.state.as_deref().map(|state| ("state", state));
    with_query(&asked.redirect_uri, &state.into_iter().chain(parameters.iter().copied()).collect::<Vec<_>>())
}
