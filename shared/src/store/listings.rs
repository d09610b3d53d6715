//! Listings and their stock.
//!
//! | entity | pk | sk | why |
//! |---|---|---|---|
//! | Listing | `LISTING#{listing}` | `LISTING` | |
//! | Stock | `LISTING#{listing}` | `STOCK#{variant}` | its own item: it changes with every order, the listing rarely; one query reads both |
//!
//! In `gsi1` a listing stands under its category, in `gsi2` under all listings, in `gsi3` under its
//! seller, newest last. The indexes carry only the card that lists show. A listing whose seller is
//! about to withdraw is closed: it is in no list but that of its seller, and to buyers it is not there.

use std::collections::BTreeSet;

use aws_sdk_dynamodb::types::AttributeValue;
use domain::{
    Language, Money, Timestamp,
    catalog::{CategoryId, ListingKind, ProductOption},
    ids::{ListingId, MediaId, StoreId, UserId, VariantId},
    stores::stall_name,
    text::{Description, ListingTitle, Nickname, OptionValue, StoreName, as_stored},
};
use serde::{Deserialize, Serialize};

use super::{
    Entity, Index, Key, Kind, Listed, Page, Place, Query, Table, Transaction,
    cursor::Position,
    expression::{Change, Condition},
    item::Attributes,
    key::{IndexKey, by_time},
};
use crate::fault::{Fault, FaultKind};

/// A buyable choice of a listing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Variant {
    /// Its id.
    pub id: VariantId,
    /// One value for each option of the listing, in their order.
    pub option_values: Vec<OptionValue>,
    /// What one piece costs.
    pub price: Money,
}

/// A listing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listing {
    /// Its id.
    pub id: ListingId,
    /// What kind of offer it is.
    pub listing_kind: ListingKind,
    /// The store that offers it.
    pub store_id: StoreId,
    /// What that store is called. A copy, so that showing a listing needs no other read.
    pub store_name: StoreName,
    /// Who made it: a member of the store.
    pub seller_id: UserId,
    /// What they are called. A copy, as above.
    pub seller_nickname: Nickname,
    /// Where it stands.
    pub category_id: CategoryId,
    /// Its title.
    pub title: ListingTitle,
    /// Its description.
    pub description: Description,
    /// What can be chosen.
    pub options: Vec<ProductOption>,
    /// The choices.
    pub variants: Vec<Variant>,
    /// Its pictures, the first of which stands on its card.
    pub pictures: Vec<MediaId>,
    /// The lowest price of its variants.
    pub price_from: Money,
    /// When it was made.
    pub created_at: Timestamp,
    /// Whether it is closed, since its seller is about to withdraw.
    #[serde(default)]
    pub closed: bool,
    /// What lists show of it.
    pub card: Card,
}

/// What lists show of a listing. The only part of it that the indexes carry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Card {
    /// The listing.
    pub id: ListingId,
    /// What kind of offer it is.
    pub kind: ListingKind,
    /// Its title.
    pub title: ListingTitle,
    /// Where it stands.
    pub category_id: CategoryId,
    /// The lowest price of its variants.
    pub price_from: Money,
    /// Whether another variant costs more. Left out when not: it is read with every card of a list.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub prices_differ: bool,
    /// Its first picture.
    pub picture: Option<MediaId>,
    /// The store that offers it. Cards of before there were stores have none.
    #[serde(default)]
    pub store: Option<CardStore>,
    /// What its seller is called.
    pub seller_nickname: Nickname,
    /// When it was made.
    pub created_at: Timestamp,
}

/// What lists show of the store that offers a listing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CardStore {
    /// The store.
    pub id: StoreId,
    /// What it is called.
    pub name: StoreName,
}

/// How much there is of a variant. `available + held + sold` changes only when its seller says so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stock {
    /// The listing.
    pub listing_id: ListingId,
    /// The variant.
    pub variant_id: VariantId,
    /// Can be bought.
    pub available: u32,
    /// Is held for orders that are not paid yet.
    pub held: u32,
    /// Was sold.
    pub sold: u32,
    /// When the last piece was sold.
    #[serde(default)]
    pub sold_at: Option<Timestamp>,
}

const IN_CATEGORY: Place = Place::new(Index::Gsi1, "CATEGORY#*", "{created_at}#{listing}");
const IN_ALL: Place = Place::new(Index::Gsi2, "LISTINGS", "{created_at}#{listing}");
const OF_SELLER: Place = Place::new(Index::Gsi3, "SELLER#*", "{created_at}#{listing}");

impl Kind {
    /// See [`Listing`].
    pub const LISTING: Self =
        Self::new("listing", "LISTING#*", "LISTING").in_indexes(&[IN_CATEGORY, IN_ALL, OF_SELLER]);
}

impl Listing {
    /// One of its variants.
    #[must_use]
    pub fn variant(&self, id: VariantId) -> Option<&Variant> {
        self.variants.iter().find(|variant| variant.id == id)
    }

    /// Its key.
    #[must_use]
    pub fn key(id: ListingId) -> Key<Self> {
        Key::new(Kind::LISTING, id, "")
    }
}

