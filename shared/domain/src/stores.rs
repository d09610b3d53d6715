//! Stores: in whose name things are offered, and who may act for it.
//!
//! Everyone who lists something has a store. A person's first listing makes their *stall*, whose id
//! follows from theirs; further stores are opened on purpose and have ids of their own.

mod error;

pub use error::{StoresError, codes};
use serde::{Deserialize, Serialize};

use crate::{
    Language,
    text::{Nickname, StoreName},
};

/// How many stores one person may open, besides their stall.
pub const STORES_MAX: u32 = 5;

/// What a member of a store may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum StoreRole {
    /// Everything, and so decides who else is a member.
    Owner,
    /// The daily work: listings and orders.
    Staff,
}

impl StoreRole {
    /// The word on the wire and in the table.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Staff => "staff",
        }
    }
}

/// What a stall is called at first. It is the keeper's to change.
#[must_use]
pub fn stall_name(keeper: &Nickname, language: Language) -> StoreName {
    let name = match language {
        Language::English => format!("{keeper}'s stall"),
        Language::Korean => format!("{keeper}님의 가게"),
    };
    // A nickname in a script that must not stand beside ours stands alone.
    StoreName::parse(&name).unwrap_or_else(|_| StoreName::from(keeper))
}

/// What a stall is called at first when its name is taken. The number is a random one.
#[must_use]
pub fn numbered_stall_name(keeper: &Nickname, number: u32) -> StoreName {
    let digits = number.checked_rem(1_000_000).unwrap_or(0);
    StoreName::parse(&format!("{keeper} {digits:06}")).unwrap_or_else(|_| StoreName::from(keeper))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_nickname_makes_a_stall_name_that_reads_back_the_same(text in "\\PC{2,20}", number in any::<u32>()) {
            let Ok(nickname) = Nickname::parse(&text) else { return Ok(()) };
            let names = [
                StoreName::from(&nickname),
                stall_name(&nickname, Language::English),
                stall_name(&nickname, Language::Korean),
                numbered_stall_name(&nickname, number),
            ];
            for name in &names {
                prop_assert_eq!(StoreName::parse(name.as_str()), Ok(name.clone()));
                prop_assert!(name.as_str().starts_with(nickname.as_str()));
            }
            prop_assert!(names[3].as_str().ends_with(|c: char| c.is_ascii_digit()));
        }
    }

    #[test]
    fn a_role_is_written_as_it_is_called() {
        for role in [StoreRole::Owner, StoreRole::Staff] {
            assert_eq!(serde_json::to_value(role).unwrap(), role.as_str());
        }
    }

    #[test]
    fn a_stall_is_called_after_its_keeper_in_their_language() {
        let mina = Nickname::parse("mina").unwrap();
        assert_eq!(stall_name(&mina, Language::English).as_str(), "mina's stall");
        assert_eq!(stall_name(&mina, Language::Korean).as_str(), "mina님의 가게");
        assert_eq!(numbered_stall_name(&mina, 7).as_str(), "mina 000007");
        assert_eq!(numbered_stall_name(&mina, u32::MAX).as_str(), "mina 967295");
        let longest = Nickname::parse(&"가".repeat(20)).unwrap();
        assert_eq!(stall_name(&longest, Language::English).as_str(), format!("{longest}'s stall"));
    }
}
