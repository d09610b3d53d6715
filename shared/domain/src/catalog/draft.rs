//! A listing for sale as its seller describes it, and the rules that it keeps to.

use std::{collections::HashSet, hash::Hash, ops::RangeInclusive};

use serde::{Deserialize, Serialize};

use super::{CatalogError, CategoryId, ListingProblem};
use crate::{
    Currency, Money,
    ids::{MediaId, StoreId},
    text::{Description, ListingTitle, OptionName, OptionValue, folded},
};

/// What is done with the thing that is listed. Lending and matching come with issues of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ListingKind {
    /// It is sold.
    Sell,
}

/// One thing that a buyer chooses, such as the colour, and what there is to choose from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ProductOption {
    /// What is chosen, such as "colour".
    pub name: OptionName,
    /// The choices: 1 to 30, all different.
    #[schemars(length(min = 1, max = 30))]
    pub values: Vec<OptionValue>,
}

/// One buyable combination of values.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct VariantDraft {
    /// One value for each option of the listing, in the order of the options.
    #[schemars(length(max = 3))]
    pub option_values: Vec<OptionValue>,
    /// The price of one piece, in the currency of the listing.
    pub price: Money,
    /// How many pieces there are, 0 to 1,000,000.
    #[schemars(range(max = 1_000_000))]
    pub stock: u32,
}

/// A listing for sale as its seller describes it: the body of `POST /listings`.
// The example is written out, since no schema tells that variants have one value for each option.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("examples" = [{
    "kind": "sell",
    "title": "Oak desk lamp",
    "description": "Warm light, solid oak, 40 cm.",
    "category_id": "furniture",
    "currency": "KRW",
    "options": [{ "name": "colour", "values": ["white", "black"] }],
    "variants": [
        { "option_values": ["white"], "price": { "amount": 39_000, "currency": "KRW" }, "stock": 4 },
        { "option_values": ["black"], "price": { "amount": 42_000, "currency": "KRW" }, "stock": 1 },
    ],
    "pictures": [],
}]))]
pub struct ProductDraft {
    /// What is done with the thing.
    pub kind: ListingKind,
    /// The store that offers it, of which the seller is a member; their own stall unless said.
    #[serde(default)]
    pub store_id: Option<StoreId>,
    /// The title.
    pub title: ListingTitle,
    /// What a buyer should know.
    pub description: Description,
    /// The category that it belongs to.
    pub category_id: CategoryId,
    /// The currency of every price; KRW unless said.
    #[serde(default)]
    pub currency: Currency,
    /// What a buyer chooses: 0 to 3 options with different names.
    #[serde(default)]
    #[schemars(length(max = 3))]
    pub options: Vec<ProductOption>,
    /// What can be bought: 1 to 80 variants. A listing without options has exactly one.
    #[schemars(length(min = 1, max = 80))]
    pub variants: Vec<VariantDraft>,
    /// The seller's ready pictures, at most 5, the cover first.
    #[serde(default)]
    #[schemars(length(max = 5))]
    pub pictures: Vec<MediaId>,
}

impl ProductDraft {
    /// The most options.
    pub const MOST_OPTIONS: usize = 3;
    /// The most values of one option.
    pub const MOST_VALUES: usize = 30;
    /// The most variants. A listing is written in one transaction of at most 100 items (DynamoDB),
    /// in which each variant has its stock, each picture a check, and the listing and the
    /// idempotency record their own.
    pub const MOST_VARIANTS: usize = 80;
    /// The most pictures.
    pub const MOST_PICTURES: usize = 5;
    /// The most pieces of one variant.
    pub const MOST_STOCK: u32 = 1_000_000;

    /// The prices that a piece may have, in minor units: 1 to 100,000,000 won, or 1 to 100,000
    /// dollars. The least of a dollar price is the whole dollar.
    #[must_use]
    pub const fn price_range(currency: Currency) -> RangeInclusive<i64> {
        match currency {
            Currency::Krw => 1..=100_000_000,
            Currency::Usd => 100..=10_000_000,
        }
    }

