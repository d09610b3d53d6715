//! The categories that every listing belongs to one of.

use std::{collections::BTreeMap, fmt};

use serde::{Deserialize, Deserializer, Serialize};

use crate::text::BadText;

/// The name of a category in addresses and keys: 2 to 40 of `a-z`, `0-9` and `-`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct CategoryId(String);

impl CategoryId {
    /// Reads the text of a request.
    ///
    /// # Errors
    /// [`BadText::Form`] when it is anything but such a name.
    pub fn parse(text: &str) -> Result<Self, BadText> {
        let is_good = (2..=40).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        if is_good {
            Ok(Self(text.to_owned()))
        } else {
            Err(BadText::Form("must be 2 to 40 of a-z, 0-9 and -", "영문 소문자, 숫자, 하이픈으로 2~40자여야 합니다"))
        }
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for CategoryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for CategoryId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(deserializer)?).map_err(BadText::refuse)
    }
}

impl schemars::JsonSchema for CategoryId {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "CategoryId".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string",
            "pattern": "^[a-z0-9-]{2,40}$",
            "examples": ["furniture"],
        })
    }
}

/// A category as people see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Category {
    /// Its name in addresses.
    pub id: CategoryId,
    /// Its name in English.
    pub name: String,
    /// Its name in Korean.
    pub name_ko: String,
    /// Its place in the list; smaller comes first, equals are ordered by id.
    pub position: u32,
}

/// What an admin stored about a category: it replaces the starter of the same id, adds a new one,
/// or hides one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CategoryOverride {
    /// The category as it is from now on.
    pub category: Category,
    /// Whether it is taken out of the list.
    pub hidden: bool,
}

/// The categories of a marketplace in which no admin has stored any: id, English, Korean.
const STARTERS: [(&str, &str, &str); 9] = [
    ("furniture", "Furniture", "가구"),
    ("fabric", "Fabric", "패브릭"),
    ("storage", "Storage", "수납/정리"),
    ("household", "Household", "생활용품"),
    ("lighting", "Lighting", "조명"),
    ("interior-props", "Interior props", "인테리어 소품"),
    ("clothing", "Clothing", "의류"),
    ("electronics", "Electronics", "전자기기"),
    ("other", "Other", "기타"),
];

/// Starters stand at 100, 200, …, so that an admin can put a category between two of them.
fn starters() -> impl Iterator<Item = Category> {
    STARTERS.iter().zip((100..).step_by(100)).map(|((id, name, name_ko), position)| Category {
        id: CategoryId((*id).to_owned()),
        name: (*name).to_owned(),
        name_ko: (*name_ko).to_owned(),
        position,
    })
}

/// The categories that are in force: the starter set, changed by what is stored, ordered by
/// position and then id. The last of several stored entries with one id counts.
#[must_use]
pub fn effective_categories(stored: &[CategoryOverride]) -> Vec<Category> {
    let mut categories: BTreeMap<CategoryId, Category> =
        starters().map(|category| (category.id.clone(), category)).collect();
    for entry in stored {
        if entry.hidden {
            categories.remove(&entry.category.id);
        } else {
            categories.insert(entry.category.id.clone(), entry.category.clone());
        }
    }
    let mut categories: Vec<Category> = categories.into_values().collect();
    categories.sort_by(|a, b| a.position.cmp(&b.position).then_with(|| a.id.cmp(&b.id)));
    categories
}

#[cfg(test)]
#[expect(clippy::arithmetic_side_effects, reason = "a sum that overflows fails the test, as it should")]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn entry(id: &str, position: u32, hidden: bool) -> CategoryOverride {
        let id = CategoryId::parse(id).unwrap();
        CategoryOverride {
            category: Category { id, name: "Mine".to_owned(), name_ko: "내 것".to_owned(), position },
            hidden,
        }
    }

    fn ids(stored: &[CategoryOverride]) -> Vec<String> {
        effective_categories(stored).iter().map(|category| category.id.to_string()).collect()
    }

    #[test]
    fn a_new_marketplace_has_the_nine_starters_in_their_order() {
        let expected = [
            "furniture",
            "fabric",
            "storage",
            "household",
            "lighting",
            "interior-props",
            "clothing",
            "electronics",
            "other",
        ];
        assert_eq!(ids(&[]), expected);
        for category in effective_categories(&[]) {
            assert_eq!(CategoryId::parse(category.id.as_str()), Ok(category.id.clone()));
            assert!(category.name_ko.chars().any(|c| ('가'..='힣').contains(&c)), "{}", category.name_ko);
        }
    }

    #[test]
    fn a_stored_entry_replaces_adds_or_hides() {
        let stored = [entry("other", 1, false), entry("plants", 150, false), entry("fabric", 0, true)];
        let categories = effective_categories(&stored);
        assert_eq!(categories[0].id.as_str(), "other");
        assert_eq!(categories[0].name_ko, "내 것");
        assert_eq!(categories[1].id.as_str(), "furniture");
        assert_eq!(categories[2].id.as_str(), "plants");
        assert!(!ids(&stored).contains(&"fabric".to_owned()));
        assert_eq!(categories.len(), 9);
    }

    #[test]
    fn equal_positions_are_ordered_by_id() {
        let stored = [entry("zz", 1, false), entry("aa", 1, false)];
        assert_eq!(ids(&stored)[..2], ["aa", "zz"]);
    }

    #[test]
    fn attack_70_nothing_but_a_slug_is_a_category() {
        for wrong in ["", "a", "A1", "a/b", "../..", "a b", "가구", "a\0", "furniture\n", &"a".repeat(41)] {
            assert!(CategoryId::parse(wrong).is_err(), "{wrong:?}");
            let json = serde_json::to_string(wrong).unwrap();
            assert!(serde_json::from_str::<CategoryId>(&json).is_err(), "{wrong:?}");
        }
    }

    proptest! {
        #[test]
        fn the_order_of_what_is_stored_does_not_matter(
            positions in proptest::collection::vec((0_u32..5, any::<bool>()), 0..12),
            seed in any::<usize>(),
        ) {
            let stored: Vec<CategoryOverride> = positions
                .iter()
                .enumerate()
                .map(|(index, (position, hidden))| entry(&format!("c{index}"), *position, *hidden))
                .collect();
            let mut turned = stored.clone();
            turned.rotate_left(seed % stored.len().max(1));
            prop_assert_eq!(effective_categories(&stored), effective_categories(&turned));
        }
    }
}
