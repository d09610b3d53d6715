mod golden;

use std::{collections::BTreeSet, fs, path::Path};

use super::{Index, KINDS, Kind, key::fixed_part};

/// The kinds that the files of this room declare: `pub const NAME: Self = Self::new("name", …`.
fn declared() -> BTreeSet<String> {
    let room = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/store");
    let files = fs::read_dir(room).unwrap().map(|entry| entry.unwrap().path());
    let sources = files.filter(|path| path.extension().is_some_and(|ext| ext == "rs") && !path.ends_with("tests.rs"));
    let texts = sources.map(fs::read_to_string);
    let text = texts.collect::<Result<String, _>>().unwrap();
    let declarations = text.split("impl Kind {").skip(1).flat_map(|part| part.split("\n}").next());
    declarations
        .flat_map(|part| part.split("Self::new(").skip(1))
        .filter_map(|rest| rest.split('"').nth(1))
        .map(str::to_owned)
        .collect()
}

#[test]
fn every_declared_kind_is_listed() {
    let listed: BTreeSet<String> = KINDS.iter().map(|kind| kind.as_str().to_owned()).collect();
    assert_eq!(listed, declared(), "store::KINDS lists the kinds that the files of the store declare");
    assert!(KINDS.is_sorted(), "in the order of their names, as docs/KEYS.md shows them");
    assert_eq!(KINDS.len(), listed.len(), "each once");
}

#[test]
fn a_partition_pattern_is_fixed_or_ends_open() {
    let partitions = |kind: &Kind| {
        let places = kind.places().iter().map(|place| place.partition);
        places.chain([kind.partition_pattern()]).collect::<Vec<_>>()
    };
    for kind in KINDS {
        for pattern in partitions(kind) {
            let open = pattern.strip_suffix('*').unwrap_or(pattern);
            assert_eq!(open, fixed_part(pattern), "{pattern} of {kind:?}");
            assert!(pattern.ends_with("#*") || !pattern.contains(['*', '#']), "{pattern} of {kind:?}");
        }
    }
}

#[test]
fn a_kind_has_due_partitions_that_no_other_kind_may_ask_for() {
    let due = |kind: &Kind| kind.place(Index::Due).map(|place| fixed_part(place.partition));
    for kind in KINDS {
        let others = KINDS.iter().filter(|other| *other != kind).filter_map(due);
        for (own, other) in due(kind).into_iter().flat_map(|own| others.clone().map(move |other| (own, other))) {
            assert!(!own.starts_with(other) && !other.starts_with(own), "{own} and {other}");
        }
    }
}

#[test]
fn no_two_kinds_have_keys_in_common() {
    for (n, one) in KINDS.iter().enumerate() {
        for other in KINDS.iter().skip(n + 1).filter(|other| other.partition_pattern() == one.partition_pattern()) {
            let (a, b) = (one.sort_pattern(), other.sort_pattern());
            let meets = |open: &str, key: &str| open.contains('{') && key.starts_with(fixed_part(open));
            assert!(a != b && !meets(a, b) && !meets(b, a), "{one:?} {a} and {other:?} {b}");
        }
    }
}
