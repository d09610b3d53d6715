//! The parameter store: AWS Systems Manager's `GetParameter` and `GetParameters`.
//!
//! The values live in memory, or in a file of the data folder that only its owner may read. Every
//! parameter is a `SecureString` of version 1; asked without `WithDecryption`, its value is not
//! shown (AWS shows the ciphertext).

use std::{
    collections::BTreeMap,
    fs,
    io::{self, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use http::StatusCode;
use serde_json::{Value, json};

use crate::{EngineError, permissions::Demand};

/// The most names of one `GetParameters` (API Reference).
const NAMES_AT_MOST: usize = 10;

/// The parameters by name, shared by the clones. Its `Debug` shows no values.
#[derive(Clone)]
pub struct Secrets {
    state: Arc<Mutex<State>>,
}

struct State {
    values: BTreeMap<String, String>,
    file: Option<PathBuf>,
}

impl std::fmt::Debug for Secrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Secrets").field("names", &self.names()).finish()
    }
}

impl Secrets {
    /// The parameters of the file, and of `initial` those that the file does not have yet.
    pub(crate) fn open(file: Option<PathBuf>, initial: BTreeMap<String, String>) -> Result<Self, EngineError> {
        let mut values = initial;
        if let Some(file) = &file {
            match fs::read(file) {
                Ok(kept) => {
                    let kept: BTreeMap<String, String> = serde_json::from_slice(&kept).map_err(|error| {
                        EngineError::File { file: file.display().to_string(), reason: error.to_string() }
                    })?;
                    values.extend(kept);
                }
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error.into()),
            }
        }
        let state = State { values, file };
        state.save()?;
        Ok(Self { state: Arc::new(Mutex::new(state)) })
    }

    /// The value of a parameter.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<String> {
        self.lock().values.get(name).cloned()
    }

    /// Sets a parameter, and writes it to the file when there is one.
    ///
    /// # Errors
    /// When the file cannot be written; the value is set all the same.
    pub fn put(&self, name: &str, value: &str) -> Result<(), EngineError> {
        let mut state = self.lock();
        state.values.insert(name.to_owned(), value.to_owned());
        Ok(state.save()?)
    }

    /// The names of all parameters, sorted.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        self.lock().values.keys().cloned().collect()
    }

    /// Answers a call with status and body.
    pub(crate) fn answer(&self, operation: &str, request: &Value) -> (StatusCode, Value) {
        let decrypt = request.get("WithDecryption").and_then(Value::as_bool).unwrap_or(false);
        let found = |name: &str| self.get(name).map(|value| parameter(name, &value, decrypt));
        match operation {
            "GetParameter" => match names_of(operation, request).first().map(|name| found(name)) {
                Some(Some(parameter)) => (StatusCode::OK, json!({"Parameter": parameter})),
                Some(None) => (StatusCode::BAD_REQUEST, json!({"__type": "ParameterNotFound"})),
                None => refused("Name must not be null"),
            },
            "GetParameters" => {
                let names = names_of(operation, request);
                if names.is_empty() || names.len() > NAMES_AT_MOST {
                    return refused("Member must have length between 1 and 10");
                }
                let parameters: Vec<Value> = names.iter().filter_map(|name| found(name)).collect();
                let invalid: Vec<&str> = names.into_iter().filter(|name| self.get(name).is_none()).collect();
                (StatusCode::OK, json!({"Parameters": parameters, "InvalidParameters": invalid}))
            }
            _ => {
                let message = format!("the local parameter store has no {operation}");
                (StatusCode::BAD_REQUEST, json!({"__type": "UnknownOperationException", "message": message}))
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Written beside the file, readable by its owner only, and moved over it.
    fn save(&self) -> io::Result<()> {
        let Some(file) = &self.file else { return Ok(()) };
        let new = file.with_extension("new");
        let mut writer = fs::OpenOptions::new().create(true).truncate(true).write(true).mode(0o600).open(&new)?;
        serde_json::to_writer_pretty(&mut writer, &self.values)?;
        writer.flush()?;
        fs::rename(new, file)
    }
}

/// What the call needs: each named parameter.
pub(crate) fn demands_of(operation: &str, request: &Value) -> Vec<Demand> {
    let demand =
        |name: &str| Demand::new(format!("ssm:{operation}"), format!("parameter/{}", name.trim_start_matches('/')));
    let names = names_of(operation, request);
    if names.is_empty() { vec![demand("not-understood")] } else { names.into_iter().map(demand).collect() }
}

fn names_of<'a>(operation: &str, request: &'a Value) -> Vec<&'a str> {
    match operation {
        "GetParameter" => request.get("Name").and_then(Value::as_str).into_iter().collect(),
        _ => {
            let names = request.get("Names").and_then(Value::as_array);
            names.into_iter().flatten().filter_map(Value::as_str).collect()
        }
    }
}

fn parameter(name: &str, value: &str, decrypt: bool) -> Value {
    json!({
        "Name": name,
        "Type": "SecureString",
        "Value": if decrypt { value } else { "encrypted" },
        "Version": 1,
        "DataType": "text",
    })
}

fn refused(message: &str) -> (StatusCode, Value) {
    (StatusCode::BAD_REQUEST, json!({"__type": "ValidationException", "message": message}))
}
