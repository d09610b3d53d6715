//! The attack list: each number has a test that carries it, or a reason why not yet.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

/// The attack list has so many numbers.
const LAST: u32 = 76;

/// What there is no route for yet. A number leaves this list with its first test.
const NOT_YET: [(u32, &str); 7] = [
    (20, "there are no coupons yet"),
    (21, "there are no points yet"),
    (26, "there are no rentals yet"),
    (29, "there is no webhook yet"),
    (33, "there is no webhook yet"),
    (34, "Stripe is not there yet"),
    (75, "there is no WebSocket yet"),
];

/// The numbers in the name of a test: those that follow `attack` at once.
fn numbers_of(name: &str) -> impl Iterator<Item = u32> + '_ {
    name.split('_').map_while(|part| part.parse().ok().filter(|number| (1..=LAST).contains(number)))
}

/// The names of the functions of a source that are attacks, each with its numbers.
fn attacks(source: &str, found: &mut BTreeMap<u32, BTreeSet<String>>) {
    for rest in source.split("fn attack_").skip(1) {
        let name: String = rest.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
        for number in numbers_of(&name) {
            found.entry(number).or_default().insert(name.clone());
        }
    }
}

fn collect(folder: &Path, found: &mut BTreeMap<u32, BTreeSet<String>>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        if path.is_dir() {
            if name != "target" && name != "node_modules" && !name.starts_with('.') {
                collect(&path, found);
            }
        } else if name.ends_with(".rs") {
            attacks(&std::fs::read_to_string(&path).unwrap(), found);
        }
    }
}

#[test]
fn every_number_of_the_attack_list_has_a_test_or_a_reason() {
    let mut found = BTreeMap::new();
    collect(local::generate::repository(), &mut found);
    let excused: BTreeMap<u32, &str> = NOT_YET.into_iter().collect();
    assert_eq!(excused.len(), NOT_YET.len(), "a number is excused twice");
    let missing: Vec<u32> =
        (1..=LAST).filter(|number| !found.contains_key(number) && !excused.contains_key(number)).collect();
    assert!(missing.is_empty(), "no test carries these numbers of the attack list: {missing:?}");
    for (number, reason) in excused {
        assert!(
            !found.contains_key(&number),
            "{number} has a test now, so it is not so that {reason}: {:?}",
            found[&number]
        );
    }
}

#[test]
fn the_numbers_of_a_name_end_where_its_words_begin() {
    let of = |name: &str| numbers_of(name).collect::<Vec<u32>>();
    assert_eq!(of("58_59_no_text_takes_1_nul"), [58, 59]);
    assert_eq!(of("49_77_letters"), [49]);
    assert_eq!(of("word"), [0_u32; 0]);
}
