//! Who may do what: IAM's identity policies, as far as the marketplace uses them.
//!
//! Every function signs with its own access key, which is its name; a call that no statement of
//! that key allows is refused as AWS refuses it. Of IAM's language there is: actions spelled out
//! (no wildcards), resources that end in `*` or not, and the condition `dynamodb:LeadingKeys` under
//! `ForAllValues:StringLike`. There is no `Deny`.

mod dynamodb;

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, PoisonError, RwLock},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
pub(crate) use dynamodb::{TableKeys, demands_of};
use ring::rand::{SecureRandom as _, SystemRandom};
use serde::{Deserialize, Serialize};

/// The access key that may do everything: the local cloud itself, its pages and its tests.
pub const OPERATOR: &str = "Operator";

/// The account in the names of resources in messages.
pub const LOCAL_ACCOUNT: &str = "000000000000";

/// One permission: these actions on this resource.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Statement {
    /// Actions as IAM spells them, such as `dynamodb:GetItem`. No wildcards.
    pub actions: Vec<String>,
    /// `table/NAME`, `table/NAME/index/IDX`, `bucket/BUCKET` (its listing), `bucket/BUCKET/KEY`,
    /// `parameter/NAME`, `identity/ADDRESS`; a `*` at the end stands for anything.
    pub resource: String,
    /// When given, every partition key that the call touches must match one of these; a `*` at the
    /// end stands for anything. A call whose keys cannot be told is refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub leading_keys: Option<Vec<String>>,
}

impl Statement {
    /// These actions on this resource, whatever the key.
    #[must_use]
    pub fn new(actions: &[&str], resource: &str) -> Self {
        let actions = actions.iter().map(|&action| action.to_owned()).collect();
        Self { actions, resource: resource.to_owned(), leading_keys: None }
    }

    /// The same, limited to partition keys of these patterns.
    #[must_use]
    pub fn with_leading_keys(mut self, patterns: &[&str]) -> Self {
        self.leading_keys = Some(patterns.iter().map(|&pattern| pattern.to_owned()).collect());
        self
    }

    fn allows(&self, demand: &Demand) -> bool {
        self.actions.contains(&demand.action)
            && matches(&self.resource, &demand.resource)
            && match (&self.leading_keys, &demand.leading_keys) {
                (None, _) => true,
                // IAM lets a request without keys pass `ForAllValues`; here a policy that speaks of
                // keys refuses what it cannot see, so that a scan cannot slip through.
                (Some(_), None) => false,
                (Some(patterns), Some(keys)) => {
                    !keys.is_empty() && keys.iter().all(|key| patterns.iter().any(|pattern| matches(pattern, key)))
                }
            }
    }
}

/// What one call needs; a call may need several.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct Demand {
    /// The action as IAM spells it.
    pub action: String,
    /// The resource, spelled as in [`Statement::resource`].
    pub resource: String,
    /// The partition keys that the call touches; nothing where it has none or they cannot be told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub leading_keys: Option<Vec<String>>,
}

impl Demand {
    pub(crate) fn new(action: impl Into<String>, resource: impl Into<String>) -> Self {
        Self { action: action.into(), resource: resource.into(), leading_keys: None }
    }
}

/// Every access key with its statements. Clones share them, so that they can be given at run time.
#[derive(Clone)]
pub struct Permissions {
    granted: Arc<RwLock<HashMap<String, Vec<Statement>>>>,
    secret: Arc<str>,
}

impl fmt::Debug for Permissions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Permissions").field("granted", &self.granted).finish_non_exhaustive()
    }
}

impl Permissions {
    /// Nobody but [`OPERATOR`] may do anything.
    #[must_use]
    pub fn operator_only() -> Self {
        let mut random = [0; 32];
        // Without randomness there is no secret, and no signature is right.
        let secret = match SystemRandom::new().fill(&mut random) {
            Ok(()) => STANDARD.encode(random),
            Err(_) => String::new(),
        };
        Self { granted: Arc::default(), secret: secret.into() }
    }

