//! The layers, read from `cargo metadata`: what is not in the list may not be depended on.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    process::Command,
    sync::LazyLock,
};

use local::generate::{self, Inventory};
use serde_json::Value;

/// What the rules may depend on: nothing that does I/O, knows AWS, HTTP or a runtime.
const OF_DOMAIN: [&str; 8] =
    ["icu_properties", "percent-encoding", "schemars", "serde", "thiserror", "time", "ulid", "unicode-normalization"];

/// What runs on laptops and in tests only.
const NEVER_DEPLOYED: [&str; 9] =
    ["engines", "testkit", "local", "dynoxide-rs", "s3s", "s3s-fs", "axum", "proptest", "tempfile"];

/// Licences that everybody who ships this program can live with. cargo-deny reads the same list.
const LICENCES: [&str; 14] = [
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-1-Clause",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    "MIT-0",
    "Unicode-3.0",
    "Zlib",
];

static METADATA: LazyLock<Value> = LazyLock::new(|| {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--offline", "--filter-platform", "x86_64-unknown-linux-gnu"])
        .current_dir(generate::repository())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
});

fn packages() -> &'static [Value] {
    METADATA["packages"].as_array().unwrap()
}

fn members() -> Vec<&'static Value> {
    packages().iter().filter(|package| package["source"].is_null()).collect()
}

fn name(package: &Value) -> &str {
    package["name"].as_str().unwrap()
}

/// The packages that a member asks for by itself; for building and running, not for its tests.
fn direct(package: &'static Value) -> BTreeSet<&'static str> {
    let all = package["dependencies"].as_array().unwrap().iter();
    all.filter(|dependency| dependency["kind"] != "dev").map(name).collect()
}

fn member(wanted: &str) -> &'static Value {
    members().into_iter().find(|package| name(package) == wanted).unwrap_or_else(|| panic!("no package {wanted}"))
}

/// Everything that a member needs to be built, however far away.
fn closure(wanted: &str) -> BTreeSet<&'static str> {
    let nodes: BTreeMap<&str, &Value> = METADATA["resolve"]["nodes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|node| (node["id"].as_str().unwrap(), node))
        .collect();
    let names: BTreeMap<&str, &str> =
        packages().iter().map(|package| (package["id"].as_str().unwrap(), name(package))).collect();
    let mut found = BTreeSet::new();
    let mut waiting = vec![member(wanted)["id"].as_str().unwrap()];
    while let Some(id) = waiting.pop() {
        if !found.insert(id) {
            continue;
        }
        for dependency in nodes[id]["deps"].as_array().unwrap() {
            let is_needed = dependency["dep_kinds"].as_array().unwrap().iter().any(|kind| kind["kind"] != "dev");
            if is_needed {
                waiting.push(dependency["pkg"].as_str().unwrap());
            }
        }
    }
    found.into_iter().map(|id| names[id]).collect()
}

#[test]
fn the_rules_depend_on_nothing_but_words_and_numbers() {
    let unknown: Vec<&str> = direct(member("domain")).into_iter().filter(|name| !OF_DOMAIN.contains(name)).collect();
    assert!(unknown.is_empty(), "domain knows no I/O, no AWS, no HTTP, no clock: {unknown:?} must go elsewhere");
}

#[test]
fn services_know_neither_one_another_nor_aws() {
    let services = Inventory::of_all_services().services;
    for service in &services {
        for dependency in direct(member(service)) {
            assert!(
                !services.contains(&dependency),
                "{service} depends on {dependency}. What two services share is a rule (domain), a question to the \
                 table (shared::store), or an event."
            );
            let is_aws = dependency.starts_with("aws-") || dependency.starts_with("lambda");
            assert!(!is_aws, "{service} depends on {dependency}. The doors to AWS are in shared.");
        }
    }
}

#[test]
fn only_shared_opens_doors_to_aws() {
    // The engines stand where AWS would be, and their tests knock with the real SDKs.
    for package in members().into_iter().filter(|package| name(package) != "shared") {
        for dependency in direct(package) {
            let is_door = dependency.starts_with("aws-sdk-") || dependency.starts_with("lambda_");
            assert!(!is_door, "{} depends on {dependency}, which only shared may", name(package));
        }
    }
}

