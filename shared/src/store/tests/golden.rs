//! Items of every kind as they were ever written, in the folder `golden`: what is stored once must be readable
//! for ever.
//!
//! A file is named `{kind}.v{version}.{number}.json` and holds one item as DynamoDB has it. No file is ever
//! changed. When an entity gets or loses a field, no file says what is written: then
//! `GOLDEN=write cargo test -p shared -p engines golden` adds a file. Where older code could not read the new
//! shape, or this code not the old one, raise [`Entity::VERSION`] first and teach [`Entity::upgrade`].

mod samples;

use std::{
    collections::{BTreeMap, BTreeSet},
    env, fs,
    path::PathBuf,
};

use aws_sdk_dynamodb::types::AttributeValue;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Map, Value, json};

use super::super::{
    Entity, Item, KINDS, Kind,
    item::{Attributes, write},
};

/// What is counted by updates alone, and never read as a whole.
const COUNTERS: [Kind; 4] = [Kind::HOLDINGS, Kind::HOLDINGS_OF_VARIANT, Kind::LIMIT_COUNTER, Kind::MEDIA_QUOTA];

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src/store/tests/golden")
}

/// The files by kind and version, oldest first, each with its item.
fn files() -> BTreeMap<(String, u16), Vec<(u32, Value)>> {
    let mut files: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for path in fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path()) {
        if path.extension().is_none_or(|extension| extension != "json") {
            continue;
        }
        let name = path.file_stem().unwrap().to_str().unwrap();
        let (kind, version) = name.split_once(".v").unwrap();
        let (version, number) = version.split_once('.').unwrap();
        let item = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
        let of_version = files.entry((kind.to_owned(), version.parse().unwrap())).or_default();
        of_version.push((number.parse().unwrap(), item));
    }
    for of_version in files.values_mut() {
        of_version.sort_by_key(|(number, _)| *number);
    }
    files
}

fn item(json: &Value) -> Item {
    Item::from_stream(json.as_object().unwrap()).unwrap()
}

/// An item as DynamoDB writes it.
fn typed(item: &Attributes) -> Value {
    let fields: Map<String, Value> = item.iter().map(|(name, value)| (name.clone(), typed_value(value))).collect();
    Value::Object(fields)
}

fn typed_value(value: &AttributeValue) -> Value {
    match value {
        AttributeValue::S(text) => json!({ "S": text }),
        AttributeValue::N(number) => json!({ "N": number }),
        AttributeValue::Bool(truth) => json!({ "BOOL": truth }),
        AttributeValue::Null(_) => json!({ "NULL": true }),
        AttributeValue::B(bytes) => json!({ "B": STANDARD.encode(bytes) }),
        AttributeValue::L(list) => json!({ "L": list.iter().map(typed_value).collect::<Vec<_>>() }),
        AttributeValue::M(fields) => json!({ "M": typed(fields) }),
        other => panic!("no entity has {other:?}"),
    }
}

/// What is wrong with the files of one entity, of which `sample` has every field.
#[expect(clippy::disallowed_methods, reason = "who changes what is stored asks for its file by the environment")]
fn check<E: Entity>(sample: &E, found: &mut Found) {
    let kind = E::KIND.as_str();
    found.kinds.insert(kind.to_owned());
    let written = typed(&write(sample).unwrap());
    let of_version = found.files.entry((kind.to_owned(), E::VERSION)).or_default();
    if of_version.iter().all(|(_, known)| *known != written) {
        let number = of_version.last().map_or(1, |(number, _)| number.saturating_add(1));
        let name = format!("{kind}.v{}.{number}.json", E::VERSION);
        if env::var("GOLDEN").as_deref() == Ok("write") {
            let text = serde_json::to_string_pretty(&written).unwrap() + "\n";
            fs::write(folder().join(&name), text).unwrap();
            of_version.push((number, written));
        } else {
            found.wrong.push(format!("{name} is missing: what is written of this kind has changed"));
        }
    }
    for version in 1..=E::VERSION {
        let Some(of_version) = found.files.get(&(kind.to_owned(), version)) else {
            found.wrong.push(format!("there is no {kind}.v{version}.1.json"));
            continue;
        };
        for (number, old) in of_version {
            match item(old).read::<E>().and_then(|entity| write(&entity)) {
                Ok(now) if now.get("pk") == item(old).0.get("pk") && now.get("sk") == item(old).0.get("sk") => {}
                Ok(now) => found.wrong.push(format!("{kind}.v{version}.{number} is read as {now:?}")),
                Err(fault) => found.wrong.push(format!("{kind}.v{version}.{number} is not read: {}", fault.chain())),
            }
        }
    }
}

struct Found {
    files: BTreeMap<(String, u16), Vec<(u32, Value)>>,
    kinds: BTreeSet<String>,
    wrong: Vec<String>,
}

#[test]
fn what_was_ever_written_is_read_and_what_is_written_is_on_file() {
    let mut found = Found { files: files(), kinds: BTreeSet::new(), wrong: Vec::new() };
    samples::check_all(&mut found);
    assert!(found.wrong.is_empty(), "{:#?}", found.wrong);
    let counters = COUNTERS.map(Kind::as_str).map(str::to_owned);
    let all: BTreeSet<String> = found.kinds.iter().cloned().chain(counters).collect();
    assert_eq!(all, KINDS.iter().map(|kind| kind.as_str().to_owned()).collect(), "a sample for each kind");
    let on_file: BTreeSet<String> = files().into_keys().map(|(kind, _)| kind).collect();
    assert_eq!(on_file, found.kinds, "a file is of a kind that there is");
}

#[test]
fn a_field_that_got_another_name_does_not_go_unnoticed() {
    let ((kind, version), mut of_version) = files().into_iter().find(|((kind, _), _)| kind == "stock").unwrap();
    for (_, old) in &mut of_version {
        let fields = old.as_object_mut().unwrap();
        let available = fields.remove("available").unwrap();
        fields.insert("on_hand".to_owned(), available);
    }
    let files = BTreeMap::from([((kind, version), of_version)]);
    let mut found = Found { files, kinds: BTreeSet::new(), wrong: Vec::new() };
    check(&samples::stock(), &mut found);
    assert_eq!(found.wrong.len(), 2, "it is missing as it is written now, and not read as it was: {:?}", found.wrong);
}
