//! Secrets: kept in the parameter store (SecureString, free tier), read once per process, and only
//! by the functions that declare them.
//!
//! They are read when the first request has reached its handler, not when the function starts: a
//! start then makes no call and no client for it, and a request that is refused before it reaches
//! a handler costs none either.

use std::{collections::BTreeMap, sync::Arc};

use tokio::sync::OnceCell;

pub use crate::ground::secret::{Secret, SecretName};
use crate::{
    aws::Aws,
    fault::{Fault, FaultKind},
    ground::touch::Touch,
    meter,
};

/// The secrets that this function declared. Clones share what was read.
#[derive(Debug, Clone)]
pub struct Secrets(Arc<Declared>);

#[derive(Debug)]
struct Declared {
    aws: Aws,
    prefix: String,
    names: Vec<SecretName>,
    read: OnceCell<BTreeMap<SecretName, Secret>>,
}

impl Secrets {
    /// The named secrets, of which nothing is read yet.
    #[must_use]
    pub fn new(aws: &Aws, prefix: &str, names: Vec<SecretName>) -> Self {
        Self(Arc::new(Declared { aws: aws.clone(), prefix: prefix.to_owned(), names, read: OnceCell::new() }))
    }

    /// Reads them, in one call, unless they were read before. Whoever comes meanwhile waits for that
    /// call. A call that failed is forgotten, so that the next request tries again.
    ///
    /// # Errors
    /// [`FaultKind::Secrets`] when the store does not answer, [`FaultKind::Configuration`] when it
    /// lacks one of them.
    pub async fn ready(&self) -> Result<(), Fault> {
        let declared = &*self.0;
        if declared.names.is_empty() {
            return Ok(());
        }
        declared.read.get_or_try_init(|| declared.ask()).await.map(|_| ())
    }

    /// One of the declared secrets. Handlers can ask for it; what runs before them cannot.
    ///
    /// # Errors
    /// [`FaultKind::Configuration`] when this function did not declare it, or nothing was read yet.
    pub fn get(&self, name: SecretName) -> Result<&Secret, Fault> {
        let wrong = |what| Fault::new(FaultKind::Configuration, what).with_source(name.parameter());
        if !self.0.names.contains(&name) {
            return Err(wrong("the function did not declare this secret"));
        }
        let secret = self.0.read.get().and_then(|read| read.get(&name));
        let secret = secret.ok_or_else(|| wrong("the secrets are not read before the first request"))?;
        meter::touch(Touch::Secret(name));
        Ok(secret)
    }
}

impl Declared {
    async fn ask(&self) -> Result<BTreeMap<SecretName, Secret>, Fault> {
        let answer = self
            .aws
            .parameters()
            .get_parameters()
            .set_names(Some(self.names.iter().map(|name| format!("{}{}", self.prefix, name.parameter())).collect()))
            .with_decryption(true)
            .send()
            .await
            .map_err(|error| Fault::new(FaultKind::Secrets, "read the secrets").with_source(error))?;
        let mut secrets = BTreeMap::new();
        for parameter in answer.parameters() {
            let name = parameter.name().and_then(|name| name.strip_prefix(&*self.prefix)).unwrap_or_default();
            if let (Some(known), Some(value)) = (self.names.iter().find(|n| n.parameter() == name), parameter.value()) {
                secrets.insert(*known, Secret::new(value));
            }
        }
        match self.names.iter().find(|name| !secrets.contains_key(name)) {
            Some(missing) => Err(Fault::new(FaultKind::Configuration, "a secret is not in the parameter store")
                .with_source(missing.parameter())),
            None => Ok(secrets),
        }
    }
}