    /// Whether the draft keeps to every rule that needs no look at what is stored. That the
    /// category exists and that the pictures are the seller's own is for the handler.
    ///
    /// # Errors
    /// [`CatalogError::ListingInvalid`] for the first broken rule, with the field at fault.
    pub fn check(&self) -> Result<(), CatalogError> {
        count(&self.options, 0, Self::MOST_OPTIONS, "/options")?;
        count(&self.variants, 1, Self::MOST_VARIANTS, "/variants")?;
        count(&self.pictures, 0, Self::MOST_PICTURES, "/pictures")?;
        distinct(self.pictures.iter(), |index| format!("/pictures/{index}"))?;
        self.check_options()?;
        self.check_variants()
    }

    fn check_options(&self) -> Result<(), CatalogError> {
        let names = self.options.iter().map(|option| folded(option.name.as_str()));
        distinct(names, |index| format!("/options/{index}/name"))?;
        for (index, option) in self.options.iter().enumerate() {
            count(&option.values, 1, Self::MOST_VALUES, &format!("/options/{index}/values"))?;
            let values = option.values.iter().map(|value| folded(value.as_str()));
            distinct(values, |place| format!("/options/{index}/values/{place}"))?;
        }
        Ok(())
    }

    fn check_variants(&self) -> Result<(), CatalogError> {
        let mut seen = HashSet::new();
        for (index, variant) in self.variants.iter().enumerate() {
            self.check_values(index, variant)?;
            if !seen.insert(&variant.option_values) {
                return refuse(format!("/variants/{index}/option_values"), ListingProblem::VariantRepeated);
            }
            if variant.price.currency != self.currency {
                return refuse(format!("/variants/{index}/price"), ListingProblem::OtherCurrency(self.currency));
            }
            let range = Self::price_range(self.currency);
            if !range.contains(&variant.price.amount) {
                let problem =
                    ListingProblem::PriceRange { least: *range.start(), most: *range.end(), currency: self.currency };
                return refuse(format!("/variants/{index}/price"), problem);
            }
            if variant.stock > Self::MOST_STOCK {
                return refuse(
                    format!("/variants/{index}/stock"),
                    ListingProblem::StockRange { most: Self::MOST_STOCK },
                );
            }
        }
        Ok(())
    }

    fn check_values(&self, index: usize, variant: &VariantDraft) -> Result<(), CatalogError> {
        if variant.option_values.len() != self.options.len() {
            let problem = ListingProblem::OneValuePerOption { options: self.options.len() };
            return refuse(format!("/variants/{index}/option_values"), problem);
        }
        for (place, (value, option)) in variant.option_values.iter().zip(&self.options).enumerate() {
            if !option.values.contains(value) {
                let pointer = format!("/variants/{index}/option_values/{place}");
                return refuse(pointer, ListingProblem::ValueNotDeclared);
            }
        }
        Ok(())
    }
}

/// The lowest of the prices of a listing, which lists show; `None` when there are none.
#[must_use]
pub fn price_from(prices: impl IntoIterator<Item = Money>) -> Option<Money> {
    prices.into_iter().min_by_key(|price| price.amount)
}

fn refuse(pointer: String, problem: ListingProblem) -> Result<(), CatalogError> {
    Err(CatalogError::ListingInvalid { pointer, problem })
}

fn count<T>(list: &[T], least: usize, most: usize, pointer: &str) -> Result<(), CatalogError> {
    if (least..=most).contains(&list.len()) {
        Ok(())
    } else {
        refuse(pointer.to_owned(), ListingProblem::Count { least, most })
    }
}

fn distinct<T: Eq + Hash>(
    list: impl Iterator<Item = T>,
    pointer: impl Fn(usize) -> String,
) -> Result<(), CatalogError> {
    let mut seen = HashSet::new();
    for (index, entry) in list.enumerate() {
        if !seen.insert(entry) {
            return refuse(pointer(index), ListingProblem::Repeated);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
