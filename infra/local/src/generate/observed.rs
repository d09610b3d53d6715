//! Declared is observed, both ways: the tests note what each operation touched and answered
//! (`testkit`, in `target/observed/`), and here that is held to what the operation declares.

use std::{collections::BTreeSet, fs, path::Path};

use serde_json::Value;
use shared::api::Touch;

use super::{Function, GenerateError, Inventory, errors};

/// What the tests saw of one operation.
#[derive(Debug, Default)]
struct Seen {
    touched: BTreeSet<String>,
    codes: BTreeSet<String>,
    statuses: BTreeSet<u64>,
}

/// Every difference between what is declared and what was observed, a line each.
///
/// # Errors
/// When there is nothing observed, or it cannot be read.
pub fn differences(folder: &Path, inventory: &Inventory) -> Result<Vec<String>, GenerateError> {
    if !folder.is_dir() {
        return Err(GenerateError::Definition(format!("{} is not there: run the tests first", folder.display())));
    }
    let mut lines = Vec::new();
    for function in inventory.functions() {
        let path = folder.join(format!("{}.jsonl", function.id()));
        let Ok(text) = fs::read_to_string(&path) else {
            lines.push(format!("{}: no test calls it", function.id()));
            continue;
        };
        let seen =
            seen(&text).ok_or_else(|| GenerateError::Definition(format!("{} is not readable", path.display())))?;
        lines.extend(touches(&function, &seen).into_iter().chain(answers(&function, &seen)));
    }
    Ok(lines)
}

fn seen(text: &str) -> Option<Seen> {
    let mut seen = Seen::default();
    for line in text.lines() {
        let value: Value = serde_json::from_str(line).ok()?;
        if let Some(touch) = value.get("touched").and_then(Value::as_str) {
            seen.touched.insert(touch.to_owned());
        }
        if let Some(code) = value.get("code").and_then(Value::as_str) {
            seen.codes.insert(code.to_owned());
        }
        seen.statuses.extend(value.get("status").and_then(Value::as_u64));
    }
    Some(seen)
}

/// Secrets are left out: a function reads them when it starts, before there is anything to observe,
/// and does not start without one that it needs.
fn touches(function: &Function<'_>, seen: &Seen) -> Vec<String> {
    let declared: BTreeSet<String> = function
        .touches()
        .into_iter()
        .filter(|touch| !matches!(touch, Touch::Secret(_)))
        .map(|touch| format!("{touch:?}"))
        .collect();
    let observed: BTreeSet<String> =
        seen.touched.iter().filter(|touch| !touch.starts_with("Secret(")).cloned().collect();
    let id = function.id();
    let undeclared = observed.difference(&declared).map(|touch| format!("{id}: does {touch} and does not declare it"));
    let unused = declared.difference(&observed).map(|touch| format!("{id}: declares {touch} and no test saw it"));
    undeclared.chain(unused).collect()
}

fn answers(function: &Function<'_>, seen: &Seen) -> Vec<String> {
    let Function::Endpoint(endpoint) = function else { return Vec::new() };
    let id = function.id();
    let may: BTreeSet<String> = errors::of(endpoint).iter().map(|code| code.code.to_owned()).collect();
    let own: BTreeSet<String> = endpoint.errors.iter().map(|code| code.code.to_owned()).collect();
    let statuses: BTreeSet<u64> = endpoint.statuses.iter().map(|status| u64::from(*status)).collect();
    let undeclared = seen.codes.difference(&may).map(|code| format!("{id}: answers {code} and does not declare it"));
    let unseen = own.difference(&seen.codes).map(|code| format!("{id}: declares {code} and no test saw it"));
    let silent = statuses.difference(&seen.statuses).map(|status| format!("{id}: no test saw it answer {status}"));
    undeclared.chain(unseen).chain(silent).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_declared_and_what_is_not_observed_are_both_named() {
        let inventory = Inventory::of(&[&ops::SERVICE]);
        let folder = tempfile::tempdir().unwrap();
        for endpoint in inventory.endpoints.iter().chain(&inventory.default_route) {
            let path = folder.path().join(format!("{}.jsonl", endpoint.route.id));
            let own = endpoint.errors.iter().map(|code| format!("{{\"code\":\"{}\"}}\n", code.code));
            let seen = format!("{{\"status\":200}}\n{{\"code\":\"request.invalid\"}}\n{}", own.collect::<String>());
            fs::write(path, seen).unwrap();
        }
        assert_eq!(differences(folder.path(), &inventory).unwrap(), Vec::<String>::new());

        let health = folder.path().join("ops.get_health.jsonl");
        fs::write(&health, "{\"touched\":\"Get(user)\"}\n{\"code\":\"auth.email_taken\"}\n").unwrap();
        assert_eq!(
            differences(folder.path(), &inventory).unwrap(),
            [
                "ops.get_health: does Get(user) and does not declare it",
                "ops.get_health: answers auth.email_taken and does not declare it",
                "ops.get_health: no test saw it answer 200",
            ]
        );
        fs::remove_file(health).unwrap();
        assert_eq!(differences(folder.path(), &inventory).unwrap(), ["ops.get_health: no test calls it"]);
    }
}
