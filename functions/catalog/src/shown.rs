//! Listings as the API shows them.

use domain::{
    Money, Timestamp,
    catalog::{CategoryId, ListingKind, ProductOption},
    ids::{ListingId, MediaId, StoreId, UserId, VariantId},
    text::{Description, ListingTitle, Nickname, OptionValue, StoreName},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use shared::store::listings::{Card, Listing as StoredListing, Stock};

use crate::{LARGE, MEDIUM, SMALL, picture_url};

/// A listing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Listing {
    /// Its id.
    pub id: ListingId,
    /// What kind of offer it is.
    pub kind: ListingKind,
    /// The store that offers it.
    pub store: ListingStore,
    /// The member of the store who listed it.
    pub seller: Seller,
    /// Where it stands.
    pub category_id: CategoryId,
    /// Its title.
    pub title: ListingTitle,
    /// Its description.
    pub description: Description,
    /// What can be chosen.
    pub options: Vec<ProductOption>,
    /// The choices.
    pub variants: Vec<ShownVariant>,
    /// Its pictures.
    pub pictures: Vec<Picture>,
    /// The lowest price of its variants.
    pub price_from: Money,
    /// Whether it can be bought now.
    pub status: ListingStatus,
    /// When it was made.
    pub created_at: Timestamp,
}

/// The store that offers a listing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ListingStore {
    /// Its id.
    pub id: StoreId,
    /// What it is called.
    pub name: StoreName,
}

/// Who listed something, as others see them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Seller {
    /// Their id.
    pub id: UserId,
    /// What they are called.
    pub nickname: Nickname,
}

/// A choice of a listing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ShownVariant {
    /// Its id.
    pub id: VariantId,
    /// One value for each option, in their order.
    pub option_values: Vec<OptionValue>,
    /// What one piece costs.
    pub price: Money,
    /// How many pieces can be bought, as it was a moment ago.
    pub available: u32,
}

/// A picture in three sizes; the addresses are on the site's own domain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Picture {
    /// Its id.
    pub media_id: MediaId,
    /// At most 320 pixels wide and high.
    pub small: String,
    /// At most 960 pixels wide and high.
    pub medium: String,
    /// At most 1600 pixels wide and high.
    pub large: String,
}

/// Whether a listing can be bought now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ListingStatus {
    /// At least one variant can be bought.
    OnSale,
    /// No variant can be bought.
    SoldOut,
}

/// What lists show of a listing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ListingCard {
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
    /// Whether another variant costs more.
    pub prices_differ: bool,
    /// Its first picture, small.
    pub picture: Option<String>,
    /// The store that offers it; null for what was listed before there were stores.
    pub store: Option<ListingStore>,
    /// What its seller is called.
    pub seller_nickname: Nickname,
    /// When it was made.
    pub created_at: Timestamp,
}

impl Listing {
    /// From what is stored. A variant whose stock is not among it counts as sold out.
    pub(crate) fn new(listing: StoredListing, stock: &[Stock]) -> Self {
        let variants: Vec<ShownVariant> = listing
            .variants
            .into_iter()
            .map(|variant| ShownVariant {
                available: stock.iter().find(|s| s.variant_id == variant.id).map_or(0, |s| s.available),
                id: variant.id,
                option_values: variant.option_values,
                price: variant.price,
            })
            .collect();
        let on_sale = variants.iter().any(|variant| variant.available > 0);
        Self {
            id: listing.id,
            kind: listing.listing_kind,
            store: ListingStore { id: listing.store_id, name: listing.store_name },
            seller: Seller { id: listing.seller_id, nickname: listing.seller_nickname },
            category_id: listing.category_id,
            title: listing.title,
            description: listing.description,
            options: listing.options,
            variants,
            pictures: listing.pictures.into_iter().map(Picture::new).collect(),
            price_from: listing.price_from,
            status: if on_sale { ListingStatus::OnSale } else { ListingStatus::SoldOut },
            created_at: listing.created_at,
        }
    }
}

impl Picture {
    fn new(media_id: MediaId) -> Self {
        Self {
            media_id,
            small: picture_url(media_id, SMALL),
            medium: picture_url(media_id, MEDIUM),
            large: picture_url(media_id, LARGE),
        }
    }
}

impl From<Card> for ListingCard {
    fn from(card: Card) -> Self {
        Self {
            id: card.id,
            kind: card.kind,
            title: card.title,
            category_id: card.category_id,
            price_from: card.price_from,
            prices_differ: card.prices_differ,
            picture: card.picture.map(|media| picture_url(media, SMALL)),
            store: card.store.map(|store| ListingStore { id: store.id, name: store.name }),
            seller_nickname: card.seller_nickname,
            created_at: card.created_at,
        }
    }
}