impl Entity for Listing {
    const KIND: Kind = Kind::LISTING;
    const VERSION: u16 = 2;

    fn to_key(&self) -> Key<Self> {
        Listing::key(self.id)
    }

    fn index_keys(&self) -> Vec<IndexKey> {
        let mut places = if self.closed { Vec::new() } else { self.places_in_lists() };
        places.push(OF_SELLER.of(self.seller_id, by_time(self.created_at, self.id)));
        places
    }

    fn upgrade(version: u16, item: Attributes) -> Result<Attributes, Fault> {
        match version {
            1 => with_stall(item),
            2 => Ok(item),
            _ => Err(Fault::new(FaultKind::Corrupt, "a listing has a version that this code does not know")),
        }
    }
}

/// Version 1 had no store: whatever somebody listed is of their stall. An index carries the card alone,
/// which does not say who listed it; such a card stays as it is.
fn with_stall(mut item: Attributes) -> Result<Attributes, Fault> {
    let Some(seller) = item.get("seller_id").cloned() else { return Ok(item) };
    let corrupt = |error| Fault::new(FaultKind::Corrupt, "find the store of a listing").with_source(error);
    let seller: UserId = serde_dynamo::from_attribute_value(seller).map_err(corrupt)?;
    let nickname = item.get("seller_nickname").cloned().unwrap_or(AttributeValue::Null(true));
    let nickname: Nickname = as_stored(|| serde_dynamo::from_attribute_value(nickname)).map_err(corrupt)?;
    let id = AttributeValue::S(StoreId::stall_of(seller).to_string());
    let name = AttributeValue::S(stall_name(&nickname, Language::English).to_string());
    if let Some(AttributeValue::M(card)) = item.get_mut("card") {
        let store = Attributes::from([("id".to_owned(), id.clone()), ("name".to_owned(), name.clone())]);
        card.insert("store".to_owned(), AttributeValue::M(store));
    }
    item.insert("store_id".to_owned(), id);
    item.insert("store_name".to_owned(), name);
    Ok(item)
}

impl Listing {
    /// Its places in the lists that buyers see.
    fn places_in_lists(&self) -> Vec<IndexKey> {
        let newest = by_time(self.created_at, self.id);
        vec![IN_CATEGORY.of(self.category_id.as_str(), &newest), IN_ALL.of("", &newest)]
    }
}

impl Kind {
    /// See [`Stock`].
    pub const STOCK: Self = Self::new("stock", "LISTING#*", "STOCK#{variant}");
}

impl Stock {
    /// Its key.
    #[must_use]
    pub fn key(listing: ListingId, variant: VariantId) -> Key<Self> {
        Key::new(Kind::STOCK, listing, variant)
    }
}

impl Entity for Stock {
    const KIND: Kind = Kind::STOCK;

    fn to_key(&self) -> Key<Self> {
        Stock::key(self.listing_id, self.variant_id)
    }
}

/// The part of a listing that an index carries.
#[derive(Debug, Serialize, Deserialize)]
struct CardOnly {
    card: Card,
}

/// A part of a seller's listings.
#[derive(Debug, Clone)]
pub struct ListingPage {
    /// The ids, the oldest first.
    pub ids: Vec<ListingId>,
    /// Where the next page begins.
    pub last_key: Option<Attributes>,
}

impl Table {
    /// The listing with its stock, as it was a moment ago: for showing, not for deciding. A closed one
    /// is not there.
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn get_listing_with_stock(&self, id: ListingId) -> Result<Option<(Listing, Vec<Stock>)>, Fault> {
        let page = self.query(Query::partition(Kind::LISTING, id)).await?;
        let (listing, stock) = Self::read_listing(page)?;
        Ok(listing.filter(|listing| !listing.closed).map(|listing| (listing, stock)))
    }

    /// What is in the partition of a listing, closed or not, as it is.
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn get_listing_to_close(&self, id: ListingId) -> Result<(Option<Listing>, Vec<Stock>), Fault> {
        let query = Query::partition(Kind::LISTING, id);
        Self::read_listing(self.query_consistently(query).await?)
    }

    fn read_listing(page: Page) -> Result<(Option<Listing>, Vec<Stock>), Fault> {
        let (mut listing, mut stock) = (None, Vec::new());
        for item in page.items {
            if item.is(Kind::LISTING) {
                listing = Some(item.read()?);
            } else if item.is(Kind::STOCK) {
                stock.push(item.read()?);
            }
        }
        Ok((listing, stock))
    }

    /// A page of the ids of a seller's listings, closed or not, at most 100, the oldest first.
    /// Read from an index: a listing that was made a moment ago may be missing.
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn listings_of(&self, seller: UserId, after: Option<Attributes>) -> Result<ListingPage, Fault> {
        let query = Query::place(Kind::LISTING, OF_SELLER, seller).limit(100).after(after);
        let page = self.query(query).await?;
        let ids = page
            .items
            .iter()
            .filter_map(|item| item.text(Index::Gsi3.sk()).and_then(|sk| sk.split_once('#')))
            .filter_map(|(_, id)| id.parse().ok())
            .collect();
        Ok(ListingPage { ids, last_key: page.last_key })
    }

