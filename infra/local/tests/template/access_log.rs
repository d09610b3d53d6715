//! What the gateway writes of each request.

use serde_json::{Map, Value};

use crate::promises::{resources, template};

/// A line of the access log: what has no value is a dash, and what ends in `String` has its quotes.
fn line_of_log(format: &str, value: Option<&str>) -> String {
    let mut parts = format.split("$context.");
    let mut line = parts.next().unwrap().to_owned();
    for part in parts {
        let end = part.find(|letter: char| !letter.is_ascii_alphanumeric() && letter != '.').unwrap_or(part.len());
        let (variable, rest) = part.split_at(end);
        line += &match value {
            Some(value) if variable.ends_with("String") => format!("\"{value}\""),
            value => value.unwrap_or("-").to_owned(),
        };
        line += rest;
    }
    line
}

#[test]
fn every_line_of_the_access_log_is_json() {
    let template = template();
    let format = resources(&template)["HttpApi"]["Properties"]["AccessLogSettings"]["Format"].as_str().unwrap();
    for value in [None, Some("Internal Server Error")] {
        let line = line_of_log(format, value);
        let fields: Map<String, Value> = serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}"));
        assert!(fields.values().all(|field| *field == value.unwrap_or("-")), "{line}");
    }
}
