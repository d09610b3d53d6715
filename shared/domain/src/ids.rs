//! Ids: typed, prefixed, sortable by the moment of creation, and unguessable (80 bits from the
//! operating system). The text is a prefix, `_`, and a ULID in lower case.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use ulid::Ulid;

use crate::Timestamp;

/// Eighty random bits for one id. The shared crate draws them from the operating system.
#[derive(Debug, Clone, Copy)]
pub struct Entropy(pub [u8; 10]);

/// The text is not an id of the wanted kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be an id that starts with `{prefix}_`")]
pub struct NotAnId {
    prefix: &'static str,
}

fn ulid_from(now: Timestamp, entropy: Entropy) -> Ulid {
    let mut random = [0_u8; 16];
    for (to, from) in random.iter_mut().skip(6).zip(entropy.0) {
        *to = from;
    }
    Ulid::from_parts(now.millis().unsigned_abs(), u128::from_be_bytes(random))
}

/// Only the canonical lower-case text is read, so that one id has one spelling and thus one key.
fn parse_ulid(text: &str) -> Option<Ulid> {
    let canonical = text.len() == 26 && text.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_lowercase());
    let ulid = if canonical { Ulid::from_string(&text.to_ascii_uppercase()).ok()? } else { return None };
    (ulid.to_string().to_ascii_lowercase() == text).then_some(ulid)
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident = $prefix:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Ulid);

        impl $name {
            /// What the text of such an id starts with, without the underscore.
            pub const PREFIX: &'static str = $prefix;

            /// A new id.
            #[must_use]
            pub fn new(now: Timestamp, entropy: Entropy) -> Self {
                Self(ulid_from(now, entropy))
            }

            /// When the thing was created, as the id tells it.
            #[must_use]
            pub fn created_at(self) -> Timestamp {
                Timestamp::from_millis(i64::try_from(self.0.timestamp_ms()).unwrap_or(i64::MAX))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!($prefix, "_{}"), self.0.to_string().to_ascii_lowercase())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl FromStr for $name {
            type Err = NotAnId;
            fn from_str(text: &str) -> Result<Self, NotAnId> {
                text.strip_prefix(concat!($prefix, "_"))
                    .and_then(parse_ulid)
                    .map(Self)
                    .ok_or(NotAnId { prefix: $prefix })
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                text.parse().map_err(|bad: NotAnId| {
                    let korean = format!("`{}_`로 시작하는 id여야 합니다", bad.prefix);
                    crate::FieldError::new(crate::FieldCode::Form, bad.to_string(), korean).into_serde()
                })
            }
        }

        impl schemars::JsonSchema for $name {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({
                    "type": "string",
                    "pattern": concat!("^", $prefix, "_[0-7][0-9a-hjkmnp-tv-z]{25}$"),
                    "examples": [concat!($prefix, "_01jd7c3v1h8k2m4n6p8q0r2s4t")],
                })
            }
        }
    )*};
}

ids! {
    /// A person who signed up.
    UserId = "usr";
    /// An uploaded picture.
    MediaId = "med";
    /// Something offered: for sale, to lend, or to match.
    ListingId = "lst";
    /// One buyable choice of a listing, such as "white, large".
    VariantId = "var";
    /// A checkout: one payment over one order for each store.
    CheckoutId = "chk";
    /// An order.
    OrderId = "ord";
    /// Money on its way back to a buyer.
    RefundId = "ref";
    /// An e-mail code that was sent.
    EmailCodeId = "cod";
    /// A device on which a person is signed in.
    SessionId = "ses";
    /// A second factor that a person set up; each time anew.
    TotpId = "tot";
    /// One of a person's addresses.
    AddressId = "adr";
    /// An event on its way out of the outbox.
    EventId = "evt";
    /// One balanced posting of the ledger.
    PostingId = "pst";
    /// A store: whoever lists something does so in one.
    StoreId = "sto";
}

impl StoreId {
    /// The id of a person's stall, the store that their first listing makes. It follows from the
    /// person's own id, so that nobody can ever get two.
    #[must_use]
    pub const fn stall_of(keeper: UserId) -> Self {
        Self(keeper.0)
    }

    /// Whose stall this would be. A store that is not a stall has an id that is nobody's.
    #[must_use]
    pub const fn keeper_of_stall(self) -> UserId {
        UserId(self.0)
    }
}

impl CheckoutId {
    /// The checkout of an order that was placed before there were checkouts.
    #[must_use]
    pub const fn of_lone_order(order: OrderId) -> Self {
        Self(order.0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn text_round_trips_and_sorts_by_creation(
            earlier in 0_i64..4_000_000_000_000,
            later in 0_i64..4_000_000_000_000,
            bits in any::<[u8; 10]>(),
            other in any::<[u8; 10]>(),
        ) {
            let a = OrderId::new(Timestamp::from_millis(earlier), Entropy(bits));
            let b = OrderId::new(Timestamp::from_millis(later), Entropy(other));
            prop_assert_eq!(a.to_string().parse::<OrderId>(), Ok(a));
            prop_assert_eq!(a.created_at().millis(), earlier);
            if earlier != later {
                prop_assert_eq!(a.to_string() < b.to_string(), earlier < later);
            }
        }

        #[test]
        fn a_stall_has_the_id_of_its_keeper_and_no_other(at in 0_i64..4_000_000_000_000, bits in any::<[u8; 10]>()) {
            let keeper = UserId::new(Timestamp::from_millis(at), Entropy(bits));
            let stall = StoreId::stall_of(keeper);
            prop_assert_eq!(stall.keeper_of_stall(), keeper);
            prop_assert_eq!(stall.to_string(), keeper.to_string().replace("usr_", "sto_"));
        }

        #[test]
        fn attack_10_no_text_makes_the_parser_panic(text in ".{0,64}") {
            let _ = text.parse::<OrderId>();
        }
    }

    #[test]
    fn attack_10_only_the_canonical_text_is_an_id() {
        let id = OrderId::new(Timestamp::from_seconds(1_700_000_000), Entropy([7; 10])).to_string();
        let ulid = id.strip_prefix("ord_").unwrap();
        for wrong in [
            String::new(),
            ulid.to_owned(),
            id.to_uppercase(),
            format!("ORD_{ulid}"),
            format!("usr_{ulid}"),
            format!("{id}0"),
            format!("{id}\0"),
            format!(" {id}"),
            "ord_..%2f..%2fetc%2fpasswd00000".to_owned(),
            "ord_oooooooooooooooooooooooooo".to_owned(),
            "ord_zzzzzzzzzzzzzzzzzzzzzzzzzz".to_owned(),
            "ord_\u{ff10}1jd7c3v1h8k2m4n6p8q0r2s4".to_owned(),
        ] {
            assert!(wrong.parse::<OrderId>().is_err(), "{wrong:?}");
        }
    }
}
