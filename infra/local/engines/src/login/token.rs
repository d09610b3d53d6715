//! The token endpoint: a code for tokens, once.

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use ring::digest;
use serde_json::{Map, Value, json};

use super::{
    Account, Client, IdTokenFlaw, Provider, Simulator, claims,
    errors::{Parameters, Problem},
    google,
    id_token::{Signer, mint},
    kakao, parameters_of, random_text,
    side::{AccessToken, CODE_LIVES, Challenge, Grant},
};

impl Simulator {
    /// Exchanges a code. `basic` is what the header `Authorization` has after `Basic`.
    pub(super) fn exchange(
        &self,
        basic: Option<&str>,
        pairs: &[(String, String)],
        flaw: Option<IdTokenFlaw>,
    ) -> Result<Map<String, Value>, Problem> {
        let parameters = Parameters::new(pairs)?;
        let grant_type = parameters.required("grant_type")?;
        self.authenticate(basic, &parameters)?;
        if grant_type != "authorization_code" {
            return Err(Problem::GrantType(grant_type.to_owned()));
        }
        let (grant, account) = self.redeem(&parameters)?;
        self.tokens(&grant, &account, flaw)
    }

    /// A client shows its secret in the form, at Google also in the header (RFC 6749 §2.3.1).
    fn authenticate(&self, basic: Option<&str>, parameters: &Parameters<'_>) -> Result<(), Problem> {
        let Client { id, secret, .. } = self.client();
        let header = match self.provider {
            Provider::Google => basic.map(credentials).transpose()?,
            Provider::Kakao => None,
        };
        let (shown_id, shown_secret) = match header {
            Some((id, secret)) => (id, Some(secret)),
            None => (
                parameters.get("client_id").unwrap_or_default().to_owned(),
                parameters.get("client_secret").map(str::to_owned),
            ),
        };
        if shown_id != *id {
            return Err(Problem::UnknownClient(shown_id));
        }
        match shown_secret {
            None => Err(Problem::NoSecret),
            Some(shown) if shown != *secret => Err(Problem::WrongSecret),
            Some(_) => Ok(()),
        }
    }

    /// Takes a code out of memory, when everything that it was asked for with is there again.
    fn redeem(&self, parameters: &Parameters<'_>) -> Result<(Grant, Account), Problem> {
        let code = parameters.required("code")?;
        let redirect_uri = parameters.required("redirect_uri")?;
        let unknown = || Problem::UnknownCode(code.to_owned());
        let now = self.now();
        let mut side = self.side();
        let grant = side.codes.get(code).filter(|grant| now <= grant.at.plus(CODE_LIVES)).ok_or_else(unknown)?;
        if grant.asked.redirect_uri != redirect_uri {
            return Err(Problem::RedirectUri(redirect_uri.to_owned()));
        }
        verify(grant.asked.challenge.as_ref(), parameters.get("code_verifier"), self.provider)?;
        let grant = grant.clone();
        let account = side.account(&grant.subject).cloned().ok_or_else(unknown)?;
        side.codes.remove(code);
        Ok((grant, account))
    }

    fn tokens(
        &self,
        grant: &Grant,
        account: &Account,
        flaw: Option<IdTokenFlaw>,
    ) -> Result<Map<String, Value>, Problem> {
        let random = |length| random_text(length).map_err(|_| Problem::Internal);
        let (access_token, lives, scope) = match self.provider {
            Provider::Google => {
                (format!("ya29.{}", random(120)?), google::ACCESS_TOKEN_LIVES, google::granted(&grant.scopes))
            }
            Provider::Kakao => (random(54)?, kakao::TOKEN_LIVES, kakao::granted(&grant.scopes)),
        };
        let now = self.now();
        let token = AccessToken {
            subject: grant.subject.clone(),
            scopes: grant.scopes.clone(),
            connected_at: grant.at,
            until: now.plus(lives),
        };
        self.side().tokens.insert(access_token.clone(), token);
        let mut answer = Map::new();
        let mut set = |name: &str, value: Value| answer.insert(name.to_owned(), value);
        set("access_token", json!(access_token));
        set("expires_in", json!(lives.0));
        set("scope", json!(scope));
        match self.provider {
            Provider::Google => {
                set("token_type", json!("Bearer"));
                if grant.asked.offline {
                    set("refresh_token", json!(format!("1//{}", random(90)?)));
                }
            }
            Provider::Kakao => {
                set("token_type", json!("bearer"));
                set("refresh_token", json!(random(54)?));
                set("refresh_token_expires_in", json!(kakao::REFRESH_TOKEN_LIVES.0));
            }
        }
        if grant.scopes.contains("openid") {
            let claims = claims::id_token(self, grant, account, &access_token, now);
            let (ours, other) = (self.signer(self.provider)?, self.signer(self.provider.other())?);
            if let Some(id_token) = mint(claims, &ours, &other, flaw) {
                set("id_token", json!(id_token));
            }
        }
        Ok(answer)
    }

    fn signer(&self, provider: Provider) -> Result<Signer, Problem> {
        let key = self.shared.side(provider).keys.current().cloned().ok_or(Problem::Internal)?;
        Ok(Signer { issuer: Self { provider, shared: self.shared.clone() }.issuer(), key })
    }
}

/// `id:secret` in base64, each part encoded as in a form.
fn credentials(basic: &str) -> Result<(String, String), Problem> {
    let unknown = || Problem::UnknownClient(String::new());
    let text =
        STANDARD.decode(basic.trim()).ok().and_then(|bytes| String::from_utf8(bytes).ok()).ok_or_else(unknown)?;
    let (id, secret) = text.split_once(':').ok_or_else(unknown)?;
    Ok((form_decoded(id), form_decoded(secret)))
}

/// One value of a form. What is not encoded right matches nothing.
fn form_decoded(text: &str) -> String {
    parameters_of(&format!("http://form.test/?value={text}")).into_iter().map(|(_, value)| value).collect()
}

/// RFC 7636 §4.6. A verifier for a code without a challenge is refused by Google and passed over
/// by Kakao.
fn verify(challenge: Option<&Challenge>, verifier: Option<&str>, provider: Provider) -> Result<(), Problem> {
    match (challenge, verifier) {
        (None, None) => Ok(()),
        (None, Some(_)) if provider == Provider::Kakao => Ok(()),
        (None, Some(_)) => Err(Problem::NeedlessVerifier),
        (Some(_), None) => Err(Problem::NoVerifier),
        (Some(challenge), Some(verifier)) => {
            let hash = digest::digest(&digest::SHA256, verifier.as_bytes());
            let made = if challenge.is_hash { URL_SAFE_NO_PAD.encode(hash) } else { verifier.to_owned() };
            if made == challenge.text { Ok(()) } else { Err(Problem::WrongVerifier) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_rfc_7636_appendix_b_verifies_and_nothing_beside_it() {
        let challenge = Challenge { text: "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM".to_owned(), is_hash: true };
        let check = |verifier| verify(Some(&challenge), verifier, Provider::Google);
        assert_eq!(check(Some("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")), Ok(()));
        assert_eq!(check(Some("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXl")), Err(Problem::WrongVerifier));
        assert_eq!(check(Some(&challenge.text)), Err(Problem::WrongVerifier));
        assert_eq!(check(None), Err(Problem::NoVerifier));
    }
}
