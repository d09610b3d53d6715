//! Which error codes an endpoint can give: its own, and those of what happens around its handler
//! (`shared::api::handle`).

use std::collections::BTreeMap;

use domain::ErrorCode;
use shared::api::{
    host::EndpointFace,
    problem::{self, Problem, codes_of_route, status_of},
};

use super::Inventory;

/// Every code of an endpoint, sorted, each once.
#[must_use]
pub fn of(endpoint: &EndpointFace) -> Vec<ErrorCode> {
    let mut all = endpoint.errors.clone();
    all.extend(codes_of_route(&endpoint.route, endpoint.access));
    all.sort_by_key(|code| code.code);
    all.dedup_by_key(|code| code.code);
    all
}

/// Every code of the API with the ids of the endpoints that can give it.
#[must_use]
pub fn catalogue(inventory: &Inventory) -> BTreeMap<&'static str, (ErrorCode, Vec<&'static str>)> {
    let mut all: BTreeMap<&'static str, (ErrorCode, Vec<&'static str>)> = BTreeMap::new();
    for code in problem::CATALOGUE.iter().copied().flatten() {
        all.insert(code.code, (*code, Vec::new()));
    }
    for endpoint in &inventory.endpoints {
        for code in of(endpoint) {
            all.entry(code.code).or_insert((code, Vec::new())).1.push(endpoint.route.id);
        }
    }
    if let Some(endpoint) = &inventory.default_route {
        for code in &endpoint.errors {
            all.entry(code.code).or_insert((*code, Vec::new())).1.push(endpoint.route.id);
        }
    }
    all
}

/// A refusal with this code, as an example.
#[must_use]
pub fn example(code: &ErrorCode) -> Problem {
    Problem {
        r#type: format!("/docs/errors#{}", code.code),
        title: code.title.to_owned(),
        status: status_of(code.class),
        detail: code.title.to_owned(),
        code: code.code.to_owned(),
        instance: "urn:request:JKJaXmPLvHcESHA=".to_owned(),
        errors: Vec::new(),
        members: code
            .members
            .iter()
            .filter_map(|member| Some((member.name.to_owned(), (*member.values.first()?).to_owned())))
            .collect(),
    }
}
