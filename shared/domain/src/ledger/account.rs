//! The accounts of the books.

use std::{cmp::Ordering, fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

use crate::{
    ids::{StoreId, UserId},
    payments::PaymentProvider,
};

/// The text is not the name of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be the name of an account, such as platform_fees or provider:toss")]
pub struct NotAnAccount;

/// An account. Its text is stable, reads back, and is part of keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Account {
    /// What a payment provider took from buyers and owes us: `provider:toss`.
    Provider(PaymentProvider),
    /// What we owe a store: `store:sto_…`. Postings from before there were stores say `seller:usr_…`,
    /// which reads as that person's stall.
    StorePayable(StoreId),
    /// What the marketplace earned: `platform_fees`.
    PlatformFees,
    /// What we owe buyers whose refund the provider could not carry out: `customer_refunds`.
    CustomerRefunds,
}

impl fmt::Display for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Provider(provider) => match provider {
                PaymentProvider::Toss => f.write_str("provider:toss"),
            },
            Self::StorePayable(store) => write!(f, "store:{store}"),
            Self::PlatformFees => f.write_str("platform_fees"),
            Self::CustomerRefunds => f.write_str("customer_refunds"),
        }
    }
}

/// By text, so that a list of accounts reads like the table that they are stored in.
impl Ord for Account {
    fn cmp(&self, other: &Self) -> Ordering {
        self.to_string().cmp(&other.to_string())
    }
}

impl PartialOrd for Account {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl FromStr for Account {
    type Err = NotAnAccount;

    fn from_str(text: &str) -> Result<Self, NotAnAccount> {
        match text.split_once(':') {
            Some(("provider", "toss")) => Ok(Self::Provider(PaymentProvider::Toss)),
            Some(("store", id)) => id.parse().map(Self::StorePayable).map_err(|_| NotAnAccount),
            Some(("seller", id)) => id
                .parse::<UserId>()
                .map(|seller| Self::StorePayable(StoreId::stall_of(seller)))
                .map_err(|_| NotAnAccount),
            None if text == "platform_fees" => Ok(Self::PlatformFees),
            None if text == "customer_refunds" => Ok(Self::CustomerRefunds),
            _ => Err(NotAnAccount),
        }
    }
}

impl Serialize for Account {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Account {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{Timestamp, ids::Entropy};

    proptest! {
        #[test]
        fn the_text_of_every_account_reads_back(bits in any::<[u8; 10]>()) {
            let store = StoreId::new(Timestamp::from_seconds(1_700_000_000), Entropy(bits));
            for account in [
                Account::Provider(PaymentProvider::Toss),
                Account::StorePayable(store),
                Account::PlatformFees,
                Account::CustomerRefunds,
            ] {
                prop_assert_eq!(account.to_string().parse::<Account>(), Ok(account));
                let json = serde_json::to_string(&account).unwrap();
                prop_assert_eq!(serde_json::from_str::<Account>(&json).unwrap(), account);
            }
        }

        #[test]
        fn any_other_text_is_refused_and_none_panics(text in any::<String>()) {
            if let Ok(account) = text.parse::<Account>() {
                prop_assert_eq!(account.to_string(), text);
            }
        }
    }

    #[test]
    fn a_seller_of_before_there_were_stores_is_the_store_that_is_their_stall() {
        let seller = UserId::new(Timestamp::from_seconds(1_700_000_000), Entropy([7; 10]));
        let stall = Account::StorePayable(StoreId::stall_of(seller));
        assert_eq!(format!("seller:{seller}").parse::<Account>(), Ok(stall));
        assert_eq!(stall.to_string(), format!("store:{}", seller.to_string().replace("usr_", "sto_")));
    }

    #[test]
    fn what_only_looks_like_an_account_is_refused() {
        for wrong in [
            "",
            "provider",
            "provider:",
            "provider:Toss",
            "seller:ord_01",
            "store:usr_01",
            "platform_fees:",
            "fees",
            ":",
        ] {
            assert_eq!(wrong.parse::<Account>(), Err(NotAnAccount), "{wrong:?}");
        }
    }
}