    /// The secret of every access key, new in each run: whoever knows it was given it by us.
    #[must_use]
    pub fn secret(&self) -> &str {
        &self.secret
    }

    /// Gives an access key exactly these statements, in place of those it had.
    pub fn grant(&self, access_key: &str, statements: Vec<Statement>) {
        let mut granted = self.granted.write().unwrap_or_else(PoisonError::into_inner);
        granted.insert(access_key.to_owned(), statements);
    }

    /// Whether there is such an access key.
    #[must_use]
    pub fn knows(&self, access_key: &str) -> bool {
        access_key == OPERATOR || self.granted.read().unwrap_or_else(PoisonError::into_inner).contains_key(access_key)
    }

    /// Whether one statement of the key allows the demand.
    #[must_use]
    pub fn allows(&self, access_key: &str, demand: &Demand) -> bool {
        access_key == OPERATOR
            || self
                .granted
                .read()
                .unwrap_or_else(PoisonError::into_inner)
                .get(access_key)
                .is_some_and(|statements| statements.iter().any(|statement| statement.allows(demand)))
    }
}

/// The words with which AWS refuses a demand.
pub(crate) fn refusal(caller: &str, demand: &Demand, arn: &str) -> String {
    let action = &demand.action;
    format!(
        "User: arn:aws:sts::{LOCAL_ACCOUNT}:assumed-role/{caller}/{caller} is not authorized to perform: {action} \
         on resource: {arn} because no identity-based policy allows the {action} action"
    )
}

fn matches(pattern: &str, text: &str) -> bool {
    pattern.strip_suffix('*').map_or(pattern == text, |prefix| text.starts_with(prefix))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn demand(action: &str, resource: &str, keys: Option<&[&str]>) -> Demand {
        let leading_keys = keys.map(|keys| keys.iter().map(|&key| key.to_owned()).collect());
        Demand { leading_keys, ..Demand::new(action, resource) }
    }

    #[test]
    fn a_statement_allows_its_action_resource_and_keys_and_nothing_else() {
        let permissions = Permissions::operator_only();
        let statement = Statement::new(&["dynamodb:GetItem"], "table/jangteo").with_leading_keys(&["USER#*", "ONE"]);
        permissions.grant("users-me", vec![statement]);
        let allows = |demand: &Demand| permissions.allows("users-me", demand);
        assert!(allows(&demand("dynamodb:GetItem", "table/jangteo", Some(&["USER#1", "ONE"]))));
        assert!(!allows(&demand("dynamodb:GetItem", "table/jangteo", Some(&["USER#1", "ORDER#1"]))));
        assert!(!allows(&demand("dynamodb:GetItem", "table/jangteo", Some(&["ONE#1"]))));
        assert!(!allows(&demand("dynamodb:GetItem", "table/jangteo", Some(&[]))));
        assert!(!allows(&demand("dynamodb:GetItem", "table/jangteo", None)));
        assert!(!allows(&demand("dynamodb:PutItem", "table/jangteo", Some(&["USER#1"]))));
        assert!(!allows(&demand("dynamodb:GetItem", "table/jangteo2", Some(&["USER#1"]))));
        assert!(!permissions.allows("nobody", &demand("dynamodb:GetItem", "table/jangteo", Some(&["USER#1"]))));
    }

    #[test]
    fn the_operator_may_do_everything_and_is_the_only_one_known_at_first() {
        let permissions = Permissions::operator_only();
        assert!(permissions.allows(OPERATOR, &demand("dynamodb:DeleteTable", "table/x", None)));
        assert!(permissions.knows(OPERATOR));
        assert!(!permissions.knows("auth-sign-in"));
        permissions.grant("auth-sign-in", Vec::new());
        assert!(permissions.knows("auth-sign-in"));
    }

    #[test]
    fn a_star_stands_for_anything_at_the_end_only() {
        assert!(matches("bucket/uploads/*", "bucket/uploads/a/b"));
        assert!(!matches("bucket/uploads/*", "bucket/uploads"));
        assert!(!matches("bucket/*/a", "bucket/x/a"));
    }
}