#[test]
fn nothing_that_is_deployed_drags_in_what_runs_on_laptops() {
    let deployed = closure("lambdas");
    assert!(deployed.contains("aws-sdk-dynamodb"), "the search finds nothing");
    for forbidden in NEVER_DEPLOYED {
        assert!(
            !deployed.contains(forbidden),
            "a function links {forbidden}: see `cargo tree -p lambdas -i {forbidden}`"
        );
    }
}

#[test]
fn nothing_links_aws_lc() {
    // 50 ms of CPU at the first handshake: reference measurements in Cargo.toml.
    for package in packages() {
        let name = name(package);
        assert!(
            !name.starts_with("aws-lc"),
            "{name} is in the tree: find who with `cargo tree -i {name}` and use ring"
        );
    }
}

#[test]
fn every_package_takes_its_lints_and_dependencies_from_the_workspace() {
    for package in members() {
        let path = package["manifest_path"].as_str().unwrap();
        let manifest = fs::read_to_string(path).unwrap();
        assert!(manifest.contains("[lints]\nworkspace = true"), "{path} has no `[lints] workspace = true`");
        let mut section = "";
        for line in manifest.lines() {
            if line.starts_with('[') {
                section = line;
            } else if section.ends_with("dependencies]") && line.contains('=') && !line.trim_start().starts_with('#') {
                assert!(
                    line.contains("workspace = true"),
                    "{path}: `{line}`. A dependency is declared once, in the workspace's Cargo.toml."
                );
            }
        }
    }
}

#[test]
fn what_we_ask_for_ourselves_is_there_in_one_version() {
    let versions: BTreeMap<&str, &str> = packages()
        .iter()
        .map(|package| (package["id"].as_str().unwrap(), package["version"].as_str().unwrap()))
        .collect();
    let ids: BTreeSet<&str> = members().iter().map(|package| package["id"].as_str().unwrap()).collect();
    let mut found: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for node in METADATA["resolve"]["nodes"].as_array().unwrap() {
        if ids.contains(node["id"].as_str().unwrap()) {
            for dependency in node["deps"].as_array().unwrap() {
                let version = versions[dependency["pkg"].as_str().unwrap()];
                found.entry(dependency["name"].as_str().unwrap()).or_default().insert(version);
            }
        }
    }
    for (name, versions) in found {
        assert_eq!(versions.len(), 1, "{name} is asked for in several versions: {versions:?}");
    }
}

#[test]
fn every_licence_is_one_that_everybody_can_live_with() {
    for package in packages().iter().filter(|package| !package["source"].is_null()) {
        let licence = package["license"].as_str().unwrap_or_default().replace('/', " OR ");
        assert!(
            is_allowed(&licence),
            "{} {} is under {licence:?}; either do without it or add the licence, with thought, here and in deny.toml",
            name(package),
            package["version"]
        );
    }
}

/// Whether an SPDX expression can be met by licences of the list.
fn is_allowed(expression: &str) -> bool {
    let text = expression.trim();
    for (word, any) in [(" OR ", true), (" AND ", false)] {
        let parts = split(text, word);
        if parts.len() > 1 {
            return if any {
                parts.iter().any(|part| is_allowed(part))
            } else {
                parts.iter().all(|part| is_allowed(part))
            };
        }
    }
    match text.strip_prefix('(').and_then(|text| text.strip_suffix(')')) {
        Some(inside) => is_allowed(inside),
        None => LICENCES.contains(&text),
    }
}

/// Splits where no parenthesis is open.
fn split(text: &str, word: &str) -> Vec<String> {
    let mut parts: Vec<String> = Vec::new();
    for piece in text.split(word) {
        match parts.last_mut() {
            // A parenthesis of the part before is still open: this belongs to it.
            Some(last) if last.matches('(').count() > last.matches(')').count() => {
                last.push_str(word);
                last.push_str(piece);
            }
            _ => parts.push(piece.to_owned()),
        }
    }
    parts
}

#[test]
fn licence_expressions_are_read_right() {
    assert!(is_allowed("MIT OR GPL-3.0") && is_allowed("(MIT OR GPL-3.0) AND Unicode-3.0") && is_allowed("MIT"));
    assert!(!is_allowed("MIT AND GPL-3.0") && !is_allowed("(MIT AND GPL-3.0) OR AGPL-3.0") && !is_allowed(""));
}
