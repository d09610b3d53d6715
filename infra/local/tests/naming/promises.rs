//! One name, spelled by rule: id, file, type, binary and test are never out of step.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
};

use local::generate::{self, Inventory, name::Name, openapi};
use shared::api::problem::CATALOGUE;

/// A function's name may have 64 characters (Lambda API, `FunctionName`), of which the stack takes
/// up to 30 (scripts/lib/common.sh) and a hyphen.
const BINARY_MAX: usize = 64 - 31;

#[test]
fn every_endpoint_file_is_listed() {
    let inventory = Inventory::of_all_services();
    let listed: BTreeSet<&str> = inventory.functions().iter().map(|function| function.id()).collect();
    for service in &inventory.services {
        for entry in fs::read_dir(generate::repository().join("functions").join(service).join("src")).unwrap() {
            let path = entry.unwrap().path();
            let Some(operation) = path.file_name().and_then(|name| name.to_str()?.strip_suffix(".rs")) else {
                continue;
            };
            let source = fs::read_to_string(&path).unwrap();
            if !source.lines().any(|line| line.starts_with("impl Endpoint for") || line.starts_with("impl Job for")) {
                continue;
            }
            let id = format!("{service}.{operation}");
            assert!(
                listed.contains(id.as_str()),
                "{} defines an endpoint or a job that nobody lists as {id}. Add it to `endpoints` or `jobs` in \
                 functions/{service}/src/lib.rs, and let its file and its id have the same name.",
                path.display()
            );
        }
    }
}

#[test]
fn a_new_service_is_told_where_it_has_to_be_listed() {
    let read = |file: &str| fs::read_to_string(generate::repository().join(file)).unwrap();
    let (workspace, local) = (read("Cargo.toml"), read("infra/local/Cargo.toml"));
    let listed: BTreeSet<&str> = local::services::all().iter().map(|service| service.name()).collect();
    for entry in fs::read_dir(generate::repository().join("functions")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        if name == "lambdas" {
            continue;
        }
        let member = format!("\"functions/{name}\",");
        let times = workspace.matches(&member).count();
        assert_eq!(times, 2, "Cargo.toml: add {member} to `members` and to `default-members`");
        let dependency = format!("\n{name} = {{ path = \"functions/{name}\" }}");
        assert!(workspace.contains(&dependency), "Cargo.toml, [workspace.dependencies]: add {dependency}");
        let dependency = format!("\n{name}.workspace = true");
        assert!(local.contains(&dependency), "infra/local/Cargo.toml, [dependencies]: add {dependency}");
        assert!(listed.contains(name.as_str()), "infra/local/src/services.rs: add &{name}::SERVICE");
    }
}

#[test]
fn every_id_names_its_service_its_file_and_its_type() {
    for function in Inventory::of_all_services().functions() {
        let id = function.id();
        let name = Name::of(id).unwrap_or_else(|| panic!("{id} is not spelled service.verb_noun"));
        assert_eq!(name.service, function.service(), "{id} stands in the list of another service");
        let file = generate::repository().join(name.file());
        let source = fs::read_to_string(&file).unwrap_or_else(|_| panic!("{id} belongs in {}", name.file()));
        let definition = format!("pub struct {};", name.type_name());
        assert!(source.contains(&definition), "{} must define `{definition}`", name.file());
        let binary = name.binary();
        assert!(binary.len() <= BINARY_MAX, "{binary} is longer than {BINARY_MAX}: Lambda's names end at 64");
    }
}

#[test]
fn every_endpoint_and_job_has_tests_under_its_own_name() {
    let missing: Vec<String> = Inventory::of_all_services()
        .functions()
        .iter()
        .filter_map(|function| Name::of(function.id()))
        .map(|name| name.test_file())
        .filter(|file| !generate::repository().join(file).is_file())
        .collect();
    assert!(missing.is_empty(), "these have no tests of their own; write them:\n  {}", missing.join("\n  "));
}

#[test]
fn every_error_code_is_in_the_catalogue_and_something_gives_it() {
    let inventory = Inventory::of_all_services();
    let catalogued: BTreeSet<&str> = CATALOGUE.iter().copied().flatten().map(|code| code.code).collect();
    // Told to a page in its address, by a redirect that leads there, and in no answer of its own.
    let in_an_address = ["auth.login_cancelled", "auth.login_failed", "auth.login_taken"];
    // No order costs so little while shipping is never free and nothing is taken off a price.
    let not_yet = ["checkout.total_too_small"];
    let mut orphans = Vec::new();
    for (code, (_, given_by)) in generate::errors::catalogue(&inventory) {
        assert!(catalogued.contains(code), "{code} is not in `shared::api::problem::CATALOGUE`: add its table there");
        // Comes with the first provider that signs its webhooks.
        let is_given = !given_by.is_empty() || code == "request.signature_invalid";
        if !is_given && !in_an_address.contains(&code) && !not_yet.contains(&code) {
            orphans.push(code);
        }
    }
    assert!(orphans.is_empty(), "no endpoint declares {orphans:?}: declare each where it is given, or remove its row");
}

#[test]
fn no_two_functions_have_the_same_id() {
    let mut seen = BTreeSet::new();
    for function in Inventory::of_all_services().functions() {
        assert!(seen.insert(function.id()), "{} is there twice", function.id());
    }
}

#[test]
fn no_two_routes_match_one_request() {
    let inventory = Inventory::of_all_services();
    let routes: Vec<_> = inventory.endpoints.iter().map(|endpoint| endpoint.route).collect();
    for (place, one) in routes.iter().enumerate() {
        for other in routes.iter().skip(place + 1) {
            let is_clash = one.method == other.method && do_meet(one.path, other.path);
            assert!(!is_clash, "{} and {} both answer {} {}", one.id, other.id, one.method.as_str(), one.path);
        }
    }
}

#[test]
fn paths_that_meet_are_told_from_paths_that_do_not() {
    assert!(do_meet("/orders/{id}", "/orders/summary"));
    assert!(do_meet("/orders/{id}/lines", "/orders/{order}/{part}"));
    assert!(!do_meet("/orders/{id}", "/orders"));
    assert!(!do_meet("/orders/{id}/lines", "/orders/{id}/history"));
}

/// Whether one request can match both paths.
fn do_meet(one: &str, other: &str) -> bool {
    let (one, other): (Vec<&str>, Vec<&str>) = (one.split('/').collect(), other.split('/').collect());
    one.len() == other.len() && one.iter().zip(&other).all(|(a, b)| a == b || a.starts_with('{') || b.starts_with('{'))
}

#[test]
fn one_place_in_a_path_has_one_name() {
    let mut names: BTreeMap<Vec<&str>, &str> = BTreeMap::new();
    for endpoint in &Inventory::of_all_services().endpoints {
        let parts: Vec<&str> = endpoint.route.path.split('/').collect();
        for (place, part) in parts.iter().enumerate().filter(|(_, part)| part.starts_with('{')) {
            let known = names.entry(parts[..place].to_vec()).or_insert(part);
            assert_eq!(known, part, "{}: API Gateway takes one name for one place", endpoint.route.path);
        }
    }
}

#[test]
fn path_parameters_are_fields_of_the_request() {
    openapi::document(&Inventory::of_all_services()).unwrap();
}
