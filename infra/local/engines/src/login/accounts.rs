//! The people who can log in.

use ring::digest;
use serde::Serialize;

use super::Provider;

/// Somebody with an account at a provider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Account {
    /// The provider's own name for them, which never changes: 21 digits at Google, 10 at Kakao.
    pub subject: String,
    /// Their address. Somebody who joined Kakao by telephone may have none.
    pub email: Option<String>,
    /// Whether the provider has seen that they read its mails.
    pub email_verified: bool,
    /// Kakao only: whether the address is still this account's; no when it went to another one.
    pub email_valid: bool,
    /// Their name, or nickname at Kakao.
    pub name: String,
    /// Whether they have a picture.
    pub has_picture: bool,
    /// Google only: the Workspace that the account is of.
    pub hosted_domain: Option<String>,
}

impl Account {
    /// An account whose subject follows from its address (or name, without one), so that somebody
    /// who types the same address into the page again is the same person.
    pub(super) fn new(provider: Provider, email: Option<&str>, verified: bool, name: &str) -> Self {
        let source = email.unwrap_or(name).to_lowercase();
        let hash = digest::digest(&digest::SHA256, format!("{} {source}", provider.name()).as_bytes());
        let number = hash.as_ref().iter().take(12).fold(0_u128, |sum, byte| (sum << 8) | u128::from(*byte));
        let subject = match provider {
            Provider::Google => format!("1{:020}", number.checked_rem(10_u128.pow(20)).unwrap_or_default()),
            Provider::Kakao => format!("4{:09}", number.checked_rem(10_u128.pow(9)).unwrap_or_default()),
        };
        Self {
            subject,
            email: email.map(str::to_owned),
            email_verified: verified,
            email_valid: true,
            name: name.to_owned(),
            has_picture: false,
            hosted_domain: None,
        }
    }

    /// The first letter of the name, for where a picture would be.
    pub(super) fn initial(&self) -> String {
        self.name.chars().next().map(|letter| letter.to_uppercase().to_string()).unwrap_or_default()
    }
}

/// Who is on the page from the start: one who can be linked, and one of each kind who cannot.
pub(super) fn first_accounts(provider: Provider) -> Vec<Account> {
    let account = |email, verified, name| Account::new(provider, email, verified, name);
    match provider {
        Provider::Google => vec![
            Account { has_picture: true, ..account(Some("mina@example.com"), true, "Mina Kim") },
            Account {
                hosted_domain: Some("jangteo.example".to_owned()),
                ..account(Some("joon@jangteo.example"), true, "Joon Park")
            },
            account(Some("sora@example.net"), false, "Sora Lee"),
        ],
        Provider::Kakao => vec![
            Account { has_picture: true, ..account(Some("mina@example.com"), true, "민아") },
            account(Some("jun@example.net"), false, "준"),
            Account { email_valid: false, ..account(Some("moved@example.net"), true, "소라") },
            account(None, false, "하나"),
        ],
    }
}