    /// Takes a listing out of every list, so that nothing of it can be bought.
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn close_listing(&self, listing: &Listing) -> Result<(), Fault> {
        let mut changes = vec![Change::Set("closed", true.into())];
        for place in listing.places_in_lists() {
            changes.extend([Change::Remove(place.index.pk()), Change::Remove(place.index.sk())]);
        }
        self.update(&listing.to_key(), changes, Condition::Present).await.map(|_| ())
    }

    /// Puts a closed listing back into the lists.
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn reopen_listing(&self, listing: &Listing) -> Result<(), Fault> {
        let mut changes = vec![Change::Set("closed", false.into())];
        for place in listing.places_in_lists() {
            changes.push(Change::Set(place.index.pk(), place.pk.into()));
            changes.push(Change::Set(place.index.sk(), place.sk.into()));
        }
        self.update(&listing.to_key(), changes, Condition::Is("closed", true.into())).await.map(|_| ())
    }

    /// Erases a listing, whatever it says. Stock that an order holds or has bought stays: it is numbers,
    /// and the order may have to give it back.
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn erase_listing(&self, id: ListingId) -> Result<(), Fault> {
        let (listing, stock) = self.get_listing_to_close(id).await?;
        let unused =
            Condition::All(vec![Condition::AtMost("held", 0_i64.into()), Condition::AtMost("sold", 0_i64.into())]);
        // The listing last: by it the stock is found.
        for stock in stock.iter().filter(|stock| stock.held == 0 && stock.sold == 0) {
            self.delete(&stock.to_key(), unused.clone()).await?;
        }
        match listing {
            Some(listing) => self.delete(&listing.to_key(), Condition::Present).await.map(|_| ()),
            None => Ok(()),
        }
    }

    /// These listings, as they are; absent and closed ones are left out.
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn get_listings(&self, ids: &[ListingId]) -> Result<Vec<Listing>, Fault> {
        let ids: BTreeSet<ListingId> = ids.iter().copied().collect();
        let mut listings = self.get_each(ids.into_iter().map(Listing::key)).await?;
        listings.retain(|listing| !listing.closed);
        Ok(listings)
    }

    /// These listings and the stock of these variants, as they are, in one read; absent and closed listings
    /// are left out.
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn get_offers(&self, wanted: &[(ListingId, VariantId)]) -> Result<(Vec<Listing>, Vec<Stock>), Fault> {
        let ids: BTreeSet<ListingId> = wanted.iter().map(|(listing, _)| *listing).collect();
        let listings: Vec<_> = ids.into_iter().map(Listing::key).collect();
        let stock: Vec<_> = wanted.iter().map(|(listing, variant)| Stock::key(*listing, *variant)).collect();
        let (mut listings, stock) = self.get_together((listings, stock)).await?;
        listings.retain(|listing| !listing.closed);
        Ok((listings, stock))
    }

    /// A page of cards, newest first, of one category or of all.
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn list_cards(
        &self,
        category: Option<&CategoryId>,
        limit: u32,
        behind: Option<&Position>,
    ) -> Result<Listed<Card>, Fault> {
        let query = match category {
            Some(category) => Query::place(Kind::LISTING, IN_CATEGORY, category.as_str()),
            None => Query::place(Kind::LISTING, IN_ALL, ""),
        };
        let page = self.page(query.newest_first().behind(behind), limit).await?;
        Ok(page.read_each(|item| item.read_part::<Listing, CardOnly>().map(|only| only.card)))
    }
}

/// A movement of stock within one variant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StockMove {
    /// From available to held.
    Hold,
    /// From held to available.
    Release,
    /// From held to sold.
    Sell {
        /// When.
        at: Timestamp,
    },
    /// From sold to available.
    Return,
}

impl<'t> Transaction<'t> {
    /// Moves pieces, if there are as many where they come from. What it means when there are not,
    /// the next [`Transaction::or_else`] says; it gets the stock as it is.
    #[must_use]
    pub fn move_stock(self, listing: ListingId, variant: VariantId, movement: StockMove, pieces: u32) -> Self {
        let (from, to) = match movement {
            StockMove::Hold => ("available", "held"),
            StockMove::Release => ("held", "available"),
            StockMove::Sell { .. } => ("held", "sold"),
            StockMove::Return => ("sold", "available"),
        };
        let pieces = i64::from(pieces);
        let mut changes = vec![Change::Add(from, pieces.saturating_neg()), Change::Add(to, pieces)];
        if let StockMove::Sell { at } = movement {
            changes.push(Change::Set("sold_at", at.into()));
        }
        self.update(&Stock::key(listing, variant), changes, Condition::AtLeast(from, pieces.into()))
    }

    /// Makes a listing and its stock.
    #[must_use]
    pub fn create_listing(self, listing: &Listing, stock: &[Stock]) -> Self {
        stock.iter().fold(self.create(listing), Transaction::create)
    }
}
