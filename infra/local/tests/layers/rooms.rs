//! The rooms of `shared` and of the local cloud form no circle: each file says by its imports on what it stands,
//! and a room stands only on those before it in these lists.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

/// A package whose rooms are in order.
struct House {
    /// Its source, seen from this package.
    source: &'static str,
    /// The rooms, each of which may use those before it. In one pair of brackets: rooms that do not know each
    /// other.
    rooms: &'static [&'static [&'static str]],
    /// What `lib.rs` gives out of the lowest room under a shorter name.
    of_ground: &'static [&'static str],
}

const SHARED: House = House {
    source: "../../shared/src",
    rooms: &[
        &["ground"],
        &["address", "aws", "http_client"],
        &["secrets"],
        &["tokens"],
        &["login_providers", "mail", "payments", "store"],
        &["uploads"],
        &["api"],
        &["proofs"],
    ],
    of_ground: &["config", "fault", "meter", "random", "Failure", "Fault", "FaultKind"],
};

const LOCAL: House = House {
    source: "src",
    rooms: &[
        &["ground"],
        &["services", "settings"],
        &["generate"],
        &["permissions"],
        &["environment"],
        &["hosts"],
        &["requests"],
        &["gateway"],
        &["delivery"],
        &["world"],
        &["pages"],
        &["cloud"],
        &["bench", "demo"],
    ],
    of_ground: &[],
};

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries
        .flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] })
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .collect()
}

/// What a text names of its own crate: what comes after `crate::`, in braces too. Comments name what they
/// like, and what is only compiled in tests stands in files and modules of tests.
fn named(text: &str) -> BTreeSet<String> {
    let text = text.split("#[cfg(test)]").next().unwrap_or(text);
    let code: String = text
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .fold(String::new(), |all, line| all + line + "\n");
    code.split("crate::")
        .skip(1)
        .flat_map(|rest| if rest.starts_with('{') { in_braces(rest) } else { vec![word(rest)] })
        .collect()
}

fn word(text: &str) -> String {
    text.chars().take_while(|letter| letter.is_alphanumeric() || *letter == '_').collect()
}

/// The first word of each part of `{a::…, b::{…}, c}`.
fn in_braces(text: &str) -> Vec<String> {
    let (mut depth, mut words, mut part) = (0_u32, Vec::new(), String::new());
    for letter in text.chars() {
        match letter {
            '{' => depth = depth.saturating_add(1),
            '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        match (letter, depth) {
            (',', 1) | ('}', 0) => words.push(word(std::mem::take(&mut part).trim())),
            ('{', 1) => {}
            _ => part.push(letter),
        }
        if depth == 0 {
            break;
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

impl House {
    fn source(&self) -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join(self.source)
    }

    /// The room of a file: the first step of its path below the source.
    fn room_of(&self, path: &Path) -> String {
        let inside = path.strip_prefix(self.source()).unwrap();
        let first = inside.components().next().unwrap().as_os_str().to_str().unwrap();
        first.trim_end_matches(".rs").to_owned()
    }

    fn height(&self, room: &str) -> Option<usize> {
        let room = if self.of_ground.contains(&room) { "ground" } else { room };
        self.rooms.iter().position(|rooms| rooms.contains(&room))
    }

    /// What is wrong with the imports of a file of this room, a line for each.
    fn wrong(&self, room: &str, text: &str) -> Vec<String> {
        let Some(own) = self.height(room) else {
            return vec![format!("{room} is a room that layers/rooms.rs does not list")];
        };
        let others = named(text)
            .into_iter()
            .filter(|other| other != room && !(room == "ground" && self.height(other) == Some(0)));
        others
            .filter_map(|other| match self.height(&other) {
                None => Some(format!("{room} names crate::{other}, which is no room")),
                Some(height) if height >= own => Some(format!("{room} uses {other}, which does not stand below it")),
                Some(_) => None,
            })
            .collect()
    }

    /// What is wrong with all its files.
    fn all_wrong(&self) -> BTreeSet<String> {
        let mut lines = BTreeSet::new();
        for path in files(&self.source()) {
            let room = self.room_of(&path);
            let is_test =
                path.file_name().is_some_and(|name| name == "tests.rs") || path.iter().any(|step| step == "tests");
            // Programs stand on all of it.
            if !["lib", "main", "bin"].contains(&room.as_str()) && !is_test {
                let text = fs::read_to_string(&path).unwrap();
                lines.extend(self.wrong(&room, &text).into_iter().map(|line| format!("{}: {line}", path.display())));
            }
        }
        lines
    }
}

#[test]
fn the_rooms_of_shared_form_no_circle() {
    let wrong = SHARED.all_wrong();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn the_rooms_of_the_local_cloud_form_no_circle() {
    let wrong = LOCAL.all_wrong();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn what_looks_up_is_found_however_it_is_written() {
    let wrong = |room, text| SHARED.wrong(room, text);
    assert_eq!(wrong("store", "use crate::{\n    fault::Fault,\n    tokens::{a, b},\n};\n"), [""; 0]);
    assert_eq!(wrong("store", "use crate::{\n    api::{Touch, x},\n    fault::Fault,\n};\n").len(), 1);
    assert_eq!(wrong("store", "pub use crate::api::Touch;\n").len(), 1);
    assert_eq!(wrong("store", "fn f() -> crate::mail::Mailer {}\n").len(), 1, "doors do not know each other");
    assert_eq!(wrong("store", "/// See [`crate::api::Endpoint`].\nfn f() {}\n"), [""; 0]);
    assert_eq!(wrong("elsewhere", "").len(), 1);
    assert_eq!(wrong("ground", "use crate::meter;\n"), [""; 0]);
    assert_eq!(LOCAL.wrong("hosts", "use crate::ground::spawn;\n"), [""; 0]);
    assert_eq!(LOCAL.wrong("hosts", "use crate::cloud::spawn;\n").len(), 1);
}
