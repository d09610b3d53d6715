//! What the sources look like. (Functions of at most 70 lines are clippy's to say.)

use std::{
    fs,
    path::{Path, PathBuf},
};

use local::generate;

/// A file longer than this wants to be two.
const LINES_MAX: usize = 500;

/// Files that were longer when the rule came, with their length then. May only shrink; nothing may
/// be added.
const LONGER: [(&str, usize); 0] = [];

/// Every Rust file of ours, with its path in the repository.
fn sources() -> Vec<(String, String)> {
    let mut files = Vec::new();
    for room in ["functions", "shared", "infra"] {
        collect(&generate::repository().join(room), &mut files);
    }
    assert!(files.len() > 50, "the search finds nothing");
    files
}

fn collect(folder: &Path, files: &mut Vec<(String, String)>) {
    let mut entries: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort_unstable();
    for path in entries {
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|end| end == "rs") {
            let name = path.strip_prefix(generate::repository()).unwrap().display().to_string();
            files.push((name, fs::read_to_string(&path).unwrap()));
        }
    }
}

#[test]
fn no_file_is_longer_than_500_lines() {
    for (name, text) in sources() {
        let lines = text.lines().count();
        let most = LONGER.iter().find(|(known, _)| *known == name).map_or(LINES_MAX, |(_, then)| *then);
        assert!(lines <= most, "{name} has {lines} lines, at most {most}: split it where it speaks of two things");
    }
}

#[test]
fn modules_are_named_after_their_folder() {
    for (name, _) in sources() {
        assert!(
            !name.ends_with("/mod.rs"),
            "{name}: use foo.rs beside foo/, so that tabs and searches tell files apart"
        );
    }
}

#[test]
fn keys_are_spelled_where_a_kind_is_declared() {
    for (name, text) in sources() {
        let is_test = name.starts_with("shared/src/store/tests/");
        if !name.starts_with("shared/src/store/") || is_test || name == "shared/src/store/key.rs" {
            continue;
        }
        let without_tests = text.split("#[cfg(test)]").next().unwrap_or_default();
        for (place, line) in without_tests.lines().enumerate() {
            let code = line.split("//").next().unwrap_or_default();
            // The patterns of a kind, and what goes into the open part of one of its keys.
            if ["Self::new(", "Place::new(", "DueWork::new(", "Key::new("].iter().any(|made| code.contains(made)) {
                continue;
            }
            let literals = code.split('"').skip(1).step_by(2);
            // `#v` and the like are names in expressions (DynamoDB's ExpressionAttributeNames).
            let has_key = literals.into_iter().any(|literal| {
                literal.char_indices().any(|(at, letter)| {
                    letter == '#'
                        && literal[..at].ends_with(|before: char| before.is_ascii_uppercase() || before == '}')
                })
            });
            assert!(
                !has_key,
                "{name}:{}: a key is spelled here: take the kind's own patterns (`Key::new`, `Place::of`, `Query`)",
                place + 1
            );
        }
    }
}

#[test]
fn whatever_is_left_to_do_has_an_issue() {
    let words = [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("XX", "X:")];
    for (name, text) in sources() {
        for (place, line) in text.lines().enumerate() {
            let is_left = words.iter().any(|word| line.contains(word));
            assert!(!is_left || line.contains("issue "), "{name}:{}: say which issue will do it", place + 1);
        }
    }
}

#[test]
fn no_machine_and_no_registry_is_named() {
    let forbidden = [concat!("/wo", "rk/"), concat!("/ro", "ot/"), concat!("crates", ".io"), concat!("py", "pi.org")];
    for (name, text) in sources() {
        for word in forbidden {
            assert!(!text.contains(word), "{name} names {word}, which is nobody else's");
        }
    }
}
